"""History of records: every version of a row, ciphertext as it is, whoever wrote it and however.

``CaseHistory`` is the one subclass of HistoricalRecords in Haven. Its base misses bulk methods; so the querysets
of audited models refuse those by name and offer set-based forms that write the history in the same transaction
with one ``INSERT … SELECT``. The rows written are handed to the next ``record()``.
"""

import uuid
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NoReturn

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from casemgmt.access.compiled import asking
from casemgmt.crypto.history import CiphertextHistoryMixin
from casemgmt.crypto.models import SealedModel, SealedQuerySet

from . import circumstances, clock, history_rows
from .errors import UnauditedWrite

BATCH = 500
CREATED, CHANGED, DELETED = "+", "~", "-"
#: What a version says of itself, beside the columns of its row.
_SAID = ("history_date", "history_change_reason", "history_type", "history_user_id")


def _user_of(row: models.Model) -> uuid.UUID | None:
    """Who wrote this version: a plain uid, so that it outlives accounts and costs no join."""
    return row.history_user_id  # type: ignore[attr-defined]


def _set_user(row: models.Model, user_uid: uuid.UUID | None) -> None:
    row.history_user_id = user_uid  # type: ignore[attr-defined]


class Version(models.Model):
    """What all history models are: written once, and noted for the event of the running action."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Insert this version and note it."""
        super().save(*args, **options)
        history_rows.note(circumstances.current(), type(self), {self.pk: None})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Refused: history is append-only, in the database too."""
        raise UnauditedWrite("History is not deleted.")


class VersionManager(HistoryManager):
    """The library makes this class anew at each look at a history, and so at each save; here it is made once."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type[models.QuerySet], class_name: str | None = None) -> Any:
        """The manager with the methods of a queryset."""
        return super().from_queryset(queryset_class, class_name)


class CaseHistory(CiphertextHistoryMixin, HistoricalRecords):
    """The history of a model: ``history = CaseHistory()``. Who and when come from the running action."""

    def __init__(self, *, inherit: bool = False, **options: Any) -> None:
        super().__init__(
            inherit=inherit,
            bases=(Version,),
            history_manager=VersionManager,
            history_id_field=models.BigAutoField(),
            history_user_id_field=models.UUIDField(null=True, editable=False),
            history_user_getter=_user_of,
            history_user_setter=_set_user,
            **options,
        )

    def add_extra_methods(self, cls: type[models.Model]) -> None:
        """None: the library would add a save() without history."""

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        """Note a model's own history, so that an inherited one steps back."""
        super().contribute_to_class(cls, name)
        if not self.inherit:
            cls._own_history = self  # type: ignore[attr-defined]

    def finalize(self, sender: type[models.Model], **arguments: Any) -> None:
        """A model that declares its own history keeps that one; the inherited one steps back."""
        own = vars(sender).get("_own_history")
        if own is None or own is self:
            super().finalize(sender, **arguments)

    def get_history_user(self, instance: models.Model) -> uuid.UUID | None:
        """The actor of the running action; for a command the person it acts for."""
        return _actor_uid()

    def create_historical_record(self, instance: models.Model, history_type: str, using: str | None = None) -> None:
        """One version of one row, dated by the running action: what the database holds now, or what was deleted."""
        if history_type != DELETED:
            copy_into_history(type(instance), [instance.pk], history_type)
            return
        instance._history_date = clock.moment()  # type: ignore[attr-defined]
        try:
            super().create_historical_record(instance, history_type, using=using)
        finally:
            del instance._history_date  # type: ignore[attr-defined]


def _actor_uid() -> uuid.UUID | None:
    """Whose name history carries."""
    running = circumstances.current()
    return None if running is None else running.actor_uid or running.on_behalf_of


def history_model_of(model: type[models.Model]) -> type[models.Model]:
    """The model of this model's versions."""
    attribute = model._meta.simple_history_manager_attribute  # type: ignore[attr-defined]
    return getattr(model, attribute).model


def copy_into_history(model: type[models.Model], keys: Sequence[Any], history_type: str) -> int:
    """Write a version of each of these rows as the database holds them now, with one statement a batch."""
    history_model = history_model_of(model)
    connection = connections[DEFAULT_DB_ALIAS]
    said = [
        connection.ops.adapt_datetimefield_value(clock.moment()),
        None,
        history_type,
        None if (uid := _actor_uid()) is None else _uuid_parameter(connection, uid),
    ]
    written: dict[int, Sequence[Any] | None] = {}
    for start in range(0, len(keys), BATCH):
        batch = list(keys[start : start + BATCH])
        statement, place = _copying(model, len(batch))
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), asking() as cursor:
            cursor.execute(statement, [*said, *batch])
            rows = cursor.fetchall()
        written.update((row[place], row if len(row) > 1 else None) for row in rows)
    history_rows.note(circumstances.current(), history_model, written)
    return len(written)


@lru_cache(maxsize=512)
def _copying(model: type[models.Model], number: int) -> tuple[str, int]:
    """The statement that copies so many rows, and the place of a version's id in what it answers.

    Of a single row PostgreSQL says all it has stored, which saves asking again; of many that would cost as much as asking.
    SQLite says the id alone, for it knows no types of what it returns.
    """
    history_model = history_model_of(model)
    connection = connections[DEFAULT_DB_ALIAS]
    quote, is_lite = connection.ops.quote_name, connection.vendor == "sqlite"
    fields = {field.column: field for field in history_model._meta.concrete_fields}
    tracked = [field.column for field in history_model.tracked_fields]  # type: ignore[attr-defined]
    casts = ["%s" if is_lite else f"CAST(%s AS {fields[column].db_type(connection)})" for column in _SAID]
    answers = ["history_id"] if is_lite or number > 1 else history_rows.columns_of(history_model)
    statement = (
        f"INSERT INTO {quote(history_model._meta.db_table)} ({', '.join(map(quote, [*tracked, *_SAID]))}) "  # noqa: S608
        f"SELECT {', '.join([*map(quote, tracked), *casts])} FROM {quote(model._meta.db_table)} "
        f"WHERE {quote(str(model._meta.pk.column))} IN ({', '.join(['%s'] * number)}) "
        f"RETURNING {', '.join(map(quote, answers))}"
    )
    return statement, answers.index("history_id")


def _uuid_parameter(connection: Any, uid: uuid.UUID) -> Any:
    """A uid as this engine stores it."""
    return uid if connection.features.has_native_uuid_field else uid.hex


class AuditedQuerySet(SealedQuerySet):
    """Refuses what would write without history; ``audited_update`` and ``audited_bulk_create`` write with it."""

    def update(self, **values: Any) -> NoReturn:
        """Refused: it would write no history."""
        raise UnauditedWrite("Use audited_update(), or save() each record.")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> NoReturn:
        """Refused: it would write no history."""
        raise UnauditedWrite("Use audited_bulk_create().")

    def bulk_update(self, objs: Iterable[Any], *args: Any, **options: Any) -> NoReturn:
        """Refused: it would write no history."""
        raise UnauditedWrite("Use audited_update(), or save() each record.")

    def delete(self) -> NoReturn:
        """Refused: records of a case end, they are not deleted."""
        raise UnauditedWrite("Delete one record by its own delete(), if its action allows it.")

    def _raw_delete(self, using: str | None) -> NoReturn:
        """Refused: it would not even send signals."""
        raise UnauditedWrite("Delete one record by its own delete(), if its action allows it.")

    update.alters_data = bulk_create.alters_data = True  # type: ignore[attr-defined]
    bulk_update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]

    def audited_update(self, **values: Any) -> int:
        """Change all these rows with one UPDATE and one INSERT of their new versions. Works with ``F()``.

        Locks the rows first, so that exactly the chosen rows change. Returns how many. Sealed fields are refused,
        as in every ``update()``.
        """
        model = self.model
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            chosen = self.order_by("pk")
            if connections[DEFAULT_DB_ALIAS].features.has_select_for_update:
                chosen = chosen.select_for_update(of=("self",))
            keys = list(chosen.values_list("pk", flat=True))
            for start in range(0, len(keys), BATCH):
                batch = keys[start : start + BATCH]
                rows: SealedQuerySet[Any] = SealedQuerySet(model, using=DEFAULT_DB_ALIAS).filter(pk__in=batch)
                rows.update(**values)
            copy_into_history(model, keys, CHANGED)
        return len(keys)

    audited_update.alters_data = True  # type: ignore[attr-defined]

    def audited_bulk_create(self, objs: Iterable[Any], batch_size: int | None = None) -> list[Any]:
        """Insert these records and their first versions. Returns them with their keys."""
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            made = SealedQuerySet.bulk_create(self, list(objs), batch_size=batch_size)
            copy_into_history(self.model, [record.pk for record in made], CREATED)
        return list(made)

    audited_bulk_create.alters_data = True  # type: ignore[attr-defined]


AuditedManager = models.Manager.from_queryset(AuditedQuerySet)


class AuditedModel(models.Model):
    """A record with history, written in bulk only by audited words, and only inside an action or audit_context.

    Declares its history for all who inherit. A subclass with its own queryset derives it from AuditedQuerySet.
    """

    history = CaseHistory(inherit=True)

    objects = AuditedManager()

    class Meta:
        abstract = True
        default_permissions = ()


class SealedCaseModel(SealedModel, AuditedModel):
    """The base of every record with sealed fields in the case room and the workshops."""

    objects = AuditedManager()  # type: ignore[misc]

    class Meta:
        abstract = True
        default_permissions = ()
