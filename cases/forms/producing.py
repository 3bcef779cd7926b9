"""Forms of the numbered production: which papers, and what the second person says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, HavenForm
from cases.choices.releases import InfoCategory
from cases.errors.producing import ProductionLacks
from cases.errors.releases import DisclosureLacks
from cases.forms.guarding import DecisionForm


class ProductionForm(HavenForm):
    """The papers that the order asks for, and no others. ``documents``: what its reader may produce, in words."""

    why = {
        "documents": _(
            "Each gets the next number and stays pinned to this version. What stands in an attorney's own file is privileged "
            "and not offered here; note it in the privilege log."
        )
    }
    wide = ("documents", "categories", "is_minimised")

    documents = CodesField(
        label=_("Which papers"), choices=[],
        error_messages={"required": ProductionLacks.sentences["none"], "invalid_choice": ProductionLacks.sentences["unknown"]},
    )  # fmt: skip
    categories = CodesField(label=_("What they tell"), choices=InfoCategory.choices)
    is_minimised = forms.BooleanField(
        label=_("The order names each of these papers, and nothing more is given"),
        error_messages={"required": DisclosureLacks.sentences["minimised"]},
    )

    def __init__(self, *args: Any, documents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["documents"].choices = documents
        if not documents:
            fields["documents"].help_text = _("There is no document in this case that you may produce.")


class ProductionDecisionForm(DecisionForm):
    """What the second person says of a production."""

    decision = CodeField(
        label=_("Your decision"), radio=True,
        choices=[
            (DecisionForm.APPROVE, _("Approve: counsel may take these papers out for the court")),
            (DecisionForm.DECLINE, _("Decline: none of them leaves")),
        ],
    )  # fmt: skip
