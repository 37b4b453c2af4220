/** What somebody has typed or chosen: whether a field still holds what the page came with. */

/** Whether a field holds something else than the page came with. */
export function differs(field) {
  if (field.matches("select")) {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  return field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue;
}

/** Whether a form holds work that the server has not: typed, or refused and drawn again. */
export function changed(form) {
  return "unsaved" in form.dataset || "touched" in form.dataset || [...form.elements].some(differs);
}

/** Whether the panel, or the card, holds something that is not stored: a change, a comment. */
export function unsavedPanel() {
  return [...document.querySelectorAll("#span-form, #panel .comments form")].some(changed);
}

/** The same of the strip, where what the page filled in counts only once it is touched. */
export function unsavedStrip() {
  return Boolean(document.querySelector("#strip-form:is([data-touched], [data-unsaved])"));
}

/** What the form holds is stored: from now on it differs from nothing. */
export function stored(form) {
  delete form.dataset.unsaved;
  delete form.dataset.touched;
  for (const field of form.elements) {
    if (field.matches("select")) for (const option of field.options) option.defaultSelected = option.selected;
    else if (field.matches("[type=radio], [type=checkbox]")) field.defaultChecked = field.checked;
    else if (field.matches("input, textarea")) field.defaultValue = field.value;
  }
}
