// The page for choosing a code: say in words, while it is typed, how hard it is to guess. A guess at a guess: the server
// decides, and knows names and frequent codes besides. Nothing that is typed leaves the page before it is sent.
"use strict";

(() => {
  const field = document.getElementById("password");
  const hint = document.getElementById("strength");
  const SHORT = 0, WEAK = 1, GOOD = 2, STRONG = 3; // parts.css draws a bar for each
  const WORDS = ["short", "weak", "good", "strong"];
  const GOOD_BITS = 22, STRONG_BITS = 33; // two words drawn from two thousand; three of them
  const ROWS = ["abcdefghijklmnopqrstuvwxyzæøå", "01234567890", "qwertyuiopå", "asdfghjklæø", "zxcvbnm"];
  const PAUSE = 400; // a screen reader hears the word when the typing pauses, not at every key

  function rate(code) {
    const signs = [...code.normalize("NFC")];
    if (signs.length < Number(hint.dataset.least)) return SHORT;
    const bits = bitsOf(signs);
    return bits < GOOD_BITS ? WEAK : bits < STRONG_BITS ? GOOD : STRONG;
  }

  // One piece over and over is that piece; what follows a row of the keyboard, and what repeats itself, is one sign.
  function bitsOf(signs) {
    const size = signs.findIndex((_, at) => at > 0 && signs.every((sign, i) => sign === signs[i % at]));
    const piece = (size > 0 ? signs.slice(0, size) : signs).join("");
    const seen = new Set();
    let bits = 0;
    for (const part of withoutRuns(piece).match(/\p{L}+|\d+|[^\p{L}\d]/gu) || []) {
      const known = part.toLowerCase();
      if (seen.has(known)) continue; // the same word or sign a second time adds nothing
      seen.add(known);
      bits += /\p{L}/u.test(part) ? bitsOfLetters(part) : /\d/.test(part) ? bitsOfDigits(part) : bitsOfSign(part);
    }
    return bits;
  }

  function bitsOfLetters(part) {
    const byLetter = 4.7 * [...part].length;
    const readable = /[aeiouyæøåéöäü]/i.test(part) && !/[bcdfghjklmnpqrstvwxz]{5}/i.test(part);
    const asWord = 11 + 1.5 * Math.max(0, part.length - 8) + (/\p{Lu}/u.test(part) ? 1 : 0);
    return readable ? Math.min(byLetter, asWord) : byLetter;
  }

  function bitsOfDigits(part) {
    return /^(19|20)\d\d$/.test(part) ? 6 : 3.3 * part.length;
  }

  function bitsOfSign(part) {
    return part.codePointAt(0) > 0x2000 ? 7 : 3;
  }

  function withoutRuns(text) {
    let left = "", at = 0;
    while (at < text.length) {
      const length = Math.max(same(text, at), ...ROWS.map((row) => run(text.toLowerCase(), at, row)));
      left += text[at];
      at += length;
    }
    return left;
  }

  function run(text, at, row) {
    const back = [...row].reverse().join("");
    let end = at + 1;
    while (end < text.length && [row, back].some((line) => line.includes(text.slice(at, end + 1)))) end += 1;
    const shortest = /\d/.test(row) ? 3 : 4; // tre and ret lie on the keyboard too
    return end - at >= shortest ? end - at : 1;
  }

  function same(text, at) {
    let end = at + 1;
    while (end < text.length && text[end] === text[at]) end += 1;
    return end - at > 2 ? end - at : 1;
  }

  function say() {
    if (!field.value) {
      hint.textContent = "";
      delete hint.dataset.strength;
      return;
    }
    const strength = rate(field.value);
    const said = hint.dataset[WORDS[strength]];
    hint.dataset.strength = String(strength);
    if (hint.textContent !== said) hint.textContent = said;
  }

  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(say, PAUSE);
  });
})();
