/* The sortable table: its program is fetched when a page shows one, and never before.

   show      - callback: from the table's description to the table
   StudyLink - the first column's cells: a link to the study's page
   AnswerLink - the same, to the address that the row names

   The table follows the page's colour scheme, and Enter opens the link of the cell that has the focus. */
(function () {
  "use strict";

  const root = document.documentElement;
  let fetched = null;

  function program(address) {
    if (window.dash_ag_grid) return Promise.resolve();
    if (!fetched) {
      fetched = new Promise(function (resolve, reject) {
        const script = document.createElement("script");
        script.src = address;
        script.onload = resolve;
        script.onerror = function () {
          fetched = null;
          reject(new Error("not loaded: " + address));
        };
        document.head.appendChild(script);
      });
    }
    return fetched;
  }

  function sentence(text) {
    return { namespace: "dash_html_components", type: "P", props: { children: text } };
  }

  function show(described) {
    return program(described.program).then(
      function () {
        return described.component;
      },
      function () {
        return sentence(
          "The sortable table could not be loaded. Reload the page, or download the list as CSV."
        );
      }
    );
  }

  function mode() {
    const dark = root.getAttribute("data-mantine-color-scheme") === "dark";
    document.body.setAttribute("data-ag-theme-mode", dark ? "dark" : "light");
  }

  function onKey(event) {
    if (event.key !== "Enter" || !event.target.classList) return;
    if (!event.target.classList.contains("ag-cell")) return;
    const link = event.target.querySelector("a[href]");
    if (link) link.click();
  }

  function onSheet(column) {
    const context = column.getColDef().context;
    return !context || context.paper !== false;
  }

  /* Paper cannot scroll: every row that the filters leave, as a plain table in the grid's place. A sheet has no room
     for every column: those that a page leaves out are named. */
  function onPaper() {
    document.querySelectorAll(".house-grid[id]").forEach(function (grid) {
      const api = window.dash_ag_grid.getApi(grid.id);
      const every = api.getAllDisplayedColumns();
      const columns = every.filter(onSheet);
      const table = document.createElement("table");
      table.className = "of-a-grid";
      const missing = every.filter(function (column) {
        return !onSheet(column);
      });
      if (missing.length) {
        const names = missing.map(function (column) {
          return api.getDisplayNameForColumn(column, "header");
        });
        table.createCaption().textContent = "On the screen and in the CSV file, too: " + names.join("; ") + ".";
      }
      const head = table.createTHead().insertRow();
      columns.forEach(function (column) {
        const cell = document.createElement("th");
        cell.textContent = api.getDisplayNameForColumn(column, "header");
        head.appendChild(cell);
      });
      const body = table.createTBody();
      api.forEachNodeAfterFilterAndSort(function (node) {
        const row = body.insertRow();
        columns.forEach(function (column) {
          const said = api.getCellValue({ rowNode: node, colKey: column, useFormatter: true });
          row.insertCell().textContent = said === null || said === undefined ? "" : said;
        });
      });
      grid.after(table);
    });
  }

  function offPaper() {
    document.querySelectorAll(".of-a-grid").forEach(function (table) {
      table.remove();
    });
  }

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    StudyLink: function (cell) {
      const address = "/study?id=" + encodeURIComponent(cell.data.study_id);
      return window.React.createElement("a", { href: address, tabIndex: -1 }, cell.value);
    },
    AnswerLink: function (cell) {
      return window.React.createElement("a", { href: cell.data.href, tabIndex: -1 }, cell.value);
    },
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, { lateGrid: { show: show } });

  new MutationObserver(mode).observe(root, { attributeFilter: ["data-mantine-color-scheme"] });
  document.addEventListener("DOMContentLoaded", mode);
  document.addEventListener("keydown", onKey);
  window.addEventListener("beforeprint", onPaper);
  window.addEventListener("afterprint", offPaper);
})();
