"""The numbered production that answers a judge's order: the least, pinned, agreed by two people, and nameless outside."""

import csv
import hashlib
import io
import zipfile
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden
from cases import access, clocks, desk
from cases.actions.documents import withdraw_document
from cases.actions.duties import Withheld, answer_process, withhold
from cases.actions.grants import give_access, revoke_access
from cases.actions.producing import decide_production, prepare_production
from cases.actions.putting_off import PutOff, put_off_telling
from cases.actions.quarantine import quarantine_document
from cases.choices.documents import DocumentCategory
from cases.choices.notices import NOTICE_PRODUCTION, NOTICE_PRODUCTION_DECIDED
from cases.choices.releases import InfoCategory
from cases.document_versions import Newer
from cases.errors.producing import (
    NotOneself,
    ProductionChanged,
    ProductionIsDecided,
    ProductionLacks,
)
from cases.errors.releases import DisclosureLacks, NotAJudge, ProcessIsOver
from cases.models import AccessGrant, Disclosure, LegalProcess, Notice, Production, Task
from tests import make
from tests.accounts import signing_in
from tests.cases import sample_files
from tests.cases.test_disclosures import a_process, today
from tests.cases.walling import wall
from tests.services.test_release_and_matter import a_matter

#: Words that must never leave: her name, the names that files had, the words of a process.
CANARIES = (b"Canarywren", b"Plumtree", b"birth-certificate", b"Dates of service")


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def case(cast):
    """A case of Amina's, whose counsel is Luis."""
    case = make.case(cast.amina, cast.team_of("amina"), first_name="Canarywren")
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    return case


@pytest.fixture
def luis(cast):
    return cast.luis


@pytest.fixture
def kemi(cast):
    """The privacy officer, who holds no access to any case."""
    return cast.kemi


@pytest.fixture
def papers(cast, case):
    """Three court papers of the part that counsel reads."""
    return [paper(cast, case, sample_files.PDF + bytes([number])) for number in range(3)]


@pytest.fixture
def process(luis, case):
    return a_process(luis, case)


def paper(cast, case, content, **changes):
    facts = {
        "name": "Canarywren Plumtree birth-certificate.pdf",
        "category": DocumentCategory.COURT,
        "section": "LEGAL",
    }
    return make.document(case, cast.luis, content, **{**facts, **changes})


def prepare(actor, case, process, papers, categories=("LEGAL_STATUS",), is_minimised=True):
    return prepare_production(
        actor=actor, now=clock.now(), case_uid=case.uid, process_uid=process.uid, documents=[one.uid for one in papers],
        categories=list(categories), is_minimised=is_minimised,
    )  # fmt: skip


def decide(actor, case, production, approve=True, why=""):
    return decide_production(
        actor=actor, now=clock.now(), case_uid=case.uid, production_uid=production.uid, approve=approve, why=why
    )


def events(verb, **more):
    return Event.objects.filter(verb=verb, **more)


def unpacked(answer):
    """What stands in a package that was handed out."""
    assert answer.status_code == 200, answer.status_code
    content = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return content, {name: package.read(name) for name in package.namelist()}


def take(client, production):
    return client.get(reverse("production-take", args=[production.uid]))


# ---- Prepared ----


def test_numbers_continue_and_are_never_given_twice(cast, luis, kemi, case, process, papers):
    first = prepare(luis, case, process, papers[:2])
    decide(kemi, case, first, approve=False, why="One too many")
    second = prepare(luis, case, process, papers[1:])
    other = prepare(luis, case, a_process(luis, case), papers)
    found = [(one.number, one.first_number, one.last_number, one.status) for one in (first, second, other)]
    assert found == [(1, 1, 2, "WAITING"), (2, 3, 4, "WAITING"), (1, 1, 3, "WAITING")]
    for change in (
        {"first_number": 1},
        {"number": 1},
        {"last_number": 2},
        {"decided_by": luis},
        {"status": "APPROVED"},
    ):
        row = access.for_the_house(Production).get(pk=second.pk)
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(update_fields=list(change))
    told = events(Verb.PRODUCTION_PREPARED)
    assert [one.detail.content["codes"]["count"] for one in told.order_by("pk")] == [2, 2, 3]
    notices = access.for_the_house(Notice).filter(kind=NOTICE_PRODUCTION, about_uid=second.uid)
    assert {one.person_id for one in notices} >= {kemi.pk, cast.bea.pk} and not notices.filter(person=luis).exists()


def test_only_an_order_of_a_judge_that_is_not_over(luis, case, process, papers):
    with pytest.raises(NotAJudge):
        prepare(luis, case, a_process(luis, case, kind="SUBPOENA"), papers)
    facts = {"actor": luis, "now": clock.now(), "case_uid": case.uid, "process_uid": process.uid}
    answer_process(**facts, response="OBJECTED", is_over=True)
    with pytest.raises(ProcessIsOver):
        prepare(luis, case, process, papers)
    assert not access.for_the_house(Production).exists()


def test_only_papers_that_stand_and_that_counsel_reads(cast, luis, case, process, papers):
    matter = a_matter(cast, case)
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="STAFF_COUNSEL", person=luis, matter_uid=matter.uid
    )
    own = make.document(case, luis, b"Theory of the case", case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE")
    unread = make.document(case, cast.amina, b"Among the caseworkers' notes")
    withdrawn, frozen, torn = papers
    withdraw_document(actor=luis, now=clock.now(), case_uid=case.uid, document_uid=withdrawn.uid, why="Wrong case")
    quarantine_document(actor=luis, now=clock.now(), case_uid=case.uid, document_uid=frozen.uid)
    Path(settings.MEDIA_ROOT, torn.stored_as).write_bytes(Path(settings.MEDIA_ROOT, torn.stored_as).read_bytes()[:-20])
    elsewhere = make.document(make.case(cast.dana, cast.team_of("dana")), cast.dana, b"Of another")
    for chosen, what in (
        ([], "none"), ([own], "legal_file"), ([unread], "unknown"), ([elsewhere], "unknown"), ([withdrawn], "gone"),
        ([frozen], "gone"), ([torn], "unreadable"),
    ):  # fmt: skip
        with pytest.raises(ProductionLacks) as lack:
            prepare(luis, case, process, chosen)
        assert (lack.value.what, lack.value.field) == (what, "documents")
    assert not access.for_the_house(Production).exists() and not events(Verb.PRODUCTION_PREPARED).exists()


def test_never_everything_and_somebody_says_that_it_is_the_least(luis, case, process, papers):
    for said, what in (
        ({"categories": []}, "categories"), ({"categories": InfoCategory.values}, "everything"),
        ({"is_minimised": False}, "minimised"),
    ):  # fmt: skip
        with pytest.raises(DisclosureLacks) as lack:
            prepare(luis, case, process, papers, **said)
        assert lack.value.what == what
    assert not access.for_the_house(Production).exists()


# ---- Decided ----


def test_one_s_own_is_decided_by_another(cast, luis, kemi, case, process, papers):
    made = prepare(luis, case, process, papers)
    with pytest.raises(NotOneself):
        decide(luis, case, made)
    for person in (cast.amina, cast.dana, cast.elif_, cast.hugo, cast.jonas):
        with pytest.raises(Hidden):
            decide(person, case, made)
    with pytest.raises(ProductionLacks) as lack:
        decide(kemi, case, made, approve=False, why=" ")
    assert lack.value.field == "reason"
    made.refresh_from_db()
    assert made.status == "WAITING" and not events(Verb.PRODUCTION_DECIDED).exists()


def test_a_yes_stands_in_her_account_is_told_later_and_answers_the_process(cast, luis, case, process, papers):
    until = clocks.house_day(clock.now()) + timedelta(days=30)
    put_off_telling(
        actor=luis, now=clock.now(), case_uid=case.uid, process_uid=process.uid,
        put_off=PutOff("County Court, part 5", "COURT", until),
    )  # fmt: skip
    made = prepare(luis, case, process, papers, categories=["LEGAL_STATUS", "IDENTITY"])
    for _time in range(2):
        decided = decide(cast.bea, case, made)
    disclosure = access.for_the_house(Disclosure).get()
    assert (decided.status, decided.decided_by, decided.disclosure) == ("APPROVED", cast.bea, disclosure)
    assert (disclosure.basis, disclosure.process_id, disclosure.is_minimised) == ("COURT_ORDER", process.pk, True)
    [task] = access.for_the_house(Task).filter(subject_uid=disclosure.uid)
    assert task.due_on == until, "nobody is asked to tell her before"
    process = access.for_the_house(LegalProcess).get(pk=process.pk)
    assert process.answered_at is not None and process.over_at is None
    with desk.reading_own(process):
        assert process.facts["response"] == "COMPLIED_MIN"
    kinds = [one.detail.content["codes"]["kind"] for one in events(Verb.LEGAL_PROCESS_FOLLOWED).order_by("pk")]
    assert kinds == ["PUT_OFF", "ANSWERED"]
    assert events(Verb.DISCLOSURE_MADE).count() == events(Verb.PRODUCTION_DECIDED).count() == 1
    assert access.for_the_house(Notice).filter(kind=NOTICE_PRODUCTION_DECIDED, person=luis).count() == 1
    with pytest.raises(ProductionIsDecided):
        decide(cast.kemi, case, made, approve=False, why="Too late")


def test_what_was_withdrawn_meanwhile_is_not_approved(luis, kemi, case, process, papers):
    made = prepare(luis, case, process, papers)
    withdraw_document(actor=luis, now=clock.now(), case_uid=case.uid, document_uid=papers[0].uid, why="Wrong case")
    with pytest.raises(ProductionChanged):
        decide(kemi, case, made)
    assert decide(kemi, case, made, approve=False, why="Changed").status == "DECLINED"
    assert not access.for_the_house(Disclosure).exists()


# ---- Taken out ----


def test_exactly_the_pinned_versions_leave_and_no_name(cast, luis, kemi, case, process, papers, sign_in):
    withhold(
        actor=luis, now=clock.now(), case_uid=case.uid, process_uid=process.uid,
        withheld=Withheld("NOTES", "ADVOCATE", 7, today(), today()),
    )  # fmt: skip
    made = prepare(luis, case, process, papers[:2])
    paper(cast, case, sample_files.PDF + b"newer", newer=Newer(papers[0].uid, "A cleaner scan"))
    client = sign_in(luis)
    before = take(client, made)
    assert before.status_code == 302 and not events(Verb.PRODUCTION_TAKEN).exists(), "nothing leaves before the yes"
    decide(kemi, case, made)
    answer = take(client, made)
    content, found = unpacked(answer)
    names = [f"{case.number}-0001.pdf", f"{case.number}-0002.pdf"]
    assert list(found) == [*names, "index.csv", "privilege-log.csv"]
    assert [found[name] for name in names] == [sample_files.PDF + bytes([number]) for number in range(2)]
    index = list(csv.reader(io.StringIO(found["index.csv"].decode("utf-8-sig"))))
    assert index[1][:3] == [f"{case.number}-0001", today().isoformat(), "Court or agency paper"]
    assert [line[-1] for line in index[1:]] == [hashlib.sha256(found[name]).hexdigest() for name in names]
    log = list(csv.reader(io.StringIO(found["privilege-log.csv"].decode("utf-8-sig"))))
    assert log[1][0] == "1" and log[1][3:] == ["7", today().isoformat(), today().isoformat()] and len(log) == 2
    sent = content + b"".join(found.values()) + repr(answer.headers).encode()
    assert [word for word in CANARIES if word in sent] == []
    take(client, made)
    told = events(Verb.PRODUCTION_TAKEN, outcome=Outcome.OK)
    assert told.count() == 2 and told.first().actor_uid == luis.uid
    facts = {"actor": luis, "now": clock.now(), "case_uid": case.uid, "process_uid": process.uid}
    answer_process(**facts, response="COMPLIED_MIN", is_over=True)
    assert take(client, made).status_code == 302 and told.count() == 2, "nor once it is over"


@pytest.mark.parametrize("how", ["torn", "withdrawn", "other"])
def test_what_is_not_as_it_was_approved_keeps_everything_back(luis, kemi, case, process, papers, sign_in, how):
    made = decide(kemi, case, prepare(luis, case, process, papers))
    if how == "torn":
        Path(settings.MEDIA_ROOT, papers[1].stored_as).unlink()
    elif how == "withdrawn":
        withdraw_document(actor=luis, now=clock.now(), case_uid=case.uid, document_uid=papers[1].uid, why="Wrong case")
    else:
        papers[1].version, papers[1].first_uid = 2, papers[0].uid
        papers[1].save(update_fields=["version", "first_uid"])
    answer = take(sign_in(luis), made)
    said = {"torn": "It cannot be read.", "withdrawn": "It was withdrawn.", "other": "It is not what was approved."}[
        how
    ]
    page = answer.content.decode()
    assert answer.status_code == 409 and said in page.split(f"{case.number}-0002")[1].split(f"{case.number}-0003")[0]
    assert page.count(said) == 1 and "Content-Disposition" not in answer.headers
    assert [one.outcome for one in events(Verb.PRODUCTION_TAKEN)] == [Outcome.FAILED]


def test_counsel_takes_out_only_what_she_reads(cast, luis, kemi, case, process, papers, sign_in):
    hers = paper(
        cast, case, b"Her papers", category=DocumentCategory.IDENTITY_DOCUMENT, section="IDENTITY", name="id.txt"
    )
    made = decide(kemi, case, prepare(luis, case, process, [*papers, hers]))
    assert take(sign_in(kemi), made).status_code == 404, "who holds no case takes nothing out of it"
    assert take(sign_in(cast.bea), made).status_code == 404
    [grant] = access.for_the_house(AccessGrant).filter(case=case, person=luis)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    facts = {"actor": cast.bea, "now": clock.now(), "case_uid": case.uid, "kind": "STAFF_COUNSEL", "person": luis}
    give_access(**facts, sections=["LEGAL"])
    assert take(sign_in(luis), made).status_code == 403
    assert not events(Verb.PRODUCTION_TAKEN, outcome=Outcome.OK).exists()


# ---- By its pages ----


def test_by_its_pages(cast, luis, kemi, case, process, papers, sign_in):
    counsel, officer = sign_in(luis), sign_in(kemi)
    new, here = reverse("production-new", args=[process.uid]), reverse("process", args=[process.uid])
    assert new in counsel.get(here).text and new not in officer.get(here).text
    assert officer.get(new).status_code == 404
    page = counsel.get(new).text
    assert page.count("birth-certificate") == 3
    said = {"documents": [papers[0].uid.hex], "categories": ["LEGAL_STATUS"], "is_minimised": "on"}
    for lacks in said:
        short = counsel.post(new, {name: value for name, value in said.items() if name != lacks})
        assert short.status_code == 422 and f'id="id_{lacks}_error"' in short.text, lacks
        assert lacks == "documents" or f'value="{papers[0].uid.hex}"' in short.text
    foreign = make.document(make.case(cast.dana, cast.team_of("dana")), cast.dana, b"Of another")
    odd = counsel.post(new, {**said, "documents": [foreign.uid.hex]})
    assert odd.status_code == 422 and "not among those that you may read here" in odd.text
    assert counsel.post(new, said).url == here
    made = access.for_the_house(Production).get()
    where = reverse("production", args=[made.uid])
    assert where in officer.get(reverse("decisions")).text and where in officer.get(here).text
    shown = officer.get(where).text
    assert f"{case.number}-0001" in shown and "birth-certificate" not in shown and "Canarywren" not in shown
    assert 'name="decision"' not in counsel.get(where).text
    assert officer.post(where, {"decision": "DECLINE"}).status_code == 422
    assert sign_in(cast.bea).get(where).status_code == 200, "a supervisor of the case may be the second person"
    assert officer.post(where, {"decision": "APPROVE"}).status_code == 302
    assert reverse("production-take", args=[made.uid]) in counsel.get(where).text
    assert reverse("production-take", args=[made.uid]) not in officer.get(where).text
    assert "Approved" in counsel.get(here).text


@pytest.mark.parametrize("key", ["amina", "dana", "elif_", "hugo", "jonas", "chidi"])
def test_it_is_closed_to_everybody_else(cast, luis, case, process, papers, sign_in, key):
    made, client, person = prepare(luis, case, process, papers), sign_in(getattr(cast, key)), getattr(cast, key)
    for name, uid in (("production-new", process.uid), ("production", made.uid), ("production-take", made.uid)):
        assert client.get(reverse(name, args=[uid])).status_code == 404, name
    with pytest.raises(Hidden):
        prepare(person, case, process, papers)


def test_a_wall_closes_it(cast, luis, kemi, case, process, papers, sign_in):
    made = decide(kemi, case, prepare(luis, case, process, papers))
    wall(case, cast.bea, person=luis)
    client = sign_in(luis)
    for name, uid in (("production-new", process.uid), ("production", made.uid), ("production-take", made.uid)):
        assert client.get(reverse(name, args=[uid])).status_code == 404, name
    with pytest.raises(Hidden):
        prepare(luis, case, process, papers)
    assert not events(Verb.PRODUCTION_TAKEN).exists()
