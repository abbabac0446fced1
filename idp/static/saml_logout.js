// On the way through the services of a session: go to the next one if it is there, else past it. Without this script, the
// person presses one of the two buttons.
"use strict";

const next = document.querySelector("[data-next]");
const without = document.querySelector("form[data-without]");
const go = () => (next.submit ? next.submit() : location.assign(next.href));
const tooLong = new AbortController();
setTimeout(() => tooLong.abort(), 4000);
fetch(next.dataset.probe, { mode: "no-cors", credentials: "omit", cache: "no-store", signal: tooLong.signal }).then(
  go,
  () => without.submit(),
);
