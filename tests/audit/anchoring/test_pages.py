"""Prove this event, and the heads that an auditor keeps: the pages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from audit import clock
from audit.anchoring import seen
from audit.anchoring.picture import picture_of
from audit.explaining import explain
from audit.models import Anchor, Event, SeenHead
from audit.sealing import keys, rows
from audit.verbs import Verb
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment
from tests import make
from tests.audit.sealing.scene import note, seal, unguarded

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]
HEADS = "/audit/heads/"


@pytest.fixture
def auditor(cast):
    return getattr(cast, "elif")


@pytest.fixture
def event(cast) -> Event:
    """A reading of a case, sealed among others."""
    from audit.log import record

    case = make.case(cast.amina, cast.team_of("amina"))
    basis = {"kind": "ASSIGNMENT", "purpose": "CASEWORK"}
    found = record(
        Verb.CASE_VIEWED, actor=cast.amina, subject=case, sections=["CARD"], basis=basis, reason="Zoraida rang"
    )
    found.number_of_case = case.number
    note(20)
    seal()
    return found


def text_of(response) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def told(page: str) -> list[str]:
    """The tags of the steps, in order."""
    steps = page[page.index('id="steps-title"') :]
    return re.findall(r'class="tag (ok|warn|bad)"', steps[: steps.index("</ol>")])


def test_every_step_of_the_proof_is_told_in_words(event, auditor, sign_in) -> None:
    client = sign_in(auditor)
    page = text_of(client.get(reverse("audit-proof", args=[event.uid])))
    proof = explain(Event.objects.get(pk=event.pk)).proof
    assert "This event is proved." in page and told(page) == ["ok"] * 5 + ["warn"], "nobody outside holds a head yet"
    for words in (
        "Assigned to the case",
        f"It is entry {proof['position']} of the tree.",
        f"Joined with {len(proof['path'])} hashes of its neighbours",
        f"The key with the fingerprint {keys.fingerprint(keys.listed()[-1].verifier)} signed it.",
        proof["leaf"], proof["mac"], *proof["path"],
    ):  # fmt: skip
        assert words in page, words
    for canary in ("Zoraida", event.number_of_case, str(event.case_uid)):
        assert canary not in page
    trace = Event.objects.latest("pk")
    assert (trace.verb, trace.subject_uid, trace.case_uid) == (Verb.LEDGER_READ, event.uid, event.case_uid)
    assert trace.detail.shown()["codes"]["result"] == "HOLDS"
    head = rows.head()
    Anchor(kind="MAIL", size=head.size, root=head.root, note=head.note, at=clock.now()).save()
    page = text_of(client.get(reverse("audit-proof", args=[event.uid])))
    assert told(page) == ["ok"] * 6 and "Letter to the auditor" in page


def test_it_is_linked_from_each_line_of_the_lists(event, auditor, sign_in) -> None:
    page = text_of(sign_in(auditor).get(reverse("audit-events")))
    assert f'href="{reverse("audit-proof", args=[event.uid])}"' in page


CHANGES = {
    "UPDATE audit_event SET purpose = 'OTHER' WHERE id = {id}": (0, "These do not fit what was recorded: purpose."),
    "UPDATE audit_event SET mac = salt WHERE id = {id}": (1, "It was signed when it was written"),
    "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 0) WHERE event_id = {id}": (
        2,
        "It is entry",
    ),
    "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 0) WHERE event_id = {id} + 1": (
        3,
        "it gives the root",
    ),
    "UPDATE audit_checkpoint SET note = replace(note, 'haven/', 'raven/')": (4, "No key of this ledger signed it."),
    "UPDATE audit_anchor SET root = (SELECT hash FROM audit_leaf WHERE position = 0)": (5, "does NOT begin with"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_step_that_does_not_hold_is_named(change, event, auditor, sign_in) -> None:
    head = rows.head()
    Anchor(kind="MAIL", size=head.size, root=head.root, note=head.note, at=clock.now()).save()
    with unguarded() as run:
        run(change.format(id=event.pk))
    place, words = CHANGES[change]
    page = text_of(sign_in(auditor).get(reverse("audit-proof", args=[event.uid])))
    assert "This event is not proved." in page and told(page)[place] == "bad" and words in page
    assert Event.objects.latest("pk").detail.shown()["codes"]["result"] == "DOES_NOT_HOLD"


def test_what_waits_what_is_gone_and_what_is_nobodys(event, auditor, cast, sign_in) -> None:
    client = sign_in(auditor)
    (late,) = note()
    page = text_of(client.get(reverse("audit-proof", args=[late.uid])))
    assert "This event is not sealed yet." in page and told(page) == ["ok", "ok", "warn"]
    from audit.log import record

    hidden = record(
        Verb.MATTER_VIEWED, actor=cast.luis, subject=None, sections=["LEGAL_FILE"], basis={"kind": "STAFF_COUNSEL"}
    )
    assert client.get(reverse("audit-proof", args=[hidden.uid])).status_code == 404, "privileged ones are only counted"
    assert client.get("/audit/events/2f0c0b4e-0000-4000-8000-000000000000/proof/").status_code == 404
    for person in (cast.amina, cast.farid):
        assert sign_in(person).get(reverse("audit-proof", args=[event.uid])).status_code == 404
        assert sign_in(person).get(HEADS).status_code == 404
    assert client.post(reverse("audit-proof", args=[event.uid])).status_code == 405


def test_from_outside_the_proof_alone(event, auditor, sign_in) -> None:
    held = RoleAssignment.objects.filter(user=auditor, role=Role.INTERNAL_AUDITOR).get()
    held.ends_at = clock.now()
    held.save(update_fields=["ends_at"])
    RoleAssignment.objects.create(user=auditor, role=Role.EXTERNAL_AUDITOR, starts_at=clock.now())
    page = text_of(sign_in(auditor).get(reverse("audit-proof", args=[event.uid])))
    assert "This event is proved." in page and "Assigned to the case" not in page and "Amina" not in page


# ---- heads ----


def test_the_head_of_now_to_print_with_its_code(event, auditor, sign_in) -> None:
    page = text_of(sign_in(auditor).get(HEADS))
    head = rows.head()
    root = bytes(head.root).hex()
    for words in (
        keys.origin(),
        " ".join(root[place : place + 8] for place in range(0, 64, 8)),
        keys.fingerprint(keys.listed()[-1].verifier),
        "data-print",
        "This is the first head you see here.",
        "Nobody but you.",
    ):
        assert words in page, words
    assert picture_of(head.note).path in page
    assert SeenHead.objects.get().size == head.size


@pytest.mark.once
def test_the_code_can_be_read() -> None:
    """Drawn module by module: what the path says is what the library drew."""
    import segno

    text = "haven/ledger/00\n7\nAAAA=\n\n— haven/ledger/00 BBBB\n"
    picture = picture_of(text)
    dark = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", picture.path):
        dark |= {(int(x) + more - 4, int(y) - 4) for more in range(int(width))}
    code = segno.make(text, error="m", micro=False, encoding="utf-8")
    assert dark == {(x, y) for y, row in enumerate(code.matrix) for x, cell in enumerate(row) if cell}
    assert picture.side == len(code.matrix) + 8


def test_what_she_saw_is_proved_to_be_its_beginning(event, auditor, sign_in, monkeypatch) -> None:
    client = sign_in(auditor)
    client.get(reverse("auditor-home"))
    first = SeenHead.objects.get()
    note(3)
    seal()
    assert "Still its beginning" in text_of(client.get(HEADS)) and SeenHead.objects.count() == 1, "once an hour"
    monkeypatch.setattr(seen, "EVERY", timedelta(0))
    client.get(HEADS)
    assert SeenHead.objects.count() == 2 and SeenHead.objects.latest("pk").size > first.size
    with unguarded() as run:
        run("UPDATE audit_seenhead SET root = (SELECT hash FROM audit_leaf WHERE position = 0) WHERE id = %s", first.pk)
    page = text_of(client.get(HEADS))
    assert "Not its beginning any more" in page and SeenHead.objects.count() == 2
    told_ = Event.objects.filter(verb=Verb.LEDGER_VERIFIED)
    client.get(HEADS)
    assert [one.detail.shown()["codes"]["kind"] for one in told_] == ["SEEN"], "recorded, and once"


def test_one_that_she_kept_herself(event, auditor, sign_in) -> None:
    client = sign_in(auditor)
    head = rows.head()
    root = bytes(head.root).hex()
    for kept in (
        head.note,
        f"Dear auditor,\r\n{head.note}",
        f"{head.size} {root}",
        f"{head.size} {root[:30]} {root[30:]}",
    ):
        page = text_of(client.post(HEADS, {"head": kept}))
        assert "Your head holds." in page, kept
    assert Event.objects.filter(verb=Verb.LEDGER_READ).latest("pk").detail.shown()["codes"]["result"] == "FITS"
    page = text_of(client.post(HEADS, {"head": f"{head.size} {'0' * 64}"}))
    assert "Look for a slip of the pen" in page
    assert not Event.objects.filter(verb=Verb.LEDGER_VERIFIED).exists(), "a slip is no finding"
    forged = str(keys.sign(head.size, b"?" * 32))
    page = text_of(client.post(HEADS, {"head": forged}))
    assert "The ledger was changed." in page
    found = Event.objects.get(verb=Verb.LEDGER_VERIFIED)
    assert (found.outcome, found.detail.shown()["codes"]["kind"]) == ("FAILED", "HEAD")
    for wrong, words in {"": "Paste the head", "x": "This is no head", head.note[:40]: "This is no head"}.items():
        answer = client.post(HEADS, {"head": wrong})
        assert answer.status_code == 422 and words in text_of(answer), wrong


def test_who_else_holds_heads(event, auditor, sign_in, settings) -> None:
    settings.ANCHOR_MAIL_TO = ["auditor@example.org"]
    client = sign_in(auditor)
    page = text_of(client.get(HEADS))
    assert "Letter to the auditor" in page and "None has gone out yet" in page and "auditor@example.org" not in page
    head = rows.head()
    Anchor(kind="WITNESS", place="w.example.org", size=head.size, root=head.root, note=head.note, at=clock.now()).save()
    page = text_of(client.get(HEADS))
    assert "w.example.org" in page and "Not set any more" in page
