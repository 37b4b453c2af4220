/** Sending: with the token that holds now, in order, and again when the server did not answer. */

const unsent = document.getElementById("unsent");
let held = null; // the request that did not get through
let busy = 0; // requests that are under way
let waiting = null; // a plain form that was sent meanwhile
let fading = 0;

document.addEventListener("htmx:config:request", (event) => {
  // The token may have been renewed since the form was drawn, by signing in again.
  const { body, method } = event.detail.ctx.request;
  const token = document.cookie.match(/(?:^|; )newsroom_csrf=([^;]+)/)?.[1];
  if (method === "POST" && token) body.set("csrfmiddlewaretoken", token);
});

document.addEventListener("htmx:before:request", () => (busy += 1));
document.addEventListener("htmx:finally:request", () => {
  busy -= 1;
  setTimeout(goOn, 20); // the next of a queue starts only after this event
});

// Leaving the page would drop what is still under way, and name revisions it is about to change.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !busy || event.target.method !== "post" || !event.target.id) return;
  event.preventDefault();
  // By name: what arrives meanwhile may draw the form anew.
  waiting = { id: event.target.id, value: event.submitter?.value };
});

document.addEventListener("htmx:error", (event) => event.detail.ctx && keep(event.detail.ctx));
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status >= 500) keep(event.detail.ctx);
});

document.getElementById("send-again").addEventListener("click", () => {
  const { sourceElement, request } = held;
  unsent.hidden = true;
  const values = Object.fromEntries(request.body ?? []);
  htmx.ajax(request.method, request.action, { source: sourceElement, values });
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.request?.body?.get?.("request_id") === held?.request.body?.get("request_id")) {
    held = null;
    unsent.hidden = true;
  }
  fade();
});
fade();

function goOn() {
  if (busy || !waiting) return;
  const { id, value } = waiting;
  waiting = null;
  const form = document.getElementById(id);
  const button = [...(form?.querySelectorAll("button") ?? [])].find((each) => each.value === value);
  if (button) form.requestSubmit(button);
}

function keep(ctx) {
  if (ctx.request.method !== "POST") return;
  held = ctx;
  waiting = null;
  unsent.hidden = false;
}

/** Good news goes by itself; a refusal, or a form, stays until the next deed. */
function fade() {
  clearTimeout(fading);
  const toast = document.querySelector("#notice p.toast:not(.refused)");
  if (toast) fading = setTimeout(() => toast.remove(), 6000);
}
