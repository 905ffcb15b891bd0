// What the explorer does beyond its pages: light what belongs together, hide, copy. All of it can
// be done without: every link leads where it says, every form works by itself.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const say = (words) => { document.getElementById("said").textContent = words; };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const small = matchMedia("(max-width: 60rem)");
document.documentElement.classList.add("live");

// -- one policy: a clause lights its statements, a statement its clauses

const panes = document.querySelector(".panes");
if (panes) {
  const holders = new Map();
  for (const element of all("[data-c]", panes)) {
    for (const name of element.dataset.c.split(" ").filter(Boolean)) {
      if (!holders.has(name)) holders.set(name, []);
      holders.get(name).push(element);
    }
  }
  const names = (element) => element.dataset.c.split(" ").filter(Boolean);
  const mark = (label, found) => {
    for (const element of all("." + label, panes)) element.classList.remove(label);
    for (const name of found) for (const element of holders.get(name) || []) element.classList.add(label);
  };
  const show = (pane) => {
    panes.dataset.pane = pane;
    for (const button of all("[data-show]", panes)) {
      button.setAttribute("aria-pressed", String(button.dataset.show === pane));
    }
  };
  const reveal = (element, pane) => {
    if (small.matches) show(pane);
    element.closest("details:not([open])")?.setAttribute("open", "");
    if (element.hidden) { select.value = ""; select.dispatchEvent(new Event("change")); }
    const near = Math.abs(element.getBoundingClientRect().top) < 2 * innerHeight;
    const smooth = near && !small.matches && !calm.matches;
    element.scrollIntoView({ block: "center", behavior: smooth ? "smooth" : "instant" });
  };
  let pinned = [];
  const pin = (found) => { pinned = found; mark("pinned", found); mark("lit", found); };
  const told = (found) => {
    const cards = new Set(found.flatMap((name) => holders.get(name) || []).filter((e) => e.matches(".card")));
    return [...cards];
  };

  panes.addEventListener("pointerover", (event) => {
    const element = event.target.closest("[data-c]");
    if (event.pointerType === "mouse") mark("lit", element ? names(element) : pinned);
  });
  panes.addEventListener("focusin", (event) => {
    const element = event.target.closest("[data-c]");
    if (element) mark("lit", names(element));
  });
  panes.addEventListener("pointerleave", () => mark("lit", pinned));
  panes.addEventListener("click", (event) => {
    const target = event.target;
    const reference = target.closest(".ref");
    const back = target.closest(".back");
    if (back) {
      event.preventDefault();
      const clause = document.getElementById(back.getAttribute("href").slice(1));
      pin(names(back));
      if (clause) {
        reveal(clause, "text");
        const beside = holders.get(names(back)[0]).find((e) => e.matches(".ref"));
        (beside || clause).focus({ preventScroll: true });
      }
      return;
    }
    if (target.closest("a, button, summary, select") && !reference) return;
    if (!reference && String(getSelection())) return;
    const clause = reference || target.closest(".clause");
    if (clause) {
      event.preventDefault();
      const found = names(clause);
      const cards = told(found);
      pin(found);
      if (cards.length) {
        reveal(cards[0], "statements");
        if (reference) cards[0].focus({ preventScroll: true });
        say(cards.length === 1 ? "1 statement of this clause is marked" : `${cards.length} statements of this clause are marked`);
      }
      return;
    }
    const card = target.closest(".card");
    if (card && names(card).length) {
      pin(names(card));
      const first = holders.get(names(card)[0]).find((e) => e.matches(".clause"));
      if (first && !small.matches) reveal(first, "text");
    }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") pin([]); });

  for (const button of all("[data-show]", panes)) button.addEventListener("click", () => show(button.dataset.show));
  for (const button of all("[data-kind]")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") === "false";
      button.setAttribute("aria-pressed", String(on));
      for (const word of all(`#text .kind-${button.dataset.kind}`)) {
        const other = document.createElement(on ? "mark" : "span");
        for (const { name, value } of word.attributes) other.setAttribute(name, value);
        other.append(...word.childNodes);
        word.replaceWith(other);
      }
    });
  }
  const select = document.getElementById("show");
  select.addEventListener("change", () => {
    for (const card of all(".card", panes)) card.hidden = Boolean(select.value) && card.dataset.form !== select.value;
    for (const group of all(".statements .group", panes)) group.hidden = !group.querySelector(".card:not([hidden])");
    const left = all(".card:not([hidden])", panes).length;
    say(left === 1 ? "1 statement" : `${left} statements`);
  });
  if (location.hash.startsWith("#s-")) {
    const card = document.getElementById(location.hash.slice(1));
    if (card) { pin(names(card)); reveal(card, "statements"); }
  }
}

// -- the flow: a value lights the bands that touch it

const flow = document.querySelector(".flow");
if (flow) {
  const touch = (id) => {
    flow.classList.toggle("some", Boolean(id));
    for (const band of all(".band", flow)) {
      band.classList.toggle("lit", band.dataset.from === id || band.dataset.to === id);
    }
  };
  flow.addEventListener("pointerover", (event) => touch(event.target.closest(".node")?.dataset.node || ""));
  flow.addEventListener("pointerleave", () => touch(""));
  flow.addEventListener("click", (event) => touch(event.target.closest(".node")?.dataset.node || ""));
}

// -- small things

for (const details of all("[data-narrow='closed']")) if (small.matches) details.open = false;
for (const button of all("[data-copy]")) {
  button.addEventListener("click", async () => {
    try {
      const answer = await fetch(button.dataset.copy);
      if (!answer.ok) throw new Error(String(answer.status));
      await navigator.clipboard.writeText(await answer.text());
      say("Copied");
    } catch {
      say("It could not be copied; the link beside it leads to it");
    }
    const words = button.textContent;
    button.textContent = document.getElementById("said").textContent.startsWith("Copied") ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  });
}
const editor = document.getElementById("sparql");
editor?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) editor.form.requestSubmit();
});
