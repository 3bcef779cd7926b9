"""R13: who lives in a shelter, or must not be found, has no address: on no page, in no history, export or print (domain.md §12).

Every word is written while it may be, and looked for when it may not: in each page of the case for each person who holds
something of it, by GET and POST, in each record of it, and in the files that leave.
"""

from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from cases import access
from cases.actions.contacting import begin_contact
from cases.actions.grants import give_access
from cases.actions.kin import add_family_member
from cases.actions.safety import SafeContact, replace_contact, set_alerts
from cases.actions.survivor import change_contact_details, change_location
from cases.models import ContactAttempt, ContactInstruction, FamilyMember, Survivor
from services.actions.aftercare import begin_stay
from tests import make
from tests.accounts.signing_in import sign_in
from tests.house.matrix import Records, addresses, content_of

pytestmark = pytest.mark.walks

STREET, TOWN, PLACE, LETTER, KIN = (
    "Turnstoneweg 7",
    "Whimbrelhafen",
    "behind Godwitkirche",
    "Dotterelgasse 3",
    "Curlewallee 9",
)
#: Where she stays is for whoever got it by a flag, also when an alert keeps her address secret; a shelter hides it, too.
EVERYWHERE = (STREET, TOWN, LETTER, KIN)
CARE_OF = "In care of"
MAKE = {"profile": "HTCDS_CORE_STRICT", "make": "1"}


@pytest.fixture
def case(cast):
    """With an address in every place that takes one, written before it had to be hidden."""
    made = make.case(cast.amina, cast.team_of("amina"), opened_on=timezone.localdate())
    facts = {"actor": cast.amina, "now": clock.now(), "case_uid": made.uid}
    change_contact_details(**facts, contact={"prs_MailingStreet": STREET, "prs_MailingCity": TOWN})
    letter = SafeContact(channel="POST", words="Plain envelope", verified_on=timezone.localdate(), value=LETTER)
    replace_contact(**facts, contact=letter)
    add_family_member(
        **facts, who={"x_KinName": "Pip", "x_KinRelation": "CHILD", "x_KinLivesWith": "YES", "x_KinWhere": KIN}
    )
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=made.uid, kind="ASSIGNMENT", person=cast.dana, reason="She drives her.",
        with_location=True,
    )  # fmt: skip
    change_location(actor=cast.dana, now=clock.now(), case_uid=made.uid, location=PLACE)
    return made


@pytest.fixture(params=["shelter", "alert"])
def hidden(request, cast, case):
    """The same case, from now on without an address; and the words that may stand nowhere."""
    if request.param == "alert":
        set_alerts(actor=cast.amina, now=clock.now(), case_uid=case.uid, codes=["ADDRESS_CONFIDENTIAL"])
        return EVERYWHERE
    begin_stay(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        team=cast.team_of("jonas"),
        entered_on=timezone.localdate(),
    )
    return (*EVERYWHERE, PLACE)


def asked(client, method, path, fields=None):
    """Ask, and take back whatever it did."""
    with transaction.atomic():
        response = getattr(client, method)(path, fields or {})
        content = content_of(response)
        transaction.set_rollback(True)
    return response.status_code, content


def found_in(content, words):
    return [word for word in words if word.encode() in content]


def everything(case):
    """Every address of the case, with each of its records that fits; and all versions of what held an address."""
    records = Records(case)
    for address in addresses():
        if not address.is_of_a_case:
            continue
        nested = [name for name in address.parameters if name != "uid" and name.endswith("uid")]
        rows = records.of(nested[0]) if nested else [None]
        for row in rows:
            yield records.path(address, **({nested[0]: row.uid} if row else {}))
    for event in case_events(case):
        yield reverse("case-history-event", args=[case.uid, event])
    for model in (Survivor, ContactInstruction, FamilyMember):
        for row in access.for_the_house(model).filter(case=case):
            page = reverse("case-record-versions", args=[case.uid, row.uid])
            last = row.history.count()
            for first in range(1, last):
                yield f"{page}?kind={model._meta.model_name}&first={first}&second={last}"


def case_events(case):
    return Event.objects.filter(case_uid=case.uid).values_list("uid", flat=True)


def test_r13_the_words_are_there_before(cast, case):
    """Looking for what nobody ever shows would prove nothing."""
    shown = b"".join(
        asked(sign_in(person, is_fresh=True), method, path)[1]
        for person in (cast.amina, cast.dana)
        for path in everything(case)
        for method in ("get", "post")
    )
    attempt = begin_contact(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, channel="POST", has_read=True, reason="x"
    )
    page = reverse("case-contact-attempt", args=[case.uid, attempt.uid])
    shown += asked(sign_in(cast.amina), "get", page)[1]
    assert found_in(shown, (*EVERYWHERE, PLACE)) == [*EVERYWHERE, PLACE]
    sheet = asked(sign_in(cast.amina, is_fresh=True), "post", reverse("export"), MAKE)[1]
    assert found_in(sheet, (STREET, TOWN)) == [STREET, TOWN]


@pytest.mark.parametrize(
    "who", ["amina", *(pytest.param(one, marks=pytest.mark.deep) for one in ("dana", "bea", "gita"))]
)
def test_r13_no_page_of_the_case_shows_an_address(cast, case, hidden, who):
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    person = getattr(cast, who)
    begin_contact(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, channel="POST", has_read=True, reason="It burns"
    )
    client = sign_in(person, is_fresh=True)
    wrong, opened = [], 0
    for path in everything(case):
        for method in ("get", "post"):
            status, content = asked(client, method, path)
            opened += status == 200
            wrong += [(path, method, word) for word in found_in(content, hidden)]
    assert not wrong, "\n".join(map(str, wrong))
    assert opened > 20
    if who == "amina":
        page = asked(client, "get", reverse("case-survivor", args=[case.uid]))[1]
        assert (
            CARE_OF.encode() in page
            and CARE_OF.encode() in asked(client, "get", reverse("case-print", args=[case.uid]))[1]
        )
        [attempt] = access.for_the_house(ContactAttempt).filter(case=case)
        shown = asked(client, "get", reverse("case-contact-attempt", args=[case.uid, attempt.uid]))[1]
        assert CARE_OF.encode() in shown, "also in the minutes in which the number would be shown"


def test_r13_no_list_feed_search_or_export_shows_an_address(cast, case, hidden):
    client = sign_in(cast.amina, is_fresh=True)
    pages = [reverse(name) for name in ("day", "week", "cases", "tasks", "my-calendar", "export")]
    for path in pages:
        status, content = asked(client, "get", path)
        assert status == 200 and not found_in(content, hidden), path
    sheet = asked(client, "post", reverse("export"), MAKE)[1]
    assert b"Quillfeather" in sheet and not found_in(sheet, hidden)


def test_r13_two_people_at_once_see_no_address_in_the_comparison(cast, case, hidden):
    """The page of a stale save puts what is stored above what was sent: an address is not asked for, and not compared."""
    client = sign_in(cast.amina)
    path = reverse("case-contact-details", args=[case.uid])
    sent = {"prs_HomePhone": "+12025550111", "safe_address": "PO Box 9", "mark": "0" * 24, "form_key": str(uuid4())}
    status, content = asked(client, "post", path, sent)
    assert status == 409 and not found_in(content, hidden)
    for name, fields in (
        ("case-contact", {"channel": "POST", "words": "Any", "verified_on": str(timezone.localdate())}),
    ):
        status, content = asked(client, "post", reverse(name, args=[case.uid]), {**fields, "mark": "0" * 24})
        assert status in (409, 422) and not found_in(content, hidden), name


def test_r13_what_was_hidden_stands_there_again_when_it_may(cast, case):
    """The rule hides, it does not erase: what she wants kept stands there again when it may."""
    alerts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}
    set_alerts(**alerts, codes=["ADDRESS_CONFIDENTIAL"])
    set_alerts(**alerts, codes=[])
    assert STREET.encode() in asked(sign_in(cast.amina), "get", reverse("case-survivor", args=[case.uid]))[1]
