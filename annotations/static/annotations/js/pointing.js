/** The mouse, the finger and the browser's own selection: words pointed at become the target. */
import { wholeWords } from "./place.js";
import { openSpan, spansAt } from "./spans.js";
import { current, drop, fillIn, select, show, take, text } from "./target.js";
import { unitAt } from "./units.js";

const mark = document.getElementById("mark");
let swapping = false; // a swap moves the ends of a selection; that is nobody's hand
let pressing = false; // the mouse is down: its words are not chosen yet
let moved = false;
let taken = []; // the selection that the target was made of
let pressed = null; // where the mouse went down
let tagging = 0; // until an armed label tags what a double or triple click takes

document.addEventListener("selectionchange", () => requestAnimationFrame(takeSelection));
// A key or a click may come before the frame does.
document.addEventListener("keydown", takeSelection, true);
document.addEventListener("click", takeSelection, true);
document.addEventListener("pointerdown", (event) => {
  clearTimeout(tagging);
  tagging = 0;
  // A drag may come from beside the text.
  pressing = event.pointerType !== "touch" && !event.target.closest("a, button, input, select, summary, textarea");
  pressed = { x: event.clientX, y: event.clientY };
  moved = false;
});
document.addEventListener("pointerup", (event) => {
  if (!pressing) return;
  pressing = false;
  // The selection that a release makes comes with the frame.
  requestAnimationFrame(() => release(event));
});
document.addEventListener("click", click);
document.addEventListener("htmx:before:swap", () => {
  takeSelection();
  swapping = true;
});
document.addEventListener("htmx:after:swap", afterSwap);
document.addEventListener("htmx:finally:swap", () => setTimeout(heed, 50)); // its own selectionchange has come by
takeSelection(); // somebody may have been quicker than this script

/** What is selected in the text is the target. A selection elsewhere, or none, changes nothing. */
function takeSelection() {
  const [shown, selection] = [text(), document.getSelection()];
  if (swapping || !shown || !selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const ends = [range.startContainer, range.startOffset, range.endContainer, range.endOffset];
  if (current()?.by === "hand" && ends.every((end, at) => end === taken[at])) return;
  taken = ends;
  const extent = shown.extentOf(range);
  const now = current();
  if (!extent || (extent.start === now?.start && extent.end === now?.end)) return;
  moved = true;
  take({ ...extent, by: "hand" });
}

/** The mouse is up: cut words are made whole, and an armed label tags. */
function release(event) {
  takeSelection();
  const now = current();
  if (now?.by !== "hand" || document.getSelection().isCollapsed) return;
  const shown = text();
  if (snaps() !== event.altKey) {
    const [from, to] = wholeWords(shown.string, shown.units(now.start), shown.units(now.end));
    const whole = shown.extent(from, to);
    if (whole && (whole.start !== now.start || whole.end !== now.end)) {
      take({ ...whole, by: "hand" });
      select(shown.rangeOf(whole));
    }
  }
  if (!moved || !armed()) return;
  const dragged = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 5;
  // A second click may become a third, which takes more.
  if (dragged) armed().click();
  else tagging = setTimeout(tag, 350);
}

function tag() {
  tagging = 0;
  armed()?.click();
}

// Whoever goes on by key has chosen: these words are tagged, and not the next ones.
document.addEventListener("keydown", () => {
  if (!tagging) return;
  clearTimeout(tagging);
  tag();
}, true);

/** The label that stays armed: a release of the mouse tags with it. */
function armed() {
  return mark?.querySelector("[data-armed]");
}

/** Whether whole words are taken; a setting of this browser. */
export function snaps() {
  return localStorage.getItem("newsroom.snap") !== "off";
}

/** A click without a drag: a span under it opens, the next outer one next; else its unit. */
function click(event) {
  const shown = event.target.closest("[data-text]");
  if (!shown || !document.getSelection().isCollapsed) return;
  const at = text().pointAt(event.clientX, event.clientY);
  const unit = at !== null && unitAt(at);
  if (mark && event.pointerType === "touch") return unit ? tap(unit) : undefined;
  const here = spansAt(event.target);
  if (here.length) return openSpan(here, false); // what one clicks on is in view
  if (!mark) return;
  if (unit) take({ ...unit, by: "unit" });
  else drop();
}

/** A finger takes a unit; another one extends to it; the same again lets go. */
function tap(unit) {
  const now = current();
  if (now?.by !== "unit" || now.uid) return take({ ...unit, by: "unit" });
  if (now.start <= unit.start && unit.end <= now.end) return drop();
  take({ start: Math.min(now.start, unit.start), end: Math.max(now.end, unit.end), by: "unit" });
}

/** What was selected is selected again in the new text. */
function afterSwap() {
  const now = current();
  const range = now && text()?.rangeOf(now);
  const typing = document.activeElement?.matches("input, textarea, select");
  if (range && now.by === "hand" && !typing && !pressing) select(range);
  show();
}

function heed() {
  swapping = false;
  if (!pressing && !document.activeElement?.matches("input, textarea, select")) takeSelection();
}

// "Take selection": as a span's extent, or as an anchored attribute.
document.addEventListener("click", (event) => {
  const taker = event.target.closest("[data-take]");
  if (!taker || !current()) return;
  const { take: name } = taker.dataset;
  if (name === "extent") fillIn(taker.form.elements, "", "text");
  else fillIn(taker.form.elements, `${name}_`, name);
  taker.form.dispatchEvent(new Event("input", { bubbles: true }));
});

// Other words typed over an anchored value do not stand where it stood.
document.addEventListener("input", (event) => {
  const { form, name } = event.target;
  for (const end of ["start", "end"]) {
    const anchor = name && form?.elements[`${name}_${end}`];
    if (anchor) anchor.value = "";
  }
});
