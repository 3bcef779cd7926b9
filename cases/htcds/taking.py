"""From an understood row to an intake: what the sheet says is taken, what our minimum asks besides is "not asked".

domain.md R1, R2 and R5 ask for more than HTCDS holds: a language, a safe-contact instruction, the seven points of a
consent, who determined a status and when. Nobody asked, so nobody may pretend; each gap becomes a task.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.access.sections import Section
from cases.actions.intake import Intake
from cases.answers import BIRTHDATE_PRECISION, BirthdatePrecision
from cases.choices.casework import CaseStatus, ClosureReason, Stage
from cases.choices.survivor import ConsentState, ContactChannel, NullFlavour
from cases.htcds.codes import HtcdsStatus
from cases.htcds.fields import FIELDS, STATUS_SOURCE, Home
from cases.rules import DECIDED, DECISION

_STATUS = {
    HtcdsStatus.ACTIVE.value: CaseStatus.ACTIVE,
    HtcdsStatus.FOLLOW_UP.value: CaseStatus.FOLLOW_UP,
    HtcdsStatus.CLOSED.value: CaseStatus.CLOSED,
    HtcdsStatus.CLOSED_REFERRED.value: CaseStatus.CLOSED_REFERRED,
}


class Gap(TextChoices):
    """What a sheet cannot say and somebody must ask; the label is the task."""

    SAFE_CONTACT = "SAFE_CONTACT", gettext_lazy("Agree with her how she may be reached safely. Until then: no contact")
    LANGUAGE = "LANGUAGE", gettext_lazy("Ask which language she wants to speak with us")
    CONSENT_REPORTED = (
        "CONSENT_REPORTED",
        gettext_lazy("Go through the seven points of consent: the sheet only says “yes”"),
    )
    CONSENT_REFUSED = (
        "CONSENT_REFUSED",
        gettext_lazy("Ask her whether we may keep her information: the sheet says “no”"),
    )
    CONSENT = "CONSENT", gettext_lazy("Ask for consent and go through its seven points")
    STATUS = "STATUS", gettext_lazy("Ask whether she is a possible or a determined victim of trafficking")
    TABLES = (
        "TABLES",
        gettext_lazy("Look at the imported sheet again: some of what its other tables say could not be kept"),
    )
    STATUS_DECISION = "STATUS_DECISION", gettext_lazy("Complete who determined the trafficking status, and when")


SECTION_OF_GAP: dict[str, Section] = {
    Gap.CONSENT_REPORTED: Section.DUTIES,
    Gap.CONSENT_REFUSED: Section.DUTIES,
    Gap.CONSENT: Section.DUTIES,
}


@dataclass(frozen=True)
class Taking:
    """The intake that a row becomes, and what must be asked afterwards."""

    intake: Intake
    gaps: list[Gap]


def prepare(values: Mapping[str, Any], *, today: dt.date) -> Taking:
    """The intake of one good row. ``today`` is the local day on which it is taken."""
    homes: dict[Home, dict[str, Any]] = {home: {} for home in Home}
    for name, value in values.items():
        homes[FIELDS[name].home][name] = value
    status = _STATUS[values.get("cas_Status", HtcdsStatus.ACTIVE.value)]
    is_closed = status in (CaseStatus.CLOSED, CaseStatus.CLOSED_REFERRED)
    referred = _whole_day(values.get("cas_IncomingReferralDate"))
    birth_date, precision = _birth(values.get("prs_Birthdate", ""))
    about = homes[Home.ABOUT] | ({BIRTHDATE_PRECISION: precision} if precision else {})
    intake = Intake(
        opened_on=referred or today,
        language=values.get("prs_PrimaryLanguage") or NullFlavour.NOT_ASKED.value,
        consent_state=_consent_state(values),
        contact_channel=ContactChannel.NONE,
        contact_rule=_("Do not contact. She has not been asked yet how she may be reached."),
        status=status,
        stage=Stage.CLOSE if is_closed else Stage.INTAKE,
        first_name=values.get("prs_FirstName", ""),
        second_name=values.get("prs_SecondName", ""),
        other_names=values.get("prs_MiddleName", ""),
        birth_date=birth_date,
        about=about,
        contact=homes[Home.CONTACT],
        answers=_answers(homes[Home.ANSWERS]),
        referral=homes[Home.REFERRAL],
        consent_record=_consent_record(values),
        closed_on=_closed_on(values, referred or today, today) if is_closed else None,
        closure_reason=_closure_reason(status) if is_closed else None,
    )
    return Taking(intake, [] if is_closed else gaps_of(values))


def gaps_of(values: Mapping[str, Any]) -> list[Gap]:
    """What must be asked after this row was taken as an open case."""
    gaps = [Gap.SAFE_CONTACT]
    if not values.get("prs_PrimaryLanguage"):
        gaps.append(Gap.LANGUAGE)
    consent = _reported_consent(values)
    gaps.append(Gap.CONSENT if consent is None else Gap.CONSENT_REPORTED if consent else Gap.CONSENT_REFUSED)
    status = values.get("vic_TraffickingStatus")
    if not status:
        gaps.append(Gap.STATUS)
    elif status in DECIDED:
        gaps.append(Gap.STATUS_DECISION)
    return gaps


def _from_sheet() -> str:
    """Where an answer comes from that a sheet brought, in words for colleagues."""
    return _("Reported in an imported case sheet")


def _whole_day(text: Any) -> dt.date | None:
    """A day; a year or a month alone is none."""
    return dt.date.fromisoformat(text) if text and len(text) == 10 else None


def _birth(text: str) -> tuple[dt.date | None, str]:
    """The date of birth and how exact it is; of a year alone the first of January, said to be no more than a year."""
    if len(text) == 4:
        return dt.date(int(text), 1, 1), BirthdatePrecision.YEAR.value
    if len(text) == 7:
        return dt.date.fromisoformat(f"{text}-01"), BirthdatePrecision.MONTH.value
    return _whole_day(text), ""


def _reported_consent(values: Mapping[str, Any]) -> bool | None:
    reported = values.get("con_Consent", values.get("vic_AgreementToManagePersonalData"))
    return None if reported is None else bool(reported)


def _consent_state(values: Mapping[str, Any]) -> str:
    """TRUE in a sheet is a report, not a consent (R2); a refusal is taken at its word."""
    return ConsentState.DECLINED if _reported_consent(values) is False else ConsentState.PENDING


def _consent_record(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the sheet reports. The day, the language and who asked are missing, and missing means "not asked"."""
    reported = _reported_consent(values)
    return {} if reported is None else {"as_reported": reported, "source": _from_sheet()}


def _answers(answers: dict[str, Any]) -> dict[str, Any]:
    """The profile, with the source of the status; what a determined status lacks (R5) is "not asked"."""
    status = answers.get("vic_TraffickingStatus")
    if not status:
        return {**answers, "vic_TraffickingStatus": NullFlavour.NOT_ASKED.value}
    asked = DECISION if status in DECIDED else ()
    lacking = {name: NullFlavour.NOT_ASKED.value for name in asked if not answers.get(name)}
    return {**answers, **lacking, STATUS_SOURCE: _from_sheet()}


def _closed_on(values: Mapping[str, Any], opened_on: dt.date, today: dt.date) -> dt.date:
    """The standard has no closing date: the day of the outgoing referral where there is one, else the day of taking."""
    return max(_whole_day(values.get("cas_OutgoingReferralDate")) or today, opened_on)


def _closure_reason(status: CaseStatus) -> str:
    """The coded reason; the words of the sheet are kept beside it."""
    return ClosureReason.TRANSFERRED.value if status == CaseStatus.CLOSED_REFERRED else ClosureReason.OTHER.value
