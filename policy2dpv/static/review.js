// What the review does beyond its pages: decisions without leaving the place, words that open their
// reading, other words that open the form for adding. All of it can be done without, by the forms.
"use strict";

{
  const desk = () => document.getElementById("desk");
  const statements = () => document.getElementById("statements");
  const readings = (names) => names.map((name) => document.getElementById(name)).filter(Boolean);
  const near = matchMedia("(max-width: 60rem)");

  // -- words and readings show each other

  const light = (found) => {
    for (const element of all(".lit", desk())) element.classList.remove("lit");
    for (const element of found) element.classList.add("lit");
  };
  const marksOf = (name) => all(".mark", desk()).filter((mark) => mark.dataset.r.split(" ").includes(name));
  const see = (element, within) => {
    if (!element) return;
    element.closest("details:not([open])")?.setAttribute("open", "");
    const box = element.getBoundingClientRect();
    if (within && !near.matches) {
      const frame = within.getBoundingClientRect();
      if (box.top < frame.top + 60 || box.bottom > frame.bottom - 20) within.scrollBy(0, box.top - frame.top - frame.height / 3);
    } else {
      element.scrollIntoView({ block: "center" });
    }
  };

  document.addEventListener("click", (event) => {
    const mark = event.target.closest?.(".mark[data-r]");
    if (mark && !event.defaultPrevented && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      const found = readings(mark.dataset.r.split(" "));
      if (!found.length) return;
      event.preventDefault();
      light([...found, mark]);
      see(found[0], statements());
      found[0].focus({ preventScroll: true });
      say(found.length === 1 ? "1 reading of these words" : `${found.length} readings of these words`);
    }
  });
  document.addEventListener("click", (event) => {
    const back = event.target.closest?.(".to-text");
    const mark = back && document.getElementById(back.getAttribute("href").slice(1));
    if (!mark) return;
    event.preventDefault();
    see(mark, document.getElementById("text"));
    mark.focus({ preventScroll: true });
  });
  document.addEventListener("focusin", (event) => {
    const reading = event.target.closest?.(".reading");
    if (!reading || reading.classList.contains("lit")) return;
    const marks = marksOf(reading.id);
    light([reading, ...marks]);
    if (!near.matches) see(marks[0], document.getElementById("text"));
  });

  // -- a decision: the form is sent and what has changed on the page comes back

  let problem = null;
  const tell = (words) => {
    problem?.remove();
    problem = document.createElement("p");
    problem.className = "fault problem";
    problem.setAttribute("role", "alert");
    problem.textContent = words;
    document.getElementById("desk-head").prepend(problem);
    problem.scrollIntoView({ block: "nearest" });
  };
  const take = (page) => {
    const ids = (root) => all(".reading, .card", root).map((element) => element.id).join();
    const whole = ids(page) !== ids(document);
    const old = whole ? [desk()] : all(".reading, .also, .whole, .adding", desk());
    for (const head of ["desk-head"]) document.getElementById(head).replaceWith(page.getElementById(head));
    if (whole) {
      const [text, said] = [document.getElementById("text").scrollTop, statements().scrollTop];
      old[0].replaceWith(page.getElementById("desk"));
      document.getElementById("text").scrollTop = text;
      statements().scrollTop = said;
      return;
    }
    for (const reading of all(".reading", desk())) {
      const other = page.getElementById(reading.id);
      if (reading.dataset.state !== other.dataset.state || reading.textContent !== other.textContent) reading.replaceWith(other);
    }
    for (const card of all(".card[id]", desk())) {
      const other = page.getElementById(card.id);
      for (const part of [".also", ".whole"]) {
        const [now, then] = [card.querySelector(part), other.querySelector(part)];
        if (now && then) now.replaceWith(then);
        else now?.remove();
      }
    }
    const marks = all(".mark", page);
    all(".mark", desk()).forEach((mark, at) => {
      mark.dataset.state = marks[at].dataset.state;
      mark.title = marks[at].title;
    });
  };
  const wordsOf = { accept: "Accepted", reject: "Rejected", replace: "Replaced", add: "Added", sign: "Your name is noted", "": "Taken back" };
  const send = async (form, button) => {
    const fields = new URLSearchParams(new FormData(form));
    fields.set("decision", button.value);
    const at = button.closest(".reading, .card")?.id;
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) {
      tell(page.querySelector("main .lead")?.textContent || `That did not work (${answer.status}).`);
      return;
    }
    problem?.remove();
    take(page);
    const added = button.value === "add" ? new URL(answer.url).hash.slice(1) : "";
    const place = document.getElementById(added || at || "");
    if (added) { light([place, ...marksOf(added)].filter(Boolean)); see(place, statements()); }
    const again = place?.querySelector(`.decide [value="${button.value}"]`);
    (again || place || document.getElementById("who")).focus({ preventScroll: Boolean(place) });
    say(`${wordsOf[button.value]}. ${document.getElementById("count-line").textContent.trim()}`);
  };
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "decision") return;
    event.preventDefault();
    send(event.target, button).catch(() => tell("The server does not answer; nothing was decided."));
  });

  // -- keys on a reading: a accepts, r rejects, n goes to the next that is open

  document.addEventListener("keydown", (event) => {
    const reading = event.target.closest?.(".reading");
    if (!reading || event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const press = { a: "accept", r: "reject" }[event.key];
    if (press) reading.querySelector(`.decide [value="${press}"]`)?.click();
    if (event.key === "n") {
      const list = all(".reading", desk());
      const at = list.indexOf(reading) + 1;
      const next = [...list.slice(at), ...list.slice(0, at)].find((other) => ["open", "again"].includes(other.dataset.state));
      if (next) { see(next, statements()); next.focus({ preventScroll: true }); } else say("All is decided");
    }
  });

  // -- words that nobody read: chosen in the text, they stand in the form for adding

  const LETTER = /[\p{L}\p{N}_]/u;
  const whole = (range) => {
    const grow = (node, at, step) => {
      const text = node.data ?? "";
      while (step < 0 ? at > 0 && LETTER.test(text[at - 1]) : at < text.length && LETTER.test(text[at])) at += step;
      return at;
    };
    if (range.startContainer.nodeType === Node.TEXT_NODE) range.setStart(range.startContainer, grow(range.startContainer, range.startOffset, -1));
    if (range.endContainer.nodeType === Node.TEXT_NODE) range.setEnd(range.endContainer, grow(range.endContainer, range.endOffset, 1));
    return range;
  };
  const choose = () => {
    const chosen = getSelection();
    if (!chosen.rangeCount) return;
    const range = whole(chosen.getRangeAt(0).cloneRange());
    const holder = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".desk .text [data-s]");
    const first = holder(range.startContainer);
    if (!first) return;
    const parts = all(`.text [data-s="${CSS.escape(first.dataset.s)}"]`, desk());
    const last = parts[parts.length - 1];
    if (holder(range.endContainer)?.dataset.s !== first.dataset.s) range.setEndAfter(last);
    const quote = range.toString().trim();
    if (!quote) return;
    const before = document.createRange();
    before.setStartBefore(parts[0]);
    before.setEnd(range.startContainer, range.startOffset);
    const form = document.querySelector("#add form");
    form.elements.quote.value = quote.replace(/\s+/g, " ");
    form.elements.segment.value = first.dataset.s;
    form.elements.before.value = before.toString();
    document.getElementById("clause-shown").textContent = `In: ${parts.map((part) => part.textContent).join(" ").replace(/\s+/g, " ")}`;
    document.getElementById("add").open = true;
    if (near.matches) document.getElementById("add").scrollIntoView({ block: "start" });
    form.elements.term.focus({ preventScroll: true });
    say(`To add: ${quote}`);
  };
  let down = null;
  document.addEventListener("pointerdown", (event) => { down = event.target.closest?.(".desk .text .words") ? event.target : null; });
  document.addEventListener("pointerup", (event) => {
    const started = down;
    down = null;
    if (!started || event.button !== 0) return;
    const word = event.target.closest?.(".mark");
    setTimeout(() => { if (!(word && getSelection().isCollapsed)) choose(); }, 0);
  });
  document.addEventListener("input", (event) => {
    if (event.target.name === "quote" && event.target.closest("#add")) {
      event.target.form.elements.segment.value = "";
      event.target.form.elements.before.value = "";
      document.getElementById("clause-shown").textContent = "";
    }
  });

  // -- the terms that a kind may have, fetched when somebody is about to choose one

  const offer = async (field) => {
    const kind = field.form.elements.kind?.value || field.dataset.kindOf;
    const id = `terms-${kind}`;
    let list = document.getElementById(id);
    if (!list) {
      list = document.createElement("datalist");
      list.id = id;
      document.body.append(list);
    }
    field.setAttribute("list", id);
    if (list.childElementCount) return;
    const answer = await fetch(`/review/terms?kind=${encodeURIComponent(kind)}`);
    if (!answer.ok || list.childElementCount) return;
    list.append(...(await answer.json()).map(([term, label]) => {
      const option = document.createElement("option");
      option.value = term;
      option.label = label;
      return option;
    }));
  };
  document.addEventListener("focusin", (event) => { if (event.target.matches?.("[data-kind-of]")) offer(event.target); });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-kind-choice]")) { event.target.form.elements.term.value = ""; offer(event.target.form.elements.term); }
  });
}
