"""What every case has: the intake, the first weeks, the months after, and the people who look at it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from casemgmt.accounts.cast import INTERPRETERS
from casemgmt.operations.demo import words
from casemgmt.operations.demo.casework import contact_rule
from casemgmt.operations.demo.chapters import CHAPTERS
from casemgmt.operations.demo.configuring import set_up
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.desks import COMING
from casemgmt.operations.demo.guarding import guard_case, guard_house
from casemgmt.operations.demo.keeping import keep_facts, keep_safe
from casemgmt.operations.demo.lists import plan_lists
from casemgmt.operations.demo.lot import Lot
from casemgmt.operations.demo.people import Figure
from casemgmt.operations.demo.telling import Telling
from cases.actions.intake import Intake
from cases.choices.casework import CaseStatus, PrivilegeClass, Stage
from cases.choices.sharing import GrantKind
from cases.choices.survivor import ConsentState
from cases.htcds.codes import ConsentPrompt, TraffickingStatus

SEED = 2041
TEAM_OF = {"amina": "north", "bea": "north", "dana": "south", "nadia": "south"}
SUPERVISOR_OF = {"amina": "bea", "dana": "nadia"}
#: Days after the intake at which the work moves on.
SETTLED, LATER = 21, 400
#: Whom Gita treats, from the third week on.
IN_TREATMENT = frozenset({
    "lark", "skystream", "softrain", "thyme", "cane", "goodwater", "dew", "nightsky", "marigold", "bluefall", "firefly", "breezecloud",
})  # fmt: skip
#: A case that has moved on to calls, or has ended: from then on (days ago) the days of casework stop.
QUIET_SINCE = {
    "lark": 430,
    "windmild": 255,
    "moonhill": 425,
    "moonrock": 300,
    "skystream": 160,
    "mildspring": 210,
    "monsoon": 95,
}
CLOSED = frozenset({"lark", "windmild", "moonhill"})
ON_HOLD = {"stonemoon": 40}
#: Whose chapter tells how her plan was made.
PLANNED = frozenset({"cane"})
COMES_AGAIN = "windmild"


def plan_story(telling: Telling, figures: Sequence[Figure]) -> None:
    """Plan the whole story. The same seed tells the same story every time."""
    chance = random.Random(SEED)  # noqa: S311  a story, no secret
    courses = {}
    for figure in figures:
        course, lot = Course(telling, figure), Lot(chance)
        courses[figure.key] = course
        _arrive(course, lot)
        _first_weeks(course, lot)
        _months(course, lot)
        keep_safe(course, lot, is_over=figure.key in CLOSED)
        keep_facts(course, lot)
        if figure.key in IN_TREATMENT:
            _treatment(course, lot)
        if figure.key in CHAPTERS:
            CHAPTERS[figure.key](course, lot)
        _plan_with_her(course, len(courses))
        guard_case(course)
        _today(course, lot)
    _come_again(telling, figures)
    guard_house(telling, courses)
    plan_lists(telling, courses)
    set_up(telling, courses)


def _come_again(telling: Telling, figures: Sequence[Figure]) -> None:
    """One of Dana's first people, whose case is closed, comes to the other team: the coordinator alone learns of it."""
    first = next(figure for figure in figures if figure.key == COMES_AGAIN)
    again = replace(first, key=f"{first.key}-again", worker="amina", opened=2)
    course = Course(telling, again)
    known = intake_of(first, telling, asked_by=course.worker.name)
    told = intake_of(again, telling, asked_by=course.worker.name)
    course.take_in("10:10", replace(told, birth_date=known.birth_date), telling.teams[TEAM_OF[again.worker]])


def _arrive(course: Course, lot: Lot) -> None:
    """The day she came: the intake, the first talk."""
    figure, telling = course.figure, course.telling
    intake = intake_of(figure, telling, asked_by=course.worker.name)
    course.take_in(lot.clock(9, 12), intake, telling.teams[TEAM_OF[figure.worker]])
    course.note(figure.opened, lot.clock(14, 15), lot.draw(words.ENGAGING))
    course.service(figure.opened, "15:55", *words.HELP_FIRST[0])
    course.task(
        figure.opened, "16:05", lot.draw(words.TASKS_FIRST), due=figure.opened - 3, done=_not_ahead(figure.opened - 2)
    )


def _first_weeks(course: Course, lot: Lot) -> None:
    """Often in the first three weeks; then the work is about settling."""
    opened = course.figure.opened
    for after in (1, 5, 11):
        if after > opened:
            return
        if after == 11:
            course.note(opened - after, lot.clock(), lot.draw(words.ENGAGING))
        else:
            course.service(opened - after, lot.clock(), *lot.draw(words.HELP_FIRST[1:]))
    if opened > SETTLED:
        course.stage(opened - SETTLED, lot.clock(), Stage.STABILISE)


def _months(course: Course, lot: Lot) -> None:
    """A meeting every few weeks, and what comes of it."""
    figure = course.figure
    quiet = QUIET_SINCE.get(figure.key, ON_HOLD.get(figure.key, 0))
    moved_on = False
    for number, ago in enumerate(_meetings(figure.opened - SETTLED, quiet, lot.chance)):
        after = figure.opened - ago
        notes, help_, tasks = _pools(after)
        if after > LATER and not moved_on and figure.key not in QUIET_SINCE:
            course.stage(ago, lot.clock(9, 10), Stage.REINTEGRATE)
            moved_on = True
        course.note(ago, lot.clock(10, 16), lot.draw(notes))
        if number % 2 == 0:
            course.service(ago, lot.clock(10, 16), *lot.draw(help_))
        if number % 5 == 1 and ago > quiet + 14:
            course.task(ago, lot.clock(), lot.draw(tasks), due=ago - 10, done=ago - lot.chance.randint(4, 12))
        if number % 4 == 2:
            course.note(ago, "16:40", lot.draw(words.SAFETY), PrivilegeClass.SAFETY_NOTE)
        supervisor = SUPERVISOR_OF.get(figure.worker)
        if supervisor and number % 4 == 2:
            course.look(ago - 1, lot.clock(), by=supervisor)
            if number % 8 == 6:
                course.note(ago - 1, "17:05", lot.draw(words.TOGETHER), PrivilegeClass.SHARED_BY_CONSENT, by=supervisor)
    if figure.key in ON_HOLD:
        course.stage(quiet, lot.clock(), Stage.REINTEGRATE, CaseStatus.ON_HOLD)


def _meetings(start: int, end: int, chance: random.Random) -> Iterator[int]:
    """Days ago of the meetings: every five to eight weeks, more seldom later. One was in the last days."""
    ago = start - chance.randint(6, 14)
    while ago > end + 9:
        yield ago
        ago -= chance.randint(36, 60) if start - ago < 250 else chance.randint(70, 100)
    if start > end + 3:
        yield end + chance.randint(2, 5)


def _pools(after: int) -> tuple[tuple, tuple, tuple]:
    """Words of the time ``after`` days from the intake: notes, help and tasks."""
    if after < 160:
        return words.STABILISING, words.HELP_THEN, words.TASKS_THEN
    if after < LATER:
        return words.DURING_LEGAL, words.HELP_THEN, words.TASKS_THEN
    return words.REINTEGRATING, words.HELP_LATER, words.TASKS_LATER


def _treatment(course: Course, lot: Lot) -> None:
    """Gita's part: sealed from everybody else on the case."""
    start = course.figure.opened - 14
    end = max(start - 320, QUIET_SINCE.get(course.figure.key, 0))
    course.give(start, "09:15", GrantKind.CLINICAL, "gita", reason="Asked for counselling.")
    course.look(start - 1, "13:10", by="gita")
    course.note(start - 1, "13:40", lot.draw(words.HEALTH), PrivilegeClass.MEDICAL, by="gita")
    step = max(12, (start - end) // 3)
    for number, ago in enumerate(range(start - 8, end, -step)):
        course.note(ago, lot.clock(13, 16), lot.draw(words.THERAPY), PrivilegeClass.PSYCHOTHERAPY, by="gita")
        if number % 3 == 1:
            course.look(ago, "12:50", by="gita")


def _plan_with_her(course: Course, number: int) -> None:
    """A plan that stands now, approved by a supervisor within the last 90 days, for everybody who still comes."""
    figure = course.figure
    if figure.key in CLOSED or figure.key in PLANNED or figure.opened <= 14:
        return
    ago = min(figure.opened - 12, 20 + 7 * (number % 9))
    title, area, reached, action, step = words.PLANS[number % len(words.PLANS)]
    goal = course.goal(ago + 1, "11:35", title, area, target=-90 - number)
    supervisor = SUPERVISOR_OF.get(figure.worker)
    course.her_plan(
        ago, "12:35", "AGREED", steps=(reached, action), by=supervisor or "",
        decided=(ago - 1, "") if supervisor else None,
    )  # fmt: skip
    if number % 3 == 0 and ago > 25:
        course.step(
            ago - 1, "13:05", goal, step, due=ago - 8, repeats="FORTNIGHTLY", done=tuple(range(ago - 8, 0, -14))
        )


def _today(course: Course, lot: Lot) -> None:
    """What lies on the desks now, and who looked in the last days."""
    figure = course.figure
    for planned, due, title, by, to in COMING.get(figure.key, ()):
        course.task(min(planned, figure.opened), "16:45", title, due=due, by=by, to=to)
    if figure.key not in QUIET_SINCE and figure.key not in ON_HOLD:
        course.look(min(figure.opened, lot.chance.randint(0, 3)), lot.clock(8, 9) if figure.opened > 3 else "17:10")
    if figure.opened > 40 and figure.worker in SUPERVISOR_OF:
        course.look(
            lot.chance.randint(4, 20),
            lot.clock(),
            by=SUPERVISOR_OF[figure.worker],
            tab=lot.chance.choice(("overview", "safety")),
        )


def _not_ahead(ago: int) -> int | None:
    """A day that has come already, or None."""
    return ago if ago >= 0 else None


def intake_of(figure: Figure, telling: Telling, *, asked_by: str) -> Intake:
    """What was known at the start."""
    came = telling.day(figure.opened)
    birth = came.replace(year=came.year - figure.age, month=1 + figure.phone % 12, day=1 + figure.phone % 28)
    about = {
        "prs_Gender": str(figure.gender), "prs_Citizenship": [figure.country], "prs_PrimaryLanguage": figure.language,
        "prs_MaritalStatus": str(figure.marital), "prs_NumberOfChildren": figure.children,
        "prs_HighestLevelOfEducation": str(figure.education),
    }  # fmt: skip
    if figure.second_language:
        about["prs_SecondaryLanguage"] = figure.second_language
    answers = {
        "vic_TraffickingStatus": TraffickingStatus.POSSIBLE_VICTIM_OF_TRAFFICKING.value,
        "vic_TypeOfExploitation": [str(figure.kind)], "vic_MethodOfRecruitment": [str(figure.recruited)],
        "vic_MethodsOfControl": [str(code) for code in figure.control], "vic_AgeWhenTrafficked": max(figure.age - 2, 14),
    }  # fmt: skip
    if figure.industry:
        answers["vic_ForcedLabourIndustry"] = [str(figure.industry)]
    consented = figure.consented
    return Intake(
        opened_on=came, language=figure.language, first_name=figure.first, second_name=figure.second, other_names=figure.other,
        birth_date=birth, about=about, answers=answers,
        contact={"prs_MobilePhone": figure.telephone},
        contact_channel=figure.contact[0], contact_rule=contact_rule(figure), contact_value=figure.contact_value,
        referral={"cas_ReferringOrganisation": figure.referred_by, "cas_IncomingReferralDate": came.isoformat()},
        status=CaseStatus.ACTIVE if consented else CaseStatus.SCREENING, stage=Stage.INTAKE,
        consent_state=ConsentState.CONSENTED if consented else ConsentState.PENDING,
        consent_told=dict.fromkeys(ConsentPrompt.values, True) if consented else {},
        consent_record=_asked(figure, came.isoformat(), asked_by) if consented else {},
    )  # fmt: skip


def _asked(figure: Figure, day: str, asked_by: str) -> dict[str, object]:
    """How she was asked for her consent."""
    interpreter = "" if figure.language == "en" else INTERPRETERS
    return {
        "obtained_on": day, "obtained_by": asked_by, "language": figure.language, "interpreter": interpreter, "read_aloud": True,
        "service_conditioned": False,
    }  # fmt: skip
