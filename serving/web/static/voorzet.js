// Every page works without this file. It only spares a visitor some waiting and clicking.
"use strict";

// After a step, the keyboard and the screen reader start at what came of it.
const landed = document.querySelector("[data-focus]");
if (landed) landed.focus({ preventScroll: !location.hash });

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Escape closes what was opened, and goes back to the button that opened it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// Whoever fills in a day of their own means that choice.
document.addEventListener("input", (event) => {
  const value = event.target.dataset && event.target.dataset.picks;
  if (!value) return;
  const choice = event.target.form.querySelector(`input[type="radio"][value="${value}"]`);
  if (choice) choice.checked = true;
});

// The timeline filters itself in place.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-filter]")) return;
  event.preventDefault();
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error("no timeline");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("timeline").replaceWith(page.getElementById("timeline"));
    document.getElementById("timeline-title").focus();
  } catch {
    location.assign(address);
  }
});
