"""The base of Haven's forms: a key that makes a repeat harmless, clean text, dates, files, code lists."""

import datetime as dt
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise
Choices = Iterable[tuple[str, Words]]

#: Four ways of knowing nothing, kept apart: an empty column would mean all of them and none.
NOT_ASKED = ("NOT_ASKED", gettext_lazy("Not asked yet"))
DECLINED = ("DECLINED", gettext_lazy("Prefers not to say"))
UNKNOWN = ("UNKNOWN", gettext_lazy("Does not know"))
NOT_APPLICABLE = ("NOT_APPLICABLE", gettext_lazy("Does not apply"))


# ---- Text ----


def clean_text(text: str, *, lines: bool = True) -> str:
    """Text as we keep it: composed (NFC), ``\\n`` for line ends, nothing that cannot be seen or stored.

    Marks, joiners and direction marks stay (Arabic, Persian and emoji need them). ``lines=False`` also refuses
    line ends. Raises ``ValidationError`` with a sentence for the person who wrote it.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    allowed = "\n\t" if lines else "\t"
    for place, char in enumerate(composed):
        if char not in allowed and unicodedata.category(char) in ("Cc", "Cs"):
            if char == "\n":
                raise ValidationError(_("Write this on one line."), code="line_end")
            raise ValidationError(
                _(
                    "The text holds a character that cannot be kept (position %(place)s). It often comes along when "
                    "copying. Delete it, or type the text again."
                ),
                code="control_character",
                params={"place": place + 1},
            )
    return composed


class LineField(forms.CharField):
    """One line of text, cleaned."""

    default_error_messages = {"required": gettext_lazy("Write an answer here.")}

    def __init__(self, *, max_length: int | None = 200, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """Clean before Django looks at it, so that our sentence is the one that is shown."""
        if value in self.empty_values:
            return self.empty_value  # type: ignore[return-value]
        return super().to_python(clean_text(str(value).strip(), lines=False)) or ""


class ZoneField(LineField):
    """The name of a time zone, as America/New_York. The list of all is too long for a page on a phone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 64, **kwargs})

    def clean(self, value: Any) -> str:
        """A name that the tables of time zones know, or nothing where it is optional."""
        name = str(super().clean(value))
        if name and name not in available_timezones():
            raise ValidationError(_("This is not a known time zone. Write it like America/New_York."), code="zone")
        return name


class TextField(forms.CharField):
    """Several lines of text, cleaned."""

    default_error_messages = {"required": gettext_lazy("Write an answer here.")}

    def __init__(self, *, max_length: int | None = 50_000, rows: int = 5, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """Clean before Django looks at it."""
        if value in self.empty_values:
            return self.empty_value  # type: ignore[return-value]
        return super().to_python(clean_text(str(value))) or ""


# ---- Days and moments ----


def not_in_future(day: dt.date) -> None:
    """For days that have happened: a birth, a first contact. Today, on the reader's calendar, is allowed."""
    if day > timezone.localdate():
        raise ValidationError(_("This day has not come yet. Check the year."), code="in_future")


def not_in_past(day: dt.date) -> None:
    """For days that are still to come: a hearing to be entered, the end of a release."""
    if day < timezone.localdate():
        raise ValidationError(_("This day has already passed. Check the year."), code="in_past")


def not_before_1900(day: dt.date) -> None:
    """A year like 0026 is a slip of the keyboard."""
    if day.year < 1900:
        raise ValidationError(_("Check the year: it is before 1900."), code="too_early")


def end_of_day(day: dt.date) -> dt.datetime:
    """The last moment of a day on the reader's clock, so that every page names that day as the last one."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


class DayField(forms.DateField):
    """A day. The browser's own date picker; without one, year-month-day. ``past=True``: not after today."""

    default_error_messages = {
        "required": gettext_lazy("Enter a day."),
        "invalid": gettext_lazy("Write the day as year-month-day, for example 2026-03-09."),
    }

    def __init__(self, *, past: bool = False, coming: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        validators: list[Callable[[dt.date], None]] = [*kwargs.pop("validators", []), not_before_1900]
        if past:
            validators.append(not_in_future)
        if coming:
            validators.append(not_in_past)
        super().__init__(input_formats=["%Y-%m-%d"], validators=validators, **kwargs)


class MomentField(forms.DateTimeField):
    """A day with a time, on the reader's clock."""

    default_error_messages = {
        "required": gettext_lazy("Enter a day and a time."),
        "invalid": gettext_lazy("Write day and time as year-month-day and hour:minute, for example 2026-03-09 14:30."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "step": "60"})
        )
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)


# ---- Files ----


class UploadField(forms.FileField):
    """A file up to a size; the sentence names both sizes. What it really is, is looked at by the room that takes it."""

    def __init__(self, *, max_bytes: int | None = None, accept: str = "", **kwargs: Any) -> None:
        self.max_bytes: int = max_bytes or settings.DOCUMENT_MAX_BYTES
        kwargs.setdefault("max_length", 255)
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": accept} if accept else {}))
        super().__init__(**kwargs)

    default_error_messages = {
        "required": gettext_lazy("Choose a file."),
        "empty": gettext_lazy("This file is empty. Check that it was saved, then choose it again."),
        "max_length": gettext_lazy("The name of this file is too long. Give it a shorter name."),
    }

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Refuse what is too large, and a name that cannot be shown."""
        upload = super().clean(data, initial)
        if isinstance(upload, UploadedFile):
            size = upload.size or 0
            if size > self.max_bytes:
                raise ValidationError(
                    _("This file is %(size)s; at most %(limit)s can be kept. Scan it smaller, or split it."),
                    code="too_large",
                    params={"size": filesizeformat(size), "limit": filesizeformat(self.max_bytes)},
                )
            if getattr(upload, "problem", ""):
                # Thrown away on its way in although it is not too large: the disk is full (crypto.uploads).
                raise ValidationError(
                    _(
                        "The server has no room for this file. Nothing was stored. Ask the person who looks after Haven to "
                        "make room, then try again."
                    ),
                    code="no_room",
                )
            upload.name = clean_text(upload.name or "", lines=False)
        return upload


class SeveralFiles(forms.FileInput):
    """The browser's choice of several files at once."""

    allow_multiple_selected = True


@dataclass(frozen=True)
class Chosen:
    """One of several chosen files; ``problem`` says why it cannot be kept, where the field knows already."""

    upload: Any
    problem: str = ""


class UploadsField(UploadField):
    """Several files, each with its own limit and its own sentence: one that is too large keeps none of the others away.

    Cleans to a list of ``Chosen``, in the order in which they came.
    """

    def __init__(self, *, accept: str = "", **kwargs: Any) -> None:
        super().__init__(accept=accept, widget=SeveralFiles(attrs={"accept": accept} if accept else {}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Look at each by itself; only that none was chosen is wrong with the whole."""
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        if not uploads:
            super().clean(None, initial)
            return []
        return [self._looked_at(upload) for upload in uploads]

    def _looked_at(self, upload: Any) -> Chosen:
        try:
            return Chosen(super().clean(upload))
        except ValidationError as error:
            return Chosen(upload, " ".join(error.messages))


# ---- Code lists ----


def code_choices(
    choices: Choices,
    *,
    empty: Words | None = None,
    not_asked: bool = False,
    declined: bool = False,
    unknown: bool = False,
    not_applicable: bool = False,
) -> list[tuple[str, Words]]:
    """The choices of a code list, followed by the ways of having no answer that this question allows.

    ``empty``: the words of an empty first choice ("Choose…"); None for none. A code that the list already
    has is not added again.
    """
    listed: list[tuple[str, Words]] = [(str(code), label) for code, label in choices]
    known = {code for code, _label in listed}
    flavours = ((NOT_ASKED, not_asked), (DECLINED, declined), (UNKNOWN, unknown), (NOT_APPLICABLE, not_applicable))
    listed += [flavour for flavour, wanted in flavours if wanted and flavour[0] not in known]
    return listed if empty is None else [("", empty), *listed]


class CodeField(forms.ChoiceField):
    """One code of a list. ``radio=True`` for few choices; ``ask=True`` offers the ways of having no answer."""

    default_error_messages = {
        "required": gettext_lazy("Choose an answer."),
        "invalid_choice": gettext_lazy("Choose one of the answers in the list."),
    }

    def __init__(
        self,
        choices: Choices | Callable[[], Choices] = (),
        *,
        radio: bool = False,
        ask: bool = False,
        empty: Words | None = None,
        **kwargs: Any,
    ) -> None:
        if radio:
            kwargs.setdefault("widget", forms.RadioSelect)
        if empty is None and not radio and not ask:
            empty = gettext_lazy("Choose…")
        if ask:
            kwargs.setdefault("initial", NOT_ASKED[0])
            kwargs.setdefault("required", False)
        offered = partial(code_choices, empty=empty, not_asked=ask, declined=ask, unknown=ask)
        if callable(choices):
            # Asked by each form anew: what an administrator configured, or a house offers, may change.
            super().__init__(choices=lambda: offered(choices()), **kwargs)
        else:
            super().__init__(choices=offered(choices), **kwargs)
        self.empty_code = NOT_ASKED[0] if ask else ""

    def bound_data(self, data: Any, initial: Any) -> Any:
        """A form that comes back must not show the first answer where none was given."""
        return super().bound_data(data, initial) or self.empty_code

    def clean(self, value: Any) -> str:
        """A question that was left alone was not asked."""
        return super().clean(value) or self.empty_code


class CodesField(forms.MultipleChoiceField):
    """Several codes of a list, as ticks."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": gettext_lazy("Choose at least one answer."),
        "invalid_choice": gettext_lazy("Choose from the answers in the list."),
    }


# ---- The form ----


class HavenForm(forms.Form):
    """The base of every form that changes something.

    ``form_key``: a hidden UUID, new for each rendering, which the view passes to its action as
    ``form_key=form.key``; a double click or a retry with the same key makes one record.
    ``why``: field name → one sentence on why we ask, folded under the field.
    ``mark_optional``: write "(optional)" behind what may stay empty.
    ``wide``: names of fields that take the whole line in a ``.fields`` grid.
    """

    form_key = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages={"invalid": gettext_lazy("This page is out of date. Open it again and send it once more.")},
    )
    why: dict[str, Words] = {}
    wide: tuple[str, ...] = ()
    mark_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, sentence in self.why.items():
            self.fields[name].why = sentence  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            # A wide field takes the whole line of a grid: long texts always do.
            field.wide = name in self.wide or isinstance(field.widget, forms.Textarea)  # type: ignore[attr-defined]

    @property
    def key(self) -> uuid.UUID | None:
        """The key of this rendering, for the action; None where a program left it out."""
        return self.cleaned_data.get("form_key")

    @property
    def answers(self) -> dict[str, Any]:
        """What a valid form was answered with, by the names of its fields; without its key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "form_key"}

    def _clean_fields(self) -> None:
        """Look at the text of every plain ``CharField`` too, so that no form forgets to."""
        super()._clean_fields()  # type: ignore[misc]
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, str) and isinstance(self.fields[name], forms.CharField):
                lines = isinstance(self.fields[name].widget, forms.Textarea)
                try:
                    self.cleaned_data[name] = clean_text(value, lines=lines)
                except ValidationError as error:
                    self.add_error(name, error)
