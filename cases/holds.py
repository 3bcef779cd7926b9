"""What holds a case's content without anybody having placed a hold: an open legal process preserves by itself.

The duty to preserve begins when a process is expected (domain.md §0b, §11). Each kind of provisional hold is a
provider that a room registers in its ``AppConfig.ready()``; later kinds (claims, audits, complaints) plug in there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import RETENTION_CLASS_OF, RetentionClass, Section
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.choices.safety import AlertCode
from cases.models import BreachCase, Case, Document, LegalHold, LegalProcess, MandatedReport, SubjectRequest
from cases.opening import SectionsGate

ALL_CLASSES = frozenset(str(name) for name in RetentionClass)


@dataclass(frozen=True)
class ProvisionalHold:
    """One thing that holds by itself: ``kind`` a code for the ledger, ``words`` for people, without a value of the case."""

    kind: str
    words: Any
    classes: frozenset[str] = ALL_CLASSES


Provider = Callable[[Case], Iterable[ProvisionalHold]]
_PROVIDERS: dict[str, Provider] = {}


def register(name: str, provider: Provider) -> None:
    """Let a kind of provisional hold be asked for. The same name again replaces it, so that start-up may repeat."""
    _PROVIDERS[name] = provider


def registered() -> list[str]:
    """The names of all kinds, in alphabetical order."""
    return sorted(_PROVIDERS)


def provisional_holds(case: Case) -> list[ProvisionalHold]:
    """What holds this case by itself now. Each provider reads plain columns only; one or two queries each."""
    return [hold for name in registered() for hold in _PROVIDERS[name](case)]


def alerts(case: Case) -> Iterator[ProvisionalHold]:
    """The alert "Legal hold" on the card. Only this is asked, inside an action whose own event is the record."""
    if not case.is_erased:
        with open_gate(SectionsGate([Section.CARD])):
            if AlertCode.LEGAL_HOLD in (case.alerts or []):
                yield ProvisionalHold("ALERT", _("an alert on the case says so"))


def quarantine(case: Case) -> Iterator[ProvisionalHold]:
    """A document that was put away as a suspected child image: counsel decides, and the law says to preserve it."""
    kept = access.within(Document, case).filter(quarantined_at__isnull=False).values_list("section", flat=True)
    classes = frozenset(RETENTION_CLASS_OF[section] for section in kept)
    if classes:
        yield ProvisionalHold("QUARANTINE", _("a document is in quarantine"), classes)


def processes(case: Case) -> Iterator[ProvisionalHold]:
    """A subpoena, warrant, order or request that is not over: the law says to preserve what it may be about."""
    if access.within(LegalProcess, case).filter(over_at__isnull=True).exists():
        yield ProvisionalHold("LEGAL_PROCESS", _("a legal process is open"))


def reports(case: Case) -> Iterator[ProvisionalHold]:
    """A report that the law demands and that is still to be made: it cannot be made of what is gone."""
    if access.within(MandatedReport, case).filter(reported_on__isnull=True).exists():
        yield ProvisionalHold("MANDATED_REPORT", _("a report that the law demands is still to be made"))


def requests(case: Case) -> Iterator[ProvisionalHold]:
    """What she asked for and has not got: an answer cannot be given of what is gone. Her wish to erase is decided first."""
    if access.within(SubjectRequest, case).filter(over_at__isnull=True).exists():
        yield ProvisionalHold("SUBJECT_REQUEST", _("what she asked for by data protection law is not decided yet"))


def breaches(case: Case) -> Iterator[ProvisionalHold]:
    """An incident that concerns the case and is still open: what happened must be found out."""
    if access.within(BreachCase, case).filter(breach__closed_at__isnull=True).exists():
        yield ProvisionalHold("BREACH", _("an incident that concerns it is open"))


def register_own() -> None:
    """The kinds of the case room itself."""
    register("alerts", alerts)
    register("quarantine", quarantine)
    register("legal processes", processes)
    register("mandated reports", reports)
    register("subject requests", requests)
    register("breaches", breaches)


def standing_holds(case: Case) -> list[LegalHold]:
    """The holds that were placed on this case and not lifted, oldest first. One query; for actions and the desk."""
    return list(access.within(LegalHold, case).filter(lifted_at__isnull=True).order_by("placed_at", "pk"))


def forget(name: str) -> None:
    """Ask a kind no more (tests)."""
    _PROVIDERS.pop(name, None)
