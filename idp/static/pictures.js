// The picture page: tap the pictures in order, and they land in the slots. Without this script the page is one row of
// radio buttons for each place in the code. What is chosen is seen in the slots and never spoken (decision 15).
"use strict";

(() => {
  const form = document.querySelector("form.picture-code");
  const chosen = new Array(Number(form.dataset.length)).fill(null); // the tile in each slot, null where it is empty

  form.querySelector(".rows").replaceWith(document.getElementById("tap").content);
  const slots = [...form.querySelectorAll(".slot")];
  const tiles = [...form.querySelectorAll(".tile")];
  const grid = tiles[0].parentElement;
  const undo = form.querySelector(".undo");
  const status = form.querySelector("[role=status]");
  const go = form.querySelector(".go");
  const answer = form.appendChild(document.createElement("div"));
  answer.hidden = true;

  const isFull = () => !chosen.includes(null);

  function show() {
    const next = chosen.indexOf(null);
    slots.forEach((slot, place) => {
      const tile = chosen[place];
      slot.classList.toggle("filled", tile !== null);
      slot.classList.toggle("next", place === next);
      slot.setAttribute("aria-disabled", String(tile === null));
      slot.querySelector("img")?.remove();
      if (tile) slot.append(tile.querySelector("img").cloneNode());
      slot.querySelector(".visually-hidden").textContent = tile ? slot.dataset.clear : slot.dataset.empty;
    });
    tiles.forEach((tile) => tile.classList.toggle("taken", chosen.includes(tile)));
    undo.setAttribute("aria-disabled", String(chosen.every((tile) => tile === null)));
    grid.toggleAttribute("data-choosing", chosen.some(Boolean)); // read_aloud.js names nothing from here on
    go.disabled = !isFull();
    answer.replaceChildren(
      ...chosen.filter(Boolean).map((tile) => {
        const input = document.createElement("input");
        input.type = "hidden";
        input.name = "picture";
        input.value = tile.value;
        return input;
      }),
    );
  }

  function say(sentence) {
    status.textContent = sentence.replace("#", String(chosen.filter(Boolean).length));
  }

  function put(place, tile) {
    chosen[place] = tile;
    show();
    say(isFull() ? status.dataset.full : status.dataset.progress);
  }

  function takeLastAway() {
    const last = chosen.map(Boolean).lastIndexOf(true);
    if (last >= 0) put(last, null);
  }

  tiles.forEach((tile) => {
    tile.addEventListener("click", () => {
      if (chosen.includes(tile)) say(status.dataset.again);
      else if (!isFull()) put(chosen.indexOf(null), tile);
    });
  });
  slots.forEach((slot, place) => {
    slot.addEventListener("click", () => {
      if (chosen[place]) put(place, null);
    });
  });
  undo.addEventListener("click", takeLastAway);

  // Arrow keys walk the grid as it lies on the screen; Backspace takes the last picture away.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Backspace") {
      takeLastAway();
      event.preventDefault();
      return;
    }
    const here = tiles.indexOf(document.activeElement);
    if (here < 0) return;
    const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step) return;
    tiles[here + step]?.focus();
    event.preventDefault();
  });

  // A second tap on the button must not send the code twice.
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent || !isFull()) event.preventDefault();
    else sent = true;
  });

  // Coming back with the browser's Back button to a page that was kept: start over with empty slots. On a fresh page this
  // event comes only when every image is there, and must not take away what a quick child has tapped meanwhile.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent = false;
    chosen.fill(null);
    show();
  });

  form.classList.add("tapping");
  show();
})();
