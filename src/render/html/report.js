"use strict";
(() => {
  const form = document.getElementById("filter");
  const field = (id) => document.getElementById(id);
  const [words, outcome, severity, state, shown] = ["words", "outcome", "severity", "state", "shown"].map(field);
  const boxes = [...document.querySelectorAll(".exceptions, .population")].map((box) => ({
    box,
    words: box.dataset.words.toLowerCase(),
    rows: [...box.querySelectorAll("tr[data-o]")],
    texts: null,
  }));
  const criteria = [...document.querySelectorAll(".criterion")].map((section) => ({
    section,
    words: (section.querySelector("h4") || section).textContent.toLowerCase(),
    boxes: [...section.querySelectorAll(".exceptions")],
  }));
  const total = Number(shown.dataset.total);
  const held = boxes.reduce((sum, each) => sum + (each.box.matches(".population") ? each.rows.length : 0), 0);

  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    const severities = severity.value ? severity.value.split(" ") : null;
    const byRow = Boolean(wanted || outcome.value || severities);
    let count = 0;
    for (const each of boxes) {
      const whole = wanted && each.words.includes(wanted);
      if (wanted && !each.texts) each.texts = each.rows.map((row) => row.textContent.toLowerCase());
      let seen = 0;
      each.rows.forEach((row, index) => {
        const show =
          (!outcome.value || row.dataset.o === outcome.value) &&
          (!severities || severities.includes(row.dataset.s)) &&
          (!wanted || whole || each.texts[index].includes(wanted));
        if (row.hidden === show) row.hidden = !show;
        if (show) seen += 1;
      });
      each.box.hidden = byRow && seen === 0;
      if (each.box.matches(".population")) {
        count += seen;
        if (each.box.open && !byRow) each.box.open = false;
        if (byRow && seen > 0 && seen <= 50) each.box.open = true;
      }
    }
    for (const each of criteria) {
      const named = wanted && each.words.includes(wanted);
      const inside = each.boxes.some((box) => !box.hidden);
      const show = (!state.value || each.section.dataset.state === state.value) && (!byRow || named || inside);
      each.section.hidden = !show;
    }
    const part = held < total ? ` (of ${total}; the rest is in the CSV and JSON reports)` : "";
    const open = criteria.filter((each) => !each.section.hidden && each.section.id).length;
    shown.textContent = byRow || state.value
      ? `${count} of ${held} verdicts${part}, ${open} criteria`
      : `${held} verdicts${part}`;
  };

  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  form.addEventListener("reset", () => setTimeout(apply, 0));
  form.addEventListener("submit", (event) => event.preventDefault());
  field("print").addEventListener("click", () => window.print());

  // Paper shows everything, also what the filter hides; afterwards the page is as it was.
  let opened = [];
  let filtered = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    filtered = [...document.querySelectorAll("main [hidden]")];
    for (const box of opened) box.open = true;
    for (const each of filtered) each.hidden = false;
  });
  window.addEventListener("afterprint", () => {
    for (const box of opened) box.open = false;
    for (const each of filtered) each.hidden = true;
  });
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches("details")) target.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);

  form.hidden = false;
  // What a link leads to is not to end up under the filter.
  const clear = () => {
    const over = getComputedStyle(form).position === "sticky" ? form.offsetHeight : 0;
    document.documentElement.style.scrollPaddingTop = `${over + 12}px`;
  };
  new ResizeObserver(clear).observe(form);
  clear();
  apply();
  reveal();
})();
