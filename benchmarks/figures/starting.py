"""How long a start takes: the code alone, an empty demo home made ready, and one that is."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.measure import Figure, in_turn, median, ratio_of, seconds
from benchmarks.world import say

ROUNDS = 5
DEMO_LIMIT = 20


def figures() -> Iterator[Figure]:
    """Processes, from outside."""
    with tempfile.TemporaryDirectory(prefix="haven-bench-") as home:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HAVEN_", "DATABASE_", "KEYSTORE_"))
        }
        environment |= {"HAVEN_HOME": home, "HAVEN_DEMO": "1", "SECRET_KEY": "only-for-measuring-" + "x" * 40}
        environment |= {"ROOT_KEY_AUTOCREATE": "1", "DJANGO_SETTINGS_MODULE": "casemgmt.settings"}
        for folder in ("keys", "files", "tmp"):
            os.makedirs(os.path.join(home, folder), mode=0o700)

        def process(*arguments: str) -> None:
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)

        say("  an empty demo home")
        tables = seconds(
            lambda: (process("manage.py", "migrate", "crypto", "--database=keystore"), process("manage.py", "migrate"))
        )
        people = seconds(lambda: process("manage.py", "prepare"))
        yield Figure(name="start: tables of both databases in an empty home (SQLite)", measured=tables, unit="s")
        yield Figure(
            name="start: the demo's people and cases, and all checks", measured=people, unit="s", limit=DEMO_LIMIT
        )

        def again() -> None:
            process("manage.py", "prepare")

        def code() -> None:
            process("-c", "import django; django.setup(); import casemgmt.urls")

        def bare() -> None:
            process("-c", "import django, django.db.models, django.forms, django.template")

        second, setup, empty = in_turn(again, code, bare, rounds=ROUNDS, warm=1)
        for name, times in (("a home that is ready", second), ("the code alone", setup)):
            yield Figure(
                name=f"start: {name}", measured=median(times), unit="s", peer="Django alone", peer_value=median(empty),
                ratio=ratio_of(times, empty),
            )  # fmt: skip
