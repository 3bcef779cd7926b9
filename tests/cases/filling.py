"""A back-fill in a process of its own, that a test may kill: ``python -m tests.cases.filling make 60 | fill | check``."""

import os
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402

from audit.context import audit_context  # noqa: E402
from cases import access, search_index  # noqa: E402
from cases.actions import indexing  # noqa: E402
from cases.models import BlindToken, Case  # noqa: E402
from tests import make, postgres  # noqa: E402
from tests.cast import Cast  # noqa: E402


def name_databases() -> None:
    """On PostgreSQL: databases of this home's own, in the cluster of the test run."""
    for alias, options in connections.settings.items():
        if options["ENGINE"].endswith("postgresql"):
            options["NAME"] = f"{os.environ['HAVEN_FILL_DATABASE']}_{alias}"


def lay_out(number: int) -> None:
    """Tables, people and so many cases."""
    for options in connections.settings.values():
        if options["ENGINE"].endswith("postgresql"):
            postgres.create_database(options["NAME"])
    for alias in ("keystore", "default"):
        call_command("migrate", run_syncdb=True, database=alias, interactive=False, verbosity=0)
    Cast.make()
    cast = Cast()
    for place in range(number):
        make.case(cast.amina, cast.team_of("amina"), first_name=f"Zoraida {place}", second_name=f"Quill {place % 7}")
    print(number)


def fill(*, slowly: bool) -> None:
    """Fill to the end; slowly: four cases at a time, saying how far it is and waiting, so that it can be killed."""
    if slowly:
        indexing.CASES_AT_ONCE = 4

    def say(done: int, _total: int) -> None:
        print(done, flush=True)
        time.sleep(0.2 if slowly else 0)

    indexing.fill(reason="a test", say=say)
    print("ready" if search_index.ready() else "not ready")


def check() -> None:
    """Whether the tokens are those that the records demand, every one once."""
    kept = sorted(BlindToken._base_manager.values_list("index", "epoch", "token", "case_id"))
    BlindToken._base_manager.all().delete()
    with transaction.atomic():
        cases = access.lock_cases(list(access.for_the_house(Case).values_list("pk", flat=True)))
        search_index.remember_all(None, cases, search_index.states())
    fresh = sorted(BlindToken._base_manager.values_list("index", "epoch", "token", "case_id"))
    print("same" if kept == fresh and fresh else f"{len(kept)} tokens instead of {len(fresh)}")


if __name__ == "__main__":
    settings.CASE_SEARCH = "index"
    name_databases()
    with audit_context("test", "a test"):
        match sys.argv[1:]:
            case ["make", number]:
                lay_out(int(number))
            case ["fill", *words]:
                fill(slowly="slowly" in words)
            case ["check"]:
                check()
