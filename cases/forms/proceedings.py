"""Forms of proceedings: what everybody may know at the court, and what it is to her."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, TextField
from cases.actions.proceedings import CourtFacts, HerSide
from cases.choices.proceedings import Cooperation, HerRole, ProceedingOutcome, ProceedingStage


class ProceedingForm(HavenForm):
    """Public facts first, then hers. ``is_new``: court and docket number name it, and stay."""

    why = {
        "charge": _("Only what stands at the court. Nothing that she said, and no name of hers."),
        "statement": _("Sealed with her case. Nobody who looks at the same proceeding reads it."),
    }
    wide = ("charge", "statement")

    court = LineField(label=_("Court or authority"))
    docket = LineField(label=_("Docket number"), max_length=60)
    charge = LineField(label=_("Charge"), required=False, max_length=300)
    stage = CodeField(ProceedingStage.choices, label=_("How far it has come"), initial=ProceedingStage.REPORTED)
    outcome = CodeField(ProceedingOutcome.choices, label=_("How it ended"), initial=ProceedingOutcome.OPEN)
    next_on = DayField(label=_("Next hearing on"), required=False)
    next_what = LineField(label=_("What is heard"), required=False, max_length=120)
    place = LineField(label=_("Where"), required=False)
    role = CodeField(HerRole.choices, label=_("What she is in it"), initial=HerRole.VICTIM)
    cooperation = CodeField(
        Cooperation.choices, label=_("Does she want to work with police and prosecutor?"), initial=Cooperation.UNDECIDED,
        help_text=_("Her choice. Help does not depend on it."),
    )  # fmt: skip
    statement = TextField(label=_("Her statement, and what she fears of it"), rows=3, max_length=5000, required=False)

    def __init__(self, *args: Any, is_new: bool, says: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in () if is_new else ("court", "docket"):
            del self.fields[name]
        if not says:
            del self.fields["statement"]

    def _of(self, kind: type) -> dict[str, Any]:
        names = kind.__dataclass_fields__  # type: ignore[attr-defined]
        return {name: self.cleaned_data[name] for name in names if name in self.fields}

    @property
    def facts(self) -> CourtFacts:
        """The public part, for the action."""
        return CourtFacts(**self._of(CourtFacts))

    @property
    def side(self) -> HerSide:
        """Hers, for the action."""
        return HerSide(**self._of(HerSide))
