/* Tables of hundreds of rows, built from texts and links at once (see components/long_table.py).

   draw - callback: from the description to the table inside its place; returns the number of rows */
(function () {
  "use strict";

  function element(name, text, attributes) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    Object.entries(attributes || {}).forEach(function (pair) {
      made.setAttribute(pair[0], pair[1]);
    });
    return made;
  }

  function link(cell) {
    const outside = /^https?:/.test(cell.href);
    const more = outside ? { rel: "noopener noreferrer", target: "_blank" } : {};
    return element("a", cell.text, Object.assign({ href: cell.href }, more));
  }

  function line(cells) {
    const row = document.createElement("tr");
    cells.forEach(function (cell, at) {
      const made = at ? element("td") : element("th", "", { scope: "row" });
      made.append(typeof cell === "string" ? cell : link(cell));
      row.append(made);
    });
    return row;
  }

  function table(described) {
    const made = document.createElement("table");
    const head = document.createElement("tr");
    described.columns.forEach(function (name) {
      head.append(element("th", name, { scope: "col" }));
    });
    const top = document.createElement("thead");
    const body = document.createElement("tbody");
    top.append(head);
    body.append(...described.rows.map(line));
    made.append(element("caption", described.caption), top, body);
    return made;
  }

  function draw(described) {
    const id = window.dash_clientside.callback_context.outputs_list.id;
    const name = JSON.stringify(id, Object.keys(id).sort());
    document.getElementById(name).replaceChildren(table(described));
    return String(described.rows.length);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { longTable: { draw: draw } });
})();
