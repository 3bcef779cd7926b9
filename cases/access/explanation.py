"""Why somebody can or cannot open something, and who could at a moment: answered from the grants, not from the rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock
from audit.history import history_model_of
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import AccountState, Membership, User
from cases.access.door import _standing_walls
from cases.access.rows import end_of, grants_with_grounds
from cases.models import AccessGrant, Case, Wall

#: A grant that runs longer than this was given until it is taken back; its date would only confuse.
NO_DATE_SET = timedelta(days=365 * 5)


@dataclass(frozen=True)
class Explanation:
    """The answer, and one sentence for people."""

    allowed: bool
    sentence: str
    grant: AccessGrant | None = None


@dataclass(frozen=True)
class Viewer:
    """One line of "Who can see this": whom, by which grant, which sections, until when."""

    who: str
    grant: AccessGrant
    sections: list[Section]
    writes: bool
    until: datetime

    @property
    def is_open_ended(self) -> bool:
        """Given until it is taken back."""
        return self.until - self.grant.valid_from > NO_DATE_SET


def explain(actor: User, case: Case, permission: str = READ_CARD, *, at: datetime | None = None) -> Explanation:
    """Why ``actor`` may or may not use ``permission`` on ``case``. A walled person reads what a stranger reads."""
    at = at or clock.moment()
    no_ground = Explanation(False, _("There is no access to this case."))
    if not actor.is_active:
        return no_ground
    group_ids = set(actor.team_group_ids(at))
    if _standing_walls(actor, group_ids, at).filter(case=case).exists():
        return no_ground
    lapsed: AccessGrant | None = None
    for grant in grants_with_grounds().filter(case=case).order_by("-granted_at"):
        is_hers = grant.person_id == actor.pk or (
            grant.team_id and grant.team.group_id in group_ids and not case.is_restricted
        )
        if not is_hers or permission not in grant.permissions:
            continue
        if grant.valid_from <= at < end_of(grant):
            end = end_of(grant)
            if end - at > NO_DATE_SET:
                sentence = _("Access by “%(kind)s”, until it is taken back.") % {"kind": grant.get_kind_display()}
            else:
                words = {"kind": grant.get_kind_display(), "until": date_format(end)}
                sentence = _("Access by “%(kind)s” until %(until)s.") % words
            return Explanation(True, sentence, grant)
        lapsed = lapsed or grant
    if lapsed is not None:
        words = {"kind": lapsed.get_kind_display(), "on": date_format(end_of(lapsed))}
        return Explanation(False, _("Access by “%(kind)s” ended on %(on)s.") % words, lapsed)
    return no_ground


def who_can_see(case: Case, *, at: datetime | None = None) -> list[Viewer]:
    """Everybody who can open anything of the case at a moment: people and teams, with ground and end. No walls are listed."""
    at = at or clock.moment()
    viewers = []
    for grant in grants_with_grounds().filter(case=case, valid_from__lte=at).order_by("granted_at", "pk"):
        until = end_of(grant)
        if at >= until or (grant.team_id and case.is_restricted):
            continue
        sections = [section for section in Section if read(section) in grant.permissions]
        if "read_matter" in grant.permissions:
            sections.append(Section.LEGAL_FILE)
        writes = any(codename.startswith("write_") for codename in grant.permissions)
        who = grant.person.name if grant.person_id else grant.team.name
        viewers.append(Viewer(who=who, grant=grant, sections=sections, writes=writes, until=until))
    return viewers


def who_could_see(case: Case, permission: str, at: datetime) -> dict[User, list[AccessGrant]]:
    """Each person who could use ``permission`` on the case at any moment, past ones too, with the grants it rested on.

    Teams are the people who belonged to them then; accounts that were closed then, and walls that stood, are taken out.
    From grants, memberships, account periods and versions alone: permission rows are deleted when they end.
    """
    grants = grants_with_grounds().filter(case=case, valid_from__lte=at).order_by("granted_at", "pk")
    in_force = [grant for grant in grants if permission in grant.permissions and at < end_of(grant)]
    if _was_restricted(case, at):
        in_force = [grant for grant in in_force if grant.person_id]
    of_teams: dict[int, list[int]] = {}
    for membership in Membership.objects.live(at).filter(team__in=[one.team_id for one in in_force if one.team_id]):
        of_teams.setdefault(membership.team_id, []).append(membership.user_id)
    found: dict[int, list[AccessGrant]] = {}
    for grant in in_force:
        for key in [grant.person_id] if grant.person_id else of_teams.get(grant.team_id, []):
            found.setdefault(key, []).append(grant)
    people = User.objects.filter(pk__in=found, account_states__in=AccountState.objects.at(at))
    return {person: found[person.pk] for person in people.exclude(pk__in=_kept_away(case, at)).by_name()}


def _kept_away(case: Case, at: datetime) -> set[int]:
    """Keys of the people behind a wall of this case at that moment, by themselves or through a team."""
    walls = Wall._base_manager.filter(case=case, placed_at__lte=at, lifted_at__gt=at)
    members = Membership.objects.live(at).filter(team__in=walls.filter(team__isnull=False).values("team"))
    by_name = walls.filter(person__isnull=False)
    return {*by_name.values_list("person_id", flat=True), *members.values_list("user_id", flat=True)}


def _was_restricted(case: Case, at: datetime) -> bool:
    """Whether the case was restricted at that moment: its last version until then says so."""
    versions = history_model_of(Case)._default_manager.filter(id=case.pk, history_date__lte=at)
    last = versions.order_by("-history_date", "-history_id").values_list("is_restricted", flat=True).first()
    return case.is_restricted if last is None else last


@dataclass(frozen=True)
class EndedMatter:
    """What a former reader of a matter may still know: that it ended, when, and whom to ask. Nothing more."""

    ended_on: datetime
    organisation: str


def ended_matters(actor: User, *, at: datetime | None = None) -> list[EndedMatter]:
    """Matters whose access by the actor has ended within a year: a line each, without a word of their content."""
    at = at or clock.moment()
    grants = grants_with_grounds().filter(person=actor, matter__isnull=False, parent__isnull=True)
    ended = [(end_of(grant), grant.case.organisation.name) for grant in grants.select_related("case__organisation")]
    return [EndedMatter(end, name) for end, name in sorted(ended, reverse=True) if end <= at and (at - end).days <= 365]
