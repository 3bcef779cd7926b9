"""Where she lives, and for whom that may stand nowhere (domain.md R13): the house is her address then, "in care of"."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from casemgmt.access.sections import Section
from cases import access
from cases.answers import ADDRESS, is_answered
from cases.choices.safety import AlertCode
from cases.choices.sharing import GrantKind
from cases.choices.survivor import ContactChannel
from cases.kin_answers import WHERE
from cases.models import AccessGrant, Case

#: Answers that tell where she is, or would.
TELLING = frozenset({*ADDRESS, WHERE})


def lives_in_shelter(case: Case, at: datetime) -> bool:
    """Whether she lives in a shelter of the house: from admission until some days after her exit. One query."""
    stays = access.within(AccessGrant, case).filter(kind=GrantKind.RESIDENCE, valid_from__lte=at, expires_at__gt=at)
    return stays.filter(revoked_at__isnull=True).exists()


def address_is_confidential(case: Case, alerts: Iterable[str], at: datetime) -> bool:
    """Whether no address may stand on this record (domain.md R13): an alert says so, or she lives in a shelter."""
    return AlertCode.ADDRESS_CONFIDENTIAL in alerts or lives_in_shelter(case, at)


def is_hidden(case: Case, at: datetime) -> bool:
    """The same for a page, while the case is open. Where the card was erased nobody can say, and nothing shows."""
    return case.has_erased(Section.CARD) or address_is_confidential(case, case.alerts or [], at)


def care_of(case: Case) -> str:
    """What stands in the place of an address."""
    return _("In care of %(organisation)s") % {"organisation": case.organisation.name}


def without_address(answers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Answers without those that tell where she is."""
    return {name: value for name, value in (answers or {}).items() if name not in TELLING}


def is_letter(rule: Mapping[str, Any]) -> bool:
    """Whether the value beside a safe-contact rule is an address."""
    return rule.get("channel") == ContactChannel.POST


def tells(answers: Mapping[str, Any] | None) -> bool:
    """Whether one of the answers tells where she is."""
    return any(is_answered((answers or {}).get(name)) for name in TELLING)
