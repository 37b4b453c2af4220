/** The attribute strip: the fields of the span at hand, under its words, for the keyboard. */
import { unsavedStrip } from "./fields.js";
import { opened } from "./spans.js";
import { current, floor, text } from "./target.js";

const strip = document.getElementById("strip");
const ask = document.getElementById("strip-ask"); // the form that fetches a strip
const reading = document.getElementById("reading");
let was = null; // the strip that was there before a swap
const QUESTION = "What you entered here is not saved. Leave it?";

// Hands are quicker than a line: what is typed between asking for a strip and its coming goes into it.
let ahead = null; // the keys typed meanwhile, or null
let wished = null; // a strip wished for while the mark is under way: { again }

/** Open the strip of the span at hand; `again`: filled as the last one of its label was. */
export function openStrip(again) {
  const uid = opened();
  if (!uid) return false;
  ahead ??= [];
  ask.elements.span.value = uid;
  ask.elements.again.value = again ? "1" : "";
  ask.requestSubmit();
  return true;
}

/** Open it as soon as what is being marked is stored. */
export function wishStrip(again) {
  wished = { again };
  ahead = [];
}

/** The mark is stored, or is not: what was wished for is done, or dropped. */
export function grantStrip() {
  if (!wished) return;
  const { again } = wished;
  wished = null;
  if (!openStrip(again)) ahead = null;
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!ahead || event.isComposing || event.altKey) return;
    const kept = event.key.length === 1 || ["Enter", "Tab", "Backspace"].includes(event.key);
    if (event.key === "Escape") ahead = wished = null;
    else if (kept) ahead.push(event.key);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement === ask && !String(ctx.status).includes("AbortError")) ahead = null;
});

/** Type what was typed ahead, as far as the strip takes it. */
function typeAhead(form) {
  const keys = ahead ?? [];
  ahead = null;
  for (const key of keys) {
    const field = document.activeElement;
    const words = field.matches("input:not([type=radio])");
    if (key === "Enter") return form.requestSubmit(form.querySelector("button.main"));
    if (key === "Tab") fieldAfter(form, field)?.focus();
    else if (words) {
      field.value = key === "Backspace" ? field.value.slice(0, -1) : field.value + key;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else field.dispatchEvent(new KeyboardEvent("keydown", { key, code: `Digit${key}`, bubbles: true, cancelable: true }));
  }
}

/** The first field of what comes after the one that `field` is in. */
function fieldAfter(form, field) {
  const parts = [...form.querySelectorAll(".attribute")];
  const next = parts[parts.indexOf(field.closest(".attribute")) + 1];
  return next?.querySelector("input:checked, input:not([type=hidden])") ?? form.querySelector("button.main");
}

function stripForm() {
  return document.getElementById("strip-form");
}

export function closeStrip() {
  if (!stripForm()) return false;
  if (unsavedStrip() && !window.confirm(QUESTION)) return true;
  strip.replaceChildren();
  was = null;
  document.body.classList.remove("with-strip");
  reading.focus({ preventScroll: true });
  return true;
}

/** Under the last line of the target, within the column. */
function put() {
  const form = stripForm();
  if (!form) return;
  const range = current() && text().rangeOf(current());
  const last = range && [...range.getClientRects()].at(-1);
  const frame = strip.offsetParent?.getBoundingClientRect();
  if (last && frame) strip.style.top = `${Math.round(last.bottom - frame.top + 8)}px`;
  const box = form.getBoundingClientRect();
  const under = floor() + 32;
  if (box.bottom > under && getComputedStyle(strip).position === "absolute") scrollBy(0, Math.min(box.bottom - under, box.top - 120));
}

// A strip that comes when another span is at hand would open under its words.
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  if (ctx.sourceElement === ask && ask.elements.span.value !== opened()) tasks.splice(0);
});
document.addEventListener("htmx:after:swap", () => {
  const form = stripForm();
  const came = form && form !== was;
  const went = was && !form;
  was = form;
  document.body.classList.toggle("with-strip", Boolean(form));
  if (came) {
    put();
    (form.querySelector("[aria-invalid=true]") ?? form.querySelector("[data-first] :is(input, select):not([type=hidden])") ?? form.querySelector("button.main")).focus({ preventScroll: true });
    typeAhead(form);
  } else if (went && (document.activeElement === document.body || !document.activeElement)) {
    reading.focus({ preventScroll: true });
  }
});

// With nothing entered and nothing filled in there is nothing to save.
strip?.addEventListener(
  "submit",
  (event) => {
    const form = stripForm();
    if (unsavedStrip() || form.querySelector("[data-unconfirmed], .refused")) {
      // It is on its way, and kept if it does not arrive: the hand may go on.
      setTimeout(() => {
        delete form.dataset.touched;
        reading.focus({ preventScroll: true });
      });
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    closeStrip();
  },
  true,
);

strip?.addEventListener("input", (event) => {
  stripForm().dataset.touched = "";
  event.target.closest("[data-unconfirmed]")?.removeAttribute("data-unconfirmed");
});

strip?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const form = stripForm();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.target.matches("[type=radio]"))) {
    event.preventDefault();
    event.stopPropagation();
    return form.requestSubmit(form.querySelector("button.main"));
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=radio]), textarea, select")) return;
  const digit = /^Digit(\d)$/.exec(event.code)?.[1] ?? /^\d$/.exec(event.key)?.[0];
  const group = event.target.closest("fieldset");
  const pick = digit && [...(group?.querySelectorAll("[data-digit]") ?? [])].find((each) => each.dataset.digit === digit);
  if (!pick) return;
  event.preventDefault();
  event.stopPropagation();
  const radio = pick.querySelector("input");
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("input", { bubbles: true }));
});
addEventListener("resize", put);
