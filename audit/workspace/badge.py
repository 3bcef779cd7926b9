"""The integrity badge: what the last verification said, whether that can be believed, how far the seal is behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .. import canonical, clock
from ..anchoring import gaps
from ..anchoring.gaps import Gap
from ..models import Checkpoint, Event
from ..sealing import lag, rows
from ..verbs import Outcome, Verb
from . import walking

#: Events since the last verification are counted up to so many.
MOST_SINCE = 10_000


class State(TextChoices):
    """What may be said of the ledger now."""

    WHOLE = "WHOLE", _("Whole")
    PROBLEMS = "PROBLEMS", _("Not whole")
    # The event that says "whole" is not what was signed, or the head it names is not the tree's.
    DOUBTFUL = "DOUBTFUL", _("The last verification cannot be believed")
    OLD = "OLD", _("Verified too long ago")
    LATE = "LATE", _("Whole when last verified, but not sealed in time")
    NEVER = "NEVER", _("Not verified yet")


@dataclass(frozen=True)
class Badge:
    """``events`` were checked then, ``since`` were written since then (``is_many``: at least so many).

    ``size`` and ``root`` (hexadecimal) are the newest head's, ``sealed_at`` its moment; ``waiting`` events wait for a seal,
    the oldest for ``lag_seconds``.
    """

    state: State
    verified_at: datetime | None
    events: int
    problems: int
    since: int
    is_many: bool
    size: int
    root: str
    sealed_at: datetime | None
    waiting: int
    lag_seconds: int
    #: A restore that lost sealed events, while it is told.
    gap: Gap | None

    @property
    def tone(self) -> str:
        """The colour; the words say it too."""
        return {State.WHOLE: "ok", State.PROBLEMS: "bad", State.DOUBTFUL: "bad"}.get(self.state, "warn")

    @property
    def root_groups(self) -> list[str]:
        """The root in groups of eight digits, to read against what one wrote down."""
        return [self.root[place : place + 8] for place in range(0, len(self.root), 8)]

    @property
    def short_root(self) -> str:
        """The first sixteen digits, to compare with what one wrote down."""
        return self.root[:16]


def badge() -> Badge:
    """The state now. Eight short queries, however long the ledger is."""
    last = Event.objects.of_verbs([Verb.LEDGER_VERIFIED]).select_related("detail").newest().first()
    head = rows.head()
    waits = lag.lag()
    codes = {} if last is None else last.detail.shown().get("codes", {})
    since = walking.capped(Event.objects.filter(pk__gt=last.pk if last else 0), MOST_SINCE)
    return Badge(
        state=_state(last, codes, head, waits),
        verified_at=None if last is None else last.at,
        events=codes.get("events", 0),
        problems=codes.get("problems", 0),
        since=min(since, MOST_SINCE),
        is_many=since > MOST_SINCE,
        size=head.size if head else 0,
        root=bytes(head.root).hex() if head else "",
        sealed_at=head.sealed_at if head else None,
        waiting=waits.waiting,
        lag_seconds=int(waits.seconds),
        gap=gaps.shown(),
    )


def _state(last: Event | None, codes: dict, head: Checkpoint | None, waits: lag.Lag) -> State:
    if last is None:
        return State.NEVER
    if last.outcome != Outcome.OK:
        return State.PROBLEMS
    if canonical.mismatches(last, last.detail) or not _stands(codes, head):
        return State.DOUBTFUL
    if clock.now() - last.at > timedelta(hours=settings.AUDIT_VERIFIED_WITHIN_HOURS):
        return State.OLD
    if waits.seconds > timedelta(minutes=settings.SEALING_LATE_AFTER_MINUTES).total_seconds():
        return State.LATE
    return State.WHOLE


def _stands(codes: dict, head: Checkpoint | None) -> bool:
    """Whether the tree still has the head that was verified, and has not become smaller than it."""
    size = codes.get("size", 0)
    if not size:
        return True
    then = Checkpoint.objects.filter(pk=size).first()
    return (
        then is not None and head is not None and head.size >= size and bytes(then.root).hex() == codes.get("head", "")
    )
