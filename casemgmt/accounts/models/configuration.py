"""What an administrator chose for the whole house, without code."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel
from casemgmt.interface.house import HouseWords


class HouseSettings(AuditedModel):
    """The one row of settings of this house; an empty column means: as Haven is shipped. No case right comes with it."""

    #: There is one house; the column lets the database refuse a second row.
    house = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site_name = models.CharField(_("name of this site"), max_length=40, blank=True)
    default_language = models.CharField(_("usual language"), max_length=8, blank=True)
    languages = models.JSONField(_("languages that are offered"), default=list)
    her_word = models.CharField(_("word for whom you work for"), max_length=16, blank=True)
    time_zone = models.CharField(_("time zone of new accounts"), max_length=64, blank=True)
    changed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(house=1), name="house_settings_of_one_house")]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def words(self) -> HouseWords:
        """As pages read it."""
        return HouseWords(self.site_name, self.default_language, tuple(self.languages), self.her_word, self.time_zone)
