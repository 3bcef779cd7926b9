"""Forms for notes."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.models import User
from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, MomentField, TextField
from cases import codes, texts
from cases.actions.conferences import Decision
from cases.choices.configuration import ListName
from cases.choices.notes import Present, may_waive, with_words
from cases.forms.tasks import OFFICIAL_NUMBER


def not_later_than_now(moment: dt.datetime) -> None:
    """A note tells what has happened."""
    if moment > timezone.now() + dt.timedelta(minutes=5):
        raise ValidationError(gettext("This moment has not come yet. Check day and time."), code="in_future")


class AboutNoteForm(HavenForm):
    """What every note can say besides its text: its type, and who was there. A waiver of privilege is asked about.

    ``asks_waiver``: somebody was there whose presence may waive the privilege, and nobody has said yet that she knows.
    """

    note_type = CodeField(
        codes.offered(ListName.NOTE_TYPE), label=_("What it was"), required=False, empty=_("Not said")
    )
    present = CodesField(
        choices=Present.choices,
        label=_("Who was there"),
        required=False,
        help_text=_("By role only. A third person can end the privilege of a talk; that is why we ask."),
    )
    others = LineField(label=_("Somebody else, by role"), required=False, max_length=200)
    waiver_is_known = forms.BooleanField(
        label=_("I know that this talk may not be privileged any more. Keep the note and mark it."), required=False
    )
    asks_waiver = False
    #: Pages with this form have the button "Words to begin with".
    offers_words = True

    @classmethod
    def typed_with_words(cls, posted: QueryDict) -> dict[str, Any]:
        """What was typed, as ``initial`` of a fresh form, with the words of the chosen type beneath. Nothing is overwritten."""
        typed: dict[str, Any] = {name: posted.get(name, "") for name in cls.base_fields if name != "form_key"}
        body = posted.get("body", "").replace("\r\n", "\n")
        kind = posted.get("note_type", "")
        body = with_words(body, kind, texts.words_to_begin(kind))
        return {**typed, "present": posted.getlist("present"), "body": body}

    def clean(self) -> dict[str, Any] | None:
        """Ask once, in plain words, before a note is kept whose privilege may be gone (domain.md §2.8, 5)."""
        facts = super().clean() or self.cleaned_data
        if may_waive(facts.get("privilege_class", ""), facts.get("present", []), facts.get("others", "")):
            self.asks_waiver = True
            if not facts.get("waiver_is_known") and not self.errors:
                self.add_error("waiver_is_known", gettext("Tick this if you know it, or change who was there."))
        return facts

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields to show: the question about the waiver only where it is asked."""
        return [field for field in self.visible_fields() if field.name != "waiver_is_known" or self.asks_waiver]


class NoteForm(AboutNoteForm):
    """A new note. Only classes that the writer may write are offered; each says who will read it."""

    field_order = ("body", "privilege_class", "note_type", "present", "others", "happened_at", "waiver_is_known")

    body = TextField(
        label=_("Note"),
        rows=6,
        max_length=20_000,
        help_text=_("Facts, services and plan, in neutral words. What happened to her belongs to her statement."),
        error_messages={"required": _("Write the note first.")},
    )
    privilege_class = CodeField(label=_("Kind of note"), radio=True)
    happened_at = MomentField(
        label=_("When it was"), required=False, validators=[not_later_than_now], help_text=_("Empty means now.")
    )

    def __init__(self, *args: Any, classes: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["privilege_class"].choices = classes  # type: ignore[attr-defined]
        self.fields["privilege_class"].initial = classes[0][0]


class QuickNoteForm(HavenForm):
    """The folded note under the tabs: text only, of the writer's usual kind."""

    body = TextField(label=_("Note"), rows=4, max_length=20_000)
    privilege_class = forms.CharField(widget=forms.HiddenInput)


class NoteEditForm(HavenForm):
    """The text of a note, and the version it was read in."""

    body = TextField(
        label=_("Note"), rows=8, max_length=20_000, error_messages={"required": _("Write the note first.")}
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class AmendmentForm(HavenForm):
    """What is added beneath a locked note, and why."""

    reason = LineField(
        label=_("Why it is added"),
        max_length=200,
        help_text=_("For example: a date was wrong, something was remembered later."),
        error_messages={"required": _("Say why it is added.")},
    )
    body = TextField(
        label=_("What is added"), rows=6, max_length=20_000, error_messages={"required": _("Write what is added.")}
    )


class CallForm(HavenForm):
    """Whom one asks to read a note; offered is only who may read it already."""

    people = CodesField(label=_("Whom do you ask?"), error_messages={"required": _("Choose at least one person.")})

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readers = {str(person.uid): person for person in people}
        self.fields["people"].choices = [(uid, one.name) for uid, one in self.readers.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[User]:
        """Who was chosen."""
        return [self.readers[uid] for uid in self.cleaned_data["people"]]


class ConferenceForm(AboutNoteForm):
    """The record of a case conference: who was there, what was said, and up to four decisions that can become tasks."""

    offers_words = False
    ROWS = range(1, 5)

    privilege_class = CodeField(label=_("Who reads the record"), radio=True)
    happened_at = MomentField(
        label=_("When it was"), required=False, validators=[not_later_than_now], help_text=_("Empty means now.")
    )
    here = CodesField(
        label=_("Who of this case was there"), error_messages={"required": _("Choose at least one person.")}
    )
    body = TextField(
        label=_("What was talked about"),
        rows=6,
        max_length=20_000,
        error_messages={"required": _("Write what was talked about.")},
    )

    def __init__(self, *args: Any, classes: Sequence[tuple[str, Any]], people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["note_type"]
        self.people = {str(person.uid): person for person in people}
        names = [(uid, person.name) for uid, person in self.people.items()]
        self.fields["privilege_class"].choices = classes  # type: ignore[attr-defined]
        self.fields["privilege_class"].initial = classes[0][0]
        self.fields["here"].choices = names  # type: ignore[attr-defined]
        self.fields["here"].initial = [uid for uid, _name in names[:1]]
        self.fields["present"].label = _("Guests, by role")
        for row in self.ROWS:
            self.fields[f"what_{row}"] = LineField(label=_("What was decided"), required=False, max_length=160)
            self.fields[f"who_{row}"] = CodeField(names, label=_("Who does it"), required=False, empty=_("Nobody yet"))
            self.fields[f"until_{row}"] = DayField(label=_("By"), required=False, coming=True)

    def clean(self) -> dict[str, Any] | None:
        """A task needs somebody and a day; a decision alone needs neither. No official number in what becomes a title."""
        facts = super().clean() or self.cleaned_data
        for row in self.ROWS:
            what, who, until = (facts.get(f"{name}_{row}") for name in ("what", "who", "until"))
            if (who or until) and not what:
                self.add_error(f"what_{row}", gettext("Say what was decided."))
            elif bool(who) != bool(until) and f"until_{row}" not in self.errors:
                self.add_error(
                    f"who_{row}" if until else f"until_{row}",
                    gettext("A task needs somebody and a day. Leave both empty if it is none."),
                )
            if what and OFFICIAL_NUMBER.search(what):
                self.add_error(
                    f"what_{row}", gettext("Leave official numbers out of the title. They have a place of their own.")
                )
        return facts

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of the decisions, row by row."""
        return [[self[f"{name}_{row}"] for name in ("what", "who", "until")] for row in self.ROWS]

    @property
    def before_rows(self) -> list[forms.BoundField]:
        """The fields above the decisions."""
        names = ("privilege_class", "happened_at", "here", "present", "others", "body")
        return [self[name] for name in names]

    @property
    def decisions(self) -> list[Decision]:
        """What was decided."""
        facts = self.cleaned_data
        return [
            Decision(facts[f"what_{row}"], self.people.get(facts[f"who_{row}"]), facts[f"until_{row}"])
            for row in self.ROWS
            if facts[f"what_{row}"]
        ]

    @property
    def those_here(self) -> list[User]:
        """Who was chosen as present."""
        return [self.people[uid] for uid in self.cleaned_data["here"]]
