/** Search in the article: every place lit, one of them the target. */
import { announce, reveal, take, text } from "./target.js";

const form = document.getElementById("find");
const input = form?.elements.words;
const told = form?.querySelector("output");
let hits = [];
let at = -1;

export function openFind() {
  form.hidden = false;
  input.focus();
  input.select();
}

/** True if it was open. */
export function closeFind() {
  if (!form || form.hidden) return false;
  form.hidden = true;
  CSS.highlights?.delete("hit");
  document.getElementById("reading").focus({ preventScroll: true });
  return true;
}

function search() {
  const shown = text();
  // Folding case may change a text's length; where it does, the places would be others.
  const fold = (words) => (words.toLowerCase().length === words.length ? words.toLowerCase() : words);
  const [hay, needle] = [fold(shown.string), fold(input.value)];
  hits = [];
  for (let from = needle ? hay.indexOf(needle) : -1; from >= 0; from = hay.indexOf(needle, from + needle.length)) {
    const extent = shown.extent(from, from + needle.length);
    if (extent) hits.push(extent);
  }
  at = -1;
  CSS.highlights?.set("hit", new Highlight(...hits.map((hit) => shown.rangeOf(hit))));
  tell();
}

function go(by) {
  if (!hits.length) return tell();
  at = (at + by + hits.length) % hits.length;
  take({ ...hits[at], by: "own" });
  reveal();
  tell();
}

function tell() {
  const none = input.value ? "nowhere here" : "";
  told.textContent = hits.length ? `${at < 0 ? "" : `${at + 1} of `}${hits.length}` : none;
  announce(told.textContent);
}

input?.addEventListener("input", search);
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  go(event.submitter?.value === "before" ? -1 : 1);
});
form?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && event.shiftKey) {
    event.preventDefault();
    go(-1);
  }
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    closeFind();
  }
});
