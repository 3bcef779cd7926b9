"""How long the records of duties stay: consents, releases, and the accounting of what was disclosed (domain.md §11).

They outlive what they are about, because she, an authority or a court may ask years later who was given what and on
which ground: the life of the record and six years more (HIPAA, 45 CFR 164.530(j) and 164.528; ``access.md`` §2).
``DUTIES_KEPT_YEARS`` is another number where another law applies, and 0 where none does.

A case that went over to a partner is kept by the sender, too: the record of the services, for three years (2 CFR 200.334),
``TRANSFERS_KEPT_YEARS``.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from django.conf import settings
from django.utils import timezone

from casemgmt.access.sections import RETENTION_CLASS_OF, Section
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.choices.casework import CaseStatus
from cases.choices.erasing import ErasureGround
from cases.choices.survivor import ConsentState
from cases.models import Case, Consent, Disclosure, Document, Release
from cases.opening import SectionsGate


def kept_until(case: Case, classes: Iterable[str], *, ground: str, today: date) -> date | None:
    """The first day on which these classes may be erased, if that is after ``today``; None where nothing waits.

    The years begin when the last duty ended: with the case, the end of a release, the day of a disclosure; while the
    case is open, not before today. An order of a court or an authority goes before. Inside an action: the state of the
    consent is opened and shown to nobody. Five queries at most, none where the class of duties is not meant.
    """
    if ground == ErasureGround.ORDER:
        return None
    chosen = set(classes)
    firsts = [_transfer_kept_until(case, chosen), _duties_kept_until(case, chosen, today)]
    return max((first for first in firsts if first is not None and first > today), default=None)


def _transfer_kept_until(case: Case, classes: set[str]) -> date | None:
    """Until when the services of a case that went over to a partner stay."""
    years = settings.TRANSFERS_KEPT_YEARS
    is_meant = RETENTION_CLASS_OF[Section.SERVICES] in classes and case.status == CaseStatus.CLOSED_REFERRED
    return years_after(case.closed_on, years) if is_meant and case.closed_on is not None and years > 0 else None


def _duties_kept_until(case: Case, classes: set[str], today: date) -> date | None:
    years = settings.DUTIES_KEPT_YEARS
    if RETENTION_CLASS_OF[Section.DUTIES] not in classes or years < 1:
        return None
    ends = list(_ends_of_duties(case))
    return years_after(max([*ends, case.closed_on or today]), years) if ends else None


def _ends_of_duties(case: Case) -> Iterator[date]:
    """The day on which each record of a duty was last of effect, as far as it has one of its own."""
    for consent in access.within(Consent, case):
        with open_gate(SectionsGate([Section.DUTIES])):
            if consent.state != ConsentState.PENDING:
                yield case.opened_on  # it lasts as long as the case
    for expires_at, withdrawn_at in access.within(Release, case).values_list("expires_at", "withdrawn_at"):
        yield timezone.localdate(min(expires_at, withdrawn_at or expires_at))
    for disclosed_at in access.within(Disclosure, case).values_list("disclosed_at", flat=True):
        yield timezone.localdate(disclosed_at)
    signed = access.within(Document, case).filter(section=Section.DUTIES)
    for uploaded_at in signed.values_list("uploaded_at", flat=True):
        yield timezone.localdate(uploaded_at)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; of a 29 February, where there is none, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
