/**
 * What a person chose for this browser: light or dark, and whether single keys do anything.
 * Kept in cookies, so that the server draws the next page that way from the start.
 */

const YEAR = 60 * 60 * 24 * 365;
const NAMES = ["theme", "keys"]; // cookie newsroom_<name>, <html data-<name>>, button[data-<name>-choice]

document.getElementById("preferences")?.addEventListener("click", ({ target }) => {
  for (const name of NAMES) {
    const choice = target.dataset[`${name}Choice`];
    if (choice !== undefined) keep(name, choice);
  }
  show();
});
window.addEventListener("pageshow", show); // it may have been changed on another page
show();

function keep(name, choice) {
  const age = choice ? YEAR : 0;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `newsroom_${name}=${choice}; Max-Age=${age}; Path=/; SameSite=Lax${secure}`;
}

function show() {
  for (const name of NAMES) {
    const choice = document.cookie.match(`(?:^|; )newsroom_${name}=([^;]*)`)?.[1] ?? "";
    if (choice) document.documentElement.dataset[name] = choice;
    else delete document.documentElement.dataset[name];
    for (const button of document.querySelectorAll(`[data-${name}-choice]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[`${name}Choice`] === choice));
    }
  }
}
