/* Files on their way: how far each is. Without this script the form is sent as any other.
   Several go one after the other, each in a request of its own: one that cannot be kept keeps none of the others away.
   Loaded by app.js on pages with a form that takes a file. */
(function () {
  "use strict";
  function back(page) {
    var main = page.querySelector("main");
    if (!main) { window.location.reload(); return; }
    document.querySelector("main").replaceWith(document.adoptNode(main));
    document.title = page.title;
    window.scrollTo(0, 0);
    var summary = main.querySelector(".errsum");
    if (summary) { summary.focus(); }
  }
  function made(name, text, into) {
    var one = document.createElement(name);
    one.textContent = text;
    into.append(one);
    return one;
  }
  /* What is wrong with this file alone; empty where something else of the form is. */
  function wrongWithFile(page, field) {
    var all = page.querySelectorAll(".errsum li"), own = page.querySelectorAll('.errsum a[href="#' + field.id + '"]');
    var said = page.getElementById(field.id + "_error");
    return said && all.length === own.length ? said.textContent.trim() : "";
  }
  document.addEventListener("submit", function (event) {
    var form = event.target, bar = form.querySelector("[data-upload]"), fields = form.querySelectorAll("input[type=file]"), files = [];
    Array.prototype.forEach.call(fields, function (one) { files = files.concat(Array.prototype.slice.call(one.files || [])); });
    if (event.defaultPrevented || !bar || !files.length) { return; }
    event.preventDefault();
    var field = fields[0], line = bar.querySelector("[role=status]"), usual = bar.querySelector("progress");
    var list = files.length > 1 ? made("ol", "", bar) : null, kept = 0, place = "";
    form.dataset.sending = "1";
    bar.hidden = false;
    usual.hidden = !!list;
    var rows = files.map(function (file) {
      if (!list) { return { progress: usual, words: line }; }
      var row = made("li", "", list);
      made("bdi", file.name, row);
      var progress = made("progress", "", made("div", "", row));
      progress.max = 100;
      progress.value = 0;
      progress.setAttribute("aria-label", file.name);
      return { progress: progress, words: made("p", "", row) };
    });
    function ended() {
      delete form.dataset.sending;
      window.haven.release(form);
    }
    function over() {
      if (kept === files.length) { window.location.assign(place); return; }
      line.textContent = bar.dataset.count.replace("%1", kept).replace("%2", files.length);
      if (kept) { made("a", bar.dataset.on, bar).href = place; }
      Array.prototype.forEach.call(fields, function (one) { one.value = ""; });
      ended();
    }
    function next(number) {
      if (number === files.length) { over(); return; }
      var send = new XMLHttpRequest(), parts = new FormData(form), row = rows[number], told = -1;
      function lost() {
        row.words.textContent = bar.dataset.lost;
        row.progress.hidden = true;
        if (list) { next(number + 1); } else { ended(); }
      }
      Array.prototype.forEach.call(fields, function (one) { parts.delete(one.name); });
      parts.append(field.name, files[number], files[number].name);
      row.progress.hidden = false;
      row.progress.value = 0;
      send.upload.onprogress = function (part) {
        var share = part.total ? Math.floor(100 * part.loaded / part.total) : 0;
        row.progress.value = share;
        /* Said in tens, or a screen reader would never stop. */
        if (Math.floor(share / 10) !== told) { told = Math.floor(share / 10); line.textContent = bar.dataset.sending.replace("%%", 10 * told + " %"); }
      };
      send.upload.onload = function () { row.progress.removeAttribute("value"); line.textContent = bar.dataset.sealing; };
      send.onload = function () {
        var to = send.getResponseHeader("Haven-Location"), page;
        if (send.status === 204 && to) {
          kept += 1;
          place = to;
          if (!list) { over(); return; }
          row.words.textContent = bar.dataset.kept;
          row.progress.hidden = true;
          next(number + 1);
          return;
        }
        if (send.status === 200 && send.responseURL !== (form.action || window.location.href)) { window.location.assign(send.responseURL); return; }
        page = new DOMParser().parseFromString(send.responseText, "text/html");
        var wrong = list && send.status === 422 ? wrongWithFile(page, field) : "";
        if (!wrong) { back(page); return; }
        row.words.textContent = wrong;
        row.progress.hidden = true;
        next(number + 1);
      };
      send.onerror = lost;
      send.onabort = lost;
      send.open("POST", form.action || window.location.href);
      send.setRequestHeader("Haven-Upload", number < files.length - 1 ? "more" : "1");
      send.send(parts);
    }
    next(0);
  });
})();
