"""Contacts at other organisations: an officer, a school, a clinic; and which of them has to do with a case."""

from typing import Any

from django.conf import settings
from django.db import models

from audit.history import SealedCaseModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON
from casemgmt.crypto.models import for_new_rows
from cases.models.base import CaseRecord, CaseRoomManager


class HouseContact(SealedCaseModel):
    """Somebody at another organisation with whom the house works, sealed by the key of the organisation that keeps it.

    ``about`` holds ``{"name", "role", "at", "phone", "email"}``. ``partner`` is their organisation where releases can name
    it. No column leads from here to a case.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    partner = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", null=True)
    about = SealedJSON(fid="house_contact.about", section=Section.CARD)
    row_mac = RowMac()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CaseRoomManager()

    class Meta(SealedCaseModel.Meta):
        indexes = [models.Index(fields=["organisation", "id"], name="house_contact_list")]

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        organisation = kwargs.get("organisation")
        if organisation is not None:
            kwargs.setdefault("case_uid", organisation.uid)
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return f"housecontact {self.uid}"


class CaseContact(CaseRecord):
    """That somebody outside has to do with a case, and how: ``what`` holds ``{"contact", "words"}``, a uid and a few words.

    It opens nothing to anybody: what may be said follows from her releases.
    """

    home_section = Section.ADVOCACY

    what = SealedJSON(fid="case_contact.what", section=Section.ADVOCACY)
    row_mac = RowMac()
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
