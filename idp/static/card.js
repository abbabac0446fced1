// The page for school cards. A scanner types into the field by itself; this script adds the camera, which is asked for only
// when the button is pressed. Its pictures are read here in the browser and go nowhere. Without the script, scanners work.
"use strict";

(() => {
  const CARD = /^skp[0-9bcdfghjknprstvx]{30}$/i; // the shape of a token; whether it is one, the server knows
  const LONGEST_SIDE = 960; // pixels of a picture that is read: enough for a card at arm's length, and quick on a tablet
  const PAUSE = 90; // milliseconds between two readings, so that the page stays alive
  const PATIENCE = 120000; // so long an unattended camera stays on

  const form = document.querySelector("form.card-scan");
  const field = form.elements.card;
  const part = document.querySelector(".by-camera");
  const frame = part.querySelector(".viewfinder");
  const video = part.querySelector("video");
  const says = part.querySelector(".camera-says");
  const start = part.querySelector(".start");
  const answers = part.querySelector(".answers");
  const turn = part.querySelector(".turn");
  const canvas = document.createElement("canvas");
  let stream = null;
  let facing = "user"; // the camera above the screen, so that a child sees the card
  let ending = 0;

  // Some scanners do not end with Enter, and some send it when the card has gone already: the field is emptied as soon as
  // the browser has read it, and an empty one is not sent.
  field.addEventListener("input", () => {
    if (CARD.test(field.value.trim())) setTimeout(() => field.value && form.requestSubmit(), 150);
  });
  form.addEventListener("formdata", () => (field.value = ""));

  // Only for a page that was kept and is shown again. On a fresh page this event comes when every part of it is there, and
  // must not take away what a quick scanner has typed meanwhile.
  window.addEventListener("pageshow", (event) => event.persisted && (field.value = ""));
  window.addEventListener("pagehide", () => stop());
  document.addEventListener("visibilitychange", () => document.hidden && stop());

  if (!navigator.mediaDevices?.getUserMedia) return; // an old browser, or a site without https
  part.hidden = false;
  start.addEventListener("click", () => begin());
  part.querySelector(".stop").addEventListener("click", () => {
    stop();
    start.focus();
  });
  turn.addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    begin();
  });

  async function begin() {
    stop();
    const wanted = { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } };
    try {
      const [reader, opened] = await Promise.all([
        import(part.dataset.reader),
        navigator.mediaDevices.getUserMedia({ video: wanted, audio: false }),
      ]);
      stream = opened;
      video.srcObject = opened;
      frame.classList.toggle("mirrored", seesTheChild(opened));
      start.hidden = true;
      frame.hidden = answers.hidden = false;
      form.hidden = true; // one thing at a time
      says.textContent = part.dataset.look;
      await video.play();
      turn.hidden = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput").length < 2;
      ending = setTimeout(stop, PATIENCE);
      look(reader.default, opened);
    } catch (fault) {
      stop();
      says.textContent = part.dataset[wordsFor(fault.name)];
    }
  }

  function stop() {
    clearTimeout(ending);
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    frame.hidden = answers.hidden = true;
    start.hidden = form.hidden = false;
    says.textContent = "";
  }

  function look(read, mine) {
    if (stream !== mine) return;
    const scanned = readFrame(read);
    if (scanned !== null && CARD.test(scanned)) {
      stop();
      start.hidden = true;
      says.textContent = part.dataset.readIt;
      field.value = scanned;
      form.requestSubmit();
      return;
    }
    says.textContent = scanned === null ? part.dataset.look : part.dataset.other;
    setTimeout(() => look(read, mine), PAUSE);
  }

  // Returns the text of the code in front of the camera, null when there is none or it is not sharp yet.
  function readFrame(read) {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!canvas.width || !canvas.height) return null;
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    brush.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return read(brush.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null; // no code in the picture
    }
  }

  function seesTheChild(opened) {
    const side = opened.getVideoTracks()[0]?.getSettings().facingMode;
    return side === "user" || (!side && facing === "user");
  }

  function wordsFor(fault) {
    if (fault === "NotAllowedError" || fault === "SecurityError") return "refused";
    return fault === "NotReadableError" || fault === "AbortError" ? "busy" : "none";
  }
})();
