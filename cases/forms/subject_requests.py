"""Forms for what she asks for by data protection law."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, TextField
from cases.actions.subject_requests import Decided
from cases.choices.duties import DeliveredVia, RefusalGround, RequestDecision, RequestKind, VerifiedHow
from cases.forms.erasure import AboutCaseForm


class RequestForm(AboutCaseForm):
    """What she asks for, and when it came: the month runs from that day, whatever form it had."""

    wide = ("words",)

    kind = CodeField(label=_("What she asks for"), choices=RequestKind.choices)
    received_on = DayField(label=_("Received on"), past=True)
    words = TextField(label=_("In her words, shortly"), rows=3, max_length=2_000)


class ExtendForm(HavenForm):
    """Why it takes longer."""

    wide = ("reason",)

    reason = TextField(label=_("Why it takes longer, as she is told"), rows=3, max_length=1_000)


class DecideForm(HavenForm):
    """What was decided."""

    why = {
        "verified": _(
            "Who knows her name and day of birth may be somebody who hurt her. Ask in person, or call back by her rule."
        ),
        "is_redacted": _("For what she gets to see or take along: no colleague, relative or other survivor is in it."),
    }
    wide = ("is_redacted", "words")

    verified = CodeField(label=_("How you know that it is she"), choices=VerifiedHow.choices)
    decision = CodeField(label=_("What was decided"), choices=RequestDecision.choices)
    ground = CodeField(
        label=_("If refused, whole or in part: on what ground"), choices=RefusalGround.choices, required=False
    )
    is_redacted = forms.BooleanField(label=_("Other people were taken out"), required=False)
    words = TextField(label=_("What she is told"), rows=3, max_length=2_000, required=False)

    @property
    def decided(self) -> Decided:
        """The decision."""
        return Decided(**{name: self.cleaned_data[name] for name in Decided.__dataclass_fields__})


class DeliveredForm(HavenForm):
    """How it came into her hands."""

    via = CodeField(label=_("How it came into her hands"), choices=DeliveredVia.choices, radio=True)
