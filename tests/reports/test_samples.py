"""Redacted samples of releases: drawn by the system, looked at by staff, shown to auditors for a time."""

import csv
import hashlib
import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock, pseudonyms
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from cases import access
from cases.actions import samples
from cases.actions.release_checks import check_releases
from cases.actions.samples import draw_sample, drawn, look_at_sheet, show_sample, withdraw_sample
from cases.errors.samples import SampleIsEmpty, SampleIsOver, SampleNotLookedAt, SampleTooSmall, SheetHasFinding
from cases.models import Release, ReleaseSample, SampleSheet
from tests import make
from tests.audit.test_pages import elif_of, make_external
from tests.cases.test_release_checks import planted

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

CANARY = "Zoraidafeather"
LIST, SHOWN = "/release-samples/", "/reports/release-samples/"


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def releases(cast, case):
    """Twelve of one case, one of them not in writing; the canary in every sealed word."""
    made = [
        planted(cast, case, purpose_text=f"{CANARY}'s dentist", terms={"excluded": CANARY}) for _number in range(11)
    ]
    made.append(planted(cast, case, signed=[]))
    check_releases()
    return made


def draw(cast, size=4, **changes):
    today = timezone.localdate()
    given = {"period_from": today - timedelta(days=3), "period_until": today, "size": size, **changes}
    return draw_sample(actor=cast.kemi, now=clock.now(), **given)


def look(cast, sample, *findings):
    for sheet, finding in zip(samples.sheets_of(sample), findings, strict=True):
        look_at_sheet(
            actor=cast.kemi, now=clock.now(), sample_uid=sample.uid, sheet_uid=sheet.uid, finding=finding
        )  # fmt: skip


def shown(cast, days=14, size=3):
    sample = draw(cast, size)
    look(cast, sample, *["CLEAR"] * size)
    return show_sample(actor=cast.bea, now=clock.now(), sample_uid=sample.uid, days=days)


def test_the_system_draws(cast, releases) -> None:
    sample = draw(cast)
    assert (sample.size, sample.population, len(sample.seed)) == (4, 12, 32)
    uids = list(access.for_the_house(Release).values_list("uid", flat=True))
    again = drawn(sample.seed, reversed(uids), 4)  # anybody who has uids and seed draws the same
    assert [sheet.release.uid for sheet in samples.sheets_of(sample)] == again
    assert sample.digest == hashlib.sha256("".join(sorted(uid.hex for uid in uids)).encode()).hexdigest()
    [event] = Event.objects.filter(verb=Verb.SAMPLE_DRAWN)
    codes = event.detail.shown()["codes"]
    assert (codes["seed"], codes["digest"], codes["population"]) == (sample.seed, sample.digest, 12)
    assert draw(cast).seed != sample.seed
    first = {tuple(drawn(seed, uids, 3)) for seed in ("00" * 16, "01" * 16, "02" * 16, "03" * 16)}
    assert len(first) > 1


def test_nothing_of_a_survivor_is_on_a_sheet(cast, case, releases) -> None:
    sample = draw(cast, 12)
    contents = [sheet.content for sheet in samples.sheets_of(sample)]
    text = str(contents)
    for secret in (CANARY, case.number, str(case.uid), case.uid.hex, "Quillfeather", "IDENTITY", "Cabinet", cast.hugo.name,
                   cast.hugo.organisation.name, f"{timezone.localdate():%Y-%m-%d}"):  # fmt: skip
        assert secret not in text, secret
    assert {told["state"] for told in contents} == {"IN_FORCE"} and contents[0][
        "begins"
    ] == f"{timezone.localdate():%G-W%V}"
    assert sum(told["attributes"]["WRITTEN"] == "FAILS" for told in contents) == 1
    assert {told["attributes"]["FILE"] for told in contents} == {"HOLDS"}
    for sheet in samples.sheets_of(sample):
        assert sheet.sha256 == samples.sha256_of(sample, sheet.number, sheet.content)


def test_what_was_not_checked_is_said_so(cast, case) -> None:
    for _number in range(11):
        planted(cast, case)
    told = samples.sheets_of(draw(cast)).first().content
    assert set(told["attributes"].values()) == {"NOT_YET"}


def test_of_few_none_is_drawn(cast, case) -> None:
    for _number in range(10):
        planted(cast, case)
    with pytest.raises(SampleTooSmall):
        draw(cast)
    assert not access.for_the_house(ReleaseSample).exists()
    planted(cast, case)
    assert draw(cast, 50).size == 11


def test_two_steps(cast, releases) -> None:
    sample = draw(cast, 3)

    def show():
        return show_sample(actor=cast.kemi, now=clock.now(), sample_uid=sample.uid, days=14)

    with pytest.raises(SampleNotLookedAt):
        show()
    assert not samples.shown_samples(clock.now()).exists()
    look(cast, sample, "CLEAR", "LEFT_OUT", "CLEAR")
    found = show()
    assert found.until - found.shown_at == timedelta(days=14)
    with pytest.raises(SampleIsOver):
        show()
    sheets = list(samples.sheets_of(sample))
    assert found.sha256 == hashlib.sha256(samples.copy_of(sheets)).hexdigest()
    assert [one.number for one in samples.clear(sheets)] == [1, 3]
    verbs = Event.objects.filter(subject_uid=sample.uid).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["SAMPLE_DRAWN", *["SAMPLE_LOOKED_AT"] * 3, "SAMPLE_SHOWN"]


def test_a_finding_stays(cast, releases) -> None:
    sample = draw(cast, 1)
    sheet = samples.sheets_of(sample).get()
    look(cast, sample, "LEFT_OUT")
    look(cast, sample, "LEFT_OUT")  # again: nothing happens
    assert Event.objects.filter(verb=Verb.SAMPLE_LOOKED_AT).count() == 1
    with pytest.raises(SheetHasFinding):
        look(cast, sample, "CLEAR")
    with pytest.raises(SampleIsEmpty):
        show_sample(actor=cast.kemi, now=clock.now(), sample_uid=sample.uid, days=3)
    for table, column in (
        ("cases_samplesheet", "content"),
        ("cases_samplesheet", "finding"),
        ("cases_releasesample", "seed"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            value = "'{}'" if column == "content" else "'CLEAR'"
            cursor.execute(f"UPDATE {table} SET {column} = {value}")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_samplesheet WHERE id = %s", [sheet.pk])


def test_who_may(cast, releases) -> None:
    for person in (cast.amina, cast.elif_, cast.omar, cast.farid, cast.hugo):
        with pytest.raises(Hidden):
            draw_sample(
                actor=person,
                now=clock.now(),
                period_from=timezone.localdate(),
                period_until=timezone.localdate(),
                size=3,
            )
    sample = draw(cast, 1)
    for act in (
        lambda: show_sample(actor=cast.amina, now=clock.now(), sample_uid=sample.uid, days=3),
        lambda: withdraw_sample(actor=cast.elif_, now=clock.now(), sample_uid=sample.uid, why="DONE"),
    ):
        with pytest.raises(Hidden):
            act()


# ---- The pages of staff ----


def test_the_whole_way_by_pages(cast, releases, sign_in) -> None:
    kemi, today = sign_in(cast.kemi, is_fresh=True), timezone.localdate()
    assert LIST in kemi.get(reverse("desk")).text and LIST in sign_in(cast.bea).get(reverse("team")).text
    assert kemi.get(LIST).status_code == 200
    given = {
        "period_from": str(today - timedelta(days=9)),
        "period_until": str(today),
        "size": "2",
        "form_key": uuid.uuid4(),
    }
    made = kemi.post(LIST, given)
    assert made.status_code == 302 and kemi.post(LIST, given).url == made.url  # sent twice, drawn once
    [sample] = access.for_the_house(ReleaseSample)
    page = kemi.get(made.url).text
    assert "2 sheets are still to be looked at" in page and CANARY not in page
    assert f"{made.url}show/" not in page
    for sheet in samples.sheets_of(sample):
        answer = kemi.post(reverse("sample-look", args=[sample.uid, sheet.uid]), {"finding": "CLEAR"})
        assert answer.status_code == 302
    assert f"{made.url}show/" in kemi.get(made.url).text
    late = sign_in(cast.kemi).post(f"{made.url}show/", {"days": "5"})
    assert late.status_code == 303 and not samples.shown_samples(clock.now()).exists()  # a fresh proof first
    assert kemi.post(f"{made.url}show/", {"days": "99"}).status_code == 422
    assert kemi.post(f"{made.url}show/", {"days": "5"}).status_code == 302
    assert "Auditors see it until" in kemi.get(made.url).text
    assert kemi.post(f"{made.url}withdraw/", {}).status_code == 422
    assert kemi.post(f"{made.url}withdraw/", {"ground": "DONE"}).status_code == 302
    assert "Taken back by" in kemi.get(made.url).text and not samples.shown_samples(clock.now()).exists()


def test_bad_input_is_told(cast, releases, sign_in) -> None:
    kemi, today = sign_in(cast.kemi), timezone.localdate()
    given = {"period_from": str(today), "period_until": str(today - timedelta(days=1)), "size": "2"}
    answer = kemi.post(LIST, given)
    assert answer.status_code == 422 and "not before the first one" in answer.text
    for size in ("0", "51", "x", ""):
        assert kemi.post(LIST, given | {"period_until": str(today), "size": size}).status_code == 422
    before = {
        "period_from": str(today - timedelta(days=99)),
        "period_until": str(today - timedelta(days=98)),
        "size": "5",
    }
    answer = kemi.post(LIST, before)
    assert answer.status_code == 422 and "Fewer than 11 releases" in answer.text
    sample = draw(cast, 1)
    sheet = samples.sheets_of(sample).get()
    kemi.post(reverse("sample-look", args=[sample.uid, sheet.uid]), {"finding": "NONSENSE"})
    assert access.for_the_house(SampleSheet).get(pk=sheet.pk).finding == ""


def test_pages_of_staff_are_for_two_roles(cast, releases, sign_in) -> None:
    sample = draw(cast, 1)
    sheet = samples.sheets_of(sample).get()
    addresses = [LIST, *(reverse(name, args=[sample.uid]) for name in ("sample", "sample-show", "sample-withdraw"))]
    for person in (cast.amina, cast.elif_, cast.farid, cast.omar, cast.chidi, cast.hugo):
        client = sign_in(person, is_fresh=True)
        assert {client.get(one).status_code for one in addresses} == {404}, person
        assert client.post(reverse("sample-look", args=[sample.uid, sheet.uid])).status_code == 404
    assert {sign_in(cast.bea, is_fresh=True).get(one).status_code for one in addresses} == {200}


# ---- The pages of auditors ----


@pytest.mark.parametrize("role", ["inside", "outside"])
def test_auditors_see_it_while_it_is_shown(cast, case, releases, sign_in, role) -> None:
    auditor = elif_of(cast)
    if role == "outside":
        make_external(auditor)
    client = sign_in(auditor, is_fresh=True)
    waiting = draw(cast, 2)
    sample = shown(cast)
    assert SHOWN in client.get(reverse("auditor-home")).text
    listed = client.get(SHOWN).text
    page_of, file_of = (reverse(f"sample-evidence-{name}", args=[sample.uid]) for name in ("sheets", "file"))
    assert page_of in listed and str(waiting.uid) not in listed
    page = client.get(page_of)
    code = pseudonyms.of_case(case.uid)
    assert (code in page.text) == (role == "inside") and sample.seed in page.text and "Sheet 3" in page.text
    for secret in (CANARY, case.number, str(case.uid), "Quillfeather", cast.hugo.organisation.name):
        assert secret not in page.text, secret
    read = Event.objects.filter(verb=Verb.LEDGER_READ, actor_uid=auditor.uid).latest("pk")
    assert read.detail.shown()["codes"] == {"page": "SAMPLE", "filters": [], "result": str(sample.uid)}
    copy = client.get(file_of)
    assert copy["Cache-Control"] == "no-store" and hashlib.sha256(copy.content).hexdigest() == sample.sha256
    rows = list(csv.DictReader(io.StringIO(copy.content.decode())))
    assert [row["sheet"] for row in rows] == ["1", "2", "3"] and code not in copy.text and CANARY not in copy.text
    [taken] = Event.objects.filter(verb=Verb.EXPORT_MADE, actor_uid=auditor.uid)
    assert taken.detail.shown()["codes"]["sha256"] == sample.sha256
    assert client.get(reverse("sample-evidence-sheets", args=[waiting.uid])).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        late = sign_in(auditor, is_fresh=True)
        assert [late.get(one).status_code for one in (page_of, file_of)] == [404, 404]
        assert page_of not in late.get(SHOWN).text
    withdraw_sample(actor=cast.bea, now=clock.now(), sample_uid=sample.uid, why="IDENTIFYING")
    assert [client.get(one).status_code for one in (page_of, file_of)] == [404, 404]


def test_a_copy_asks_who_one_is(cast, releases, sign_in) -> None:
    sample = shown(cast)
    answer = sign_in(elif_of(cast)).get(reverse("sample-evidence-file", args=[sample.uid]))
    assert answer.status_code == 302 and not Event.objects.filter(verb=Verb.EXPORT_MADE).exists()


def test_left_out_and_thrown_away_are_counted(cast, releases, sign_in) -> None:
    thrown = draw(cast, 1)
    withdraw_sample(actor=cast.kemi, now=clock.now(), sample_uid=thrown.uid, why="MISTAKE")
    sample = draw(cast, 3)
    look(cast, sample, "CLEAR", "LEFT_OUT", "CLEAR")
    show_sample(actor=cast.kemi, now=clock.now(), sample_uid=sample.uid, days=2)
    client = sign_in(elif_of(cast))
    page = client.get(reverse("sample-evidence-sheets", args=[sample.uid])).text
    assert "Staff left 1 sheet out" in page and "Sheet 2" not in page
    assert samples.draws() == {"every": 2, "shown": 1, "unseen": 1, "withdrawn": 0}
    assert "Thrown away before anybody saw them" in client.get(SHOWN).text


def test_who_else_finds_the_pages_of_auditors(cast, releases, sign_in) -> None:
    sample = shown(cast)
    for person in (cast.amina, cast.bea, cast.kemi, cast.omar, cast.farid, cast.chidi):
        client = sign_in(person, is_fresh=True)
        for address in (SHOWN, *(reverse(f"sample-evidence-{one}", args=[sample.uid]) for one in ("sheets", "file"))):
            assert client.get(address).status_code == 404, person


def test_fifty_sheets_cost_as_three(cast, case, releases, sign_in) -> None:
    client = sign_in(elif_of(cast))

    def cost(size: int) -> int:
        sample = shown(cast, size=size)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("sample-evidence-sheets", args=[sample.uid])).status_code == 200
        return len(asked)

    cost(1)
    assert cost(3) + 1 >= cost(12)
