/**
 * Sentences, paragraphs and quotations as the server found them (domain/units.py), and steps
 * among them. All in code points, in reading order.
 */

const sent = document.getElementById("units"); // only the desk has it
const kinds = {
  sentence: extents(sent?.dataset.sentences),
  paragraph: extents(sent?.dataset.paragraphs),
};
const stops = sent?.dataset.stops ?? ""; // of each sentence, "1" if its last full stop is its own
const quotations = extents(sent?.dataset.quotations);
let kind = sessionStorage.getItem("newsroom.unit") === "paragraph" ? "paragraph" : "sentence";

function extents(numbers) {
  const all = numbers?.trim() ? numbers.trim().split(" ").map(Number) : [];
  return all.flatMap((start, at) => (at % 2 ? [] : [{ start, end: all[at + 1] }]));
}

/** "sentence" or "paragraph". */
export function unit() {
  return kind;
}

export function changeUnit() {
  kind = kind === "sentence" ? "paragraph" : "sentence";
  sessionStorage.setItem("newsroom.unit", kind);
}

/** The unit at a code point, or the nearest before it; none if the text has none. */
export function unitAt(point) {
  const all = kinds[kind];
  return all[Math.max(first(all, (unit) => unit.start > point) - 1, 0)] ?? null;
}

/** The unit after (`by` 1) or before (-1) the extent; without one the first in `view`. */
export function unitBeside(extent, by, view = 0) {
  const all = kinds[kind];
  if (!extent) return all[first(all, (unit) => unit.end > view)] ?? all.at(-1) ?? null;
  if (by > 0) return all[first(all, (unit) => unit.start >= extent.end)] ?? null;
  return all[first(all, (unit) => unit.end > extent.start) - 1] ?? null;
}

/** Which unit it is, from 1, and of how many; null if the extent is none. */
export function numberOf(extent) {
  const all = kinds[kind];
  const at = all.findIndex((unit) => unit.start === extent.start && unit.end === extent.end);
  return at < 0 ? null : { number: at + 1, of: all.length };
}

/** Whether a sentence ends there with a full stop that is its own, and not an abbreviation's. */
export function hasStop({ end }) {
  const all = kinds.sentence;
  const at = first(all, (sentence) => sentence.end >= end);
  return all[at]?.end === end && stops[at] === "1";
}

/** The quotations that lie in the extent, outer ones before those within them. */
export function quotationsIn({ start, end }) {
  return quotations.filter((quotation) => quotation.start >= start && quotation.end <= end);
}

/** The index of the first that holds; those that do come last. */
function first(all, holds) {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(all[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
