"""The cast of the demo and of the tests: fictional people with one right each, made through the real actions."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.action import action

from .actions.people import accept_invitation, create_administrator, invite_person
from .actions.teams import add_member, create_organisation, create_team
from .choices import Discipline, OrganisationKind, Role
from .models import Invitation, Organisation, Team, User

HOUSE = "Harbour House (demo)"
FIRM = "Okafor & Partners (demo)"
PARTNER = "Bridge Street Clinic (demo)"
INTERPRETERS = "Harbour Interpreters (demo)"


@dataclass(frozen=True)
class Member:
    """One of the cast: ``key`` signs in (``person=amina``), ``team`` is a key of ``TEAMS``."""

    key: str
    name: str
    line: str | Promise
    roles: tuple[str, ...]
    organisation: str = HOUSE
    team: str = ""
    is_supervisor: bool = False

    @property
    def email(self) -> str:
        """``amina@example.org``."""
        return f"{self.key}@example.org"

    @property
    def first_name(self) -> str:
        """What the demo's buttons say."""
        return self.name.split()[0]


#: key: (name, discipline, programme)
TEAMS: dict[str, tuple[str, str, str]] = {
    "north": ("North casework", Discipline.CASEWORK, "Harbour aftercare"),
    "south": ("South casework", Discipline.CASEWORK, "Harbour aftercare"),
    "clinic": ("Clinic", Discipline.CLINICAL, "Harbour health"),
    "shelter": ("Shelter", Discipline.SHELTER, "Harbour shelter"),
    "legal": ("Legal", Discipline.LEGAL, "Harbour legal aid"),
}
ORGANISATIONS: tuple[tuple[str, str, bool], ...] = (
    (HOUSE, OrganisationKind.SERVICE_PROVIDER, True),
    (FIRM, OrganisationKind.LAW_FIRM, False),
    (PARTNER, OrganisationKind.SERVICE_PROVIDER, False),
    (INTERPRETERS, OrganisationKind.OTHER, False),
)

# fmt: off
CAST: tuple[Member, ...] = (
    Member("amina", "Amina Rivers", _("Caseworker of the North team: her cases, from intake to follow-up."),
           (Role.CASEWORKER,), team="north"),
    Member("bea", "Bea Meadows", _("Amina's supervisor: the North team's cases, releases and who may see what."),
           (Role.SUPERVISOR,), team="north", is_supervisor=True),
    Member("chidi", "Chidi Okafor", _("Pro bono attorney: one matter until a date, and what its release names."),
           (Role.PRO_BONO_ATTORNEY,), organisation=FIRM),
    Member("dana", "Dana Hill", _("Caseworker of the South team: of the North team's cases she sees nothing."),
           (Role.CASEWORKER,), team="south"),
    Member("elif", "Elif Lake", _("Internal auditor: who did what and why, without the name of any survivor."),
           (Role.INTERNAL_AUDITOR,)),
    Member("farid", "Farid Field", _("Administrator: people, teams and roles, and no case."),
           (Role.ADMINISTRATOR,)),
    Member("gita", "Gita Marsh", _("Clinician: health and counselling of the people she treats."),
           (Role.CLINICIAN,), team="clinic"),
    Member("hugo", "Hugo Vale", _("Works at a partner organisation: only what was referred to him by name."),
           (Role.PARTNER_STAFF,), organisation=PARTNER),
    Member("ines", "Ines Glen", _("Grants and reporting: counts, and no person."),
           (Role.GRANTS,)),
    Member("jonas", "Jonas Shore", _("Shelter worker: who stays in the house, and what keeps them safe."),
           (Role.SHELTER_WORKER,), team="shelter"),
    Member("kemi", "Kemi Wood", _("Privacy officer: duties, requests and erasure."),
           (Role.PRIVACY_OFFICER,)),
    Member("luis", "Luis Heath", _("Staff attorney: legal matters, walled from caseworkers' notes."),
           (Role.STAFF_ATTORNEY,), team="legal"),
    Member("mara", "Mara Pool", _("Intake coordinator: whether somebody who comes may be known already."),
           (Role.INTAKE_COORDINATOR,)),
    Member("nadia", "Nadia Fern", _("Dana's supervisor: the South team's cases."),
           (Role.SUPERVISOR,), team="south", is_supervisor=True),
    Member("omar", "Omar Reed", _("Director: answers for the house, approves what needs two people, and opens no case."),
           (Role.DIRECTOR,)),
    Member("petra", "Petra Dale", _("Interpreter: time, language and place of one appointment, from the day before."),
           (Role.INTERPRETER,), organisation=INTERPRETERS),
)
# fmt: on


def find(key: str) -> Member | None:
    """The member of the cast with this key, or None."""
    return next((member for member in CAST if member.key == key), None)


def create_cast(now: datetime) -> dict[str, User]:
    """Make organisations, teams and people as Farid would, through the real actions. Idempotent.

    Runs inside ``demo_context()`` (or a test's context). Nobody has a password: the demo signs in
    by its button. Returns key → User.
    """
    farid = _administrator(now)
    organisations = {name: _organisation(farid, now, name, kind, is_ours) for name, kind, is_ours in ORGANISATIONS}
    teams = {key: _team(farid, now, organisations[HOUSE], *spec) for key, spec in TEAMS.items()}
    people = {}
    # Supervisors first, so that a team has one before its first member comes.
    for member in sorted(CAST, key=lambda one: not one.is_supervisor):
        user = User.objects.filter(email=member.email).first()
        if user is None:
            user = _join(farid, now, member, organisations[member.organisation])
        if member.team and not user.memberships.not_over(now).filter(team=teams[member.team]).exists():
            add_member(actor=farid, now=now, team=teams[member.team], user=user, is_supervisor=member.is_supervisor)
        people[member.key] = user
    return {member.key: people[member.key] for member in CAST}


def _administrator(now: datetime) -> User:
    member = next(one for one in CAST if Role.ADMINISTRATOR in one.roles)
    found = User.objects.filter(email=member.email).first()
    if found is not None:
        return found
    invitation, token = _found_the_house(actor=None, now=now, member=member)
    return _accept(invitation.user, now, token)


@action
def _found_the_house(*, actor: None, now: datetime, member: Member) -> tuple[Invitation, str]:
    """What an operator does on the server, at the moment at which the story begins."""
    return create_administrator(now=now, email=member.email, name=member.name, organisation_name=HOUSE)


def _join(farid: User, now: datetime, member: Member, organisation: Organisation) -> User:
    invitation = invite_person(
        actor=farid, now=now, email=member.email, name=member.name, organisation=organisation, roles=member.roles
    )
    return _accept(invitation.user, now, invitation.token)


def _accept(user: User, now: datetime, token: str) -> User:
    return accept_invitation(actor=user, now=now, token=token, name=user.name, password=None)


def _organisation(farid: User, now: datetime, name: str, kind: str, is_ours: bool) -> Organisation:
    found = Organisation.objects.filter(name=name).first()
    return found or create_organisation(actor=farid, now=now, name=name, kind=kind, is_ours=is_ours)


def _team(farid: User, now: datetime, house: Organisation, name: str, discipline: str, programme: str) -> Team:
    found = house.teams.filter(name=name).first()
    return found or create_team(
        actor=farid, now=now, organisation=house, name=name, discipline=discipline, programme=programme
    )
