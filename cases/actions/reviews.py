"""The review of access (access.md §5): begun by the quarter, decided line by line, ended by the day.

There is no "keep all": each access is looked at, and each decision has its reason. What nobody decides ends where it
left the house, was lent or lies unused; who works on a case and who supervises it go to the director for two weeks.
Nothing here opens a case: lines show numbers, people and dates.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, Team, User
from cases import access, desk
from cases.actions.grants import change_end, end_access, take_back
from cases.actions.trail import notify, set_house_dues, settle_house_dues
from cases.choices.casework import DueKind
from cases.choices.sharing import GrantKind, ReviewDecision
from cases.errors.reviews import (
    AccessIsOver,
    AlreadyDecided,
    EndIsNotEarlier,
    NothingToReview,
    OwnAccess,
    ReviewIsOpen,
    ReviewIsOver,
)
from cases.models import AccessGrant, AccessReview, HouseDue, ReviewLine
from cases.reviews import WHOLE_HOUSE_ROLES, lines_for, may_decide

#: How long supervisors have, and after that the director.
REVIEW_TIME = timedelta(days=30)
ESCALATION_TIME = timedelta(days=14)
#: So long before the end a supervisor who has lines left hears of it once more.
REMINDED_BEFORE = timedelta(days=7)
#: Access that opened nothing for so long is not used.
UNUSED_AFTER = timedelta(days=90)
#: A quarter's review is begun on its first working day; where the house stood still then, within two weeks of it.
LATEST_BEGIN = timedelta(days=14)

#: Work never stops because nobody decided: these wait for the director, and stay if she says nothing.
ESCALATED_KINDS = (GrantKind.ASSIGNMENT, GrantKind.SUPERVISION, GrantKind.RESIDENCE)
NOTICE_BEGAN = "ACCESS_REVIEW"
NOTICE_ENDS = "ACCESS_REVIEW_ENDS"
NOTICE_LATE = "ACCESS_REVIEW_LATE"
NOTICE_LEFT = "ACCESS_REVIEW_LEFT"


# ---- Beginning ----


@action
def begin_review(*, actor: User | None, now: datetime, team: Team) -> AccessReview:
    """Put every access to the cases of a team on a list. By a director or privacy officer of the house, or the schedule.

    Its supervisors hear of it; where there is none, the director. Raises Hidden, ReviewIsOpen, NothingToReview.
    Records REVIEW_BEGAN.
    """
    if actor is not None and not (
        actor.holds_role(*WHOLE_HOUSE_ROLES, at=now) and actor.organisation_id == team.organisation_id
    ):
        raise Hidden
    # The schedule and a person may begin in the same moment: one waits here, and then finds the other's.
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    if access.for_the_house(AccessReview).filter(team=team, ended_at__isnull=True).exists():
        raise ReviewIsOpen
    grants = [grant for grant in _access_of(team, now) if now < access.end_of(grant) and not grant.case.is_erased]
    if not grants:
        raise NothingToReview
    ends = now + REVIEW_TIME
    review = AccessReview(
        team=team, quarter=quarter_of(timezone.localdate(now)), begun_at=now, begun_by=actor, ends_at=ends,
        escalates_until=ends + ESCALATION_TIME,
    )  # fmt: skip
    review.save()
    uses = access.LastUses({grant.case_uid for grant in grants})
    members = access.people_of_teams(grants, now)
    lines = [
        ReviewLine(
            case=grant.case, review=review, grant=grant, section=desk.section_for(grant.case),
            is_external=_is_external(grant), last_used_at=uses.of(grant, members.get(grant.pk, [])),
        )
        for grant in grants
    ]  # fmt: skip
    access.for_the_house(ReviewLine).audited_bulk_create(lines, batch_size=500)  # type: ignore[attr-defined]
    for person in _reviewers(review, now):
        notify(person=person, kind=NOTICE_BEGAN, about=review, now=now)
    _put_on_lists(review, now)
    detail = {"count": len(lines), "team": team.uid, "until": ends}
    record(Verb.REVIEW_BEGAN, actor=actor, subject=review, refs=[team], detail=detail)
    return review


def _access_of(team: Team, now: datetime) -> QuerySet[AccessGrant]:
    """Access to the cases of one team that is not taken back, with what decides its end."""
    grants = access.grants_with_grounds().filter(case__team=team, valid_from__lte=now, expires_at__gt=now)
    return grants.filter(revoked_at__isnull=True).select_related("person__organisation").order_by("case_id", "pk")


def _is_external(grant: AccessGrant) -> bool:
    """Whether it leaves the organisation that keeps the case."""
    holder = grant.person or grant.team
    return holder is not None and holder.organisation_id != grant.case.organisation_id


def _reviewers(review: AccessReview, at: datetime) -> list[User]:
    """The supervisors of the team; where nobody supervises it, the directors of the house."""
    rows = Membership.objects.of_team(review.team).supervising().live(at).filter(user__is_active=True)
    found = [row.user for row in rows.select_related("user").order_by("pk")]
    return found or _holding(Role.DIRECTOR, review, at)


def _put_on_lists(review: AccessReview, now: datetime) -> int:
    """On whose list the review stands, with its date: its supervisors', and once their time is over the director's."""
    late = review.escalated_at is not None
    return set_house_dues(
        people=_holding(Role.DIRECTOR, review, now) if late else _reviewers(review, now), kind=DueKind.ACCESS_REVIEW,
        subject=review, due_on=timezone.localdate(review.escalates_until if late else review.ends_at), now=now,
    )  # fmt: skip


@action
def list_reviewers(*, actor: None, now: datetime, review_uid: UUID) -> AccessReview:
    """Put a review on the list of whoever has to do it now: supervisors come and go. Records DUE_STAMPED where it changed."""
    review = _locked(review_uid)
    changed = 0 if review.ended_at else _put_on_lists(review, now)
    if changed:
        record(Verb.DUE_STAMPED, actor=None, subject=review, detail={"count": changed})
    return review


def _holding(role: str, review: AccessReview, at: datetime) -> list[User]:
    people = User.objects.holding(role, at=at).filter(organisation_id=review.team.organisation_id)
    return list(people.order_by("pk"))


# ---- Deciding ----


@action
def decide_on_access(
    *, actor: User, now: datetime, line_uid: UUID, decision: str, reason: str, until: datetime | None = None
) -> ReviewLine:
    """Keep one access, let it end sooner (``until``), or end it now, with the reason. Nobody decides on her own.

    Raises Hidden, OwnAccess, AlreadyDecided, ReviewIsOver, AccessIsOver, EndIsNotEarlier. Records REVIEW_DECIDED, and
    ACCESS_CHANGED or ACCESS_REVOKED.
    """
    found = access.for_the_house(ReviewLine).select_related("review__team", "case").filter(uid=line_uid).first()
    if found is None:
        raise Hidden
    case = access.lock_case(found.case.uid)
    line = lines_for(actor, found.review, at=now).filter(uid=line_uid).first()
    if line is None or not (found.review.ended_at or may_decide(actor, found.review, at=now)):
        raise Hidden
    if found.review.ended_at is not None:
        raise ReviewIsOver
    if line.decision:
        raise AlreadyDecided
    grant = access.grants_with_grounds().get(pk=line.grant_id)
    if grant.person_id == actor.pk:
        raise OwnAccess
    if now >= access.end_of(grant):
        raise AccessIsOver
    chosen = ReviewDecision(decision)
    if chosen == ReviewDecision.SHORTEN:
        if until is None or not now < until < access.end_of(grant):
            raise EndIsNotEarlier
        change_end(actor=actor, now=now, grant=grant, until=until)
        line.until = until
    elif chosen == ReviewDecision.REVOKE:
        end_access(grant, actor=actor, now=now)
    line.section, line.reason = desk.section_for(case), reason
    _settle(line, chosen, actor=actor, now=now)
    return line


def _settle(line: ReviewLine, decision: str, *, actor: User | None, now: datetime) -> None:
    """Write a decision down; the last one ends the review."""
    line.decision, line.decided_by, line.decided_at = decision, actor, now
    line.last_used_at = _last_use(line, now)
    line.save(update_fields=[
        "decision", "decided_by", "decided_at", "last_used_at", "until", *(["section", "reason"] if actor else []),
    ])  # fmt: skip
    grant = line.grant
    record(
        Verb.REVIEW_DECIDED, actor=actor, subject=line, refs=[grant, grant.person or grant.team],
        detail={"kind": grant.kind, "result": str(decision), "until": line.until, "team": line.review.team.uid},
    )  # fmt: skip
    if not _open_lines(line.review).exists():
        _end(line.review, actor=actor, now=now)


def _last_use(line: ReviewLine, at: datetime) -> datetime | None:
    behind = access.people_of_teams([line.grant], at)
    return access.LastUses([line.case_uid]).of(line.grant, behind.get(line.grant.pk, []))


def _open_lines(review: AccessReview) -> QuerySet[ReviewLine]:
    return access.for_the_house(ReviewLine).filter(review=review, decision="")


def _end(review: AccessReview, *, actor: User | None, now: datetime) -> None:
    """The review is over. Records REVIEW_ENDED with how many accesses nobody decided on."""
    review.ended_at = now
    review.save(update_fields=["ended_at"])
    settle_house_dues(subject_uid=review.uid, now=now)
    left = access.for_the_house(ReviewLine).filter(review=review, decision=ReviewDecision.STAYED).count()
    for person in _holding(Role.PRIVACY_OFFICER, review, now) if left else ():
        notify(person=person, kind=NOTICE_LEFT, about=review, now=now)
    record(Verb.REVIEW_ENDED, actor=actor, subject=review, detail={"count": left, "team": review.team.uid})


# ---- What the schedule does ----


def keep_reviews(now: datetime | None = None) -> int:
    """Begin, remind, end: whatever a review's time asks for now; says how many steps were done. For the schedule; idempotent.

    ``now`` only in the demo, whose days lie in the past.
    """
    moment = now or clock.now()
    done = _begin_the_quarters(moment)
    open_reviews = access.for_the_house(AccessReview).filter(ended_at__isnull=True).select_related("team")
    for review in list(open_reviews.order_by("ends_at", "pk")):
        if review.reminded_at is None and moment >= review.ends_at - REMINDED_BEFORE:
            remind_reviewers(actor=None, now=now or clock.now(), review_uid=review.uid)
            done += 1
        if moment >= review.ends_at:
            done += _close_lines(review, now)
        list_reviewers(actor=None, now=now or clock.now(), review_uid=review.uid)
    return done


def _begin_the_quarters(now: datetime) -> int:
    """Begin the review of this quarter for each team of the house that has none yet."""
    today = timezone.localdate(now)
    first = first_working_day(today)
    if not first <= today < first + LATEST_BEGIN:
        return 0
    begun = access.for_the_house(AccessReview).filter(Q(quarter=quarter_of(today)) | Q(ended_at__isnull=True))
    teams = Team.objects.filter(organisation__is_ours=True).exclude(pk__in=begun.values("team")).order_by("pk")
    count = 0
    for team in teams:
        if _has_live_access(team, now):
            begin_review(actor=None, now=now, team=team)
            count += 1
    return count


def _has_live_access(team: Team, now: datetime) -> bool:
    return any(now < access.end_of(grant) and not grant.case.is_erased for grant in _access_of(team, now).iterator())


def quarter_of(day: date) -> str:
    """``2026-Q4``."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def first_working_day(day: date) -> date:
    """The first day of its quarter that is neither a Saturday or Sunday nor New Year's Day."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if first.month == 1:
        first += timedelta(days=1)
    return first + timedelta(days={5: 2, 6: 1}.get(first.weekday(), 0))


@action
def remind_reviewers(*, actor: None, now: datetime, review_uid: UUID) -> AccessReview:
    """Tell the supervisors who have lines left that the review ends soon. Records DUE_STAMPED."""
    review = _locked(review_uid)
    left = _open_lines(review).count()
    if review.reminded_at is None:
        for person in _reviewers(review, now) if left else ():
            notify(person=person, kind=NOTICE_ENDS, about=review, now=now)
        review.reminded_at = now
        review.save(update_fields=["reminded_at"])
        for due in access.for_the_house(HouseDue).filter(subject_uid=review.uid, done_at__isnull=True):
            due.noticed_at = now
            due.save(update_fields=["noticed_at"])
        record(Verb.DUE_STAMPED, actor=None, subject=review, detail={"count": left})
    return review


def _close_lines(review: AccessReview, now: datetime | None) -> int:
    """End what nobody decided in time, each line in a transaction of its own; then pass the rest on, or end the review.

    A crash in between costs nothing: the next turn finds the lines that are left.
    """
    is_last = (now or clock.now()) >= review.escalates_until
    if review.escalated_at is not None and not is_last:
        return 0
    uids = list(_open_lines(review).order_by("pk").values_list("uid", flat=True))
    for uid in uids:
        close_line(actor=None, now=now or clock.now(), line_uid=uid, is_last=is_last)
    pass_review_on(actor=None, now=now or clock.now(), review_uid=review.uid)
    return len(uids)


@action
def close_line(*, actor: None, now: datetime, line_uid: UUID, is_last: bool) -> ReviewLine:
    """What becomes of an access on which nobody decided in time.

    Over by itself: so it is noted. Outside the house, lent or unused: it ends. Any other waits for the director, and
    ``is_last``, when her time is over too, it stays and the evidence says so: work never stops over a review.
    Records REVIEW_DECIDED, and ACCESS_REVOKED where it ends; nothing where it waits.
    """
    found = access.for_the_house(ReviewLine).select_related("case").get(uid=line_uid)
    case = access.lock_case(found.case.uid)
    line = access.within(ReviewLine, case).select_related("review__team").get(uid=line_uid)
    if line.decision or line.review.ended_at is not None:
        return line
    line.case = case
    line.grant = access.grants_with_grounds().get(pk=line.grant_id)
    if now >= access.end_of(line.grant):
        _settle(line, ReviewDecision.GONE, actor=None, now=now)
    elif ends_undecided(line, last_used_at=_last_use(line, now), now=now):
        take_back(line.grant, actor=None, now=now)
        _settle(line, ReviewDecision.ENDED, actor=None, now=now)
    elif is_last:
        _settle(line, ReviewDecision.STAYED, actor=None, now=now)
    return line


def ends_undecided(line: ReviewLine, *, last_used_at: datetime | None, now: datetime) -> bool:
    """Whether this access ends when nobody decides on it (access.md §5).

    An attorney's own file is not taken from her by silence: it stays with her engagement, and waits for the director.
    """
    grant = line.grant
    if grant.kind in ESCALATED_KINDS or grant.is_own_file:
        return False
    return line.is_external or grant.kind == GrantKind.DELEGATION or is_unused(grant, last_used_at, now)


def is_unused(grant: AccessGrant, last_used_at: datetime | None, now: datetime) -> bool:
    """Whether an access opened nothing for a quarter, and was there all the time."""
    return max(last_used_at or grant.valid_from, grant.valid_from) < now - UNUSED_AFTER


@action
def pass_review_on(*, actor: None, now: datetime, review_uid: UUID) -> AccessReview:
    """After the end: what is left is the director's, who hears of it; where nothing is left, the review is over.

    Records DUE_STAMPED or REVIEW_ENDED.
    """
    review = _locked(review_uid)
    if review.ended_at is not None:
        return review
    left = _open_lines(review).count()
    if left == 0:
        _end(review, actor=None, now=now)
    elif review.escalated_at is None:
        for person in _holding(Role.DIRECTOR, review, now):
            notify(person=person, kind=NOTICE_LATE, about=review, now=now)
        review.escalated_at = now
        review.save(update_fields=["escalated_at"])
        _put_on_lists(review, now)
        record(Verb.DUE_STAMPED, actor=None, subject=review, detail={"count": left})
    return review


def _locked(review_uid: UUID) -> AccessReview:
    rows = access.for_the_house(AccessReview).filter(uid=review_uid).select_related("team")
    return rows.select_for_update(of=("self",)).get()
