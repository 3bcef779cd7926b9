"""Forms of the Documents tab: a file with its kind, why one is withdrawn, quarantine, a copy to compare."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from casemgmt.interface.forms import Chosen, CodeField, DayField, HavenForm, LineField, UploadField, UploadsField
from casemgmt.interface.lines import in_a_row
from cases import codes
from cases.access import Holding
from cases.choices.configuration import ListName
from cases.choices.documents import SECTIONS_OF_DOCUMENT, DocumentCategory
from cases.file_types import ACCEPT
from cases.files import largest_limit, limit_for

#: What happens to what a file tells beside what it shows, and a word of care. Said before anybody chooses one.
BEFORE_A_FILE = _(
    "Look before you upload: some pictures are hard to see, and a picture of a child's abuse must never be copied. "
    "Hidden details (place, time, camera, names) are removed from images, videos and M4A sound before they are kept, but "
    "not from PDF, office and other sound files. Evidence is kept exactly as it comes, with its hidden details."
)


def limits_in_words() -> list[str]:
    """How large a file may be, by kind: one sentence for each limit, the usual one first."""
    larger: dict[int, list[str]] = {}
    for code, label in DocumentCategory.choices:
        larger.setdefault(limit_for(code), []).append(str(label))
    usual = limit_for("")
    lines = [_now("At most %(limit)s.") % {"limit": filesizeformat(usual)}]
    for limit, labels in sorted(larger.items()):
        if limit != usual:
            lines.append(
                _now("%(kinds)s: at most %(limit)s.") % {"kinds": in_a_row(labels), "limit": filesizeformat(limit)}
            )
    return lines


def too_large_for(category: str, upload: Any) -> ValidationError | None:
    """What to say where a file is larger than its kind may be."""
    limit = limit_for(category)
    if not upload or not category or (upload.size or 0) <= limit:
        return None
    return ValidationError(
        _now("This file is %(size)s; at most %(limit)s can be kept of this kind. Make it smaller, or split it."),
        code="too_large",
        params={"size": filesizeformat(upload.size), "limit": filesizeformat(limit)},
    )


def unopened_field() -> forms.BooleanField:
    """The tick that puts a file into quarantine from its first moment."""
    return forms.BooleanField(
        required=False, label=_("It may show the abuse of a child: put it into quarantine at once, unopened"),
        help_text=_(
            "If you can, do not upload it: ask counsel first. With this tick nobody can open it from then on, not even you; "
            "counsel is told. This cannot be undone."
        ),
    )  # fmt: skip


def end_field(**facts: Any) -> DayField:
    """The last day of a paper that ends by itself."""
    return DayField(
        required=False, label=_("Ends on"),
        help_text=_(
            "For what ends by itself: an identity card, a permit, a certificate, a protection order. It comes on the lists "
            "90 and 30 days before."
        ),
        **facts,
    )  # fmt: skip


class FilesForm(HavenForm):
    """A form that takes several files at once, and a photo that a phone takes now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe_limits(self)
        photo: Any = self.fields["photo"]
        photo.max_bytes = largest_limit()
        # Whoever takes a photo need not choose a file.
        self.fields["upload"].required = not self.files.get("photo")

    def clean(self) -> dict[str, Any]:
        """One list of what was chosen, each held against the limit of its kind."""
        facts = super().clean() or {}
        photos = [Chosen(facts["photo"])] if facts.get("photo") else []
        facts["upload"] = [
            self._within(facts.get("category", ""), one) for one in [*(facts.get("upload") or []), *photos]
        ]
        return facts

    def _within(self, category: str, chosen: Chosen) -> Chosen:
        error = None if chosen.problem else too_large_for(category, chosen.upload)
        return Chosen(chosen.upload, " ".join(error.messages)) if error else chosen


def photo_field() -> UploadField:
    """A phone's camera. A computer without one lets a picture be chosen."""
    return UploadField(
        required=False, label=_("Take a photo with this phone"),
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )  # fmt: skip


class DocumentForm(FilesForm):
    """Files, what they are, and in which part of the case they are kept. Offers only what the writer may write."""

    before = BEFORE_A_FILE

    why = {
        "section": _("The part decides who can open the document. Everybody who holds it is named beside it."),
    }
    wide = ("upload", "photo", "unopened")

    category = CodeField(label=_("What it is"))
    upload = UploadsField(label=_("Files"), accept=ACCEPT)
    photo = photo_field()
    section = CodeField(label=_("Part of the case"), empty=_("The usual part for this kind"), required=False)
    expires_on = end_field()
    unopened = unopened_field()

    def __init__(self, *args: Any, holding: Holding, readers: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        writable = {section for section in Section if holding.writes(section)}
        self.sections = {
            category: [section for section in sections if section in writable]
            for category, sections in SECTIONS_OF_DOCUMENT.items()
        }
        kinds = [(code, label) for code, label in codes.choices_of(ListName.DOCUMENT_CATEGORY) if self.sections[code]]
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


def describe_limits(form: HavenForm) -> None:
    """Say beside the field of a document what may be kept and how large, and let it be as large as the largest kind."""
    field: Any = form.fields["upload"]
    field.max_bytes = largest_limit()
    field.help_text = format_lazy(
        "{} {}",
        _("PDF, images, Word, Excel, OpenDocument text, plain text, video or sound, without a password."),
        " ".join(limits_in_words()),
    )


class QuarantineForm(HavenForm):
    """A suspected child image: one tick that says it was understood."""

    understood = forms.BooleanField(
        label=_("I suspect that it shows the abuse of a child, and I understand that nobody can open it from then on"),
        error_messages={"required": _("Tick this to say that you have read it.")},
    )


class VerifyForm(HavenForm):
    """A copy to compare; without one, the stored file is read again."""

    copy = UploadField(
        label=_("A copy of the file"), required=False,
        help_text=_("It is only compared, and kept nowhere. Without a copy, the file that lies here is checked."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["copy"].max_bytes = largest_limit()  # type: ignore[attr-defined]


class WithdrawForm(HavenForm):
    """Why a document is withdrawn."""

    why_withdrawn = LineField(
        label=_("Why it is withdrawn"),
        help_text=_("For example: uploaded to the wrong case, or replaced by a newer one."),
    )


class VersionForm(HavenForm):
    """A newer file of a paper, and why it came. Its kind and its part of the case are those of the paper."""

    before = BEFORE_A_FILE
    wide = ("upload", "why_new")

    upload = UploadField(label=_("The newer file"), accept=ACCEPT)
    why_new = LineField(
        label=_("Why there is a newer one"),
        help_text=_("For example: renewed, signed, or scanned again because it was hard to read."),
    )
    expires_on = end_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe_limits(self)


class EndForm(HavenForm):
    """On which day a paper ends."""

    expires_on = DayField(
        required=False, label=_("Ends on"), help_text=_("Leave it empty if it has no end, or if no new one is needed.")
    )
