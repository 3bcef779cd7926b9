/* A file on its way: how far it is. Without this script the form is sent as any other.
   Loaded by app.js on pages with a form that takes a file. */
(function () {
  "use strict";
  function back(send) {
    var page = new DOMParser().parseFromString(send.responseText, "text/html");
    var main = page.querySelector("main");
    if (!main) { window.location.reload(); return; }
    document.querySelector("main").replaceWith(document.adoptNode(main));
    document.title = page.title;
    window.scrollTo(0, 0);
    var summary = main.querySelector(".errsum");
    if (summary) { summary.focus(); }
  }
  document.addEventListener("submit", function (event) {
    var form = event.target, bar = form.querySelector("[data-upload]"), field = form.querySelector("input[type=file]");
    if (event.defaultPrevented || !bar || !field || !field.files || !field.files.length) { return; }
    event.preventDefault();
    var send = new XMLHttpRequest(), progress = bar.querySelector("progress"), line = bar.querySelector("[role=status]"), told = -1;
    function lost() { line.textContent = bar.dataset.lost; progress.hidden = true; delete form.dataset.sending; window.haven.release(form); }
    form.dataset.sending = "1";
    bar.hidden = false;
    progress.hidden = false;
    progress.value = 0;
    send.upload.onprogress = function (part) {
      var share = part.total ? Math.floor(100 * part.loaded / part.total) : 0;
      progress.value = share;
      /* Said in tens, or a screen reader would never stop. */
      if (Math.floor(share / 10) !== told) { told = Math.floor(share / 10); line.textContent = bar.dataset.sending.replace("%%", 10 * told + " %"); }
    };
    send.upload.onload = function () { progress.removeAttribute("value"); line.textContent = bar.dataset.sealing; };
    send.onload = function () {
      var place = send.getResponseHeader("Haven-Location");
      if (send.status === 204 && place) { window.location.assign(place); }
      else if (send.status === 200 && send.responseURL !== (form.action || window.location.href)) { window.location.assign(send.responseURL); }
      else { back(send); }
    };
    send.onerror = lost;
    send.onabort = lost;
    send.open("POST", form.action || window.location.href);
    send.setRequestHeader("Haven-Upload", "1");
    send.send(new FormData(form));
  });
})();
