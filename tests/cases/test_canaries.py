"""The table of places where plaintext leaks, one test a line: known words went through all pages, and lie nowhere.

``canary_walk`` types the words of ``canary_words``, ``canary_evidence`` collects; each place is searched for each word in every
disguise: utf-8, utf-16, hex, base64 at each offset, backwards, folded, as JSON and as part of an address. On both
engines. What error reports and debug pages show is in ``tests/house/test_error_reports.py``, what the processes of
a served house show in ``tests/operations/test_served.py``.
"""

import email
import email.policy
import json
import logging
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse

from casemgmt.crypto.registry import live_sealed_fields
from cases.views import safety
from tests import make
from tests.accounts.signing_in import sign_in
from tests.cases.canary_evidence import Everything, Evidence, printed
from tests.cases.canary_walk import walk
from tests.cases.canary_words import ALL_WORDS, LETTER, SOUGHT, WORDS
from tests.crypto.test_canaries import disguises

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])

ROOT = Path(__file__).resolve().parents[2]
NEEDLES = {word: disguises(word) for word in ALL_WORDS}
#: Four letters of each disguise, one from its middle: where they do not stand next to each other, it does not.
INKLINGS = {(needle[middle : middle + 4], word, needle) for word, needles in NEEDLES.items() for needle in needles
            if (middle := len(needle) // 2 - 2) >= 0}  # fmt: skip
BLOCK, OVERLAP = 1 << 18, max(len(needle) for needles in NEEDLES.values() for needle in needles)
MODELS = [model._meta.label for model in apps.get_models()]


def found_in(haystack: bytes | str) -> list[str]:
    """Which of the words lie in there, in any disguise. Thousands of them in megabytes: block by block, inklings first."""
    if isinstance(haystack, str):
        haystack = haystack.encode()
    found = set()
    for begin in range(0, len(haystack), BLOCK):
        block = haystack[begin : begin + BLOCK + OVERLAP]
        fours = {block[at : at + 4] for at in range(len(block))}
        found |= {word for four, word, needle in INKLINGS if four in fours and needle in block}
    return [word for word in NEEDLES if word in found]


def fail_showing(plan):
    """Fail with a value in a local and in the error. No word may stand near: lines of code are shown."""
    reason = plan.reason
    assert reason in NEEDLES
    raise RuntimeError(f"cannot show {reason}")


@pytest.fixture(scope="module")
def evidence(django_db_setup, django_db_blocker) -> Evidence:
    """One walk for the whole table."""
    with django_db_blocker.unblock():
        return walk()


# ---- The table itself: that it can find, and that there is something to find ----


def test_the_search_finds_every_disguise():
    assert found_in("so Zarquella said".encode("utf-16-le")) == ["Zarquella"]
    assert found_in(b"x" + "زرقاء الكناري".encode().hex().encode()) == ["زرقاء الكناري"]
    assert found_in(json.dumps({"name": "زرقاء الكناري"})) == ["زرقاء الكناري"]
    assert found_in("GET /cases/?q=Hoopoelina+Rollerson") == [SOUGHT]
    assert found_in("1987-11-23"[::-1]) == ["1987-11-23"]
    assert [word for word, needles in NEEDLES.items() if word not in found_in(b"".join(needles))] == []
    assert found_in(b"." * (BLOCK - 4) + b"Zarquella" + b"." * BLOCK) == ["Zarquella"], "where two blocks meet"


def test_every_word_went_in_and_was_shown_to_somebody(evidence):
    shown = "\n".join(evidence.pages)
    assert [word for word in WORDS if word not in shown] == []


#: Sealed fields in which nobody can type: codes, ticks, numbers and what Haven makes up. They must have been filled all the same.
CODED = {
    "breach.facts", "caller.facts", "case_link.what", "case_proceeding.what", "proceeding.sides",
    "case.alias", "case.language", "consent.state", "consent.told",
    "disclosure.categories", "document.about", "production.categories", "production.items", "goal.area",
    "hearing.facts", "import.columns", "import.remarks", "legal_matter.matter_type", "legal_matter.outcome",
    "legal_matter.stage", "need.area", "need.barrier", "plan.her_answer", "safety.risk_level",
    "case_alert.seen", "safety_assessment.answers", "safety_call.why", "saved_view.query", "service.facts", "survivor.about",
}  # fmt: skip
#: Sealed fields that this walk does not reach: codes alone, or read from sheets. Where they are written and looked at.
ELSEWHERE = {
    "case.alerts": "tests/cases/test_safety.py",
    "case.closure_reason": "tests/cases/test_stages.py",
    "case.closing": "tests/cases/test_stages.py",
    "case.referral": "tests/cases/test_import_actions.py",
    "named_match.what": "tests/cases/test_named.py",
    "erasure.talk": "tests/cases/test_erasure.py",
    "portrait.picture": "tests/cases/test_portraits.py",
    "safety.own_view": "tests/cases/test_safety.py",
    "text_template.body": "tests/cases/test_texts.py",
    "stay.exit_facts": "tests/services/test_aftercare_and_reintegration.py",
}
FIDS = sorted({one.fid for one in live_sealed_fields() if not one.model.__module__.startswith("tests.")})


@pytest.mark.parametrize("fid", FIDS)
def test_every_sealed_field_was_planted(evidence, fid):
    """A field that nothing was typed into is searched for nothing: a new one fails here by its name."""
    if fid in ELSEWHERE:
        return
    held = evidence.sealed[fid]
    assert held, f"the walk leaves nothing in {fid}"
    assert fid in CODED or any(word in held for word in WORDS), f"no word of the table lies in {fid}"


def test_the_exceptions_name_fields_that_are_there():
    assert CODED | set(ELSEWHERE) <= set(FIDS) and not CODED & set(ELSEWHERE)
    assert all((ROOT / path).is_file() for path in ELSEWHERE.values())


# ---- Database and history dumps ----


def test_database_and_history_dumps(evidence):
    assert evidence.uid.hex.encode() in evidence.records.replace(b"-", b""), "the dump is one of this case"
    assert found_in(evidence.records) == []
    assert found_in(evidence.keys) == []


# ---- Logs at DEBUG, SQL logs ----


def test_logs_at_debug(evidence):
    lines = "\n".join(evidence.logs)
    assert "RuntimeError at" in lines and "job_failed" in lines, "the failures of the walk are in it"
    assert found_in(lines) == []


def test_sql_logs(evidence):
    lines = "\n".join(evidence.sql)
    assert len(evidence.sql) > 1000 and "cases_survivor" in lines
    assert found_in(lines) == []


def test_sql_is_not_logged_at_all_as_the_product_is_configured():
    log = logging.getLogger("django.db.backends")
    assert not log.isEnabledFor(logging.DEBUG) and not log.propagate


# ---- Tracebacks, debug pages ----


@pytest.mark.parametrize("is_debug", [False, True])
def test_a_page_that_fails(cast, settings, monkeypatch, is_debug):
    settings.DEBUG = is_debug
    case = make.case(cast.amina, cast.team_of("amina"), first_name="Zarquella", statement="quokka on Thursdays")
    client, heard = sign_in(cast.amina), Evidence()
    sent = client.post(reverse("case-risk", args=[case.uid]), {"risk_level": "HIGH", "reason": "Thornbeak"})
    assert sent.status_code == 302
    client.raise_request_exception = False
    monkeypatch.setattr(safety, "_risk", fail_showing)
    with Everything(heard).listening():
        answer = client.get(reverse("case-safety", args=[case.uid]))
    assert answer.status_code == 500
    assert found_in(answer.content) == []
    assert "RuntimeError at" in "\n".join(heard.logs)
    assert found_in("\n".join(heard.logs)) == []
    assert (b"Traceback" in answer.content) is is_debug, "with DEBUG it is the debug page"


# ---- Sessions, cache, messages ----


def test_sessions(evidence):
    assert b"_auth_user_id" in evidence.sessions
    assert found_in(evidence.sessions) == []


def test_the_cache(evidence):
    assert b"haven_cache" not in evidence.records and "haven_cache" in "\n".join(evidence.sql), "the cache was asked"
    # Its table is in the dump; what lies in it is pickled and in base64, as the disguises are.
    assert found_in(evidence.records) == []


def test_messages_and_cookies(evidence):
    assert evidence.messages, "what pages say once travels in a cookie"
    assert found_in("\n".join(evidence.messages)) == []
    assert found_in("\n".join(evidence.cookies)) == []


# ---- Job payloads, e-mails ----


def test_job_payloads_results_and_failures(evidence):
    assert [status for _task, status, _row in evidence.jobs].count("SUCCESSFUL") >= 1
    assert any("RuntimeError" in row for _task, _status, row in evidence.jobs), "one job failed quoting a word"
    assert found_in("\n".join(row for _task, _status, row in evidence.jobs)) == []


def test_e_mails_over_a_real_socket(evidence):
    read = [email.message_from_bytes(letter, policy=email.policy.default) for letter in evidence.letters]
    texts = "".join(f"{letter.items()} {letter.get_content()}" for letter in read)
    assert "/invitation/" in texts, "the invitation arrived"
    assert found_in(b"".join(evidence.letters)) == []
    assert found_in(texts) == []


# ---- Temporary files ----


@pytest.mark.parametrize("moment", ["upload", "download", "import", "export", "failed upload"])
def test_temporary_files_during(evidence, moment):
    files = [(place, content) for when, place, content in evidence.during if when == moment]
    if moment == "upload":
        assert any(len(content) >= len(LETTER) for _place, content in files), "the letter lay there, sealed"
    for place, content in files:
        assert found_in(place) == [] and found_in(content) == [], place


def test_a_bundle_of_the_ledger_for_an_outsider(evidence):
    """By default and with values: what people wrote about a survivor is in no event, and case numbers are not."""
    assert evidence.bundle.count(b'"entry":') > 100 and b'"opened":' in evidence.full_bundle
    assert found_in(evidence.bundle) == [] and found_in(evidence.full_bundle) == []
    assert not re.search(rf"{settings.CASE_NUMBER_PREFIX}-[0-9A-Z]{{4}}-[0-9A-Z]{{4}}".encode(), evidence.bundle)


def test_temporary_files_after(evidence):
    assert evidence.left_over == []


def test_every_file_of_the_home(evidence):
    assert any(f"{path}".count("/files/") for path, _content in evidence.home), "the letter lies somewhere"
    for path, content in evidence.home:
        assert found_in(path) == [] and found_in(content) == [], path


# ---- The browser ----


def test_no_store_on_every_page(evidence):
    assert len(evidence.answers) > 60
    assert [answer[:3] for answer in evidence.answers if "no-store" not in answer[3].get("Cache-Control", "")] == []


def test_policies_on_every_page(evidence):
    for method, address, status, headers in evidence.answers:
        assert headers["Referrer-Policy"] == "same-origin", (method, address, status)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, (method, address, status)


def test_no_word_in_an_address_a_redirect_or_a_title(evidence):
    assert len(set(evidence.titles)) > 10
    told = [f"{address} {headers.get('Location', '')}" for _method, address, _status, headers in evidence.answers]
    assert found_in("\n".join(told)) == []
    assert found_in("\n".join(evidence.titles)) == []


def test_signing_out_clears_the_browser(cast):
    answer = sign_in(cast.amina).post(reverse("sign-out"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


# ---- str() of every model ----


@pytest.mark.parametrize("label", MODELS)
def test_str_repr_and_attributes_of_every_model(evidence, label):
    """Of an empty record and of the newest rows of the walk; no gate is open, and nothing raises."""
    assert found_in(evidence.printed[label]) == []


def test_rows_were_printed_of_what_the_walk_wrote(evidence):
    for label in (
        "cases.Survivor",
        "cases.HistoricalSurvivor",
        "services.Hearing",
        "cases.LegalHold",
        "cases.BlindToken",
    ):
        assert len(re.findall("<sealed|uid|token", evidence.printed[label])) > 1, label


def test_a_model_that_prints_a_value_would_be_found(evidence, monkeypatch):
    """The last line of the table can fail."""
    survivor = apps.get_model("cases.Survivor")
    monkeypatch.setattr(survivor, "__str__", lambda row: "Zarquella")
    monkeypatch.setattr("django.db.models.QuerySet.order_by", lambda *_: [])
    monkeypatch.setattr("django.db.models.QuerySet.__repr__", lambda _: "")
    monkeypatch.setattr("django.db.models.QuerySet.__iter__", lambda _: iter(()))
    assert found_in(printed(survivor)) == ["Zarquella"]
