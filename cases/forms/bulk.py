"""Forms that act on several cases of a list: which act, and what it needs to know. The cases are ticked, not typed."""

from collections.abc import Sequence
from typing import Any, Self

from django.forms import HiddenInput
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.interface.forms import CodeField, HavenForm, LineField, code_choices
from cases.choices.listing import EXPORTING_ROLES, BulkAct
from cases.forms.people import NewOwnerForm
from cases.forms.tasks import TaskForm
from cases.models import Tag

#: Instead of a person: whoever leads each of the cases.
EACH_LEAD = "LEAD"


class ActForm(HavenForm):
    """Which act, beneath the ticks of a list. ``query``: the filters, by which the result leads back."""

    act = CodeField(label=_("With the ticked cases"), error_messages={"required": _("Choose what is to be done.")})
    query = LineField(required=False, max_length=300)

    def __init__(self, *args: Any, acts: Sequence[BulkAct], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["query"].widget = HiddenInput()
        offered = [(act.value, act.label) for act in acts]
        self.fields["act"].choices = code_choices(offered, empty=_("Choose…"))  # type: ignore[attr-defined]

    @classmethod
    def for_reader(cls, reader: User, words: Sequence[Tag], *args: Any, **kwargs: Any) -> Self | None:
        """The acts of her office; None for guests. Whether she may do one on a case, that case says."""
        if not reader.organisation.is_ours:
            return None
        acts = [BulkAct.TASK, *([BulkAct.SHEET] if reader.holds_role(*EXPORTING_ROLES) else [])]
        if not all(tag.is_retired for tag in words):
            acts.append(BulkAct.TAG)
        if words:
            acts.append(BulkAct.UNTAG)
        if reader.holds_role(Role.SUPERVISOR):
            acts.append(BulkAct.LEAD)
        return cls(*args, acts=acts, **kwargs)


class TagForm(HavenForm):
    """One word of the list."""

    tag = CodeField(label=_("Tag"))

    def __init__(self, *args: Any, words: Sequence[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = {str(tag.uid): tag for tag in words}
        offered = [(uid, tag.in_words) for uid, tag in self.words.items()]
        self.fields["tag"].choices = code_choices(offered, empty=_("Choose…"))  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Tag:
        """The word."""
        return self.words[self.cleaned_data["tag"]]


class TasksForm(TaskForm):
    """One task for each of several cases: for whoever leads it, or for one person."""

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, people=people, is_new=True, **kwargs)
        names = [(uid, person.name) for uid, person in self.people.items()]
        everybody = [(EACH_LEAD, _("Whoever leads the case")), *names]
        self.fields["assigned_to"].choices = everybody  # type: ignore[attr-defined]
        self.fields["assigned_to"].initial = EACH_LEAD

    @property
    def one_doer(self) -> User | None:
        """The person who does it in every case; None for each case's own lead."""
        return self.people.get(self.cleaned_data["assigned_to"])


__all__ = ["EACH_LEAD", "ActForm", "NewOwnerForm", "TagForm", "TasksForm"]
