/* Passkeys: asks the device for one and puts its answer into the form. A form carries data-passkey="get" (show one)
   or "create" (make one) and data-options, the id of the JSON element with the server's request. */
(function () {
  "use strict";

  function toBytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "="));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function toText(buffer) {
    var plain = "";
    new Uint8Array(buffer).forEach(function (byte) { plain += String.fromCharCode(byte); });
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  /* What the browser wants as bytes comes as text; older browsers have no parser of their own for it. */
  function request(options) {
    var asked = Object.assign({}, options.publicKey || options);
    asked.challenge = toBytes(asked.challenge);
    if (asked.user) { asked.user = Object.assign({}, asked.user, { id: toBytes(asked.user.id) }); }
    ["allowCredentials", "excludeCredentials"].forEach(function (list) {
      if (asked[list]) {
        asked[list] = asked[list].map(function (known) { return Object.assign({}, known, { id: toBytes(known.id) }); });
      }
    });
    return { publicKey: asked };
  }

  function answer(credential) {
    var said = credential.response, response = { clientDataJSON: toText(said.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
      if (said[part]) { response[part] = toText(said[part]); }
    });
    if (said.getTransports) { response.transports = said.getTransports(); }
    return {
      id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: response,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults()
    };
  }

  function say(form, sentence) {
    var place = form.querySelector("[data-passkey-error]");
    place.textContent = sentence;
    place.hidden = false;
  }

  Array.prototype.forEach.call(document.querySelectorAll("form[data-passkey]"), function (form) {
    form.addEventListener("submit", function (event) {
      if (form.elements.credential.value) { return; }
      event.preventDefault();
      if (!window.PublicKeyCredential) { say(form, form.dataset.unsupported); return; }
      var options = request(JSON.parse(document.getElementById(form.dataset.options).textContent));
      var asking = form.dataset.passkey === "create" ? navigator.credentials.create(options) : navigator.credentials.get(options);
      asking.then(function (credential) {
        form.elements.credential.value = JSON.stringify(answer(credential));
        form.submit();
      }).catch(function () { say(form, form.dataset.cancelled); });
    });
  });
})();
