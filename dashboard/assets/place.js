/* The address is the state: this file watches it, and is the only one that writes to the history.

   start    - callback, once: where the reader is; from then on links, Back and Forward report here
   again    - for own.js: the same page once more, because what it is built from changed
   remember - callback, when the page's Question changed: keeps it in the address
   arrived  - callback, when a page was built: window title, focus, scroll position

   A changed control becomes an entry of the history, so that Back undoes it. A page that was just
   built only puts its address into canonical form. */
(function () {
  "use strict";

  const NARROW = "(max-width: 55.99em)"; // below it, a figure has no room for side columns
  const LONG = 2500; // parts; where as many are built in the place of others, Dash looks through all for each of them
  let shown = null; // the address that the page on screen stands for
  let builtNarrow = null; // whether it was built for a narrow window
  let byLink = false; // the reader followed a link: start at the top of the new page
  let first = true; // the browser looks for the fragment before there is a page

  function here() {
    return {
      path: window.location.pathname,
      query: window.location.search.slice(1),
      narrow: window.matchMedia(NARROW).matches,
    };
  }

  function address(place) {
    return place.query ? place.path + "?" + place.query : place.path;
  }

  function go() {
    const place = here();
    shown = address(place);
    builtNarrow = place.narrow;
    window.dash_clientside.set_props("place", { data: place });
  }

  /* Whether a new document comes sooner than the same page built again: it took ten seconds on the longest. */
  function long() {
    return document.querySelectorAll("#content *").length > LONG;
  }

  function again() {
    if (long()) window.location.reload();
    else go();
  }

  function onHistory() {
    if (address(here()) !== shown) go(); // a change of the fragment alone is the browser's business
  }

  function pagePaths() {
    return (document.documentElement.dataset.pages || "").split(" ");
  }

  function onClick(event) {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    const link = event.target.closest && event.target.closest("a[href]");
    if (!link || !plain || event.altKey || event.defaultPrevented) return;
    if (link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href, window.location.href);
    if (url.origin !== window.location.origin || !pagePaths().includes(url.pathname)) return;
    const same = url.pathname + url.search === window.location.pathname + window.location.search;
    if (same && url.hash) return;
    if (url.pathname === window.location.pathname && long()) return;
    event.preventDefault();
    if (!same) window.history.pushState(null, "", url.href);
    byLink = true;
    go();
  }

  /* Paper is narrow for a moment, too: what counts is the width once that is over. */
  function onWidth() {
    window.setTimeout(function () {
      if (here().narrow !== builtNarrow && !window.matchMedia("print").matches) onOtherWidth();
    }, 0);
  }

  function onOtherWidth() {
    builtNarrow = here().narrow;
    // a page without figures that holds the reader's work is not built again
    if (!document.querySelector("#content [data-holds-work]")) again();
  }

  function start() {
    window.addEventListener("popstate", onHistory);
    document.addEventListener("click", onClick);
    window.matchMedia(NARROW).addEventListener("change", onWidth);
    const place = here();
    shown = address(place);
    builtNarrow = place.narrow;
    return place;
  }

  function remember(question) {
    if (!question) return window.dash_clientside.no_update;
    const wanted = address({ path: window.location.pathname, query: question.query });
    document.querySelectorAll("nav a[data-carries]").forEach(function (link) {
      link.search = question.query; // the views of a question keep it
    });
    if (wanted !== address(here())) {
      const push = question.history === "push";
      const full = push ? wanted : wanted + window.location.hash;
      window.history[push ? "pushState" : "replaceState"](null, "", full);
      shown = wanted;
    }
    window.dash_clientside.set_props("trouble", { children: [] });
    [80, 600].forEach(function (soon) {
      window.setTimeout(entitle, soon); // after the heading has changed
    });
    return wanted;
  }

  function entitle() {
    // a view of a question is called by its heading, in bookmarks and in the history
    const heading = document.querySelector("#content h1");
    if (!heading || !document.querySelector("nav .nav-link[aria-current][data-carries]")) return;
    const site = document.title.split(" | ").pop();
    document.title = heading.textContent + " | " + site;
  }

  function arrived(arrival) {
    document.title = arrival.title;
    window.setTimeout(entitle, 80);
    document.querySelectorAll("nav [aria-current]").forEach(function (link) {
      link.parentElement.scrollLeft = link.offsetLeft - 24; // on a phone, show where one is
    });
    window.dash_clientside.set_props("trouble", { children: [] });
    const toFragment = first && window.location.hash;
    first = false;
    if (byLink || toFragment) {
      byLink = false;
      window.requestAnimationFrame(function () {
        const target = window.location.hash
          ? document.getElementById(window.location.hash.slice(1))
          : null;
        const heading = document.querySelector("#content h1");
        if (heading) heading.focus({ preventScroll: true });
        if (target) target.scrollIntoView();
        else window.scrollTo(0, 0);
      });
    }
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    place: { start: start, again: again, remember: remember, arrived: arrived },
  });
})();
