"""Every page of a case of which a class was erased, as its caseworker, her supervisor, the attorney and the auditor.

They say "Content erased on … under …", nothing fails, nothing of the rest is lost, and nothing of the class is shown.
"""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from casemgmt.access.sections import RETENTION_CLASS_OF, RetentionClass
from cases import access
from cases.actions.notes import add_note, edit_note
from cases.actions.tasks import add_task
from cases.models import AccessGrant, Case, Document, Note, Task
from cases.versions import tells_of_versions
from services.actions.aftercare import record_service
from services.actions.legal import add_hearing, close_matter
from services.actions.reintegration import set_goal
from tests import make
from tests.accounts import signing_in
from tests.cases.erasing import erase
from tests.house.test_url_matrix import addresses
from tests.services.test_release_and_matter import a_matter, release

#: A word that stands in one class only.
CANARIES = {
    RetentionClass.ADVOCACY: "Umbrellacanary",
    RetentionClass.SERVICES: "Goalcanary",
    RetentionClass.LEGAL: "Mattercanary",
    RetentionClass.CLINICAL: "Pressurecanary",
    RetentionClass.CORE: "Zoraida",
}

pytestmark = pytest.mark.walks


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def full(cast, settings):
    """A case with something in every class, seen by Amina, Bea, Gita and Chidi, whose matter is closed."""
    settings.ERASURE_COOLING_DAYS = 0
    case = make.case(cast.amina, cast.team_of("amina"))
    now = clock.now
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    note = add_note(
        actor=cast.amina, now=now(), case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL",
        body=CANARIES[RetentionClass.ADVOCACY],
    )  # fmt: skip
    edit_note(
        actor=cast.amina, now=now(), case_uid=case.uid, note_uid=note.uid, version=1, body="Umbrellacanary, changed"
    )
    add_note(
        actor=cast.gita, now=now(), case_uid=case.uid, privilege_class="MEDICAL",
        body=CANARIES[RetentionClass.CLINICAL],
    )  # fmt: skip
    set_goal(actor=cast.amina, now=now(), case_uid=case.uid, title=CANARIES[RetentionClass.SERVICES], area="HOUSING")
    record_service(
        actor=cast.amina, now=now(), case_uid=case.uid, given_on=timezone.localdate(), service="CASE_MGMT",
        quantity=1, outcome="PROVIDED", mode="IN_PERSON", remark="Goalcanary too",
    )  # fmt: skip
    add_task(
        actor=cast.amina, now=now(), case_uid=case.uid, title="Umbrellacanary task",
        due_on=timezone.localdate() + timedelta(days=2), assigned_to=cast.amina,
    )  # fmt: skip
    make.document(case, cast.amina, name="umbrellacanary.txt")
    make.document(case, cast.amina, category="COURT", name="mattercanary.txt")
    matter = a_matter(cast, case, CANARIES[RetentionClass.LEGAL])
    release(cast, case, matter)
    add_hearing(
        actor=cast.amina, now=now(), matter_uid=matter.uid, starts_at=now() + timedelta(days=9),
        time_zone="America/New_York", hearing_type="MASTER_CALENDAR", place="Mattercanary room", must_attend=True,
        interpreter_needed=False,
    )  # fmt: skip
    return case, matter


def erased(cast, full, name):
    """The case after that class (or all) was erased; the legal work is ended first, as it holds the case."""
    case, matter = full
    close_matter(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, outcome="GRANTED", closed_on=timezone.localdate()
    )
    from services.models import Hearing

    hearing = access.for_the_house(Hearing).get(case=case)
    hearing.starts_at = clock.now() - timedelta(days=1)
    hearing.save(update_fields=["starts_at"])
    if name == RetentionClass.CORE:
        make.closed(case, cast.amina)
    return erase(cast, case, name)


def pages_of(case, matter):
    """Every address of the case room and the workshops that names this case, with records of its own."""
    records = {
        "note_uid": access.for_the_house(Note).filter(case=case).order_by("pk").first().uid,
        "task_uid": access.for_the_house(Task).get(case=case).uid,
        "document_uid": access.for_the_house(Document).filter(case=case).order_by("pk").first().uid,
        "grant_uid": access.for_the_house(AccessGrant).filter(case=case, kind="CLINICAL").get().uid,
    }
    telling = [one for one in Event.objects.filter(Q(case_uid=case.uid)) if tells_of_versions(one)]
    for address in addresses():
        rule = address.rule
        if rule is None or rule.kind not in ("guarded", "guarded_matter"):
            continue
        uid = case.uid if rule.kind == "guarded" else matter.uid
        if "event_uid" in address.parameters:
            for event in telling:
                yield address.name, reverse(address.name, kwargs={"uid": uid, "event_uid": event.uid})
            continue
        others = {name: records.get(name, uuid4()) for name in address.parameters if name != "uid"}
        if "part" in others:
            others["part"] = "status"
        yield address.name, reverse(address.name, kwargs={"uid": uid, **others})


#: Pages that list cases, matters, tasks or dates of the reader.
LISTS = ("day", "cases", "tasks", "team", "attorney-home", "auditor-home", "erasure", "holds")


#: Each walk takes half a minute: the whole case always, each of its parts before a release.
WALKS = [name if name == RetentionClass.CORE else pytest.param(name, marks=pytest.mark.deep) for name in RetentionClass]


@pytest.mark.parametrize("name", WALKS)
def test_every_page_stays_usable_and_says_so(cast, full, sign_in, name):
    case, matter = full
    canary = CANARIES[name].lower()
    before = sign_in(cast.gita if name == RetentionClass.CLINICAL else cast.amina)
    shown = before.get(reverse("case-overview", args=[case.uid])).text.lower()
    named = before.post(reverse("case-name", args=[case.uid])).text.lower()
    assert canary in shown + named, "the canary is on the page before"
    order = erased(cast, full, name)
    words = f"under {order.number}"
    faults, told = [], set()
    for key in ("amina", "bea", "chidi", "gita", "elif_"):
        client = sign_in(getattr(cast, key))
        for address, url in pages_of(case, matter):
            # What takes access away works on an erased case, too: posting it here would end the walk.
            for method in ("get",) if address in ("access-revoke", "release-withdraw") else ("get", "post"):
                answer = getattr(client, method)(url)
                text = b"".join(answer.streaming_content) if answer.streaming else answer.content
                if answer.status_code >= 500 or (answer.status_code == 410 and "document" not in address):
                    faults.append((key, address, method, answer.status_code))
                if canary in text.decode(errors="replace").lower():
                    faults.append((key, address, method, "shows the canary"))
                if answer.status_code == 200 and words in text.decode(errors="replace"):
                    told.add((key, address))
        for address in LISTS:
            answer = client.get(reverse(address))
            if answer.status_code not in (200, 404) or canary in answer.text.lower():
                faults.append((key, address, "get", answer.status_code))
    assert faults == []
    readers = {
        RetentionClass.ADVOCACY: ("amina", "bea"), RetentionClass.SERVICES: ("amina", "bea"),
        RetentionClass.LEGAL: ("amina", "bea"), RetentionClass.CLINICAL: ("gita",),
        RetentionClass.CORE: ("amina", "bea", "gita"),
    }[name]  # fmt: skip
    for key in readers:
        for address in ("case-overview", "case-documents", "case-sharing", "case-history"):
            assert (key, address) in told, (key, address)
    tab = {"ADVOCACY": "case-safety", "SERVICES": "case-aftercare", "LEGAL": "case-legal", "CORE": "case-survivor"}
    if name in tab:
        assert ("amina", tab[name]) in told and ("amina", "case-print") in told
    if name in ("LEGAL", "CORE"):
        assert ("chidi", "matter") in told


@pytest.mark.parametrize("name", list(RetentionClass))
def test_who_does_not_hold_the_class_is_not_told(cast, full, sign_in, name):
    """That clinical content was erased is no news for whoever may not know that there was any."""
    case, _matter = full
    order = erased(cast, full, name)
    text = sign_in(cast.amina).get(reverse("case-safety", args=[case.uid])).text
    assert (order.number in text) is (name != RetentionClass.CLINICAL)


def test_lists_search_and_export_call_it_an_erased_case(cast, full, sign_in, events):
    case, _matter = full
    other = make.case(cast.amina, cast.team_of("amina"), first_name="Olamide")
    order = erased(cast, full, RetentionClass.CORE)
    client = sign_in(cast.amina)
    page = client.get(f"{reverse('cases')}?status=ANY").text
    assert "Erased case" in page and case.number in page and other.number in page
    client.post(reverse("case-names"), {"names": "show"})
    named = client.get(f"{reverse('cases')}?status=ANY")
    assert named.status_code == 200 and "Olamide" in named.text and "Zoraida" not in named.text
    for term in ("Zoraida Quillfeather", "Olamide", case.number, "1998-04-05"):
        found = client.post(reverse("case-search"), {"q": term}, follow=True)
        assert found.status_code == 200 and "Zoraida" not in found.text
    sheet = client.post(
        f"{reverse('export')}?status=ANY", {"to": "INSIDE", "profile": "HTCDS", "recipient": "", "purpose": ""}
    )
    assert sheet.status_code < 500
    page = client.get(reverse("case-overview", args=[case.uid])).text
    assert "This case was erased" in page and case.number in page and order.number in page
    assert "Show name" not in page and "Safe contact rule" not in page


def test_history_says_it_in_the_place_of_the_values(cast, full, sign_in):
    case, _matter = full
    order = erased(cast, full, RetentionClass.ADVOCACY)
    [changed] = Event.objects.filter(case_uid=case.uid, verb="NOTE_CHANGED")
    client = sign_in(cast.amina)
    url = reverse("case-history-event", args=[case.uid, changed.uid])
    assert "Text" in client.get(url).text, "the field is still named"
    shown = client.post(url).text
    assert "Content erased on" in shown and order.number in shown and "Umbrellacanary" not in shown


def test_a_download_of_an_erased_file_says_so(cast, full, sign_in):
    case, _matter = full
    document = access.for_the_house(Document).get(case=case, section="ADVOCACY")
    order = erased(cast, full, RetentionClass.ADVOCACY)
    answer = sign_in(cast.amina).get(reverse("case-document", args=[case.uid, document.uid]))
    assert answer.status_code == 200 and order.number in answer.text
    assert RETENTION_CLASS_OF[document.section] == "ADVOCACY"


def test_the_rest_of_the_case_goes_on(cast, full, sign_in):
    case, _matter = full
    erased(cast, full, RetentionClass.ADVOCACY)
    client = sign_in(cast.amina)
    assert client.get(reverse("case-survivor", args=[case.uid])).status_code == 200
    assert "Goalcanary" in client.get(reverse("case-reintegration", args=[case.uid])).text
    moved = client.post(reverse("case-stage", args=[case.uid]), {"stage": "REINTEGRATE", "status": "ACTIVE"})
    assert moved.status_code == 302 and access.for_the_house(Case).get(pk=case.pk).stage == "REINTEGRATE"
