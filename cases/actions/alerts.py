"""Alerts: raised for those who hold a section, acknowledged, looked at again, ended (domain.md §8.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held
from cases.actions.reassessing import look_soon
from cases.actions.safety_calls import call_somebody
from cases.actions.trail import set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.safety import (
    CODED_ALONE,
    NEVER_ON_CARD,
    REVIEW_ALERT_DAYS,
    TRIGGERING_ALERTS,
    AlertCode,
    AlertSeverity,
    CallCause,
)
from cases.errors.survivor import AlertIsCodedAlone, AlertNotForEverybody
from cases.marks import assign
from cases.models import Case, CaseAlert
from cases.opening import open_to_change


@dataclass(frozen=True)
class AlertFacts:
    """What one alert says, whom it is for (``section``), and from when to when it stands before somebody looks again."""

    code: str
    section: str
    severity: str = AlertSeverity.USUAL
    words: str = ""
    starts_on: date | None = None
    review_on: date | None = None


@action
def raise_alert(*, actor: User, now: datetime, case_uid: UUID, warning: AlertFacts) -> CaseAlert:
    """Warn everybody who holds a section of the case, from a day until it is ended; somebody looks again by a day.

    What could shame her carries no words, and what few need to know never stands on the card. Contact by the alleged
    trafficker calls whoever is on duty within the hour (R19); that and what changes the danger brings the next look
    forward. Raises Hidden, Refused, CaseIsClosed, AlertIsCodedAlone, AlertNotForEverybody. Records ALERT_RAISED.
    """
    section = Section(warning.section)
    code = AlertCode(warning.code)
    if section == Section.CARD and code in NEVER_ON_CARD:
        raise AlertNotForEverybody
    if warning.words and (code in CODED_ALONE or section == Section.CARD):
        raise AlertIsCodedAlone
    held = access.lock_for_write(actor, case_uid, section)
    row = _put(held.case, section, warning, actor=actor, now=now)
    fields = ["case_alert.what"]
    if section == Section.CARD:
        with open_to_change(actor, held, Section.CARD):
            standing = set(held.case.alerts or [])
        if assign(held.case, alerts=[one for one in AlertCode.values if one in standing | {code.value}]):
            held.case.save(update_fields=["alerts"])
            fields.append("case.alerts")
    record(Verb.ALERT_RAISED, actor=actor, subject=row, held=held, sections=[section], fields=fields)
    follow_alerts(held.case, [code], actor=actor, now=now)
    return row


def _put(case: Case, section: str, warning: AlertFacts, *, actor: User, now: datetime) -> CaseAlert:
    """The row and the day on which somebody looks again."""
    today = now.astimezone(actor.zone).date()
    severity = AlertSeverity(warning.severity)
    starts_on = warning.starts_on or today
    row = CaseAlert(
        case=case, section=section, raised_at=now, raised_by=actor, starts_on=starts_on,
        review_on=warning.review_on or starts_on + timedelta(days=REVIEW_ALERT_DAYS[severity]),
        what={"code": AlertCode(warning.code).value, "severity": severity.value, "words": warning.words},
    )  # fmt: skip
    row.save()
    _set_review(row, case, actor=actor)
    return row


def _set_review(row: CaseAlert, case: Case, *, actor: User) -> None:
    set_due(
        case=case, section=row.section, kind=DueKind.SAFETY_REVIEW, line=_("Look at an alert again"), subject=row,
        due_on=row.review_on, assigned_to=actor,
    )  # fmt: skip


def keep_rows_of_card(
    held: Held, *, codes: Iterable[str], actor: User, now: datetime, is_new: Iterable[str]
) -> None:  # fmt: skip
    """Make the rows of the card's alerts what was ticked: new ones begin, those that were taken off end.

    Inside an action that holds the case and records. ``is_new``: codes that did not stand on the card before.
    """
    kept = set(codes)
    rows = access.within(CaseAlert, held.case).filter(section=Section.CARD, ended_at__isnull=True)
    with open_to_change(actor, held, Section.CARD):
        of_rows = [(row, row.what["code"]) for row in rows]
    for row, code in of_rows:
        if code not in kept:
            _end(row, held.case, actor=actor, now=now)
    known = {code for _row, code in of_rows}
    for code in is_new:
        if code not in known:
            _put(held.case, Section.CARD, AlertFacts(code, Section.CARD), actor=actor, now=now)


def begin_card_alerts(case: Case, codes: Iterable[str], *, actor: User, now: datetime) -> None:
    """The rows of the alerts with which a case is opened. Inside the action that opens it and records."""
    for code in codes:
        _put(case, Section.CARD, AlertFacts(code, Section.CARD), actor=actor, now=now)


def follow_alerts(case: Case, codes: Iterable[str], *, actor: User, now: datetime) -> None:
    """What new alerts bring about: a call within the hour, a look at the danger. After the act was recorded."""
    new = set(codes)
    if new & TRIGGERING_ALERTS and look_soon(case, actor=actor, now=now) is not None:
        record(Verb.SAFETY_CHANGED, actor=actor, subject=case, sections=[Section.SAFETY], fields=["safety.review_on"])
    if AlertCode.TRAFFICKER_CONTACT in new:
        call_somebody(case, cause=CallCause.TRAFFICKER_CONTACT, by=actor, now=now)


@action
def acknowledge_alert(*, actor: User, now: datetime, case_uid: UUID, alert_uid: UUID) -> CaseAlert:
    """Say that one has seen an alert, once. By everybody who may see it. Raises Hidden, Refused. Records ALERT_SEEN."""
    row, held = _reached(actor, case_uid, alert_uid)
    with open_to_change(actor, held, row.section):
        seen = list(row.seen or [])
    if any(uid == str(actor.uid) for uid, _moment in seen):
        return row
    row.seen = [*seen, [str(actor.uid), now.isoformat()]]
    row.save(update_fields=["seen"])
    record(Verb.ALERT_SEEN, actor=actor, subject=row, held=held, sections=[row.section], fields=["case_alert.seen"])
    return row


def _reached(actor: User, case_uid: UUID, alert_uid: UUID) -> tuple[CaseAlert, Held]:
    """An alert that stands, for whoever may see it, with its case locked."""
    found = access.for_the_house(CaseAlert).filter(uid=alert_uid, case_uid=case_uid).values_list("section", flat=True)
    section = found.first()
    # Whoever holds the card alone is not told that there is an alert for others.
    held = access.lock_as_reader(actor, case_uid, Section.CARD)
    if section is None or not held.holding.reads(section):
        raise Hidden
    held = access.lock_as_reader(actor, case_uid, section)
    row = access.within(CaseAlert, held.case).filter(uid=alert_uid, ended_at__isnull=True).first()
    if row is None:
        raise Hidden
    row.case = held.case
    return row, held


@action
def keep_alert(*, actor: User, now: datetime, case_uid: UUID, alert_uid: UUID) -> CaseAlert:
    """Looked at: it still holds, and is looked at again after its time. Raises Hidden, Refused, CaseIsClosed.

    Records ALERT_KEPT.
    """
    row, held = _to_write(actor, case_uid, alert_uid)
    with open_to_change(actor, held, row.section):
        severity = AlertSeverity(row.what.get("severity", AlertSeverity.USUAL))
    row.review_on = now.astimezone(actor.zone).date() + timedelta(days=REVIEW_ALERT_DAYS[severity])
    row.save(update_fields=["review_on"])
    _set_review(row, held.case, actor=actor)
    record(Verb.ALERT_KEPT, actor=actor, subject=row, held=held, sections=[row.section])
    return row


@action
def end_alert(*, actor: User, now: datetime, case_uid: UUID, alert_uid: UUID) -> CaseAlert:
    """End an alert: it stays readable in the versions, and warns nobody any more. Raises Hidden, Refused, CaseIsClosed.

    Records ALERT_ENDED.
    """
    row, held = _to_write(actor, case_uid, alert_uid)
    with open_to_change(actor, held, row.section):
        code, standing = row.what["code"], list(held.case.alerts or []) if row.section == Section.CARD else []
    _end(row, held.case, actor=actor, now=now)
    if code in standing and assign(held.case, alerts=[one for one in standing if one != code]):
        held.case.save(update_fields=["alerts"])
    record(Verb.ALERT_ENDED, actor=actor, subject=row, held=held, sections=[row.section])
    return row


def _to_write(actor: User, case_uid: UUID, alert_uid: UUID) -> tuple[CaseAlert, Held]:
    row, _held = _reached(actor, case_uid, alert_uid)
    held = access.lock_for_write(actor, case_uid, row.section)
    row.case = held.case
    return row, held


def _end(row: CaseAlert, case: Case, *, actor: User, now: datetime) -> None:
    row.ended_at, row.ended_by = now, actor
    row.save(update_fields=["ended_at", "ended_by"])
    settle_due(case=case, subject_uid=row.uid, now=now)
