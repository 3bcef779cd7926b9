"""Verification on several processors says what one says, also where two parts meet."""

from pathlib import Path
from typing import Any

import pytest

from .own_home import OwnHome

#: 1,500 events in three streams, and then verification by one and by three processes, before and after each change.
PROGRAM = """
import json
from audit import verify
from audit.models import Leaf
from audit.report import Report
from audit.sealing import verifying
from tests.audit.sealing.scene import note, seal, unguarded
verifying.WORTH_A_PROCESS = 100

def write():
    note(500)
    connections.close_all()

for _ in range(3):
    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
seal()

joined = []
def joins(parts, start, really=verifying._joins):
    joined.append([len(parts), really(parts, start)])
    return joined[-1][1]
verifying._joins = joins

def look(count):
    verifying.processors = verify.processors = lambda: count
    report = verifying.verify_seal(Report(), patience=0)
    streams = verify.verify_streams()
    return [report.problems, streams.problems, report.leaves, report.tiles, report.checkpoints, streams.events]

found = [["", look(1), look(3)]]
size = Leaf.objects.count()
cut = size // 3 // 256 * 256
for statement in (
    f"UPDATE audit_event SET canonical = mac WHERE id = (SELECT event_id FROM audit_leaf WHERE position = {cut})",
    f"UPDATE audit_event SET mac = salt WHERE id = (SELECT event_id FROM audit_leaf WHERE position = {cut - 1})",
    "UPDATE audit_tile SET root = data WHERE level = 0",
    f"DELETE FROM audit_leaf WHERE position = {cut}",
):
    with transaction.atomic():
        with unguarded() as run:
            run(statement)
    found.append([statement, look(1), look(3)])
print(json.dumps({"found": found, "size": size, "joined": joined}))
"""


@pytest.mark.django_db(databases=["default", "keystore"])
def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    home = OwnHome(tmp_path)
    try:
        told: dict[str, Any] = home.run(PROGRAM)
    finally:
        home.close()
    first, *others = told["found"]
    assert first[1][:2] == [[], []]
    assert first[1][2] == told["size"] == 1_500
    assert told["joined"] == [[3, True], *[[3, False]] * len(others)]
    for statement, by_one, by_three in told["found"]:
        assert by_one == by_three, statement
    assert all(by_one[0] for _statement, by_one, _by_three in others)
