/* A signature drawn with a finger. It goes into the file field above it as a picture, so that the server knows one way only:
   a file. Without this script one chooses a photo or a scan there. Nothing is stored in the browser. */
(function () {
  "use strict";
  Array.prototype.forEach.call(document.querySelectorAll("[data-signature]"), function (pad) {
    var field = document.getElementById(pad.dataset.signature), canvas = pad.querySelector("canvas");
    var status = pad.querySelector("[data-signed]"), pen = canvas.getContext("2d"), down = false, drawn = false;
    /* A picture of her hand must be readable on white paper, also where the page is dark. */
    function clear() {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.strokeStyle = "#111";
      pen.lineWidth = 3;
      pen.lineCap = "round";
      pen.lineJoin = "round";
      drawn = false;
    }
    function at(event) {
      var box = canvas.getBoundingClientRect();
      return { x: (event.clientX - box.left) * canvas.width / box.width, y: (event.clientY - box.top) * canvas.height / box.height };
    }
    function hand() {
      var text = atob(canvas.toDataURL("image/png").split(",")[1]), bytes = new Uint8Array(text.length), files = new DataTransfer();
      for (var place = 0; place < text.length; place += 1) { bytes[place] = text.charCodeAt(place); }
      files.items.add(new File([bytes], "signature.png", { type: "image/png" }));
      field.files = files.files;
      status.textContent = status.dataset.signed;
      var screen = document.querySelector("input[name=evidence][value=SCREEN]");
      if (screen) { screen.checked = true; }
    }
    canvas.addEventListener("pointerdown", function (event) {
      var here = at(event);
      event.preventDefault();
      down = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(here.x, here.y);
      pen.lineTo(here.x + 0.1, here.y);
      pen.stroke();
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!down) { return; }
      var here = at(event);
      pen.lineTo(here.x, here.y);
      pen.stroke();
      drawn = true;
    });
    function up() {
      if (down && drawn) { hand(); }
      down = false;
    }
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    pad.querySelector("[data-signature-clear]").addEventListener("click", function () {
      clear();
      field.value = "";
      status.textContent = "";
    });
    clear();
  });
})();
