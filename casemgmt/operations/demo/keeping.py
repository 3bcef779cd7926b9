"""Safety and facts of each case: how great the danger is, the plan against it, how she is reached, what was decided."""

from casemgmt.operations.demo import words
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.lot import Lot
from cases.answers import (
    ASSENT,
    BEST_INTERESTS,
    GUARDIAN,
    GUARDIAN_CHECK,
    INTERPRETER_AGREED,
    INTERPRETER_GENDER,
    INTERPRETER_WAY,
    MIGRANT,
    NEEDS_INTERPRETER,
    PRONOUNS,
    PROTECTION,
    READ_ALOUD,
    READS,
    RECEIPT_NUMBER,
    REPORT_LOOKED_AT,
    REPRESENTATIVE,
    SCHOOL,
    SCRIPT,
    SCRIPT_NAME,
    SPOKEN,
    STATUS_NOTE,
    WANTED_NAME,
)
from cases.choices.safety import AlertCode, PlanCopy, RiskLevel
from cases.choices.signs import (
    Sign,
    SignGroup,
    SignSource,
    SignStrength,
    kept_as,
    source_of,
    strength_of,
    words_of_group,
)
from cases.choices.survivor import (
    BestInterests,
    GuardianCheck,
    InterpreterGender,
    InterpreterNeed,
    InterpreterWay,
    NullFlavour,
    Pronouns,
    Reading,
    Script,
    TriState,
)
from cases.htcds.codes import DecisionMakingOrganisation, MigrantType, ProtectionStatus, TraffickingStatus
from cases.htcds.fields import STATUS_DECIDED_BY, STATUS_DECIDED_ON, STATUS_SOURCE

_A = AlertCode
#: What everybody on the case must see at once.
ALERTS: dict[str, tuple[str, ...]] = {
    "quietwater": (_A.DIGITAL_SURVEILLANCE,),
    "skystream": (_A.INTERPRETER_REQUIRED,),
    "thyme": (_A.TRAFFICKER_CONTACT, _A.ADDRESS_CONFIDENTIAL),
    "seawind": (_A.LEGAL_HOLD,),
    "cane": (_A.DIGITAL_SURVEILLANCE,),
    "dew": (_A.INTERPRETER_REQUIRED, _A.ADDRESS_CONFIDENTIAL),
    "cloud": (_A.ADDRESS_CONFIDENTIAL,),
    "waterlily": (_A.DO_NOT_CONTACT, _A.INTERPRETER_REQUIRED),
    "marigold": (_A.MINOR, _A.GUARDIAN_IS_PERPETRATOR),
    "greenlight": (_A.ADDRESS_CONFIDENTIAL,),
    "raincreek": (_A.STAFF_SAFETY,),
    "firefly": (_A.MEDICAL_ALLERGY, _A.ADDRESS_CONFIDENTIAL),
    "jasmine": (_A.TRAFFICKER_CONTACT, _A.ADDRESS_CONFIDENTIAL),
    "breezesong": (_A.DO_NOT_CONTACT, _A.INTERPRETER_REQUIRED),
    "blueriver": (_A.ADDRESS_CONFIDENTIAL,),
}
#: Danger that does not follow from how long the case is open; and looks at the plan that are late (days ago).
STILL_HIGH = frozenset({"thyme", "raincreek"})
LATE_REVIEW = {"goodwater": 33, "bluefall": 93}
#: Kind of migration and protection, where it was talked about: (kind, protection, in words).
PROTECTIONS: dict[str, tuple[str, str, str]] = {
    "moonrock": (MigrantType.LABOUR, "", "T-1 status; the printed end is on the card."),
    "quietwater": (MigrantType.LABOUR, "", "Work permit (c)(25) while the application is open."),
    "thyme": (MigrantType.FAMILY, ProtectionStatus.REFUGEE, "Resettled; papers in order."),
    "seawind": (MigrantType.LABOUR, "", "Visa of the former employer has ended; see the attorney."),
    "cane": (MigrantType.IRREGULAR, "", "No status yet; application in preparation."),
    "dawnlight": (MigrantType.VISITOR_TOURIST, ProtectionStatus.ASYLUM_SEEKER, "Applied within the first year."),
    "monsoon": (MigrantType.LABOUR, "", "T-1 status."),
}
#: Who supervises the team of whoever works on a case.
SUPERVISOR_OF = {"amina": "bea", "dana": "nadia"}
#: A name as she writes it herself, and in which writing; these figures also say what an interpreter must be.
WRITTEN: dict[str, tuple[str, Script]] = {
    "dawnlight": ("ሰላማዊት ንጋትብርሃን", Script.ETHI),
    "thyme": ("نُورُ القَمَر جَبَلُ الزَّعْتَر", Script.ARAB), "quietwater": ("Зоряна Тиховода-Ясна", Script.CYRL),
}  # fmt: skip
_YES, _DECLINED = TriState.YES.value, NullFlavour.DECLINED.value
#: With these the long talk was begun, over several days, and what she told was weighed. The harder topics are still open.
TALKED_WITH = frozenset({"dawnlight", "seawind"})
TALKS: tuple[tuple[SignGroup, dict[str, str]], ...] = (
    (SignGroup.JOURNEY, {kept_as(Sign.ARRANGED): _YES, kept_as(Sign.JOURNEY_DEBT): _YES, kept_as(Sign.STATUS_THREAT): _DECLINED}),
    (SignGroup.WORK, {
        kept_as(Sign.LESS_PAY): _YES, kept_as(Sign.LONG_HOURS): _YES, kept_as(Sign.QUOTA): NullFlavour.NOT_APPLICABLE.value,
        kept_as(Sign.COULD_NOT_QUIT): NullFlavour.UNKNOWN.value,
    }),
    (SignGroup.ACT, {
        kept_as(Sign.RECRUITMENT): _YES, source_of(Sign.RECRUITMENT): SignSource.DOCUMENT.value,
        strength_of(Sign.RECRUITMENT): SignStrength.STRONG.value, words_of_group(SignGroup.ACT): "A job offer, kept by her.",
    }),
    (SignGroup.PURPOSE, {kept_as(Sign.FORCED_LABOUR_SERVICES): _YES}),
)  # fmt: skip
#: A rule of contact is confirmed again before it is ninety days old.
FRESH = 75


def keep_safe(course: Course, lot: Lot, *, is_over: bool) -> None:
    """Alerts, risk, plan and reviews, from the first day to the days before now; a case that is over needs no more."""
    figure = course.figure
    opened = figure.opened
    if figure.key in ALERTS:
        course.alerts(min(opened, max(opened - 1, 0)), "16:50", ALERTS[figure.key])
        if _A.TRAFFICKER_CONTACT in ALERTS[figure.key]:
            course.call_taken(max(opened - 1, 0), "17:05", SUPERVISOR_OF.get(figure.worker, figure.worker))
        if opened > FRESH and not is_over:
            course.alerts_kept(9, "16:10")
    course.risk(
        max(opened - 1, 0), "16:30", RiskLevel.HIGH, lot.draw(words.RISK_HIGH), own_view=lot.chance.randint(6, 9)
    )
    if opened > 8:
        course.safety_plan(
            opened - 7, "15:10", _topics(lot), copy=lot.chance.choice((PlanCopy.NONE, PlanCopy.SURVIVOR))
        )
    level = RiskLevel.HIGH
    if opened > 30 and figure.key not in STILL_HIGH:
        level = RiskLevel.MODERATE
        course.risk(opened - 28, "15:20", level, lot.draw(words.RISK_LESS), own_view=lot.chance.randint(3, 6))
    if opened > 190 and figure.key not in STILL_HIGH:
        level = RiskLevel.LOW
        course.risk(opened - 180, "15:20", level, lot.draw(words.RISK_LESS), own_view=lot.chance.randint(1, 3))
    if opened > 9 and not is_over:
        days = {RiskLevel.HIGH: (1, 5), RiskLevel.MODERATE: (5, 24), RiskLevel.LOW: (12, 80)}[level]
        ago = LATE_REVIEW.get(figure.key) or lot.chance.randint(*days)
        if ago < opened - 181 or level != RiskLevel.LOW:
            course.safety_reviewed(min(ago, opened - 8), "15:35")
    if opened > FRESH and not is_over:
        course.contact_confirmed(lot.chance.randint(8, min(FRESH, opened - 20)), "11:55")


def keep_facts(course: Course, lot: Lot) -> None:
    """What an authority decided, and her status, once they were known."""
    figure = course.figure
    if figure.determined:
        ago = max(figure.opened - 75, 4)
        decided = course.telling.day(ago + 2)
        course.status(ago, "13:15", {
            "vic_TraffickingStatus": TraffickingStatus.ACTUAL_VICTIM_OF_TRAFFICKING.value,
            "vic_TraffickingStatusDecisionMakingOrg": DecisionMakingOrganisation.NON_POLICE_GOVERNMENTAL_ORGANIZATION.value,
            STATUS_SOURCE: "Letter of the authority", STATUS_DECIDED_ON: decided.isoformat(),
            STATUS_DECIDED_BY: "Office for victims, Fairview (demo)",
        })  # fmt: skip
    if figure.key in TALKED_WITH:
        for day, (group, signs) in enumerate(TALKS, start=30):
            course.signs(max(figure.opened - day, 3), "13:20", group, signs)
    if figure.key in PROTECTIONS:
        migrant, protection, said = PROTECTIONS[figure.key]
        course.protection(figure.opened - 40, "13:30", {
            MIGRANT: [str(migrant)], STATUS_NOTE: said, RECEIPT_NUMBER: f"DEMO{figure.phone:06}",
            **({PROTECTION: [str(protection)]} if protection else {}),
        })  # fmt: skip
    if AlertCode.MINOR in ALERTS.get(figure.key, ()):
        course.minority(figure.opened - 2, "13:50", {
            GUARDIAN: "A parent (demo)", GUARDIAN_CHECK: GuardianCheck.INVOLVED.value, SCHOOL: "Elm Street School (demo)",
            REPRESENTATIVE: "Child advocate, named by the court (demo)", ASSENT: TriState.YES.value,
            BEST_INTERESTS: BestInterests.UNDER_WAY.value, REPORT_LOOKED_AT: TriState.YES.value,
        })  # fmt: skip
    if figure.key in WRITTEN:
        written, script = WRITTEN[figure.key]
        course.names(figure.opened - 39, "13:40", {
            SCRIPT_NAME: written, SCRIPT: str(script), WANTED_NAME: figure.first, PRONOUNS: Pronouns.SHE.value,
        })  # fmt: skip
        course.speech(figure.opened - 39, "13:45", {
            SPOKEN[0]: figure.language, READS[0]: Reading.LITTLE.value, NEEDS_INTERPRETER: InterpreterNeed.HARD_TALKS.value,
            INTERPRETER_AGREED: TriState.YES.value, INTERPRETER_GENDER: InterpreterGender.WOMAN.value,
            INTERPRETER_WAY: InterpreterWay.REMOTE.value, READ_ALOUD: TriState.YES.value,
        })  # fmt: skip


def _topics(lot: Lot) -> dict[str, str]:
    """Six topics of the plan; each is optional."""
    chosen = lot.chance.sample(sorted(words.PLAN), 6)
    return {topic: lot.chance.choice(words.PLAN[topic]) for topic in chosen}
