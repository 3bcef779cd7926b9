"""Sealing a column that was plain: what a migration cannot do, because it takes keys and may take hours.

Three steps, each a release of its own: a migration adds the sealed field beside the plain one (``null=True``); this
moves the values, while people work; a migration drops the plain column, from the history as well. Until then past
versions still hold what was plain: they are never rewritten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DEFAULT_DB_ALIAS, models, transaction

from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto.errors import ContentErased
from casemgmt.crypto.sealing import SealedField

BATCH = 200
Say = Callable[[str], None]


class CannotSeal(Exception):
    """What stands in the way, in a sentence for the operator."""


@dataclass
class Sealing:
    """How far it has come: rows sealed now, and the uids of rows that need a person."""

    done: int
    of: int
    odd: list[str]


def seal_column(label: str, plain: str, sealed: str, *, say: Say) -> Sealing:
    """Move every value of a plain column into the sealed field of the same row, and empty the plain one.

    Runs inside ``audit_context("command", reason)`` and commits batch by batch with an event each (COLUMN_SEALED), so
    it may be killed and called again, and two at once do no harm: a row is locked while it is moved. A row whose sealed
    field holds another value already, or whose value the field refuses, stays as it is and is told by its uid. Raises
    CannotSeal.
    """
    model, emptied = _demand_fitting(label, plain, sealed)
    waiting: models.QuerySet[Any] = models.QuerySet(model, using=DEFAULT_DB_ALIAS).exclude(**{f"{plain}__isnull": True})
    if emptied is not None:
        waiting = waiting.exclude(**{plain: emptied})
    found = Sealing(done=0, of=waiting.count(), odd=[])
    last = 0
    while True:
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            rows = list(waiting.select_for_update(of=("self",)).filter(pk__gt=last).order_by("pk")[:BATCH])
            if not rows:
                return found
            moved = sum(_move(row, plain, sealed, emptied, found.odd) for row in rows)
            if moved:
                fid = model._meta.get_field(sealed).fid  # type: ignore[union-attr]
                record(Verb.COLUMN_SEALED, actor=None, detail={"fid": fid, "count": moved})
        last = rows[-1].pk
        found.done += moved
        say(f"{found.done:,} of {found.of:,}")


def _move(row: Any, plain: str, sealed: str, emptied: str | None, odd: list[str]) -> bool:
    """Move one value. False, and the row's uid among the odd ones, where it cannot be."""
    field = row._meta.get_field(sealed)
    value = getattr(row, plain)
    held = row.__dict__[field.attname]
    try:
        if held is not None and not field.is_same(row, held, value):
            raise ValidationError("It holds another value.")
        field.clean(value, row)
        setattr(row, sealed, value)
        setattr(row, plain, emptied)
        row.save(update_fields=[plain, sealed])
    except (ValidationError, ContentErased):
        odd.append(str(row.uid))
        return False
    return True


def _demand_fitting(label: str, plain: str, sealed: str) -> tuple[type[models.Model], str | None]:
    """The model, and what stands for "empty" in its plain column. Raises CannotSeal."""
    try:
        model = apps.get_model(label)
        source, target = model._meta.get_field(plain), model._meta.get_field(sealed)
    except (LookupError, ValueError, FieldDoesNotExist) as error:
        raise CannotSeal(f"There is no such column: {error}") from None
    if not isinstance(target, SealedField):
        raise CannotSeal(f"{label}.{sealed} is not sealed.")
    if isinstance(source, SealedField) or source.is_relation or not isinstance(source, models.Field):
        raise CannotSeal(f"{label}.{plain} is no plain column.")
    if source.null:
        return model, None
    if isinstance(source, models.CharField | models.TextField):
        return model, ""
    raise CannotSeal(f"{label}.{plain} cannot be emptied: let a migration make it null=True first.")
