"""What an attorney is told of the end of her engagement: the day on her list, and a notice when it comes sooner.

The engagement is her access to a matter that rests on no release (``AccessGrant.is_own_file``). After its end her own file
stays open to be read for AFTER_ENGAGEMENT (``cases.access.rows.closes_at``).
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.access.sections import Section
from cases.actions.trail import notify, set_due
from cases.choices.casework import DueKind
from cases.models import AccessGrant

#: It ended before its day: she has some days to take her file along.
NOTICE_ENGAGEMENT_OVER = "ENGAGEMENT_OVER"


def put_engagement_on_list(grant: AccessGrant) -> None:
    """The day on which an attorney's engagement ends, on her list: she hears of it in time (``NOTICE_DAYS``).

    Inside an action that holds the case. Does nothing for any other access.
    """
    if grant.is_own_file and grant.person is not None:
        set_due(
            case=grant.case, section=Section.LEGAL, kind=DueKind.ENGAGEMENT, subject=grant, matter=grant.matter,
            due_on=timezone.localdate(grant.expires_at, grant.person.zone), assigned_to=grant.person,
            line=_("The engagement on this matter ends"),
        )  # fmt: skip


def tell_of_the_end(grant: AccessGrant, *, now: datetime) -> None:
    """The attorney hears that an engagement has ended, not which."""
    if grant.person is not None:
        notify(person=grant.person, kind=NOTICE_ENGAGEMENT_OVER, about=grant, now=now)
