/* Drafts: what is typed into a form with data-draft="/drafts/<kind>/<uid>/" is sent to the server every few seconds.
   It is kept encrypted there; nothing is stored in the browser. A lost session does not lose the text: it stays in the
   page and is sent again as soon as somebody has signed in. */
(function () {
  "use strict";
  var haven = window.haven;
  var words = haven.words;
  var EVERY = 4000, AGAIN = 10000;

  Array.prototype.forEach.call(document.querySelectorAll("form[data-draft]"), function (form) {
    var status = form.querySelector("[data-draft-status]");
    var timer = 0, sent = "", busy = false, isRetry = false, isThere = false, isAsking = false;
    if (!status) {
      status = document.createElement("p");
      status.className = "draft";
      status.setAttribute("role", "status");
      (form.querySelector(".acts") || form).append(status);
    }
    sent = text();
    /* Going back, a browser would bring words that are saved already into a form that is new. The draft is what comes back. */
    form.autocomplete = "off";

    /* Only what people write: no token, no key, no file. */
    function text() {
      var out = new URLSearchParams();
      new FormData(form).forEach(function (value, name) {
        if (typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "form_key") { out.append(name, value); }
      });
      return out.toString();
    }
    function say(sentence, warn) {
      if (status.textContent !== sentence) { status.textContent = sentence; }
      status.classList.toggle("warn", Boolean(warn));
    }
    function clock() {
      return new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    }
    /* A pending send is not put off by more typing, or a fast writer would never be saved. */
    function later(after) {
      if (timer) { return; }
      timer = setTimeout(function () { timer = 0; save(); }, after);
    }
    function send(body, key) {
      var headers = { "X-CSRFToken": key, "Content-Type": "application/x-www-form-urlencoded", "X-Requested-With": "XMLHttpRequest" };
      /* A retry is the page's own doing: it must not count as somebody being there. */
      if (isRetry) { headers["Haven-Background"] = "1"; }
      return fetch(form.dataset.draft, {
        method: "POST", body: body, credentials: "same-origin", redirect: "manual", keepalive: body.length < 60000, headers: headers
      });
    }
    /* While the server has not got the words, this page must not be left by the lock. */
    function failed(now) {
      isRetry = now;
      if (now) { form.dataset.unsent = "1"; } else { delete form.dataset.unsent; }
    }
    function freshToken() {
      return haven.stay().then(function (me) {
        if (me.who !== document.body.dataset.who) { return ""; }
        form.querySelector("[name=csrfmiddlewaretoken]").value = me.token;
        return me.token;
      });
    }
    function save() {
      var now = text();
      if (form.dataset.sent || now === sent) { return; }
      if (busy) { later(EVERY); return; }
      busy = true;
      send(now, haven.token(form)).then(function (answer) {
        if (answer.status !== 403) { return answer; }
        /* Signed in again in another tab: this page's token is old. */
        return freshToken().then(function (key) { return key ? send(now, key) : { ok: false, status: 401 }; });
      }).then(function (answer) {
        busy = false;
        failed(!answer.ok);
        if (answer.ok) {
          sent = now;
          say((words.saved || "Draft saved %s").replace("%s", clock()), false);
          if (text() !== sent) { later(EVERY); }
        } else if (answer.status === 401 || answer.type === "opaqueredirect") {
          say(words.signedOut, true);
          later(AGAIN);
        } else {
          say(words.draftFailed, true);
          later(AGAIN);
        }
      }).catch(function () {
        busy = false;
        failed(true);
        say(words.draftOffline, true);
        later(AGAIN);
      });
    }
    /* A page that is sent into nothing is gone, and its words with it: ask first whether somebody is there. */
    form.addEventListener("submit", function (event) {
      if (isThere || !form.requestSubmit) { isThere = false; return; }
      event.preventDefault();
      if (isAsking) { return; }
      var button = event.submitter;
      isAsking = true;
      haven.stay().then(function () {
        isAsking = false;
        isThere = true;
        form.requestSubmit(button);
      }).catch(function () {
        isAsking = false;
        failed(true);
        say(words.notSent, true);
        later(AGAIN);
      });
    });
    form.addEventListener("input", function () { isRetry = false; later(EVERY); });
    document.addEventListener("haven:flush", save);
    document.addEventListener("haven:signed-out", function () { say(words.signedOut, true); });
    document.addEventListener("visibilitychange", function () { if (document.hidden) { save(); } else { later(EVERY); } });
    window.addEventListener("online", save);
    window.addEventListener("offline", function () { say(words.draftOffline, true); });
  });
})();
