"""Forms of tags: a new word of the list, and which words a case carries."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodesField, HavenForm, LineField
from cases.models import Tag
from cases.models.tagging import WORD_LENGTH

#: What could be a number of hers, a year of birth, a case or an address (domain.md R14).
_NO_WORD = re.compile(r"\d{3,}|[@/\\]")


class NewTagForm(HavenForm):
    """One word."""

    word = LineField(
        label=_("New tag"), max_length=WORD_LENGTH, error_messages={"required": _("Write a word.")},
        help_text=_(
            "A short neutral word about the work, for example “Monday meeting”. Tags are not encrypted: never write a "
            "name, a place, a language, an illness, or anything she could be known by."
        ),
    )  # fmt: skip

    def clean_word(self) -> str:
        """No number or address stands in a word."""
        word: str = " ".join(self.cleaned_data["word"].split())
        if _NO_WORD.search(word):
            self.add_error("word", gettext("Leave numbers and addresses out. A tag is a plain word about the work."))
        return word


class CaseTagsForm(HavenForm):
    """Which words of the list a case carries."""

    tags = CodesField(label=_("Tags"), required=False)
    mark_optional = False

    def __init__(self, *args: Any, words: Sequence[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [(str(tag.uid), tag.word) for tag in words]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[UUID]:
        """The words that are ticked."""
        return [UUID(uid) for uid in self.cleaned_data["tags"]]
