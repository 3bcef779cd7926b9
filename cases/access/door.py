"""The one door to cases: every page, list, export and feed asks here, with the same rule.

Nobody else writes ``.objects`` of a case model (lint), and a queryset that did not come from here raises when
it is evaluated. The rule is one query: permission rows in force now, of the person or of her teams, minus
walls. A stranger hears ``Hidden`` (404), a colleague without that section ``Refused`` (403), and both cost
the same queries whether or not the record exists.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, QuerySet

from audit import clock
from casemgmt.access.among import listed
from casemgmt.access.compiled import (
    HOUSE,
    MOMENT,
    READER,
    THESE,
    Compiled,
    CompiledValues,
    in_place,
    kept,
    stand_in_groups,
    union,
    values,
)
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.permissions import in_force
from casemgmt.access.sections import (
    READ_CARD,
    READ_MATTER,
    WRITE_MATTER,
    Section,
    read,
    section_of,
)
from casemgmt.accounts.models import User
from cases.access.by_section import NOBODY, case_permission, erased, erased_by_column, section_held
from cases.access.holding import Basis, Holding
from cases.errors.erasing import PartIsErased
from cases.errors.refusals import EngagementHasEnded
from cases.models import (
    Case,
    CaseGroupPermission,
    CaseUserPermission,
    Matter,
    MatterGroupPermission,
    MatterUserPermission,
    Note,
    Wall,
)

Record = TypeVar("Record", bound=models.Model)


def _standing_walls(actor: User, group_ids: Collection[int], at: datetime) -> QuerySet[Wall]:
    """Walls that stand between this person (a team of hers or for which she is on duty, her organisation) and any case."""
    hers = (
        Q(person=actor)
        | Q(team__group_id__in=group_ids)
        | Q(team__rota__group_id__in=group_ids)
        | Q(organisation=actor.organisation_id)
    )
    return Wall._base_manager.filter(hers, placed_at__lte=at, lifted_at__gt=at)


def walled_cases(actor: User) -> QuerySet[Any]:
    """Keys of the cases from which this person is kept away now, as a sub-query."""
    at = clock.moment()
    return _standing_walls(actor, actor.team_group_ids(at), at).values("case_id")


def _visible_case_ids(
    actor: User, permission: str, group_ids: Collection[int], at: datetime, among: Collection[int] | None = None
) -> QuerySet:
    """Keys of the cases on which the person holds ``permission``: one index range for each principal, put together."""
    here = Q(permission_id=case_permission(permission)) & in_force(at)
    if among is not None:
        here &= Q(content_object_id__in=list(among))
    own = CaseUserPermission.objects.filter(here, user=actor).values("content_object_id")
    if not group_ids:
        return own
    of_teams = CaseGroupPermission.objects.filter(here, group_id__in=group_ids, content_object__is_restricted=False)
    return own.union(of_teams.values("content_object_id"), all=True)


def visible(
    model: type[Record],
    actor: User,
    permission: str | None = READ_CARD,
    *,
    case_path: str = "case",
    at: datetime | None = None,
    among: Collection[int] | None = None,
) -> QuerySet[Record]:
    """The records of ``model`` whose case the actor may open with ``permission``: the vocabulary queryset.

    With ``permission=None`` each row is held against the section in its own column (and its matter). Inactive
    people see nothing. Costs one query for memberships, and the rule is part of the query itself. ``among``: only
    cases with these keys, already where permission rows are read, so that a handful costs a handful.
    """
    at = at or clock.moment()
    rows = model._default_manager.all().admitted_by_the_door()  # type: ignore[attr-defined]
    if not actor.is_active:
        return rows.none()
    return ruled(rows, actor, actor.team_group_ids(at), permission, case_path=case_path, at=at, among=among)


def ruled(
    rows: Any, actor: User, group_ids: Collection[int], permission: str | None, *, case_path: str = "case", at: datetime,
    among: Collection[int] | None = None,
) -> Any:  # fmt: skip
    """Rows with the rule in their query, for a person and groups that may be stand-ins (``casemgmt.access.compiled``)."""
    model = rows.model
    case_key = "pk" if model is Case else f"{case_path}_id"
    walls = _standing_walls(actor, group_ids, at).filter(case_id=OuterRef(case_key))
    if among is not None:
        rows = rows.filter(**{f"{case_key}__in": list(among)})
    if permission is not None:
        ids = _visible_case_ids(actor, permission, group_ids, at, among)
        rows = rows.filter(~Exists(walls), **{f"{case_key}__in": ids})
        # An erased case stays in the lists as such; records of an erased part do not.
        return rows if model is Case else rows.exclude(erased(case_path, [section_of(permission)]))
    has_matter = any(column.name == "matter" for column in model._meta.concrete_fields)
    return rows.filter(section_held(actor, group_ids, at, case_key, has_matter), ~Exists(walls)).exclude(
        erased_by_column(case_path)
    )


def holdings(actor: User, cases: Iterable[Case | int], *, at: datetime | None = None) -> dict[int, Holding]:
    """What the actor may do with each of these cases: at most seven queries, however many cases and sections.

    A case on which nothing is held has no entry. Of cases given by their keys it is asked as well what was erased.
    """
    at = at or clock.moment()
    known: dict[int, Case | None] = {}
    for case in cases:
        known.update({case: None} if isinstance(case, int) else {case.pk: case})
    group_ids = actor.team_group_ids(at)
    found: dict[int, Holding] = {}
    if not actor.is_active:
        return found
    if not known:
        return found
    own = {READER: actor.pk, HOUSE: actor.organisation_id, MOMENT: at, THESE: listed(known), **in_place(group_ids)}
    for by_team in (False, True) if group_ids else (False,):
        # Twenty rows for each case of a list, and one grant for most of them: nothing is made that is thrown away.
        bases: dict[tuple[int, datetime], Basis] = {}
        for key, codename, *basis in _rows_of_cases(connection.vendor, len(group_ids) if by_team else 0).rows(own):
            holding = found.get(key)
            if holding is None:
                holding = found[key] = Holding()
            if codename not in holding.permissions:
                ground = (basis[0].int, basis[3])
                if ground not in bases:
                    bases[ground] = _basis(basis, by_team)
                holding.permissions[codename] = bases[ground]
    for by_team in (False, True) if group_ids else (False,):
        matters = _rows_of_matters(connection.vendor, len(group_ids) if by_team else 0)
        for key, matter_uid, codename, *basis in matters.rows(own):
            holding = found.setdefault(key, Holding())
            if codename == READ_MATTER:
                _keep_longest(holding.matters, matter_uid, _basis(basis, by_team))
            elif codename == WRITE_MATTER:
                _keep_longest(holding.writable_matters, matter_uid, _basis(basis, by_team))
    for key in _walled_keys(connection.vendor, len(group_ids)).keys(own):
        found.pop(key, None)
    unseen = [key for key in found if known[key] is None]
    gone = Case.objects.all().admitted_by_the_door().filter(pk__in=unseen, erased__isnull=False)
    erased = {key: case.erasures for key, case in known.items() if case is not None and case.erased}
    for key, parts in {**erased, **(dict(gone.values_list("pk", "erased")) if unseen else {})}.items():
        if key in found:
            found[key].erased = frozenset(parts)
    return found


_GROUND = ("grant__uid", "grant__kind", "grant__purpose", "expires_at")


@kept
def _rows_of_cases(_vendor: str, groups: int) -> CompiledValues:
    """Permission rows in force on these cases: those of so many groups, or of 0 the person's own."""
    rows: Any = CaseUserPermission.objects.filter(user=READER)
    if groups:
        in_groups = Q(group_id__in=stand_in_groups(groups), content_object__is_restricted=False)
        rows = CaseGroupPermission.objects.filter(in_groups)
    live = rows.filter(in_force(MOMENT), content_object_id__among=THESE)
    return values(live.values_list("content_object_id", "permission__codename", *_GROUND))


@kept
def _rows_of_matters(_vendor: str, groups: int) -> CompiledValues:
    """As ``_rows_of_cases``, on the matters of these cases."""
    rows: Any = MatterUserPermission.objects.filter(user=READER)
    if groups:
        in_groups = Q(group_id__in=stand_in_groups(groups), content_object__case__is_restricted=False)
        rows = MatterGroupPermission.objects.filter(in_groups)
    live = rows.filter(in_force(MOMENT), content_object__case_id__among=THESE)
    names = ("content_object__case_id", "content_object__uid", "permission__codename")
    return values(live.values_list(*names, *_GROUND))


@kept
def _walled_keys(_vendor: str, groups: int) -> Compiled:
    """Those of these cases from which the person is kept away."""
    reader = User(pk=READER, organisation_id=HOUSE)
    walls = _standing_walls(reader, stand_in_groups(groups), MOMENT).filter(case_id__among=THESE)
    return union([walls.values_list("case_id", flat=True)])


def _keep_longest(into: dict[UUID, Basis], matter_uid: UUID, basis: Basis) -> None:
    """Of several grounds the one that lasts longest is named."""
    if matter_uid not in into or into[matter_uid].until < basis.until:
        into[matter_uid] = basis


def holds_anything(person: User, at: datetime) -> bool:
    """Whether access given to this person by name opens any case or matter, at that moment or later. Two queries."""
    rows = (CaseUserPermission.objects, MatterUserPermission.objects)
    return any(one.filter(user=person, expires_at__gt=at).exists() for one in rows)


def is_closed_to(actor: User, uid: UUID) -> bool:
    """Whether this uid names a case, matter or note that the person may not open, or not any more.

    For what she keeps of her own about it (a draft): words of a case end with the access to it. A uid that names
    nothing is closed to nobody.
    """
    for model in (Case, Matter, Note):
        row: Any = for_the_house(model).filter(uid=uid).first()
        if row is None:
            continue
        key = row.pk if model is Case else row.case_id
        holding = holdings(actor, [key]).get(key, Holding())
        if model is Case:
            return not holding.may(READ_CARD) or row.is_erased
        section = Section.LEGAL if model is Matter else row.section
        return not holding.reads(section, row.uid if model is Matter else row.matter_uid)
    return False


def _basis(columns: Any, by_team: bool) -> Basis:
    grant_uid, kind, purpose, until = columns
    return Basis(grant_uid, kind, purpose, until, by_team)


def permissions_on(actor: User, cases: Iterable[Case]) -> dict[int, set[str]]:
    """Codenames held on each case of a page, by the case's key: one batch, never a question for each row."""
    return {key: set(holding.permissions) for key, holding in holdings(actor, cases).items()}


def _all_cases() -> QuerySet[Case]:
    return Case.objects.all().admitted_by_the_door().select_related("team", "lead", "organisation")


def get_for(actor: User, case_uid: UUID, permission: str = READ_CARD) -> Case:
    """The case, with ``case.holding`` set. ``Hidden`` without its card, ``Refused`` without ``permission``."""
    case = _all_cases().filter(uid=case_uid).first()
    holding = holdings(actor, [case or NOBODY]).get(case.pk if case else NOBODY)
    if case is None or holding is None or not holding.may(READ_CARD):
        raise Hidden
    if not holding.may(permission):
        raise Refused(permission)
    case.holding = holding
    return case


def get_matter_for(actor: User, matter_uid: UUID, permission: str = READ_MATTER) -> Matter:
    """The matter, with ``matter.case.holding`` set, for whoever holds it or the legal section of its case.

    What belongs to the attorney's file stays closed to those who hold only the section: the gate sees to it.
    ``permission=WRITE_MATTER`` demands the matter itself.
    """
    matter = (
        Matter.objects.all().admitted_by_the_door().filter(uid=matter_uid)
        .select_related("case", "case__team", "case__lead", "case__organisation").first()
    )  # fmt: skip
    key = matter.case_id if matter else NOBODY
    holding = holdings(actor, [key]).get(key)
    if matter is None or holding is None:
        raise Hidden
    if not holding.holds(Section.LEGAL, matter.uid):
        raise Refused(permission) if holding.may(READ_CARD) else Hidden
    if permission == WRITE_MATTER and matter.uid not in holding.writable_matters:
        raise refusal(holding, permission, matter.uid)
    matter.case.holding = holding
    return matter


def refusal(holding: Holding, permission: str, matter_uid: UUID | None = None) -> Refused:
    """What to raise where somebody may know of a case (or matter) and not do this: in its own words after an engagement."""
    is_over = matter_uid is not None and holding.only_reads_until(matter_uid) is not None
    return EngagementHasEnded(permission) if is_over else Refused(permission)


def visible_matters(actor: User, *, at: datetime | None = None) -> list[Matter]:
    """The matters the actor holds now (her own, or through a team), open ones first, with ``matter.case`` loaded."""
    at = at or clock.moment()
    if not actor.is_active:
        return []
    group_ids = actor.team_group_ids(at)
    here = Q(permission__codename=READ_MATTER) & in_force(at)
    own = MatterUserPermission.objects.filter(here, user=actor).values("content_object_id")
    of_teams = MatterGroupPermission.objects.filter(
        here, group_id__in=group_ids, content_object__case__is_restricted=False
    )
    walls = _standing_walls(actor, group_ids, at).filter(case_id=OuterRef("case_id"))
    rows = Matter.objects.all().admitted_by_the_door().filter(~Exists(walls))
    rows = rows.filter(Q(pk__in=own) | Q(pk__in=of_teams.values("content_object_id")))
    return list(rows.select_related("case", "case__organisation").order_by("-is_open", "-pk"))


def records(model: type[Record], case: Case) -> QuerySet[Record]:
    """The records of one opened case that its reader may know of: by their section column, else by their home section."""
    holding = case.holding
    if holding is None:
        raise RuntimeError("Open the case through the door first.")
    rows = model._default_manager.all().admitted_by_the_door().filter(case=case)  # type: ignore[attr-defined]
    fields = {column.name for column in model._meta.concrete_fields}
    if "section" in fields and (holding.has_erased(Section.LEGAL) or "matter_uid" not in fields):
        return rows.filter(section__in=holding.readable)
    if holding.has_erased(Section.LEGAL) and ("matter_uid" in fields or model is Matter):
        return rows.none()
    if "section" in fields:
        of_matters = Q(section__in=[Section.LEGAL, Section.LEGAL_FILE], matter_uid__in=list(holding.matters))
        return rows.filter(Q(section__in=holding.readable) | of_matters)
    if "matter_uid" in fields and not holding.reads(Section.LEGAL):
        return rows.filter(matter_uid__in=list(holding.matters))
    if model is Matter and not holding.reads(Section.LEGAL):
        return rows.filter(uid__in=list(holding.matters))
    home = getattr(model, "home_section", Section.CARD)
    return rows if home == Section.LEGAL or holding.reads(home) else rows.none()


def get_record(model: type[Record], case: Case, uid: UUID) -> Record:
    """One record of an opened case: ``Hidden`` where there is none, ``Refused`` where its section (or matter) is not held.

    ``PartIsErased`` where its content was erased.
    """
    holding = case.holding
    if holding is None:
        raise RuntimeError("Open the case through the door first.")
    row: Any = within(model, case).filter(uid=uid).first()
    if row is None:
        raise Hidden
    section: str = getattr(row, "section", "") or getattr(model, "home_section", Section.CARD)
    if not holding.holds(section, getattr(row, "matter_uid", None)):
        if not holding.may(READ_CARD):
            # Whoever holds a matter alone may not know what else there is.
            raise Hidden
        raise Refused(read(section) if section != Section.LEGAL_FILE else READ_MATTER)
    if holding.has_erased(section):
        raise PartIsErased(case, section)
    row.case = case
    return row


def within(model: type[Record], case: Case) -> QuerySet[Record]:
    """All records of a case that an action has locked, whatever their section. For actions and jobs only, never for pages.

    A case that came by another way than its reader's own access (the privacy desk's) is read in the name of the house.
    """
    rows = model._default_manager.all().admitted_by_the_door()  # type: ignore[attr-defined]
    return (rows if case.holding is not None else rows.for_house()).filter(case=case)


def for_the_house(model: type[Record]) -> QuerySet[Record]:
    """All records, for jobs and controls that show no value (the due-row loop, drift checks). Never for a page."""
    return model._default_manager.all().for_house()  # type: ignore[attr-defined]


def own(model: type[Record], actor: User, field_name: str = "owner") -> QuerySet[Record]:
    """What belongs to the actor alone: her drafts, her imports, her notices."""
    rows = model._default_manager.filter(**{field_name: actor})
    return rows.admitted_by_the_door() if hasattr(rows, "admitted_by_the_door") else rows


def of_house(model: type[Record], actor: User) -> QuerySet[Record]:
    """What belongs to the actor's organisation and to no case: contacts, inquiries, counts. Who may read which is asked first."""
    rows = model._default_manager.filter(organisation=actor.organisation_id)
    return rows.admitted_by_the_door()  # type: ignore[attr-defined]
