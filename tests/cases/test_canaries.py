"""Known words go through the pages; then databases, sessions, messages, logs, mails and all files are searched for them."""

import io
import logging
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casemgmt.accounts.models import Session
from casemgmt.accounts.sessions import SessionStore
from casemgmt.logs import WithoutValues
from cases.choices import DocumentCategory
from cases.htcds.codes import ConsentPrompt
from cases.views import safety
from tests import make
from tests.crypto import raw
from tests.crypto.test_canaries import disguises

#: Plainly made up, and in nobody's code: names, places, numbers, words in several scripts.
WORDS = [
    "Zarquella", "Canarywood", "زرقاء الكناري", "Quarrelsome Lane 17", "PO Box Sparrowgate", "+12025550199",
    "canary@quillmoor.example", "A000777000", "QZX0000777000", "the blue kettle whistles twice", "Grünfinkenweg",
    "Interpreter Wrenfield", "Officer Larkspur", "only when the lamp is lit", "Thornbeak", "canary-letter", "Finchley Gate",
    "behind the third linden tree", "quokka on Thursdays", "half a thought about herons",
]  # fmt: skip
BORN = "1987-11-23"


def found_in(haystack: bytes) -> list[str]:
    """Which of the words lie in there, in any disguise."""
    return [word for word in [*WORDS, BORN] if any(needle in haystack for needle in disguises(word))]


@pytest.fixture
def lines():
    """What the product's own log lines say, at DEBUG."""
    handler, root = logging.StreamHandler(io.StringIO()), logging.getLogger()
    handler.setFormatter(WithoutValues())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.stream
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def written(cast, sign_in, monkeypatch):
    """A case whose every page has been given words, and has been read back; and the client that did it."""
    case = make.case(
        cast.amina, cast.team_of("amina"), first_name="Zarquella", second_name="Canarywood", contact_value="+12025550199",
        contact_rule="only when the lamp is lit", statement="the blue kettle whistles twice",
    )  # fmt: skip
    client = sign_in(cast.amina)

    def post(name, fields, *args):
        answer = client.post(reverse(name, args=[case.uid, *args]), fields)
        assert answer.status_code == 302, (name, answer.status_code)

    post("case-identity", {
        "first_name": "Zarquella", "second_name": "Canarywood", "other_names": "زرقاء الكناري", "birth_date": BORN,
        "x_BirthdatePrecision": "EXACT", "prs_Citizenship_0": "PH", "prs_NumberOfChildren_1": "DECLINED",
    })  # fmt: skip
    post("case-contact-details", {
        "prs_MobilePhone": "+12025550199", "prs_Email": "canary@quillmoor.example",
        "prs_MailingStreet": "Quarrelsome Lane 17", "safe_address": "PO Box Sparrowgate",
    })  # fmt: skip
    post("case-protection", {"a_number": "A000777000", "receipt_number": "QZX0000777000", "note": "Thornbeak"})
    post("case-profile", {"vic_LocationOfRecruitment": "Finchley Gate"}, "recruitment")
    post("case-profile", {
        "vic_TraffickingStatus": "ActualVictimOfTrafficking", "vic_TraffickingStatusDecisionMakingOrg": "Police",
        "decided_by": "Officer Larkspur", "decided_on": "2026-02-01",
    }, "status")  # fmt: skip
    post("case-statement", {"statement": "the blue kettle whistles twice in Grünfinkenweg"})
    post("case-consent", {
        "state": "CONSENTED", "told": ConsentPrompt.values, "obtained_on": "2026-03-02", "language": "en",
        "obtained_by": "Amina Rivers", "interpreter": "Interpreter Wrenfield",
    })  # fmt: skip
    post("case-contact", {
        "channel": "SMS", "value": "+12025550199", "words": "only when the lamp is lit", "leave_message": "NO",
        "shared_device": "NO", "verified_on": "2026-03-02",
    })  # fmt: skip
    post("case-risk", {"risk_level": "HIGH", "reason": "Thornbeak was seen at Finchley Gate"})
    post("case-safety-plan", {"SAFE_PLACES": "behind the third linden tree", "copy": "NONE"})
    post("case-note-add", {"body": "quokka on Thursdays", "privilege_class": "ADVOCATE_CONFIDENTIAL"})
    letter = SimpleUploadedFile("canary-letter.txt", b"the blue kettle whistles twice\n" * 100_000)
    post("case-documents", {"upload": letter, "category": DocumentCategory.OTHER})
    draft = {"statement": "half a thought about herons"}
    assert client.post(reverse("draft", args=["statement", case.uid]), draft).status_code == 204
    wrong = client.post(reverse("case-identity", args=[case.uid]), {"first_name": "Zarquella\x00", "birth_date": "x"})
    assert wrong.status_code == 422
    for name in ("case-overview", "case-survivor", "case-safety", "case-documents", "case-history", "case-statement"):
        assert client.get(reverse(name, args=[case.uid])).status_code == 200, name
    client.post(reverse("case-name", args=[case.uid]))
    client.post(reverse("case-search"), {"term": "Zarquella Canarywood", "q": "Canarywood", "query": "Canarywood"})
    return case, client


def test_the_search_itself_finds_what_is_there():
    assert found_in("so Zarquella said".encode("utf-16-le")) == ["Zarquella"]
    assert found_in(b"x" + "زرقاء الكناري".encode().hex().encode()) == ["زرقاء الكناري"]


def test_no_word_is_found_anywhere(lines, written, caplog):
    case, client = written
    records, keys = raw.dump("default"), raw.dump("keystore")
    assert case.uid.hex.encode() in records.replace(b"-", b""), "the dump is one of this case"
    assert found_in(records) == []
    assert found_in(keys) == []
    sessions = repr([SessionStore().decode(session.session_data) for session in Session.objects.all()])
    assert "_auth_user_id" in sessions
    assert found_in(sessions.encode() + repr(client.cookies).encode()) == []
    assert found_in((caplog.text + lines.getvalue()).encode()) == []
    assert found_in(repr([(letter.subject, letter.body) for letter in mail.outbox]).encode()) == []


def test_no_file_of_the_home_holds_a_word_and_no_temporary_file_stays(written):
    home = Path(settings.HAVEN_HOME)
    sealed = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert sealed, "the letter lies somewhere"
    for folder, _folders, names in os.walk(home):
        for name in names:
            assert found_in(name.encode()) == []
            assert found_in(Path(folder, name).read_bytes()) == [], name
    assert list((home / "tmp").iterdir()) == []


def test_a_page_that_fails_tells_no_word(written, lines, monkeypatch):
    case, client = written

    def fail(plan):
        raise RuntimeError(f"cannot show {plan.reason}")

    monkeypatch.setattr(safety, "_risk", fail)
    client.raise_request_exception = False
    answer = client.get(reverse("case-safety", args=[case.uid]))
    assert answer.status_code == 500
    assert "RuntimeError at" in lines.getvalue()
    assert found_in(answer.content + lines.getvalue().encode()) == []
