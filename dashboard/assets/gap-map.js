/* Figures whose marks lead somewhere (the map of gaps, the graph of a network): a click on a mark follows the link
   that the table beside it holds. */
(function () {
  "use strict";

  function open(click) {
    const point = click && click.points && click.points[0];
    if (point && point.customdata) {
      const link = document.createElement("a");
      const to = String(point.customdata);
      link.href = to.startsWith("/") ? to : "/compare?" + to;
      link.hidden = true;
      document.body.appendChild(link);
      link.click(); // as any link: place.js keeps the document
      link.remove();
    }
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { gapMap: { open: open } });
})();
