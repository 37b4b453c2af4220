/** Sending: with the token that holds now, and what to do when the server does not answer. */

const unsent = document.getElementById("unsent");
let last = null; // the form, and its button, that did not get through
let fading = 0;

document.addEventListener("htmx:config:request", (event) => {
  // The token may have been renewed since the form was drawn, by signing in again.
  const { body, method } = event.detail.ctx.request;
  const token = document.cookie.match(/(?:^|; )newsroom_csrf=([^;]+)/)?.[1];
  if (method === "POST" && token) body.set("csrfmiddlewaretoken", token);
});

document.addEventListener("htmx:error", (event) => event.detail.ctx && keep(event.detail.ctx));
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status >= 500) keep(event.detail.ctx);
});

document.addEventListener("htmx:before:swap", () => {
  unsent.hidden = true;
  last = null;
});

document.getElementById("send-again").addEventListener("click", () => {
  const { form, button } = last;
  unsent.hidden = true;
  if (form.matches("form")) form.requestSubmit(button?.isConnected ? button : undefined);
  else form.click();
});

document.addEventListener("htmx:after:swap", fade);
fade();

function keep({ sourceElement, request }) {
  last = { form: sourceElement, button: request.submitter };
  unsent.hidden = false;
}

/** Good news goes by itself; a refusal, or a form, stays until the next deed. */
function fade() {
  clearTimeout(fading);
  const toast = document.querySelector("#notice p.toast:not(.refused)");
  if (toast) fading = setTimeout(() => toast.remove(), 6000);
}
