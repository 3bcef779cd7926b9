"""The witness's door: ``POST /add-checkpoint`` as https://c2sp.org/tlog-witness says, and ``GET /head`` for whoever asks.

``/head`` gives the last cosigned head, so that an auditor can fetch it from the witness and hold a bundle against it.
"""

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .witness import Witness

#: A request is a few kilobytes.
LARGEST = 64 * 1024
#: A caller who says nothing for so long is sent away (seconds).
SLOWEST = 15


class Door(ThreadingHTTPServer):
    """Listens for one witness."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Caller)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody hung up. Nothing to say."""


class _Caller(BaseHTTPRequestHandler):
    server: Door
    timeout = SLOWEST
    server_version = "witness"
    sys_version = ""

    def do_GET(self) -> None:
        """The last head with its cosignature; 404 before the first."""
        if self.path != "/head" or not self.server.witness.note:
            self._say(404, "There is nothing here.\n")
        else:
            self._say(200, self.server.witness.note)

    def do_POST(self) -> None:
        """Judge a head."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._say(404, "There is nothing here.\n")
        elif not (length.isascii() and length.isdigit()) or int(length) > LARGEST:
            self._say(413, "This is too long.\n")
        else:
            found = self.server.witness.answer(self.rfile.read(int(length)))
            self._say(found.status, found.text, found.kind)

    def _say(self, status: int, text: str, kind: str = "text/plain") -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind if "/x." in kind else f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Who asked is nobody's business; what matters is in the folder."""
