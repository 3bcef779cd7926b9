"""Other people on a case: the accused and their associates, witnesses; and by what they are compared (domain.md R20)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from casemgmt.access.permissions import GuardedQuerySet
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.choices.other_people import ComparedAs, NamedAnswer
from cases.models.base import CaseRecord


class OtherPerson(CaseRecord):
    """Somebody else of whom a case speaks, under that case's own keys: never on its card, its header or a paper.

    ``who`` holds ``{"first_name", "family_name", "other_names", "birth_date", "phone", "looks", "roles", "known_as",
    "standing", "standing_on", "no_contact", "ended"}``: dates as ISO texts, codes of ``cases.choices.other_people``. ``part``
    is what she said of what they did (``per_RoleDetails``): part of what happened, so fewer people read it.
    ``checked_at`` is when a job compared them with the survivors there are; NULL until then.
    """

    home_section = Section.SAFETY

    who = SealedJSON(fid="other_person.who", section=Section.SAFETY)
    dangers = SealedText(fid="other_person.dangers", section=Section.SAFETY, blank=True)
    part = SealedText(fid="other_person.part", section=Section.NARRATIVE, null=True, blank=True)
    row_mac = RowMac()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta(CaseRecord.Meta):
        indexes = [
            models.Index(fields=["id"], condition=Q(checked_at__isnull=True), name="other_person_waiting"),
        ]


class OtherPersonToken(models.Model):
    """A truncated keyed fingerprint by which somebody is compared while nobody reads it (``ComparedAs``).

    Of whoever is said to have done something; of others the telephone alone, where nobody speaks with them. Deleted when
    the entry ends or its key goes. Useless without the key.
    """

    person = models.ForeignKey(OtherPerson, models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    compared_as = models.CharField(max_length=6, choices=ComparedAs.choices)
    token = models.BigIntegerField()

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["compared_as", "token", "person"], name="one_token_of_an_other_person")
        ]


class NamedMatch(CaseRecord):
    """Somebody who is named in a case may be the survivor of another one. The intake coordinator alone hears of it.

    ``what`` holds ``{"person", "other"}``: uids of the entry and of the other case, sealed, so that no stolen table says
    which client may be whose trafficker. ``fingerprint`` is keyed: the same pair is listed once. ``section`` is DUTIES,
    or CARD once the class of DUTIES is erased.
    """

    home_section = Section.DUTIES

    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    what = SealedJSON(fid="named_match.what", section="section")
    fingerprint = models.BigIntegerField()
    found_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=NamedAnswer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case", "fingerprint"], name="one_named_match_of_two"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | ~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="named_match_answered_whole",
            ),
        ]
