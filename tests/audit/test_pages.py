"""The auditor's workspace: each access with its reason, and never a survivor."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from audit import clock, pseudonyms
from audit.log import Ref, record
from audit.models import Event, SavedFilter
from audit.paging import SIZE
from audit.verbs import Verb
from audit.workspace import walking
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment
from tests import make
from tests.accounts.signing_in import joined
from tests.audit.sealing.scene import seal

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

LISTS = ["auditor-home", "audit-cases", "audit-people", "audit-denials", "audit-changes", "audit-events"]


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def basis(kind: str = "ASSIGNMENT", **more):
    return {
        "kind": kind,
        "grant": uuid.uuid4(),
        "until": clock.now() + timedelta(days=30),
        "purpose": "CASEWORK",
    } | more


def look(person, case, *, sections=("CARD", "IDENTITY"), kind="ASSIGNMENT", **more) -> Event:
    return record(Verb.CASE_VIEWED, actor=person, subject=case, sections=sections, basis=basis(kind), **more)


def elif_of(cast):
    """``elif`` is a word of Python."""
    return getattr(cast, "elif")


def code_of(case) -> str:
    return pseudonyms.of_case(case.uid)


def make_external(user) -> None:
    """The demo has no external auditor; only the role decides."""
    RoleAssignment.objects.create(user=user, role=Role.EXTERNAL_AUDITOR, starts_at=clock.now())
    held = RoleAssignment.objects.filter(user=user, role=Role.INTERNAL_AUDITOR).get()
    held.ends_at = clock.now()
    held.save(update_fields=["ends_at"])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_who_looked_and_why(cast, case, sign_in) -> None:
    look(cast.amina, case)
    look(cast.bea, case, kind="SUPERVISION")
    page = text_of(sign_in(elif_of(cast)).get(reverse("audit-case", args=[code_of(case)])))
    for expected in ("Amina Rivers", "Bea Meadows", "Assigned to the case", "Supervises the case", "For casework"):
        assert expected in page
    assert "Identity and contact" in page and "Until" in page
    assert "No explanation recorded" not in page


def test_no_survivor_on_any_page(cast, case, sign_in) -> None:
    look(cast.amina, case, reason="Zoraida called", fields=["survivor.legal_name"])
    with_refs = record(Verb.CASES_LISTED, actor=cast.dana, refs=[case])
    assert with_refs.objects_touched
    client = sign_in(elif_of(cast))
    addresses = [reverse(name) for name in LISTS]
    addresses += [reverse("audit-case", args=[code_of(case)])]
    addresses += [reverse("audit-person", args=[pseudonyms.of_person(cast.amina.uid)])]
    addresses += [f"{reverse('audit-events')}?verb=CASE_VIEWED&section=IDENTITY"]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        page = response.content.decode()
        for value in ("Zoraida", "Quillfeather", case.number, str(case.uid), case.uid.hex, "survivor.legal_name"):
            assert value not in page, (address, value)
        assert response.headers["Cache-Control"] == "no-store"


def test_only_auditors_come_in(cast, case, sign_in) -> None:
    for person in (cast.amina, cast.bea, cast.farid, cast.kemi, cast.chidi):
        client = sign_in(person)
        for name in LISTS:
            assert client.get(reverse(name)).status_code == 404, (person, name)
        assert client.get(reverse("audit-case", args=[code_of(case)])).status_code == 404
        assert client.post(reverse("audit-verify")).status_code == 404


def test_wrong_methods(cast, sign_in) -> None:
    client = sign_in(elif_of(cast))
    for name in LISTS:
        assert client.post(reverse(name)).status_code == 405
    assert client.get(reverse("audit-verify")).status_code == 405


def test_names_that_nobody_has_are_404(cast, sign_in) -> None:
    client = sign_in(elif_of(cast))
    for address in ("/audit/cases/S-0000-0000/", "/audit/people/P-0000-0000/", "/audit/cases/S-IIII-OOOO/"):
        assert client.get(address).status_code == 404


INTERNAL_ONLY = ["audit-cases", "audit-people", "audit-denials", "audit-changes", "audit-events"]
INTERNAL_ONLY += ["audit-queue", "ledger-copy", "disclosure-evidence"]


def test_an_external_auditor_reads_counts_and_controls_alone(cast, case, sign_in) -> None:
    make_external(elif_of(cast))
    for _ in range(2):
        look(cast.amina, case)
    client = sign_in(elif_of(cast), is_fresh=True)
    for name in INTERNAL_ONLY:
        assert client.get(reverse(name)).status_code == 404, name
    for address in (
        reverse("audit-case", args=[code_of(case)]),
        reverse("audit-person", args=[pseudonyms.of_person(cast.amina.uid)]),
    ):
        assert client.get(address).status_code == 404
    home = text_of(client.get(reverse("auditor-home")))
    assert "<b>fewer than 11</b> cases looked at" in home and "<b>fewer than 11</b> readings" in home
    for name in ("auditor-home", "controls", "access-evidence", "emergency-evidence"):
        response = client.get(reverse(name))
        page = text_of(response).replace("Elif", "")
        assert response.status_code == 200
        assert "Amina" not in page and "amina@" not in page
        for closed in INTERNAL_ONLY:
            assert f'href="{reverse(closed)}' not in page, (name, closed)


def test_small_numbers_of_cases_are_hidden(cast, case, sign_in) -> None:
    look(cast.amina, case)
    client = sign_in(elif_of(cast))
    assert "<b>fewer than 5</b> cases looked at" in text_of(client.get(reverse("auditor-home")))
    for _ in range(4):
        uid = uuid.uuid4()
        look(cast.amina, Ref("case", uid, uid))
    assert "<b>5</b> cases looked at" in text_of(client.get(reverse("auditor-home")))


def test_the_privileged_part_is_counted_and_never_listed(cast, case, sign_in) -> None:
    hidden = look(cast.gita, case, sections=["COUNSELLING"], kind="CLINICAL")
    mixed = look(cast.luis, case, sections=["LEGAL", "LEGAL_FILE"], kind="STAFF_COUNSEL")
    assert (hidden.is_privileged, mixed.is_privileged) == (True, False)
    client = sign_in(elif_of(cast))
    page = text_of(client.get(reverse("audit-case", args=[code_of(case)])))
    lines = page.partition('id="events-title"')[2].partition("<tbody>")[2]
    people = page.partition('id="people-title"')[2].partition('id="events-title"')[0]
    assert "Gita" not in people and "Gita" not in lines and "Luis" in lines
    assert "attorney&#x27;s file" not in lines and "Legal: dates and stage" in lines
    assert "counted only: fewer than 5" in page
    assert client.get(f"{reverse('audit-events')}?section=COUNSELLING").context["lines"] == []


def test_a_denial_at_the_door_is_listed(cast, case, sign_in) -> None:
    assert sign_in(cast.dana).get(f"/cases/{case.uid}/").status_code == 404
    client = sign_in(elif_of(cast))
    page = text_of(client.get(reverse("audit-denials")))
    assert "Dana Hill" in page and code_of(case) in page and "No right to it" in page
    case_page = text_of(client.get(reverse("audit-case", args=[code_of(case)])))
    assert "Dana Hill" in case_page


def test_asking_for_nothing_makes_no_case(cast, sign_in) -> None:
    uid = uuid.uuid4()
    assert sign_in(cast.dana).get(f"/cases/{uid}/").status_code == 404
    assert pseudonyms.of_case(uid) not in text_of(sign_in(elif_of(cast)).get(reverse("audit-cases")))


def test_changes_show_sections(cast, case, sign_in) -> None:
    client = sign_in(elif_of(cast))
    page = text_of(client.get(reverse("audit-changes")))
    assert "Opened a new case" in page and "records changed" in page and "Case card" in page


def test_a_person_and_the_cases_of_a_list(cast, case, sign_in) -> None:
    record(Verb.CASES_LISTED, actor=cast.amina, refs=[case], sections=["CARD"], detail={"count": 1})
    page = text_of(sign_in(elif_of(cast)).get(reverse("audit-person", args=[pseudonyms.of_person(cast.amina.uid)])))
    assert code_of(case) in page and "Only cases that this person may open are listed" in page


def test_filters_take_codes_and_refuse_others(cast, case, sign_in) -> None:
    event = look(cast.amina, case, sections=["HEALTH"])
    client = sign_in(elif_of(cast))
    address = reverse("audit-events")
    amina, bea = pseudonyms.of_person(cast.amina.uid), pseudonyms.of_person(cast.bea.uid)
    today = clock.now().date()
    for query, found in (
        ("section=HEALTH", True),
        ("section=SAFETY", False),
        (f"section=HEALTH&person={amina}", True),
        (f"section=HEALTH&person={bea}", False),
        ("section=HEALTH&verb=CASE_VIEWED&outcome=OK&source=test", True),
        ("section=HEALTH&outcome=FAILED", False),
        ("section=HEALTH&source=web", False),
        (f"section=HEALTH&start={today - timedelta(days=1)}&end={today + timedelta(days=1)}", True),
        (f"section=HEALTH&end={today - timedelta(days=2)}", False),
    ):
        lines = client.get(f"{address}?{query}").context["lines"]
        assert bool(lines) is found, query
    assert event.section_codes == ["HEALTH"]
    for query in ("verb=CASE_EATEN", "section=Layla", "start=yesterday", f"person={uuid.uuid4()}"):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 200
        assert response.context["filter_form"].errors and response.context["lines"] == []


def test_pages_walk_the_whole_list_by_opaque_tokens(cast, case, sign_in) -> None:
    made = [look(cast.amina, case, sections=["SAFETY"]).pk for _ in range(SIZE + 7)]
    client = sign_in(elif_of(cast))
    first = client.get(f"{reverse('audit-events')}?section=SAFETY")
    older = first.context["older"]
    assert not first.context["newer"] and "section=SAFETY" in older and f"={made[7]}" not in older
    second = client.get(reverse("audit-events") + older)
    assert (len(first.context["lines"]), len(second.context["lines"])) == (SIZE, 7)
    assert not second.context["older"]
    back = client.get(reverse("audit-events") + second.context["newer"])
    assert [line.at for line in back.context["lines"]] == [line.at for line in first.context["lines"]]
    assert not back.context["newer"]
    # A token of another list, another person or nobody opens nothing.
    assert client.get(reverse("audit-changes") + older).status_code == 404
    assert client.get(f"{reverse('audit-events')}?page=abc").status_code == 404


def test_reading_the_ledger_is_an_event(cast, case, sign_in) -> None:
    client = sign_in(elif_of(cast))
    client.get(f"{reverse('audit-case', args=[code_of(case)])}?verb=CASE_VIEWED")
    trace = Event.objects.filter(verb=Verb.LEDGER_READ).latest("pk")
    assert (trace.actor_uid, trace.case_uid, trace.source) == (elif_of(cast).uid, case.uid, "web")
    assert trace.detail.shown()["codes"] == {"page": "CASE", "filters": ["verb"]}
    for name in LISTS:
        before = Event.objects.filter(verb=Verb.LEDGER_READ).count()
        client.get(reverse(name))
        assert Event.objects.filter(verb=Verb.LEDGER_READ).count() == before + 1, name


def test_find_a_case_by_its_code(cast, case, sign_in) -> None:
    client = sign_in(elif_of(cast))
    found = client.get(reverse("audit-cases"), {"case": f" {code_of(case).lower()} "})
    assert found.status_code == 302 and found.url == reverse("audit-case", args=[code_of(case)])
    assert "knows no case" in text_of(client.get(reverse("audit-cases"), {"case": "S-0000-0000"}))


def test_verify_from_the_page(cast, case, sign_in) -> None:
    seal()  # what others wrote minutes ago must not be late
    client = sign_in(elif_of(cast))
    assert "Not verified yet" in text_of(client.get(reverse("auditor-home")))
    page = text_of(client.post(reverse("audit-verify"), follow=True))
    assert "The ledger is whole" in page and ">Whole" in page.replace("</svg> Whole", ">Whole")
    event = Event.objects.filter(verb=Verb.LEDGER_VERIFIED).get()
    assert (event.actor_uid, event.outcome) == (elif_of(cast).uid, "OK")


def test_an_operator_is_shown_as_a_claim(cast, case, sign_in) -> None:
    from audit.context import audit_context

    with audit_context("command", "paper files", on_behalf_of=cast.amina):
        record(Verb.IMPORT_TAKEN, actor=cast.amina)
    page = text_of(sign_in(elif_of(cast)).get(f"{reverse('audit-events')}?verb=IMPORT_TAKEN"))
    assert "An operator said so in a command" in page and "Command on the server" in page


def test_the_number_of_queries_does_not_grow(cast, case, sign_in, django_assert_max_num_queries) -> None:
    client = sign_in(elif_of(cast))
    counts = []
    for _ in range(2):
        for _number in range(15):
            look(cast.amina, case)
            record(Verb.CASES_LISTED, actor=cast.bea, refs=[case, Ref("user", cast.dana.uid)])
        with django_assert_max_num_queries(60) as found:
            client.get(reverse("audit-events"))
        counts.append(len(found.captured_queries))
    assert counts[0] == counts[1]


def test_a_filter_is_kept_under_a_name_and_thrown_away(cast, case, sign_in) -> None:
    look(cast.amina, case)
    client = sign_in(elif_of(cast))
    keep, query = reverse("audit-filter-keep"), "verb=CASE_VIEWED&section=IDENTITY"
    assert 'name="query"' in client.get(f"{reverse('audit-events')}?{query}").text
    kept = client.post(keep, {"name": "Identity was read", "query": query})
    assert kept.url == f"{reverse('audit-events')}?{query}"
    page = client.get(reverse("audit-events"))
    assert "Identity was read" in page.text and "section=IDENTITY" in page.text
    for name, asked in (
        ("Identity was read", query),
        ("", query),
        ("x", "verb=CASE_EATEN"),
        ("y", "next=//evil.example"),
    ):
        client.post(keep, {"name": name, "query": asked})
    saved = SavedFilter.objects.get()
    assert (saved.owner_uid, saved.query) == (elif_of(cast).uid, query)
    other = joined(cast, Role.INTERNAL_AUDITOR)
    drop = reverse("audit-filter-drop", args=[saved.uid])
    assert "Identity was read" not in sign_in(other).get(reverse("audit-events")).text
    assert sign_in(other).post(drop).status_code == 404
    assert client.post(drop).status_code == 302 and not SavedFilter.objects.exists()
    assert client.post(drop).status_code == 404
    told = [one.detail.shown()["codes"]["status"] for one in Event.objects.filter(verb=Verb.FILTER_KEPT).order_by("pk")]
    assert told == ["KEPT", "DROPPED"]


def test_a_page_says_how_far_it_looked(cast, case, sign_in, monkeypatch) -> None:
    """A rare thing far back: the page stops, says so, and the next one finds it."""
    look(cast.amina, case, sections=["SAFETY"])
    for _ in range(12):
        look(cast.amina, case)
    for name in ("FIRST_WINDOW", "WIDEST_WINDOW"):
        monkeypatch.setattr(walking, name, 8)
    monkeypatch.setattr(walking, "PATIENCE", 0.0)
    client = sign_in(elif_of(cast))
    page = client.get(f"{reverse('audit-events')}?section=SAFETY")
    assert "Looked through everything back to" in page.text and "Nothing to show" not in page.text
    for _turn in range(9):
        if page.context["lines"]:
            break
        page = client.get(reverse("audit-events") + page.context["older"])
    assert len(page.context["lines"]) == 1


def test_who_opened_this_case_last_week_and_why_in_three_clicks(cast, case, sign_in) -> None:
    """From home: the cases, this case, and there the person with the right it rested on; one more proves the event."""
    event = look(cast.amina, case)
    client = sign_in(elif_of(cast))
    cases = reverse("audit-cases")
    assert f'href="{cases}"' in client.get(reverse("auditor-home")).text
    this = reverse("audit-case", args=[code_of(case)])
    assert f'href="{this}"' in client.get(cases).text
    page = text_of(client.get(this))
    assert "Amina Rivers" in page and "Assigned to the case" in page
    assert f'href="{reverse("audit-proof", args=[event.uid])}"' in page
