/** What is typed into a span's form is not lost by looking elsewhere, nor passed over. */

import { differs, unsavedPanel, unsavedStrip } from "./fields.js";

const QUESTION = "What you changed in this span is not saved. Leave it?";
let leaving = false; // the form itself is being sent

/** With a change in sight, approving means approving with it. */
function choose() {
  const [change, form] = [document.getElementById("change"), document.getElementById("span-form")];
  if (!change) return;
  const fields = [...change.querySelectorAll("input, select, textarea")];
  const amends = "unsaved" in form.dataset || fields.some(differs);
  const approve = form.querySelector("[value=approve]");
  if (approve) approve.hidden = amends;
  form.querySelector("[value=amend]").hidden = !amends;
}

for (const event of ["input", "change", "click", "htmx:after:swap"]) {
  document.addEventListener(event, choose);
}
choose();

document.addEventListener("submit", (event) => {
  leaving = ["span-form", "strip-form"].includes(event.target.id) && !event.defaultPrevented;
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving && (unsavedPanel() || unsavedStrip())) event.preventDefault();
});

// Opening another span, or closing this one, asks first.
document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = event.detail.ctx;
  const loses = sourceElement.matches("#strip-ask")
    ? unsavedStrip()
    : sourceElement.matches("#open-ask, .close, .row a") && unsavedPanel();
  if (loses && !window.confirm(QUESTION)) event.preventDefault();
});

// A deed elsewhere leaves a form that holds something open as it is.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const open = [];
  if (unsavedPanel() && !ctx.sourceElement.closest("#panel, #open-ask")) open.push("panel");
  if (unsavedStrip() && !ctx.sourceElement.matches("#strip-form, #strip-ask")) open.push("strip");
  const kept = tasks.filter((task) => !open.includes(task.target?.id));
  tasks.splice(0, tasks.length, ...kept);
});
