/* A click on a mark of the figure opens its study below, and gives it the focus. */
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

  window.dash_clientside = Object.assign({}, window.dash_clientside, { study: { show: show, open: open } });
})();
