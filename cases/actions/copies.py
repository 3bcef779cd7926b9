"""Copies that somebody outside took along: when her access ends, somebody of the house asks for them back (domain.md §0b)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.actions.tasks import put_task
from cases.models import AccessGrant, Case, Release

#: How soon somebody asks.
ASK_WITHIN = timedelta(days=7)
#: What puts a copy into somebody's hands.
_TAKEN = (Verb.DOCUMENT_DOWNLOADED, Verb.PRINT_MADE, Verb.EXPORT_MADE)


def ask_for_copies(
    *, by: User, now: datetime, case: Case, ended: Iterable[AccessGrant], by_schedule: bool = False
) -> int:
    """A task for each outsider who took copies of the house's papers along and whose access has just ended; how many.

    What she took from her own file is hers. Inside the action that ended the access, the case row locked. ``by``: in whose
    name; ``by_schedule``: nobody pressed a button. Records TASK_ADDED for each.
    """
    people = {
        grant.person.uid: grant.person for grant in ended
        if grant.person is not None and grant.person.organisation_id != case.organisation_id
    }  # fmt: skip
    if not people or case.has_erased(Section.DUTIES):
        return 0
    taken = Event.objects.filter(case_uid=case.uid, verb__in=_TAKEN, actor_uid__in=list(people), is_privileged=False)
    names = sorted(people[uid].name for uid in set(taken.values_list("actor_uid", flat=True)) if uid is not None)
    for name in names:
        put_task(
            actor=by, now=now, case=case, section=Section.DUTIES, assigned_to=_who_asks(case, by), by_schedule=by_schedule,
            title=_("Ask %(who)s to give back or destroy the copies they took of this case") % {"who": name},
            due_on=timezone.localdate(now + ASK_WITHIN, by.zone),
        )  # fmt: skip
    return len(names)


def ask_after_the_end(*, now: datetime, case: Case, release: Release) -> int:
    """The same for a release that ran out and was not renewed, by the schedule, in the name of whoever recorded it."""
    if release.withdrawn_at is not None:
        return 0
    ended = access.grants_with_grounds().filter(case=case, release=release, revoked_at__isnull=True)
    return ask_for_copies(by=release.recorded_by, now=now, case=case, ended=list(ended), by_schedule=True)


def _who_asks(case: Case, by: User) -> User:
    """The lead, if she may write the duties of the case; else in whose name it is asked."""
    lead = case.lead
    holding = access.holdings(lead, [case]).get(case.pk) if lead is not None and lead.is_active else None
    return lead if lead is not None and holding is not None and holding.writes(Section.DUTIES) else by
