/* Speaks up when nobody can be asked any more how a job is doing: the server does not answer, or answers
   without knowing the job (it was restarted and its records are gone). Whatever else ends a job, the
   server says itself (dashboard/pages/robustness.py). */
(function () {
  "use strict";

  const MOMENT = 1500; // milliseconds: what the server says itself has arrived by then
  const send = window.fetch;

  function text(type, children) {
    return { namespace: "dash_html_components", type: type, props: { children: children } };
  }

  function lostTouch(panel, job) {
    const now = document.getElementById("job-waiting");
    if (now !== panel || panel.hidden || current !== job) return;
    const set = window.dash_clientside.set_props;
    set("job-waiting", { hidden: true });
    set("job-said", {
      children: [
        text("P", text("Strong", "The server does not say how the calculation is doing.")),
        text("P", "The connection may be down, or the server was restarted. Nothing of yours is lost."),
      ],
    });
    set("job-trouble", { hidden: false });
  }

  let current = null; // the job that was asked about last

  window.fetch = function (resource) {
    const url = typeof resource === "string" ? resource : resource.url;
    const answer = send.apply(this, arguments);
    const job = url.includes("_dash-update-component") && new URL(url, location.href).searchParams.get("job");
    if (!job) return answer;
    current = job;
    const panel = document.getElementById("job-waiting");
    const later = function () {
      window.setTimeout(lostTouch, MOMENT, panel, job);
    };
    return answer.then(
      function (response) {
        if (response.status !== 200) later();
        return response;
      },
      function (error) {
        later();
        throw error;
      },
    );
  };
})();
