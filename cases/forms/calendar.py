"""The form for reminders."""

from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, HavenForm
from cases.choices.notices import MAY_BE_HIDDEN, ReminderMail


class RemindersForm(HavenForm):
    """When by e-mail, and of which kinds in the page."""

    by_mail = CodeField(
        label=_("By e-mail"),
        choices=ReminderMail.choices,
        radio=True,
        help_text=_("The letter says that something is due and where to sign in. It names nobody and nothing."),
    )
    shown_kinds = CodesField(
        label=_("Notices in Haven"),
        choices=[(kind.value, kind.label) for kind in MAY_BE_HIDDEN],
        required=False,
        help_text=_(
            "What you leave out still stands in your lists and in your week. What somebody waits for is always said."
        ),
    )
    mark_optional = False
