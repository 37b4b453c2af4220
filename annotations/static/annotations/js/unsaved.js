/** What is typed into a span's form is not lost by looking elsewhere, nor passed over. */

const QUESTION = "What you changed in this span is not saved. Leave it?";
let leaving = false; // the form itself is being sent

/** Whether a field holds something else than the page came with. */
function differs(field) {
  if (field.matches("select")) {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  return field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue;
}

function unsaved() {
  const form = document.getElementById("span-form");
  return Boolean(form) && ("unsaved" in form.dataset || [...form.elements].some(differs));
}

/** With a change in sight, approving means approving with it. */
function choose() {
  const [change, form] = [document.getElementById("change"), document.getElementById("span-form")];
  if (!change) return;
  const fields = [...change.querySelectorAll("input, select, textarea")];
  const changed = "unsaved" in form.dataset || fields.some(differs);
  const approve = form.querySelector("[value=approve]");
  if (approve) approve.hidden = changed;
  form.querySelector("[value=amend]").hidden = !changed;
}

for (const event of ["input", "change", "click", "htmx:after:swap"]) {
  document.addEventListener(event, choose);
}
choose();

document.addEventListener("submit", (event) => {
  leaving = event.target.id === "span-form" && !event.defaultPrevented;
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving && unsaved()) event.preventDefault();
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
  if (!ctx.request.action.endsWith("/spans/") || !unsaved()) return;
  const kept = tasks.filter((task) => task.target?.id !== "panel");
  tasks.splice(0, tasks.length, ...kept);
});
