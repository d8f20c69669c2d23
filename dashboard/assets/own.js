/* A reader's own studies: kept in this tab alone (dcc.Store "own-rows", session storage).

   changed - callback, when the rows changed: the page on screen is built again with them
   cleared - callback, when another file is chosen: nothing of the one before stays
   differs, undone - callbacks: the way back from one column's change
   made    - callback, when the form on Compare made a trial up

   Buttons with data-own switch them on or off, or remove them, from the banner above every page. */
(function () {
  "use strict";

  const KEPT = "own-rows";
  const HYPOTHETICAL = "own-what-if-";
  const TABLES = ["studies", "arms", "arm_results", "contrasts"];
  const REMOVES = ["remove", "drop", "drop-hypothetical"];
  let before = null; // what was removed last can be brought back
  let look = false; // a hypothetical trial was added: show how the answer moved
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
    if (before !== undefined && before !== now) {
      look = madeUp(now) > madeUp(before);
      window.dash_clientside.place.again();
    }
    return window.dash_clientside.no_update;
  }

  /* The rows with a trial that was just made up; the form that makes it comes and goes, the store stays. */
  function made(rows) {
    return rows || window.dash_clientside.no_update;
  }

  /* What stood under the file before: questions, result, preview, and whether the buttons to include it are hidden. */
  function cleared() {
    return [[], [], [], true];
  }

  /* Whether a column is still read as the file says; and back to that. */
  function differs(now, was) {
    return now === was;
  }

  function undone(clicks, was) {
    return clicks ? was : window.dash_clientside.no_update;
  }

  /* Whom a typed result favours, before the trial is added: a sign is easily the wrong way round. */
  function side(value, sides) {
    const text = String(value || "").trim().replace("\u2212", "-").replace(",", ".");
    const number = Number(text);
    if (!text || !sides || !isFinite(number)) return "";
    if (number === sides.null) return text + " favours neither.";
    return text + " favours " + (number < sides.null ? sides.below : sides.above) + ".";
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.closest || !event.target.closest("#what-if input")) return;
    event.preventDefault();
    window.setTimeout(function () {
      document.getElementById("what-if-add").click(); // after the field has told what was typed last
    }, 150);
  });

  function madeUp(text) {
    return text.split('"study_id":"' + HYPOTHETICAL).length;
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
    only: function (rows) {
      return Object.assign({}, rows, { active: true, only: true });
    },
    also: function (rows) {
      return Object.assign({}, rows, { only: false });
    },
    "study-on": function (rows, name) {
      const off = (rows.off || []).filter(function (other) {
        return other !== name;
      });
      return Object.assign({}, rows, { active: true, off: off });
    },
    "study-off": function (rows, name) {
      return Object.assign({}, rows, { off: (rows.off || []).concat([name]) });
    },
    remove: function (rows, name) {
      return without(rows, function (other) {
        return other === name;
      });
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

  function keep(rows, undone) {
    before = undone;
    window.dash_clientside.set_props("own-before", { data: before });
    window.dash_clientside.set_props(KEPT, { data: rows });
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[data-own]");
    if (!button) return;
    const act = button.dataset.own;
    const rows = kept();
    if (act === "undo") {
      keep(before, null);
    } else if (rows && acts[act]) {
      keep(acts[act](rows, button.dataset.study), REMOVES.includes(act) ? rows : null);
    }
  });

  /* How the answer moved comes into view. Dash gives the hidden field of an upload no name; a screen reader needs one. */
  new MutationObserver(function () {
    const field = document.querySelector("#own-file input[type=file]:not([aria-label])");
    if (field) field.setAttribute("aria-label", "Choose a file of studies");
    const moves = look && document.getElementById("before-and-after");
    if (moves) {
      look = false;
      moves.scrollIntoView({ block: "center" });
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  shown = JSON.stringify(kept());

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    own: { changed: changed, cleared: cleared, differs: differs, kept: kept, made: made, side: side, undone: undone },
  });
})();
