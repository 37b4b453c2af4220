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

const LIT = 500; // places that are lit at once, those next to the eye first

function search() {
  const shown = text();
  const [hay, needle] = [fold(shown.string), fold(input.value)];
  hits = [];
  for (let from = needle ? hay.indexOf(needle) : -1; from >= 0; from = hay.indexOf(needle, from + needle.length)) {
    hits.push(from);
  }
  at = -1;
  light(0);
  tellCount();
}

/** In lower case; a letter whose lower case is longer stays, or every place after it would be another. */
function fold(words) {
  const low = words.toLowerCase();
  if (low.length === words.length) return low;
  return [...words].map((letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter)).join("");
}

function light(near) {
  const shown = text();
  const first = Math.max(0, Math.min(near - LIT / 2, hits.length - LIT));
  const extents = hits.slice(first, first + LIT).map(extentOf).filter(Boolean);
  CSS.highlights?.set("hit", new Highlight(...extents.map((extent) => shown.rangeOf(extent))));
}

function extentOf(from) {
  return text().extent(from, from + fold(input.value).length);
}

function go(by) {
  if (!hits.length) return tellCount();
  at = (Math.max(at, by < 0 ? 0 : -1) + by + hits.length) % hits.length;
  if (hits.length > LIT) light(at);
  const extent = extentOf(hits[at]);
  if (extent) take({ ...extent, by: "own" });
  reveal();
  tellCount();
}

function tellCount() {
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
  if (event.key !== "Enter" || event.target !== input) return;
  event.preventDefault(); // it would press the first button
  go(event.shiftKey ? -1 : 1);
});
