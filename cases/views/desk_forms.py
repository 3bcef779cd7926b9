"""What the pages of the desk share: the case behind a number, and the sentence where a rule stands against an act."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.accounts.requests import SignedInRequest
from cases import desk
from cases.choices import CLASS_WORDS
from cases.errors import CaseError
from cases.models import Case


def classes_in_words(classes: list[str]) -> list[Any]:
    """The classes in words; a whole case by that alone."""
    return [CLASS_WORDS["CORE"]] if "CORE" in classes else [CLASS_WORDS[name] for name in classes]


def case_in(request: SignedInRequest) -> Case | None:
    """The case that a link of its Sharing tab named by its uid; None where none was, or it is not this person's."""
    named = request.GET.get("case", "")
    try:
        return desk.find_case(request.user, str(UUID(named)), at=clock.now())
    except (ValueError, Hidden):
        return None


def case_of(form: Any, request: SignedInRequest, number: str) -> Case | None:
    try:
        return desk.find_case(request.user, number, at=clock.now())
    except Hidden:
        form.add_error("number", _("No case of this number is within your reach. Check the number."))
        return None


def done_or_said(form: Any, act: Callable[[], Any]) -> Any:
    """Do the one act; None, with the sentence on the form, where a rule stands against it."""
    try:
        return act()
    except CaseError as error:
        form.add_error(None, str(error))
        return None
