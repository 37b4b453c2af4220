/**
 * Rows with a box to tick: the count of those ticked, walking by key, ranges.
 *
 *   [role=grid] > … > [role=row] > [role=gridcell][data-row] > input[type=checkbox], or none
 *   [data-count]        is told how many are ticked in its form
 *   [data-more]         so many others, which are on no row, go along
 *   [data-needs-ticks]  can be pressed only if some are
 *   button[data-do]     next-row, previous-row, tick-all, tick-none
 *
 * The cell has the focus and not its box, so that keys.js reads letters; Space ticks, Enter follows
 * the row's link.
 */
let at = -1; // which row had the focus last
let from = null; // where a range begins: the box that was ticked last, by its id

const grid = () => document.querySelector("[role=grid]:has([data-row])");
const cells = () => [...(grid()?.querySelectorAll("[data-row]") ?? [])];
const boxOf = (cell) => cell?.querySelector("input[type=checkbox]:not(:disabled)");
const boxes = () => cells().map(boxOf).filter(Boolean);

const doings = {
  "next-row": () => walk(1),
  "previous-row": () => walk(-1),
  "tick-all": () => tick(boxes(), true),
  "tick-none": () => tick(boxes(), false),
};

document.addEventListener("click", (event) => {
  doings[event.target.closest("button[data-do]")?.dataset.do]?.();
  const cell = event.target.closest("[data-row]");
  if (!cell || event.target.closest("a")) return;
  stand(cell);
  const box = event.target.closest("input[type=checkbox]");
  if (!box) return; // of a label: the click on its box follows
  range(box, event.shiftKey);
});

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-row]");
  if (!cell || event.target.closest("a") || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowDown: () => walk(1), ArrowUp: () => walk(-1), Home: () => stand(cells()[0]), End: () => stand(cells().at(-1)) }[event.key];
  if (step) {
    event.preventDefault();
    step();
  }
  if (event.key === "Enter") cell.querySelector("a")?.click();
  if (event.key !== " ") return;
  event.preventDefault();
  const box = boxOf(cell);
  if (event.repeat || !box) return;
  box.checked = !box.checked;
  range(box, event.shiftKey);
});

// A label that is clicked with Shift would select words.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest("[data-row]")) event.preventDefault();
});

/** After `box` was ticked, or cleared: with Shift all from the last one to it are as it is. */
function range(box, shift) {
  const all = boxes();
  const [a, b] = [all.findIndex(({ id }) => id === from), all.indexOf(box)];
  from = box.id;
  tick(shift && a >= 0 ? all.slice(Math.min(a, b), Math.max(a, b) + 1) : [box], box.checked);
}

function tick(some, ticked) {
  for (const box of some) box.checked = ticked;
  tell();
}

function walk(by) {
  const all = cells();
  const here = all.indexOf(document.activeElement.closest("[data-row]"));
  stand(all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)]);
}

/** Give the row the focus; it is the one that Tab comes to. */
function stand(cell, how) {
  if (!cell) return;
  at = cells().indexOf(cell);
  for (const each of cells()) each.tabIndex = each === cell ? 0 : -1;
  cell.focus(how);
}

/** What is ticked, in numbers and on the rows. */
function tell() {
  for (const cell of cells()) cell.closest("[role=row]").setAttribute("aria-selected", Boolean(boxOf(cell)?.checked));
  const count = boxes().filter((box) => box.checked).length;
  const form = grid()?.closest("form");
  const more = Number(form?.querySelector("[data-more]")?.dataset.more ?? 0);
  for (const told of form?.querySelectorAll("[data-count]") ?? []) told.textContent = count + more;
  for (const button of form?.querySelectorAll("[data-needs-ticks]") ?? []) button.disabled = !(count + more);
}

let open = null; // whose rows they are

function arrive() {
  const all = cells();
  const now = grid()?.closest("[data-open]")?.dataset.open ?? "";
  if (open !== null && now !== open) {
    [from, at] = [null, 0];
    scrollTo(0, 0);
  }
  // Where the row that had the focus is gone, the one in its place has it.
  if (open !== null && at >= 0 && document.activeElement === document.body) stand(all[Math.min(at, all.length - 1)], { preventScroll: true });
  open = now;
  if (!all.some((cell) => cell.tabIndex === 0)) for (const [at, cell] of all.entries()) cell.tabIndex = at ? -1 : 0;
  for (const box of boxes()) box.tabIndex = -1;
  tell();
}

document.addEventListener("htmx:after:swap", arrive);
arrive();
