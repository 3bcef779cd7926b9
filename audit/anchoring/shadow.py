"""A shadow of the ledger in a log that others keep: one line an event and one a head, with nothing of anybody in it.

``haven-ledger: event UID MAC`` when an event is committed, ``haven-ledger: head SIZE ROOT`` when a checkpoint is.
Whoever rewrites the ledger would have to rewrite that log, too. Lines may get lost on the way (UDP), so a missing line is
no finding; a line without its event is one.
"""

import logging
import logging.handlers
import re
import socket
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, transaction

_TAG = "haven-ledger"
_ADDRESS = re.compile(r"unix:(?P<path>/.+)|(?P<kind>udp|tcp):\[?(?P<host>[^\]]+?)\]?:(?P<port>[0-9]{1,5})")


def after_commit(*words: Any) -> None:
    """Send a line once the running transaction has committed. Nothing happens where no address is set."""
    if settings.SHADOW_SYSLOG:
        transaction.on_commit(_sender(" ".join(str(word) for word in words)), using=DEFAULT_DB_ALIAS)


def _sender(words: str) -> Callable[[], None]:
    def send() -> None:
        line = logging.makeLogRecord({"msg": f"{_TAG}: {words}", "levelno": logging.INFO, "levelname": "INFO"})
        try:
            _handler(settings.SHADOW_SYSLOG).emit(line)
        except OSError:  # it could not even be connected to
            structlog.get_logger("haven").error("shadow_lost")

    return send


class _Handler(logging.handlers.SysLogHandler):
    """Facility auth, level info. A log that is away stops nobody from working; it is told once."""

    append_nul = False
    has_told = False

    def format(self, record: logging.LogRecord) -> str:
        """TCP needs an end of the line."""
        return record.msg + ("\n" if self.socktype == socket.SOCK_STREAM else "")

    def handleError(self, record: logging.LogRecord) -> None:
        """The library would print what it met."""
        if not self.has_told:
            self.has_told = True
            structlog.get_logger("haven").error("shadow_lost")


@lru_cache(maxsize=4)
def _handler(address: str) -> _Handler:
    """What sends to this address. Raises ImproperlyConfigured for one that is none."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ImproperlyConfigured("SHADOW_SYSLOG is unix:/PATH, udp:HOST:PORT or tcp:HOST:PORT.")
    where: Any = found["path"] or (found["host"], int(found["port"]))
    kind = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM, None: None}[found["kind"]]
    return _Handler(where, logging.handlers.SysLogHandler.LOG_AUTH, kind)
