/**
 * The desk by key: walking units and spans, taking hold of an end, marking by caret. Each is a
 * button with `data-do`, in the menu of the bar; keys.js presses them.
 */
import { change } from "./deeds.js";
import { graphemeEdge, wordEdge } from "./place.js";
import { snaps } from "./pointing.js";
import { close, described, inList, opened, openSpan, spanOf, spans, spansOver, walkList } from "./spans.js";
import { announce, current, drop, floor, reveal, take, tell, text } from "./target.js";
import { changeUnit, hasStop, numberOf, quotationsIn, unit, unitAt, unitBeside } from "./units.js";

const reading = document.getElementById("reading");
// What is being done with an end or a caret: { what: "end" | "start" | "caret", from }, or null.
let held = null;
let run = null; // what Shift+J began with and where it is: { from, to, start, end }

export const doings = {
  "next-unit": () => (inList() ? walkList(1) : walk(1)),
  "previous-unit": () => (inList() ? walkList(-1) : walk(-1)),
  extend: () => extend(1),
  shrink: () => extend(-1),
  "change-unit": toggleUnit,
  "take-end": takeEnd,
  caret,
  "span-here": spanHere,
  "next-span": () => beside(1, (span) => span.drawn, "There is no further span."),
  "previous-span": () => beside(-1, (span) => span.drawn, "There is no span before."),
  "next-lacking": () => beside(1, (span) => span.lacking, "Every span after this has what it needs."),
  snap: toggleSnap,
  leave,
  earlier: () => nudge("start", -1),
  later: () => nudge("start", 1),
  shorter: () => nudge("end", -1),
  longer: () => nudge("end", 1),
};

function walk(by) {
  release();
  const now = current();
  const next = unitBeside(now, by, firstInView());
  if (!next) return tell(by > 0 ? "This is the last one." : "This is the first one.");
  take({ ...next, by: "unit" });
  arrive();
}

/** Where the reader is, if nothing is chosen yet: at the first words in view. */
function firstInView() {
  const box = text().root.getBoundingClientRect();
  if (box.top > 0) return text().first;
  return text().pointAt(box.left + 8, 90) ?? text().first;
}

/** Extend the target by a unit, or take one off again: what Shift+J began with always stays. */
function extend(by) {
  release();
  const now = current();
  if (!now) return walk(by);
  if (run?.start !== now.start || run?.end !== now.end) {
    run = { from: now, to: by > 0 ? unitAt(now.end - 1) : unitAt(now.start) };
  }
  const next = unitBeside(run.to, by);
  if (!next) return tell("The text ends here.");
  const [start, end] = [Math.min(run.from.start, next.start), Math.max(run.from.end, next.end)];
  run = { from: run.from, to: next, start, end };
  take({ start, end, by: "own" });
  arrive(by);
}

function toggleUnit() {
  changeUnit();
  release();
  const now = current();
  const next = now && unitAt(now.start);
  if (next) take({ ...next, by: "unit" });
  reflectSettings();
  if (next) arrive();
  else announce(unit() === "sentence" ? "Sentences." : "Paragraphs.");
}

function toggleSnap() {
  localStorage.setItem("newsroom.snap", snaps() ? "off" : "on");
  reflectSettings();
  announce(snaps() ? "The mouse takes whole words." : "The mouse takes single characters.");
}

export function reflectSettings() {
  document.querySelector("[data-do=change-unit]")?.setAttribute("aria-pressed", unit() === "paragraph");
  document.querySelector("[data-do=snap]")?.setAttribute("aria-pressed", snaps());
}

/** Focus the text, show the target, and say what it is and what is marked in it. */
function arrive(by = 1) {
  if (!reading.contains(document.activeElement)) reading.focus({ preventScroll: true });
  const now = current();
  reveal(by < 0 ? { start: now.start, end: now.start + 1 } : now);
  const count = numberOf(now);
  const over = spansOver(now).map(spanOf).map(described);
  const which = count ? `${unit()} ${count.number} of ${count.of}. ` : "";
  announce(`${which}${text().words(now)}${over.length ? ` Marked: ${over.join("; ")}.` : ""}`);
}

/** The shortest span under the target, again the next outer one. */
function spanHere() {
  const now = current();
  if (!outward.includes(opened()) || now.by !== "span") outward = now ? spansOver(now) : [];
  if (!outward.length) return tell("No span is here.");
  openSpan(outward);
}
let outward = []; // the spans that `o` goes through, the shortest first

/** On to the next span, by place, that `fits`. */
function beside(by, fits, none) {
  const now = current();
  const all = spans().filter(fits);
  const listed = spans();
  const uid = now?.by === "span" ? now.uid : null;
  const place = (span) => listed.findIndex((other) => other.uid === span.uid);
  const next = listed.findIndex((span) => !now || span.start >= now.start);
  const at = uid ? place({ uid }) : (next < 0 ? listed.length : next) - (by > 0 ? 1 : 0);
  const further = by > 0 ? all.find((span) => place(span) > at) : all.findLast((span) => place(span) < at);
  if (!further) return tell(none);
  openSpan([further.uid]);
}

/* An end of the target, pending or stored. */

function takeEnd() {
  const now = current();
  if (!now) return tell("Choose words first.");
  const what = held?.what === "end" ? "start" : "end";
  hold(what);
  announce(`The ${what}. Left and right arrows move it by a word, with Shift by a character.`);
}

function hold(what) {
  const now = current();
  const span = spanOf(now?.uid) ?? [...underway].find(({ id }) => id === now?.uid);
  // What was just marked is moved as what it is: a stored span, and not the unit it was made of.
  if (span && now.by !== "span") take({ start: span.start, end: span.end, uid: now.uid, by: "span" });
  held = { what, from: held?.from ?? current() };
  reading.dataset.held = what;
  reading.focus({ preventScroll: true });
  sign();
}

/** Where the hand is: a line at the end that moves. */
function sign() {
  const now = current();
  const at = held && now && (held.what === "start" ? { start: now.start, end: now.start + 1 } : { start: now.end - 1, end: now.end });
  const range = at && text().rangeOf(at);
  if (range) CSS.highlights?.set(`held-${held.what === "start" ? "start" : "end"}`, new Highlight(range));
  for (const name of ["start", "end"]) if (!held || held.what !== name) CSS.highlights?.delete(`held-${name}`);
  document.body.classList.toggle("with-caret", held?.what === "caret");
}

/** Let go of what is held; the moved end of a stored span, which Enter would have kept, is dropped. */
export function release() {
  const [now, from] = [current(), held?.from];
  end();
  if (now?.by === "span" && from && (from.start !== now.start || from.end !== now.end)) {
    tell("The moved end was dropped: Enter would have kept it.");
  }
}

function end() {
  held = null;
  delete reading.dataset.held;
  sign();
}

/** Which way an arrow to the left or right goes at a code point: back (-1) or on (1), by the script. */
function pointed(key, point) {
  const backwards = getComputedStyle(text().paragraphAt(point) ?? reading).direction === "rtl";
  return (key === "ArrowLeft") === backwards ? 1 : -1;
}

/** Move the end that is held; by a word, or with `fine` by a character. */
function moveEnd(by, fine) {
  const [now, shown] = [current(), text()];
  const name = held.what;
  const at = shown.units(now[name]);
  let to = fine ? graphemeEdge(shown.string, at, by) : wordEdge(shown.string, at, by, name === "end");
  // Blanks are no place for an end: on to the other side of them.
  const blank = (unit) => /\s/.test(shown.string[name === "end" ? unit - 1 : unit] ?? "");
  while (fine && blank(to) && to > 0 && to < shown.string.length) to = graphemeEdge(shown.string, to, by);
  place({ ...now, [name]: shown.points(to) }, name);
}

/** The end that is held goes to the edge of its unit. */
function toUnitsEdge(key) {
  const now = current();
  const unit = unitAt(held.what === "end" ? now.end - 1 : now.start);
  const to = key === "Home" ? unit.start : unit.end;
  if (held.what === "end" ? to > now.start : to < now.end) place({ ...now, [held.what]: to }, held.what);
}

/** Move an end of what is pending by a word: the buttons for a finger. */
function nudge(name, by) {
  const [now, shown] = [current(), text()];
  if (!now) return;
  const at = shown.units(now[name]);
  place({ ...now, [name]: shown.points(wordEdge(shown.string, at, by, name === "end")) }, name);
}

function place(wanted, name) {
  const shown = text();
  const kept = wanted.start < wanted.end && shown.extent(shown.units(wanted.start), shown.units(wanted.end));
  if (!kept) return;
  if (wanted.by === "span") take({ ...wanted, ...kept });
  else take({ ...kept, by: "own" });
  const now = current();
  reveal(name === "start" ? { start: now.start, end: now.start + 1 } : { start: now.end - 1, end: now.end });
  sign();
  announce(shown.words(now));
}

/** Enter keeps the ends: of a stored span as one edit, of what is pending for the next label. */
function keep() {
  const now = current();
  const { from } = held;
  end();
  if (now?.by !== "span" || (from.start === now.start && from.end === now.end)) return;
  change(now.uid, { start: now.start, end: now.end, text: text().words(now) });
}

/** Esc drops what was done to the ends. */
function dropEnds() {
  const { from } = held;
  end();
  take(from);
  announce("Dropped.");
}

/* The caret: a place between characters, moved by arrows; with Shift it marks. */

function caret() {
  if (held?.what === "caret") return release();
  const now = current();
  const shown = text();
  const at = now?.start ?? unitBeside(null, 1, firstInView())?.start ?? shown.first;
  hold("caret");
  held.at = held.pivot = shown.units(at);
  showCaret();
  announce("Caret. Arrows move it, with Shift they mark; Enter keeps, Escape leaves.");
}

function moveCaret(event) {
  const shown = text();
  const by = { ArrowUp: -1, ArrowDown: 1, Home: -1, End: 1 }[event.key] ?? pointed(event.key, shown.points(held.at));
  const wordwise = event.ctrlKey || event.altKey;
  let to = held.at;
  if (event.key === "Home" || event.key === "End") to = lineEdge(by);
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") to = lineBeside(by);
  else to = wordwise ? wordEdge(shown.string, held.at, by, by > 0) : graphemeEdge(shown.string, held.at, by);
  held.at = to;
  if (!event.shiftKey) held.pivot = to;
  const extent = to !== held.pivot && shown.extent(Math.min(to, held.pivot), Math.max(to, held.pivot));
  if (extent) take({ ...extent, by: "own" });
  showCaret();
  announce(extent ? shown.words(extent) : shown.string.slice(to, to + 1) || "End of the text.");
}

function showCaret() {
  const box = caretBox();
  const line = document.getElementById("caret");
  if (!line || !box) return;
  const frame = line.offsetParent.getBoundingClientRect();
  line.style.left = `${box.left - frame.left}px`;
  line.style.top = `${box.top - frame.top}px`;
  line.style.height = `${box.height}px`;
  const [above, under] = [72, floor()];
  if (box.top < above) scrollBy(0, box.top - above);
  if (box.bottom > under) scrollBy(0, box.bottom - under);
}

/** Where the caret stands in the window. */
function caretBox(unit = held.at) {
  const shown = text();
  const point = shown.points(unit);
  const after = point < shown.end && shown.rangeOf({ start: point, end: point + 1 });
  const rects = after ? after.getClientRects() : [];
  const rect = rects[0];
  const backwards = getComputedStyle(shown.paragraphAt(point) ?? reading).direction === "rtl";
  if (rect && rect.height) return new DOMRect(backwards ? rect.right : rect.left, rect.top, 0, rect.height);
  const before = point > shown.first && shown.rangeOf({ start: point - 1, end: point });
  const last = before && [...before.getClientRects()].at(-1);
  return last ? new DOMRect(last.right, last.top, 0, last.height) : null;
}

function lineEdge(by) {
  const box = caretBox();
  const frame = text().root.getBoundingClientRect();
  const backwards = getComputedStyle(text().paragraphAt(text().points(held.at)) ?? reading).direction === "rtl";
  const x = by < 0 === backwards ? frame.right - 1 : frame.left + 1;
  return unitUnder(x, box.top + box.height / 2) ?? held.at;
}

/** The offset of `string` under a point of the window, on that line: not where the next one begins. */
function unitUnder(x, y) {
  const point = text().pointAt(x, y);
  if (point === null) return null;
  const unit = text().units(point);
  return caretBox(unit)?.top > y ? graphemeEdge(text().string, unit, -1) : unit;
}

function lineBeside(by) {
  const box = caretBox();
  for (let step = 1; step < 8; step += 1) {
    const unit = unitUnder(box.left + 1, box.top + box.height / 2 + by * step * box.height * 0.8) ?? held.at;
    if (by > 0 ? unit > held.at : unit < held.at) return unit;
  }
  return held.at;
}

/* What the arrows, Enter and Escape mean while something is held. */

export function holding(event) {
  if (!held) return false;
  const arrow = /^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key);
  if (held.what === "caret" && arrow) moveCaret(event);
  else if (held.what !== "caret" && /^Arrow(Left|Right)$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) moveEnd(pointed(event.key, current()[held.what]), event.shiftKey);
  else if (held.what !== "caret" && (event.key === "Home" || event.key === "End")) toUnitsEdge(event.key);
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) keep();
  else if (event.key === "Escape") held.what === "caret" ? release() : dropEnds();
  else return false;
  return true;
}

/** Escape with nothing held: the panel closes, then the target goes. */
export function leave() {
  const now = current();
  if (document.querySelector("#panel [data-open]")) return close();
  // What was just marked goes out of the hand before the unit it was made of does.
  if (now?.uid && now.by !== "span") return take({ ...now, uid: undefined });
  if (now) return drop();
  return false;
}

/** What is being marked right now: { id: of its request, start, end, label }. */
export const underway = new Set();

/**
 * What a label tags: the target; but of a unit, a label that takes quotations takes its first
 * one that is not marked so yet. Null if all of them are.
 */
export function aimOf({ value, dataset }) {
  const now = current();
  // A claim goes without the full stop of its sentence.
  if ("trims" in dataset && now?.by === "unit" && hasStop(now)) return { ...now, end: now.end - 1 };
  const inside = dataset.takes && now?.by === "unit" ? quotationsIn(now) : [];
  if (!inside.length) return now;
  const taken = [...spans().filter((span) => span.drawn), ...underway].filter((span) => span.label === value);
  const free = (quotation) => !taken.some((span) => span.start < quotation.end && quotation.start < span.end);
  return inside.find(free) ?? null;
}

document.addEventListener("desk:target", () => {
  if (held && !current()) release();
});
reflectSettings();
