"""Logs: named events with an allow-list of fields, so that no value of a case can reach a log line."""

import logging
import logging.config
from collections.abc import MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

#: The only fields a log line may carry. Anything else is dropped, and its name is noted.
ALLOWED_FIELDS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "method",
        "route",
        "status",
        "duration_ms",
        "job",
        "attempt",
        "error",
        "count",
        "engine",
        "port",
        "version",
    }
)


def keep_allowed_fields(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the allow-list; ``dropped`` names them, never their values."""
    dropped = sorted(set(line) - ALLOWED_FIELDS)
    kept = {key: value for key, value in line.items() if key in ALLOWED_FIELDS}
    if dropped:
        kept["dropped"] = ",".join(dropped)
    return kept


class WithoutValues(logging.Formatter):
    """Formats records of libraries: time, level, logger and message template, never its arguments or traceback locals.

    A traceback is reduced to exception type and place, because messages of exceptions may quote what a person typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        words = record.getMessage() if record.name.startswith("haven") else template_of(record)
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {words}"
        if record.exc_info and record.exc_info[0] is not None:
            frame = record.exc_info[2]
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "?"
            line += f" [{record.exc_info[0].__name__} at {place}]"
        return line


def template_of(record: logging.LogRecord) -> str:
    """The words of a message as they stand in the code, with its numbers (a process id) and nothing else filled in.

    A message without arguments may have been put together before it was logged: gunicorn and Django do that with what
    a browser sent. It is shown only where it stands, word for word, in the file that logs it.
    """
    words = record.msg if isinstance(record.msg, str) else ""
    if isinstance(record.args, tuple) and record.args:
        try:
            return words % tuple(one if isinstance(one, int | float) else "…" for one in record.args)
        except (TypeError, ValueError):
            return words
    if record.args or (words and any(f"{quote}{words}{quote}" in _code_of(record.pathname) for quote in "\"'")):
        return words
    return f"(words not shown) {Path(record.pathname).name}:{record.lineno}"


@lru_cache(maxsize=256)
def _code_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def configure(_config: dict) -> None:
    """Called by Django (``LOGGING_CONFIG``). SQL is never logged, at any level."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"plain": {"()": WithoutValues}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
            "root": {"handlers": ["stderr"], "level": "INFO"},
            "loggers": {
                # Without Django's own handler, which mails every error to administrators: mail leaves the house.
                "django": {"handlers": [], "level": "INFO"},
                "django.db.backends": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed_fields,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def get_logger() -> Any:
    """Haven's own log: ``get_logger().info("job_finished", job="due_rows", duration_ms=12)``."""
    return structlog.get_logger("haven")
