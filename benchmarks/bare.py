"""Haven without vault, door and ledger, for measuring alone: the same views, queries of their own and templates.

In the process that calls ``strip()``: what was opened once is known from then on (no key, no cipher, no mark); whoever asks
holds what she held when she first asked, and lists are the cases that she leads, or those of her teams (no permission row,
no wall; where neither is what she may see, those she saw at first); no event is written. It is what the same pages would
cost a system that protects nothing, so the ratio is the price of protecting.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import models
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from audit import circumstances, log
from audit.models import Event
from casemgmt.accounts.models import Team, User
from casemgmt.crypto import keyring
from casemgmt.crypto.sealing import SealedField
from cases import access, browsing
from cases.access import door, pages
from cases.choices.casework import CLOSED_STATUSES
from cases.models import Case, Due


def strip() -> None:
    """Take the three away, in this process and for good."""
    _without_vault()
    _without_door()
    _without_ledger()


def _replace(original: Any, other: Any) -> None:
    """Wherever a module knows the one, it knows the other now."""
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is original:
                setattr(module, name, other)


def _remembering(run: Callable[..., Any], key: Callable[..., Any]) -> Callable[..., Any]:
    """The answer of the first time, every time."""
    known: dict[Any, Any] = {}

    @wraps(run)
    def inside(*arguments: Any, **named: Any) -> Any:
        about = key(*arguments, **named)
        if about not in known:
            known[about] = run(*arguments, **named)
        return known[about]

    return inside


def _without_vault() -> None:
    opened = _remembering(
        SealedField.open_through_gate, lambda field, instance, value: (field.fid, instance.pk, bytes(value))
    )
    SealedField.open_through_gate = opened  # type: ignore[method-assign]
    prefetch, known = keyring.prefetch, set()

    def prefetch_once(uids: Any) -> None:
        new = {uid for uid in uids if uid is not None} - known
        if new:
            known.update(new)
            prefetch(new)

    _replace(prefetch, prefetch_once)
    _replace(keyring.begin_request, lambda: None)


def _without_door() -> None:
    guarded = door.visible

    def first_seen(actor: User) -> dict[str, Any]:
        seen = set(guarded(Case, actor).values_list("pk", flat=True))
        teams = list(Team.objects.filter(group_id__in=actor.team_group_ids()).values_list("pk", flat=True))
        for simply in ({"lead": actor.pk}, {"team__in": teams}):
            if seen and set(Case._base_manager.filter(**simply).values_list("pk", flat=True)) == seen:
                return simply
        return {"pk__in": list(seen)}

    hers = _remembering(first_seen, lambda actor: actor.pk)

    def visible(model: Any, actor: User, permission: str | None = "", *, case_path: str = "case", at: Any = None,
                among: Any = None) -> models.QuerySet[Any]:  # fmt: skip
        path = "" if model is Case else f"{case_path}__"
        rows = model._default_manager.all().admitted_by_the_door()
        if among is not None:
            rows = rows.filter(**{f"{path}pk__in": list(among)})
        return rows.filter(**{f"{path}{name}": value for name, value in hers(actor).items()})

    def newest(
        actor: User, permission: str, groups: Any, at: Any, where: Any, before: int | None, size: int
    ) -> list[int]:
        rows = Case._base_manager.filter(where or models.Q(), **hers(actor))
        if before is not None:
            rows = rows.filter(pk__lt=before)
        return list(rows.order_by("-pk").values_list("pk", flat=True)[:size])

    def open_dates(_actor: User, keys: Any) -> list[Any]:
        rows = Due._base_manager.filter(case__in=list(keys), done_at__isnull=True).order_by("due_on", "pk")
        return list(rows.values_list("case_id", "due_on", "kind"))

    def own_open(actor: User) -> list[Any]:
        rows = Due._base_manager.filter(done_at__isnull=True)
        led = Case._base_manager.filter(lead=actor).values("pk")
        return [rows.filter(assigned_to=actor), rows.filter(Exact(Coalesce("assigned_to", 0), 0), case__in=led)]

    def own_dates(actor: User, until: Any, at_most: int) -> list[Any]:
        soon = models.Q(due_on__lte=until) | models.Q(kind="RELEASE_ENDS", noticed_at__isnull=False)
        found = []
        for rows in own_open(actor):
            rows = rows.filter(soon).select_related("case", "case__team", "case__lead", "assigned_to")
            found += rows.order_by("due_on", "pk")[:at_most]
        return sorted(found, key=lambda due: (due.due_on, due.pk))[:at_most]

    def own_days(actor: User, today: Any, until: Any) -> list[Any]:
        found: list[Any] = []
        for rows in own_open(actor):
            rows = rows.filter(~models.Q(case__status__in=CLOSED_STATUSES), due_on__lte=until)
            days = rows.annotate(is_late=models.Q(due_on__lt=today)).values("is_late").order_by()
            found += days.annotate(number=models.Count("pk")).values_list("is_late", "number")
        return found

    def own_kinds(actor: User) -> list[Any]:
        kinds = Case._base_manager.filter(~models.Q(status__in=CLOSED_STATUSES), lead=actor).values("stage", "status")
        return list(kinds.annotate(number=models.Count("pk")).order_by().values_list("stage", "status", "number"))

    def of_cases(actor: User, cases: Any, *, at: Any = None) -> tuple[Any, ...]:
        return actor.pk, *sorted(case if isinstance(case, int) else case.pk for case in cases)

    def of_moment(actor: User, *_at: Any, **_named: Any) -> int:
        return actor.pk

    _replace(door.visible, visible)
    _replace(pages._newest, newest)
    _replace(access.open_dates, open_dates)
    _replace(access.own_dates, own_dates)
    _replace(access.own_days, own_days)
    _replace(access.own_kinds, own_kinds)
    _replace(pages.sees_very_many, lambda *_arguments: False)
    _replace(access.holdings, _remembering(access.holdings, of_cases))
    _replace(browsing.brake, lambda *_arguments: None)
    User.team_group_ids = _remembering(User.team_group_ids, of_moment)  # type: ignore[method-assign]


def _without_ledger() -> None:
    def write(verb: Any, *_arguments: Any) -> Event:
        circumstances.require().recorded.append(verb.value)
        return Event()

    _replace(log._write, write)
