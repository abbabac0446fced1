// The class page: it asks every few seconds whether anything has changed, shows what has, and keeps what was ticked, what
// was opened and where the focus was. Each page asks at its own moments; a page that nobody looks at does not ask.
"use strict";

(() => {
  const live = document.getElementById("live");
  const connection = document.getElementById("connection");
  const MINUTE = 60_000;
  let known = live.dataset.version;
  let changed = Date.now();
  let timer;
  let over = false;

  const say = (words) => {
    connection.textContent = words || "";
    connection.hidden = !words;
  };
  const key = (element) => {
    if (!element || !live.contains(element)) return null;
    const inside = element.closest("[data-pupil], [data-request]");
    const id = inside ? `${inside.dataset.pupil || ""}/${inside.dataset.request || ""}` : "";
    const form = element.closest("form");
    return [form && form.id, id, element.tagName, element.name || "", element.value || "", element.getAttribute("formaction") || ""].join("|");
  };
  const swap = (html) => {
    const focused = key(document.activeElement);
    const ticked = new Set([...live.querySelectorAll("input:checked")].map((box) => `${box.name}=${box.value}`));
    const open = new Set([...live.querySelectorAll("details[open]")].map((one) => one.closest("[data-pupil]")?.dataset.pupil));
    live.innerHTML = html;
    for (const box of live.querySelectorAll("input[type=checkbox]")) box.checked = ticked.has(`${box.name}=${box.value}`);
    for (const one of live.querySelectorAll("details")) one.open = open.has(one.closest("[data-pupil]")?.dataset.pupil);
    if (focused) {
      const same = [...live.querySelectorAll("input, button, a, summary")].find((element) => key(element) === focused);
      if (same) same.focus({ preventScroll: true });
    }
    narrow();
    tick();
  };
  const tick = () => {
    for (const left of live.querySelectorAll("[data-until]")) {
      const seconds = Math.max(0, Math.floor((new Date(left.dataset.until) - Date.now() - skew) / 1000));
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  };
  // The countdown is right by the server's clock, whatever this device believes.
  let skew = 0;
  for (const left of live.querySelectorAll("[data-until]")) {
    const [minutes, seconds] = left.textContent.split(":").map(Number);
    skew = new Date(left.dataset.until) - Date.now() - (minutes * 60 + seconds) * 1000;
    break;
  }
  const later = (usual) => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(ask, usual * (0.8 + Math.random() * 0.4));
  };
  const ask = async () => {
    if (document.hidden || over) return;
    try {
      const answer = await fetch(live.dataset.liveUrl, {
        headers: { "If-None-Match": `"${known}"` }, cache: "no-store", redirect: "error",
      });
      if (answer.status === 401 || answer.status === 403) {
        over = true;
        say(connection.dataset.gone);
        return;
      }
      if (answer.ok) {
        known = (answer.headers.get("ETag") || "").replaceAll('"', "");
        changed = Date.now();
        swap(await answer.text());
      }
      if (answer.ok || answer.status === 304) say("");
      else say(connection.dataset.lost);
    } catch {
      say(connection.dataset.lost);
    }
    later(Date.now() - changed < 10 * MINUTE ? 3000 : 10_000);
  };
  // The search narrows what is there at once; it is a form too, for whoever has no script.
  const search = document.getElementById("q");
  const fold = (text) => text.normalize("NFC").toLowerCase();
  const narrow = () => {
    const words = fold(search ? search.value : "").split(/\s+/).filter(Boolean);
    for (const card of live.querySelectorAll("[data-name]")) {
      const parts = fold(card.dataset.name).split(/\s+/);
      card.hidden = !words.every((word) => parts.some((part) => part.startsWith(word)));
    }
  };
  if (search) search.addEventListener("input", narrow);
  live.addEventListener("click", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (!all) return;
    event.preventDefault();
    const boxes = [...live.querySelectorAll("li:not([hidden]) input[name=pupil]")];
    const some = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = some;
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  setInterval(tick, 1000);
  later(3000);
})();
