"""Filters of the ledger. They travel in the address, so they carry codes and days only."""

import datetime
import re
import uuid
from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from casemgmt.interface.forms import CodeField, DayField

from .circumstances import Source
from .log import PRIVILEGED
from .presenting import BASIS_WORDS, GROUND_WORDS, PURPOSE_WORDS
from .reader import Reader
from .sealing import notes
from .verbs import Outcome, Verb
from .workspace import digest
from .workspace.walking import Chosen

ANY = _("Any")


class EventFilter(forms.Form):
    """Who, what, which case, by which right, how it went, from where, when. An unknown code is an error, not an empty list."""

    person = CodeField(label=_("Person"), empty=ANY, required=False)
    verb = CodeField(label=_("What happened"), empty=ANY, required=False)
    case = forms.CharField(
        label=_("Case (S-XXXX-XXXX)"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    section = CodeField(
        [(code, label) for code, label in Section.choices if code not in PRIVILEGED],
        label=_("Section"),
        empty=ANY,
        required=False,
    )
    basis = CodeField(
        [*BASIS_WORDS.items(), *GROUND_WORDS.items()], label=_("By which right"), empty=ANY, required=False
    )
    purpose = CodeField(list(PURPOSE_WORDS.items()), label=_("What for"), empty=ANY, required=False)
    outcome = CodeField(Outcome.choices, label=_("How it went"), empty=ANY, required=False)
    source = CodeField(Source.choices, label=_("From where"), empty=ANY, required=False)
    start = DayField(label=_("From"), required=False)
    end = DayField(label=_("Until"), required=False)

    mark_optional = False

    def __init__(self, data: Any, *, reader: Reader, without: tuple[str, ...] = ()) -> None:
        super().__init__(data or None, label_suffix="")
        self.people = {code: (uid, name) for uid, code, name in reader.staff()}
        self.fields["person"].choices = [("", ANY), *((code, name) for code, (_uid, name) in self.people.items())]  # type: ignore[attr-defined]
        verbs = sorted(((code, capfirst(str(label))) for code, label in Verb.choices), key=lambda entry: entry[1])
        self.fields["verb"].choices = [("", ANY), *verbs]  # type: ignore[attr-defined]
        for name in without:
            del self.fields[name]

    def clean_case(self) -> uuid.UUID | None:
        """The uid of the case that the ledger knows under this name."""
        written = self.cleaned_data["case"].strip().upper()
        return _known_case(written) if written else None

    def clean(self) -> dict[str, Any]:
        """No end before the beginning."""
        found: dict[str, Any] = super().clean() or {}
        start, end = found.get("start"), found.get("end")
        if start and end and end < start:
            self.add_error("end", forms.ValidationError(_("The end lies before the beginning."), code="order"))
        return found

    def used(self) -> list[str]:
        """The names of the filters that are set."""
        return [name for name, value in self._given().items() if value]

    def chosen(self, within: Chosen) -> Chosen | None:
        """What is asked for, inside what the page shows anyway; None while the form has an error."""
        if not self.is_bound:
            return within
        if not self.is_valid():
            return None
        given = self._given()
        others = list(within.others)
        if given.get("section"):
            others.append(Q(sections__contains=f" {given['section']} "))
        if given.get("purpose"):
            others.append(Q(purpose=given["purpose"]) | Q(basis__purpose=given["purpose"]))
        if given.get("source"):
            others.append(Q(source=given["source"]))
        verbs = within.verbs
        if given.get("verb"):
            verbs = (given["verb"],)
            if within.verbs and given["verb"] not in within.verbs:
                others.append(Q(pk__in=()))
        end = given.get("end")
        return replace(
            within,
            case_uid=given.get("case") or within.case_uid,
            person_uid=self.people[given["person"]][0] if given.get("person") else within.person_uid,
            verbs=verbs,
            basis_kind=given.get("basis", ""),
            outcome=given.get("outcome", ""),
            start=_midnight(given.get("start")),
            end=_midnight(end and end + datetime.timedelta(days=1)),
            others=tuple(others),
        )

    def _given(self) -> dict[str, Any]:
        """What was chosen, empty while there is an error."""
        return self.cleaned_data if self.is_bound and self.is_valid() else {}


def _known_case(code: str) -> uuid.UUID:
    """The uid of the case that the ledger knows under this name. Raises ValidationError."""
    found = digest.find_case(code)
    if found is None:
        raise forms.ValidationError(_("The ledger knows no case of this name."), code="unknown")
    return found


class FindCase(forms.Form):
    """Go to a case by its pseudonym."""

    case = forms.CharField(label=_("Case (S-XXXX-XXXX)"), max_length=20)

    def __init__(self, data: Any) -> None:
        super().__init__(data or None, label_suffix="")

    def clean_case(self) -> uuid.UUID:
        """The uid of the case that the ledger knows under this name."""
        return _known_case(self.cleaned_data["case"].strip().upper())


class KeepFilter(forms.Form):
    """The name under which an auditor keeps a filter."""

    name = forms.CharField(
        label=_("Name of this filter"),
        help_text=_("Only you see it. Name the question, never a person."),
        max_length=60,
        error_messages={"required": _("Give the filter a name.")},
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data or None, label_suffix="")


class CheckFile(forms.Form):
    """The SHA-256 of a file, as a court or a partner wrote it."""

    checksum = forms.CharField(
        label=_("SHA-256 of the file"),
        help_text=_("64 digits, 0 to 9 and a to f. Spaces and capitals do not matter."),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={"required": _("Enter the SHA-256 of the file.")},
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, label_suffix="")

    def clean_checksum(self) -> str:
        """The 64 digits alone, in small letters; "SHA-256", spaces, colons and hyphens around them are forgiven."""
        written = "".join(self.cleaned_data["checksum"].lower().split())
        digits = re.sub(r"[:\-]", "", re.sub(r"^sha-?256[:=]?", "", written))
        if re.search(r"[^0-9a-f]", digits):
            raise forms.ValidationError(
                _("A SHA-256 has only the digits 0 to 9 and the letters a to f. Look for another sign in it."),
                code="not_hex",
            )
        if len(digits) != 64:
            raise forms.ValidationError(
                _("A SHA-256 has 64 digits; this has %(count)s. Copy it whole."),
                code="length",
                params={"count": len(digits)},
            )
        return digits


class CompareHead(forms.Form):
    """A head that an auditor kept: the whole signed note, or its size and its root."""

    head = forms.CharField(
        label=_("The head that you kept"),
        help_text=_("The whole text of a letter or of the code on a printed page, or the size, a space and the root."),
        max_length=20_000,
        widget=forms.Textarea(
            attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
        error_messages={"required": _("Paste the head, or type its size and its root.")},
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, label_suffix="")

    def clean_head(self) -> tuple[int, bytes, str]:
        """(size, root, note); the note is empty where only size and root were given."""
        text = "\n".join(line.rstrip() for line in self.cleaned_data["head"].splitlines()) + "\n"
        note = re.search(r"^\S+\n([0-9]{1,18})\n[A-Za-z0-9+/]{43}=\n\n(?:— \S+ \S+\n)+", text, re.MULTILINE)
        if note is not None:
            try:
                told = notes.parse_checkpoint(notes.parse_note(note[0]))
            except notes.BadNote:
                raise forms.ValidationError(_("This looks like a head, and something in it is cut off."), code="cut")
            return told.size, told.root, note[0]
        size, _blank, root = text.strip().partition(" ")
        digits = "".join(root.lower().split())
        if not re.fullmatch(r"[0-9]{1,18}", size) or not re.fullmatch(r"[0-9a-f]{64}", digits):
            raise forms.ValidationError(
                _("This is no head. Its size has digits only, and its root has 64 digits, 0 to 9 and a to f."),
                code="no_head",
            )
        return int(size), bytes.fromhex(digits), ""


def _midnight(day: datetime.date | None) -> datetime.datetime | None:
    """The first moment of a day on the reader's calendar."""
    return None if day is None else timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
