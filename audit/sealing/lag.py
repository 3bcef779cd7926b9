"""How far the seal is behind the events: what waits, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from .. import clock
from ..models import Event
from . import rows

#: Waiting events are counted up to so many.
MOST = 100_000


@dataclass(frozen=True)
class Lag:
    """How many events wait (counted up to ``MOST``), and when the oldest of them was recorded."""

    waiting: int
    oldest: datetime | None
    oldest_id: int | None

    @property
    def seconds(self) -> float:
        """The age of the oldest; 0 where nothing waits. A transaction that took long makes its events old at once."""
        return 0.0 if self.oldest is None else max(0.0, (clock.now() - self.oldest).total_seconds())


def lag() -> Lag:
    """What waits now. Three short queries while the sealer keeps up."""
    waiting = _unsealed()
    first = waiting.order_by("recorded_at", "pk").values_list("recorded_at", "pk").first()
    if first is None:
        return Lag(0, None, None)
    return Lag(len(waiting.order_by("pk").values_list("pk")[:MOST]), *first)


def is_anything_unsealed(*, sweep: bool = False) -> bool:
    """Whether a pass of the sealer would find something. Two short queries, no lock."""
    return _unsealed(sweep=sweep).exists()


def is_many_unsealed(many: int) -> bool:
    """Whether at least so many events wait."""
    return len(_unsealed().order_by("pk").values_list("pk")[:many]) >= many


def forgotten(
    limit: timedelta, settled: int = 0, *, as_of: datetime | None = None
) -> QuerySet[Event, tuple[int, object]]:
    """(id, uid) of events above an id that were recorded longer before ``as_of`` (or now) than the limit and have no leaf."""
    old = Event.objects.filter(leaf__isnull=True, pk__gt=settled, recorded_at__lt=(as_of or clock.now()) - limit)
    return old.order_by("pk").values_list("pk", "uid")


def _unsealed(*, sweep: bool = False) -> QuerySet[Event]:
    newest = None if sweep else rows.head()
    return Event.objects.filter(leaf__isnull=True, pk__gt=newest.settled if newest else 0)
