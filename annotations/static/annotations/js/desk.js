/** The desk: labels, keys and menus put to what the other modules do. */
import { accept, ask, isMarked, NONE, pending, relabel, withdraw } from "./deeds.js";
import { closeFind, openFind } from "./find.js";
import { on, openIn, requestId, unsavedPanel } from "./send.js";
import "./pointing.js";
import { aim, fetchPanel, follow, linkAt, linked, opened, spanOf } from "./spans.js";
import { closeStrip, comment, openStrip } from "./strip.js";
import { current, reveal, take, tell, text } from "./target.js";
import { changeUnit, unit } from "./units.js";
import { aimOf, doings, holding, reflectSettings, release, underway } from "./walking.js";

const mark = document.getElementById("mark");
const reading = document.getElementById("reading");
const help = document.getElementById("help");
const slug = reading.dataset.article;

Object.assign(doings, {
  attributes: () => openStrip(false) || tell(NONE),
  repeat: () => openStrip(true) || tell(NONE),
  accept: () => accept(),
  withdraw: () => withdraw(),
  like: () => like(opened()),
  comment,
  find: openFind,
  "close-find": closeFind,
  help: () => {
    help.showModal();
    help.addEventListener("close", () => reading.focus({ preventScroll: true }), { once: true });
  },
  "close-help": () => help.close(),
  "close-strip": closeStrip,
  arm: (button) => arm(button.value),
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) doings[button.dataset.do]?.(button); // what htmx does needs nothing
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.isComposing || event.getModifierState("AltGraph")) return;
    if (event.target.closest?.("input, textarea, select, dialog, #strip, #panel, .menu")) return;
    if (event.repeat && event.key === "Enter") return;
    if (!holding(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

// The panel's buttons do what their keys do: wait in line, ask before what is typed goes.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("#panel #span-form :is([value=accept], [value=withdraw], [value=dismiss], [data-key=g])");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    const deed = { accept, withdraw, dismiss: withdraw }[button.value] ?? like;
    deed(openIn(document));
  },
  true,
);

function like(uid) {
  if (uid) ask(document.getElementById("like-ask"), uid);
  else tell(NONE);
}

/* Labels. */

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("#mark .label-button");
    if (!button) return;
    release();
    if (event.detail) reading.focus({ preventScroll: true }); // or Enter would press it again
    const now = current();
    if (!now && !mark.elements.text.value) {
      event.preventDefault();
      return tell("Choose words first: with the mouse, or with j.");
    }
    if (!now) return; // words that were typed in
    if (now.by === "span" && now.uid) {
      event.preventDefault();
      return relabel(now.uid, button.value);
    }
    const wanted = aimOf(button);
    if (!wanted) {
      event.preventDefault();
      return tell("Every quotation in these words is marked already.");
    }
    for (const name of ["start", "end"]) mark.elements[name].value = wanted[name];
    mark.elements.text.value = text().words(wanted);
  },
  true,
);

function arm(label) {
  for (const button of mark?.querySelectorAll(".label-button") ?? []) {
    const armed = button.value === label && !("armed" in button.dataset);
    button.toggleAttribute("data-armed", armed);
    if (armed) tell(`${button.dataset.name} is armed: releasing the mouse tags with it.`);
    else if (button.value === label) tell("No label is armed.");
  }
}

/* The same words and label pressed twice in a row are one request. */

let asked = null;
on("config:request", (ctx) => {
  const { request, sourceElement } = ctx;
  if (request.method !== "POST") return;
  if (sourceElement !== mark) {
    asked = null;
    // What is being marked will be undone, so its words are free.
    if (/^undo/.test(sourceElement.dataset.waits || sourceElement.id)) underway.delete([...underway].at(-1));
    return;
  }
  const [start, end, label] = ["start", "end", "label"].map((name) => request.body.get(name));
  const what = [start, end, request.body.get("text"), label].join(" ");
  if (what !== asked?.what) asked = { what, id: requestId() };
  request.body.set("request_id", asked.id);
  ctx.marked = { id: asked.id, start: Number(start), end: Number(end), label };
  underway.add(ctx.marked);
  const now = current();
  ctx.typed = !now;
  if (now) take({ ...now, uid: asked.id }); // it is at hand from now on
});
on("finally:request", ({ marked }) => {
  underway.delete(marked);
  if (marked && opened() === marked.id && !isMarked(marked.id)) take({ ...current(), uid: undefined });
});

// What was tagged stays at hand, unless the hand has moved on: Enter opens its attributes, another
// label tags the same words.
on("after:swap", (ctx) => {
  if (ctx.marked && ctx.response?.status < 300) {
    const { id, start, end, label } = ctx.marked;
    if (asked?.id === id) asked = null;
    const row = document.querySelector(`[data-drawn][data-start="${start}"][data-end="${end}"][data-slug="${CSS.escape(label)}"]`);
    const now = current();
    if (row) isMarked(id, row.id.slice(5));
    const same = now?.start === start && now?.end === end;
    if (row && opened() === id) follow(row.id.slice(5), now.by === "hand" && same ? { start, end, by: "own" } : now);
    if (ctx.typed) for (const name of ["start", "end", "text"]) mark.elements[name].value = "";
  }
  settle();
  if (ctx.sourceElement?.id === "article-form") document.querySelector("#head a.main")?.focus({ preventScroll: true });
  const comments = ctx.sourceElement?.closest?.(".comments");
  const refused = comments && document.querySelector(".comments [aria-invalid=true]");
  if (refused) return refused.focus({ preventScroll: true });
  if (comments || !document.activeElement || document.activeElement === document.body) reading.focus({ preventScroll: true });
});

// What still lacks something would only come back.
document.addEventListener(
  "click",
  (event) => {
    const lacking = document.querySelectorAll("[data-lacking]").length;
    if (!lacking || !event.target.closest("#article-form [value=submit]")) return;
    const spans = lacking === 1 ? "One span lacks" : `${lacking} spans lack`;
    if (!window.confirm(`${spans} something that is needed before approval; w goes to the next. Submit all the same?`)) event.preventDefault();
  },
  true,
);

/** After a swap: a target that is a stored span lies where that span lies now. */
function settle() {
  const now = current();
  const span = now?.by === "span" && spanOf(now.uid);
  const moved = span && (span.start !== now.start || span.end !== now.end);
  if (moved && !reading.dataset.held && !pending(now.uid)) aim(now.uid, false);
  freshen();
}

/** The panel of a span that a colleague changed says so, or shows it as it is now. */
function freshen() {
  const panel = document.querySelector("#panel .panel");
  const form = panel?.querySelector("#span-form");
  const span = panel && spanOf(openIn(panel));
  if (!form || !span || Number(span.revision) <= Number(form.elements.seen.value)) return;
  const newer = panel.querySelector("[data-newer]");
  const busy = panel.contains(document.activeElement) || unsavedPanel() || "held" in reading.dataset;
  if (!busy) fetchPanel(span.uid);
  else if (newer) newer.hidden = false;
}

document.addEventListener("input", (event) => {
  event.target.closest("#span-form")?.setAttribute("data-touched", "");
});

/* Coming back where one left, and looking again when the page comes into view. */

const KEY = `newsroom.place.${slug}`;
document.addEventListener("desk:target", () => {
  const now = current();
  if (now) sessionStorage.setItem(KEY, JSON.stringify({ start: now.start, end: now.end, unit: unit() }));
});
const left = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
if (left && !current() && !location.hash) {
  if (left.unit !== unit()) changeUnit();
  reflectSettings();
  if (left.end <= text().end) {
    take({ start: left.start, end: left.end, by: "own" });
    reveal();
  }
}

/* What colleagues do. An answer that left before a deed of mine knows nothing of it. */

const watch = document.getElementById("watch");
let version = watch.dataset.version; // of the article, as the page has it
let [posts, before] = [0, 0]; // POSTs sent or answered so far; and when a poll left
for (const event of ["before:request", "finally:request"]) on(event, ({ request }) => (posts += request.method === "POST"));
on("config:request", (ctx) => {
  if (ctx.sourceElement !== watch) return;
  ctx.request.headers["HX-PTag"] = version;
  before = posts;
});
on("before:swap", (ctx, tasks) => {
  if (ctx.sourceElement !== watch) return;
  const late = before !== posts;
  // Words that were refused stand in a form that would be drawn empty.
  const kept = tasks.filter(({ target }) => !late && !target?.matches?.(".comments:has([aria-invalid])"));
  // What is dropped here comes again.
  if (kept.length === tasks.length) version = ctx.response.headers.get("HX-PTag") ?? version;
  tasks.splice(0, tasks.length, ...kept);
  if (late) setTimeout(look, 500);
});

const look = () => document.visibilityState === "visible" && htmx.trigger("#watch", "look");
document.addEventListener("visibilitychange", look);
// Coming back by the browser's button shows the page as it was.
const returned = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
addEventListener("pageshow", (event) => (event.persisted || returned) && look());

// Enter on the row of the span that is at hand opens its attributes rather than itself again.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey) return;
  const link = linkAt(event.target);
  if (!link || linked(link) !== opened()) return;
  event.preventDefault();
  openStrip(false);
}, true);

// Escape closes what lies over the desk first: the preview, the search, the strip.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.target.closest?.("textarea, select, dialog")) return;
    const preview = document.getElementById("like");
    if (preview.childElementCount) {
      preview.replaceChildren();
      reading.focus({ preventScroll: true });
    } else if (!closeFind() && !closeStrip()) return;
    event.preventDefault();
  },
  true,
);
