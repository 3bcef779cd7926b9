"""Forms of contacts at other organisations."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.accounts.models import Organisation
from casemgmt.interface.forms import CodeField, HavenForm, LineField
from cases.actions.contacts import SaidOfContact
from cases.errors.contacts import ContactNeedsOne


class CaseContactForm(HavenForm):
    """Somebody outside. ``book``: whom the house knows, to choose from where somebody is put on a case; None to change one."""

    wide = ("words",)
    why = {"words": gettext_lazy("Why they stand here: sealed with her case. Nothing is told to them by this.")}

    contact = CodeField(label=gettext_lazy("Somebody of the list"), required=False, empty=gettext_lazy("Somebody new"))
    name = LineField(label=gettext_lazy("Name"), required=False, max_length=120)
    role = LineField(label=gettext_lazy("What they do there"), required=False, max_length=120)
    at = LineField(label=gettext_lazy("Where: police, school, clinic …"), required=False, max_length=160)
    partner = forms.ModelChoiceField(
        label=gettext_lazy("Or an organisation that releases can name"), queryset=Organisation.objects.none(), required=False,
        empty_label=gettext_lazy("None of these"),
    )  # fmt: skip
    phone = LineField(label=gettext_lazy("Phone"), required=False, max_length=40)
    email = LineField(label=gettext_lazy("E-mail"), required=False, max_length=120)
    words = LineField(label=gettext_lazy("What they have to do with this case"), required=False, max_length=300)

    def __init__(self, *args: Any, book: list[tuple[str, str]] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["partner"].queryset = Organisation.objects.filter(is_ours=False).order_by("name")
        if book:
            fields["contact"].choices = [("", _("Somebody new")), *book]
        else:
            del fields["contact"]
        if book is None:
            fields["name"].required = True

    def clean(self) -> dict[str, Any]:
        """Somebody of the list, or somebody new."""
        facts = super().clean() or self.cleaned_data
        if bool(facts.get("contact")) == bool(facts.get("name")) and "name" not in self.errors:
            self.add_error("contact" if "contact" in self.fields else "name", str(ContactNeedsOne()))
        return facts

    @property
    def said(self) -> SaidOfContact:
        """What is kept, for the action."""
        return SaidOfContact(**{name: self.cleaned_data[name] for name in SaidOfContact.__dataclass_fields__})
