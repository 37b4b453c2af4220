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
