"""What an attorney of another organisation must not learn from any page, print or file he can reach."""

import re
from datetime import date, timedelta
from decimal import Decimal
from difflib import unified_diff
from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from cases.actions.documents import withdraw_document
from cases.actions.notes import add_note, edit_note
from cases.actions.releases import Terms, record_release
from cases.actions.safety import SafeContact, replace_contact, review_safety
from cases.choices.documents import DocumentCategory
from cases.choices.releases import InfoCategory
from cases.choices.sharing import GrantKind
from cases.choices.survivor import ContactChannel
from cases.models import Case, Matter
from services.actions.aftercare import begin_stay, record_service
from services.actions.legal import add_deadline
from tests import make
from tests.accounts import signing_in
from tests.cast import Cast
from tests.house.test_url_matrix import addresses
from tests.services.test_release_and_matter import SIGNED, a_matter, release

pytestmark = [
    pytest.mark.walks, pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger"),
]  # fmt: skip

RELEASED = Terms(categories=[InfoCategory.IDENTITY, InfoCategory.SERVICES_DATES, InfoCategory.SAFETY_PLAN])
#: People of the organisation: to an outsider the organisation speaks, not its staff.
STAFF = ("Amina Rivers", "Bea Meadows", "Gita Marsh", "Jonas Shore", "Luis Heath", "Nadia Fern")


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case with a little of everything, that an attorney holds one matter of."""
    case = make.case(cast.amina, cast.team_of("amina"))
    now = clock.now()
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    begin_stay(
        actor=cast.amina,
        now=now,
        case_uid=case.uid,
        team=cast.team_of("jonas"),
        entered_on=date(2026, 3, 4),
        room="Quincunx",
    )
    services = {"actor": cast.amina, "now": now, "case_uid": case.uid, "given_on": date(2026, 3, 5), "mode": "IN_PERSON",
                "outcome": "PROVIDED", "quantity": Decimal(2)}  # fmt: skip
    record_service(service="TRANSPORT", **services)
    record_service(service="SHELTER_EMERG", provider="House of nightingales", **services)
    note = add_note(
        actor=cast.amina, now=now, case_uid=case.uid, privilege_class="SERVICES_NOTE", body="Her cousin called wrongly",
    )  # fmt: skip
    edit_note(
        actor=cast.amina, now=now, case_uid=case.uid, note_uid=note.uid, version=1, body="She was driven to court"
    )
    add_note(
        actor=cast.amina, now=now, case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL", body="Between us two"
    )
    papers = {"category": DocumentCategory.OTHER, "section": "SERVICES"}
    make.document(case, cast.amina, name="bus.txt", **papers)
    gone = make.document(case, cast.amina, name="ticket.txt", **papers)
    withdraw_document(
        actor=cast.amina, now=now, case_uid=case.uid, document_uid=gone.uid, why="It belongs to her sister Odile"
    )
    replace_contact(actor=cast.amina, now=now, case_uid=case.uid, contact=SafeContact(
        channel=ContactChannel.SMS, words="Only by text", value="+1 202 555 0188", verified_on=date(2026, 4, 1),
    ))  # fmt: skip
    review_safety(actor=cast.amina, now=now, case_uid=case.uid)
    record_release(
        actor=cast.amina, now=now, case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text="Dentist", terms=Terms(categories=[InfoCategory.CONTACT]), signing=SIGNED,
        expires_at=now + timedelta(days=20),
    )  # fmt: skip
    return case


@pytest.fixture
def matter(cast: Cast, case: Case) -> Matter:
    matter = a_matter(cast, case)
    a_matter(cast, case, "Restitution claim")
    release(cast, case, matter, terms=RELEASED)
    add_deadline(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, due_on=date(2027, 3, 9), kind="AGENCY",
        title="File the form", authority="8 CFR 214.11",
    )  # fmt: skip
    return matter


def all_pages(client: Any, case: Case, matter: Matter) -> dict[str, str]:
    """Every page that opens for this reader: each address of case and matter, and every link found on the way."""
    uids = {"guarded": case.uid, "guarded_matter": matter.uid}
    waiting = ["/"]
    for address in addresses():
        kind = address.rule.kind if address.rule else ""
        if set(address.parameters) == {"uid"} and kind in uids:
            waiting.append(reverse(address.name, args=[uids[kind]]))
        elif not address.parameters and kind in ("listing", "personal", "roles") and address.name != "no-such-page":
            waiting.append(reverse(address.name))
    pages: dict[str, str] = {}
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        response = client.get(path)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        pages[path] = content.decode(errors="replace") if response.status_code == 200 else ""
        if 300 <= response.status_code < 400:
            waiting.append(response.url)
        found = re.findall(r'(?:href|action)="(/[^"#]*)"', pages[path])
        waiting += [one.replace("&amp;", "&") for one in found if not one.startswith(("/static/", "/sign-out", "/ui/"))]
    assert len([path for path, text in pages.items() if text]) > 12
    return {path: text for path, text in pages.items() if text}


def where(pages: dict[str, str], *words: str) -> list[tuple[str, str]]:
    return [(path, word) for path, text in pages.items() for word in words if word in text]


def test_no_page_of_an_outsider_names_staff(cast: Cast, case: Case, matter: Matter, sign_in) -> None:
    pages = all_pages(sign_in(cast.chidi), case, matter)
    assert where(pages, *STAFF) == []


def test_no_page_of_an_outsider_tells_of_a_shelter(cast: Cast, case: Case, matter: Matter, sign_in) -> None:
    pages = all_pages(sign_in(cast.chidi), case, matter)
    assert where(pages, "helter", "House of nightingales", "Quincunx", "North casework", "Clinic<") == []


def test_no_page_of_an_outsider_tells_of_other_matters_releases_or_versions(
    cast: Cast, case: Case, matter: Matter, sign_in
) -> None:
    pages = all_pages(sign_in(cast.chidi), case, matter)
    words = ("Restitution claim", "Bridge Street", "Dentist", "cousin called wrongly", "Between us two")
    words += ("Odile", "Text on weekday mornings", "555 0123")
    assert where(pages, *words) == []
    assert where(pages, "She was driven to court"), "the crawler has not met what is released"


def test_whether_she_stays_in_a_shelter_changes_no_byte_for_an_outsider(cast: Cast, sign_in) -> None:
    case = make.case(cast.amina, cast.team_of("amina"), contact={"prs_MailingStreet": "4 Elm Row"})
    matter = a_matter(cast, case)
    release(cast, case, matter, terms=RELEASED)
    client = sign_in(cast.chidi)
    paths = [
        reverse(name, args=[case.uid]) for name in ("case-overview", "case-survivor", "case-aftercare", "case-print")
    ]
    client.get(paths[0])  # so that every page says when he looked last
    before = [_without_chance(client.get(path)) for path in paths]
    assert "4 Elm Row" not in "".join(before)
    begin_stay(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, team=cast.team_of("jonas"), entered_on=date(2026, 3, 4)
    )
    after = [_without_chance(client.get(path)) for path in paths]
    for one, other in zip(before, after, strict=True):
        assert list(unified_diff(one.splitlines(), other.splitlines(), n=0)) == []


def _without_chance(response: Any) -> str:
    """A page without what differs from one request to the next."""
    text = response.content.decode()
    text = re.sub(r'(name="(?:csrfmiddlewaretoken|form_key)" value=)"[^"]*"', r"\1", text)
    return re.sub(r"\d{1,2}:\d{2}(:\d{2})?|a\.m\.|p\.m\.|midnight|noon|Last viewed.*?</div>", "", text, flags=re.DOTALL)
