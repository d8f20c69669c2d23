/* A reader's own studies: kept in this tab alone (dcc.Store "own-rows", session storage).

   changed - callback, when the rows changed: the page on screen is built again with them

   Buttons with data-own switch them on or off, or remove them, from the banner above every page. */
(function () {
  "use strict";

  const KEPT = "own-rows";
  const HYPOTHETICAL = "own-what-if-";
  const TABLES = ["studies", "arms", "arm_results", "contrasts"];
  let shown; // the rows with which the page on screen was built, as text

  function kept() {
    try {
      return JSON.parse(window.sessionStorage.getItem(KEPT));
    } catch (unreadable) {
      return null;
    }
  }

  function changed(rows) {
    const now = JSON.stringify(rows || null);
    const before = shown;
    shown = now;
    if (before !== undefined && before !== now) window.dash_clientside.place.again();
    return window.dash_clientside.no_update;
  }

  function without(rows, gone) {
    const left = Object.assign({}, rows);
    TABLES.forEach(function (table) {
      left[table] = (rows[table] || []).filter(function (row) {
        return !gone(String(row.study_id || ""));
      });
    });
    return left.studies.length ? left : null;
  }

  const acts = {
    on: function (rows) {
      return Object.assign({}, rows, { active: true, off: [] });
    },
    off: function (rows) {
      return Object.assign({}, rows, { active: false });
    },
    drop: function () {
      return null;
    },
    "drop-hypothetical": function (rows) {
      return without(rows, function (name) {
        return name.startsWith(HYPOTHETICAL);
      });
    },
  };

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[data-own]");
    const rows = button && kept();
    if (rows) window.dash_clientside.set_props(KEPT, { data: acts[button.dataset.own](rows) });
  });

  shown = JSON.stringify(kept());

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    own: { changed: changed, kept: kept },
  });
})();
