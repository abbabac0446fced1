// "Read aloud": the page's words in the browser's own voice, for those who do not read yet. Only a voice that lives on
// this device is used: others send what they say to somebody else's server. Without one the button stays away.
//
// What is read is what the page marks with data-read. After that, what is marked with data-explore says its name where it
// is pointed at, and pressing it means listening and not choosing, until the button is pressed again. A choice made is
// never spoken: inside [data-choosing], where something has been chosen, nothing is explored (decision 15).
"use strict";

(() => {
  const button = document.querySelector(".read-aloud");
  const speech = window.speechSynthesis;
  if (!button || !speech) return;

  const language = document.documentElement.lang;
  let voice = null;
  let saying = null; // the element whose words are in the air
  let reading = 0; // which reading is the current one: what is interrupted still says that it ended

  const isOn = () => button.getAttribute("aria-pressed") === "true";
  const speaksTheLanguage = (one) => one.localService && one.lang.toLowerCase().split(/[-_]/)[0] === language;

  function findVoice() {
    voice = speech.getVoices().find(speaksTheLanguage) ?? null;
    button.hidden = voice === null;
  }

  function mark(element) {
    saying?.classList.remove("spoken");
    saying = element;
    saying?.classList.add("spoken");
  }

  // Says the words of each element, one after the other, and marks it meanwhile. A text says itself and marks nothing.
  function say(parts, then) {
    const mine = ++reading;
    speech.cancel();
    mark(null);
    parts.forEach((part, place) => {
      const words = part instanceof Element ? part.innerText : part;
      const utterance = new SpeechSynthesisUtterance(words.replace(/\s+/g, " ").trim());
      utterance.voice = voice;
      utterance.lang = voice.lang;
      utterance.rate = 0.9;
      utterance.addEventListener("start", () => mine === reading && mark(part instanceof Element ? part : null));
      utterance.addEventListener("end", () => {
        if (mine !== reading) return;
        if (saying === part) mark(null);
        if (place === parts.length - 1) then?.();
      });
      speech.speak(utterance);
    });
  }

  function explorable(target) {
    const found = target instanceof Element ? target.closest("[data-explore]") : null;
    return found && !found.closest("[data-choosing]") ? found : null;
  }

  function explore(event) {
    const found = isOn() ? explorable(event.target) : null;
    if (found && found !== saying) say([found]);
    return found;
  }

  function turn(on) {
    button.setAttribute("aria-pressed", String(on));
    document.body.classList.toggle("exploring", on);
    if (!on) {
      reading += 1;
      speech.cancel();
      mark(null);
      return;
    }
    const read = [...document.querySelectorAll("[data-read]")].filter((one) => one.getClientRects().length > 0);
    const rest = [...document.querySelectorAll("[data-explore]")].some(explorable);
    say(rest ? [...read, button.dataset.explain] : read, rest ? undefined : () => turn(false));
  }

  button.addEventListener("click", () => turn(!isOn()));
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") explore(event); // a finger explores by tapping
  });
  document.addEventListener("focusin", explore);
  document.addEventListener(
    "click",
    (event) => {
      if (!explore(event)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOn()) turn(false);
  });
  window.addEventListener("pagehide", () => turn(false));

  speech.addEventListener?.("voiceschanged", findVoice);
  findVoice();
})();
