/* Downloads: progress, a failure in words beside the link, and the reader's own studies with the request.

   Links marked data-take are ordinary links with an address of their own. A click on one asks for the file
   here, so that a slow one says "Preparing…", and one that cannot be made says why, instead of leaving the page.
   A reader's own studies are kept in this tab and in no address: they go along in the body of the request.

   ask(url)  - used for figures in sizes, too (plotly-on-page.js) */
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

  function status(element) {
    const near = element.closest(".downloads, .take-few, section");
    const inside = near && near.querySelector(":scope > .take-status");
    return inside || document.createElement("div");
  }

  function say(element, text, failed) {
    const place = status(element);
    place.textContent = text;
    place.classList.toggle("take-failed", Boolean(failed));
  }

  /* Wait for `work` with a word when it takes long; a failure is said and ends here. */
  function patiently(element, work, done) {
    if (element.getAttribute("aria-busy") === "true") return Promise.resolve();
    element.setAttribute("aria-busy", "true");
    say(element, "");
    const slow = setTimeout(function () {
      say(element, "Preparing…");
    }, PATIENCE);
    return work()
      .then(
        function () {
          say(element, done || "");
        },
        function (error) {
          say(element, "This did not work. " + error.message, true);
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
    const name = link.getAttribute("download");
    patiently(
      link,
      function () {
        return ask(link.getAttribute("href")).then(function (response) {
          return response.blob().then(function (blob) {
            save(blob, called(response) || name);
          });
        });
      },
      name + " is ready.",
    );
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

  function copied(button) {
    patiently(button, function () {
      const text =
        button.dataset.copy === "link"
          ? Promise.resolve(window.location.href)
          : ask(button.dataset.from)
              .then(function (response) {
                return response.text();
              })
              .then(function (whole) {
                return whole.split("\n\n")[0]; // what follows is for reference managers
              });
      return text.then(function (words) {
        return copy(words).then(function (done) {
          setTimeout(function () {
            say(button, (done ? "Copied: " : "To copy: ") + words);
          });
        });
      });
    });
  }

  document.addEventListener("click", function (event) {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const near = event.target.closest && event.target.closest("a[data-take], button[data-copy]");
    if (!near) return;
    event.preventDefault();
    if (near.dataset.copy) copied(near);
    else take(near);
  });

  window.takeAway = { ask: ask, patiently: patiently };
})();
