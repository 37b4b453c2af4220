/**
 * The target: the one run of words that every key acts on. Chosen by hand, by unit or by span;
 * shown in the text and in the bar of labels, whose form it fills.
 */
import { Place } from "./place.js";

const mark = document.getElementById("mark"); // the bar of labels; only who may mark has it
const bar = document.querySelector(".markbar");
const said = document.getElementById("announced");
// Where the system chooses the colours, highlights have none; a selection does.
const forced = matchMedia("(forced-colors: active)");

let place = null;
let target = null; // { start, end, by: "hand" | "unit" | "own" (its ends were moved) | "span", uid? }

/** The text on the page as it is now, or null. The review draws another one with each card. */
export function text() {
  const root = document.querySelector("[data-text]");
  if (root !== place?.root) place = root && new Place(root);
  return place;
}

export function current() {
  return target;
}

/** Take a target: { start, end, by, uid? }. Nothing is written by that. */
export function take(wanted) {
  target = wanted;
  // A selection left behind would be taken again with the next key.
  if (wanted.by !== "hand") document.getSelection().removeAllRanges();
  fill();
  show();
}

/** Let go of it. */
export function drop() {
  document.getSelection().removeAllRanges();
  target = null;
  fill();
  show();
}

// Words that are typed in are another choice than those at hand.
mark?.addEventListener("input", (event) => {
  if (target && event.target.name === "text") for (const end of ["start", "end"]) mark.elements[end].value = "";
  target = null;
  show();
});

/** Put the target's extent into a form's fields `<prefix>start`, `<prefix>end` and `name`. */
export function fillIn(fields, prefix, name) {
  if (!target) return;
  fields[`${prefix}start`].value = target.start;
  fields[`${prefix}end`].value = target.end;
  fields[name].value = text().words(target);
}

function fill() {
  if (!mark) return;
  if (target) return fillIn(mark.elements, "", "text");
  for (const name of ["start", "end", "text"]) mark.elements[name].value = "";
}

/** Draw what is the target: over the words, in the bar, on the buttons that would take it. */
export function show() {
  const range = target && !isDrawn() && text()?.rangeOf(target);
  if (range) CSS.highlights?.set("target", new Highlight(range));
  else CSS.highlights?.delete("target");
  if (range && forced.matches && target.by !== "hand") select(range);
  for (const taker of document.querySelectorAll("[data-take]")) taker.hidden = !target || Boolean(target.uid);
  document.dispatchEvent(new CustomEvent("desk:target"));
  const chosen = document.getElementById("chosen");
  if (!chosen) return;
  const [hint, words, length] = chosen.children;
  hint.hidden = Boolean(target);
  words.hidden = length.hidden = !target;
  words.textContent = target ? text().words(target).replace(/\s+/g, " ") : "";
  length.textContent = target ? `${target.end - target.start} characters` : "";
  document.body.classList.toggle("has-target", Boolean(target));
  document.body.classList.toggle("has-span", Boolean(target?.uid));
}

/** Whether the target is just a span that has marks of its own: a highlight would hide their colour. */
function isDrawn() {
  const row = target.uid && document.getElementById(`span-${target.uid}`);
  if (!row || Number(row.dataset.start) !== target.start || Number(row.dataset.end) !== target.end) return false;
  return Boolean(document.querySelector(`mark[data-spans~="${target.uid}"]`));
}

/** Select a range for the eye; it is the target's already. */
export function select(range) {
  const selection = document.getSelection();
  selection.removeAllRanges();
  selection.addRange(range.cloneRange());
}

/** Bring the target into view, clear of the head and of what floats below. */
export function reveal(extent = target) {
  const range = extent && text().rangeOf(extent);
  if (!range) return;
  const lines = [...range.getClientRects()];
  if (!lines.length) return;
  const [top, bottom] = [lines[0].top, lines.at(-1).bottom];
  const [above, under] = [72, floor()];
  if (top < above) scrollBy({ top: top - above, behavior: "instant" });
  else if (bottom > under) scrollBy({ top: Math.min(bottom - under, top - above), behavior: "instant" });
}

/** Down to where the window is free of the bar. */
export function floor() {
  return innerHeight - (bar?.offsetHeight ?? 0) - 48;
}

/**
 * Say something of the moment, to eyes and ears. It goes by itself; what was not done stays until
 * somebody is there again, and may have been read.
 */
export function tell(words, { refusal = false } = {}) {
  const told = document.getElementById("told");
  if (told) {
    told.textContent = words;
    const go = () => told.textContent === words && (told.textContent = "");
    setTimeout(refusal ? () => ["keydown", "pointerdown"].forEach((name) => addEventListener(name, go, { once: true })) : go, 4000);
  }
  announce(words);
}

/** Tell it to whoever listens rather than looks. */
export function announce(words) {
  if (!said) return;
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = words));
}
