/* The menu "Download or cite", "Share", and the print.

   Links marked data-take are ordinary links with an address of their own. A click on one asks for the file
   here, so that a slow one says "Preparing…", and one that cannot be made says why, instead of leaving the page.
   A reader's own studies are kept in this tab and in no address: they go along in the body of the request.

   The links keep to the question that the address asks: it changes without the menu being made anew.
   Pictures are those of the figures that can be seen when the menu opens (plotly-on-page.js draws them).
   Escape, or a click elsewhere, closes the menu.

   ask(url)  - used for figures in sizes, too (plotly-on-page.js)
   figure()  - the block of the figure that is chosen in the menu */
(function () {
  "use strict";

  const OWN = "own-rows";
  const PATIENCE = 300; // ms after which waiting is said

  function own() {
    try {
      const kept = window.sessionStorage.getItem(OWN);
      const rows = kept && JSON.parse(kept);
      return rows && rows.active !== false ? kept : null;
    } catch (unreadable) {
      return null;
    }
  }

  /* The answer of the server; what it says when it declines becomes the error's message. */
  function ask(url) {
    const rows = own();
    const how = rows
      ? { method: "POST", headers: { "Content-Type": "application/json" }, body: rows }
      : {};
    return window.fetch(url, how).then(
      function (response) {
        if (response.ok) return response;
        return response.text().then(function (text) {
          const said = new DOMParser().parseFromString(text, "text/html").querySelector("main p");
          throw new Error(said ? said.textContent : "The server could not make this file.");
        });
      },
      function () {
        throw new Error("The server does not answer. Check the connection, then try again.");
      },
    );
  }

  function status() {
    return document.querySelector("#page-tools .take-status") || document.createElement("div");
  }

  function say(text, failed) {
    const place = status();
    place.textContent = text;
    place.classList.toggle("take-failed", Boolean(failed));
  }

  /* Wait for `work` with a word when it takes long, and say what it gives; a failure is said and ends here. */
  function patiently(element, work) {
    if (element.getAttribute("aria-busy") === "true") return Promise.resolve();
    element.setAttribute("aria-busy", "true");
    say("");
    const slow = setTimeout(function () {
      say("Preparing…");
    }, PATIENCE);
    return work()
      .then(
        function (done) {
          if (done) say(done);
        },
        function (error) {
          say("This did not work. " + error.message, true);
        },
      )
      .then(function () {
        clearTimeout(slow);
        element.removeAttribute("aria-busy");
      });
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(function () {
      URL.revokeObjectURL(link.href);
    }, 10000);
  }

  /* The server's name of a file: it says whether studies of the reader's own are in it. */
  function called(response) {
    const found = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") || "");
    return found && found[1];
  }

  function take(link) {
    patiently(link, function () {
      return ask(link.getAttribute("href")).then(function (response) {
        const name = called(response) || link.getAttribute("download");
        return response.blob().then(function (blob) {
          save(blob, name);
          return name + " is ready.";
        });
      });
    });
  }

  /* Where the browser forbids the clipboard (a page without https), the text is shown to be copied by hand. */
  function copy(text) {
    if (!navigator.clipboard) return Promise.resolve(false);
    return navigator.clipboard.writeText(text).then(
      function () {
        return true;
      },
      function () {
        return false;
      },
    );
  }

  function copied(words, more) {
    return copy(words).then(function (done) {
      say((done ? "Copied: " : "To copy: ") + words + (more ? ". " + more : ""));
    });
  }

  /* What is in the reader's tab, and in no address. */
  function notCarried() {
    const rows = own();
    const n = rows ? (JSON.parse(rows).studies || []).length : 0;
    if (!n) return "";
    const trials = n === 1 ? "1 trial" : n + " trials";
    return "The link does not carry your " + trials + "; send the file too (My data)";
  }

  function text(id) {
    const found = document.getElementById(id);
    return found ? found.textContent : "";
  }

  function cite(button) {
    patiently(button, function () {
      const from = button.dataset.from;
      const written = from
        ? ask(asked(from)).then(function (response) {
            return response.text();
          })
        : Promise.resolve(
            [document.title, text("data-version").replace(/\.$/, ""), "Available from: " + window.location.href].join(". "),
          );
      return written.then(function (whole) {
        return copied(whole.split("\n\n")[0]); // what follows is for reference managers
      });
    });
  }

  /* An address of a file, for the question in the address of the page. */
  function asked(address) {
    return address.split("?")[0] + window.location.search;
  }

  // --- the menu ---------------------------------------------------------------------------------
  function menu() {
    return document.getElementById("take-away");
  }

  function figures() {
    return Array.from(document.querySelectorAll("#content .figure-block")).filter(function (block) {
      return block.getClientRects().length && block.querySelector(".js-plotly-plot");
    });
  }

  function figure() {
    const chosen = menu().querySelector(".picture-figure");
    return document.getElementById(chosen.value);
  }

  function sizes() {
    const block = figure();
    menu()
      .querySelectorAll(".picture-size option")
      .forEach(function (option) {
        const fits = !option.value || option.value === "slide" || (block && block.dataset.sized);
        option.hidden = option.disabled = !fits;
        if (!fits && option.selected) option.parentElement.value = "";
      });
  }

  function opened() {
    const there = figures();
    const chosen = menu().querySelector(".picture-figure");
    const before = chosen.value;
    chosen.replaceChildren.apply(
      chosen,
      there.map(function (block) {
        return new Option(block.dataset.title, block.id, false, block.id === before);
      }),
    );
    chosen.hidden = there.length < 2;
    menu()
      .querySelectorAll(".pictures")
      .forEach(function (part) {
        part.hidden = !there.length;
      });
    sizes();
    menu()
      .querySelectorAll("a[data-take]")
      .forEach(function (link) {
        link.setAttribute("href", asked(link.getAttribute("href")));
      });
  }

  function close(focus) {
    const there = menu();
    if (!there || !there.open) return;
    there.open = false;
    if (focus) there.querySelector("summary").focus();
  }

  /* --- the print: what it is, of when and from where, and figures as wide as the paper ----------- */
  const PAPER = 940; // px of a figure's layout, shown at the width of an A4 page

  function printed() {
    const day = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    const line = document.getElementById("print-line");
    line.textContent = [day, text("data-version"), window.location.href].join(" · ");
    fit(PAPER);
  }

  function fit(width) {
    document.querySelectorAll("#content .js-plotly-plot").forEach(function (drawn) {
      if (!drawn.getClientRects().length || !drawn._fullLayout) return;
      if (width && drawn._fullLayout.width <= width) return;
      if (!width && !drawn.dataset.printed) return;
      drawn.dataset.printed = width ? "yes" : "";
      window.Plotly.relayout(drawn, width ? { width: width, autosize: false } : { width: null, autosize: true });
    });
  }

  window.addEventListener("beforeprint", printed);
  window.addEventListener("afterprint", function () {
    fit(null);
  });

  const ACTS = {
    share: function () {
      copied(window.location.href, notCarried());
    },
    cite: cite,
    print: function () {
      close();
      window.print();
    },
  };

  document.addEventListener(
    "toggle",
    function (event) {
      if (event.target.id === "take-away" && event.target.open) opened();
    },
    true,
  );
  document.addEventListener("change", function (event) {
    if (event.target.classList.contains("picture-figure")) sizes();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") close(true);
  });
  document.addEventListener("click", function (event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!event.target.closest) return;
    // a download is a click of the script's own
    if (event.isTrusted && !event.target.closest("#page-tools")) close();
    const near = event.target.closest("a[data-take], button[data-act]");
    if (!near) return;
    event.preventDefault();
    if (near.dataset.act) ACTS[near.dataset.act](near);
    else take(near);
  });

  window.takeAway = { ask: ask, patiently: patiently, figure: figure };
})();
