/**
 * The spans: the list beside the text is where the page knows them from, and a grid to walk; a
 * span that is opened is the target, and its fields stand in the panel.
 */
import { differs, mayLeave, on, openIn, unsavedPanel } from "./send.js";
import { current, drop, reveal, show, take } from "./target.js";

const panel = document.getElementById("panel");
const grid = document.querySelector("[role=grid]");

const narrow = matchMedia("(max-width: 1000px)");
const REST = 400; // milliseconds without a further mark
const ROW = "[data-slug]"; // a row of the list
const LINK = "[data-slug] a";

/** Every span as the list has it: { uid, start, end, label, drawn, lacking, revision, row }. */
export function spans() {
  return [...(grid?.querySelectorAll(ROW) ?? [])].map(known);
}

function known(row) {
  const { start, end, slug: label, revision, drawn, lacking } = row.dataset;
  const has = (flag) => flag !== undefined;
  return { uid: row.id.slice(5), start: Number(start), end: Number(end), label, revision, drawn: has(drawn), lacking: has(lacking), row };
}

/** What a span is, in words: "Quote, proposed, needs speaker". */
export function described({ row }) {
  return [...row.querySelectorAll(".label, .state, .lacking")].map((part) => part.textContent).join(", ");
}

/** The span that a link of the list opens. */
export function linked(link) {
  return link.closest(ROW).id.slice(5);
}

/** The link of the list that an element is in, or null. */
export function linkAt(element) {
  return element.closest?.(LINK) ?? null;
}

/** The span with that uid, or null. */
export function spanOf(uid) {
  const row = uid && document.getElementById(`span-${uid}`);
  return row ? known(row) : null;
}

/** The uids of the spans drawn at an element of the text, the shortest first, margin bars last. */
export function spansAt(element) {
  const uids = [];
  for (let node = element; node && !node.matches("[data-text]"); node = node.parentElement) {
    uids.push(...(node.dataset.spans?.trim().split(/\s+/) ?? []));
  }
  return uids;
}

/** The uids of the spans drawn over an extent, the shortest first. */
export function spansOver({ start, end }) {
  const drawn = spans().filter((span) => span.drawn && span.start < end && start < span.end);
  return drawn.sort((one, other) => one.end - one.start - (other.end - other.start)).map((span) => span.uid);
}

/** The uid of the span that is the target, or nothing. */
export function opened() {
  return current()?.uid;
}

/** Open the first of `uids`, or the one after that which is open. */
export function openSpan(uids, scroll = true) {
  const uid = uids[(uids.indexOf(opened()) + 1) % uids.length];
  if (spanOf(uid)) open(uid, scroll);
}

/** The text shows it, a form fetches the panel. */
function open(uid, scroll) {
  aim(uid, scroll);
  fetchPanel(uid);
}

// A link of the list opens its span.
document.addEventListener("click", (event) => {
  const link = event.target.closest(`${LINK}, [data-newer] a`);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(new URLSearchParams(link.search).get("span"), true);
});

/** Have the panel of a span fetched. */
export function fetchPanel(uid) {
  clearTimeout(resting);
  const ask = document.getElementById("open-ask");
  ask.elements.span.value = uid;
  ask.requestSubmit();
}
let resting = 0; // until the panel of what was just marked is fetched

/** Make a stored span the target. */
export function aim(uid, scroll = true) {
  const span = spanOf(uid);
  if (!span) return;
  take({ start: span.start, end: span.end, by: "span", uid });
  if (scroll) reveal();
}

/**
 * What was just marked is at hand for Enter and the like; the hand stays where it is, and the panel
 * is fetched when it rests. `wanted`: the target from now on.
 */
export function follow(uid, wanted) {
  take({ ...wanted, uid });
  clearTimeout(resting);
  // On a narrow screen it would cover the text: there it comes when it is asked for.
  if (!narrow.matches) resting = setTimeout(() => opened() === uid && openIn(panel) !== uid && !unsavedPanel() && fetchPanel(uid), REST);
}

/** Close the panel; what is typed there and not stored is asked for first. */
export function close() {
  if (!mayLeave()) return;
  panel.replaceChildren();
  const now = current();
  if (now?.by === "span") drop();
  else if (now?.uid) take({ ...now, uid: undefined });
}

// What the answer to a deed shows of its span does not push another one's panel away, unless it
// holds what somebody typed.
on("before:swap", (ctx, tasks) => {
  if (!panel || ctx.request.method !== "POST") return;
  const at = tasks.findIndex((task) => task.target === panel);
  const uid = at >= 0 && openIn(tasks[at].fragment);
  const typed = ctx.response?.status >= 400 && ctx.sourceElement.id === "span-form";
  if (uid && opened() && uid !== opened() && !typed) tasks.splice(at, 1);
});

// A panel that is drawn anew after a deed keeps what is typed there and was not in it: htmx takes
// along what the answer asks to preserve.
on("before:swap", (ctx, tasks) => {
  const fragment = panel && ctx.request.method === "POST" && tasks.find(({ target }) => target === panel)?.fragment;
  if (!fragment || openIn(fragment) !== openIn(panel)) return;
  const kept = [...panel.querySelectorAll("details[id][open]")];
  for (const field of panel.querySelectorAll("[id]:is(input, select, textarea)")) {
    if (!isNew(field, ctx)) continue;
    for (const end of ["", "_start", "_end"]) fragment.getElementById(field.id + end)?.setAttribute("hx-preserve", "");
    kept.push(field);
  }
  for (const { id } of kept) fragment.getElementById(id)?.closest("details")?.setAttribute("open", "");
});

/** Whether a field holds what neither the page came with nor this request has sent. */
function isNew(field, { sourceElement, request }) {
  return differs(field) && field.value !== (sourceElement.contains(field) && request.body.get(field.name));
}

// htmx gives the focus to what has the same id; if nothing has, the panel's title or the text gets it.
let focused = false;
on("before:swap", () => (focused = panel?.contains(document.activeElement)));
on("after:swap", () => {
  if (!focused || panel.contains(document.activeElement)) return;
  focused = false;
  (panel.querySelector("#panel-title") ?? document.getElementById("reading")).focus({ preventScroll: true });
});

// The span in the panel is the one that is the target, or the panel's keys rest.
document.addEventListener("desk:target", mark);
on("after:swap", () => {
  rove();
  mark();
});

function mark() {
  const uid = openIn(document);
  const rests = Boolean(panel && uid) && uid !== opened();
  panel?.toggleAttribute("data-rests", rests);
  document.body.classList.toggle("panel-rests", rests);
  // With a span at hand, the key that comments is about the span.
  document.getElementById("comments-article")?.toggleAttribute("data-rests", Boolean(opened()));
  const here = panel ? opened() : uid; // the review has its card instead of a target
  for (const old of document.querySelectorAll(".here")) old.classList.remove("here");
  if (!here) return;
  for (const part of document.querySelectorAll(`[data-spans~="${here}"]`)) part.classList.add("here");
  document.getElementById(`span-${here}`)?.classList.add("here");
}

// Hovering or focusing one of the two shows the other.
for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, (event) => {
    const row = event.target.closest?.(ROW);
    // One thing is at hand: where the focus is in the list, there the keys act.
    const uid = name === "focusin" && panel && linkAt(event.target) && linked(linkAt(event.target));
    if (uid && uid !== opened()) aim(uid, false);
    light(row ? row.id.slice(5) : spansAt(event.target.closest?.("[data-text] *"))[0]);
  });
}

let lit = null;
function light(uid) {
  if (uid === lit) return;
  lit = uid;
  for (const old of document.querySelectorAll(".lit")) old.classList.remove("lit");
  if (!uid) return;
  for (const part of document.querySelectorAll(`[data-spans~="${uid}"]`)) part.classList.add("lit");
  document.getElementById(`span-${uid}`)?.classList.add("lit");
}

/** One row takes the Tab key; arrows, Home, End and j, k walk the others. */
export function inList() {
  return Boolean(grid?.contains(document.activeElement));
}

export function walkList(by) {
  const links = [...grid.querySelectorAll(LINK)];
  const at = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
  if (!next) return;
  focusRow(next); // and with the focus comes the target
  reveal(spanOf(linked(next)));
}

function focusRow(link) {
  for (const other of grid.querySelectorAll(`${LINK}[tabindex="0"]`)) other.tabIndex = -1;
  link.tabIndex = 0;
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "nearest" });
}

function rove() {
  if (!grid) return;
  for (const link of grid.querySelectorAll(`${LINK}:not([tabindex])`)) link.tabIndex = link === document.activeElement ? 0 : -1;
  const first = !grid.querySelector(`${LINK}[tabindex="0"]`) && grid.querySelector(LINK);
  if (first) first.tabIndex = 0;
}
// Once the page is there: thousands of rows take their time.
(window.requestIdleCallback ?? setTimeout)(rove);

grid?.addEventListener("keydown", (event) => {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
  const by = steps[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  walkList(by);
});

// A page that came with a span open has it as its target; the review draws it with its card.
const first = panel && openIn(panel);
if (first) aim(first);
else if (!panel) show();
