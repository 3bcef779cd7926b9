"""Forms of joint cases."""

from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, HavenForm, LineField
from cases.choices.linking import BONDS, LinkEnd


class LinkForm(HavenForm):
    """Which other case, and what binds the two."""

    number = LineField(
        label=_("Number of the other case"), max_length=16,
        help_text=_("As it stands beside its alias. You need to be able to write on both."),
    )  # fmt: skip
    kind = CodeField(label=_("What binds them"), choices=BONDS, radio=True)


class LinkEndForm(HavenForm):
    """Why the link ends."""

    reason = CodeField(label=_("Why it ends"), choices=LinkEnd.choices, radio=True)
