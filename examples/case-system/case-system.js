// What a case system does: it says who is looking (a token) and whom it concerns.
"use strict";

const suggestions = document.querySelector("voorzet-suggestions");

document.getElementById("who").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = (id) => document.getElementById(id).value.trim();
  suggestions.setAttribute("purpose", given("purpose"));
  suggestions.setAttribute("citizen", given("citizen"));
  suggestions.token = given("token");
});

suggestions.addEventListener("voorzet-decided", (event) => {
  const { service, outcome } = event.detail;
  document.getElementById("log").textContent = `Genoteerd in de zaak: ${service} (${outcome}).`;
});
