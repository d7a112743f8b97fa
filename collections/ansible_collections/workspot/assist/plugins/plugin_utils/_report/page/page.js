// SPDX-License-Identifier: GPL-3.0-or-later
// Only the filter box, the buttons and a link that keeps the filter; everything else works without.
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const find = (id) => document.getElementById(id);
  const box = find("filter"), count = find("count"), none = find("none-left");
  const rows = Array.from(document.querySelectorAll("tbody.host"));
  const states = Array.from(document.querySelectorAll("input[name=state]"));
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase().replace(/\s+/g, " "));
    return texts.get(row);
  };
  const state = () => states.find((item) => item.checked).value;
  const shown = (row) => !row.hidden && (state() === "all" || row.classList.contains(state()));

  const apply = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = words.length > 0 && !words.every((word) => textOf(row).includes(word));
    const left = rows.filter(shown).length;
    count.textContent = `${left.toLocaleString("en")} of ${rows.length.toLocaleString("en")} hosts`;
    none.classList.toggle("on", left === 0);
    keep();
  };
  const keep = () => {
    const kept = new URLSearchParams();
    if (state() !== "all") kept.set("state", state());
    if (box.value) kept.set("q", box.value);
    const hash = kept.toString();
    if (hash === location.hash.slice(1)) return;
    try { history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search); } catch { /* in a frame */ }
  };
  const restore = () => {
    const kept = new URLSearchParams(location.hash.slice(1));
    box.value = kept.get("q") ?? "";
    (states.find((item) => item.value === kept.get("state")) ?? states[0]).checked = true;
    apply();
  };
  const unfold = (open) => {
    for (const row of rows) if (!open || shown(row)) row.querySelector("details").open = open;
  };

  let waiting = 0;
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 80); });
  for (const item of states) item.addEventListener("change", apply);
  find("unfold").addEventListener("click", () => unfold(true));
  find("fold").addEventListener("click", () => unfold(false));
  find("pool").addEventListener("click", (event) => {
    const line = event.target.closest("tbody.host > tr:first-child");
    if (!line || event.target.closest("summary") || String(getSelection())) return;
    const details = line.querySelector("details");
    details.open = !details.open;
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && document.activeElement === box) {
      box.value = "";
      apply();
    }
  });
  addEventListener("hashchange", restore);
  restore();
})();
