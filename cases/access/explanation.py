"""Why somebody can or cannot open something, and who else can: answered from the grants, not from the rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from audit import clock
from casemgmt.access.sections import READ_CARD, READ_MATTER, WRITE_MATTER, Section, read, write
from casemgmt.accounts.models import User
from cases.access.behind import Walls, people_behind
from cases.access.door import _standing_walls
from cases.access.rows import closes_at, end_for, end_of, grants_with_grounds, group_of, opened_by
from cases.models import AccessGrant, Case

#: A grant that runs longer than this was given until it is taken back; its date would only confuse.
NO_DATE_SET = timedelta(days=365 * 5)

#: How the reader of a case hears of her own ground. A kind without words of its own is called by its label.
_YOUR_GROUND = {
    "ASSIGNMENT": gettext_lazy("You are assigned to this case"),
    "SUPERVISION": gettext_lazy("You supervise the work on this case"),
    "CLINICAL": gettext_lazy("You give her clinical care"),
    "STAFF_COUNSEL": gettext_lazy("You are counsel of the house for her"),
    "PRO_BONO": gettext_lazy("You represent her in a legal matter"),
    "RESIDENCE": gettext_lazy("She lives in the house that you work in"),
    "ON_CALL": gettext_lazy("You were on call when this case needed somebody"),
    "BOOKING": gettext_lazy("You are booked for an appointment with her"),
    "REFERRAL": gettext_lazy("She was referred to your organisation"),
    "TRANSFER": gettext_lazy("Your organisation took over the work with her"),
    "DELEGATION": gettext_lazy("You stand in for a colleague"),
    "EMERGENCY": gettext_lazy("You took emergency access"),
}


@dataclass(frozen=True)
class Explanation:
    """The answer, and one sentence for people."""

    allowed: bool
    sentence: str
    grant: AccessGrant | None = None


@dataclass(frozen=True)
class Viewer:
    """One access to a case: whose, by which grant, which sections (those that may be written besides), until when.

    ``rests``: it opens nothing at this moment, because the account is closed or a wall stands. ``ended_on``: of an
    attorney's own file when her engagement ended, where she only reads it any more.
    """

    who: str
    grant: AccessGrant
    sections: list[Section]
    written: list[Section]
    until: datetime
    rests: bool = False
    ended_on: datetime | None = None

    @property
    def writes(self) -> bool:
        """Whether anything may be written by it."""
        return bool(self.written)

    @property
    def only_read(self) -> list[Section]:
        """The sections that may be read and not written."""
        return [section for section in self.sections if section not in self.written]

    @property
    def is_open_ended(self) -> bool:
        """Given until it is taken back."""
        return self.until - self.grant.valid_from > NO_DATE_SET


@dataclass(frozen=True)
class Ground:
    """One reason why the reader can see a case: a sentence, where it came from, and what it opens."""

    sentence: str
    origin: list[str]
    viewer: Viewer


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
            grant.team_id and group_of(grant) in group_ids and not case.is_restricted
        )
        if not is_hers or permission not in grant.permissions:
            continue
        end = end_for(grant, permission)
        if grant.valid_from <= at < end:
            if end_of(grant) <= at:
                words = {"on": _day(end_of(grant)), "until": _day(end)}
                sentence = _("The engagement ended on %(on)s. The file stays open to read until %(until)s.") % words
            elif end - at > NO_DATE_SET:
                sentence = _("Access by “%(kind)s”, until it is taken back.") % {"kind": grant.get_kind_display()}
            else:
                words = {"kind": grant.get_kind_display(), "until": _day(end_of(grant))}
                sentence = _("Access by “%(kind)s” until %(until)s.") % words
            return Explanation(True, sentence, grant)
        lapsed = lapsed or grant
    if lapsed is not None:
        words = {"kind": lapsed.get_kind_display(), "on": _day(end_for(lapsed, permission))}
        return Explanation(False, _("Access by “%(kind)s” ended on %(on)s.") % words, lapsed)
    return no_ground


# ---- Now: who can see this, and why can I ----


def live_access(case: Case, *, at: datetime | None = None) -> list[Viewer]:
    """Every access to the case that is in force, oldest first, also one that rests. Two queries, two more with walls.

    A restricted case leaves those of teams out.
    """
    at = at or clock.moment()
    grants = grants_with_grounds().filter(case=case, valid_from__lte=at)
    grants = grants.select_related("person__organisation", "granted_by").order_by("granted_at", "pk")
    live = [grant for grant in grants if at < closes_at(grant) and not (grant.team_id and case.is_restricted)]
    walls = Walls(case, at)
    away = walls.keep_away([grant.person_id for grant in live if grant.person_id is not None])

    def rests(grant: AccessGrant) -> bool:
        if grant.person is not None:
            return grant.person.pk in away or not grant.person.is_active
        team = grant.team
        return team is not None and (team.pk in walls.teams or team.organisation_id in walls.organisations)

    return [_viewer(grant, at, rests=rests(grant)) for grant in live]


def who_can_see(case: Case, *, at: datetime | None = None) -> list[Viewer]:
    """Everybody who can open anything of the case at a moment: people and teams, with ground and end. No walls are listed."""
    return [viewer for viewer in live_access(case, at=at) if not viewer.rests]


def _viewer(grant: AccessGrant, at: datetime, *, rests: bool) -> Viewer:
    who = grant.person.name if grant.person else grant.team.name if grant.team else ""
    opened, end = opened_by(grant, at), end_of(grant)
    is_over = end <= at
    return Viewer(
        who=who, grant=grant, sections=sections_of(opened), written=written_by(opened),
        until=closes_at(grant) if is_over else end, rests=rests, ended_on=end if is_over else None,
    )  # fmt: skip


def sections_of(permissions: Iterable[str]) -> list[Section]:
    """The sections that these codenames let one read; the file is that of the matter."""
    return _opened_by(permissions, read, READ_MATTER)


def written_by(permissions: Iterable[str]) -> list[Section]:
    """The sections that these codenames let one write."""
    return _opened_by(permissions, write, WRITE_MATTER)


def _opened_by(permissions: Iterable[str], codename_of: Callable[[str], str], of_matter: str) -> list[Section]:
    """The sections named in these codenames, in the order of the enumeration; the file by its matter's."""
    held = set(permissions)
    return [one for one in Section if (of_matter if one == Section.LEGAL_FILE else codename_of(one)) in held]


def members_behind(case: Case, viewers: Iterable[Viewer], *, at: datetime | None = None) -> dict[int, list[User]]:
    """Who stands behind the teams among these lines: key of the grant → its people now, by name. At most six queries.

    Members of the team, of an ON_CALL access the people on duty; without those whose account is closed or whom a wall
    keeps away.
    """
    at = at or clock.moment()
    of_teams = people_behind((viewer.grant for viewer in viewers if viewer.grant.team_id), at)
    keys = {key for behind in of_teams.values() for key in behind}
    if not keys:
        return {}
    open_to = keys - Walls(case, at).keep_away(keys)
    people = list(User.objects.filter(pk__in=open_to, is_active=True).by_name())
    return {grant: [person for person in people if person.pk in behind] for grant, behind in of_teams.items()}


def grounds(actor: User, case: Case, *, at: datetime | None = None) -> list[Ground]:
    """Why ``actor`` can see this case (or a matter of it): one for each of her grounds. Nobody else is named to an outsider.

    Empty for somebody who can see nothing of it, whatever keeps her from it. Three queries.
    """
    at = at or clock.moment()
    if not actor.is_active:
        return []
    group_ids = set(actor.team_group_ids(at))
    if _standing_walls(actor, group_ids, at).filter(case=case).exists():
        return []
    is_outsider = actor.organisation_id != case.organisation_id
    found = []
    for viewer in live_access(case, at=at):
        grant = viewer.grant
        if grant.person_id == actor.pk or (grant.team is not None and group_of(grant) in group_ids):
            giver = case.organisation.name if is_outsider else grant.granted_by.name
            found.append(Ground(_your_sentence(viewer), [*_origin(grant, giver), *_afterwards(viewer)], viewer))
    return found


def _your_sentence(viewer: Viewer) -> str:
    if viewer.ended_on is not None:
        words = {"on": _day(viewer.ended_on), "until": _day(viewer.until)}
        return (
            _("Your engagement ended on %(on)s. You can read your own file, and take it along, until %(until)s.")
            % words
        )
    why = _YOUR_GROUND.get(viewer.grant.kind, viewer.grant.get_kind_display())
    if viewer.is_open_ended:
        return _("%(why)s, until it is taken back.") % {"why": why}
    return _("%(why)s, until %(until)s.") % {"why": why, "until": _day(viewer.until)}


def _origin(grant: AccessGrant, giver: str) -> list[str]:
    """Where an access came from, in sentences."""
    day = _day(grant.granted_at)
    if grant.is_opening:
        lines = [_("It came with opening the case on %(day)s.") % {"day": day}]
    else:
        lines = [_("%(who)s gave it on %(day)s.") % {"who": giver, "day": day}]
    if grant.team is not None:
        lines.append(_("You have it through your team, %(team)s.") % {"team": grant.team.name})
    if grant.release is not None:
        signed = _written(grant.release.signed_on)
        lines.append(_("It rests on her release of %(day)s and ends with it.") % {"day": signed})
    elif grant.parent_id is not None:
        lines.append(_("It rests on another access and ends with that."))
    return lines


def _afterwards(viewer: Viewer) -> list[str]:
    """What an attorney should know of the end of her engagement before it comes."""
    if not viewer.grant.is_own_file or viewer.ended_on is not None:
        return []
    until = _day(closes_at(viewer.grant))
    return [_("After that day your own file stays open to read and to take along, until %(until)s.") % {"until": until}]


def _day(moment: datetime) -> str:
    """The day of a moment on the reader's calendar, as pages write it."""
    return _written(timezone.localdate(moment))


def _written(day: date) -> str:
    return date_format(day, pgettext("how a day is written; Django's letters", "j F Y"))
