"""What happened to the thirty: first what every case has, later what is special."""

import random
from collections.abc import Sequence

from casemgmt.operations.demo.people import Figure
from casemgmt.operations.demo.telling import Course, Telling, contact_rule
from cases.actions.intake import Intake
from cases.choices import CaseStatus, ConsentState, Stage
from cases.htcds.codes import ConsentPrompt, DecisionMakingOrganisation, TraffickingStatus

SEED = 2041
TEAM_OF = {"amina": "north", "bea": "north", "dana": "south", "nadia": "south"}


def plan_story(telling: Telling, figures: Sequence[Figure]) -> None:
    """Plan the whole story. The same seed tells the same story every time."""
    chance = random.Random(SEED)
    for figure in figures:
        course = Course(telling, figure)
        _arrive(course, chance)


def _arrive(course: Course, chance: random.Random) -> None:
    """The day she came: the intake."""
    figure, telling = course.figure, course.telling
    intake = intake_of(figure, telling, asked_by=str(course.worker.uid))
    course.take_in(f"{chance.randint(9, 14):02}:{chance.choice(('05', '20', '40'))}", intake, telling.teams[TEAM_OF[figure.worker]])


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
        "vic_TraffickingStatus": str(
            TraffickingStatus.ACTUAL_VICTIM_OF_TRAFFICKING if figure.determined else TraffickingStatus.POSSIBLE_VICTIM_OF_TRAFFICKING
        ),
        "vic_TypeOfExploitation": [str(figure.kind)], "vic_MethodOfRecruitment": [str(figure.recruited)],
        "vic_MethodsOfControl": [str(code) for code in figure.control], "vic_AgeWhenTrafficked": max(figure.age - 2, 15),
    }  # fmt: skip
    if figure.determined:
        answers["vic_TraffickingStatusDecisionMakingOrg"] = str(DecisionMakingOrganisation.POLICE)
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
        consent_told={prompt: True for prompt in ConsentPrompt.values} if consented else {},
        consent_record={"on": came.isoformat(), "language": figure.language, "asked_by": asked_by} if consented else {},
    )  # fmt: skip
