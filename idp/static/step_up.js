// A pupil waits for an adult: ask every few seconds whether somebody has answered, and load the page anew when so. Each
// browser asks at its own moments; the longer nothing happens, the less often.
"use strict";

(() => {
  const line = document.querySelector("[data-state-url]");
  const known = `"${line.dataset.state}"`;
  const begun = Date.now();
  let timer;

  const pause = () => {
    const waited = Date.now() - begun;
    const usual = waited < 45_000 ? 2000 : waited < 180_000 ? 4000 : 6000;
    return usual * (0.75 + Math.random() / 2);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause());
  };
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(line.dataset.stateUrl, { headers: { "If-None-Match": known }, cache: "no-store" });
      if (answer.ok || answer.status === 404 || answer.status === 410) {
        location.reload();
        return;
      }
    } catch {
      // The network is away for a moment; the next time will tell.
    }
    later();
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  later();
})();
