"""Two cases with something of everything, made by the real actions once for a whole module: what the matrix walks through.

The northern case is Amina's, the southern one Dana's; every word said of the southern one is a canary.
"""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from audit.action import action
from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.actions.requests import ask_for_account
from casemgmt.accounts.actions.teams import add_member
from casemgmt.accounts.models import HeldForm, Session, User
from casemgmt.crypto import keyring
from casemgmt.crypto.keyring import ensure_own_keys
from casemgmt.crypto.tokens import seal_token
from cases import access
from cases.actions import disclosures, drafts, rota, walls
from cases.actions.alerts import AlertFacts, acknowledge_alert, raise_alert
from cases.actions.asking import answer_question, ask_about_person, found_for, look_questions_up
from cases.actions.authorities import LookedUp, add_authority
from cases.actions.bookings import book
from cases.actions.breaches import Found, concern_case, record_breach
from cases.actions.callers import record_contact, record_inquiry
from cases.actions.configuring import add_text
from cases.actions.contacting import begin_contact, note_contact
from cases.actions.contacts import SaidOfContact, link_contact
from cases.actions.correcting import ask_correction
from cases.actions.declarations import declare
from cases.actions.delegation import delegate_access
from cases.actions.emergency import take_emergency_access
from cases.actions.erasure import ask_erasure
from cases.actions.grants import give_access, revoke_access
from cases.actions.holds import place_hold
from cases.actions.incidents import Happened, note_incident
from cases.actions.kin import add_family_member, add_supporter
from cases.actions.linking import _link
from cases.actions.notes import add_note, amend_note
from cases.actions.organisations import restore_organisation, suspend_organisation
from cases.actions.other_people import SaidOfOther, note_other_person
from cases.actions.partners import give_partner_access
from cases.actions.proceedings import CourtFacts, HerSide, join_proceeding
from cases.actions.releases import Terms, record_release, record_release_for_attorney
from cases.actions.retention import set_policy
from cases.actions.reviews import begin_review
from cases.actions.safety import set_risk
from cases.actions.subject_requests import record_request
from cases.actions.tagging import make_tag, tag_case
from cases.actions.tasks import add_task
from cases.actions.views import save_view, share_view
from cases.models import (
    AccessReview,
    Case,
    CaseMerge,
    DestructionOrder,
    ImportRow,
    LegalProcess,
    Matter,
    NamedMatch,
    Portrait,
    PossibleConflict,
    PossibleMatch,
    Production,
    Release,
    SharedMapping,
)
from services.actions import aftercare, legal, needs, plan, reintegration
from tests import make
from tests.accounts.signing_in import sign_in
from tests.cases.canary_evidence import taken_back
from tests.cases.htcds import sheets
from tests.cases.releasing import signing
from tests.cast import Cast
from tests.house.matrix import Records

#: What a case is told with. In the South each of them is looked for in everybody else's answers.
NORTH, SOUTH = "Northwind", "Southwrenna"


@dataclass
class World:
    """Both cases, and the records that belong to a person or a desk: name → uid."""

    north: Records
    south: Records
    uids: dict[str, Any] = field(default_factory=dict)


def words_of(case: Case) -> list[str]:
    """What must not reach anybody who may not know of the southern case."""
    return [case.number, str(case.uid), "outhwrenna", "Canarydale"]


@action
def half_a_link(*, actor: User, now: datetime, case_uid: UUID) -> None:
    """One side of a link: a third case would stand in every list that this world is compared with."""
    _link(actor, now, [access.lock_for_write(actor, case_uid, Section.CARD)], "SIBLINGS")


@action
def half_a_photo(*, actor: User, now: datetime, case_uid: UUID, words: str) -> None:
    """A picture without the release that it needs: another release would stand in every list of this world."""
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY)
    picture = base64.b64encode(words.encode()).decode()
    Portrait(case=held.case, picture=picture, kept_by=actor, kept_at=now).save()
    record(Verb.PHOTO_KEPT, actor=actor, subject=held.case, held=held, sections=[Section.IDENTITY])


@action
def half_a_production(*, actor: User, now: datetime, process: LegalProcess) -> None:
    """A production without papers: only counsel prepares one, and nobody is counsel on the southern case."""
    made = Production(
        case=process.case, process=process, number=1, first_number=1, last_number=1, items=[], categories=["LEGAL_STATUS"],
        prepared_by=actor, prepared_at=now,
    )  # fmt: skip
    made.save()
    record(Verb.PRODUCTION_PREPARED, actor=actor, subject=made, sections=[Section.DUTIES])


def furnish(cast: Cast, case: Case, owner: User, supervisor: User, word: str) -> Matter:
    """Something of everything in one case; returns its matter."""
    today = date.today()

    def of_case() -> dict[str, Any]:
        return {"actor": owner, "now": clock.now(), "case_uid": case.uid}

    ask_erasure(
        actor=cast.kemi, now=clock.now(), case_uid=case.uid, classes=["ADVOCACY"], ground="HER_REQUEST", reference="R-1",
        reason=f"{word} asked",
    )  # fmt: skip
    for privilege in ("ADVOCATE_CONFIDENTIAL", "SERVICES_NOTE", "SAFETY_NOTE", "LEGAL_STATUS"):
        add_note(**of_case(), privilege_class=privilege, body=f"{word} walks")
    note = add_note(**of_case(), privilege_class="ADVOCATE_CONFIDENTIAL", body=f"{word} of another")
    amend_note(**of_case(), note_uid=note.uid, body=f"{word} remembers", reason=f"{word} rang again")
    ask_correction(**of_case(), record_uid=note.uid, kind="note", number=1, reason=f"{word}'s neighbour")
    tried = begin_contact(**of_case(), channel="PHONE", has_read=True, reason=f"{word} is late")
    note_contact(**of_case(), attempt_uid=tried.uid, outcome="REACHED", words=f"{word} comes")
    for section in ("SAFETY", "CARD"):
        words = f"{word}'s cousin" if section == "SAFETY" else ""
        raised = raise_alert(**of_case(), warning=AlertFacts("TRAFFICKER_RELEASED", section, words=words))
        acknowledge_alert(**of_case(), alert_uid=raised.uid)
    half_a_link(**of_case())
    half_a_photo(**of_case(), words=f"{word}'s face")
    add_family_member(**of_case(), who={"x_KinName": f"{word}'s son", "x_KinRelation": "CHILD", "x_KinBirthYear": 2019})
    add_supporter(
        **of_case(), who={"x_PersonName": f"{word}'s neighbour", "x_PersonMaySpeak": "YES", "x_PersonKnows": "HELP"},
        reached_by={"x_PersonEmail": f"{word.lower()}@canarydale.example"},
    )  # fmt: skip
    note_incident(**of_case(), happened=Happened("THREAT", clock.now(), f"{word} was followed", told=f"{word}'s aunt"))
    note_other_person(
        **of_case(), said=SaidOfOther(roles=["Exploiter"], first_name="Osgood", looks=f"{word} ran from him", part=f"{word}'s pay"),
    )  # fmt: skip
    set_risk(
        **of_case(),
        level="IMMEDIATE",
        reason=f"{word} is followed",
        concerns=f"{word}'s brother",
        answers={"DEBT": "YES"},
    )
    add_task(**of_case(), title=f"{word}'s ladder", due_on=today, assigned_to=owner)
    make.document(case, owner, f"{word}'s letter".encode(), name=f"{word.lower()}.txt")
    goal = reintegration.set_goal(**of_case(), title=f"{word}'s bakery", area="LIVELIHOOD", target_on=today)
    plan.plan_goal(
        **of_case(), goal_uid=goal.uid, objective=f"{word} bakes", action_words=f"{word} asks", responsible="SHE"
    )
    plan.write_plan(**of_case(), her_answer="AGREED")
    needs.note_need(**of_case(), words=f"{word}'s warm coat", area="BASICS", urgency="URGENT", our_priority="NEXT")
    reintegration.plan_follow_ups(**of_case(), exit_on=today)
    aftercare.record_service(
        **of_case(), given_on=today, service="CASE_MGMT", quantity=Decimal(30), outcome="PROVIDED", mode="IN_PERSON",
        remark=f"{word}'s tea",
    )  # fmt: skip
    aftercare.begin_stay(**of_case(), team=cast.team_of("jonas"), entered_on=today, room=f"{word}'s room")
    starts = clock.now() + timedelta(days=3)
    book(
        **of_case(), person=cast.petra, starts_at=starts, ends_at=starts + timedelta(hours=1), language="Tigrinya",
        alias=f"{word[:4]} Marigold", place="Town hall",
    )  # fmt: skip
    released = record_release(
        **of_case(), recipient=cast.hugo.organisation, purpose="REFERRAL", purpose_text="A dentist",
        terms=Terms(categories=["IDENTITY", "CONTACT"]), expires_at=clock.now() + timedelta(days=9), signing=signing(),
    )  # fmt: skip
    given = disclosures.Given(["IDENTITY"], "LETTER", today, is_minimised=True)
    disclosures.disclose_by_release(**of_case(), release_uid=released.uid, given=given)
    _desk(cast, case, word)
    walls.place_wall(
        actor=supervisor,
        now=clock.now(),
        case_uid=case.uid,
        person=cast.ines,
        reason=f"{word}'s aunt",
        kind="KNOWS_SURVIVOR",
    )
    return _legal(case, owner, word)


def _desk(cast: Cast, case: Case, word: str) -> None:
    """What the privacy officer records: a report, a process, a hold."""
    kemi, today = cast.kemi, date.today()

    def of_case() -> dict[str, Any]:
        return {"actor": kemi, "now": clock.now(), "case_uid": case.uid}

    disclosures.record_report(
        **of_case(),
        report=disclosures.Report(
            trigger="CHILD_ABUSE", jurisdiction="New York", authority="A law", agency="A register", discovered_on=today,
            due_on=today, reporter=f"{word}'s nurse",
        ),
    )  # fmt: skip
    process = disclosures.record_process(
        **of_case(), kind="COURT_ORDER", issuer="A court", reference="Order 7", scope=f"{word}'s dates", received_on=today,
    )  # fmt: skip
    half_a_production(actor=kemi, now=clock.now(), process=process)
    record_request(**of_case(), kind="ACCESS", words=f"All about {word}", received_on=today)
    place_hold(
        **of_case(), authority="SUBPOENA", classes=["LEGAL"], reason=f"{word} v. them", review_on=today + timedelta(9)
    )


def _legal(case: Case, owner: User, word: str) -> Matter:
    """A matter with a hearing, a deadline and a paper."""
    today = date.today()
    matter = legal.open_matter(
        actor=owner, now=clock.now(), case_uid=case.uid, title=f"{word}'s visa", matter_type="T_VISA", jurisdiction="USCIS",
        stage="DRAFTING", opened_on=today,
    )  # fmt: skip
    legal.add_hearing(
        actor=owner, now=clock.now(), matter_uid=matter.uid, starts_at=clock.now() + timedelta(days=5), time_zone="UTC",
        hearing_type="MASTER_CALENDAR", place=f"{word}'s court", must_attend=True, interpreter_needed=False,
    )  # fmt: skip
    legal.add_deadline(
        actor=owner, now=clock.now(), matter_uid=matter.uid, due_on=today + timedelta(days=9), kind="AGENCY",
        title=f"{word}'s day", authority="8 CFR 214.11",
    )  # fmt: skip
    make.document(case, owner, f"{word}'s form".encode(), case_uid=None, matter_uid=matter.uid, section="LEGAL")
    join_proceeding(
        actor=owner, now=clock.now(), case_uid=case.uid, facts=CourtFacts(court="A court", docket=f"{word} 1", next_on=today),
        side=HerSide(statement=f"{word} saw it"),
    )  # fmt: skip
    link_contact(
        actor=owner, now=clock.now(), case_uid=case.uid, words=f"{word}'s", said=SaidOfContact("An officer")
    )  # fmt: skip
    return matter


def share_north(cast: Cast, case: Case, matter: Matter) -> None:
    """Who else holds something of the northern case: counsel outside and inside, the clinic, a colleague who stands in."""
    amina = cast.amina

    def of_case() -> dict[str, Any]:
        return {"actor": amina, "now": clock.now(), "case_uid": case.uid}

    record_release_for_attorney(
        **of_case(), matter_uid=matter.uid, attorney=cast.chidi, purpose_text="Her T visa application",
        terms=Terms(categories=["IDENTITY", "LEGAL_STATUS", "SERVICES_DATES", "MEDICAL"]), signing=signing(),
        expires_at=clock.now() + timedelta(days=90),
    )  # fmt: skip
    to_partner = Release._base_manager.get(case=case, recipient=cast.hugo.organisation)
    give_partner_access(**of_case(), kind="REFERRAL", release_uid=to_partner.uid, person=cast.hugo)
    give_access(**of_case(), kind="CLINICAL", person=cast.gita)
    give_access(**of_case(), kind="STAFF_COUNSEL", person=cast.luis, matter_uid=matter.uid)
    add_note(actor=cast.gita, now=clock.now(), case_uid=case.uid, privilege_class="MEDICAL", body="Northwind's knee")
    add_note(
        actor=cast.chidi, now=clock.now(), case_uid=case.uid, matter_uid=matter.uid, privilege_class="ATTORNEY_WORK_PRODUCT",
        body="Northwind's theory",
    )  # fmt: skip
    legal.add_filing(
        actor=cast.chidi, now=clock.now(), matter_uid=matter.uid, title="I-914", receipt="", filed_on=date.today()
    )
    make.document(case, cast.chidi, b"Northwind's draft", case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE")


def _of_people(cast: Cast, world: World) -> None:
    """What belongs to one person or one desk, and names a case or none."""
    north, south, uids = world.north.case, world.south.case, world.uids
    amina, bea, mara, omar = cast.amina, cast.bea, cast.mara, cast.omar
    for case, supervisor, asker, name in (
        (south, cast.nadia, bea, (SOUTH, "Canarydale")),
        (north, bea, cast.nadia, ("Zoraida", NORTH)),
    ):
        opened = take_emergency_access(
            actor=mara, now=clock.now(), number=case.number, reason="She called from the street, afraid"
        )
        revoke_access(actor=supervisor, now=clock.now(), grant_uid=opened.grant.uid)
        question = ask_about_person(
            actor=asker, now=clock.now(), reason="She waits at the station", first_name=name[0], family_name=name[1]
        )
        look_questions_up()
        found = list(found_for(mara, [question]))
        answer_question(actor=mara, now=clock.now(), question_uid=question.uid, pass_on=[one.uid for one in found])
    uids["emergency"] = opened.uid
    waiting = ask_about_person(
        actor=cast.nadia,
        now=clock.now(),
        reason="She waits at the station",
        first_name="Perpetua",
        family_name="Nightjar",
    )
    look_questions_up()
    uids["question"] = waiting.uid
    _of_callers(cast, uids)
    found = Found(kinds=["LOST_DEVICE"], detected_at=clock.now())
    breach = record_breach(actor=cast.kemi, now=clock.now(), found=found)
    for case in (north, south):
        concern_case(actor=cast.kemi, now=clock.now(), breach_uid=breach.uid, case_uid=case.uid)
    uids["breach"] = breach.uid
    match = PossibleMatch(case=north, other=south, likeness="NAME", found_at=clock.now())
    match.save()
    uids["match"] = match.uid
    merge = CaseMerge(
        match=match, case=north, other=south, keeps_open=True, state="DECLINED", proposed_by=cast.mara,
        proposed_at=clock.now(), ended_by=bea, ended_at=clock.now(),
    )  # fmt: skip
    merge.save()
    uids["merge"] = merge.uid
    for case, other in ((south, north), (north, south)):
        what = {"person": str(uuid4()), "other": str(other.uid)}
        named = NamedMatch(case=case, section="DUTIES", what=what, fingerprint=1, found_at=clock.now())
        named.save()
        uids["named"] = named.uid
    for case, person in ((south, cast.dana), (north, amina)):
        conflict = PossibleConflict(
            case=case, person=person, likeness="FAMILY_NAME", fingerprint=1, found_at=clock.now(), section="DUTIES"
        )
        conflict.save()
        uids["conflict"] = conflict.uid
    kept = set_policy(
        actor=cast.kemi, now=clock.now(), record_class="ADVOCACY", number=2, unit="YEARS", authority="Letter of counsel",
        effective_from=date.today(),
    )  # fmt: skip
    order = DestructionOrder(
        number="RT-7Q4K-29MX", organisation=north.organisation, policy=kept, cases=[str(north.uid)], until=date.today(),
        listed={"due": 1, "held": 0, "events": 0}, asked_by=cast.kemi, asked_at=clock.now(),
    )  # fmt: skip
    order.save()
    uids["policy"], uids["destruction"] = kept.uid, order.uid
    uids["text"] = add_text(
        actor=cast.farid,
        now=clock.now(),
        kind="LETTER",
        name="To the clinic",
        language="en",
        body="Dear {{ her.name }}",
    ).uid
    uids["authority"] = add_authority(
        actor=cast.farid, now=clock.now(), found=LookedUp(
            trigger="CHILD_ABUSE", jurisdiction="Example State, USA", authority="Example Code § 1", agency="Child Line",
            looked_up_on=date.today(),
        ),
    ).uid  # fmt: skip
    uids["review"] = AccessReview._base_manager.get(team=north.team).uid
    shift = rota.add_shift(
        actor=bea, now=clock.now(), team_uid=north.team.uid, person=amina, starts_at=clock.now(),
        ends_at=clock.now() + timedelta(hours=9),
    )  # fmt: skip
    uids["shift"], uids["team"] = shift.uid, north.team.uid
    uids["waiting"] = access.waiting_grants().get(case=north).uid
    uids["view"] = save_view(actor=amina, now=clock.now(), name="Mine", query="status=ACTIVE").uid
    for one, person, keeper in ((north, amina, mara), (south, cast.dana, mara)):
        # One list for the whole house: a word of it tells of no case.
        word = "Moves soon" if one is north else "Waits long"
        tag = make_tag(actor=keeper, now=clock.now(), word=word)
        tag_case(actor=person, now=clock.now(), case_uid=one.uid, tag_uid=tag.uid)
        uids.setdefault("tag", tag.uid)
        shared = share_view(actor=person, now=clock.now(), team_uid=one.team.uid, query="due=OVERDUE")
        uids.setdefault("shared_view", shared.uid)
        ensure_own_keys(person.organisation.uid)
        mapping = SharedMapping(
            organisation=person.organisation, team=one.team, shared_at=clock.now(), shared_by=person,
            content={"columns": [], "mailing": ""},
        )  # fmt: skip
        mapping.save()
        uids.setdefault("shared_mapping", mapping.uid)
    uids["search"] = uuid4()
    drafts.keep_search(actor=amina, now=clock.now(), search_uid=uids["search"], found=[north.uid])
    drafts.save_draft(
        actor=amina, now=clock.now(), kind="statement", about_uid=north.uid, fields={"statement": ["half a thought"]}
    )
    # One of them: in a house to measure she holds more than may be lent at once.
    delegate_access(
        actor=amina, now=clock.now(), colleague=cast.nadia, until=clock.now() + timedelta(days=1), case_uids=[north.uid]
    )  # fmt: skip
    uids["nadia"], uids["case"] = cast.nadia.uid, north.uid
    made = declare(actor=amina, now=clock.now(), first_name="Perpetua", family_name="Marchbanks")
    uids["declaration"] = made.uid
    change = suspend_organisation(actor=omar, now=clock.now(), organisation=cast.petra.organisation)
    restore_organisation(actor=omar, now=clock.now(), organisation=cast.petra.organisation)
    uids["change"], uids["organisation"] = change.uid, cast.petra.organisation.uid
    uids["incident"] = cast.petra.organisation.incidents.get().uid
    farid = cast.farid
    membership = add_member(actor=farid, now=clock.now(), team=cast.team_of("jonas"), user=mara)
    uids["membership"], uids["mara"], uids["jonas"] = membership.uid, mara.uid, cast.jonas.uid
    uids["role"] = cast.jonas.role_assignments.get().uid
    uids["request"] = ask_for_account(actor=farid, now=clock.now(), user=amina, kind="FACTOR_RESET").uid
    sealed = seal_token(amina.uid, "held-form", {"path": "/day/", "fields": [["words", "half a thought"]]})
    uids["held"] = HeldForm.objects.create(user=amina, sealed=sealed, held_at=clock.now()).uid
    sign_in(amina)
    uids["session"] = Session.objects.filter(user=amina).latest("expire_date").uid
    upload = SimpleUploadedFile("northwind.xlsx", sheets.official([sheets.person(prs_Gender="Green")]))
    page = sign_in(amina).post(reverse("import"), {"sheet": upload, "team": str(north.team.uid)})
    assert page.status_code == 302
    row = access.for_the_house(ImportRow).select_related("batch").get()
    uids["batch"], uids["row"] = row.batch.uid, row.uid


def _of_callers(cast: Cast, uids: dict[str, Any]) -> None:
    """A contact and an inquiry of the house."""
    facts = {"need": "PAPERS", "language": "es", "minutes": 5, "offered": ["RIGHTS"], "safety": "NO"}
    for person in (cast.dana, cast.amina):
        made = record_contact(actor=person, now=clock.now(), at=clock.now(), facts=facts, words="Plain", outcome="OPEN")
    uids["contact"] = made.uid
    said = {"way": "DOOR", "answer": "SCRIPT", "safety": "NO", "who": "", "organisation": "", "about": ""}
    for person in (cast.dana, cast.amina):
        asked = record_inquiry(actor=person, now=clock.now(), at=clock.now(), kind="MEDIA", facts=said)
    uids["inquiry"] = asked.uid


def build() -> World:
    """Make both cases and all that belongs to them, in the audit context that the caller holds."""
    cast = Cast()
    north = make.case(cast.amina, cast.team_of("amina"), first_name="Zoraida", second_name=NORTH)
    south = make.case(cast.dana, cast.team_of("dana"), first_name=SOUTH, second_name="Canarydale")
    matter = furnish(cast, north, cast.amina, cast.bea, NORTH)
    of_south = furnish(cast, south, cast.dana, cast.nadia, SOUTH)
    share_north(cast, north, matter)
    for case in (north, south):
        begin_review(actor=None, now=clock.now(), team=case.team)
    fresh = access.for_the_house(Case).select_related("team")
    world = World(Records(fresh.get(pk=north.pk), matter.uid), Records(fresh.get(pk=south.pk), of_south.uid))
    _of_people(cast, world)
    return World(Records(world.north.case, matter.uid), Records(world.south.case, of_south.uid), world.uids)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, made once for all tests of a module; each test takes back what it does in it."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(taken_back())
        with audit_context("test", "a world"):
            made = build()
        yield made


@pytest.fixture
def north(world: World, cast: Cast) -> Records:
    """Amina's case with something of everything."""
    keyring.forget()
    return world.north


@pytest.fixture
def south(world: World, cast: Cast) -> Case:
    """A case of Dana's team, with something of everything, of which nobody in the North may learn a word."""
    return world.south.case
