/* Time course: the lines of one trial stand out while a reader points at it, in the figure or in the list, or has
   the focus on it; a pressed button keeps them so. The traces carry their trial as `meta`. */
(function () {
  "use strict";

  const FAINT = 0.13;

  function drawing() {
    return document.querySelector("#time-course .js-plotly-plot");
  }

  function kept() {
    const button = document.querySelector('[data-course][aria-pressed="true"]');
    return button ? button.dataset.course : null;
  }

  function show(trial) {
    const plot = drawing();
    if (!plot || !plot.data) return;
    const wanted = trial || kept();
    const known = plot.data.some(function (trace) { return trace.meta === wanted; });
    const mine = function (trace) { return !known || trace.meta === wanted; };
    window.Plotly.restyle(plot, {
      opacity: plot.data.map(function (trace) { return mine(trace) ? 1 : FAINT; }),
      "line.width": plot.data.map(function (trace) { return known && mine(trace) ? 3.5 : 2; }),
    });
  }

  function entry(target) {
    const item = target.closest && target.closest(".course-list li");
    return item ? item.querySelector("[data-course]") : null;
  }

  function attach(plot) {
    if (plot.courseHover || !plot.on) return;
    plot.courseHover = true;
    plot.on("plotly_hover", function (event) {
      show(plot.data[event.points[0].curveNumber].meta);
    });
    plot.on("plotly_unhover", function () { show(null); });
  }

  function pointed(event) {
    const plot = event.target.closest && event.target.closest("#time-course .js-plotly-plot");
    if (plot) attach(plot);
    const button = entry(event.target);
    if (button) show(button.dataset.course);
  }

  function left(event) {
    const to = event.relatedTarget;
    if (entry(event.target) && !(to && entry(to))) show(null);
  }

  document.addEventListener("mouseover", pointed);
  document.addEventListener("focusin", pointed);
  document.addEventListener("mouseout", left);
  document.addEventListener("focusout", left);
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("[data-course]");
    if (!button) return;
    const keep = button.getAttribute("aria-pressed") !== "true";
    document.querySelectorAll("[data-course]").forEach(function (other) {
      other.setAttribute("aria-pressed", String(keep && other === button));
    });
    show(keep ? button.dataset.course : null);
  });
})();
