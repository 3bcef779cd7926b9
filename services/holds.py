"""Legal work that preserves a case by itself: an open matter, a hearing to come, a deadline not met."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from audit import clock
from cases import access, holds
from cases.holds import ProvisionalHold
from cases.models import Case, Matter
from services.models import Deadline, Hearing


def open_matters(case: Case) -> Iterator[ProvisionalHold]:
    """A legal matter that is not closed."""
    if access.within(Matter, case).filter(is_open=True).exists():
        yield ProvisionalHold("OPEN_MATTER", _("a legal matter is open"))


def dates_ahead(case: Case) -> Iterator[ProvisionalHold]:
    """A deadline of an open matter that was not met, or a hearing still to come, whatever became of its matter."""
    if access.within(Deadline, case).filter(met_at__isnull=True, matter__is_open=True).exists():
        yield ProvisionalHold("OPEN_DEADLINE", _("a legal deadline is open"))
    if access.within(Hearing, case).filter(starts_at__gt=clock.moment()).exists():
        yield ProvisionalHold("HEARING_AHEAD", _("a hearing is still to come"))


def register() -> None:
    """Tell the case room."""
    holds.register("legal matters", open_matters)
    holds.register("legal dates", dates_ahead)
