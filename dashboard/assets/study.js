/* A click on a mark of the figure opens its study below, and gives it the focus.

   In a figure that has the focus, the arrow keys walk the rows of its table: each is read out, heading by heading,
   so that a reader who does not see the figure meets its rows one by one. Enter opens the study. */
(function () {
  "use strict";

  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  function open(trial) {
    const row = document.querySelector('details[data-trial="' + window.CSS.escape(trial) + '"]');
    if (!row) return;
    row.open = true;
    row.querySelector("summary").focus({ preventScroll: true });
    row.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
  }

  function show(click) {
    const point = click && click.points && click.points[0];
    if (point && point.customdata) open(String(point.customdata));
    return window.dash_clientside.no_update;
  }

  function said(block, row) {
    const heads = Array.from(block.querySelectorAll("thead th"));
    const cells = Array.from(row.children);
    return cells
      .map(function (cell, i) {
        const text = cell.textContent.trim();
        return !text ? "" : i === 0 ? text : heads[i].textContent.trim() + ": " + text;
      })
      .filter(Boolean)
      .join("; ");
  }

  document.addEventListener("keydown", function (event) {
    const drawing = event.target.closest && event.target.closest(".figure-block [data-walk]");
    if (!drawing || event.target !== drawing) return;
    const block = drawing.closest(".figure-block");
    const rows = Array.from(block.querySelectorAll("tbody tr"));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    let at = Number(drawing.dataset.walk);
    if (step && rows.length) {
      event.preventDefault();
      at = Math.min(Math.max(at + step, 0), rows.length - 1);
      drawing.dataset.walk = at;
      block.querySelector(".figure-voice").textContent =
        "Row " + (at + 1) + " of " + rows.length + ": " + said(block, rows[at]) + ".";
    } else if (event.key === "Enter" && at >= 0) {
      const rows_ = Array.from(document.querySelectorAll("details[data-trial]"));
      if (rows_[at]) open(rows_[at].dataset.trial);
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { study: { show: show } });
})();
