/**
 * The attribute strip: the fields of the span at hand, under its words, for the keyboard. The form
 * for a comment on it. And what is typed ahead of either, while it is still to come.
 */
import { ask } from "./deeds.js";
import { mayLeaveStrip, on, openIn, requestId, unsavedStrip } from "./send.js";
import { opened } from "./spans.js";
import { current, floor, tell, text } from "./target.js";

const strip = document.getElementById("strip");
const asking = document.getElementById("strip-ask"); // the form that fetches a strip
const reading = document.getElementById("reading");
let was = null; // the strip that was there before a swap

/** Open the strip of the span at hand; `again`: filled as the last one of its label was. */
export function openStrip(again) {
  const uid = opened();
  if (!uid) return false;
  asking.elements.again.value = again ? "1" : "";
  ask(asking, uid, { wait: expect() });
  return true;
}

function stripForm() {
  return document.getElementById("strip-form");
}

export function closeStrip() {
  if (!stripForm()) return false;
  if (!mayLeaveStrip()) return true;
  strip.replaceChildren();
  put();
  was = null;
  document.body.classList.remove("with-strip");
  reading.focus({ preventScroll: true });
  return true;
}

/** Under the paragraph of the target, which makes room: all words can be read and taken meanwhile. */
function put() {
  if (room) room.style.marginBottom = "";
  room = null;
  const form = stripForm();
  if (!form || getComputedStyle(strip).position !== "absolute") return;
  room = current() && text().paragraphAt(current().end - 1);
  if (room) {
    strip.style.top = `${Math.round(room.getBoundingClientRect().bottom - strip.offsetParent.getBoundingClientRect().top + 8)}px`;
    room.style.marginBottom = `${form.offsetHeight + 24}px`;
  }
  const [box, under] = [form.getBoundingClientRect(), floor() + 32];
  if (box.bottom > under) scrollBy(0, Math.min(box.bottom - under, box.top - 120));
}
let room = null; // the paragraph that makes room

// It would open under the words at hand. One of other words that was refused is in unsent.js's keeping.
on("before:swap", (ctx, tasks) => {
  const { about, sourceElement } = ctx;
  if (sourceElement === asking && (about.uid !== opened() || !awaits(about.wait))) tasks.splice(0);
  const at = tasks.findIndex(({ target, fragment }) => target === strip && fragment.firstElementChild);
  if (at < 0 || sourceElement === asking || !opened() || about?.uid === opened()) return;
  tasks.splice(at, 1);
  ctx.unshown = true;
});
on("after:swap", (ctx) => {
  const form = stripForm();
  const came = form && form !== was;
  const went = was && !form;
  was = form;
  document.body.classList.toggle("with-strip", Boolean(form));
  if (form || went) put(); // the paragraph may have been drawn anew
  if (came) {
    const first = form.querySelector("[aria-invalid=true]") ?? form.querySelector("[data-first] :is(input, select):not([type=hidden])") ?? form.querySelector("button.main");
    if (ctx.sourceElement !== asking) first.focus({ preventScroll: true });
    else if (document.activeElement?.matches(FIELDS)) giveUp("You went on elsewhere.");
    else arrive(first);
  } else if (went && (document.activeElement === document.body || !document.activeElement)) {
    reading.focus({ preventScroll: true });
  }
});

// It is on its way, and kept if it does not arrive: the hand goes on. What is entered from now on is
// another deed.
on("config:request", (ctx) => {
  const form = stripForm();
  if (ctx.sourceElement !== form) return;
  delete form.dataset.touched;
  delete form.dataset.unsaved;
  for (const part of form.querySelectorAll("[data-unconfirmed]")) part.removeAttribute("data-unconfirmed");
  form.elements.request_id.value = requestId();
  reading.focus({ preventScroll: true });
});

// With nothing entered and nothing filled in there is nothing to save.
strip?.addEventListener(
  "submit",
  (event) => {
    if (unsavedStrip() || stripForm().querySelector("[data-unconfirmed], .refused")) return;
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
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches(FIELDS)) return;
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

/** Open the form for a comment on the span at hand, or else on the article. */
export function comment() {
  const uid = opened();
  if (!uid || openIn(document) === uid) say(uid);
  else ask(document.getElementById("comment-ask"), uid, { wait: expect() });
}

function say(uid) {
  const fold = document.getElementById(`say-${uid ?? "article"}`);
  if (!fold) return tell("You cannot comment here now.");
  fold.closest(".panel")?.classList.remove("followed"); // somebody asks to see it
  fold.open = true;
  arrive(fold.querySelector("textarea"));
  fold.scrollIntoView({ block: "nearest" });
}

on("after:swap", (ctx) => {
  if (ctx.sourceElement?.id === "comment-ask" && awaits(ctx.about.wait)) say(ctx.about.uid);
});

/* Hands are quicker than a line: what is typed ahead of a field goes into it, and on from there. */

const TYPED = /^(.|Enter|Tab|Backspace|Escape|Home|End|Arrow\w+)$/u;
const FIELDS = "input:not([type=radio]), textarea, select";
let awaited = null; // { keys: what was typed since }, or null

/** From now on keep what is typed; returns what tells this from another wait. */
function expect() {
  awaited = { keys: [] };
  return awaited;
}

/** Whether that is still waited for. */
function awaits(wait) {
  return wait && awaited === wait;
}

/** It has come: `field` has the focus and gets what was typed. */
function arrive(field) {
  const { keys } = awaited ?? { keys: [] };
  awaited = null;
  field.focus({ preventScroll: true });
  for (const key of keys) press(key); // what one of them asks for keeps the others
}

/** It does not come: say why, and what is lost by that. */
function giveUp(why) {
  const words = awaited.keys.map(({ key }) => (key.length === 1 ? key : "")).join("");
  awaited = null;
  if (why || words) tell(words ? `${why} What you typed meanwhile was dropped: ${words}` : why, { refusal: true });
}

on("finally:request", (ctx) => {
  if (awaits(ctx.about?.wait)) giveUp(ctx.why ?? "The form did not come.");
  else if (ctx.why) tell(ctx.why, { refusal: true });
});

addEventListener(
  "keydown",
  (event) => {
    if (!awaited || event.isComposing || !TYPED.test(event.key)) return;
    const { key, code, shiftKey, ctrlKey, metaKey, altKey } = event;
    const saves = key === "Enter" && (ctrlKey || metaKey);
    if ((ctrlKey || metaKey || altKey) && !saves && !event.getModifierState("AltGraph")) return;
    // Who is in a field types there.
    if (event.target.closest?.(`${FIELDS}, dialog`)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (key === "Escape" && !awaited.keys.some((each) => each.key === "Enter")) awaited = null;
    else awaited.keys.push({ key, code, shiftKey, ctrlKey: saves && ctrlKey, metaKey: saves && metaKey });
  },
  true,
);

/** As if it was pressed now: whoever listens, or else the element that has the focus. */
function press(typed) {
  const { key } = typed;
  const at = document.activeElement ?? document.body;
  if (!at.dispatchEvent(new KeyboardEvent("keydown", { ...typed, bubbles: true, cancelable: true }))) return;
  if (key === "Tab") return after(at)?.focus();
  if (key === "Enter" && at.matches("input")) return at.form.requestSubmit(at.form.querySelector("button.main"));
  if (key === "Enter" && at.matches("button, a")) return at.click();
  if (!at.matches(FIELDS) || (key.length > 2 && key !== "Enter" && key !== "Backspace")) return;
  at.value = key === "Backspace" ? [...at.value].slice(0, -1).join("") : at.value + (key === "Enter" ? "\n" : key);
  at.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The first field of what comes after the one that `field` is in. */
function after(field) {
  const parts = [...(field.form?.querySelectorAll(".attribute") ?? [])];
  const next = parts[parts.indexOf(field.closest(".attribute")) + 1];
  return next?.querySelector("input:checked, input:not([type=hidden])") ?? field.form?.querySelector("button.main");
}
