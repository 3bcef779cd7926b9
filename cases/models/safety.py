"""Safety as it was assessed each time, who was called, what happened, and what warns whom (domain.md §8.1, §8.3)."""

from django.conf import settings
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.models.base import CaseRecord


class SafetyAssessment(CaseRecord):
    """One look at the danger, as it was then. It is never changed: the next look is a row of its own.

    ``answers`` holds the items (``RiskItem``) that were gone through, by code; ``verdict`` holds ``{"level", "suggested",
    "because", "reason", "own_view", "concerns"}``: what a person set and why, what the rule suggested and which items
    caused that, and her own view with her concerns in her words.
    """

    home_section = Section.SAFETY

    answers = SealedJSON(fid="safety_assessment.answers", section=Section.SAFETY)
    verdict = SealedJSON(fid="safety_assessment.verdict", section=Section.SAFETY)
    row_mac = RowMac()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class SafetyCall(CaseRecord):
    """Somebody has to look within the hour, and says that she does (domain.md R19). One open call a case.

    ``why`` is a code (``CallCause``). ``asked`` is who has to look: whoever is on duty, else a supervisor.
    """

    home_section = Section.SAFETY

    why = SealedText(fid="safety_call.why", section=Section.SAFETY)
    row_mac = RowMac()
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    escalated_at = models.DateTimeField(null=True)


class CaseAlert(CaseRecord):
    """One warning of a case (domain.md §8.3). Who may see it is its ``section``: nobody else has the key to it.

    ``what`` holds ``{"code", "severity", "words"}``; what could shame her is a code without words (``CODED_ALONE``).
    ``seen`` lists who has acknowledged it, and when: ``[[uid, moment], …]``. An alert for everybody on the case also
    stands on the card (``Case.alerts``), where rules and lists read it.
    """

    section = models.CharField(max_length=20, choices=Section.choices)
    what = SealedJSON(fid="case_alert.what", section="section")
    seen = SealedJSON(fid="case_alert.seen", section="section", null=True)
    row_mac = RowMac()
    starts_on = models.DateField()
    review_on = models.DateField()
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)


class SafetyIncident(CaseRecord):
    """Something that happened to her and touches her safety. It is never changed; a later word is an entry of its own.

    ``facts`` holds ``{"kind", "what", "done", "told", "follow_up"}``: what kind (``IncidentKind``), what happened, what was
    done, who was told, and what is to be done yet (which is a task as well).
    """

    home_section = Section.SAFETY

    facts = SealedJSON(fid="safety_incident.facts", section=Section.SAFETY)
    row_mac = RowMac()
    happened_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
