"""What the timeline of a case is narrowed to: codes and days, sent by GET."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm


class TimelineForm(HavenForm):
    """Kind, part of the case, who, from when until when. Offers only what stands in the lines that the reader may open."""

    mark_optional = False

    kind = CodeField(label=_("What"), empty=_("Everything"), required=False)
    section = CodeField(label=_("Part of the case"), empty=_("All parts"), required=False)
    who = CodeField(label=_("Who"), empty=_("Everybody"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)

    def __init__(
        self, *args: Any, kinds: list[tuple[str, Any]], sections: list[tuple[str, Any]], people: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        for name, choices in (("kind", kinds), ("section", sections), ("who", people)):
            field: Any = self.fields[name]
            field.choices = [field.choices[0], *choices]
        if not people:
            del self.fields["who"]

    def clean(self) -> dict[str, Any]:
        """The first day is not after the last."""
        facts = super().clean() or {}
        if facts.get("since") and facts.get("until") and facts["since"] > facts["until"]:
            self.add_error("until", forms.ValidationError(_("This day is before the first one. Change one of them.")))
        return facts
