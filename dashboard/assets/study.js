/* When a study was opened, bring its trail into view and give it the focus, for keyboard and screen reader. */
(function () {
  "use strict";

  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    study: {
      show: function (children) {
        const panel = document.getElementById("study");
        if (children && panel) {
          window.requestAnimationFrame(function () {
            panel.focus({ preventScroll: true });
            panel.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
          });
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
