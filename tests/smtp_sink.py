"""A mail server for tests: takes every letter over a real socket, and keeps its bytes."""

import socketserver
import threading
from types import TracebackType


class _Talk(socketserver.StreamRequestHandler):
    """One conversation: as little of SMTP (RFC 5321) as a client needs to hand a letter over."""

    server: "_Server"

    def handle(self) -> None:
        """Greet, say yes to everything, and keep what comes between DATA and a line with one dot."""
        self._say("220 sink ready")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word == b"QUIT":
                self._say("221 bye")
                return
            if word == b"DATA":
                self._say("354 go on")
                letter = list(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(b"".join(letter))
            self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[bytes] = []


class SmtpSink:
    """``with SmtpSink() as sink:`` listens on ``sink.port``; ``sink.letters`` holds what arrived, headers and all."""

    def __init__(self) -> None:
        self._server = _Server()
        self.port: int = self._server.server_address[1]
        self.letters = self._server.letters

    def __enter__(self) -> "SmtpSink":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
