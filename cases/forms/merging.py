"""Forms of merging two files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, HavenForm
from cases.models import Case


class MergeForm(HavenForm):
    """Which file goes on, and whether the other one does, too. ``pair`` are the two, in the order of the page."""

    kept = CodeField(label=_("Which file goes on?"), choices=[], radio=True)
    keeps_open = forms.BooleanField(
        label=_("Keep both open: they are two matters of one person"), required=False,
        help_text=_("Otherwise the file that does not go on is closed as a duplicate. Nothing of it is lost."),
    )  # fmt: skip

    def __init__(self, *args: Any, pair: Sequence[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = [  # type: ignore[attr-defined]
            (str(case.uid), case.number) for case in pair
        ]
