"""What left the organisation, each with its ground: a release, a statute, a judge's order (domain.md §0b, §2.5, §2.7)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import COUNSEL_ROLES
from casemgmt.accounts.models import User
from cases import access, clocks, desk
from cases.access import Held
from cases.actions.duties import lock_for_duty, one_of, remind_officers, who_tells
from cases.actions.tasks import finish_tasks_about, put_task
from cases.actions.trail import add_line, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.releases import JUDICIAL, DisclosureBasis, DisclosureHow, InfoCategory, MandateTrigger, ProcessKind
from cases.errors.releases import DisclosureLacks, NotAJudge, ReleaseHasEnded, TellingIsPutOff
from cases.models import Case, Disclosure, LegalProcess, MandatedReport, Release
from cases.opening import open_to_change
from cases.release_rules import sections_of

#: How soon somebody tells her, safely, of what was given without her release (34 USC 12291(b)(2)(C): notice to those affected).
NOTIFY_WITHIN = clocks.TELL_HER_WITHIN


@dataclass
class Given:
    """What was given: categories, by which way, on which local day; that it was the least that was needed."""

    categories: list[str]
    how: str
    given_on: date
    is_minimised: bool = False


@action
def disclose_by_release(*, actor: User, now: datetime, case_uid: UUID, release_uid: UUID, given: Given) -> Disclosure:
    """Note what was given to the recipient of a release, of what it names, while it stood.

    Raises Hidden, Refused, ReleaseHasEnded, DisclosureLacks. Records DISCLOSURE_MADE.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    release = access.within(Release, held.case).select_related("recipient").filter(uid=release_uid).first()
    if release is None:
        raise Hidden
    at = _moment_of(actor, now, given.given_on)
    if timezone.localdate(release.starts_at, actor.zone) == given.given_on:
        at = max(at, release.starts_at)
    if not release.in_force(at):
        raise ReleaseHasEnded
    with open_to_change(actor, held, Section.DUTIES):
        named = set(release.terms["categories"])
    if not given.categories or not set(given.categories) <= named:
        raise DisclosureLacks("categories")
    return _disclose(
        actor, now, held.case, given, at=at, held=held, basis=DisclosureBasis.RELEASE, release=release,
        recipient=release.recipient,
    )  # fmt: skip


@action
def record_process(
    *, actor: User, now: datetime, case_uid: UUID, kind: str, issuer: str, reference: str, scope: str, received_on: date,
    due_on: date | None = None,
) -> LegalProcess:  # fmt: skip
    """Record what a court, an attorney or an authority sent about her. For counsel or a privacy officer; opens no case.

    From now on the case is held by itself, until the process is over. Counsel who records it has been told; somebody she
    trusts gets the task to tell her. Raises Hidden, DisclosureLacks, PartIsErased. Records LEGAL_PROCESS_RECORDED, TASK_ADDED.
    """
    case = lock_for_duty(actor, case_uid, now)
    if received_on > timezone.localdate(now, actor.zone):
        raise DisclosureLacks("day")
    process = LegalProcess(
        case=case, is_judicial=kind in JUDICIAL, received_on=received_on, due_on=due_on, recorded_by=actor, recorded_at=now,
        counsel_told_at=now if actor.holds_role(*COUNSEL_ROLES, at=now) else None,
        facts={"kind": ProcessKind(kind).value, "issuer": issuer, "reference": reference, "scope": scope},
    )  # fmt: skip
    process.save()
    _follow(case, process, due_on, _("Legal process: an answer is due"), actor, now, Verb.LEGAL_PROCESS_RECORDED)
    record(Verb.LEGAL_PROCESS_RECORDED, actor=actor, subject=process, sections=[Section.DUTIES])
    put_task(
        actor=actor, now=now, case=case, section=Section.DUTIES, assigned_to=who_tells(case, actor),
        title=_("Tell her safely what came about her, ask what she wishes, and note it under Disclosures."),
        due_on=clocks.house_day(now + NOTIFY_WITHIN), subject_uid=process.uid,
    )  # fmt: skip
    return process


@dataclass
class Report:
    """What a mandated report says of itself. ``reporter`` is protected: no page that leaves the house names her."""

    trigger: str
    jurisdiction: str
    authority: str
    agency: str
    discovered_on: date
    due_on: date
    reference: str = ""
    reporter: str = ""
    is_informed_before: bool = False
    why_not_informed: str = ""
    #: Where the law counts hours from when it was learned: so many; ``learned_at`` the moment, else the day's beginning.
    hours: int | None = None
    learned_at: datetime | None = None
    #: Whether the law wants it in writing, too.
    in_writing: bool = False


@action
def record_report(*, actor: User, now: datetime, case_uid: UUID, report: Report) -> MandatedReport:
    """Record that the law demands a report; what is given is a disclosure of its own. For counsel or a privacy officer.

    Nothing is ever reported by itself. Raises Hidden, DisclosureLacks, PartIsErased. Records MANDATED_REPORT_RECORDED.
    """
    case = lock_for_duty(actor, case_uid, now)
    if report.discovered_on > timezone.localdate(now, actor.zone):
        raise DisclosureLacks("day")
    learned = report.learned_at
    if learned and (learned > now or timezone.localdate(learned, actor.zone) != report.discovered_on):
        raise DisclosureLacks("learned_at")
    begins = learned or clocks.start_of(report.discovered_on)
    row = MandatedReport(
        case=case, discovered_on=report.discovered_on, due_on=report.due_on, recorded_by=actor, recorded_at=now,
        due_at=begins + timedelta(hours=report.hours) if report.hours else None,
        facts={
            "trigger": MandateTrigger(report.trigger).value, "jurisdiction": report.jurisdiction,
            "authority": report.authority, "agency": report.agency, "reference": report.reference,
            "reporter": report.reporter, "informed_before": report.is_informed_before,
            "why_not_informed": report.why_not_informed, "in_writing": report.in_writing, "minimum_only": None,
        },
    )  # fmt: skip
    row.save()
    first = min(report.due_on, clocks.house_day(row.due_at)) if row.due_at else report.due_on
    _follow(case, row, first, _("A report that the law demands is due"), actor, now, Verb.MANDATED_REPORT_RECORDED)
    record(Verb.MANDATED_REPORT_RECORDED, actor=actor, subject=row, sections=[Section.DUTIES])
    return row


@action
def disclose_by_law(
    *, actor: User, now: datetime, case_uid: UUID, given: Given, report_uid: UUID | None = None,
    process_uid: UUID | None = None,
) -> Disclosure:  # fmt: skip
    """Note what was given because a statute or a judge demands it: the least, and a task to tell her safely.

    For counsel or a privacy officer. A subpoena or a letter is refused: only a judge's order opens anything. Raises
    Hidden, DisclosureLacks, NotAJudge, PartIsErased. Records DISCLOSURE_MADE and TASK_ADDED.
    """
    case = lock_for_duty(actor, case_uid, now)
    if (report_uid is None) == (process_uid is None):
        raise DisclosureLacks("basis")
    check_least(given)
    if process_uid is not None:
        return give_by_order(actor, now, case, one_of(LegalProcess, case, process_uid), given)
    report = one_of(MandatedReport, case, report_uid)
    _was_reported(case, report, given, actor, now)
    return _give_by_law(
        actor, now, case, given, timezone.localdate(now + NOTIFY_WITHIN, actor.zone),
        basis=DisclosureBasis.STATUTORY_MANDATE, report=report,
    )  # fmt: skip


def give_by_order(actor: User, now: datetime, case: Case, process: LegalProcess, given: Given) -> Disclosure:
    """Note, inside an action, what was given on a judge's order. She is told of it once the law lets anybody tell her.

    Raises NotAJudge, DisclosureLacks. Records DISCLOSURE_MADE and TASK_ADDED.
    """
    if not process.is_judicial:
        raise NotAJudge
    tell_by = timezone.localdate(now + NOTIFY_WITHIN, actor.zone)
    tell_by = max(tell_by, process.put_off_until or tell_by)
    return _give_by_law(actor, now, case, given, tell_by, basis=DisclosureBasis.COURT_ORDER, process=process)


def _give_by_law(actor: User, now: datetime, case: Case, given: Given, tell_by: date, **ground: Any) -> Disclosure:
    made = _disclose(actor, now, case, given, at=_moment_of(actor, now, given.given_on), **ground)
    put_task(
        actor=actor, now=now, case=case, section=Section.DUTIES, assigned_to=who_tells(case, actor),
        title=_("Tell her safely what had to be given by law, and note it under Disclosures."),
        due_on=tell_by, subject_uid=made.uid,
    )  # fmt: skip
    return made


def _was_reported(case: Case, report: MandatedReport, given: Given, actor: User, now: datetime) -> None:
    """Stop the clocks of a report: what was said stops the hours, and all of it where the law wants nothing in writing."""
    with desk.reading_own(report):
        facts = dict(report.facts)
    is_said = given.how == DisclosureHow.SPOKEN
    if is_said and report.said_at is None:
        report.said_at = _moment_of(actor, now, given.given_on)
    if report.reported_on is None and not (is_said and facts.get("in_writing")):
        report.reported_on = given.given_on
    report.facts = {**facts, "minimum_only": given.is_minimised}
    report.save(update_fields=["facts", "said_at", "reported_on"])
    settle_due(case=case, subject_uid=report.uid, now=now)
    if report.reported_on is None:
        _remind(case, report, report.due_on, _("A report that the law demands is due in writing"), actor, now)
    else:
        remind_officers(case=case, row=report, due_on=None, now=now)


def check_least(given: Given) -> None:
    """Minimum categories: at least one, never everything, and somebody says that it was the least. Raises DisclosureLacks."""
    if not given.categories or not set(given.categories) <= set(InfoCategory.values):
        raise DisclosureLacks("categories")
    if sections_of(given.categories) == sections_of(InfoCategory.values):
        raise DisclosureLacks("everything")
    if not given.is_minimised:
        raise DisclosureLacks("minimised")


@action
def note_told(*, actor: User, now: datetime, case_uid: UUID, disclosure_uid: UUID) -> Disclosure:
    """She was told of a disclosure, safely. Repeating it changes nothing. Raises Hidden, Refused, TellingIsPutOff.

    Records SURVIVOR_NOTIFIED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES, even_closed=True)
    disclosure = access.within(Disclosure, held.case).filter(uid=disclosure_uid).first()
    if disclosure is None:
        raise Hidden
    if disclosure.process is not None and clocks.is_put_off(disclosure.process, now):
        raise TellingIsPutOff
    if disclosure.notified_at is None:
        disclosure.notified_at, disclosure.notified_by = now, actor
        disclosure.save(update_fields=["notified_at", "notified_by"])
        finish_tasks_about(actor=actor, now=now, held=held, subject_uids=[disclosure.uid])
        record(
            Verb.SURVIVOR_NOTIFIED, actor=actor, subject=disclosure, held=held, sections=[Section.DUTIES],
            detail={"basis": disclosure.basis},
        )  # fmt: skip
    return disclosure


def _disclose(
    actor: User, now: datetime, case: Case, given: Given, *, at: datetime, basis: str, held: Held | None = None,
    recipient: Any = None, **ground: Any,
) -> Disclosure:  # fmt: skip
    made = Disclosure(
        case=case, basis=basis, recipient=recipient, categories=sorted(given.categories), how=given.how,
        is_minimised=given.is_minimised, disclosed_by=actor, disclosed_at=at, **ground,
    )  # fmt: skip
    made.save()
    add_line(
        case=case, section=Section.DUTIES, kind=Verb.DISCLOSURE_MADE, subject=made, author=actor, at=at,
        line=_("Information was given out"),
    )  # fmt: skip
    detail: dict[str, Any] = {"categories": sorted(given.categories), "basis": str(basis)}
    if recipient is not None:
        detail["recipient"] = recipient.uid
    record(Verb.DISCLOSURE_MADE, actor=actor, subject=made, held=held, sections=[Section.DUTIES], detail=detail)
    return made


def _moment_of(actor: User, now: datetime, day: date) -> datetime:
    """Today is this moment; an earlier day its noon on the actor's clock. Raises DisclosureLacks for a day to come."""
    today = timezone.localdate(now, actor.zone)
    if day > today:
        raise DisclosureLacks("day")
    if day == today:
        return now
    return datetime(day.year, day.month, day.day, 12, tzinfo=actor.zone)


def _follow(case: Case, row: Any, due_on: date | None, line: str, actor: User, now: datetime, kind: str) -> None:
    """Its line on the timeline, and its day on the lists."""
    add_line(
        case=case, section=Section.DUTIES, kind=kind, subject=row, author=actor, at=now, line=_("A duty of law was recorded"),
    )  # fmt: skip
    if due_on is not None:
        _remind(case, row, due_on, line, actor, now)


def _remind(case: Case, row: Any, due_on: date, line: str, actor: User, now: datetime) -> None:
    """Its day on the case's lists; and, without a word of it, on those of whoever answers for such duties."""
    set_due(
        case=case, section=Section.DUTIES, kind=DueKind.DUTY, subject=row, due_on=due_on, line=line,
        assigned_to=case.lead or actor,
    )  # fmt: skip
    remind_officers(case=case, row=row, due_on=due_on, now=now)
