"""A number that calls: whether it is of somebody to whom nobody here speaks (domain.md §8.4, ``DoNotContact``).

Whoever is written down on a case as having done something, or is marked so, is on the list by their telephone, which is
kept blind (``OtherPersonToken``). The answer names no case and no person: it is about the caller, never about her.
"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from cases import access, likeness, spelling
from cases.actions.tasks import put_task
from cases.callers import STAFF_ROLES
from cases.choices.other_people import ComparedAs
from cases.errors.callers import NumberTooShort
from cases.models import Case, OtherPerson, OtherPersonToken


@action
def check_number(*, actor: User, now: datetime, number: str) -> bool:
    """Whether nobody of the house speaks with whoever calls from this number.

    Cases from which the asker is kept away are left out, so that nobody learns of a relative. Raises Refused,
    NumberTooShort. Records NUMBER_CHECKED with 1 or 0, and never the number.
    """
    if not actor.holds_role(*STAFF_ROLES, at=now):
        raise Refused(write(Section.CARD))
    if len(spelling.digits(number)) < spelling.PHONE_DIGITS:
        raise NumberTooShort
    is_listed = _listed(actor, number).exists()
    record(Verb.NUMBER_CHECKED, actor=actor, detail={"count": int(is_listed)})
    return is_listed


def tell_of_call(actor: User, *, number: str, now: datetime) -> bool:
    """Inside the action that writes a call down: whoever leads a case that lists this number has a task today.

    Says whether the number was listed, and nothing of which case. Of a closed case nobody is told. Records TASK_ADDED.
    """
    listed = _listed(actor, number)
    people = access.for_the_house(OtherPerson).filter(pk__in=listed.values("person_id")).select_related("case__lead")
    found = list(people.order_by("pk"))
    for person in found:
        if person.case.lead is not None and not person.case.is_closed:
            put_task(
                actor=actor, now=now, case=person.case, section=Section.SAFETY,
                title=_("Somebody with whom nobody here speaks has called. See “Other people”, and look at her safety."),
                due_on=timezone.localdate(now, person.case.lead.zone), assigned_to=person.case.lead,
            )  # fmt: skip
    return bool(found)


def _listed(actor: User, number: str) -> QuerySet[OtherPersonToken]:
    """What is kept of this number in cases of the asker's house, but those behind a wall of hers."""
    tokens = sorted(likeness.phones_asked(spelling.digits(number)))
    theirs = access.for_the_house(Case).filter(
        ~Q(pk__in=access.walled_cases(actor)), organisation=actor.organisation_id
    )
    return access.for_the_house(OtherPersonToken).filter(
        compared_as__in=(ComparedAs.PHONE, ComparedAs.CALLS),
        token__in=sorted(tokens),
        person__ended_at__isnull=True,
        case__in=theirs,
    )
