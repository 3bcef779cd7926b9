"""The optional virus scanner: clamd on this machine, asked file by file before anything is sealed.

What it is given is plaintext, so it must be here: a Unix socket, or a loopback address. Anything else is refused. The
protocol is INSTREAM of clamd(8): ``zINSTREAM``, then pieces after their length (u32, network order), then a zero.
"""

import ipaddress
import socket
import struct
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from casemgmt.logs import get_logger
from cases.errors.files import FileIsInfected, ScannerUnavailable, TooLargeForScanner

CLEAN, UNSCANNED = "CLEAN", "UNSCANNED"
#: For one step of the conversation; a large archive takes its time.
SECONDS = 60
_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096


def scan(reader: Any) -> str:
    """Have a file looked at, from its start; the reader is put back there. CLEAN, UNSCANNED, or "" without a scanner.

    Raises FileIsInfected; and where the scanner does not answer, ScannerUnavailable or TooLargeForScanner, unless
    CLAMD_REQUIRED is off.
    """
    if not settings.CLAMD_ADDRESS:
        return ""
    family, address = parse_address(settings.CLAMD_ADDRESS)
    reader.seek(0)
    try:
        with socket.socket(family, socket.SOCK_STREAM) as line:
            line.settimeout(SECONDS)
            line.connect(address)
            answer = _ask(line, reader)
    except OSError:
        answer = ""
    finally:
        reader.seek(0)
    if answer.endswith("FOUND"):
        raise FileIsInfected
    if answer.endswith("OK"):
        return CLEAN
    get_logger().error("scanner_unavailable")
    if settings.CLAMD_REQUIRED:
        raise TooLargeForScanner if "size limit" in answer else ScannerUnavailable
    return UNSCANNED


def parse_address(words: str) -> tuple[socket.AddressFamily, Any]:
    """``unix:/path`` or ``tcp:127.0.0.1:3310``. Raises ImproperlyConfigured for anything that may leave this machine."""
    kind, _colon, rest = words.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return socket.AF_UNIX, rest
    host, _colon, port = rest.rpartition(":")
    try:
        number = ipaddress.ip_address(host.strip("[]"))
        if kind == "tcp" and number.is_loopback and 0 < int(port) < 65536:
            return (socket.AF_INET if number.version == 4 else socket.AF_INET6), (str(number), int(port))
    except ValueError:
        pass  # said below, with everything else that is wrong
    raise ImproperlyConfigured(
        "CLAMD_ADDRESS is unix:/path/of/the/socket or tcp:127.0.0.1:PORT. The scanner reads files in clear, so it runs on "
        "this machine."
    )


def _ask(line: socket.socket, reader: Any) -> str:
    """What the scanner says; it may say so, and hang up, before it has heard everything."""
    try:
        line.sendall(b"zINSTREAM\0")
        while piece := reader.read(_PIECE):
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        get_logger().info("scanner_hung_up")
    answer = b""
    while len(answer) < _LONGEST_ANSWER and (piece := line.recv(1024)):
        answer += piece
        if b"\0" in piece:
            break
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
