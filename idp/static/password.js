// The code page: show what is typed, and hide it again before it is sent.
"use strict";

(() => {
  const field = document.getElementById("password");
  const reveal = document.querySelector(".reveal");

  function show(readable) {
    field.type = readable ? "text" : "password";
    reveal.classList.toggle("readable", readable);
    reveal.querySelector(".visually-hidden").textContent = readable ? reveal.dataset.hide : reveal.dataset.show;
  }

  reveal.addEventListener("click", () => show(field.type === "password"));
  reveal.hidden = false;

  // A second press on the button must not send the code twice.
  let sent = false;
  field.form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    show(false);
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
})();
