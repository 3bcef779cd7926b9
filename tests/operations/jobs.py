"""Tasks for the tests of the worker. They leave marks in the home, so that another process can see what they did."""

import time

from django.conf import settings
from django_tasks import task


def _mark(name: str, word: str) -> None:
    with open(settings.HAVEN_HOME / name, "a", encoding="utf-8") as file:
        file.write(word + "\n")


@task()
def leave_mark(name: str) -> str:
    """One line in ``<home>/<name>``."""
    _mark(name, "done")
    return "left"


@task()
def be_slow_once(name: str, seconds: int) -> None:
    """Takes long the first time, so that it can be killed, and no time afterwards."""
    is_first = not (settings.HAVEN_HOME / name).exists()
    _mark(name, "begun")
    if is_first:
        time.sleep(seconds)
    _mark(name, "done")


@task()
def fail(word: str) -> None:
    """Raises, with a word in its message that must turn up nowhere."""
    raise ValueError(f"canary {word}")
