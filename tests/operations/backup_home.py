"""What the tests of backups do inside a real home, as a process of its own: ``python -m tests.operations.backup_home``.

``fill``: the cast, some cases, documents. ``write SECONDS``: go on taking people in. ``erase``: a class of the first case.
``names``: every survivor's name that opens, as JSON. ``state``: what tables say.
"""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings")
#: Names that no other word of a home resembles.
CANARY, CANARY_TOO = "Wilhelmstine", "Kanarienthal"


def fill() -> None:
    """The people of the cast, two cases with a name that is looked for later, and three files."""
    from tests import make
    from tests.cast import Cast

    Cast.make()
    cast = Cast()
    for number in range(2):
        case = make.case(cast.amina, cast.team_of("amina"), first_name=CANARY, second_name=CANARY_TOO)
        make.document(case, cast.amina, f"A letter of {CANARY} {number}.\n".encode() * 5000)
    make.document(case, cast.amina, b"%PDF-1.4\n" + os.urandom(200_000), name="paper.pdf")


def write(seconds: str) -> None:
    """Take people in and keep letters, one after another; prints how many."""
    from tests import make
    from tests.cast import Cast

    cast, done, end = Cast(), 0, time.monotonic() + float(seconds)
    while time.monotonic() < end:
        case = make.case(cast.amina, cast.team_of("amina"), first_name=f"Later{done}", second_name=CANARY_TOO)
        make.document(case, cast.amina, b"Another letter.\n")
        done += 1
        print(done, flush=True)


def erase() -> None:
    """Erase a class of the first case by order, to the end."""
    from cases import access
    from cases.models import Case
    from tests.cases.erasing import erase as erase_by_order
    from tests.cast import Cast

    erase_by_order(Cast(), access.for_the_house(Case).order_by("pk").first(), "ADVOCACY")


def names() -> None:
    """The first names of all survivors, opened."""
    from casemgmt.access.sections import Section
    from cases import access
    from cases.models import Survivor
    from cases.opening import open_job

    with open_job("test", list(Section)):
        print(json.dumps(sorted(person.first_name for person in access.for_the_house(Survivor).all())))


def state() -> None:
    """What the tables and the ledger say of backups."""
    from audit.models import Event
    from casemgmt.operations.models import BackupRun, Reminder, RestoreDrill

    told = {
        "runs": list(BackupRun.objects.order_by("pk").values("part", "result", "error", "bytes", "sha256", "engine")),
        "drills": list(RestoreDrill.objects.order_by("pk").values("name", "result", "found")),
        "reminders": list(Reminder.objects.standing().values_list("kind", flat=True)),
        "events": list(
            Event.objects.filter(verb__in=["BACKUP_MADE", "BACKUP_FAILED", "BACKUP_RESTORED", "RESTORE_DRILLED"])
            .order_by("pk").values_list("verb", flat=True)
        ),
    }  # fmt: skip
    print(json.dumps(told))


def main(what: str, *arguments: str) -> None:
    from django.conf import settings

    # For this process alone: a story may begin in the past, an erasure need not wait, passwords are no matter here.
    settings.HAVEN_MAY_BACKDATE = True
    settings.ERASURE_COOLING_DAYS = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
    from audit.context import audit_context

    acts = {"fill": fill, "write": write, "erase": erase, "names": names, "state": state}
    with audit_context("test", "a test"):
        acts[what](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
