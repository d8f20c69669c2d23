/* Figures on the page: the colour scheme, what a screen reader meets, and the download buttons.

   Figures come from the server without the page's colours. Plotly's two ways of drawing are wrapped
   here, so that the scheme of the page (`FIGURE_SCHEMES` in theme.py) is laid over each figure's own
   template before it is drawn, and again when the reader switches. A downloaded picture is always in
   the light scheme, for slides and print.

   The drawing itself says nothing to a screen reader: it is hidden there, because the caption and
   the table beside it hold the same numbers. */
(function () {
  "use strict";

  const Plotly = window.Plotly;
  const root = document.documentElement;
  let schemes = null;

  function merged(below, above) {
    const out = Object.assign({}, below);
    Object.keys(above).forEach(function (key) {
      const a = above[key];
      const b = out[key];
      const nested = a && b && typeof a === "object" && typeof b === "object" && !Array.isArray(a);
      out[key] = nested ? merged(b, a) : a;
    });
    return out;
  }

  function template(own, name) {
    if (!schemes) schemes = JSON.parse(document.getElementById("figure-schemes").textContent);
    return merged(own || {}, schemes[name] || schemes.light);
  }

  function current() {
    return root.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light";
  }

  function element(target) {
    return typeof target === "string" ? document.getElementById(target) : target;
  }

  function quiet(target) {
    element(target).querySelectorAll("svg.main-svg").forEach(function (svg) {
      svg.setAttribute("aria-hidden", "true");
      svg.setAttribute("focusable", "false");
    });
  }

  function dressed(draw) {
    return function (target, data, layout, config) {
      let figure = data;
      if (Array.isArray(data)) figure = { data: data, layout: layout, config: config };
      const own = (figure.layout && figure.layout.template) || {};
      const dress = Object.assign({}, figure.layout, { template: template(own, current()) });
      element(target).houseTemplate = own;
      return draw
        .call(Plotly, target, Object.assign({}, figure, { layout: dress }))
        .then(function (drawn) {
          quiet(target);
          return drawn;
        });
    };
  }

  function redress() {
    document.querySelectorAll(".js-plotly-plot").forEach(function (drawn) {
      if (!drawn.houseTemplate) return;
      Plotly.relayout(drawn, { template: template(drawn.houseTemplate, current()) });
    });
  }

  function download(button) {
    const block = document.getElementById(button.dataset.figure);
    const drawn = block && block.querySelector(".js-plotly-plot");
    if (!drawn) return;
    const light = template(drawn.houseTemplate, "light");
    light.layout = Object.assign({}, light.layout, {
      paper_bgcolor: "#ffffff",
    });
    const picture = {
      data: drawn.data,
      layout: Object.assign({}, drawn.layout, { template: light, autosize: false }),
      config: { staticPlot: true },
    };
    const size = drawn.getBoundingClientRect();
    const width = 1200;
    Plotly.downloadImage(picture, {
      format: button.dataset.format,
      filename: button.dataset.name,
      width: width,
      height: Math.round(drawn.layout.height || (size.height * width) / size.width),
      scale: button.dataset.format === "png" ? 2 : 1,
    });
  }

  Plotly.newPlot = dressed(Plotly.newPlot);
  Plotly.react = dressed(Plotly.react);

  new MutationObserver(redress).observe(root, { attributeFilter: ["data-mantine-color-scheme"] });
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[data-figure]");
    if (button) download(button);
  });
})();
