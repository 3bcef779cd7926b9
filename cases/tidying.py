"""What is derived from a case's content outside its keys, and must go with it."""

from uuid import UUID

from cases import access, search_index
from cases.models import Case, OtherPersonToken


def forget_tokens(case: Case) -> None:
    """Delete every token by which this case could be found or compared. Inside the action that erases its card."""
    search_index.forget(case)
    access.within(OtherPersonToken, case).delete()


def forget_named(case: Case, person_uid: UUID | None = None) -> None:
    """Delete the fingerprints of everybody whom this case names, or of one of them: the names themselves are gone.

    Inside the action that erases the part, or removes what was written into the wrong record.
    """
    rows = access.within(OtherPersonToken, case)
    (rows if person_uid is None else rows.filter(person__uid=person_uid)).delete()
