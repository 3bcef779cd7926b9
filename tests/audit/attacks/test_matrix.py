"""Attacks by an insider who owns the database, each with the detector that must fire; and which nobody sees.

Tables, verification, file and witness are the real ones. ``docs/ledger.md`` quotes the lists at the end.
"""

import http.client
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from audit import authorizer
from audit.anchoring.shadow_log import check_shadow
from audit.anchoring.witness import parse_request
from audit.models import Checkpoint, Event
from audit.report import Report
from audit.sealing import rows
from casemgmt.crypto import keyring
from tests.cases.canary_evidence import taken_back

from . import insider
from .attempts import ATTEMPTS, Attempt
from .insider import guards_off
from .scene import Scene, build, outside, told

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])

#: What no detector inside the database sees, whoever verifies: that takes a head that somebody else holds.
UNSEEN_WITHOUT_ANCHORS = [
    "delete the last event of a connection before it is sealed",
    "cut everything back to before the last head that left",
    "cut everything back to the last head that left",
    "rewrite, sign and seal anew what left the house",
    "rewrite, sign and seal anew what came after",
    "take an event out, sign and seal anew",
    "play an old copy back and go on from there",
    "remove a connection whose events wait for the seal",
    "make up an act of somebody",
]
#: Of these, what file and witness do not see either: it concerns what no head covered yet, or a first lie told with all keys.
UNSEEN_WITH_ANCHORS = [
    "delete the last event of a connection before it is sealed",
    "cut everything back to the last head that left",
    "rewrite, sign and seal anew what came after",
    "remove a connection whose events wait for the seal",
    "make up an act of somebody",
]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(taken_back())
        yield build(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def scene(built: Scene, db: None, tmp_path: Path) -> Scene:
    """The ledger, with a copy of what lies outside of its own: a witness remembers."""
    keyring.forget()
    folder = tmp_path / "outside"
    shutil.copytree(built.folder, folder)
    return replace(built, folder=folder, alarms=[])


def demand(words: tuple[str, ...], found: list[str]) -> None:
    for pattern in words:
        assert any(re.search(pattern, one) for one in found), (pattern, found)


def test_nothing_is_told_of_a_ledger_that_nobody_touched(scene: Scene) -> None:
    with outside(scene):
        assert told() == []
    with guards_off():
        pass
    assert told() == [] and scene.first < scene.anchored < scene.newest


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.name)
def test_each_attack_is_told_by_the_detector_that_must_see_it(attempt: Attempt, scene: Scene) -> None:
    with guards_off():
        attempt.do(scene)
    with outside(scene):
        found = told()
    demand(attempt.inside + attempt.outside, found)
    assert bool(found) == bool(attempt.inside or attempt.outside), found
    if attempt.outside and not attempt.inside:
        is_of_anchors = re.compile(r"anchor file|The witness|its end was cut off|not those of")
        assert all(is_of_anchors.search(one) for one in found), found


def test_what_nobody_sees_without_anchors(scene: Scene) -> None:
    """All of them, with nothing outside: no file, no witness, and what the database remembers of heads is gone, too."""
    unseen = []
    with guards_off():
        for attempt in ATTEMPTS:
            before = transaction.savepoint()
            attempt.do(scene)
            insider.forget_anchors()
            found = told(of_guards=False)  # they are off all the time, or each would be laid thirty times
            if not found:
                unseen.append(attempt.name)
            else:
                demand(attempt.inside, found)
            transaction.savepoint_rollback(before)
            keyring.forget()
    assert unseen == UNSEEN_WITHOUT_ANCHORS
    assert unseen == [one.name for one in ATTEMPTS if not one.inside]
    assert [one.name for one in ATTEMPTS if not one.inside and not one.outside] == UNSEEN_WITH_ANCHORS


@pytest.mark.parametrize("name", UNSEEN_WITH_ANCHORS)
def test_the_shadow_sees_what_no_head_covers_and_not_what_was_made_up(name: str, scene: Scene, tmp_path: Path) -> None:
    """A log in other hands has a line for each event and head that there was."""
    (attempt,) = (one for one in ATTEMPTS if one.name == name)
    log = tmp_path / "syslog"
    lines = [f"haven-ledger: event {one.uid} {bytes(one.mac).hex()}" for one in Event.objects.all()]
    lines += [f"haven-ledger: head {one.size} {bytes(one.root).hex()}" for one in Checkpoint.objects.all()]
    log.write_text("\n".join(lines) + "\n")
    assert check_shadow(Report(), log).problems == []
    with guards_off():
        attempt.do(scene)
    found = check_shadow(Report(), log).problems
    if name == "make up an act of somebody":
        assert found == []
    else:
        demand((r"shadow log",), found)


def test_two_heads_of_one_size_are_told_by_the_witness(scene: Scene) -> None:
    """A split view: one ledger for the auditor and one for the witness, both signed by the key of the house."""
    head = rows.head()
    assert head is not None
    with outside(scene):
        assert told() == []  # the witness has the newest head now
        other = insider.split_head(scene.base + 9)
        request = f"old {head.size}\n\n{other}".encode()
        assert parse_request(request).old == head.size
        asked = http.client.HTTPConnection(settings.WITNESSES[0].split()[0].removeprefix("http://"))
        asked.request("POST", "/add-checkpoint", request)
        assert asked.getresponse().status == 409
        asked.close()
    assert scene.alarms == [f"Two heads of {head.size} events are signed, and differ."]
    with guards_off():
        insider.reseal_by_hand(scene.newest - 2, bytes(32))
    with outside(scene):
        demand((r"The witness witness\.example\.org saw another head of \d+ events",), told())


def test_a_head_cut_out_of_the_file_is_told(scene: Scene) -> None:
    """The other way round: somebody who holds the file, and not the database."""
    place = scene.folder / "heads.jsonl"
    lines = place.read_text().splitlines()
    place.write_text(lines[0].replace(f"\\n{scene.first}\\n", f"\\n{scene.first - 1}\\n") + "\n")
    with outside(scene):
        demand((r"does not carry our signature: it was altered there",), told())


def test_a_guard_that_was_left_off_is_told(scene: Scene) -> None:
    on = "" if connection.vendor == "sqlite" else " ON audit_event"
    name = "haven_keep_audit_event_delete" if connection.vendor == "sqlite" else "haven_keep"
    connection.check_constraints()
    with authorizer.lifted(connections["default"]):
        insider.run(f'DROP TRIGGER "{name}"{on}')
    demand((r"The guard .*haven_keep.* is missing",), told())


def test_the_words_for_auditors_say_the_same() -> None:
    """docs/ledger.md has a line for each attack: its keys, who tells, and in bold what nothing inside sees."""
    text = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
    rows_told = {cells[1].strip(): cells[2:5] for line in text.splitlines() if len(cells := line.split("|")) == 6}
    short = {"nothing": "–", "the signing key": "signing", "the ledger's key": "ledger's", "both keys": "both"}
    for one in ATTEMPTS:
        name = f"**{one.name}**" if one.name in UNSEEN_WITHOUT_ANCHORS else one.name
        keys_held, inside, outside_of = (cell.strip() for cell in rows_told[name])
        assert keys_held == short[one.holds], name
        assert (inside == "nobody") == (not one.inside), name
        assert ("anchor file, witness" in outside_of) == bool(one.outside), name
