/** The text at the desk: what is selected goes into the forms, a click opens the span there. */
import { extentOf, requestId } from "./selection.js";

const article = document.getElementById("article");
const mark = document.getElementById("mark");
let pending = null; // the words selected last: { start, end, text }

if (article) {
  document.addEventListener("selectionchange", () => requestAnimationFrame(take));
  article.addEventListener("click", open);
  take(); // somebody may have been quicker than this script
}
document.addEventListener("click", copy);
document.addEventListener("htmx:after:swap", sent);
document.addEventListener("htmx:after:swap", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.target.closest("input, textarea, select")) forget();
});
show();

/** Remember what is selected in the article. A selection elsewhere, or none, changes nothing. */
function take() {
  const selection = document.getSelection();
  if (!selection.rangeCount) return;
  const extent = extentOf(article, selection.getRangeAt(0));
  if (!extent || (pending && extent.start === pending.start && extent.end === pending.end)) return;
  pending = extent;
  CSS.highlights?.set("pending", new Highlight(selection.getRangeAt(0).cloneRange()));
  if (mark) {
    mark.elements.request_id.value = requestId();
    fill(mark.elements, "");
  }
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

/** After words were marked: let them go, unless others have been selected meanwhile. */
function sent(event) {
  const { sourceElement, request, response } = event.detail.ctx;
  if (sourceElement !== mark || response.status >= 300) return;
  const same = (name) => request.body.get(name) === mark.elements[name].value;
  if (same("start") && same("end")) forget();
}

/** "Take the selected words": as a span's extent, or as an anchored attribute. */
function copy(event) {
  const taker = event.target.closest("[data-take]");
  if (!taker || !pending) return;
  const { take: name } = taker.dataset;
  if (name === "extent") fill(taker.form.elements, "");
  else fill(taker.form.elements, `${name}_`, name);
}

/** A click on marked words opens the shortest span there, again the next outer one. */
function open(event) {
  if (!document.getSelection().isCollapsed) return;
  const uids = [];
  for (let node = event.target; node && node !== article; node = node.parentElement) {
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
