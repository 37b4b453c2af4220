/**
 * Keys press buttons: what can be done by key stands in the page as an element with `data-key`,
 * one key or several. Of several that can be seen, one in an open <details> comes first; what
 * stands in a closed menu and has `data-do` answers, too.
 */

const FIELDS = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]";
const CHOICES = "input:is([type=radio], [type=checkbox])";
// Enter and the like are these elements' own.
const PRESSED = "a[href], button, summary, input, label, [role=gridcell]";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat || event.getModifierState("AltGraph")) return;
  const field = event.target.closest?.(FIELDS);
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (event.key === "Enter" && field) return act(event, sender(field));
    if (latin(event).toLowerCase() === "z" && !field) return act(event, find(event.shiftKey ? "U" : "u"));
    return;
  }
  if (event.altKey) return;
  // Enter on a radio button presses its form's first button, wherever that is.
  if (event.key === "Enter" && event.target.matches?.("[name=reason]")) return act(event, sender(event.target));
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  // Out of a choice first, so that the letters are deeds again; then out of the fold.
  if (event.key === "Escape" && event.target.matches?.(CHOICES)) return event.target.blur();
  if (event.key === "Escape" && fold()) return act(event, fold());
  if (event.key === "Enter" && event.target.closest?.(PRESSED)) return;
  if (document.documentElement.dataset.keys === "off" && event.key !== "Escape") return;
  if (document.querySelector("dialog[open]")) return;
  // A button that is chosen takes the digits beside it, and no letter does a deed.
  if (event.target.matches?.(CHOICES) && !/^(\d|Escape)$/.test(named(event))) return;
  const asked = document.querySelector("#notice [data-asks]");
  // Who types blindly types into what is asked, and marks nothing.
  if (asked && !/^\S$/u.test(event.key)) return;
  if (asked) return (fields(asked).find((input) => !input.value) ?? asked.querySelector("button"))?.focus();
  act(event, find(named(event)));
});

/** The fields of a form that can be filled in. */
function fields(form) {
  return [...form.querySelectorAll("input:not([type=hidden])")];
}

/** The key as `data-key` names it; by its place where the layout is not Latin. */
function named(event) {
  if (/^Digit\d$/.test(event.code) && !event.shiftKey) return event.code.slice(-1);
  const key = latin(event);
  if (!/^[a-z]$/i.test(key)) return key;
  return event.shiftKey ? key.toUpperCase() : key.toLowerCase(); // whatever Caps Lock makes of it
}

function latin({ key, code }) {
  const foreign = key.length === 1 && key > "\x7f" && /^Key[A-Z]$/.test(code);
  return foreign ? code.slice(-1) : key;
}

function find(key) {
  if (key === " ") return undefined;
  const all = [...document.querySelectorAll(`[data-key~="${CSS.escape(key)}"]`)];
  const usable = all.filter((element) => !element.disabled && !element.closest("[data-rests]"));
  const seen = usable.filter((element) => element.checkVisibility());
  return seen.find((element) => element.closest("details[open]")) ?? seen[0] ?? usable.find((element) => "do" in element.dataset);
}

/** The button that sends the field one is in: that of its fold, else its form's main one, if any. */
function sender(field) {
  return (field.closest("details:has(button.main)") ?? field.form)?.querySelector("button.main:not([hidden])");
}

/** The fold that Escape closes: the one that is open over or beside a decision. */
function fold() {
  return document.querySelector("details:is(.more, .me, .change)[open] > summary");
}

/** Where the key of a fold leads: to what is chosen there, else to its first field. */
function into(fold) {
  return fold.querySelector("input:checked") ?? fold.querySelector("textarea, input, select");
}

function act(event, element) {
  if (!element) return;
  event.preventDefault();
  // The key of an open fold leads into it; only Escape closes one.
  const stays = element.matches("summary") && element.parentElement.open && event.key !== "Escape";
  if (!stays) element.click();
  if (element.matches("input")) element.focus();
  if (element.matches("summary") && element.parentElement.open) into(element.parentElement)?.focus({ preventScroll: true });
  if (element.matches("label")) element.closest("fieldset").querySelector("button").click();
}
