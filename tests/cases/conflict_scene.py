"""What the tests of possible conflicts begin with: somebody taken in, and what the list says of it."""

from typing import Any

from cases import access
from cases.models import Case, PossibleConflict
from tests import make


def taken_in(cast: Any, key: str = "amina", **names: Any) -> Case:
    return make.case(getattr(cast, key), cast.team_of(key), **names)


def listed() -> set[tuple[str, str]]:
    """(first name of the person, likeness) of what waits for an answer."""
    rows = access.for_the_house(PossibleConflict).filter(answer="").select_related("person")
    return {(row.person.first_name, row.likeness) for row in rows}


def the_one() -> PossibleConflict:
    return access.for_the_house(PossibleConflict).select_related("person", "case").get()
