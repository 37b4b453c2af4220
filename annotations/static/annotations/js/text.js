/** The text at hand: what is selected goes into the forms, a click opens the span there. */
import { extentOf, rangeOf, requestId } from "./selection.js";

const mark = document.getElementById("mark"); // the bar of labels; only the desk has it
let pending = null; // the words selected last: { start, end, text }
let asked = {}; // what was last asked to be marked, and the id of that request
let swapping = false; // a swap moves the ends of a selection; that is nobody's hand

document.addEventListener("selectionchange", () => requestAnimationFrame(take));
// A key or a click may come before the frame does.
document.addEventListener("keydown", take, true);
document.addEventListener("click", take, true);
document.addEventListener("click", open);
document.addEventListener("click", copy);
document.addEventListener("input", letGo);
document.addEventListener("htmx:config:request", name);
document.addEventListener("htmx:before:swap", before);
document.addEventListener("htmx:after:swap", after);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.target.closest?.("input, textarea, select")) forget();
});
take(); // somebody may have been quicker than this script
show();

function shown() {
  return document.querySelector("[data-start]");
}

/** Remember what is selected in the text. A selection elsewhere, or none, changes nothing. */
function take() {
  const [text, selection] = [shown(), document.getSelection()];
  if (swapping || !text || !selection.rangeCount || selection.isCollapsed) return;
  const extent = extentOf(text, selection.getRangeAt(0));
  if (!extent || (extent.start === pending?.start && extent.end === pending?.end)) return;
  pending = extent;
  CSS.highlights?.set("pending", new Highlight(rangeOf(text, pending)));
  if (mark) fill(mark.elements, "");
  show();
}

function forget() {
  pending = null;
  document.getSelection().removeAllRanges();
  CSS.highlights?.delete("pending");
  if (mark) for (const name of ["start", "end", "text"]) mark.elements[name].value = "";
  show();
}

function fill(fields, prefix, text = "text") {
  fields[`${prefix}start`].value = pending.start;
  fields[`${prefix}end`].value = pending.end;
  fields[text].value = pending.text;
}

/** The same words and label pressed twice are one request, other ones another. */
function name(event) {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement !== mark) return;
  const what = ["start", "end", "text", "label"].map((part) => request.body.get(part)).join(" ");
  if (what !== asked.what) asked = { what, id: requestId() };
  request.body.set("request_id", asked.id);
}

/** Words that were marked are let go, unless others have been selected meanwhile. */
function before(event) {
  const { request, response } = event.detail.ctx;
  take();
  swapping = true;
  if (!mark || request.action !== mark.getAttribute("action") || !(response?.status < 300)) return;
  asked = {};
  const same = (name) => request.body.get(name) === mark.elements[name].value;
  if (same("start") && same("end")) forget();
}

/** What was selected is selected again in the new text. */
function after() {
  const [text, selection] = [shown(), document.getSelection()];
  const range = text && pending && rangeOf(text, pending);
  if (range) CSS.highlights?.set("pending", new Highlight(range));
  const typing = document.activeElement?.matches("input, textarea, select");
  if (range && !typing) {
    selection.removeAllRanges();
    selection.addRange(range.cloneRange());
  }
  show();
  setTimeout(() => {
    swapping = false; // its own selectionchange has come by
    if (!typing) take();
  }, 50);
}

/** "Take selection": as a span's extent, or as an anchored attribute. */
function copy(event) {
  const taker = event.target.closest("[data-take]");
  if (!taker || !pending) return;
  const { take: name } = taker.dataset;
  if (name === "extent") fill(taker.form.elements, "");
  else fill(taker.form.elements, `${name}_`, name);
}

/** Other words typed over an anchored value do not stand where it stood. */
function letGo(event) {
  const { form, name } = event.target;
  for (const end of ["start", "end"]) {
    const place = name && form?.elements[`${name}_${end}`];
    if (place) place.value = "";
  }
}

/** A click on marked words opens the shortest span there, again the next outer one. */
function open(event) {
  const article = event.target.closest("#article");
  if (!article || !document.getSelection().isCollapsed) return;
  const uids = [];
  for (let node = event.target; node !== article; node = node.parentElement) {
    uids.push(...(node.dataset.spans?.trim().split(/\s+/) ?? []));
  }
  if (!uids.length) return;
  const opened = document.querySelector("#panel [data-open]")?.dataset.open;
  const next = uids[(uids.indexOf(opened) + 1) % uids.length];
  document.querySelector(`[data-span="${next}"]`)?.click();
}

/** Show which span is open, and what is selected. */
function show() {
  const opened = document.querySelector("[data-open]")?.dataset.open;
  for (const old of document.querySelectorAll(".here")) old.classList.remove("here");
  if (opened) {
    for (const part of document.querySelectorAll(`[data-spans~="${opened}"]`)) part.classList.add("here");
    document.getElementById(`span-${opened}`)?.classList.add("here");
  }
  for (const taker of document.querySelectorAll("[data-take]")) taker.hidden = !pending;
  const chosen = document.getElementById("chosen");
  if (!chosen) return;
  const [hint, words, length] = chosen.children;
  hint.hidden = Boolean(pending);
  words.hidden = length.hidden = !pending;
  words.textContent = pending?.text.replace(/\s+/g, " ") ?? "";
  length.textContent = pending ? `${pending.end - pending.start} characters` : "";
}
