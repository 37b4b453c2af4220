/** The desk: labels, keys and menus put to what the other modules do. */
import { unsavedPanel } from "./fields.js";
import { closeFind, openFind } from "./find.js";
import "./pointing.js";
import { aim, fetchPanel, follow, formOf, linkAt, linked, opened, spanOf } from "./spans.js";
import { closeStrip, grantStrip, openStrip, wishStrip } from "./strip.js";
import { current, reveal, take, tell, text } from "./target.js";
import { changeUnit, unit } from "./units.js";
import { aimOf, change, doings, holding, reflectSettings, release, underway } from "./walking.js";

const mark = document.getElementById("mark");
const reading = document.getElementById("reading");
const help = document.getElementById("help");
const slug = reading.dataset.article;

Object.assign(doings, {
  attributes: () => strip(false),
  repeat: () => strip(true),
  accept: () => onSpan("a"),
  withdraw: () => onSpan("x"),
  like: () => onSpan("g"),
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
  if (!button) return;
  doings[button.dataset.do](button);
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

function strip(again) {
  if (underway.size) wishStrip(again); // of what is being marked
  else if (!openStrip(again)) tell("Choose a span first: o takes the one here.");
}

/** Press what the panel of the span at hand has for this key; the panel may still be coming. */
async function onSpan(key) {
  const uid = opened();
  if (!uid) return tell("Choose a span first: o takes the one here.");
  const form = await formOf(uid);
  const button = form?.querySelector(`[data-key="${key}"]`);
  if (button && opened() === uid) button.click();
  else if (!button) tell(form ? "That cannot be done to this span now." : "The span’s form did not come; please try again.");
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
      return announceHint();
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

function announceHint() {
  tell("Choose words first: with the mouse, or with j.");
}

function relabel(uid, label) {
  if (spanOf(uid)?.label === label) return tell("It has this label already.");
  change(uid, (form) => {
    const radio = [...form.querySelectorAll("[name=label]")].find((each) => each.value === label);
    if (radio) radio.checked = true;
  });
}

function arm(label) {
  for (const button of mark?.querySelectorAll(".label-button") ?? []) {
    const armed = button.value === label && !("armed" in button.dataset);
    button.toggleAttribute("data-armed", armed);
    if (armed) tell(`${button.dataset.name} is armed: releasing the mouse tags with it.`);
    else if (button.value === label) tell("No label is armed.");
  }
}

/* The same words and label pressed twice are one request, other ones another. */

let asked = {};
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { request, sourceElement } = ctx;
  if (sourceElement !== mark) return;
  const [start, end, label] = ["start", "end", "label"].map((name) => request.body.get(name));
  const what = [start, end, request.body.get("text"), label].join(" ");
  if (what !== asked.what) asked = { what, id: requestId() };
  request.body.set("request_id", asked.id);
  ctx.aimed = current();
  ctx.marked = { start: Number(start), end: Number(end), label };
  underway.add(ctx.marked);
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (underway.delete(ctx.marked) && !underway.size) grantStrip();
});

// What was tagged is at hand, unless the hand has moved on: Enter opens its attributes, another
// label tags the same words.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.marked && ctx.response?.status < 300) {
    if (ctx.request.body.get("request_id") === asked.id) asked = {};
    const { start, end, label } = ctx.marked;
    const row = document.querySelector(`[data-drawn][data-start="${start}"][data-end="${end}"][data-slug="${CSS.escape(label)}"]`);
    const [now, { aimed }] = [current(), ctx];
    const stays = now && aimed && now.start === aimed.start && now.end === aimed.end && now.by === aimed.by;
    const same = now?.start === start && now?.end === end;
    if (row && stays) follow(row.id.slice(5), now.by === "hand" && same ? { start, end, by: "own" } : now);
    if (!aimed) for (const name of ["start", "end", "text"]) mark.elements[name].value = ""; // typed in
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
  if (span && (span.start !== now.start || span.end !== now.end) && !reading.dataset.held) aim(now.uid, false);
  freshen();
}

/** The panel of a span that a colleague changed says so, or shows it as it is now. */
function freshen() {
  const panel = document.querySelector("#panel .panel");
  const form = panel?.querySelector("#span-form");
  const span = spanOf(panel?.querySelector("[data-open]")?.dataset.open);
  if (!form || !span || Number(span.revision) <= Number(form.elements.seen.value)) return;
  const newer = panel.querySelector("[data-newer]");
  const busy = panel.contains(document.activeElement) || unsavedPanel() || "held" in reading.dataset;
  if (!busy) fetchPanel(span.uid);
  else if (newer) newer.hidden = false;
}

document.addEventListener("input", (event) => {
  event.target.closest("#span-form")?.setAttribute("data-touched", "");
});

/** A random id for a deed, also where the page does not come over TLS. */
function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

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
let [deeds, before, missed] = [0, null, false]; // POSTs so far; what a poll left with; whether one was dropped
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "POST") deeds += 1;
  if (ctx.sourceElement !== watch) return;
  // The extension reads the page's version only if it was there before htmx began.
  const version = (ctx.request.headers["HX-PTag"] ??= watch.getAttribute("hx-ptag"));
  before = { deeds, version };
});
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  if (ctx.sourceElement !== watch || before.deeds === deeds) return;
  tasks.splice(0);
  watch._htmx.ptag = before.version; // or what was dropped here would never come
  missed = true;
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "POST" || !missed) return;
  missed = false;
  look();
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
