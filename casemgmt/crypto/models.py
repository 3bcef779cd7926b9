"""The base of every record with sealed fields, and the key store's own tables."""

import uuid
from collections.abc import Callable, Collection, Iterable
from functools import cache
from operator import itemgetter
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState
from django.db.models.signals import post_init, pre_init
from django.utils import timezone

from casemgmt.crypto import rowmac
from casemgmt.crypto.envelope import LARGEST_EPOCH
from casemgmt.crypto.fields import binding_columns_of, sealed_fields_of
from casemgmt.crypto.querysets import SealedQuerySet, with_mark, with_resealed
from casemgmt.crypto.sealed import Sealed, carrying

__all__ = [
    "CaseKey",
    "ErasedClass",
    "KeyEncryptionKey",
    "KeystoreVersion",
    "SealedModel",
    "SealedQuerySet",
    "SealedRecord",
    "SharedKey",
]


def for_new_rows(init: Callable[..., None]) -> Callable[..., None]:
    """Decorator for an ``__init__`` that only completes what a new record was given: rows from the database need it not."""
    init.is_for_new_rows = True  # type: ignore[attr-defined]
    return init


@cache
def _shape_of(model: type[models.Model]) -> tuple[list[str], Callable[[dict[str, Any]], tuple[Any, ...]]]:
    """The attributes of a whole row in order, and what takes from them what the row's ciphertexts are bound to.

    No attributes for a model with an ``__init__`` of its own that means rows too: they are made the ordinary way.
    """
    ordinary = model.__init__ is models.Model.__init__ or getattr(model.__init__, "is_for_new_rows", False)
    names = [field.attname for field in model._meta.concrete_fields] if ordinary else []
    return names, itemgetter(*binding_columns_of(model)) if sealed_fields_of(model) else lambda _: ()


class SealedRecord(models.Model):
    """How a record with sealed fields behaves, live or in the history: ciphertext moves, nothing opens by itself."""

    class Meta:
        abstract = True

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle or a copy may hold: ciphertext, also of values that were never saved."""
        state = super().__getstate__()
        with carrying():
            for field in sealed_fields_of(type(self)):
                value = self.__dict__.get(field.attname)
                if type(value) is Sealed:
                    state[field.attname] = getattr(self, field.attname)
                elif value is not None:
                    state[field.attname] = field.seal(self, value)
        return state

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """As Django's. A record that moves to another section or scope is resealed, whatever fields were named.

        Where the row carries a mark, it is written with every sealed value. Raises VaultError for a sealed value that
        was changed in memory and is not named.
        """
        if update_fields is not None:
            update_fields = with_mark(self, with_resealed(type(self), list(update_fields)))
        super().save(*args, update_fields=update_fields, **options)

    def demand_whole(self) -> None:
        """Raise RowMixed where the ciphertexts of this row do not belong together (``crypto.rowmac``)."""
        rowmac.demand_whole(self)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """Remember what the ciphertexts are bound to, before anybody moves the record to another section."""
        names, binding_of = _shape_of(cls)
        if len(values) == len(names) and not options and not (pre_init.receivers or post_init.receivers):
            # A whole row, and nobody listens: filled at once, it costs lists half of what Model.__init__ does.
            record = cls.__new__(cls)
            kept = record.__dict__
            state = kept["_state"] = ModelState()
            state.adding, state.db = False, db
            kept.update(zip(names, values, strict=True))
        else:
            record = super().from_db(db, field_names, values, **options)
            kept = record.__dict__
        try:  # noqa: SIM105  suppress() costs as much as all the rest here
            kept["_loaded_binding"] = binding_of(kept)
        except KeyError:
            pass  # a column was deferred: it is fetched when a value is opened
        return record

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        """As Django's. A sealed field comes with what it is bound to now, and stays sealed."""
        if fields is None:
            self.__dict__.pop(rowmac.LOOKED_AT, None)
            with carrying():
                super().refresh_from_db(using=using, from_queryset=from_queryset)
            return
        names = set(fields)
        sealed = {field.attname for field in sealed_fields_of(type(self)) if field.attname in names}
        if sealed:
            self._reload_sealed(sealed, using, from_queryset)
        if names - sealed:
            with carrying():
                super().refresh_from_db(using=using, fields=names - sealed, from_queryset=from_queryset)

    def _reload_sealed(self, names: set[str], using: str | None, rows: models.QuerySet[Any] | None) -> None:
        columns = binding_columns_of(type(self))
        if rows is None:
            rows = type(self)._base_manager.db_manager(using or self._state.db, hints={"instance": self}).all()
        row = rows.only(*names, *columns).get(pk=self.pk)
        # Columns of two readings stand side by side now: only the next whole reading can say whether they belong together.
        self.__dict__[rowmac.LOOKED_AT] = True
        with carrying():
            for name in names:
                self.__dict__[name] = getattr(row, name)

    def clean_fields(self, exclude: Any = None) -> None:
        with carrying():
            super().clean_fields(exclude=exclude)

    def validate_constraints(self, exclude: Any = None) -> None:
        with carrying():
            super().validate_constraints(exclude=exclude)


class SealedModel(SealedRecord):
    """A record of a case with sealed fields. Its own ``uid`` and ``case_uid`` open it without a join.

    ``case_uid`` is the uid of the case whose keys seal it; for what belongs to no case it is the uid of the person
    or organisation (``keyring.ensure_own_keys``).
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    case_uid = models.UUIDField(db_index=True, editable=False)

    objects = SealedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.uid}"


class KeyEncryptionKey(models.Model):
    """A key that wraps the data keys of cases, itself wrapped by the root key."""

    class State(models.TextChoices):
        PENDING = "PENDING"  # every process loads it before any uses it
        PRIMARY = "PRIMARY"  # wraps new data keys; there is one
        DECRYPT_ONLY = "DECRYPT_ONLY"  # opens what it wrapped, until that is wrapped anew; then it is retired
        DESTROYED = "DESTROYED"  # the row stays as a trace, the key is gone

    number = models.PositiveBigIntegerField(primary_key=True)
    state = models.CharField(max_length=12, choices=State.choices)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    #: Since when it is in its state, and since when nothing is wrapped by it any more (``rotation.retire``).
    since = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True) | models.Q(state__in=["DECRYPT_ONLY", "DESTROYED"]),
                name="kek_in_use_is_not_retired",
            ),
            models.CheckConstraint(condition=models.Q(number__range=(1, 2**32 - 1)), name="kek_number_is_u32"),
            models.CheckConstraint(
                condition=models.Q(state__in=["PENDING", "PRIMARY", "DECRYPT_ONLY", "DESTROYED"]),
                name="kek_state_is_known",
            ),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="PRIMARY"), name="kek_one_primary"),
        ]

    def __str__(self) -> str:
        return f"key-encryption key {self.number}, {self.state}"


class CaseKey(models.Model):
    """The data key of one retention class of one case (or pseudo-case), in one epoch. Deleting it erases the class."""

    class Mode(models.TextChoices):
        KEK = "KEK"  # wrapped by a key-encryption key: the server can open it
        SEALED = "SEALED"  # wrapped to each member: the server cannot

    case_uid = models.UUIDField()
    retention_class = models.CharField(max_length=16)
    epoch = models.PositiveIntegerField(default=1)
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.KEK)
    kek = models.ForeignKey(KeyEncryptionKey, on_delete=models.PROTECT, null=True, related_name="+")
    wrapped = models.BinaryField()
    #: The root of this class's fingerprints, wrapped: what a renewed key carries over from the first one.
    fingerprint_root = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case_uid", "retention_class", "epoch"], name="case_key_once"),
            models.CheckConstraint(condition=models.Q(epoch__range=(1, LARGEST_EPOCH)), name="case_key_epoch_is_u16"),
            models.CheckConstraint(
                condition=models.Q(mode="KEK", kek__isnull=False) | models.Q(mode="SEALED", kek__isnull=True),
                name="case_key_mode_names_its_kek",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retention_class} key of {self.case_uid}, epoch {self.epoch}"


class ErasedClass(models.Model):
    """A tombstone: the keys of this class of this case were destroyed by order, and none is ever made again.

    ``order`` is the number of the order, ``keys`` how many epochs were destroyed, ``keks`` the numbers of the
    key-encryption keys that had wrapped them. No name, no reason.
    """

    case_uid = models.UUIDField()
    retention_class = models.CharField(max_length=16)
    order = models.CharField(max_length=20)
    erased_at = models.DateTimeField()
    keys = models.PositiveIntegerField()
    keks = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case_uid", "retention_class"], name="erased_class_once")]

    def __str__(self) -> str:
        return f"{self.retention_class} of {self.case_uid}, erased under {self.order}"


class SharedKey(models.Model):
    """A key that serves all cases: the root of the blind indexes, of the ledger's keys, and of the signing key."""

    name = models.CharField(max_length=16)
    epoch = models.PositiveIntegerField(default=1)
    kek = models.ForeignKey(KeyEncryptionKey, on_delete=models.PROTECT, related_name="+")
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["name", "epoch"], name="shared_key_once")]

    def __str__(self) -> str:
        return f"shared key {self.name}, epoch {self.epoch}"


class KeystoreVersion(models.Model):
    """One row that counts changes, so that every process learns when to drop its opened keys."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=1)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="keystore_version_is_one_row")]

    def __str__(self) -> str:
        return f"key store version {self.number}"
