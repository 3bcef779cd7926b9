"""A person at a terminal: runs a command on a pseudo-terminal, waits for words and types."""

import os
import pty
import select
import signal
import time
from pathlib import Path


class Terminal:
    """``with Terminal(command, environment) as person: person.expect("Passphrase"); person.type("…")``."""

    def __init__(self, command: list[str], environment: dict[str, str], cwd: Path) -> None:
        self.seen = ""
        self._read_to = 0
        self.pid, self._line = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], command, {**environment, "TERM": "dumb", "COLUMNS": "200"})

    def expect(self, words: str, seconds: float = 60) -> str:
        """Wait until the command has said these words, and return what it said up to them since the last time."""
        until = time.monotonic() + seconds
        while words not in self.seen[self._read_to :]:
            if not self._read(until):
                raise AssertionError(f"“{words}” was not said. What was: {self.seen[-3000:]}")
        end = self.seen.index(words, self._read_to) + len(words)
        said, self._read_to = self.seen[self._read_to : end], end
        return said

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        os.write(self._line, f"{line}\n".encode())

    def end(self, seconds: float = 60) -> int:
        """Wait for the end of the command and return its exit code."""
        until = time.monotonic() + seconds
        while self._read(until):
            pass
        done, status = os.waitpid(self.pid, os.WNOHANG)
        while not done and time.monotonic() < until:
            time.sleep(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
        if not done:
            raise AssertionError(f"The command did not end. It said: {self.seen[-3000:]}")
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def _read(self, until: float) -> bool:
        """Take in what is there. False at the end of the command, or of the time."""
        ready, _, _ = select.select([self._line], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return False
        try:
            piece = os.read(self._line, 65536)
        except OSError:
            return False  # the other side is closed
        self.seen += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_error: object) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._line)
