"""A backup was restored: what it lost is told once and for good, and covers nothing but what left before."""

from pathlib import Path

import pytest

from audit.anchoring import checking, gaps
from audit.anchoring.keeping import keep_anchors
from audit.models import Anchor, Event, Leaf
from audit.report import Report
from audit.sealing import rows
from audit.verbs import Verb
from audit.workspace.badge import badge
from tests.audit.attacks import insider
from tests.audit.sealing.scene import note, seal

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("in_context")]


@pytest.fixture
def backup_size(settings, tmp_path) -> int:
    """A ledger that goes on after its backup was taken, with every head in the file, and is then put back."""
    settings.ANCHOR_FILE = str(tmp_path / "heads.jsonl")
    note(300)
    seal()
    keep_anchors()
    size = rows.head().size
    for count in (5, 7):
        note(count)
        seal()
        keep_anchors()
    put_back(size)
    return size


def put_back(size: int) -> None:
    """As the database was at this size: the events after it, the seal and the rows about anchors are gone."""
    later = list(Leaf.objects.filter(position__gte=size).values_list("event_id", flat=True))
    with insider.guards_off():
        Anchor.objects.filter(size__gt=size)._raw_delete("default")
        insider.cut_seal(size)
        insider.remove(*later)


def found() -> Report:
    return checking.check_anchors(Report())


def test_before_it_is_told_the_file_convicts(backup_size) -> None:
    assert all("its end was cut off" in one for one in found().problems) and len(found().problems) == 2


def test_a_restore_tells_what_it_lost(backup_size) -> None:
    gap = gaps.note_gap()
    assert gap is not None and (gap.size, gap.lost) == (backup_size, 12)
    event = Event.objects.get(verb=Verb.RESTORE_GAP)
    assert event.outcome == "FAILED"
    report = found()
    assert report.problems == []
    assert report.remarks == [
        f"A backup was restored on {gap.at:%Y-%m-%d}: 12 events that were sealed after it are lost."
    ]
    assert badge().gap == gap


def test_the_ledger_goes_on_and_what_leaves_later_convicts_as_ever(backup_size) -> None:
    gaps.note_gap()
    note(20)
    seal()
    keep_anchors()
    assert found().problems == []
    put_back(backup_size + 3)
    assert any("its end was cut off" in one for one in found().problems), "nobody restored anything this time"


def test_without_a_gap_nothing_is_told(settings, tmp_path) -> None:
    settings.ANCHOR_FILE = str(tmp_path / "heads.jsonl")
    note(5)
    seal()
    keep_anchors()
    note(5)
    seal()
    assert gaps.note_gap() is None
    assert not Event.objects.filter(verb=Verb.RESTORE_GAP).exists() and badge().gap is None


def test_a_head_that_is_not_ours_makes_no_gap(backup_size, settings) -> None:
    """Or whoever may write to the file could have the house tell a loss that never was."""
    place = Path(settings.ANCHOR_FILE)
    place.write_text("\n".join(line.replace("— haven", "— other") for line in place.read_text().splitlines()) + "\n")
    assert gaps.note_gap() is None
