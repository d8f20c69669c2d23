/* What a marked term means, shown beside it: on hover, on focus and on touch. It stays while the pointer is on the term
   or on the meaning itself, and goes with Escape. Screen readers have the meaning from the term's description. */
(function () {
  "use strict";

  const GAP = 6; // pixels between a term and its meaning, and from the edges of the window
  const GRACE = 200; // milliseconds for the pointer to reach the meaning
  const tip = document.createElement("div");
  tip.className = "term-tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  let shown = null;
  let leaving = 0;

  function termAt(node) {
    return node && node.closest ? node.closest(".term") : null;
  }

  function place() {
    if (!shown) return;
    const line = shown.isConnected && shown.getClientRects()[0];
    if (!line) return hide();
    const room = document.documentElement.clientWidth - tip.offsetWidth - GAP;
    const above = line.top - tip.offsetHeight - GAP;
    tip.style.left = Math.max(GAP, Math.min(line.left, room)) + "px";
    tip.style.top = (above >= 0 ? above : line.bottom + GAP) + "px";
  }

  function show(term) {
    window.clearTimeout(leaving);
    const meaning = document.getElementById(term.getAttribute("aria-describedby"));
    if (!meaning) return;
    if (!tip.isConnected) document.body.appendChild(tip);
    shown = term;
    tip.textContent = meaning.textContent;
    tip.hidden = false;
    place();
  }

  function hide() {
    window.clearTimeout(leaving);
    shown = null;
    tip.hidden = true;
  }

  function left() {
    window.clearTimeout(leaving);
    leaving = window.setTimeout(function () {
      if (shown !== document.activeElement) hide();
    }, GRACE);
  }

  document.addEventListener("pointerover", function (event) {
    if (event.pointerType === "touch") return;
    const term = termAt(event.target);
    if (term) show(term);
    else if (tip.contains(event.target)) window.clearTimeout(leaving);
    else if (shown) left();
  });
  document.addEventListener("pointerdown", function (event) {
    const term = termAt(event.target);
    if (term) show(term);
    else if (shown && !tip.contains(event.target)) hide();
  });
  document.addEventListener("focusin", function (event) {
    const term = termAt(event.target);
    if (term) show(term);
    else if (shown) hide();
  });
  document.addEventListener("focusout", function (event) {
    if (event.target === shown) left();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && shown) hide();
  });
  document.addEventListener("scroll", place, { capture: true, passive: true });
  window.addEventListener("resize", place);
})();
