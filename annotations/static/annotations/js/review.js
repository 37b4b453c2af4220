/** The review: the queue is a grid to walk, each new card has the focus. */
import { on, unsavedPanel } from "./send.js";

const queue = document.getElementById("queue");
const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** One row can be reached by Tab: the one that has the focus, else the one that is open. */
function rove() {
  const links = [...queue.querySelectorAll("[role=row] a")];
  const at = links.find((link) => link === document.activeElement) ?? links.find((link) => link.matches("[aria-current]")) ?? links[0];
  for (const link of links) link.tabIndex = link === at ? 0 : -1;
  return { links, at };
}

document.addEventListener("keydown", (event) => {
  const inside = event.target.closest?.("#queue [role=row] a");
  const typed = event.target.closest?.("input, textarea, select, dialog");
  const letter = /^[jk]$/.test(event.key);
  if (event.defaultPrevented || typed || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!(event.key in STEPS) || (!inside && !letter)) return;
  if (letter && document.documentElement.dataset.keys === "off") return;
  const { links, at } = rove();
  const to = links[links.indexOf(at) + STEPS[event.key]];
  event.preventDefault();
  to?.focus();
});
queue.addEventListener("focusin", rove);

// What has the focus is what a key acts on: a verdict on a row that is not open opens it first.
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("#queue [role=row] a:not([aria-current])");
  if (!row || !/^[axse]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (document.documentElement.dataset.keys === "off") return;
  event.preventDefault();
  row.click();
}, true);

// An article that somebody else took meanwhile gives way, but not while something is being typed.
on("before:swap", ({ sourceElement }, tasks) => {
  if (sourceElement.matches("[hx-trigger=load]") && unsavedPanel()) tasks.splice(0);
});

// A card that came with an answer has the focus, unless somebody is at work elsewhere.
on("after:swap", () => {
  rove();
  const card = document.getElementById("card-title");
  const { activeElement: at } = document;
  if (card && (!at || at === document.body || !at.isConnected)) card.focus({ preventScroll: true });
});
rove();
