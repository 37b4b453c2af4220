/**
 * What is on its way to the server, and what is typed and not sent. Deeds stand in one line, in the
 * order of the hand. htmx keeps it (`hx-sync="#main:queue all"`): a form is read when it is pressed,
 * and waits as it was. With `data-waits` it is about how things stand, and is read when its turn
 * comes. A request in line may have
 *   pressed: when that was; waited: whether others were before it
 *   resolve: completes it at its turn; returns why it cannot be sent, "" to pass it over
 *   vague: before that it can neither be sent nor kept
 *   why: why it was not sent, to be told
 */
export const line = new Set(); // what waits or is under way, the first first
const person = document.body.dataset.person;
const progress = document.getElementById("progress");
const underway = new Set(); // requests without an answer yet, in line or not
const CUT = "not done, for something you did before has not reached the server.";
let [broken, refused] = [0, 0]; // when one did not get through, when a refusal was drawn, last
let [fading, slow] = [0, 0];

/** Hear of htmx: act(ctx, tasks, event); first: before who does not ask for that. */
export function on(name, act, first = false) {
  document.addEventListener(`htmx:${name}`, (event) => act(event.detail.ctx, event.detail.tasks, event), first);
}

// Nothing is done as somebody else who may have signed in since this page was drawn.
document.addEventListener("formdata", ({ target, formData }) => {
  if (person && target.method === "post") formData.set("person", person);
});

on("config:request", (ctx) => {
  if (ctx.request.method === "POST") sign(ctx.request.body);
  if (!ctx.sourceElement.matches("[hx-sync^='#main']")) return;
  ctx.pressed = performance.now();
  if ("waits" in ctx.sourceElement.dataset) Object.assign(ctx, { resolve: asDrawn, vague: true });
  ctx.waited = line.size > 0;
  line.add(ctx);
});

on("before:request", (ctx, _, event) => {
  ctx.why = ctx.vague && ctx.pressed < broken ? `${named(ctx)}: ${CUT}` : ctx.resolve?.(ctx);
  if (ctx.why !== undefined) event.preventDefault();
  underway.add(ctx);
  slow ||= setTimeout(() => (progress.hidden = false), 400);
}, true);

on("finally:request", (ctx) => {
  underway.delete(ctx);
  setTimeout(rest, 20); // the next in line starts only after this event
  const status = ctx.text === undefined ? 0 : ctx.response.status;
  const failed = ctx.status !== "issuing" && (!status || status === 401 || status >= 500);
  if (line.delete(ctx) && failed && ctx.request.method === "POST") broken = performance.now();
});

function rest() {
  if (underway.size) return;
  clearTimeout(slow);
  slow = 0;
  progress.hidden = true;
}

addEventListener("beforeunload", (event) => {
  if ([...line].some(({ vague, request }) => vague && request.method === "POST")) event.preventDefault();
});

/** The token may have been renewed since the form was drawn, by signing in again. */
function sign(body) {
  const token = document.cookie.match(/(?:^|; )newsroom_csrf=([^;]+)/)?.[1];
  if (token) body.set("csrfmiddlewaretoken", token);
}

function asDrawn(ctx) {
  const { waits, none } = ctx.sourceElement.dataset;
  if (document.querySelector("#unsent[data-here]")) return `${named(ctx)}: ${CUT}`;
  if (!refill(ctx, document.getElementById(waits || ctx.sourceElement.id))) return none ?? `${named(ctx)}: that cannot be done any more.`;
}

/** Take what `form` holds now; false if it has not the button that was pressed. */
export function refill({ request }, form) {
  const value = request.submitter?.value ?? "";
  const button = [...(form?.elements ?? [])].find((each) => each.type === "submit" && each.value === value);
  if (!button) return false;
  request.action = form.getAttribute("hx-post");
  request.body = new URLSearchParams(new FormData(form, button));
  sign(request.body);
  return true;
}

/** What a deed is, by the words of its button. */
function named({ sourceElement, request: { submitter, body } }) {
  const button = submitter ?? (sourceElement.matches("button") ? sourceElement : sourceElement.querySelector("button:not([hidden])"));
  const own = [...(button?.childNodes ?? [])].filter((node) => node.nodeName !== "KBD");
  return own.map((node) => node.textContent).join("").trim() || body?.get("action") || "A deed";
}

/** What a deed is and what it is done to, in a few words: { deed, words }. */
export function describe(ctx) {
  const { action, body } = ctx.request;
  const uid = action.match(/\/spans\/([0-9a-f-]{36})\//)?.[1];
  const span = uid && document.querySelector(`#span-${uid} .words, [data-open="${uid}"].words, #row-${uid} .words`);
  const words = body.get("text") || span?.textContent || body.get("comment") || "";
  return { deed: named(ctx), words: words.replace(/\s+/g, " ").trim().slice(0, 200) };
}

/** A random id for a deed, also where the page does not come over TLS. */
export function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Who is being asked to sign in is asked once, and types on: the deed is in unsent.js's keeping.
on("before:swap", (ctx, tasks) => {
  const asked = document.querySelector("#notice [data-asks]:has([type=password])");
  if (asked && ctx.response?.status === 401 && ctx.sourceElement !== asked) tasks.splice(0);
});

// Where several deeds are in line, a refusal says of which, and stays when the next is answered.
window.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  const notice = tasks.find(({ target }) => target?.id === "notice");
  if (!notice) return;
  const why = notice.fragment.querySelector("p.refused");
  if (!tasks.some((task) => task !== notice && task.fragment.querySelector(".refused"))) why?.classList.remove("echo");
  if (why && ctx.pressed && (ctx.waited || line.size > 1)) {
    const { deed, words } = describe(ctx);
    why.prepend(words ? `${deed} “${words}”: ` : `${deed}: `);
  }
  if (ctx.pressed < refused) notice.fragment.prepend(...document.querySelectorAll("#notice p.refused"));
  if (why) refused = performance.now();
});

on("after:swap", fade);
fade();

/** Good news goes by itself; a refusal, or a form, stays until the next deed. */
function fade() {
  clearTimeout(fading);
  const toast = document.querySelector("#notice p.toast:not(.refused)");
  if (toast) fading = setTimeout(() => toast.remove(), 3000);
}

/* What is typed and not stored: it is not lost by looking elsewhere, nor passed over. */

/** Whether a field holds something else than the page came with. */
export function differs(field) {
  if (field.matches("select")) {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  return field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue;
}

/** Whether a form holds work that the server has not: typed, or refused and drawn again. */
export function changed(form) {
  return "unsaved" in form.dataset || "touched" in form.dataset || [...form.elements].some(differs);
}

/** Whether the panel, or the card, holds something that is not stored: a change, a comment. */
export function unsavedPanel() {
  return unsaved().length > 0;
}

function unsaved() {
  return [...document.querySelectorAll("#span-form, :is(#panel, #card) .comments form")].filter(changed);
}

/** Let go of what the panel holds, if it is nothing or if it may be lost. */
export function mayLeave() {
  const forms = unsaved();
  if (forms.length && !window.confirm("What you changed in this span is not saved. Leave it?")) return false;
  for (const form of forms) {
    form.reset();
    stored(form);
  }
  return true;
}

/** The uid of the span whose panel, or card, is in there. */
export function openIn(root) {
  return root.querySelector("[data-open]")?.dataset.open;
}

/** The same of the strip, where what the page filled in counts only once it is touched. */
export function unsavedStrip() {
  return Boolean(document.querySelector("#strip-form:is([data-touched], [data-unsaved])"));
}

export function mayLeaveStrip() {
  return !unsavedStrip() || window.confirm("What you entered here is not saved. Leave it?");
}

/** What the form holds is stored: from now on it differs from nothing. */
export function stored(form) {
  delete form.dataset.unsaved;
  delete form.dataset.touched;
  for (const field of form.elements) {
    if (field.matches("select")) for (const option of field.options) option.defaultSelected = option.selected;
    else if (field.matches("[type=radio], [type=checkbox]")) field.defaultChecked = field.checked;
    else if (field.matches("input, textarea")) field.defaultValue = field.value;
  }
}

/** With a change in sight, approving means approving with it. */
function choose() {
  const [change, form] = [document.getElementById("change"), document.getElementById("span-form")];
  if (!change) return;
  const fields = [...change.querySelectorAll("input, select, textarea")];
  const amends = "unsaved" in form.dataset || fields.some(differs);
  const approve = form.querySelector("[value=approve]");
  if (approve) approve.hidden = amends;
  form.querySelector("[value=amend]").hidden = !amends;
}

for (const event of ["input", "change", "click", "htmx:after:swap"]) {
  document.addEventListener(event, choose);
}
choose();

addEventListener("beforeunload", (event) => {
  if (unsavedPanel() || unsavedStrip()) event.preventDefault();
});

// Opening another span, or closing this one, asks first.
on("before:request", ({ sourceElement }, _, event) => {
  if (event.defaultPrevented) return;
  if (sourceElement.matches("#open-ask, #comment-ask, .close, .row a, .moves *, .review #undo *") && !mayLeave()) event.preventDefault();
  if (sourceElement.matches("#strip-ask") && !mayLeaveStrip()) event.preventDefault();
});

// A deed elsewhere leaves a form that holds something open as it is. unsent.js keeps what was typed
// and refused and finds no place by that.
on("before:swap", (ctx, tasks) => {
  const [source, refused] = [ctx.sourceElement, ctx.response?.status >= 400];
  const inUse = ({ target, fragment }) => {
    // After a deed on the span that is there, spans.js takes along what is typed.
    const same = ctx.request.method === "POST" && openIn(fragment) === openIn(document);
    if (target?.id === "panel") return unsavedPanel() && !same && !source.closest("#panel, #open-ask, #comment-ask");
    // After it was sent, it holds only what was entered since.
    return target?.id === "strip" && unsavedStrip() && !source.matches(refused ? "#strip-form, #strip-ask" : "#strip-ask");
  };
  const kept = tasks.filter((task) => !inUse(task));
  if (refused && kept.length < tasks.length && source.matches("#span-form, #strip-form")) ctx.unshown = true;
  tasks.splice(0, tasks.length, ...kept);
});
