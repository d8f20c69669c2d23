/* Says so when the server does not answer, and stops saying so when it does again. */
(function () {
  "use strict";

  const send = window.fetch;

  function show(lost) {
    const notice = document.getElementById("connection");
    if (notice) notice.hidden = !lost;
  }

  window.fetch = function (resource) {
    const url = typeof resource === "string" ? resource : resource.url;
    const answer = send.apply(this, arguments);
    if (!url.includes("_dash-update-component")) return answer;
    return answer.then(
      function (response) {
        show(response.status >= 500);
        return response;
      },
      function (error) {
        if (error.name !== "AbortError") show(true);
        throw error;
      },
    );
  };
})();
