"""The form on who speaks for a minor, and what was looked at for her."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.answers import ASSENT, BEST_INTERESTS, GUARDIAN, GUARDIAN_CHECK, MINORITY, REPORT_LOOKED_AT, is_answered
from cases.choices.survivor import GuardianCheck
from cases.forms.answers import OwnAnswersForm


class MinorityForm(OwnAnswersForm):
    """Guardian, representative, custody, school, and the three questions that come with being under 18 (domain.md §8.5)."""

    why = {
        GUARDIAN: gettext_lazy("Some papers need a guardian beside her. A parent who had a part in it is none."),
        GUARDIAN_CHECK: gettext_lazy("A guardian who had a part in what happened must learn nothing of this."),
        ASSENT: gettext_lazy("What a guardian allows is not enough: she is asked too, in words she understands."),
        BEST_INTERESTS: gettext_lazy("Where she lives and who decides for her follows what is best for her."),
        REPORT_LOOKED_AT: gettext_lazy("The law may ask to report harm to a child. Counsel or your supervisor knows."),
    }
    names = MINORITY
    field_order = MINORITY

    def clean(self) -> dict[str, Any]:
        """A check is one of somebody."""
        facts = super().clean() or {}
        check = facts.get(GUARDIAN_CHECK)
        if is_answered(check) and check != GuardianCheck.NOT_YET and not facts.get(GUARDIAN):
            self.add_error(GUARDIAN, _("Write who was checked."))
        return facts
