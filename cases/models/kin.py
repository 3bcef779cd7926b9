"""Her family, and the people who stand by her. Neither is a survivor of this case: they are counted apart (domain.md §2.2)."""

from django.conf import settings
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON
from cases.models.base import CaseRecord


class FamilyMember(CaseRecord):
    """Somebody of her family, a dependant or not. ``who`` holds the answers ``cases.kin_answers.KIN`` by their names.

    Relation, age, whether eligible and whether in danger are sealed with the name: two of them would tell who it is.
    """

    home_section = Section.IDENTITY

    who = SealedJSON(fid="family_member.who", section=Section.IDENTITY)
    row_mac = RowMac()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class SupportContact(CaseRecord):
    """Somebody who stands by her. ``who`` holds the answers ``cases.kin_answers.PERSON`` by their names.

    ``reached_by`` holds telephone and e-mail. It is opened on the page of an attempt alone, after the rule was read: to
    contact a third person is an outreach, too (domain.md §8.4).
    """

    home_section = Section.IDENTITY

    who = SealedJSON(fid="support_contact.who", section=Section.IDENTITY)
    reached_by = SealedJSON(fid="support_contact.reached_by", section=Section.IDENTITY, null=True)
    row_mac = RowMac()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
