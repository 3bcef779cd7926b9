"""Forms of the desk of holds and erasures. None of them asks for a word of a case's content."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, TextField
from cases.choices.erasing import CLASS_WORDS, ErasureCheck, ErasureGround, HoldAuthority

CLASS_CHOICES = [(str(code), words) for code, words in CLASS_WORDS.items()]


class AboutCaseForm(HavenForm):
    """An act on a case that is found by its number; ``knows_case``: a link brought the number, nobody types it."""

    number = LineField(label=_("Case number"), max_length=40)

    def __init__(self, *args: Any, knows_case: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if knows_case:
            self.fields["number"].widget.attrs["readonly"] = True


class AskForm(AboutCaseForm):
    """What is to be erased, on what ground."""

    why = {"reference": _("Sealed. The number of the request or order, not a name.")}
    wide = ("classes", "reason")

    classes = CodesField(label=_("What is to be erased"), choices=CLASS_CHOICES)
    ground = CodeField(label=_("On what ground"), choices=ErasureGround.choices)
    reference = LineField(label=_("Reference"), required=False, max_length=120)
    reason = TextField(label=_("Why, in a few words"), rows=3, max_length=2_000)


class CheckForm(HavenForm):
    """What came of the private talk."""

    check = CodeField(label=_("The private talk"), choices=ErasureCheck.choices, radio=True)


class ReasonForm(HavenForm):
    """Why something is stopped or lifted."""

    reason = TextField(label=_("Why, in a few words"), rows=3, max_length=2_000)


class HoldForm(AboutCaseForm):
    """What must be preserved, why, and when somebody looks at it again."""

    wide = ("classes", "reason")

    authority = CodeField(label=_("What demands it"), choices=HoldAuthority.choices)
    classes = CodesField(
        label=_("What must be preserved"), choices=CLASS_CHOICES, required=False,
        help_text=_("Nothing ticked means everything."),
    )  # fmt: skip
    review_on = DayField(label=_("Look at it again on"), coming=True)
    reason = TextField(label=_("Why, in a few words"), rows=3, max_length=2_000)
