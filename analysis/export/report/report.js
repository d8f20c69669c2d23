/* Draws the figures of a report: the narrow form on phones, colours as the reader's scheme has them, and for
   paper the wide form in ink on white. */
(function () {
  "use strict";

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const phone = window.matchMedia("(max-width: 47.99em)");
  const paper = window.matchMedia("print");
  const PAPER_WIDTH = 1040; /* pixels; the style sheet shrinks them to the page */
  const config = {
    showSendToCloud: false,
    displaylogo: false,
    displayModeBar: false,
    scrollZoom: false,
    responsive: false,
  };

  function ink(printing) {
    const style = window.getComputedStyle(document.documentElement);
    const named = function (name) {
      return style.getPropertyValue(name).trim();
    };
    return printing
      ? { ink: "#1b2026", faint: "#d9dde1", ground: "#ffffff" }
      : { ink: named("--ink"), faint: named("--line"), ground: named("--ground") };
  }

  function template(colours) {
    const axis = {
      color: colours.ink,
      gridcolor: colours.faint,
      linecolor: colours.ink,
      tickcolor: colours.ink,
      zerolinecolor: colours.ink,
    };
    return {
      layout: {
        font: { color: colours.ink },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        xaxis: axis,
        yaxis: axis,
        hoverlabel: { bgcolor: colours.ground, bordercolor: colours.ink, font: { color: colours.ink } },
      },
    };
  }

  function draw(element, printing) {
    const forms = JSON.parse(document.getElementById(element.dataset.figure).textContent);
    const form = phone.matches && !printing ? forms.narrow : forms.wide;
    const width = printing ? PAPER_WIDTH : element.parentElement.clientWidth;
    const layout = Object.assign({}, form.layout, {
      template: template(ink(printing)),
      width: width,
      autosize: false,
    });
    element.style.height = layout.height + "px";
    window.Plotly.react(element, form.data, layout, config);
  }

  function drawAll(printing) {
    document.querySelectorAll(".plot").forEach(function (element) {
      draw(element, printing);
    });
  }

  let waiting = 0;
  window.addEventListener("resize", function () {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(function () {
      if (!paper.matches) drawAll(false);
    }, 120);
  });
  dark.addEventListener("change", function () {
    if (!paper.matches) drawAll(false);
  });
  paper.addEventListener("change", function (event) {
    drawAll(event.matches);
  });
  drawAll(paper.matches);
})();
