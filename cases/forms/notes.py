"""Forms for notes."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, HavenForm, MomentField, TextField


def not_later_than_now(moment: dt.datetime) -> None:
    """A note tells what has happened."""
    if moment > timezone.now() + dt.timedelta(minutes=5):
        raise ValidationError(gettext("This moment has not come yet. Check day and time."), code="in_future")


class NoteForm(HavenForm):
    """A new note. Only classes that the writer may write are offered; each says who will read it."""

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
