/* Haven's small script: hide screen, idle lock, dialogs, menus, one submit at a time.
   Every page works without it; the server decides everything. Nothing from a page is stored in the browser. */
(function () {
  "use strict";
  var body = document.body;
  var root = document.documentElement;
  var own = document.currentScript;
  var signedIn = Boolean(body.dataset.who);
  var words = (document.getElementById("curtain-words") || { dataset: {} }).dataset;
  var channel = "BroadcastChannel" in window ? new BroadcastChannel("haven") : null;
  root.classList.add("js");

  function tell(kind) {
    if (channel) { channel.postMessage({ kind: kind, who: body.dataset.who }); }
  }

  /* "Is it still me?" - the server's answer, with a fresh token for forms. Asked after real activity only, never on a clock. */
  function stay() {
    return fetch(body.dataset.stay || "/stay/", { credentials: "same-origin", redirect: "manual", cache: "no-store", headers: { "Accept": "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : { who: "" }; });
  }

  /* ---- Hide screen ---- */
  function curtain(kept) {
    if (document.getElementById("curtain")) { return; }
    var cover = document.createElement("div");
    cover.id = "curtain";
    cover.className = "curtain";
    cover.tabIndex = -1;
    cover.setAttribute("role", "dialog");
    cover.setAttribute("aria-modal", "true");
    cover.setAttribute("aria-label", words.label || "Screen hidden");
    cover.dataset.title = document.title;
    document.title = words.title || "New tab";
    Array.prototype.forEach.call(document.querySelectorAll("dialog[open]"), function (open) { open.close(); });
    Array.prototype.forEach.call(body.children, function (child) { child.classList.add("covered"); });
    if (kept) {
      var text = document.createElement("p");
      text.textContent = words.kept || "";
      var link = document.createElement("a");
      link.className = "btn primary";
      link.href = body.dataset.unlock || "/";
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = words.unlock || "Unlock";
      cover.append(text, link);
    }
    body.append(cover);
    cover.focus();
  }

  function uncover() {
    var cover = document.getElementById("curtain");
    if (!cover) { return; }
    document.title = cover.dataset.title;
    cover.remove();
    Array.prototype.forEach.call(document.querySelectorAll(".covered"), function (child) { child.classList.remove("covered"); });
  }

  /* Text that has no draft on the server would be lost by leaving the page: then the covered page stays. */
  function hasOwnText() {
    return Array.prototype.some.call(document.querySelectorAll("form:not([data-draft]),form[data-unsent]"), function (form) { return form.dataset.dirty === "1"; });
  }

  function token(of) {
    var field = (of || document).querySelector("[name=csrfmiddlewaretoken]");
    return field ? field.value : "";
  }

  function post(url, key) {
    return fetch(url, { method: "POST", credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": key, "Haven-Background": "1" } });
  }

  var onUnlockPage = location.pathname === body.dataset.unlock;

  function goToUnlock() {
    location.replace((body.dataset.unlock || "/") + "?next=" + encodeURIComponent(location.pathname));
  }

  function lock(silent) {
    if (onUnlockPage) { return; }
    var url = body.dataset.lock || "/lock/";
    var kept = hasOwnText();
    curtain(kept);
    if (!silent) { tell("lock"); }
    document.dispatchEvent(new CustomEvent("haven:flush"));
    post(url, token()).then(function (answer) {
      /* After a sign-in in another tab this page's token is old: ask for a fresh one, once. */
      return answer.status === 403 ? stay().then(function (me) { return post(url, me.token || ""); }) : answer;
    }).then(function () {
      if (!kept && !silent) { goToUnlock(); }
    }).catch(function () {
      var cover = document.getElementById("curtain");
      if (cover) { cover.append(document.createTextNode(words.offline || "")); }
    });
    /* The other tabs are covered at once and leave when their drafts have had time to be sent. */
    if (silent && !kept) { setTimeout(goToUnlock, 1500); }
  }

  /* Is the person who unlocked the one whose page this is? Only then it is shown again. */
  function askWhoIsThere() {
    if (!document.getElementById("curtain")) { return; }
    stay().then(function (me) {
      if (me.who && me.who === body.dataset.who) { uncover(); touched(); } else if (me.who) { location.replace("/"); }
    }).catch(function () { /* offline: stays covered */ });
  }

  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-hide-form]")) { event.preventDefault(); lock(); }
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-hide], [data-lock-now]")) { lock(); }
  });

  /* Shift three times, alone; typing a capital letter starts the count anew. */
  var shifts = 0, lastShift = 0;
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Shift") { shifts = 0; return; }
    if (event.repeat || !body.dataset.lock) { return; }
    var now = Date.now();
    shifts = now - lastShift < 1500 ? shifts + 1 : 1;
    lastShift = now;
    if (shifts >= 3) { shifts = 0; lock(); }
  });

  /* ---- Idle: a warning, then the lock; all tabs of one person together ---- */
  var lastTouch = Date.now(), lastStay = Date.now();
  var warnAfter = Number(body.dataset.warnAfter || 480) * 1000;
  var lockAfter = Number(body.dataset.lockAfter || 600) * 1000;
  var idle = document.getElementById("idle");

  function touched() {
    lastTouch = Date.now();
    if (idle && idle.open) { idle.close(); }
  }
  function active() {
    if (document.getElementById("curtain") || (idle && idle.open)) { return; }
    lastTouch = Date.now();
    /* Typing without sending is work too: tell the server at most every two minutes. */
    if (lastTouch - lastStay > 120000) { lastStay = lastTouch; stay().then(leaveIfGone).catch(function () {}); tell("active"); }
  }
  function leaveIfGone(me) {
    if (!me.who && !hasOwnText()) { document.dispatchEvent(new CustomEvent("haven:signed-out")); }
  }
  if (signedIn && body.dataset.lock && !onUnlockPage) {
    ["pointerdown", "keydown", "wheel"].forEach(function (kind) { document.addEventListener(kind, active, { passive: true }); });
    setInterval(function () {
      var quiet = Date.now() - lastTouch;
      if (document.getElementById("curtain")) { return; }
      if (quiet >= lockAfter) { lock(); } else if (quiet >= warnAfter && idle && !idle.open && idle.showModal) { idle.showModal(); }
    }, 5000);
    document.addEventListener("click", function (event) {
      if (event.target.closest("[data-stay-now]")) { touched(); lastStay = Date.now(); tell("active"); stay().then(leaveIfGone).catch(function () {}); }
    });
    if (idle) { idle.addEventListener("cancel", function () { touched(); tell("active"); stay().catch(function () {}); }); }
    if (channel) {
      channel.onmessage = function (message) {
        if (message.data.who !== body.dataset.who) { return; }
        if (message.data.kind === "active") { touched(); lastStay = Date.now(); }
        if (message.data.kind === "lock") { lock(true); }
      };
      tell("active"); /* a page was opened: that is activity for all tabs */
    }
    window.addEventListener("blur", function () { root.classList.add("away"); });
    window.addEventListener("focus", function () { root.classList.remove("away"); askWhoIsThere(); });
  }

  /* A page out of the back/forward cache is covered until the server says who is there. */
  window.addEventListener("pageshow", function (event) {
    Array.prototype.forEach.call(document.querySelectorAll("form[data-sent]"), release);
    if (event.persisted && signedIn) { curtain(false); askOrLeave(); }
  });
  function askOrLeave() {
    stay().then(function (me) {
      if (me.who === body.dataset.who) { uncover(); touched(); } else { location.replace("/"); }
    }).catch(function () {});
  }

  /* ---- One submit at a time. The key in the form makes a repeat harmless anyway. ---- */
  function release(form) {
    if (form.dataset.sending) { return; }
    delete form.dataset.sent;
    Array.prototype.forEach.call(form.querySelectorAll("[data-held]"), function (button) { button.disabled = false; delete button.dataset.held; });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.hasAttribute("data-download")) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.dataset.dirty = "";
    setTimeout(function () {
      Array.prototype.forEach.call(form.querySelectorAll("button:not([type=button]), input[type=submit]"), function (button) {
        if (!button.disabled) { button.disabled = true; button.dataset.held = "1"; }
      });
    }, 0);
    setTimeout(function () { release(form); }, 8000);
  });
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.method === "post") { form.dataset.dirty = "1"; }
  });

  /* ---- Bars that scroll sideways on a phone: where one is comes into sight ---- */
  Array.prototype.forEach.call(document.querySelectorAll(".nav [aria-current], .tabs [aria-current]"), function (here) {
    var bar = here.parentElement;
    bar.scrollLeft += here.getBoundingClientRect().left + here.offsetWidth / 2 - bar.getBoundingClientRect().left - bar.clientWidth / 2;
  });

  /* ---- Dialogs and menus ---- */
  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-open]");
    if (opener) {
      var dialog = document.getElementById(opener.dataset.open);
      if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
    }
    var closer = event.target.closest("[data-close]");
    if (closer && closer.closest("dialog")) { closer.closest("dialog").close(); }
    if (event.target.closest("[data-print]")) { window.print(); }
    Array.prototype.forEach.call(document.querySelectorAll("details.menu[open]"), function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
  });
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  /* ---- A form that came back: the focus on the summary, "Error:" in the title ---- */
  var summary = document.querySelector(".errsum");
  if (summary) {
    var prefix = summary.dataset.titlePrefix;
    if (prefix && document.title.indexOf(prefix) !== 0) { document.title = prefix + " " + document.title; }
    summary.focus();
  }

  /* ---- Long work: look again while the page is open. The address asked does not extend the idle time ---- */
  var again = document.querySelector("[data-look-again]");
  if (again) { window.setTimeout(function () { window.location.replace(again.dataset.lookAgain); }, 5000); }

  /* ---- Pages with a form that keeps a draft, or takes a file, load a script of their own ---- */
  window.haven = { stay: stay, token: token, words: words, release: release };
  function load(wanted, address) {
    if (!document.querySelector(wanted)) { return; }
    var script = document.createElement("script");
    script.src = address;
    document.head.append(script);
  }
  load("form[data-draft]", own.dataset.drafts);
  load("form [data-upload]", own.dataset.uploads);
})();
