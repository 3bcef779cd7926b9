"""Fixtures of the case room's tests."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from audit.models import Event
from cases.models import Case
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
