"""Duties of law: who signed a release, what a court or an authority sent, what the law demanded to be reported.

Content-thin: codes and words are sealed under DUTIES, dates stay plain, because lists and deadlines are made of them.
"""

from django.conf import settings
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedJSON
from cases.models.base import CaseRecord


class ReleaseSignature(CaseRecord):
    """One person who signed a release. Written with it, and never changed.

    ``facts`` holds ``{"who": CLIENT|GUARDIAN|REPRESENTATIVE, "name", "evidence", "sha256", "kept_where"}``; ``name`` only of
    whoever signs with her or for her. ``document`` is the sealed picture or scan; None where the paper lies in a file.
    """

    home_section = Section.DUTIES
    #: Written once: the database refuses every other change (``audit.protection``).
    set_once: tuple[str, ...] = ()

    release = models.ForeignKey("cases.Release", models.PROTECT, related_name="+")
    document = models.ForeignKey("cases.Document", models.PROTECT, related_name="+", null=True)
    facts = SealedJSON(fid="signature.facts", section=Section.DUTIES)
    signed_on = models.DateField()


class LegalProcess(CaseRecord):
    """A subpoena, warrant, order or request about her. It opens nothing by itself; only a judge's order lets anything go.

    ``facts`` holds ``{"kind", "issuer", "reference", "scope"}``, later ``"response"`` (``ProcessResponse``), ``"told_how"`` and
    ``"wishes"`` of the survivor, ``"put_off"`` (``{"authority", "because"}``: who forbids telling her, until
    ``put_off_until``), and ``"withheld"``, the privilege log: ``[{"what", "privilege", "number", "dated"}]``, without
    content. ``is_judicial`` stands plain, so that whether anything may be given is asked without opening it; days are local
    calendar dates. Until ``over_at`` it holds the case by itself (``cases.holds``).
    """

    home_section = Section.DUTIES

    facts = SealedJSON(fid="process.facts", section=Section.DUTIES)
    is_judicial = models.BooleanField()
    received_on = models.DateField()
    due_on = models.DateField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    counsel_told_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    put_off_until = models.DateField(null=True)


class MandatedReport(CaseRecord):
    """A report that a statute demands (domain.md §2.7). Who reported is protected: the survivor's account leaves it out.

    ``facts`` holds ``{"trigger", "jurisdiction", "authority", "agency", "reference", "minimum_only", "informed_before",
    "why_not_informed", "reporter", "in_writing"}``; ``minimum_only`` is None until something was given. Days are local calendar
    dates; ``reported_on`` is empty while it is still to be made. Where the law counts hours, ``due_at`` is the moment by which
    it is said, ``said_at`` when it was.
    """

    home_section = Section.DUTIES

    facts = SealedJSON(fid="report.facts", section=Section.DUTIES)
    discovered_on = models.DateField()
    due_on = models.DateField()
    reported_on = models.DateField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    said_at = models.DateTimeField(null=True)
