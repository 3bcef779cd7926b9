"""No survivor on any page or in any file of the auditors: every address of the workspace, from the resolver itself."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit import clock, pseudonyms
from audit.models import Event, Hint
from audit.verbs import Verb
from audit.workspace import digest
from casemgmt.accounts.choices import AUDITOR_ROLES
from cases.actions.disclosures import Given, disclose_by_release
from cases.actions.notes import add_note
from cases.actions.release_checks import check_releases
from cases.actions.releases import Terms, record_release
from tests import make
from tests.audit.sealing.scene import seal
from tests.audit.test_pages import elif_of, look, make_external
from tests.cases.releasing import signing
from tests.cases.reviewing import reviewed
from tests.cases.test_release_checks import PAPER, planted
from tests.reports.test_samples import shown

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

#: Words of a case, told to the house in each place that ends up in an event or beside one.
CANARY = "Zoraidafeather"


def addresses() -> dict[str, URLPattern]:
    """Name → pattern of every address that lets an auditor in."""
    found: dict[str, URLPattern] = {}

    def walk(patterns: Any) -> None:
        for one in patterns:
            if isinstance(one, URLResolver):
                walk(one.url_patterns)
                continue
            rule = getattr(one.callback, "access_rule", None)
            if one.name and rule is not None and rule.kind == "roles" and AUDITOR_ROLES & set(rule.detail):
                found[one.name] = one

    walk(get_resolver().url_patterns)
    return found


@pytest.fixture
def told(cast) -> dict[str, Any]:
    """A case with the canary in its name, notes, purposes and reasons; everything that auditors see of it has happened."""
    case = make.case(cast.amina, cast.team_of("amina"))
    add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL",
        body=f"{CANARY} called",
    )  # fmt: skip
    release = record_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text=f"{CANARY}'s dentist", terms=Terms(categories=["IDENTITY", "CONTACT"]), signing=signing(),
        expires_at=clock.now() + timedelta(days=9),
    )  # fmt: skip
    disclose_by_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, release_uid=release.uid,
        given=Given(["IDENTITY"], "LETTER", clock.now().date(), is_minimised=True),
    )  # fmt: skip
    event = look(cast.amina, case, reason=f"{CANARY} asked", fields=["survivor.legal_name"])
    review = reviewed(cast, case)
    hint = Hint.objects.create(
        key="canary", rule="CLOSED_CASE", person_uid=cast.amina.uid, case_uid=case.uid, day=clock.now().date(), found=1,
        baseline={"closed_on": "2026-01-02"}, evidence=[str(event.uid)], found_at=clock.now(),
    )  # fmt: skip
    for _number in range(11):
        planted(
            cast, case, purpose_text=f"{CANARY}, all records", terms={"excluded": CANARY},
            signed=[{**PAPER, "kept_where": f"{CANARY}'s cabinet", "name": CANARY}],
        )  # fmt: skip
    check_releases()
    sample = shown(cast)
    seal()
    digest.digest()
    return {"case": case, "event": event, "hint": hint, "review": review, "sample": sample}


def values(told: dict[str, Any]) -> list[str]:
    """What must be nowhere."""
    case = told["case"]
    return [CANARY, "Quillfeather", "Zoraida", case.number, str(case.uid), case.uid.hex, "survivor.legal_name"]


def test_no_value_of_a_case_on_any_page_or_in_any_copy(cast, told, sign_in) -> None:
    auditor = elif_of(cast)
    client = sign_in(auditor, is_fresh=True)
    arguments = {
        "code": None, "uid": told["event"].uid, "hint_uid": told["hint"].uid,
        "review_uid": told["review"].uid, "sample_uid": told["sample"].uid,
    }  # fmt: skip
    names = addresses()
    assert {
        "auditor-home",
        "audit-case",
        "audit-events",
        "audit-proof",
        "audit-queue",
        "controls",
        "ledger-copy",
        "release-evidence",
        "sample-evidence",
        "sample-evidence-sheets",
        "sample-evidence-file",
    } <= set(names)
    opened = set()
    for role in ("inside", "outside"):
        if role == "outside":
            make_external(auditor)
        for name, pattern in names.items():
            wanted = dict.fromkeys(pattern.pattern.converters)
            for key in wanted:
                wanted[key] = arguments.get(key)
            if "code" in wanted:
                wanted["code"] = (
                    pseudonyms.of_person(cast.amina.uid)
                    if name == "audit-person"
                    else pseudonyms.of_case(told["case"].uid)
                )
            address = reverse(name, kwargs=wanted)
            for answer in (client.get(address), client.post(address, {"form": "CSV", "names": "NAMES"})):
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                text = content.decode() + json.dumps(dict(answer.headers))
                for value in values(told):
                    assert value not in text, (role, name, value)
                if answer.status_code == 200:
                    opened.add((role, name))
    # Each page was really opened, but for buttons, which lead back.
    assert set(names) - {name for role, name in opened if role == "inside"} == {
        "audit-verify", "audit-filter-keep", "audit-filter-drop",
    }  # fmt: skip


@pytest.mark.parametrize("names", ["CODES", "NAMES"])
@pytest.mark.parametrize("form", ["CSV", "JSONL"])
def test_no_value_of_a_case_in_any_copy(cast, told, sign_in, form, names) -> None:
    client = sign_in(elif_of(cast), is_fresh=True)
    answer = client.post(reverse("ledger-copy"), {"form": form, "names": names})
    text = b"".join(answer.streaming_content).decode()
    assert str(told["event"].uid) in text and pseudonyms.of_case(told["case"].uid) in text
    for value in values(told):
        assert value not in text
    assert Event.objects.filter(verb=Verb.LEDGER_EXPORTED).exists()
