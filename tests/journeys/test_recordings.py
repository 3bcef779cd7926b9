"""A recording in a real browser: kept through the form, played on its page under the strict policy, by ranges."""

import base64

import pytest

from .conftest import Office
from .test_when_things_go_wrong import opens_a_case

#: A second of a moving square, recorded by the browser itself (WebM).
RECORD = """async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [160, 120];
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), {mimeType: "video/webm;codecs=vp8"});
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  const ended = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  for (let step = 0; step < 30; step++) {
    pen.fillStyle = step % 2 ? "red" : "blue";
    pen.fillRect(step * 4, 20, 40, 40);
    await new Promise((done) => setTimeout(done, 40));
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""
PLAY = """async (video) => {
  video.muted = true;
  await video.play();
  for (let waited = 0; waited < 100 && !video.currentTime; waited++) await new Promise((done) => setTimeout(done, 50));
  return [video.currentTime > 0, video.videoWidth, video.error && video.error.message];
}"""


@pytest.mark.walks
def test_a_video_is_kept_and_played_on_its_page(office: Office) -> None:
    amina = office.desk("amina")
    case = opens_a_case(amina)
    amina.goes_to(f"{case}documents/")
    page = amina.page
    recording = base64.b64decode(page.evaluate(RECORD))
    assert len(recording) > 1000
    page.get_by_label("What it is").select_option(label="Video or sound recording")
    page.get_by_label("Files", exact=True).set_input_files(
        [{"name": "visit.webm", "mimeType": "video/webm", "buffer": recording}]
    )
    amina.presses("Keep the document").sees("The document is kept, encrypted.")
    refused: list[str] = []
    answers: list[int] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("response", lambda answer: answers.append(answer.status) if "/play/" in answer.url else None)
    amina.follows("visit.webm").sees("Verify this file")
    assert page.locator("video").evaluate(PLAY) == [True, 160, None]
    assert answers and set(answers) == {206} and refused == []
    amina.presses("Compare").sees("The same, byte for byte, as the file that was kept here.")
