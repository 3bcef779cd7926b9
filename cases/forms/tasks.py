"""Forms for tasks."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.models import User
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, not_in_past
from cases.choices.casework import Repeats

#: The shape of an A-number or a social security number (domain.md R14): such a number stands in no title.
OFFICIAL_NUMBER = re.compile(r"\bA?\d{8,9}\b|\b\d{3}-\d{2}-\d{4}\b")


class TaskForm(HavenForm):
    """What, by when, and who."""

    title = LineField(
        label=_("What is to be done"), max_length=160, error_messages={"required": _("Say what is to be done.")}
    )
    due_on = DayField(label=_("By"))
    assigned_to = CodeField(
        label=_("Who does it"), help_text=_("It is kept where both of you may write, and nobody else sees it.")
    )
    repeats = CodeField(
        choices=Repeats.choices, label=_("Comes again"), required=False, empty=_("Once, not again"),
        help_text=_("The next one is on the list as soon as this one is done."),
    )  # fmt: skip
    repeats_until = DayField(label=_("Until"), required=False, help_text=_("Empty means: until somebody ends it."))
    wide = ("title",)

    def __init__(self, *args: Any, people: Sequence[User], is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new:
            self.fields["due_on"].validators.append(not_in_past)
        self.people = {str(person.uid): person for person in people}
        self.fields["assigned_to"].choices = [(uid, person.name) for uid, person in self.people.items()]  # type: ignore[attr-defined]
        if people:
            self.fields["assigned_to"].initial = str(people[0].uid)

    def clean_title(self) -> str:
        """No official number in a title: titles show on lists."""
        title: str = self.cleaned_data["title"]
        if OFFICIAL_NUMBER.search(title):
            self.add_error("title", gettext("Leave official numbers out of the title. They have a place of their own."))
        return title

    def clean(self) -> dict[str, Any]:
        """An end after the first day, of something that comes again."""
        cleaned = super().clean() or {}
        until, first = cleaned.get("repeats_until"), cleaned.get("due_on")
        if until and not cleaned.get("repeats"):
            self.add_error("repeats", gettext("Say how often it comes again, or leave “Until” empty."))
        elif until and first and until < first:
            self.add_error("repeats_until", gettext("This is before the first day."))
        return cleaned

    @property
    def rhythm(self) -> dict[str, Any]:
        """How often, and until when."""
        return {name: self.cleaned_data[name] for name in ("repeats", "repeats_until")}

    @property
    def doer(self) -> User:
        """Who was chosen."""
        return self.people[self.cleaned_data["assigned_to"]]
