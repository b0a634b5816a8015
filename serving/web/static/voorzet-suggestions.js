// <voorzet-suggestions>: what may fit a citizen, inside the page of a case system.
//
//   <voorzet-suggestions citizen="-4611686018427387904" purpose="income-support"></voorzet-suggestions>
//
// Attributes: citizen (a pseudonym), purpose, language (nl or en), slots, service (the address of
// Voorzet; where this file came from when left out). The page sets the property `token` to a bearer
// token, or to a function that gives one; it never stands in an attribute. To look somebody up by a
// silo's own number, set the property `identifier` to {scheme, value}.
// Events: voorzet-shown, voorzet-decided (detail: card, service, outcome), voorzet-failed.
// Looks: the custom properties below; those of NL Design System are taken over where a page has them.
"use strict";

(() => {
  const HOME = new URL(document.currentScript.src).origin;
  const HOOK = "/cds-services/voorzet-suggestions";
  const OWN = "voorzet";

  const WORDS = {
    nl: {
      title: "Suggesties", loading: "Suggesties worden opgehaald …", none: "Er zijn nu geen suggesties.",
      failed: "De suggesties kunnen nu niet worden getoond.", again: "Probeer opnieuw",
      denied: "U mag dit niet zien, of uw toegang is verlopen.", unknown: "Deze inwoner is hier niet bekend.",
      why: "Waarom", ask: "Vraag", next: "Doen", fits: "past:", of: "van de 4",
      met: "voldaan:", up: "pleit ervoor:", down: "pleit ertegen:", event: "gebeurd:", known: "bekend sinds",
      minutes: "ongeveer {n} minuten", accept: "Oppakken", later: "Later …", override: "Niet passend …",
      until: "Tot wanneer?", putOff: "Leg weg tot dan", reason: "Waarom niet passend?", putAway: "Leg weg",
      accepted: "opgepakt", deferred: "uitgesteld", overridden: "niet passend",
      promise: "Een suggestie is een vraag die het stellen waard is. U beslist, altijd.",
    },
    en: {
      title: "Suggestions", loading: "Fetching suggestions …", none: "There are no suggestions now.",
      failed: "The suggestions cannot be shown now.", again: "Try again",
      denied: "You may not see this, or your access has ended.", unknown: "This citizen is not known here.",
      why: "Why", ask: "Ask", next: "Next", fits: "fits:", of: "out of 4",
      met: "met:", up: "speaks for it:", down: "speaks against it:", event: "happened:", known: "known since",
      minutes: "about {n} minutes", accept: "Take up", later: "Later …", override: "Not suitable …",
      until: "Until when?", putOff: "Put aside until then", reason: "Why is it not suitable?", putAway: "Put aside",
      accepted: "taken up", deferred: "put off", overridden: "not suitable",
      promise: "A suggestion is a question worth asking. You decide, always.",
    },
  };

  const SHEET = `
    :host {
      --font: var(--voorzet-font-family, var(--utrecht-document-font-family, system-ui, sans-serif));
      --ink: var(--voorzet-color, var(--utrecht-document-color, #1d2733));
      --paper: var(--voorzet-background-color, var(--utrecht-document-background-color, #ffffff));
      --soft: var(--voorzet-muted-color, #566270);
      --line: var(--voorzet-border-color, #c9c9c9);
      --brand: var(--voorzet-accent-color, var(--utrecht-button-primary-action-background-color, #1b5e5a));
      --on-brand: var(--voorzet-on-accent-color, var(--utrecht-button-primary-action-color, #ffffff));
      --focus: var(--voorzet-focus-color, var(--utrecht-focus-outline-color, #0b5fd0));
      --radius: var(--voorzet-border-radius, var(--utrecht-button-border-radius, 6px));
      display: block; font-family: var(--font); color: var(--ink); line-height: 1.5; container-type: inline-size;
    }
    :host([hidden]) { display: none; }
    * { box-sizing: border-box; margin: 0; }
    section { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
    h2 { font-size: 1.125rem; }
    h3 { font-size: 1rem; }
    article { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.5rem; padding: 0.9rem 1rem; background: var(--paper); border: 1px solid var(--line); border-top: 4px solid var(--line); border-radius: var(--radius); }
    article.now { border-top-color: var(--brand); }
    .top { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
    .top strong, .meta { font-size: 0.875rem; }
    .meta, dt { color: var(--soft); }
    .dots { color: var(--brand); letter-spacing: 0.1em; }
    ul { list-style: none; padding: 0; display: grid; gap: 0.15rem; }
    li { display: flex; gap: 0.5rem; }
    .sign { flex: none; width: 1.1rem; text-align: center; font-weight: 700; color: var(--brand); }
    dl { display: grid; gap: 0.4rem; border-top: 1px solid var(--line); padding-top: 0.5rem; }
    dl > div { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); gap: 0.5rem; }
    dd { min-width: 0; overflow-wrap: anywhere; }
    dt { font-weight: 600; }
    .actions { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: flex-start; }
    button, summary, input { font: inherit; color: inherit; }
    button, summary { min-height: 2.75rem; padding: 0.4rem 0.9rem; border: 1px solid var(--soft); border-radius: var(--radius); background: var(--paper); font-weight: 600; cursor: pointer; }
    summary { list-style: none; display: inline-flex; align-items: center; }
    summary::-webkit-details-marker { display: none; }
    button.first { background: var(--brand); border-color: var(--brand); color: var(--on-brand); }
    button[disabled] { opacity: 0.6; cursor: default; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    form { display: grid; gap: 0.6rem; margin-top: 0.5rem; padding: 0.8rem; border: 1px solid var(--line); border-radius: var(--radius); }
    fieldset { border: 0; padding: 0; min-width: 0; }
    legend { font-weight: 600; padding: 0; }
    form label { display: flex; gap: 0.5rem; align-items: baseline; padding: 0.25rem 0; }
    input[type="date"] { min-height: 2.75rem; padding: 0.3rem 0.5rem; border: 1px solid var(--soft); border-radius: var(--radius); background: var(--paper); }
    .ears { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @container (max-width: 26rem) { dl > div { grid-template-columns: minmax(0, 1fr); gap: 0; } }
  `;

  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children.filter((one) => one !== null && one !== undefined && one !== ""));
    return made;
  };

  class VoorzetSuggestions extends HTMLElement {
    static observedAttributes = ["citizen", "purpose", "language", "slots", "service"];
    #root = this.attachShadow({ mode: "open" });
    #token = null;
    #identifier = null;
    #asked = null;
    #due = false;

    constructor() {
      super();
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(SHEET);
      this.#root.adoptedStyleSheets = [sheet];
    }

    get token() { return this.#token; }
    set token(given) { this.#token = given; this.#soon(); }
    get identifier() { return this.#identifier; }
    set identifier(given) { this.#identifier = given; this.#soon(); }

    connectedCallback() {
      for (const name of ["token", "identifier"]) {  // set before this file was loaded
        if (Object.hasOwn(this, name)) { const given = this[name]; delete this[name]; this[name] = given; }
      }
      this.#soon();
    }
    disconnectedCallback() { this.#asked?.abort(); }
    attributeChangedCallback() { this.#soon(); }

    /** Ask again. */
    refresh() { return this.#load(); }

    #soon() {
      if (this.#due) return;
      this.#due = true;
      queueMicrotask(() => { this.#due = false; if (this.isConnected) this.#load(); });
    }

    get #language() { return WORDS[this.getAttribute("language")] ? this.getAttribute("language") : "nl"; }
    get #words() { return WORDS[this.#language]; }

    #context() {
      const context = { purpose: this.getAttribute("purpose"), language: this.#language };
      if (this.hasAttribute("slots")) context.slots = Number(this.getAttribute("slots"));
      if (this.#identifier) context.identifier = this.#identifier;
      else context.citizen = this.getAttribute("citizen");
      return context;
    }

    async #load() {
      this.#asked?.abort();
      if (!this.#token || !this.hasAttribute("purpose") || !(this.#identifier || this.getAttribute("citizen"))) {
        this.#root.replaceChildren();
        return;
      }
      const asked = (this.#asked = new AbortController());
      this.#show(make("p", { role: "status" }, this.#words.loading));
      try {
        const { cards } = await this.#send(HOOK, {
          hook: "citizen-view", hookInstance: crypto.randomUUID?.() ?? uuid(), context: this.#context(),
        }, asked.signal);
        this.#show(...(cards.length ? cards.map((card) => this.#card(card)) : [make("p", {}, this.#words.none)]));
        this.#tell("voorzet-shown", { cards: cards.length });
      } catch (fault) {
        if (fault.name !== "AbortError") this.#fail(fault);
      }
    }

    async #send(path, body, signal) {
      const token = typeof this.#token === "function" ? await this.#token() : this.#token;
      const answer = await fetch((this.getAttribute("service") || HOME).replace(/\/$/, "") + path, {
        method: "POST", mode: "cors", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal,
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw Object.assign(new Error("refused"), { status: answer.status });
      return answer.json();
    }

    #show(...parts) {
      const heading = make("h2", { id: "title" }, this.getAttribute("heading") || this.#words.title);
      const promise = make("p", { class: "meta" }, this.#words.promise);
      this.#root.replaceChildren(
        make("section", { "aria-labelledby": "title", lang: this.#language }, heading, ...parts, promise));
    }

    #fail(fault) {
      const words = this.#words;
      const said = { 401: words.denied, 403: words.denied, 404: words.unknown }[fault.status] || words.failed;
      const again = make("button", { type: "button" }, words.again);
      again.addEventListener("click", () => this.#load());
      this.#show(make("p", { role: "alert" }, said), make("div", { class: "actions" }, again));
      this.#tell("voorzet-failed", { status: fault.status ?? null });
    }

    #card(card) {
      const own = card.extension[OWN], words = this.#words, id = `card-${own.service}`;
      const sure = make("p", { class: "meta" }, `${words.fits} `, make("strong", {}, own.sure.word), " ",
        make("span", { class: "dots", "aria-hidden": "true" }, own.sure.dots),
        make("span", { class: "ears" }, ` (${own.sure.band} ${words.of})`));
      const rows = make("dl");
      const row = (title, ...what) => rows.append(make("div", {}, make("dt", {}, title), make("dd", {}, ...what)));
      if (own.reasons) row(words.why, make("ul", {}, ...own.reasons.map((one) => this.#reason(one))));
      if (own.ask) row(words.ask, make("ul", {}, ...own.ask.map((one) =>
        make("li", {}, make("span", { class: "sign", "aria-hidden": "true" }, "?"), make("span", {}, one.text)))));
      const minutes = words.minutes.replace("{n}", own.next.minutes);
      row(words.next, `${own.next.text} `, make("span", { class: "meta" },
        [own.next.provider, own.next.channelTitle, minutes].filter(Boolean).join(" · ")));
      const article = make("article", { class: own.group, "aria-labelledby": id },
        make("div", { class: "top" },
          make("p", {}, make("strong", {}, own.groupTitle), own.deadlineText ? ` · ${own.deadlineText}` : ""), sure),
        make("h3", { id, tabindex: "-1" }, card.summary), make("p", {}, own.whyNow), rows);
      article.append(this.#actions(card, own, article));
      return article;
    }

    #reason(one) {
      const words = this.#words, event = one.kind === "life-event";
      const where = [one.sourceTitle, one.since && this.#day(one.since)].filter(Boolean).join(", ");
      const known = one.known ? ` (${words.known} ${this.#day(one.known)})` : "";
      return make("li", {},
        make("span", { class: "sign", "aria-hidden": "true" }, event ? "◆" : { met: "✓", up: "↑", down: "↓" }[one.sign]),
        make("span", {}, make("span", { class: "ears" }, `${event ? words.event : words[one.sign]} `), one.text,
          where || known ? make("span", { class: "meta" }, ` ${where}${known}`) : null));
    }

    #day(iso) {
      return new Intl.DateTimeFormat(this.#language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })
        .format(new Date(`${iso}T00:00:00Z`));
    }

    #actions(card, own, article) {
      const words = this.#words, actions = make("div", { class: "actions" });
      const accept = make("button", { type: "button", class: "first", "aria-describedby": `card-${own.service}` }, words.accept);
      accept.addEventListener("click", () => this.#decide(card, own, article, {
        outcome: "accepted", acceptedSuggestions: card.suggestions.map((one) => ({ id: one.uuid })),
      }, "accepted"));
      const tomorrow = new Date(Date.now() + 864e5).toISOString().slice(0, 10);
      const day = make("input", { type: "date", name: "until", required: "", min: tomorrow });
      const later = this.#form(own, words.later, make("label", {}, words.until, day), words.putOff, () =>
        this.#decide(card, own, article, {
          outcome: "overridden", extension: { [OWN]: { until: day.value } },
        }, "deferred"));
      actions.append(accept, later);
      if (card.overrideReasons) {
        const reasons = make("fieldset", {}, make("legend", {}, words.reason), ...card.overrideReasons.map((one) =>
          make("label", {}, make("input", { type: "radio", name: `reason-${own.service}`, value: one.code, required: "" }), one.display)));
        actions.append(this.#form(own, words.override, reasons, words.putAway, () => {
          const code = reasons.querySelector("input:checked").value;
          const reason = card.overrideReasons.find((one) => one.code === code);
          return this.#decide(card, own, article, { outcome: "overridden", overrideReason: { reason } }, "overridden");
        }));
      }
      return actions;
    }

    #form(own, title, field, button, act) {
      const form = make("form", {}, field, make("div", {}, make("button", {}, button)));
      form.addEventListener("submit", (event) => { event.preventDefault(); act(); });
      const details = make("details", { name: `choose-${own.service}` },
        make("summary", { "aria-describedby": `card-${own.service}` }, title), form);
      details.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !details.open) return;
        details.open = false;
        details.querySelector("summary").focus();
      });
      return details;
    }

    async #decide(card, own, article, said, outcome) {
      const buttons = article.querySelectorAll("button");
      for (const one of buttons) one.disabled = true;
      try {
        await this.#send(`${HOOK}/feedback`, {
          feedback: [{ card: card.uuid, outcomeTimestamp: new Date().toISOString(), ...said }],
        });
      } catch (fault) {
        for (const one of buttons) one.disabled = false;
        article.querySelector("[role=alert]")?.remove();
        article.append(make("p", { role: "alert" }, this.#words.failed));
        return;
      }
      const done = make("p", { role: "status", tabindex: "-1" }, `✓ ${own.title} – ${this.#words[outcome]}`);
      article.replaceChildren(done);
      done.focus();
      this.#tell("voorzet-decided", { card: card.uuid, service: own.service, outcome });
    }

    #tell(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
    }
  }

  /** A random UUID where the page is not in a secure context. */
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  if (!customElements.get("voorzet-suggestions")) customElements.define("voorzet-suggestions", VoorzetSuggestions);
})();
