"""Codes of the list of cases."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.choices import Role


class BulkAct(TextChoices):
    """What can be done with several ticked cases of a list, each by its ordinary act."""

    TASK = "TASK", _("Give a task")
    TAG = "TAG", _("Put a tag on")
    UNTAG = "UNTAG", _("Take a tag off")
    LEAD = "LEAD", _("Choose a new lead")
    SHEET = "SHEET", _("Take these as a sheet")


#: Who works with lists of cases. An attorney has matters and no list; a partner has what was referred.
EXPORTING_ROLES = (Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR, Role.INTAKE_COORDINATOR, Role.DIRECTOR)


class RowResult(TextChoices):
    """What became of one case."""

    DONE = "DONE", _("Done")
    ALREADY = "ALREADY", _("Was so already")
    NOT_ALLOWED = "NOT_ALLOWED", _("Not done")
