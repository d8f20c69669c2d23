/* Figures on the page: the colour scheme, what a screen reader meets, and their pictures.

   Figures come from the server without the page's colours. Plotly's two ways of drawing are wrapped
   here, so that the scheme of the page (`FIGURE_SCHEMES` in theme.py) is laid over each figure's own
   template before it is drawn, and again when the reader switches. A downloaded picture is always in
   the light scheme, for slides and print, with its title above and where it comes from below.

   The drawing itself says nothing to a screen reader: it is hidden there, because the caption and
   the table beside it hold the same numbers. */
(function () {
  "use strict";

  const Plotly = window.Plotly;
  const root = document.documentElement;
  let schemes = null;
  let onPaper = false; // which is white, whatever the screen is

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
    return !onPaper && root.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light";
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
      element(target).houseScheme = current();
      return draw
        .call(Plotly, target, Object.assign({}, figure, { layout: dress }))
        .then(function (drawn) {
          quiet(target);
          return drawn;
        });
    };
  }

  function redress(drawn) {
    const name = current();
    if (!drawn.houseTemplate || drawn.houseScheme === name) return;
    drawn.houseScheme = name;
    Plotly.relayout(drawn, { template: template(drawn.houseTemplate, name) });
  }

  function figures() {
    return Array.from(document.querySelectorAll(".js-plotly-plot"));
  }

  function onScreen(drawn) {
    const box = drawn.getBoundingClientRect();
    return box.height > 0 && box.bottom > 0 && box.top < window.innerHeight;
  }

  /* What is looked at changes at once; the rest one by one, so that the page answers in between. */
  function switched() {
    const waiting = figures().filter(function (drawn) {
      const now = onScreen(drawn);
      if (now) redress(drawn);
      return !now;
    });
    (function next() {
      const drawn = waiting.shift();
      if (!drawn) return;
      setTimeout(function () {
        if (drawn.isConnected) redress(drawn);
        next();
      }, 0);
    })();
  }

  function printing(begun) {
    onPaper = begun;
    figures().forEach(redress);
  }

  /* Lines that fit a width: plotly does not break text by itself. */
  function broken(text, width, font) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = font;
    return text.split(/\s+/).reduce(
      function (lines, word) {
        const longer = (lines[lines.length - 1] + " " + word).trim();
        if (pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
        else lines.push(word);
        return lines;
      },
      [""],
    );
  }

  function plainText(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  }

  function written(lines, font, place) {
    return Object.assign(
      { xref: "paper", yref: "paper", x: 0, xanchor: "left", align: "left", showarrow: false },
      { text: lines.map(plainText).join("<br>"), font: font },
      place,
    );
  }

  /* The layout of a picture that leaves the page: room above for its title, below for its source. */
  function framed(layout, title, said, width) {
    const version = document.getElementById("data-version");
    const source =
      (said ? said + " " : "") +
      "Published figures, pooled by a stated method. " +
      (version ? version.textContent + " " : "") +
      "Reopen at " + window.location.href + ". Not medical advice.";
    const margin = Object.assign({ t: 8, b: 8, l: 8, r: 8 }, layout.margin);
    const inside = width - 56;
    const head = broken(title, inside, "bold 18px Arial, Helvetica, sans-serif");
    const foot = broken(source, inside, "12px Arial, Helvetica, sans-serif");
    const above = 24 * head.length + 20;
    const below = 16 * foot.length + 24;
    return {
      added: above + below,
      layout: Object.assign({}, layout, {
        margin: { l: 28, r: 28, t: margin.t + above, b: margin.b + below },
        annotations: (layout.annotations || []).concat(
          written(head, { size: 18, weight: "bold" }, { y: 1, yanchor: "bottom", yshift: margin.t + 6 }),
          written(foot, { size: 12 }, { y: 0, yanchor: "top", yshift: -(margin.b + 8) }),
        ),
      }),
    };
  }

  /* The shape of a slide: wide enough for the columns, and as much wider as the height asks for. */
  const SLIDE = { width: 880, across: 16, down: 9, pixels: 1920 };

  /* The figure that is on screen, framed: as it is, or filling the shape of a slide. */
  function asShown(drawn, title, said, slide) {
    const light = template(drawn.houseTemplate, "light");
    light.layout = Object.assign({}, light.layout, { paper_bgcolor: "#ffffff" });
    const size = drawn.getBoundingClientRect();
    let width = slide ? SLIDE.width : size.width < 700 ? 640 : 1200; // a phone's has no columns to spread
    let frame = framed(drawn.layout, title, said, width);
    let height = Math.round(size.height) + frame.added;
    if (slide) {
      width = Math.max(width, Math.ceil(height / SLIDE.down) * SLIDE.across);
      frame = framed(drawn.layout, title, said, width);
      height = (width / SLIDE.across) * SLIDE.down;
    }
    return {
      figure: {
        data: drawn.data,
        layout: Object.assign(frame.layout, { template: light, autosize: false }),
      },
      width: width,
      height: height,
      pixels: slide ? SLIDE.pixels : 2 * width,
    };
  }

  /* The figure laid out for a size by the server, which knows how long its texts are. */
  function asSized(address, size) {
    return window.takeAway
      .ask(address.replace("{size}", size))
      .then(function (response) {
        return response.json();
      })
      .then(function (figure) {
        figure.layout.template = template(figure.layout.template, "light");
        const layout = figure.layout;
        return { figure: figure, width: layout.width, height: layout.height, pixels: layout.meta.pixels };
      });
  }

  /* A picture with studies that nobody has published says so in its name, too. */
  function ownMark() {
    const version = document.getElementById("data-version");
    const own = version && /\+own-\S*/.exec(version.textContent);
    if (!own) return "";
    return own[0].indexOf("-hypothetical") > 0 ? "-hypothetical" : "-with-own-studies";
  }

  function download(button) {
    const block = window.takeAway.figure();
    const drawn = block && block.querySelector(".js-plotly-plot");
    if (!drawn) return;
    const about = block.dataset;
    const size = button.parentElement.querySelector(".picture-size").value;
    const png = button.dataset.picture === "png";
    const name = about.name + (size ? "-" + size : "") + ownMark();
    window.takeAway.patiently(button, function () {
      const made =
        size && about.sized
          ? asSized(about.sized, size)
          : Promise.resolve(asShown(drawn, about.title, about.foot, Boolean(size)));
      return made
        .then(function (picture) {
          picture.figure.config = { staticPlot: true };
          return Plotly.downloadImage(picture.figure, {
            format: button.dataset.picture,
            filename: name,
            width: picture.width,
            height: picture.height,
            // a hair more than the ratio: rounding down would cost a row of pixels
            scale: png ? (picture.pixels + 0.01) / picture.width : 1,
          });
        })
        .then(function () {
          return name + "." + button.dataset.picture + " is ready.";
        });
    });
  }

  Plotly.newPlot = dressed(Plotly.newPlot);
  Plotly.react = dressed(Plotly.react);

  new MutationObserver(switched).observe(root, { attributeFilter: ["data-mantine-color-scheme"] });
  window.addEventListener("beforeprint", function () {
    printing(true);
  });
  window.addEventListener("afterprint", function () {
    printing(false);
  });
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[data-picture]");
    if (button) download(button);
  });
})();
