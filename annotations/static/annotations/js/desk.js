/** The desk: labels, keys and menus put to what the other modules do. */
import { closeFind, openFind } from "./find.js";
import "./pointing.js";
import { aim, follow, formOf, linkAt, linked, opened, spanOf } from "./spans.js";
import { closeStrip, openStrip, stripForm } from "./strip.js";
import { announce, current, drop, reveal, take, text } from "./target.js";
import { changeUnit, unit } from "./units.js";
import { aimOf, change, doings, holding } from "./walking.js";

const mark = document.getElementById("mark");
const reading = document.getElementById("reading");
const help = document.getElementById("help");
const slug = reading.dataset.article;

Object.assign(doings, {
  attributes: () => openStrip(false) || announce("Choose a span first: o takes the one here."),
  repeat: () => openStrip(true) || announce("Choose a span first: o takes the one here."),
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
  const before = document.activeElement;
  doings[button.dataset.do](button);
  // A button of the menu that was pressed by key leaves the focus where it was.
  if (!event.detail && before && before !== document.activeElement && linkAt(before)) before.focus({ preventScroll: true });
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

/** Press what the panel of the span at hand has for this key; the panel may still be coming. */
async function onSpan(key) {
  const uid = opened();
  if (!uid) return tell("Choose a span first: o takes the one here.");
  const form = await formOf(uid);
  const button = form?.querySelector(`[data-key="${key}"]`);
  if (button && opened() === uid) button.click();
  else if (!button) tell("That cannot be done to this span now.");
}

/* Labels. */

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("#mark .label-button");
    if (!button) return;
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

/** Say something of the moment where deeds are told, too. */
function tell(words) {
  const hint = document.getElementById("told");
  hint.textContent = words;
  announce(words);
  setTimeout(() => hint.textContent === words && (hint.textContent = ""), 4000);
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
document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement !== mark) return;
  const what = ["start", "end", "text", "label"].map((part) => request.body.get(part)).join(" ");
  if (what !== asked.what) asked = { what, id: requestId() };
  request.body.set("request_id", asked.id);
});

// What was tagged is at hand: Enter opens its attributes, another label tags the same words.
document.addEventListener("htmx:after:swap", (event) => {
  const { request, response, sourceElement } = event.detail.ctx;
  if (sourceElement === mark && response?.status < 300) {
    asked = {};
    const [start, end, label] = ["start", "end", "label"].map((name) => request.body.get(name));
    const row = document.querySelector(`[data-drawn][data-start="${start}"][data-end="${end}"][data-slug="${CSS.escape(label)}"]`);
    const made = row && spanOf(row.id.slice(5));
    const now = current();
    const same = now?.start === made?.start && now?.end === made?.end;
    if (made && now) follow(made.uid, now.by === "hand" && same ? { start: made.start, end: made.end, by: "own" } : now);
    if (!now) mark.elements.text.value = "";
  }
  settle();
});

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
  const busy = panel.contains(document.activeElement) || panel.querySelector("[data-touched], [data-unsaved]");
  if (busy && newer) newer.hidden = false;
  else if (!busy) newer?.querySelector("a")?.click();
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
  if (left.end <= text().end) {
    take({ start: left.start, end: left.end, by: "own" });
    reveal();
  }
}

const look = () => document.visibilityState === "visible" && htmx.trigger("#watch", "look");
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", (event) => event.persisted && look());

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
