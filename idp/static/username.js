// A scanner may type a school card into the field for the username. It must not stay readable there, nor among the names
// that the browser remembers, so it is sent under a name of its own. Without this script the server knows a card all the same.
"use strict";

(() => {
  const SCAN = /^\s*skp[0-9bcdfghjknprstvx]{9,}\s*$/i;
  const field = document.getElementById("username");
  const card = document.createElement("input");
  card.type = "hidden";
  card.name = "card";

  field.addEventListener("input", () => field.classList.toggle("masked", SCAN.test(field.value)));
  field.form.addEventListener("submit", () => {
    if (!SCAN.test(field.value)) return;
    card.value = field.value;
    field.form.append(card);
    field.value = "";
  });
  window.addEventListener("pageshow", () => card.remove());
})();
