"""Sealed fields: encrypted in the database, opaque in memory, opened on first use through the gate.

::

    class Survivor(SealedModel):
        legal_name = SealedText(fid="survivor.legal_name", section=Section.IDENTITY)

    class Note(SealedModel):
        body = SealedText(fid="note.body", section="section", scope="matter_uid")

``fid`` is an immutable name that outlives renames; it is part of what the ciphertext is bound to. ``section`` is a
section's code, or the name of a plain column of the same row that holds it. ``scope`` names a UUID column.

The database sorts, compares and counts nothing of a sealed field: every lookup but ``isnull`` raises FieldError.
"""

import datetime
import json
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.validators import DecimalValidator, MaxLengthValidator
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from casemgmt.crypto.frozen import frozen
from casemgmt.crypto.rowmac import RowMac
from casemgmt.crypto.sealed import Sealed
from casemgmt.crypto.sealing import NOTHING, SealedField, binding_columns_of, sealed_fields_of

__all__ = [
    "RowMac",
    "SealedBoolean",
    "SealedChoice",
    "SealedDate",
    "SealedDecimal",
    "SealedField",
    "SealedJSON",
    "SealedText",
    "binding_columns_of",
    "sealed_fields_of",
]


class SealedText(SealedField):
    """Text, empty text included. ``max_length`` is checked in characters by forms and ``full_clean``."""

    description = _("Sealed text")
    empty_strings_allowed = True
    tag = b"t"

    def __init__(self, *args: Any, max_length: int | None = None, **options: Any) -> None:
        super().__init__(*args, max_length=max_length, **options)
        if max_length is not None:
            self.validators.append(MaxLengthValidator(max_length))

    def to_python(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, bytes | bytearray | memoryview | Sealed):
            raise ValidationError(_("Enter text."), code="invalid")
        return str.__str__(value) if isinstance(value, str) else str(value)

    def to_bytes(self, value: Any) -> bytes:
        try:
            return str.__str__(value).encode()
        except UnicodeEncodeError:
            raise ValidationError(_("This text has characters that cannot be stored."), code="invalid") from None

    def from_bytes(self, stored: bytes) -> str:
        return stored.decode()

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        options: dict[str, Any] = {"max_length": self.max_length}
        if not self.choices and self.max_length is None:
            options["widget"] = forms.Textarea
        return super().formfield(**(options | kwargs))


class SealedDate(SealedField):
    """A calendar date without a time."""

    description = _("Sealed date")
    tag = b"d"

    def to_python(self, value: Any) -> datetime.date | None:
        if value is None or value == "":
            return None
        if isinstance(value, datetime.datetime):
            raise ValidationError(_("Enter a date without a time."), code="invalid")
        if isinstance(value, datetime.date):
            return value
        try:
            parsed = parse_date(value) if isinstance(value, str) else None
        except ValueError:
            parsed = None
        if parsed is None:
            raise ValidationError(_("Enter a valid date."), code="invalid")
        return parsed

    def to_bytes(self, value: Any) -> bytes:
        return str(value.isoformat()).encode()

    def from_bytes(self, stored: bytes) -> datetime.date:
        return datetime.date.fromisoformat(stored.decode())

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**({"form_class": forms.DateField} | kwargs))


class SealedJSON(SealedField):
    """Many answers read together, as one ciphertext that hides which of them exist.

    What comes out is frozen: change a copy and assign it, or the change would be lost without a word.
    """

    description = _("Sealed structured value")
    tag = b"j"

    def to_python(self, value: Any) -> Any:
        return value

    def to_bytes(self, value: Any) -> bytes:
        try:
            return json.dumps(
                value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
            ).encode()
        except (TypeError, ValueError):
            raise ValidationError(_("This cannot be stored as a structured value."), code="invalid") from None

    def from_bytes(self, stored: bytes) -> Any:
        return frozen(json.loads(stored))

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**({"form_class": forms.JSONField} | kwargs))


class SealedDecimal(SealedField):
    """An exact number with a fixed count of places: money, hours, a measure. Stored as its digits, never as a float."""

    description = _("Sealed decimal number")
    tag = b"n"

    def __init__(self, *args: Any, max_digits: int, decimal_places: int, **options: Any) -> None:
        self.max_digits, self.decimal_places = max_digits, decimal_places
        super().__init__(*args, **options)
        self.validators.append(DecimalValidator(max_digits, decimal_places))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "max_digits": self.max_digits, "decimal_places": self.decimal_places}

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        # A float is refused: nobody can tell whether 0.1 was meant or what the machine makes of it.
        if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
            raise ValidationError(_("Enter a number."), code="invalid")
        try:
            number = Decimal(value)
            exact = number.quantize(Decimal(1).scaleb(-self.decimal_places))
        except InvalidOperation:
            raise ValidationError(_("Enter a number."), code="invalid") from None
        if not exact.is_finite() or exact != number or len(exact.as_tuple().digits) > self.max_digits:
            raise ValidationError(
                _("Enter a number with at most %(digits)s digits, %(places)s of them after the point."),
                code="invalid", params={"digits": self.max_digits, "places": self.decimal_places},
            )  # fmt: skip
        return exact + 0  # there is one zero

    def to_bytes(self, value: Any) -> bytes:
        return f"{value:f}".encode()

    def from_bytes(self, stored: bytes) -> Decimal:
        try:
            return Decimal(stored.decode())
        except InvalidOperation:
            raise ValueError("no number") from None

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        options: dict[str, Any] = {
            "form_class": forms.DecimalField, "max_digits": self.max_digits, "decimal_places": self.decimal_places,
        }  # fmt: skip
        return super().formfield(**(options | kwargs))


class SealedBoolean(SealedField):
    """Yes or no. Both are of one length, and so is "not asked" with ``hide_null``."""

    description = _("Sealed yes or no")
    tag = b"b"
    _WORDS: ClassVar = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

    def to_python(self, value: Any) -> bool | None:
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return value
        found = self._WORDS.get(str(value).lower()) if isinstance(value, str | int) else None
        if found is None:
            raise ValidationError(_("Answer yes or no."), code="invalid")
        return found

    def to_bytes(self, value: Any) -> bytes:
        return b"1" if value else b"0"

    def from_bytes(self, stored: bytes) -> bool:
        if stored not in (b"0", b"1"):
            raise ValueError("neither yes nor no")
        return stored == b"1"

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        may_be_nothing = self.null or self.hide_null
        form_class = forms.NullBooleanField if may_be_nothing else forms.BooleanField
        options: dict[str, Any] = {"form_class": form_class, "required": False}
        return super().formfield(**(options | kwargs))


class SealedChoice(SealedField):
    """One code of a list. All codes are padded to the longest one, so that the length does not tell which it is.

    A list that grows beyond its length bucket later pads new values further; the check ``crypto.E012`` keeps every
    code under 127 bytes, so that there are three lengths at most.
    """

    description = _("Sealed choice")
    empty_strings_allowed = True
    tag = b"c"
    LONGEST = 126
    _FILL = b"\x00"

    @property
    def width(self) -> int:
        """The length in bytes to which each code is filled up."""
        return max((len(str(code).encode()) for code, _label in self.flatchoices), default=0)

    @property
    def nothing(self) -> bytes:
        """Nothing is as long as any code."""
        return NOTHING.ljust(len(self.tag) + self.width, self._FILL)

    def to_python(self, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or isinstance(value, Sealed):
            raise ValidationError(_("Choose one of the list."), code="invalid_choice")
        return str.__str__(value)

    def to_bytes(self, value: Any) -> bytes:
        code: bytes = str.__str__(value).encode()
        if self._FILL in code or len(code) > self.LONGEST:
            raise ValidationError(_("Choose one of the list."), code="invalid_choice")
        return code.ljust(self.width, self._FILL)

    def from_bytes(self, stored: bytes) -> str:
        return stored.rstrip(self._FILL).decode()

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """As a sealed field; and there are choices, none of them so long that it would stand out."""
        errors = super().check(**kwargs)
        if not self.flatchoices or self.width > self.LONGEST:
            hint = f"Give it choices whose codes have at most {self.LONGEST} bytes."
            errors.append(checks.Error("A sealed choice needs a list of short codes.", hint, self, "crypto.E012"))
        return errors
