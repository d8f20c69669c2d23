/* The published site: figures, menus, tables, search, colours. No request is made; everything is in the page.

   A figure's description stands in its place on the page; on a phone another one may. It is drawn when it can be
   seen. An address of the live dashboard is looked up in addresses.js, which is fetched when one is met. */
(function () {
  "use strict";

  const root = document.documentElement;
  const up = root.dataset.up;
  const narrow = window.matchMedia("(max-width: 55.99em)");
  const described = new Map();

  // --- figures ----------------------------------------------------------------------------------
  function draw(place) {
    const held = described.get(place);
    const figure = (narrow.matches && held.narrow) || held.wide;
    if (held.drawn === figure || !place.getClientRects().length) return;
    held.drawn = figure;
    place.style.height = figure.layout.height ? figure.layout.height + "px" : "";
    const plot = place.firstElementChild;
    window.Plotly.newPlot(plot, figure.data, figure.layout, held.config).then(function () {
      plot.removeAllListeners("plotly_click");
      plot.on("plotly_click", clicked);
    });
  }

  function clicked(click) {
    const marked = String((click.points && click.points[0] && click.points[0].customdata) || "");
    const leads = marked.startsWith("/") || marked.includes("=");
    window.dash_clientside[leads ? "gapMap" : "study"][leads ? "open" : "show"](click);
  }

  const near = new IntersectionObserver(
    function (seen) {
      seen.forEach(function (one) {
        if (one.isIntersecting) draw(one.target);
      });
    },
    { rootMargin: "600px" },
  );

  function all() {
    described.forEach(function (held, place) {
      draw(place);
    });
  }

  document.querySelectorAll(".dash-graph").forEach(function (place) {
    described.set(place, JSON.parse(place.textContent));
    place.replaceChildren(document.createElement("div"));
    place.firstElementChild.style.height = "100%";
    near.observe(place);
  });
  narrow.addEventListener("change", all);
  window.addEventListener("beforeprint", all);

  // --- addresses of the live dashboard ------------------------------------------------------------
  function plain(address) {
    const parts = address.split("?");
    const asked = new URLSearchParams(parts[1] || "");
    asked.delete("v");
    asked.sort();
    return (parts[0].replace(/(.)\/$/, "$1") || "/") + "?" + asked;
  }

  function known(then) {
    if (window.siteAddresses) return then(window.siteAddresses);
    const script = document.createElement("script");
    script.src = up + "assets/addresses.js";
    script.onload = function () {
      const spelled = {};
      Object.keys(window.siteAddresses).forEach(function (address) {
        spelled[plain(address)] = window.siteAddresses[address];
      });
      window.siteAddresses = spelled;
      then(spelled);
    };
    document.head.appendChild(script);
  }

  function live(address) {
    return root.dataset.live ? root.dataset.live + address : up + "live/index.html#" + address;
  }

  function open(address, replace) {
    known(function (files) {
      const file = files[plain(address)];
      const to = file ? up + file : live(address);
      if (replace) window.location.replace(to);
      else window.location.assign(to);
    });
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest('a[href^="/"]');
    if (!link) return;
    event.preventDefault();
    open(link.getAttribute("href"), false);
  });

  const here = root.dataset.path;
  if (here && window.location.search.length > 1) open(here + window.location.search, true);

  // --- menus, colours ---------------------------------------------------------------------------
  document.addEventListener("change", function (event) {
    if (event.target.matches("select[data-menu]")) window.location.assign(event.target.value);
  });
  window.addEventListener("pageshow", function () {
    // Back: the browser would keep the entry that led away
    document.querySelectorAll("select[data-menu]").forEach(function (menu) {
      Array.from(menu.options).forEach(function (entry) {
        entry.selected = entry.defaultSelected;
      });
    });
  });

  const toggle = document.getElementById("scheme-toggle");
  if (toggle)
    toggle.addEventListener("click", function () {
      const dark = root.getAttribute("data-mantine-color-scheme") === "dark";
      root.setAttribute("data-mantine-color-scheme", dark ? "light" : "dark");
      try {
        localStorage.setItem("mantine-color-scheme-value", dark ? "light" : "dark");
      } catch (blocked) {}
    });

  // --- tables and search ------------------------------------------------------------------------
  function words(text) {
    return text.toLowerCase().split(/\s+/).filter(Boolean);
  }

  function fits(element, wanted) {
    const text = element.textContent.toLowerCase();
    return wanted.every(function (word) {
      return text.includes(word);
    });
  }

  function sortable(table) {
    table.querySelectorAll("thead th").forEach(function (head, column) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", function () {
        const down = head.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("th[aria-sort]").forEach(function (other) {
          other.removeAttribute("aria-sort");
        });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = Array.from(body.rows).sort(function (a, b) {
          const order = a.cells[column].textContent.localeCompare(b.cells[column].textContent, "en", { numeric: true });
          return down ? -order : order;
        });
        body.replaceChildren.apply(body, rows);
      });
    });
  }

  document.querySelectorAll(".sorted-table").forEach(function (block) {
    const table = block.querySelector("table");
    const said = block.querySelector("[data-count]");
    sortable(table);
    block.querySelector("[data-filter]").addEventListener("input", function () {
      const wanted = words(this.value);
      const rows = Array.from(table.tBodies[0].rows);
      rows.forEach(function (row) {
        row.hidden = !fits(row, wanted);
      });
      const left = rows.filter(function (row) {
        return !row.hidden;
      }).length;
      said.textContent = wanted.length ? left + " of " + rows.length + " rows" : "";
    });
  });

  const search = document.getElementById("search");

  function find() {
    const wanted = words(search.value);
    let shown = 0;
    document.querySelectorAll("#content section").forEach(function (group) {
      let some = 0;
      group.querySelectorAll("li").forEach(function (entry) {
        entry.hidden = !fits(entry, wanted);
        some += entry.hidden ? 0 : 1;
      });
      group.hidden = !some;
      shown += some;
    });
    document.getElementById("search-said").textContent =
      shown + (shown === 1 ? " page" : " pages") + (wanted.length ? " with these words" : "");
  }

  if (search) {
    search.addEventListener("input", find);
    // what a reader typed before this ran stays
    search.value = search.value || decodeURIComponent(window.location.hash.slice(1));
    find();
    search.focus();
  }

  const asked = document.getElementById("live-address");
  if (asked && window.location.hash) {
    const address = window.location.hash.slice(1);
    const link = document.getElementById("live-link");
    asked.textContent = address;
    if (link) link.href = root.dataset.live + address;
  }
})();
