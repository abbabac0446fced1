// Passkeys: a form with data-passkey asks the browser's authenticator for what data-options says, and sends the answer in
// its field. The form is hidden until we know that this browser has passkeys; without JavaScript it stays away.
"use strict";

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withBytes = (one) => ({ ...one, id: toBytes(one.id) });

  function read(form) {
    const options = JSON.parse(form.dataset.options);
    options.challenge = toBytes(options.challenge);
    if (options.user) options.user = withBytes(options.user);
    if (options.excludeCredentials) options.excludeCredentials = options.excludeCredentials.map(withBytes);
    if (options.allowCredentials) options.allowCredentials = options.allowCredentials.map(withBytes);
    return options;
  }

  function write(credential) {
    const { response } = credential;
    const sent = { clientDataJSON: toText(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) sent[part] = toText(response[part]);
    }
    if (response.getTransports) sent.transports = response.getTransports();
    return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: sent });
  }

  let waiting = null; // the request under way, which another one takes the place of

  async function ask(form, mediation) {
    waiting?.abort();
    const mine = (waiting = new AbortController());
    const hint = form.querySelector("[role=status]");
    hint.hidden = true;
    try {
      const request = { publicKey: read(form), signal: mine.signal };
      if (mediation) request.mediation = mediation;
      const credential = await navigator.credentials[form.dataset.passkey](request);
      form.elements.answer.value = write(credential);
      form.submit();
    } catch {
      // Given up by the person, or no passkey here. One that only offered itself beside the username says nothing.
      if (!mediation && waiting === mine) hint.hidden = false;
    }
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }

  // Beside the username the browser offers passkeys by itself, among what it fills in.
  const offered = document.querySelector("form[data-passkey=get][data-offered]");
  if (offered && PublicKeyCredential.isConditionalMediationAvailable) {
    PublicKeyCredential.isConditionalMediationAvailable().then((can) => can && ask(offered, "conditional"));
  }
})();
