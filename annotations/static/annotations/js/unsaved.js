/** What is typed into a span's form is not lost by looking elsewhere. */

const QUESTION = "What you changed in this span is not saved. Leave it?";

/** Whether the open span's form holds something that was not sent. */
function unsaved() {
  const fields = [...(document.getElementById("span-form")?.elements ?? [])];
  return fields.some((field) => {
    if (field.type === "hidden") return false;
    if (field.matches("select")) {
      return [...field.options].some((option) => option.selected !== option.defaultSelected) &&
        [...field.options].some((option) => option.defaultSelected || option.selected && option.value);
    }
    if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
    return field.matches("input, textarea") && field.value !== field.defaultValue;
  });
}

let sending = false;

document.addEventListener("submit", (event) => (sending = event.target.id === "span-form"));
window.addEventListener("beforeunload", (event) => {
  if (!sending && unsaved()) event.preventDefault();
});

// Opening another span, or closing this one, asks first.
document.addEventListener("htmx:before:request", (event) => {
  const { request, sourceElement } = event.detail.ctx;
  const leaves = request.method === "GET" && !sourceElement.closest("#span-form");
  if (leaves && unsaved() && !window.confirm(QUESTION)) event.preventDefault();
});

// Marking other words meanwhile leaves the form open as it is.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (ctx.sourceElement.id === "span-form" || ctx.request.method === "GET" || !unsaved()) return;
  const kept = tasks.filter((task) => task.target?.id !== "panel");
  tasks.splice(0, tasks.length, ...kept);
});
