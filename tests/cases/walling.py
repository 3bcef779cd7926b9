"""Builders for the tests of walls: placing one, and whoever is asked about it."""

from typing import Any

from audit import clock
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.actions.people import accept_invitation, invite_person
from casemgmt.accounts.models import Organisation, User
from cases import access
from cases.actions.walls import place_wall
from cases.models import Case, Notice, Wall

WHY = "They went to the same school in Quillmoor"


def wall(case: Case, actor: User, **whom: Any) -> Wall:
    return place_wall(actor=actor, now=clock.now(), case_uid=case.uid, **whom)


def sees(person: User, case: Case) -> bool:
    return access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()


def newcomer(cast: Any, key: str, organisation: Organisation, *roles: str) -> User:
    """One more person, made as Farid would."""
    invitation = invite_person(
        actor=cast.farid, now=clock.now(), email=f"{key}@example.org", name=f"{key.title()} Brook",
        organisation=organisation, roles=roles,
    )  # fmt: skip
    user = invitation.user
    accept_invitation(actor=user, now=clock.now(), token=invitation.token, name=user.name, password=None)
    return User.objects.get(pk=user.pk)


def told(kind: str) -> list[str]:
    return sorted(Notice._base_manager.filter(kind=kind).values_list("person__name", flat=True))
