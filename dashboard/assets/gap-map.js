/* The map of evidence gaps: a click on a mark follows the link that the table beside it holds. */
(function () {
  "use strict";

  function open(click) {
    const point = click && click.points && click.points[0];
    if (point && point.customdata) {
      const link = document.createElement("a");
      link.href = "/compare?" + point.customdata;
      link.hidden = true;
      document.body.appendChild(link);
      link.click(); // as any link: place.js keeps the document
      link.remove();
    }
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { gapMap: { open: open } });
})();
