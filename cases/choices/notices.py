"""Codes of notices that more than one place writes, or that a room above this one writes: what a home says of them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.choices.casework import DueKind

#: Given a legal matter: by a release, by approval, by whoever leads the case.
NOTICE_MATTER = "MATTER_GIVEN"
#: A plan waits for a supervisor; a plan was approved or sent back.
NOTICE_PLAN, NOTICE_PLAN_DECIDED = "PLAN_WAITS", "PLAN_DECIDED"
#: Papers that a judge ordered wait for a second person; they were approved or declined.
NOTICE_PRODUCTION, NOTICE_PRODUCTION_DECIDED = "PRODUCTION_WAITS", "PRODUCTION_DECIDED"
#: The last supervisor of a team has gone.
NOTICE_UNSUPERVISED = "TEAM_UNSUPERVISED"
#: Once a month, for whoever leads an open case: it says nothing of any case (``cases.actions.ages``).
NOTICE_AGES = "AGE_DATES"
#: What the house does not do by itself, and nobody did in time.
NOTICE_BACKUP, NOTICE_DRILL = "BACKUP_OVERDUE", "DRILL_OVERDUE"
NOTICE_KEYS, NOTICE_INDEX = "KEYS_OVERDUE", "INDEX_OVERDUE"
NOTICE_SEALING = "SEALING_LATE"
#: The ledger was found not to be whole; somebody at the server made a bundle of it in a person's name.
NOTICE_LEDGER, NOTICE_BUNDLE = "LEDGER_NOT_WHOLE", "LEDGER_BUNDLED"
#: Everything the house owns was written into a folder by somebody at the server.
NOTICE_WAY_OUT = "WAY_OUT"


class ReminderMail(TextChoices):
    """When a person is reminded by e-mail. Off until she chooses: a letter on a telephone tells whoever holds it."""

    OFF = "OFF", _("Never")
    MORNING = "MORNING", _("In the morning of a working day on which something is due")
    DAY_BEFORE = (
        "DAY_BEFORE",
        _("In the morning when something is due, and the working day before a hearing or legal deadline"),
    )


#: Of these a person may choose to see no notice: they stand in her lists and her week all the same. What somebody waits
#: for, or the law or the house asks of her by a day, is always said.
MAY_BE_HIDDEN: tuple[DueKind, ...] = (
    DueKind.TASK,
    DueKind.DEADLINE,
    DueKind.HEARING,
    DueKind.FOLLOW_UP,
    DueKind.SAFETY_REVIEW,
    DueKind.RELEASE_ENDS,
    DueKind.ACCESS_ENDS,
    DueKind.ENGAGEMENT,
    DueKind.DOCUMENT_RENEW,
)
