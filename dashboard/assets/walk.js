/* A figure that has the focus is walked row by row, so that a reader who does not see it meets what it shows.

   The arrow keys, Home and End move through the rows of its table; each is read out by the live region below the
   drawing: its name, then heading by heading what the block asks to be spoken. A pooled result is announced as one.
   Enter opens the row: the study on this page, or the answer that the row links to. Escape leaves the rows. */
(function () {
  "use strict";

  function numbers(list) {
    return list ? list.split(" ").map(Number) : null;
  }

  function said(drawing, heads, row) {
    const cells = Array.from(row.children);
    const spoken = numbers(drawing.dataset.spoken) || cells.map((cell, i) => i);
    return spoken
      .map(function (i) {
        const text = cells[i].textContent.trim();
        return !text ? "" : i === 0 ? text : heads[i].textContent.trim() + ": " + text;
      })
      .filter(Boolean)
      .join("; ");
  }

  function wanted(key, at, rows) {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows - 1 }[key];
    return to === undefined ? null : Math.min(Math.max(to, 0), rows - 1);
  }

  function open(row, at) {
    const studies = document.querySelectorAll("details[data-trial]");
    const link = row.querySelector("a[href]");
    if (link) link.click();
    else if (studies[at]) window.dash_clientside.study.open(studies[at].dataset.trial);
  }

  document.addEventListener("keydown", function (event) {
    const drawing = event.target;
    if (!drawing.matches || !drawing.matches(".figure-block [data-walk]")) return;
    const block = drawing.closest(".figure-block");
    const rows = Array.from(block.querySelectorAll("tbody tr"));
    const voice = block.querySelector(".figure-voice");
    const at = Number(drawing.dataset.walk);
    const to = rows.length ? wanted(event.key, at, rows.length) : null;
    if (to !== null) {
      event.preventDefault();
      drawing.dataset.walk = to;
      const pooled = (numbers(drawing.dataset.pooled) || []).includes(to) ? ", pooled result: " : ": ";
      const heads = block.querySelectorAll("thead th");
      voice.textContent = "Row " + (to + 1) + " of " + rows.length + pooled + said(drawing, heads, rows[to]) + ".";
    } else if (event.key === "Escape" && at >= 0) {
      drawing.dataset.walk = -1;
      voice.textContent = "Left the rows.";
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      open(rows[at], at);
    }
  });
})();
