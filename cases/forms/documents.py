"""Forms of the Documents tab: a file with its kind, and why one is withdrawn."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from casemgmt.interface.forms import CodeField, HavenForm, LineField, UploadField
from cases.access import Holding
from cases.choices import SECTIONS_OF_DOCUMENT, DocumentCategory
from cases.file_types import ACCEPT


class DocumentForm(HavenForm):
    """A file, what it is, and in which part of the case it is kept. Offers only what the writer may write."""

    why = {
        "section": _("The part decides who can open the document. Everybody who holds it is named beside it."),
    }
    wide = ("upload",)

    upload = UploadField(
        label=_("File"), accept=ACCEPT,
        help_text=_("PDF, images, Word, Excel, OpenDocument text or plain text, without a password."),
    )  # fmt: skip
    category = CodeField(label=_("What it is"))
    section = CodeField(label=_("Part of the case"), empty=_("The usual part for this kind"), required=False)

    def __init__(self, *args: Any, holding: Holding, readers: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        writable = {section for section in Section if holding.writes(section)}
        self.sections = {
            category: [section for section in sections if section in writable]
            for category, sections in SECTIONS_OF_DOCUMENT.items()
        }
        kinds = [(code, label) for code, label in DocumentCategory.choices if self.sections[code]]
        self.fields["category"].choices = [("", _("Choose…")), *kinds]  # type: ignore[attr-defined]
        offered = [section for section in Section if any(section in sections for sections in self.sections.values())]
        self.fields["section"].choices = [  # type: ignore[attr-defined]
            ("", self.fields["section"].choices[0][1]),  # type: ignore[attr-defined]
            *((section, f"{section.label} ({', '.join(readers.get(section, []))})") for section in offered),
        ]

    def clean(self) -> dict[str, Any]:
        """Without a choice of its own, a document goes where its kind usually goes, or where its writer may."""
        facts = super().clean() or {}
        category, section = facts.get("category"), facts.get("section")
        if category and not section:
            facts["section"] = self.sections[category][0]
        elif category and section not in self.sections[category]:
            self.add_error(
                "section", _("A document of this kind cannot be kept in that part. Choose another, or the usual one.")
            )
        return facts


class WithdrawForm(HavenForm):
    """Why a document is withdrawn."""

    why_withdrawn = LineField(
        label=_("Why it is withdrawn"),
        help_text=_("For example: uploaded to the wrong case, or replaced by a newer one."),
    )
