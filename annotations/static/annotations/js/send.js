/** Sending: with the token that holds now, in order, and again when the server did not answer. */

const unsent = document.getElementById("unsent");
const held = new Map(); // request id -> the request that did not get through
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

// In order, each as it was, from the page as it is: the form may have gone, or say something else.
document.getElementById("send-again").addEventListener("click", async () => {
  for (const { method, action, body } of [...held.values()]) {
    await htmx.ajax(method, action, { source: document.body, values: Object.fromEntries(body) });
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  const { request, response } = event.detail.ctx;
  if (response?.status < 500) held.delete(request.body?.get?.("request_id"));
  unsent.hidden = !held.size;
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

function keep({ request }) {
  if (request.method !== "POST") return;
  held.set(request.body.get("request_id"), request);
  waiting = null;
  unsent.hidden = false;
}

/** Good news goes by itself; a refusal, or a form, stays until the next deed. */
function fade() {
  clearTimeout(fading);
  const toast = document.querySelector("#notice p.toast:not(.refused)");
  if (toast) fading = setTimeout(() => toast.remove(), 6000);
}
