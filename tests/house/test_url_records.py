"""The matrix by record: every address that names a record is asked with a real one of each section, and with another case's.

Inside a case the answer follows from the section (and matter) of the very record. What belongs to one person or one
desk stands in ``DESKS``, with the people it may open for: an address without an entry fails by name, and so does one
that opened for nobody.
"""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cases.models import Case
from tests.accounts.signing_in import sign_in
from tests.cast import Cast
from tests.house.matrix import Address, Records, Row, addresses, given_away
from tests.house.test_url_matrix import ONE_BY_ONE, Known
from tests.house.world import World, words_of

pytestmark = [
    pytest.mark.walks, pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger"),
]  # fmt: skip

#: Whoever holds something of the northern case in a way of her own, and strangers with every kind of role.
READERS = ("amina", "bea", "chidi", "dana", "gita", "jonas", "luis", "kemi", "hugo", "nadia")
#: Of them in the normal run: an assignment, a matter, the clinic, nothing.
QUICKLY = ("amina", "chidi", "gita", "dana")
REFUSALS = frozenset({403, 404, 405, 410})


def nested() -> list[Address]:
    """Addresses of a record inside a case or matter."""
    return [one for one in addresses() if one.is_of_a_case and _record_of(one)]


def _record_of(address: Address) -> str:
    """The parameter that names a record inside the case; empty where there is none."""
    return next((name for name in address.parameters if name.endswith("_uid")), "")


def _taken_back(client: Client, method: str, path: str) -> Any:
    """Ask, and take back whatever it did."""
    with transaction.atomic():
        response = getattr(client, method)(path)
        if response.streaming:
            response.content_read = b"".join(response.streaming_content)
            response.streaming_content = [response.content_read]
        transaction.set_rollback(True)
    return response


# ---- Records inside a case ----


def test_there_is_a_record_for_every_parameter(world: World, north: Records, south: Case) -> None:
    """An address that is asked with a uid of nothing would prove nothing."""
    missing = [
        (address.name, _record_of(address))
        for address in nested()
        for records in (north, world.south)
        if not records.of(_record_of(address))
    ]
    assert missing == []
    assert len(nested()) >= 35


#: What is refused to everybody in this world, with the reason.
CLOSED_TO_ALL = {
    "case-link-end": "the other case of the link is none of this world; tests/cases/test_linking.py",
    "case-photo-picture": "no release for photos stands in this world; tests/cases/test_portraits.py",
    "case-document-preview": "a letter has no small picture",
    "matter-document-preview": "a letter has no small picture",
}


#: What another right opens as well as the record's own section, without showing what is in it.
WRITERS_TOO = {"stay-end": "write_services"}  # the caseworker ends a stay, and reads no house note


def _fitting(records: Records, address: Address) -> list[Row]:
    """The records that may stand in this address: of its own matter, where it names one."""
    rows = records.of(_record_of(address))
    is_of_matter = address.rule is not None and address.rule.kind == "guarded_matter"
    return [row for row in rows if not is_of_matter or row.matter_uid == records.matter_uid]


def _allowed(known: Known, address: Address, row: Row) -> set[int]:
    """The answers that the address's rule and the record's own section allow."""
    allowed = known.expected(address)
    if 200 not in allowed:
        return allowed
    # Whoever lacks its section is refused as a colleague, or hears of no such record; else it may be of another kind.
    reads = known.reads(row) or (address.name in WRITERS_TOO and known.may(WRITERS_TOO[address.name]))
    return allowed | {404, 410} if reads else {403, 404, 405}


@pytest.mark.parametrize("people", [QUICKLY, pytest.param(READERS, marks=pytest.mark.deep)], ids=["some", "all"])
def test_a_record_opens_by_its_own_section(people: tuple[str, ...], cast: Cast, world: World, north: Records) -> None:
    """Every reader asks for every record of the northern case, by GET and POST. A view that refuses everybody would not pass."""
    wrong = []
    closed = {address.name for address in nested()}
    for key in people:
        person = getattr(cast, key)
        client, known = sign_in(person, is_fresh=True), Known(person, north.case)
        words = [] if Known(person, world.south.case).card else words_of(world.south.case)
        for address in nested():
            for row in _fitting(north, address):
                allowed = _allowed(known, address, row)
                path = north.path(address, **{_record_of(address): row.uid})
                for method in ("get", "post"):
                    response = _taken_back(client, method, path)
                    said = given_away(response, words, asked=path)
                    if response.status_code not in allowed or said:
                        wrong.append((key, address.name, row.section, method, response.status_code, said))
                    elif response.status_code not in REFUSALS:
                        closed.discard(address.name)
    assert not wrong, "\n".join(map(str, wrong))
    # A plan is decided by a supervisor, who is not among the few of a quick run.
    assert closed - ({"plan-decide"} if people == QUICKLY else set()) == set(CLOSED_TO_ALL)


@pytest.mark.parametrize("key", ["amina", "dana"])
def test_no_record_of_another_case_under_this_ones_address(
    key: str, cast: Cast, world: World, north: Records, south: Case
) -> None:  # fmt: skip
    """Neither by the reader of the one, nor by the reader of the other."""
    client = sign_in(getattr(cast, key), is_fresh=True)
    wrong = []
    for address in nested():
        name = _record_of(address)
        for row in world.south.of(name):
            path = north.path(address, **{name: row.uid})
            for method in ("get", "post"):
                response = _taken_back(client, method, path)
                said = given_away(response, words_of(south), asked=path)
                if response.status_code not in (403, 404, 405) or said:
                    wrong.append((address.name, method, response.status_code, said))
    assert not wrong, "\n".join(map(str, wrong))


# ---- What belongs to one person or one desk ----

DESK = frozenset({"kemi", "omar"})
#: address → (the uid's name in the world for each parameter, whom it opens for). Whom it does not open for, it is hidden from.
DESKS: dict[str, tuple[dict[str, str], frozenset[str]]] = {
    name: (dict(pair.split("=") for pair in uids.split()), frozenset(people.split()))
    for name, uids, people in (
        # One's own
        ("end-session", "uid=session", "amina"),
        ("held-form", "uid=held", "amina"),
        ("draft", "kind=#statement about=case", "CARD"),  # everybody keeps her own; GET gives back none but one's own
        ("draft-discard", "kind=#statement about=case", "EVERYBODY"),  # throws away one's own, where there is one
        ("case-view-discard", "view_uid=view", "amina"),
        ("case-view-unshare", "shared_view_uid=shared_view", "amina bea"),
        *((name, "tag_uid=tag", "farid mara omar") for name in ("tag-retire", "tag-offer")),
        ("case-search-result", "search_uid=search", "amina"),
        ("declaration-end", "uid=declaration", "amina"),
        ("import-batch", "uid=batch", "amina"),
        ("import-share", "uid=batch", "amina"),
        ("import-unshare", "shared_mapping_uid=shared_mapping", "amina bea"),
        ("import-progress", "uid=batch", "amina"),
        ("import-take", "uid=batch", "amina"),
        ("import-go-on", "uid=batch", "amina"),
        ("import-discard", "uid=batch", "amina"),
        ("import-row", "uid=batch row_uid=row", "amina"),
        ("import-row-discard", "uid=batch row_uid=row", "amina"),
        ("import-undo", "uid=batch", "amina"),
        *((name, "uid=batch", "amina") for name in ("import-columns", "import-answers", "import-forget")),
        ("intake-form", "draft_uid=search", "amina bea dana nadia"),
        ("intake-group-form", "draft_uid=search", "amina bea dana nadia"),
        # Answers for people and teams
        ("answer-membership", "uid=membership", "omar"),
        ("answer-request", "uid=request", "bea omar"),
        ("shift-new", "team_uid=team", "bea"),
        ("shift-end", "shift_uid=shift", "bea"),
        ("away-take-back", "person_uid=nadia", "amina"),
        ("hand-over-team", "uid=team", "bea omar"),
        ("colleague", "uid=jonas", "farid kemi omar"),
        ("colleague-account", "uid=jonas", ""),
        ("colleague-change", "uid=jonas deed=#leave", "farid omar"),
        ("people-changed", "uid=change", "farid omar"),
        ("organisation-act", "uid=organisation deed=#suspend", "farid kemi omar"),
        ("incident-close", "uid=incident", "kemi omar"),
        # Administration
        *((name, uids, "farid") for name, uids in (
            ("person", "uid=jonas"), ("give-role", "uid=jonas"), ("note-mandate", "uid=jonas"),
            ("take-role", "uid=jonas role_uid=role"),
            ("propose-member", "uid=jonas"), ("remove-member", "uid=mara membership_uid=membership"),
            ("ask-for-account", "uid=jonas"), ("team-page", "uid=team"), ("team-rename", "uid=team"),
            ("code-list", "list_name=#CLOSURE_REASON"), ("code-new", "list_name=#CLOSURE_REASON"),
            ("code-set", "list_name=#CLOSURE_REASON code=#OTHER"), ("text-new", "kind=#LETTER"),
            ("text-template", "text_template_uid=text"), ("text-end", "text_template_uid=text"),
            *((f"reporting-authority{step}", "reporting_authority_uid=authority") for step in ("", "-looked", "-end")),
        )),
        # Only with the word of a button, which nobody sends here
        ("change-account", "uid=jonas", ""),
        # What names a case, without opening it
        ("access-decide", "grant_uid=waiting", "bea kemi omar"),
        ("correction-decide", "correction_uid=*", "bea kemi"),
        ("emergency-review", "opened_uid=emergency", "bea kemi omar"),
        ("match-settle", "uid=match", "mara"),
        # Only who may open both files: Nadia supervises the southern one and was lent the northern one, and coordinates nothing
        ("match-compare", "uid=match", ""),
        ("match-merge", "case_merge_uid=merge", "nadia"),
        ("named-match", "named_match_uid=named", "mara"),
        ("known-answer", "uid=question", "mara"),
        ("report-given", "report_uid=*", "kemi luis"),
        ("process-given", "process_uid=*", "kemi luis"),
        *((name, "breach_uid=breach", "kemi omar") for name in ("breach", "breach-case", "breach-close")),
        ("breach-step", "breach_uid=breach step=#award", "kemi omar"),
        *((f"subject-request{step}", "subject_request_uid=*", "kemi luis") for step in ("", "-extend", "-decide", "-delivered")),
        *((name, "process_uid=*", "kemi luis") for name in ("process", "process-counsel", "process-answer", "process-withheld")),
        *((name, "process_uid=*", "kemi luis") for name in ("process-put-off", "process-may-tell")),
        ("production-new", "process_uid=*", "luis"),
        ("production", "production_uid=*", "bea kemi luis"),
        ("production-take", "production_uid=*", "luis"),
        ("wall-lift", "wall_uid=*", "bea kemi"),
        ("possible-conflict", "conflict_uid=conflict", "kemi"),
        ("hold-lift", "hold_uid=*", "kemi omar bea luis"),
        ("erasure-approve", "order_uid=*", "kemi omar bea"),
        # Whoever writes the duties of a case may stop its erasure: nadia, to whom Amina's work was lent
        *((name, "order_uid=*", "kemi omar bea nadia") for name in ("erasure-order", "erasure-check", "erasure-stop")),
        ("erasure-certificate", "order_uid=*", ""),  # nothing was erased yet
        # Retention: an administrator reads periods and counts, and decides nothing
        ("retention-set", "record_class=#ADVOCACY", "farid kemi"),
        ("retention-due", "policy_uid=policy", "farid kemi omar"),
        ("retention-order", "order_uid=destruction", "farid kemi omar"),
        *((name, "order_uid=destruction", "kemi omar") for name in ("retention-approve", "retention-stop")),
        ("retention-certificate", "order_uid=destruction", ""),  # nothing was destroyed yet
        # Without a case: anonymous contacts, and who asked
        *((name, "contact_uid=contact", "amina bea dana nadia") for name in ("caller", "caller-take-in")),
        ("caller-hold", "contact_uid=contact", "bea nadia"),
        ("inquiry-hold", "inquiry_uid=inquiry", "bea kemi nadia"),
        # Reviews and their evidence
        ("access-review", "review_uid=review", "bea kemi omar"),
        ("access-review-line", "review_uid=review line_uid=*", "bea kemi omar"),
        ("access-evidence-review", "review_uid=review", "elif_ kemi omar"),
        ("access-evidence-file", "review_uid=review", "elif_ kemi omar"),
    )
}  # fmt: skip
#: No record of a case or person, or tested where they live: a link's secret, a passkey, an auditor's pseudonyms.
ELSEWHERE = {
    "accept-invitation": "the secret of a link, tests/accounts/test_people.py",
    "calendar-feed": "the secret of an address, tests/cases/test_calendar_feed.py",
    "remove-passkey": "sealed for its owner, tests/accounts/test_lock.py",
    "audit-case": "a pseudonym, tests/audit/test_pages.py",
    "audit-person": "a pseudonym, tests/audit/test_pages.py",
    "audit-filter-drop": "an auditor's own, tests/audit/test_pages.py",
    "audit-hint": "a question to reviewers, tests/reports/test_queue.py",
    "sample": "the house's own codes, tests/reports/test_samples.py",
    "sample-look": "the house's own codes, tests/reports/test_samples.py",
    "sample-show": "the house's own codes, tests/reports/test_samples.py",
    "sample-withdraw": "the house's own codes, tests/reports/test_samples.py",
    "sample-evidence-sheets": "while it is shown, tests/reports/test_samples.py",
    "sample-evidence-file": "while it is shown, tests/reports/test_samples.py",
    "which-case-decide": "asked by one and decided by another, tests/reports/test_which_case.py",
    "which-case-show": "shown to whoever asked, tests/reports/test_which_case.py",
    "audit-proof": "the random id of an event, tests/audit/anchoring/test_pages.py",
}


def test_every_address_with_a_record_has_its_entry() -> None:
    named = {one.name for one in addresses() if one.parameters and not one.is_of_a_case}
    assert named == set(DESKS) | set(ELSEWHERE)


@pytest.mark.parametrize("key", ONE_BY_ONE)
def test_what_belongs_to_a_person_or_a_desk(
    key: str, cast: Cast, world: World, north: Records, south: Case
) -> None:  # fmt: skip
    person = getattr(cast, key)
    client = sign_in(person, is_fresh=True)
    words = [] if Known(person, south).card or key in DESK | {"mara"} else words_of(south)
    wrong = []
    for address in addresses():
        if address.name not in DESKS:
            continue
        uids, people = DESKS[address.name]
        path = reverse(address.name, kwargs={name: _uid(world, name, said) for name, said in uids.items()})
        statuses = []
        for method in ("get", "post"):
            response = _taken_back(client, method, path)
            statuses.append(response.status_code)
            if given_away(response, words, asked=path):
                wrong.append((address.name, method, "words of the southern case"))
        if "CARD" in people:
            people = frozenset({key} if Known(person, north.case).card else ())
        elif "EVERYBODY" in people:
            people = frozenset({key})
        lets_in = not set(statuses) <= REFUSALS
        if lets_in != (key in people):
            wrong.append((address.name, statuses, "opens" if lets_in else "is closed"))
    assert not wrong, "\n".join(map(str, wrong))


def _uid(world: World, parameter: str, said: str) -> Any:
    if said == "*":
        return world.north.of(parameter)[0].uid
    return said[1:] if said.startswith("#") else world.uids[said]
