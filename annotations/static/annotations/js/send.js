/** Sending: with the token that holds now and for whom the page is, in order, and to be seen. */

const person = document.body.dataset.person;
const progress = document.getElementById("progress");
const underway = new Set(); // requests without an answer yet
let waiting = null; // a form that was sent meanwhile
let fading = 0;
let slow = 0;

document.addEventListener("htmx:config:request", (event) => {
  // The token may have been renewed since the form was drawn, by signing in again.
  const { body, method } = event.detail.ctx.request;
  const token = document.cookie.match(/(?:^|; )newsroom_csrf=([^;]+)/)?.[1];
  if (method === "POST" && token) body.set("csrfmiddlewaretoken", token);
});

// Nothing is done as somebody else who may have signed in since this page was drawn.
document.addEventListener("formdata", ({ target, formData }) => {
  if (person && target.method === "post") formData.set("person", person);
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  underway.add(ctx);
  slow ||= setTimeout(() => (progress.hidden = false), 400);
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  underway.delete(ctx);
  if (ctx.request.method === "POST" && !(ctx.response?.status < 500)) waiting = null;
  setTimeout(goOn, 20); // the next of a queue starts only after this event
});

// A plain form leaves the page, and one with `data-waits` is about what is under way: the article's
// revision, the latest deed. Both are sent when all else is answered, as they are drawn by then.
document.addEventListener(
  "submit",
  (event) => {
    const { target, submitter } = event;
    const waits = !target.hasAttribute("hx-post") || "waits" in target.dataset;
    if (!waits || !writing() || target.method !== "post" || !target.id) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = { id: target.id, value: submitter?.value }; // by name: the form may be drawn anew
  },
  true,
);

// Who is being asked to sign in is asked once, and types on: the deed is in unsent.js's keeping.
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  const asked = document.querySelector("#notice [data-asks]:has([type=password])");
  if (asked && ctx.response?.status === 401 && ctx.sourceElement !== asked) tasks.splice(0);
});

document.addEventListener("htmx:after:swap", fade);
fade();

/** Whether a deed is under way; what only looks holds nothing up. */
function writing() {
  return [...underway].some((ctx) => ctx.request.method === "POST");
}

function goOn() {
  if (!underway.size) {
    clearTimeout(slow);
    slow = 0;
    progress.hidden = true;
  }
  if (!waiting || writing()) return;
  const { id, value } = waiting;
  waiting = null;
  const form = document.getElementById(id);
  const button = [...(form?.querySelectorAll("button") ?? [])].find((each) => each.value === value);
  if (button) form.requestSubmit(button);
}

/** Good news goes by itself; a refusal, or a form, stays until the next deed. */
function fade() {
  clearTimeout(fading);
  const toast = document.querySelector("#notice p.toast:not(.refused)");
  if (toast) fading = setTimeout(() => toast.remove(), 3000);
}
