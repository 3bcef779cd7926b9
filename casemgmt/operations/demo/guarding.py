"""Who may see what, as it comes and goes: a rota, an appointment, a colleague on leave, emergencies, a partner, a review."""

from datetime import datetime, timedelta
from typing import Any

from casemgmt.accounts.cast import PARTNER
from casemgmt.operations.demo import papers
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.telling import Act, Telling
from cases import access
from cases.actions import asking, callers, declarations, kin, reviews, rota
from cases.actions.alerts import AlertFacts
from cases.actions.breaches import Found, note_step, record_breach
from cases.actions.calendar import choose_reminders, make_feed
from cases.actions.conflicts import answer_conflict, find_conflicts
from cases.choices.casework import PrivilegeClass
from cases.choices.conflicts import ConflictAnswer
from cases.choices.documents import DocumentCategory
from cases.choices.duties import BreachKind, RequestKind
from cases.choices.kin import EligibleAs, KinRelation, Knows, MaySpeak, SafeWithKin
from cases.choices.linking import LinkKind
from cases.choices.notices import MAY_BE_HIDDEN, ReminderMail
from cases.choices.releases import InfoCategory
from cases.choices.safety import ITEMS_OF_GROUP, AlertCode, AlertSeverity, IncidentKind, RiskGroup, RiskLevel
from cases.choices.sharing import Purpose, ReviewDecision
from cases.kin_answers import (
    BIRTH_YEAR,
    DANGER,
    DEPENDANT,
    ELIGIBLE,
    ELIGIBLE_AS,
    IN_COUNTRY,
    IN_DANGER,
    KIN_NAME,
    KNOWS,
    LIVES_WITH,
    MAY_SPEAK,
    PERSON_DANGER,
    PERSON_IS,
    PERSON_NAME,
    PERSON_PHONE,
    RELATION,
    SAFE,
    WHERE,
)
from cases.models import AccessReview, PossibleConflict
from services.choices import DeadlineKind, HearingType, MatterOutcome, MatterStage, MatterType

#: One act a line reads as a story.
# fmt: off


def guard_case(course: Course) -> None:
    """What is special about who sees this case, if anything."""
    if course.figure.key in _CASES:
        _CASES[course.figure.key](course)


def _dew(course: Course) -> None:
    """Referred to the clinic: what she told waits for a second person, the dates of help do not."""
    course.release(
        3, "10:10", PARTNER, Purpose.REFERRAL, "Trauma counselling at the clinic, without telling it all again.",
        [InfoCategory.SERVICES_DATES, InfoCategory.TRAFFICKING_HISTORY], days=30, name="counselling",
    )  # fmt: skip
    course.refer(2, "11:15", "hugo", "counselling")


def _softrain(course: Course) -> None:
    """The eye clinic has called, and the interpreter is booked for tomorrow."""
    course.disclose(14, "09:40", "eyes", [InfoCategory.IDENTITY])
    course.book(1, "10:05", "petra", "Front desk of the library, second floor (demo)", alias="Ms River")
    course.joint(2, "15:20", LinkKind.SAME_INCIDENT)


def _people_of_hers(course: Course) -> None:
    """A child with its grandmother, eligible and in danger; and a neighbour who knows that she gets help."""
    both: dict[str, Any] = {LIVES_WITH: "NO", IN_COUNTRY: "NO", WHERE: "At home (demo)", SAFE: SafeWithKin.ASK_HER}
    for clock, who in (
        ("10:40", {
            KIN_NAME: "Pip (demo)", RELATION: KinRelation.CHILD, BIRTH_YEAR: 2020, DEPENDANT: "YES", ELIGIBLE: "YES",
            ELIGIBLE_AS: EligibleAs.CHILD, IN_DANGER: "YES",
            DANGER: "The recruiter knows the street. The school lets nobody fetch the child but the grandmother.",
        }),
        ("10:45", {KIN_NAME: "The grandmother (demo)", RELATION: KinRelation.PARENT, DEPENDANT: "NO", ELIGIBLE: "UNKNOWN"}),
    ):
        course.plan(
            8, clock,
            lambda now, who=who: kin.add_family_member(actor=course.worker, now=now, case_uid=course.uid, who={**both, **who}),
        )
    course.plan(
        7, "11:20",
        lambda now: kin.add_supporter(
            actor=course.worker, now=now, case_uid=course.uid,
            who={
                PERSON_NAME: "Mrs Alder (demo)", PERSON_IS: "Neighbour from the library", MAY_SPEAK: MaySpeak.ASK_HER,
                KNOWS: Knows.HELP, PERSON_DANGER: "Her son drives for the old employer: never leave a message.",
            },
            reached_by={PERSON_PHONE: "+12025550148"},
        ),
    )


def _jasmine(course: Course) -> None:
    """Dana is at a training; Amina stands in."""
    course.lend(2, "16:40", "amina", days=9)


def _clearriver(course: Course) -> None:
    """Opened in an emergency last week; it was needed."""
    course.emergency(6, "19:20", "amina", "Called the hotline from the bus station and was followed. Needed her safety plan.")
    course.emergency_reviewed(5, "10:30", "nadia", "Right thing to do. The plan says now where to go at night.")


def _raincreek(course: Course) -> None:
    """Followed to the bus, and looked at within the hour; opened in an emergency, and nobody has looked at that yet."""
    grave: dict[str, str] = {item.value: "NO" for item in ITEMS_OF_GROUP[RiskGroup.TRAFFICKER]}
    grave.update(RECENT_CONTACT="YES", AT_LARGE="YES", HOLDS_PAPERS="DECLINED", OFFICIAL="UNKNOWN", SUPPORT="YES", PHONE_SAFE="YES")
    course.happened(
        2, "13:55", IncidentKind.TRAFFICKER_CONTACT, "The car stood at the bus stop; the driver called her name.",
        done="She went back into the school. We fetched her by the side door.", told="Riverside Police liaison (demo)",
    )  # fmt: skip
    course.warn(2, "14:35", AlertFacts(AlertCode.NO_DISCLOSURE_TO, "SAFETY", AlertSeverity.HIGH, "Nothing to the language school"))
    course.risk(
        2, "14:05", RiskLevel.IMMEDIATE, "A car from the old address followed her to the bus stop today.", own_view=9,
        concerns="That they know the school.\nThat her mother is asked about her.", answers=grave,
    )  # fmt: skip
    course.call_taken(2, "14:25", "nadia")
    course.risk(1, "10:20", RiskLevel.HIGH, "She sleeps elsewhere until Friday; the police have the number plate.", own_view=7, answers=grave)
    course.emergency(1, "18:10", "gita", "Fainted in the waiting room and could not speak. Needed allergies and whom to call.")


def _skystream(course: Course) -> None:
    """An attorney outside got the pay of a second job back; the engagement ended ten days ago, and the file is open to read."""
    course.matter(178, "10:10", "pay", "Pay of the second job", MatterType.WAGE_HOUR, "Department of Labor (demo)", MatterStage.REFERRED_TO_COUNSEL)
    course.release_for_attorney(
        172, "14:05", "chidi", "pay", "To claim the pay of her second job, and nothing else.",
        [InfoCategory.IDENTITY, InfoCategory.SERVICES_DATES], ends=-16,
    )  # fmt: skip
    course.note(168, "16:20", "First talk. Pay slips for five of eight months; the rest from her own calendar.", PrivilegeClass.ATTORNEY_CLIENT, by="chidi", matter="pay")
    course.document(
        150, "11:15", "hours-by-week.pdf", papers.pdf("Hours by week", "From the client's own calendar."),
        DocumentCategory.COURT, section="LEGAL_FILE", matter="pay", by="chidi",
    )  # fmt: skip
    course.filing(141, "15:40", "pay", "Claim for unpaid wages", "DEMO-WAGE-0007", by="chidi")
    course.deadline(
        140, "09:20", "pay", "Answer to the employer's letter", due=course.telling.day(70), kind=DeadlineKind.AGENCY,
        authority="Letter of the agency, page 1", by="chidi", met=74,
    )  # fmt: skip
    course.hearing(96, "12:00", "pay", HearingType.MOTION, on=61, at="14:30", place="Room 4 (demo)", by="chidi")
    course.note(20, "17:30", "The money has arrived. What is left: the receipt for her folder.", PrivilegeClass.ATTORNEY_CLIENT, by="chidi", matter="pay")
    course.close_matter(12, "11:10", "pay", MatterOutcome.SETTLED, by="chidi")
    course.end_engagement(10, "15:30", "chidi", "pay")


def _thyme(course: Course) -> None:
    """A subpoena has come: counsel answers it, and nothing is given out on it. A judge orders one paper, which is numbered."""
    course.subpoena(4, "15:15", "luis", "The father\u2019s attorney (demo)", answer_in=6)
    course.document(
        4, "15:40", "notice-of-hearing.pdf", papers.pdf("Notice of a hearing", "Family part, room 12 (demo)."),
        DocumentCategory.COURT, by="luis", section="LEGAL", keep="notice",
    )  # fmt: skip
    course.produced(1, "09:20", "luis", "Family Court (demo)", paper="notice", agreed=(1, "15:10", "kemi"))
    course.request_of_hers(3, "11:40", "kemi", RequestKind.ACCESS, "What do you write about me? I would like to see it.")
    _people_of_hers(course)


_CASES = {
    "dew": _dew, "softrain": _softrain, "jasmine": _jasmine, "clearriver": _clearriver, "raincreek": _raincreek,
    "thyme": _thyme, "skystream": _skystream,
}  # fmt: skip


def guard_house(telling: Telling, courses: dict[str, Course]) -> None:
    """The rota of the North team, its review of who has access, a declaration, and two questions whether somebody is known."""
    def house(ago: int, clock: str, act: Act) -> None:
        telling.plan("house", ago, clock, act)

    cast, north = telling.cast, telling.teams["north"]
    tonight = telling.now.replace(hour=18, minute=0, second=0, microsecond=0)
    for person, starts, hours in (("bea", tonight - timedelta(hours=24), 24), ("amina", tonight, 14), ("bea", tonight + timedelta(hours=24), 14)):
        house(1, "08:30", lambda now, person=person, starts=starts, hours=hours: rota.add_shift(
            actor=cast["bea"], now=now, team_uid=north.uid, person=cast[person], starts_at=starts, ends_at=starts + timedelta(hours=hours),
        ))
    house(40, "09:50", lambda now: declarations.declare(
        actor=cast["jonas"], now=now, first_name="Marlow", family_name="Ferrybridge",
    ))
    def lost_telephone(now: datetime) -> None:
        breach = record_breach(actor=cast["kemi"], now=now, found=Found(kinds=[BreachKind.LOST_DEVICE], detected_at=now, people=3))
        note_step(actor=cast["kemi"], now=now, breach_uid=breach.uid, step="contained")

    house(1, "15:20", lost_telephone)
    house(45, "16:40", lambda now: make_feed(actor=cast["amina"], now=now))
    for ago, key, by_mail in ((44, "amina", ReminderMail.DAY_BEFORE), (30, "luis", ReminderMail.DAY_BEFORE), (12, "bea", ReminderMail.MORNING)):
        house(ago, "16:50", lambda now, key=key, by_mail=by_mail: choose_reminders(
            actor=cast[key], now=now, by_mail=by_mail, shown_kinds=MAY_BE_HIDDEN,
        ))
    _conflicts(telling, courses)
    _callers(telling)
    known = courses["seawind"].figure
    house(1, "14:20", lambda now: asking.ask_about_person(
        actor=cast["dana"], now=now, first_name=known.first, family_name=known.second, phone=known.telephone,
        reason="She is here at the desk and says that she had a caseworker before.",
    ))
    house(1, "15:35", lambda now: asking.ask_about_person(
        actor=cast["amina"], now=now, first_name="Willow", family_name="Bridgewater", reason="Asks for help with a letter.",
    ))
    house(9, "09:00", lambda now: reviews.begin_review(actor=cast["kemi"], now=now, team=north))
    for ago, decision, reason in ((8, ReviewDecision.KEEP, "Works with her every week."), (8, ReviewDecision.KEEP, "Sees her every other Tuesday."),
                                  (7, ReviewDecision.REVOKE, "The treatment ended in spring.")):
        house(ago, "13:40", lambda now, decision=decision, reason=reason: _decide(telling, now, decision, reason))


def _callers(telling: Telling) -> None:
    """Three calls without a name, one of which we could not take on, and two third parties who asked about somebody."""
    cast = telling.cast
    calls: tuple[tuple[int, str, str, dict[str, Any], str, str, str], ...] = (
        (12, "dana", "09:25", {"need": "PAPERS", "language": "fr", "minutes": 20, "offered": ["RIGHTS", "OTHER_SERVICE"], "safety": "NO"},
         "Asked how papers that somebody else keeps are got back.", "HELPED", ""),
        (5, "amina", "21:40", {"need": "PLACE_TO_STAY", "language": "", "minutes": 7, "offered": ["LISTENED", "OTHER_SERVICE"], "safety": "UNKNOWN"},
         "", "DECLINED", "NO_PLACE"),
        (1, "amina", "19:05", {"need": "SAFETY_NOW", "language": "es", "minutes": 15, "offered": ["LISTENED", "SAFETY_TALK", "CALL_AGAIN"], "safety": "YES"},
         "Spoke quietly and ended the call when a door opened. Wants to call again in the evening.", "OPEN", ""),
    )  # fmt: skip
    for ago, key, clock, facts, words, outcome, reason in calls:
        telling.plan("house", ago, clock, lambda now, key=key, facts=facts, words=words, outcome=outcome, reason=reason: (
            callers.record_contact(actor=cast[key], now=now, at=now, facts=facts, words=words, outcome=outcome, reason=reason)
        ))  # fmt: skip
    asked: tuple[tuple[int, str, str, str, dict[str, str], str], ...] = (
        (6, "luis", "11:15", "MEDIA", {"way": "PHONE", "answer": "SCRIPT", "safety": "NO", "who": "", "organisation": "A newspaper", "about": ""}, ""),
        (1, "jonas", "17:30", "FRIEND", {"way": "DOOR", "answer": "SCRIPT", "safety": "YES", "who": "Said no name", "organisation": "",
                                         "about": "A young woman, no name said"}, "Came twice within an hour and waited across the street."),
    )  # fmt: skip
    for ago, key, clock, kind, facts, words in asked:
        telling.plan("house", ago, clock, lambda now, key=key, kind=kind, facts=facts, words=words: callers.record_inquiry(
            actor=cast[key], now=now, at=now, kind=kind, facts=facts, words=words,
        ))  # fmt: skip


def _conflicts(telling: Telling, courses: dict[str, Course]) -> None:
    """Dana and Luis wrote down their own telephones, and each stands on a case: the privacy officer has answered the first.

    Whose number the story gave to more than one case has one possible conflict for each, and those wait with Dana's.
    """
    cast = telling.cast
    for ago, key, whose in ((21, "luis", "windmild"), (2, "dana", "mildspring")):
        phone = courses[whose].figure.telephone
        telling.plan("house", ago, "12:10", lambda now, key=key, phone=phone: declarations.declare_own_phone(
            actor=cast[key], now=now, phone=phone,
        ))
        telling.plan("house", ago, "12:20", find_conflicts)
    telling.plan("house", 20, "10:05", lambda now: answer_conflict(
        actor=cast["kemi"], now=now, conflict_uid=access.for_the_house(PossibleConflict).get(answer="").uid,
        answer=ConflictAnswer.NO_CONFLICT, reason="A telephone that the language school lends to its guests. He gave it back.",
    ))


# fmt: on


def _decide(telling: Telling, now: datetime, decision: str, reason: str) -> object:
    """Bea decides on the next line that is hers: she ends a clinician's access, and keeps any other."""
    bea = telling.cast["bea"]
    review = access.for_the_house(AccessReview).get(ended_at__isnull=True)
    lines = reviews.lines_for(bea, review, at=now).filter(decision="").exclude(grant__person=bea)
    kind = "CLINICAL" if decision == ReviewDecision.REVOKE else "ASSIGNMENT"
    line = lines.filter(grant__kind=kind).order_by("pk").first()
    assert line is not None  # the story has put it there
    return reviews.decide_on_access(actor=bea, now=now, line_uid=line.uid, decision=decision, reason=reason)
