"""What every sealed field is: how a value is bound to its record, sealed, opened through the gate, and kept from SQL.

The kinds of values are in ``crypto.fields``.
"""

from collections.abc import Sequence
from typing import Any, NoReturn
from uuid import UUID

from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import IsNull
from django.db.models.query_utils import DeferredAttribute
from django.utils.functional import cached_property

from casemgmt.crypto import envelope, gate, keyring
from casemgmt.crypto.errors import ContentErased, ContentRemoved, DecryptionRefused, OddCiphertext, VaultError
from casemgmt.crypto.sealed import Binding, Sealed, is_carrying, removal_in

#: The type tag of a value that is nothing, where even that is a secret (``hide_null``).
NOTHING = b"0"
#: The column of a row's mark.
ROW_MARK = "row_mac"
_HEADER = envelope.HEADER.size
_SHARED_PLACES: dict[tuple[str, str | None], tuple[str, str | None]] = {}


class SealedAttribute(DeferredAttribute):
    """The attribute of a record: opens on reading, keeps equal values as they are on writing."""

    field: "SealedField"

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        try:
            value = instance.__dict__[self.field.attname]
        except KeyError:
            instance.refresh_from_db(fields=[self.field.attname])
            value = instance.__dict__[self.field.attname]
        if type(value) is not Sealed:
            return value
        if is_carrying():
            if value.bound is None:
                value.bound = self.field.binding_of(instance)
            return value
        return self.field.open_through_gate(instance, value)

    def __set__(self, instance: models.Model, value: Any) -> None:
        kept, name = instance.__dict__, self.field.attname
        if type(value) is not Sealed:
            if hasattr(value, "resolve_expression"):
                self.field.refuse("an expression as its value")
            held = kept.get(name)
            if type(held) is Sealed and self.field.is_same(instance, held, value):
                return
        kept[name] = value


class SealedIsNull(IsNull):
    """``isnull``, the one question the database may answer about a sealed field."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        # An ordinary column: a sealed one refuses to be resolved, which a subquery does to its conditions.
        super().__init__(Col(lhs.alias, lhs.target, lhs.output_field), rhs)


class SealedCol(Col):
    """A sealed column in SQL: it can be selected and asked for NULL, and refuses to be part of any expression."""

    target: "SealedField"

    def resolve_expression(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.target.refuse("sorting or computing")


class SealedField(models.Field):
    """The common part of all sealed fields. Subclasses name their type tag and convert values to and from bytes.

    ``hide_null`` seals ``None`` too, where the presence of a value would tell: the column is then never NULL.
    """

    descriptor_class = SealedAttribute
    empty_strings_allowed = False
    tag: bytes

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        fid: str,
        section: str,
        scope: str | None = None,
        hide_null: bool = False,
        **options: Any,
    ) -> None:
        self.fid = fid
        self.section = str.__str__(section)
        self.scope = scope
        self.hide_null = hide_null
        if hide_null:
            # None is sealed like any value: ``null=True`` may say that it is allowed, the column never is NULL.
            options["null"] = False
        super().__init__(verbose_name, **options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.update(fid=self.fid, section=self.section)
        if self.scope is not None:
            kwargs["scope"] = self.scope
        if self.hide_null:
            kwargs["hide_null"] = True
        return name, path, args, kwargs

    # ---- What a value is bound to ----

    @property
    def section_follows_row(self) -> bool:
        """Whether the section stands in a column of the row (its name is lower-case) and is not fixed."""
        return not self.section.isupper()

    @property
    def binding_columns(self) -> list[str]:
        """The plain columns of the row that this field's ciphertext is bound to."""
        columns = ["uid", "case_uid"]
        if self.section_follows_row:
            columns.append(self.section)
        if self.scope is not None:
            columns.append(self.scope)
        return columns

    def binding_now(self, instance: models.Model) -> Binding:
        """What a value written now would be bound to, from the row's columns as they are in memory."""
        uid, case_uid = instance.uid, instance.case_uid  # type: ignore[attr-defined]
        if uid is None or case_uid is None:
            raise VaultError(f"{self.fid} needs the uid and the case_uid of its record.")
        scope_uid = None if self.scope is None else getattr(instance, self.scope)
        section = str.__str__(getattr(instance, self.section)) if self._places[0] is not None else self.section
        last = instance.__dict__.get("_last_binding")
        if last is not None:
            bound: Binding = last[2]
            if bound[0] is uid and bound[1] is case_uid and bound[2] == section and bound[3] is scope_uid:
                return bound
        return Binding(uid_of(uid), uid_of(case_uid), section, None if scope_uid is None else uid_of(scope_uid))

    def binding_of(self, instance: models.Model) -> Binding:
        """What the ciphertext in memory is bound to: the row's columns as they were when it was loaded."""
        kept = instance.__dict__
        loaded = kept.get("_loaded_binding")
        if loaded is None:
            return self.binding_now(instance)
        # Fields of one section and scope share it, as long as the record remembers the very same loading.
        last = kept.get("_last_binding")
        if last is not None and last[0] is loaded and last[1] is self._shared_place:
            shared: Binding = last[2]
            return shared
        section, scope = self._places
        bound = Binding(
            loaded[0],
            loaded[1],
            self.section if section is None else loaded[section],
            None if scope is None else loaded[scope],
        )
        kept["_last_binding"] = (loaded, self._shared_place, bound)
        return bound

    @cached_property
    def _places(self) -> tuple[int | None, int | None]:
        """Where section and scope stand in what a record remembers of its loading."""
        columns = binding_columns_of(self.model)
        return (
            columns.index(self.section) if self.section_follows_row else None,
            None if self.scope is None else columns.index(self.scope),
        )

    @cached_property
    def _shared_place(self) -> tuple[str, str | None]:
        """One and the same object for all fields that name this section (or its column) and this scope."""
        place = (self.section, self.scope)
        return _SHARED_PLACES.setdefault(place, place)

    @cached_property
    def _row_has_mark(self) -> bool:
        """Whether the rows of this field's model carry a mark over all their ciphertexts."""
        return has_mark(self.model)

    @cached_property
    def _named(self) -> bytes:
        """The part of the associated data that all values of this field share."""
        return envelope.with_length(self.fid)

    # ---- Sealing and opening ----

    def seal(self, instance: models.Model, value: Any) -> Sealed | None:
        """Encrypt a value for this record as it is now. Needs no gate. Raises ContentErased without a key."""
        value = self.to_python(value)
        if value is None and not self.hide_null:
            return None
        return self._seal_typed(self.binding_now(instance), self._typed(value))

    def _typed(self, value: Any) -> bytes:
        """The bytes to seal: one tag that says what the value is, and the value."""
        return self.nothing if value is None else self.tag + self.to_bytes(value)

    @property
    def nothing(self) -> bytes:
        """The bytes that stand for nothing where its presence is a secret."""
        return NOTHING

    def _seal_typed(self, bound: Binding, typed: bytes) -> Sealed:
        epoch, cipher = keyring.sealing_cipher(bound.case_uid, bound.section)
        return Sealed.bound_to(envelope.seal(cipher, epoch, typed, self._associated(bound, epoch)), bound)

    def open_through_gate(self, instance: models.Model, value: Sealed) -> Any:
        """Decrypt for a reader. Raises SealedShut without a gate, and whatever the gate raises."""
        opened = self.open_apart(value.bound or self.binding_of(instance), value)
        if self._row_has_mark:
            instance.demand_whole()  # type: ignore[attr-defined]
        return opened

    def open_apart(self, bound: Binding, value: Sealed) -> Any:
        """Decrypt for a reader a value that was loaded without its row, so that no mark can be asked. Raises as above."""
        gate.admit(bound.case_uid, bound.section, self.fid, bound.scope_uid)
        return self._open(bound, value)

    def is_same(self, instance: models.Model, held: Sealed, value: Any) -> bool:
        """Whether a written value equals the sealed one. Asks the key and not the gate, and tells only the setter.

        A writer without the right to read thus leaves unchanged bytes unchanged. What cannot be read is replaced.
        """
        try:
            value = self.to_python(value)
            if value is None and not self.hide_null:
                return False
            # Bytes are compared and not values: to Python 1 and True are the same answer.
            return self._open_typed(held.bound or self.binding_of(instance), held) == self._typed(value)
        except (DecryptionRefused, ContentErased, ValidationError):
            return False

    def sealed_for_storage(self, instance: models.Model) -> Sealed | None:
        """The ciphertext to store, sealing a new value and resealing one whose record moved to another section."""
        kept = instance.__dict__
        if self.attname not in kept:
            instance.refresh_from_db(fields=[self.attname])
        value = kept[self.attname]
        if type(value) is Sealed:
            bound, now = value.bound or self.binding_of(instance), self.binding_now(instance)
            if bound.record_uid != now.record_uid:
                raise VaultError(f"{self.fid} was sealed for another record: read it there and assign it here.")
            if bound != now:
                value = kept[self.attname] = self._seal_typed(now, self._open_typed(bound, value))
        else:
            value = kept[self.attname] = self.seal(instance, value)
        return value

    def _open(self, bound: Binding, raw: bytes) -> Any:
        typed = self._open_typed(bound, raw)
        if typed[:1] == self.tag:
            try:
                return self.from_bytes(typed[1:])
            except ValueError:
                raise OddCiphertext(self.fid, bound.record_uid) from None
        if typed.rstrip(b"\x00") == NOTHING:
            return None
        # A value of another type.
        raise OddCiphertext(self.fid, bound.record_uid)

    def _open_typed(self, bound: Binding, raw: bytes) -> bytes:
        fid, record_uid, head = self.fid, bound.record_uid, raw[:_HEADER]
        known = bound.opened_by
        # Fields of one record in one section share the binding, and mostly the epoch: one look at the keyring for all.
        if known is not None and known[0] == head and known[1] == keyring._opened.generation:
            cipher = known[2]
        else:
            removal = removal_in(raw)
            if removal is not None:
                raise ContentRemoved(fid, record_uid, removal)
            generation = keyring._opened.generation
            epoch = envelope.epoch_of(raw, fid, record_uid)
            opened = keyring.opening_cipher(bound.case_uid, bound.section, epoch)
            if opened is None:
                raise DecryptionRefused(fid, record_uid)
            cipher = opened
            bound.opened_by = (head, generation, cipher)
        # ``_associated`` in fewer steps: it ends with the header, and this one's version and epoch were just read.
        return envelope.unseal(cipher, raw, self._named + bound.place + head, fid, record_uid)

    def _associated(self, bound: Binding, epoch: int) -> bytes:
        return envelope.associate(self._named, bound.place, epoch)

    def to_bytes(self, value: Any) -> bytes:
        """The canonical bytes of what ``to_python`` returned, not None. Raises ValidationError."""
        raise NotImplementedError

    def from_bytes(self, stored: bytes) -> Any:
        """The value of canonical bytes. Raises ValueError."""
        raise NotImplementedError

    # ---- Django's side: a binary column that accepts ciphertexts only ----

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_converters(self, connection: Any) -> list[Any]:
        return [_as_sealed]

    def get_default(self) -> Any:
        if self.hide_null and not self.has_default():
            return None
        return super().get_default()

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        return self.sealed_for_storage(model_instance)

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            if self.hide_null:
                self.refuse("NULL: its presence is hidden")
            return None
        if type(value) is not Sealed:
            self.refuse("a plain value outside save()")
        return connection.Database.Binary(value.raw)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        if hasattr(value, "as_sql") and not is_carrying():
            self.refuse("an expression as its value")
        return "%s"

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        if type(value) is Sealed:
            return value  # it was valid when it was sealed
        if value is None and self.hide_null:
            if not self.blank:
                raise ValidationError(self.error_messages["null"], code="null")
            return None
        return super().clean(value, model_instance)

    def value_to_string(self, obj: models.Model) -> NoReturn:
        self.refuse("being dumped")

    def refuse(self, what: str) -> NoReturn:
        """Say in one sentence that a sealed field cannot do this."""
        raise FieldError(f"{self.name} ({self.fid}) is sealed and refuses {what}.")

    def get_lookup(self, lookup_name: str) -> type[IsNull]:
        if lookup_name != "isnull" or self.hide_null:
            self.refuse(f"the lookup {lookup_name!r}")
        return SealedIsNull

    def get_transform(self, lookup_name: str) -> NoReturn:
        self.refuse(f"the transform {lookup_name!r}")

    def get_col(self, alias: str, output_field: models.Field | None = None) -> SealedCol:
        return SealedCol(alias, self, output_field)

    @property
    def cached_col(self) -> SealedCol:
        return SealedCol(self.model._meta.db_table, self)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Refuse what would make the database compare ciphertexts."""
        errors = super().check(**kwargs)
        if self.unique or self.primary_key or getattr(self, "db_index", False):
            hint = "Use a keyed fingerprint in a column of its own."
            errors.append(checks.Error("A sealed field is neither unique nor indexed.", hint, self, "crypto.E001"))
        return errors


def has_mark(model: type[models.Model]) -> bool:
    """Whether rows of this model carry a mark over all their ciphertexts (``crypto.rowmac``)."""
    return any(field.name == ROW_MARK for field in model._meta.concrete_fields)


def sealed_fields_of(model: type[models.Model]) -> list[SealedField]:
    """The sealed fields of a model, in the order of their declaration."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]


def binding_columns_of(model: type[models.Model]) -> list[str]:
    """The plain columns that the model's ciphertexts are bound to: ``uid`` and ``case_uid`` first."""
    return list(dict.fromkeys(name for field in sealed_fields_of(model) for name in field.binding_columns))


def _as_sealed(value: Any, expression: Any, connection: Any) -> Sealed | None:
    """A cell of a sealed column, as it comes from the database."""
    if type(value) is bytes or isinstance(value, memoryview):
        return Sealed(value)
    # SQLite stores any type in any column: what is not bytes was not written by us, and opening will refuse it.
    return None if value is None else Sealed(str(value).encode(errors="replace"))


def uid_of(value: Any) -> UUID:
    """A uid, also where somebody gave it as text."""
    return value if isinstance(value, UUID) else UUID(str(value))
