"""Fixtures of the case room's tests."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from audit import clock
from audit.models import Event
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from cases import access
from cases.actions.matching import answer_match_questions
from cases.models import Case, MatchQuestion, PossibleMatch
from tests import make
from tests.cases.erasing import no_waiting
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    """Amina's case in the North team; Bea supervises it, Dana is a stranger to it."""
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def clinician(cast: Cast, case: Case) -> object:
    """Gita with the clinical sections of Amina's case: a colleague who lacks the caseworkers' sections."""
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    return cast.gita


@pytest.fixture
def events() -> Callable[..., list[Event]]:
    """``events("NOTE_ADDED", case_uid)``: what the ledger says, oldest first."""

    def of(verb: str, case_uid: UUID | None = None) -> list[Event]:
        found = Event.objects.filter(verb=verb)
        return list((found.filter(case_uid=case_uid) if case_uid else found).order_by("pk"))

    return of


@pytest.fixture
def at_once(settings: Any) -> Iterator[None]:
    """No cooling off and no waiting, so that one test can go from asking to the end."""
    settings.ERASURE_COOLING_DAYS = 0
    with no_waiting():
        yield


@pytest.fixture
def rivers(cast: Any) -> Case:
    """Amina Rivers has taken in somebody of her own family name, whom Bea Meadows and Dana Hill have nothing to do with."""
    return make.case(cast.amina, cast.team_of("amina"), second_name="Rivers")


# ---- Two files of one person ----


@pytest.fixture
def amina(cast: Cast) -> Any:
    """She takes people in and coordinates, in a small house."""
    assign_role(actor=cast.farid, now=clock.now(), user=cast.amina, role=Role.INTAKE_COORDINATOR)
    return cast.amina


@pytest.fixture
def twin(cast: Cast, case: Case, amina: Any) -> Case:
    """The same woman, taken in again."""
    return make.case(amina, cast.team_of("amina"), first_name="Zoráida", contact_value="+1 202 555 0199")


@pytest.fixture
def match(case: Case, twin: Case, amina: Any) -> PossibleMatch:
    """The pair of the two, as it waits for the coordinator."""
    MatchQuestion(case=twin, asked_by=amina, asked_at=clock.now()).save()
    answer_match_questions()
    return access.for_the_house(PossibleMatch).get(case=twin)
