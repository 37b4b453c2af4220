/** The ? sheet: a dialog that a button with data-do="help" opens, and data-do="close-help" closes. */
const help = document.getElementById("help");

document.addEventListener("click", (event) => {
  const { do: what } = event.target.closest("[data-do]")?.dataset ?? {};
  if (what === "help") help.showModal();
  if (what === "close-help") help.close();
});
