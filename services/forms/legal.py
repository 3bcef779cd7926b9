"""Forms of legal work."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, MomentField, UploadsField
from cases import codes
from cases.choices.configuration import ListName
from cases.choices.documents import DocumentCategory
from cases.file_types import ACCEPT
from cases.forms.documents import BEFORE_A_FILE, FilesForm, end_field, photo_field, unopened_field
from cases.forms.notes import AboutNoteForm
from services.choices import DeadlineKind, HearingType, MatterOutcome, MatterStage, MatterType


class MatterForm(HavenForm):
    """A new matter."""

    wide = ("title",)

    title = LineField(label=_("Short title"), max_length=120, help_text=_("Without a name, for example “T visa”."))
    matter_type = CodeField(choices=MatterType.choices, label=_("Type"))
    jurisdiction = LineField(label=_("Court, agency or country"), required=False)
    stage = CodeField(choices=MatterStage.choices, label=_("Stage"), initial=MatterStage.SCREENING)
    opened_on = DayField(label=_("Opened on"), past=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_on"].initial = timezone.localdate()


class StageForm(HavenForm):
    """Where a matter stands."""

    stage = CodeField(
        choices=[choice for choice in MatterStage.choices if choice[0] != MatterStage.CLOSED], label=_("Stage")
    )


class CloseMatterForm(HavenForm):
    """How a matter ended."""

    outcome = CodeField(
        choices=[choice for choice in MatterOutcome.choices if choice[0] != MatterOutcome.PENDING], label=_("Outcome")
    )
    closed_on = DayField(label=_("Closed on"), past=True)


class HearingForm(HavenForm):
    """A hearing. The time is the court's own."""

    starts = MomentField(label=_("Day and time at the court"))
    time_zone = LineField(label=_("Time zone of the court"), max_length=64)
    hearing_type = CodeField(choices=HearingType.choices, label=_("Type"))
    place = LineField(label=_("Where"), required=False, help_text=_("The court or office. Never where she stays."))
    must_attend = forms.BooleanField(label=_("She must attend"), required=False)
    interpreter_needed = forms.BooleanField(label=_("An interpreter is needed"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].initial = timezone.get_current_timezone_name()

    @property
    def starts_at(self) -> datetime:
        """The moment, read on the court's clock whatever the reader's is."""
        naive = timezone.make_naive(self.cleaned_data["starts"], timezone.get_current_timezone())
        return naive.replace(tzinfo=ZoneInfo(self.cleaned_data["time_zone"]))


class HearingOutcomeForm(HavenForm):
    """How a hearing went."""

    wide = ("outcome",)

    outcome = LineField(label=_("How it went, in a few words"), max_length=300)


class DeadlineForm(HavenForm):
    """A deadline, with the authority that sets it. Haven computes no date that no attorney has adopted."""

    wide = ("title",)
    why = {"authority": _("A date without its source cannot be checked by the next person.")}

    title = LineField(label=_("What must be done"), max_length=160)
    due_on = DayField(label=_("By"), coming=True)
    kind = CodeField(choices=DeadlineKind.choices, label=_("How hard is the date"))
    authority = LineField(
        label=_("Authority"), max_length=200, help_text=_("The rule or paper that sets it, for example 8 CFR 214.204.")
    )


class FilingForm(HavenForm):
    """Something filed or received."""

    title = LineField(label=_("What was filed or received"), max_length=160)
    receipt = LineField(label=_("Receipt number"), required=False, max_length=60)
    filed_on = DayField(label=_("On"), past=True)


class PaperForm(FilesForm):
    """Files for the matter, and who may open them."""

    before = BEFORE_A_FILE

    wide = ("upload", "photo", "unopened")

    upload = UploadsField(label=_("Files"), accept=ACCEPT)
    photo = photo_field()
    category = CodeField(
        choices=codes.offered(ListName.DOCUMENT_CATEGORY), label=_("What it is"), initial=DocumentCategory.COURT
    )
    section = CodeField(label=_("Who may open it"))
    expires_on = end_field()
    unopened = unopened_field()

    def __init__(self, *args: Any, may_write_file: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = (Section.LEGAL.value, _("The caseworkers too"))
        own = (Section.LEGAL_FILE.value, _("Only who holds this matter"))
        field: Any = self.fields["section"]
        field.choices = [own, shared] if may_write_file else [shared]


class FileNoteForm(AboutNoteForm):
    """A note of the attorney's own file. It asks who was there, because a third person may waive the privilege (§2.8)."""

    field_order = ("privilege_class", "note_type", "body", "present", "others", "waiver_is_known")

    privilege_class = CodeField(
        choices=[("ATTORNEY_CLIENT", _("Attorney and client")), ("ATTORNEY_WORK_PRODUCT", _("Work product"))],
        label=_("Kind"),
    )
    body = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 5}), max_length=50_000)
