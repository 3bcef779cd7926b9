"""Controls at a glance: what each is, its last proof, and its state. Plain columns and events alone; nothing is opened.

A control is red only where a rule is broken now, amber where something is late or was never proved. Nothing is green by
itself: each state is computed from rows or events when the page is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import clock
from audit.models import Event, Hint, Identification
from audit.protection import check_protection
from audit.reader import Reader
from audit.verbs import Outcome, Verb
from audit.workspace.badge import Badge, State, badge
from audit.workspace.queue import open_hints
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import DegradedMode, RoleAssignment
from casemgmt.reports import release_control
from cases import access, conflicts
from cases.models import (
    AccessReview,
    Disclosure,
    Due,
    EmergencyAccess,
    ErasureOrder,
    LegalHold,
    PossibleConflict,
    Release,
    ReleaseCheck,
    Wall,
)

OK, LATE, BROKEN, NEVER = "ok", "warn", "bad", "info"
#: A hint should not wait longer.
HINTS_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class Control:
    """``key`` names it in addresses and tests. ``numbers``: (words, count). ``proved_at``: the last proof (UTC)."""

    key: str
    title: str
    what: str
    tone: str
    state: str
    numbers: tuple[tuple[str, int], ...] = ()
    proved_at: datetime | None = None
    url_name: str = ""
    #: (words, how many hold, how many fail) of each thing that a control asks.
    parts: tuple[tuple[str, int, int], ...] = ()

    def shown(self, reader: Reader) -> list[tuple[str, str]]:
        """The numbers as this reader may know them: from outside small ones are hidden, but zero is told."""
        parts = [(words, release_control.hold_and_fail(reader, holds, fails)) for words, holds, fails in self.parts]
        if not reader.is_external:
            return [(words, str(number)) for words, number in self.numbers] + parts
        return [(words, reader.count_of_cases(number)) for words, number in self.numbers] + parts


def controls(now: datetime) -> list[Control]:
    """All of them, in the order in which an auditor asks. A fixed number of queries."""
    integrity = badge()
    made: list[Callable[[], Iterator[Control]]] = [
        lambda: _ledger(integrity),
        _guards,
        lambda: _disclosures(now),
        lambda: _releases(now),
        lambda: _expired_releases(now),
        lambda: _emergencies(),
        lambda: _reviews(now),
        lambda: _deadlines(now),
        lambda: _hints(now),
        lambda: _retention(now),
        _operations,
        lambda: _degraded(now),
        lambda: _auditors(now),
        _identifications,
        lambda: _conflicts(now),
    ]
    return [control for make in made for control in make()]


def _ledger(found: Badge) -> Iterator[Control]:
    yield Control(
        "ledger", _("The ledger is whole"),
        _("Every event, its place in the tree and every version of every record are computed anew and compared."),
        {State.WHOLE: OK, State.PROBLEMS: BROKEN, State.DOUBTFUL: BROKEN, State.NEVER: NEVER}.get(found.state, LATE),
        str(found.state.label),
        ((_("events checked"), found.events), (_("problems"), found.problems), (_("events since then"), found.since)),
        found.verified_at, "auditor-home",
    )  # fmt: skip
    late = found.lag_seconds > settings.SEALING_LATE_AFTER_MINUTES * 60
    yield Control(
        "sealing", _("Events are sealed at once"),
        _("The sealer puts each event into the signed tree within seconds."),
        NEVER if not found.size else LATE if late else OK,
        _("Nothing was sealed yet") if not found.size else _("Behind") if late else _("In time"),
        ((_("events in the tree"), found.size), (_("waiting"), found.waiting)), found.sealed_at,
    )  # fmt: skip


def _guards() -> Iterator[Control]:
    problems = len(check_protection())
    yield Control(
        "guards", _("The database refuses changes to the ledger"),
        _("The guards in the database are compared with their list now."),
        BROKEN if problems else OK, _("Missing or altered") if problems else _("All in place"),
        ((_("guards missing or altered"), problems),), clock.now(),
    )  # fmt: skip


def _disclosures(now: datetime) -> Iterator[Control]:
    every = access.for_the_house(Disclosure)
    outside_time = Q(disclosed_at__lt=F("release__starts_at")) | Q(disclosed_at__gte=F("release__expires_at"))
    withdrawn = Q(release__withdrawn_at__isnull=False, disclosed_at__gte=F("release__withdrawn_at"))
    by_release = Q(basis="RELEASE")
    found = every.aggregate(
        every=Count("pk"),
        releases=Count("pk", filter=by_release),
        by_law=Count("pk", filter=~by_release),
        wrong=Count("pk", filter=by_release & (Q(release__isnull=True) | outside_time | withdrawn)),
        untold=Count("pk", filter=~by_release & Q(notified_at__isnull=True)),
    )
    last = every.order_by("-disclosed_at").values_list("disclosed_at", flat=True).first()
    yield Control(
        "disclosures", _("Every disclosure has its basis"),
        _("Each stands on a release that was in force at that moment, or on a report or order that is on file."),
        BROKEN if found["wrong"] else LATE if found["untold"] else OK if found["every"] else NEVER,
        _("Some had no valid basis") if found["wrong"] else _("Some survivors are still to be told") if found["untold"]
        else _("All have one") if found["every"] else _("None yet"),
        (
            (_("disclosures"), found["every"]), (_("on a release"), found["releases"]), (_("demanded by law"), found["by_law"]),
            (_("without a valid basis"), found["wrong"]), (_("survivor not told yet"), found["untold"]),
        ),
        last, "disclosure-evidence",
    )  # fmt: skip


def _releases(now: datetime) -> Iterator[Control]:
    """What the job found of each release, by attribute. A release that was not checked for two days is no valid one, either."""
    found = release_control.figures(now)
    yield Control(
        "releases", _("Releases are valid"),
        _("Of each release in force a job opens what has to be open, asks every attribute and keeps codes alone: nobody reads "
          "a release here. Once a day, and within minutes after one is signed, renewed or taken back."),
        BROKEN if found["failing"] else LATE if found["waiting"] or found["late"] else OK if found["every"] else NEVER,
        _("Some break a rule") if found["failing"] else _("Some are still to be checked") if found["waiting"] or found["late"]
        else _("All are valid") if found["every"] else _("None in force"),
        (
            (_("in force"), found["every"]), (_("waiting to be checked"), found["waiting"]),
            (_("something fails"), found["failing"]), (_("erased: only recipient and end can be checked"), found["erased"]),
        ),
        _last_check(), "release-evidence",
        tuple((str(one.label), holds, fails) for one, holds, fails in release_control.attribute_lines(found)),
    )  # fmt: skip


def _last_check() -> datetime | None:
    newest = access.for_the_house(ReleaseCheck).order_by("-checked_at")
    return newest.values_list("checked_at", flat=True).first()


def _expired_releases(now: datetime) -> Iterator[Control]:
    """Permission rows that outlive their release: must be none, for every question asks the rows."""
    over = access.for_the_house(Release).filter(Q(expires_at__lte=now) | Q(withdrawn_at__lte=now)).count()
    open_rows = access.open_rows_of_ended_releases(now)
    yield Control(
        "expired-releases", _("No release that is over still opens anything"),
        _("Access that rests on a release ends with it. This must be zero."),
        BROKEN if open_rows else OK, _("Some still open") if open_rows else _("None"),
        ((_("releases that are over"), over), (_("permissions that they still give"), open_rows)), now,
    )  # fmt: skip


def _emergencies() -> Iterator[Control]:
    today = timezone.localdate()
    every = access.for_the_house(EmergencyAccess)
    found = every.aggregate(
        every=Count("pk"),
        waiting=Count("pk", filter=Q(reviewed_at__isnull=True)),
        late=Count("pk", filter=Q(reviewed_at__isnull=True, review_on__lt=today)),
        misused=Count("pk", filter=Q(finding="MISUSED")),
    )
    yield Control(
        "emergencies", _("Emergency access is reviewed in time"),
        _("A second person looks at each within two working days."),
        LATE if found["late"] else OK if found["every"] else NEVER,
        _("Some reviews are late") if found["late"] else _("In time") if found["every"] else _("None yet"),
        (
            (_("emergency accesses"), found["every"]), (_("waiting for a review"), found["waiting"]),
            (_("late"), found["late"]), (_("misused"), found["misused"]),
        ),
        every.order_by("-reviewed_at").filter(reviewed_at__isnull=False).values_list("reviewed_at", flat=True).first(),
        "emergency-evidence",
    )  # fmt: skip


def _reviews(now: datetime) -> Iterator[Control]:
    every = access.for_the_house(AccessReview)
    found = every.aggregate(
        every=Count("pk"),
        open=Count("pk", filter=Q(ended_at__isnull=True)),
        late=Count("pk", filter=Q(ended_at__isnull=True, escalates_until__lt=now)),
    )
    yield Control(
        "access-reviews", _("Access is reviewed every quarter"),
        _("Each supervisor keeps, shortens or ends every access, with a reason."),
        LATE if found["late"] else OK if found["every"] else NEVER,
        _("Some are late") if found["late"] else _("In time") if found["every"] else _("None yet"),
        ((_("reviews"), found["every"]), (_("open"), found["open"]), (_("late"), found["late"])),
        every.filter(ended_at__isnull=False).order_by("-ended_at").values_list("ended_at", flat=True).first(),
        "access-evidence",
    )  # fmt: skip


def _deadlines(now: datetime) -> Iterator[Control]:
    today = timezone.localdate()
    waiting = access.for_the_house(Due).filter(done_at__isnull=True)
    found = waiting.aggregate(every=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    yield Control(
        "deadlines", _("Deadlines and tasks are met"),
        _("Everything with a date that nobody has marked as done."),
        LATE if found["late"] else OK, _("Some are past their day") if found["late"] else _("None is past its day"),
        ((_("to come or waiting"), found["every"]), (_("past their day"), found["late"])), now,
    )  # fmt: skip


def _hints(now: datetime) -> Iterator[Control]:
    waiting = open_hints()
    late = waiting.filter(found_at__lt=now - HINTS_WITHIN).count()
    number = waiting.count()
    last = Event.objects.of_verbs([Verb.HINT_REVIEWED]).newest().values_list("at", flat=True).first()
    yield Control(
        "hints", _("Hints are looked at"),
        _("What the rules found unusual is explained or followed up within two weeks, by a second person for one's own team."),
        LATE if late else OK, _("Some wait too long") if late else _("In time"),
        ((_("found in all"), Hint.objects.count()), (_("waiting"), number), (_("waiting too long"), late)), last,
    )  # fmt: skip


def _retention(now: datetime) -> Iterator[Control]:
    today = timezone.localdate()
    orders = access.for_the_house(ErasureOrder)
    late = orders.filter(state__in=["COOLING", "ERASING"], cools_until__lt=now - timedelta(days=7)).count()
    holds = access.for_the_house(LegalHold).filter(lifted_at__isnull=True)
    unreviewed = holds.filter(review_on__lt=today).count()
    yield Control(
        "retention", _("What is due to be erased is erased, and holds are looked at again"),
        _("Orders that were approved and have cooled off, and legal holds past the day on which they are reviewed."),
        LATE if late or unreviewed else OK, _("Something is late") if late or unreviewed else _("In time"),
        (
            (_("erasures done"), orders.filter(state="DONE").count()), (_("erasures late"), late),
            (_("legal holds"), holds.count()), (_("holds past their review"), unreviewed),
        ),
        orders.filter(done_at__isnull=False).order_by("-done_at").values_list("done_at", flat=True).first(),
    )  # fmt: skip


def _last(*verbs: str) -> Event | None:
    return Event.objects.of_verbs(verbs).newest().first()


def _operations() -> Iterator[Control]:
    """Restore drill, backup and rotation of keys, as the ledger recorded them."""
    now = clock.now()
    for key, title, what, verbs, limit in (
        ("drill", _("Backups can be restored"), _("A backup is restored into a scratch folder and looked through."),
         (Verb.RESTORE_DRILLED,), timedelta(days=settings.DRILL_EVERY_DAYS)),
        ("backup", _("Backups are made"), _("Records and keys go into sealed archives elsewhere."),
         (Verb.BACKUP_MADE, Verb.BACKUP_FAILED), timedelta(hours=settings.BACKUP_EVERY_HOURS)),
        ("keys", _("Keys are rotated"), _("The key that wraps all others is replaced once a year."),
         (Verb.KEY_PROMOTED, Verb.ROOT_KEY_CHANGED), timedelta(days=settings.ROTATE_EVERY_DAYS)),
    ):  # fmt: skip
        last = _last(*verbs)
        failed = last is not None and (last.outcome != Outcome.OK or last.verb == Verb.BACKUP_FAILED)
        is_old = last is not None and now - last.at > limit
        yield Control(
            key, title, what, NEVER if last is None else BROKEN if failed else LATE if is_old else OK,
            _("Never proved yet") if last is None else _("The last one failed") if failed else _("Too long ago") if is_old
            else _("Lately"),
            (), None if last is None else last.at,
        )  # fmt: skip


def _degraded(now: datetime) -> Iterator[Control]:
    standing = [one for one in DegradedMode.objects.filter(ended_at__isnull=True) if one.stands(now)]
    last = DegradedMode.objects.order_by("-starts_at").values_list("starts_at", flat=True).first()
    yield Control(
        "degraded", _("Roles are kept apart"),
        _("Where too few people are there, that is declared, with an end and a second person from outside."),
        LATE if standing else OK, _("Declared: too few people") if standing else _("Kept apart"),
        ((_("declarations in force"), len(standing)),), last, "small-house",
    )  # fmt: skip


def _auditors(now: datetime) -> Iterator[Control]:
    """From outside one comes for a time."""
    held = RoleAssignment.objects.at(now).filter(role=Role.EXTERNAL_AUDITOR)
    endless = held.filter(ends_at__isnull=True).count()
    yield Control(
        "auditors", _("Auditors from outside come for a time"),
        _("The role of an external auditor always has an end."),
        BROKEN if endless else OK, _("Some have no end") if endless else _("All have an end"),
        ((_("external auditors now"), held.count()), (_("without an end"), endless)), now,
    )  # fmt: skip


def _identifications() -> Iterator[Control]:
    found = Identification.objects.aggregate(
        asked=Count("pk"), allowed=Count("pk", filter=Q(is_allowed=True)),
        waiting=Count("pk", filter=Q(decided_at__isnull=True)),
    )  # fmt: skip
    yield Control(
        "identifications", _("Cases are named by two people"),
        _("Only a privacy officer learns which case an auditor's name means, and only when a second person agrees."),
        OK if found["asked"] else NEVER, _("By two people each time") if found["asked"] else _("None yet"),
        ((_("asked"), found["asked"]), (_("allowed"), found["allowed"]), (_("waiting"), found["waiting"])),
        Identification.objects.order_by("-pk").values_list("asked_at", flat=True).first(),
    )  # fmt: skip


def _conflicts(now: datetime) -> Iterator[Control]:
    """Whom staff declared to know is matched blindly, and a wall keeps them apart; a privacy officer looks at who may be a
    relative. Numbers alone: who knows whom is nobody's.
    """
    walls = access.for_the_house(Wall)
    standing = walls.filter(placed_at__lte=now, lifted_at__gt=now).count()
    matched = Event.objects.of_verbs([Verb.DECLARATION_MATCHED]).count()
    possible = access.for_the_house(PossibleConflict)
    reviewed = possible.filter(answer__in=conflicts.ANSWERED)
    waiting = conflicts.waiting(possible, at=now)
    late = waiting.filter(found_at__lt=now - conflicts.ANSWER_WITHIN).count()
    known = (walls.order_by("-placed_at").values_list("placed_at", flat=True).first(),
             reviewed.order_by("-answered_at").values_list("answered_at", flat=True).first())  # fmt: skip
    number, done = waiting.count(), reviewed.count()
    yield Control(
        "conflicts", _("Conflicts of interest keep people away"),
        _("People whom staff declare to know are matched without anybody reading it, and a wall is placed by itself. Where "
          "a family name or a telephone is the same, a privacy officer looks at it within a week."),
        LATE if late else OK if standing or matched or done or number else NEVER,
        _("Some wait too long") if late else _("In time") if done or number else _("Walls stand") if standing
        else _("None stands"),
        (
            (_("matches found"), matched), (_("walls that stand"), standing), (_("conflicts reviewed"), done),
            (_("waiting"), number), (_("waiting too long"), late),
        ),
        max((moment for moment in known if moment), default=None),
    )  # fmt: skip
