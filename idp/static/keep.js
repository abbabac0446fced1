// Recovery codes: print them, or copy them.
"use strict";

(() => {
  document.querySelector(".keep").hidden = false;
  document.querySelector("[data-keep=print]").addEventListener("click", () => window.print());
  const copy = document.querySelector("[data-keep=copy]");
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    const codes = [...document.querySelectorAll(".codes code")].map((code) => code.textContent);
    await navigator.clipboard.writeText(codes.join("\n"));
    copy.querySelector("span").textContent = copy.dataset.done;
  });
})();
