"""Legal pages: the tab of a case, the page of a matter, and the attorney's home."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.choices import COUNSEL_ROLES
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases import access
from cases.actions.notes import add_note, amend_note
from cases.answers import masked
from cases.document_versions import listed
from cases.errors import CaseError
from cases.forms.notes import AmendmentForm
from cases.guards import guarded, guarded_matter
from cases.models import Case, Document, Matter, Note
from cases.note_words import amendments_of, folded, words_about
from cases.opening import open_matter
from cases.people import shown_name
from cases.release_words import line_for_recipient
from cases.views.document_lines import addresses_in_matter, line_of, shown_to
from cases.views.shell import own_releases, render_case
from services.actions import legal
from services.choices import DeadlineKind, HearingType, MatterOutcome, MatterStage, MatterType
from services.forms.legal import (
    CloseMatterForm,
    DeadlineForm,
    FileNoteForm,
    FilingForm,
    HearingForm,
    HearingOutcomeForm,
    MatterForm,
    StageForm,
)
from services.models import Deadline, Filing, Hearing, LegalMatter


@require_GET
@guarded(read(Section.LEGAL))
def legal_tab(request: SignedInRequest, case: Case) -> HttpResponse:
    """The matters of a case, each with its stage and next dates."""
    holding = case.holding
    assert holding is not None

    def build() -> dict[str, Any]:
        docket = Docket(request.user, case)
        return {
            "matters": [docket.summary(matter) for matter in docket.matters],
            "may_add": holding.writes(Section.LEGAL) and not case.is_closed,
            "is_inside": request.user.organisation_id == case.organisation_id and holding.reads(Section.LEGAL),
        }

    return render_case(request, case, "legal", "services/legal_tab.html", build)


class Docket:
    """The legal records of a case that its reader may know of, fetched in four queries whatever their number."""

    def __init__(self, reader: User, case: Case, only: Matter | None = None) -> None:
        self.reader, self.case = reader, case
        matters = access.records(Matter, case).order_by("-is_open", "pk")
        self.matters = [only] if only is not None else list(matters)
        of_these = {"matter__in": self.matters}
        self.legal = {
            row.matter_uid: row
            for row in access.records(LegalMatter, case).filter(**of_these).select_related("lead_counsel")
        }
        self.hearings = list(access.records(Hearing, case).filter(**of_these).order_by("starts_at"))
        self.deadlines = list(
            access.records(Deadline, case).filter(**of_these).select_related("owner", "confirmed_by").order_by("due_on")
        )

    def summary(self, matter: Matter) -> dict[str, Any]:
        """One matter in words. Reads LEGAL, while the case or matter is open."""
        row = self.legal[matter.uid]
        return {
            "matter": matter,
            "title": matter.title,
            "type": MatterType(row.matter_type).label,
            "stage": MatterStage(row.stage).label,
            "stage_code": row.stage,
            "outcome": MatterOutcome(row.outcome).label,
            "jurisdiction": row.jurisdiction,
            "opened_on": row.opened_on,
            "hearings": [self._hearing(hearing) for hearing in self.hearings if hearing.matter_uid == matter.uid],
            "deadlines": [self._deadline(one) for one in self.deadlines if one.matter_uid == matter.uid],
        }

    def _hearing(self, hearing: Hearing) -> dict[str, Any]:
        return {
            "hearing": hearing,
            "type": HearingType(hearing.facts["type"]).label,
            "place": hearing.place,
            "must_attend": hearing.facts["must_attend"],
            "interpreter": hearing.facts["interpreter"],
            "is_over": hearing.starts_at < clock.now(),
            # On the court's clock, whatever the reader's is: that is when she must be there.
            "when": hearing.starts_at.astimezone(ZoneInfo(hearing.time_zone)).replace(tzinfo=None),
            "outcome": hearing.outcome or "",
        }

    def _deadline(self, deadline: Deadline) -> dict[str, Any]:
        return {
            "deadline": deadline,
            "title": deadline.title,
            "authority": deadline.authority,
            "kind": DeadlineKind(deadline.kind).label,
            "is_met": deadline.met_at is not None,
            "owner": shown_name(self.reader, self.case, deadline.owner),
        }


@require_http_methods(["GET", "POST"])
@guarded(write(Section.LEGAL))
def matter_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Open a matter on a case."""
    form = MatterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}
        try:
            matter = legal.open_matter(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, **facts
            )
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The matter is open."))
            return HttpResponseRedirect(reverse("matter", args=[matter.uid]))
    status = 422 if form.errors else 200
    return render_case(request, case, "legal", "services/matter_form.html", lambda: {"form": form}, status=status)


def render_matter(
    request: SignedInRequest, matter: Matter, template: str, extra: Callable[..., dict[str, Any]], *, status: int = 200,
    show_numbers: bool = False,
) -> HttpResponse:  # fmt: skip
    """Render a page of one matter, with what ``extra(summary)`` adds. Records one MATTER_VIEWED with what was read.

    Receipt numbers are masked unless ``show_numbers`` (R15), whose asking was recorded before.

    Its holder sees the attorney's file; a reader of the case's legal section sees the docket alone.
    """
    holding = matter.case.holding
    assert holding is not None
    is_held = matter.uid in holding.matters
    own = own_releases(request.user, [matter.case]).get(matter.case_id, [])
    with open_matter(request.user, matter, own_releases=own):
        summary = Docket(request.user, matter.case, only=matter).summary(matter)
        file: dict[str, Any] = {}
        if is_held:
            notes = (
                access.records(Note, matter.case)
                .filter(matter=matter)
                .select_related("author")
                .order_by("-happened_at")
            )
            filings = (
                access.records(Filing, matter.case)
                .filter(matter=matter)
                .select_related("filed_by")
                .order_by("-filed_on")
            )
            shown = [(one, one.receipt if show_numbers else masked(one.receipt)) for one in filings]
            has_more = not show_numbers and any(number for _filing, number in shown)
            found = list(notes)
            added = amendments_of(request.user, matter.case, found)
            told = [
                (
                    note,
                    words_about(note.about),
                    folded(note.body),
                    added.get(note.pk, []),
                    note.author_id == request.user.pk,
                )
                for note in found
            ]
            file = {"notes": told, "filings": shown, "hides_numbers": has_more}
        context = {
            "matter": matter,
            "case": matter.case,
            "summary": summary,
            "file": file,
            "is_held": is_held,
            "may_write": holding.writes(Section.LEGAL, matter.uid) and matter.is_open and not matter.case.is_closed,
            "may_write_file": matter.uid in holding.writable_matters and not matter.case.is_closed,
            "read_only_until": holding.only_reads_until(matter.uid),
            "is_counsel": request.user.holds_role(*COUNSEL_ROLES),
            "sees_case": holding.may(read(Section.CARD)),
            "released": [section.label for section in holding.readable if section != Section.CARD],
            "release_until": holding.permissions[read(Section.CARD)].until if holding.may(read(Section.CARD)) else None,
            "is_outsider": request.user.organisation_id != matter.case.organisation_id,
            "own_releases": [line_for_recipient(release) for release in own],
            **extra(summary),
        }
        if show_numbers:
            # Nothing can come back to this page, which was asked for by a form: whoever changes its colours goes on here.
            context["back_to"] = reverse("matter", args=[matter.uid])
        return render(request, template, context, status=status)


@require_GET
@guarded_matter()
def matter_page(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """One matter: stage, hearings, deadlines; for its holder also notes, filings and papers of the file."""
    return _matter(request, matter)


@require_POST
@guarded_matter()
def matter_numbers(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """The same page with the receipt numbers in full, this once. It is recorded before they are read."""
    legal.show_receipts(actor=request.user, now=clock.now(), matter_uid=matter.uid)
    return _matter(request, matter, show_numbers=True)


def _matter(request: SignedInRequest, matter: Matter, *, show_numbers: bool = False) -> HttpResponse:
    def forms(summary: dict[str, Any]) -> dict[str, Any]:
        lines = paper_lines(request, matter)
        return {
            "stage_form": StageForm(initial={"stage": summary["stage_code"]}),
            "note_form": FileNoteForm(),
            "papers": [line for line in lines if not line["withdrawn_at"]],
            "withdrawn": [line for line in lines if line["withdrawn_at"]],
        }

    return render_matter(request, matter, "services/matter.html", forms, show_numbers=show_numbers)


def _form_page(
    request: SignedInRequest, matter: Matter, form: HavenForm, heading: str, act: Callable[..., Any], **facts: Any
) -> HttpResponse:
    """Show one form of a matter to who may write it, or do its one act and return to the matter."""
    holding = matter.case.holding
    if holding is None:
        raise Refused(write(Section.LEGAL))
    if not holding.writes(Section.LEGAL, matter.uid):
        raise access.refusal(holding, write(Section.LEGAL), matter.uid)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}
        values.update({name: getattr(form, source) for name, source in facts.items()})
        values.pop("starts", None)
        try:
            act(actor=request.user, now=clock.now(), form_key=form.key, matter_uid=matter.uid, **values)
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("matter", args=[matter.uid]))
    status = 422 if form.errors else 200
    return render_matter(
        request, matter, "services/matter_step.html", lambda _summary: {"form": form, "heading": heading}, status=status
    )


def _posted(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "POST"])
@guarded_matter()
def hearing_new(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Put a hearing on the docket."""
    return _form_page(
        request, matter, HearingForm(_posted(request)), _("Add a hearing"), legal.add_hearing, starts_at="starts_at"
    )


@require_http_methods(["GET", "POST"])
@guarded_matter()
def hearing_done(request: SignedInRequest, matter: Matter, hearing_uid: UUID) -> HttpResponse:
    """Write down how a hearing went."""
    access.get_record(Hearing, matter.case, hearing_uid)

    def act(*, matter_uid: UUID, **facts: Any) -> Any:
        return legal.record_hearing(matter_uid=matter_uid, hearing_uid=hearing_uid, **facts)

    return _form_page(request, matter, HearingOutcomeForm(_posted(request)), _("How the hearing went"), act)


@require_http_methods(["GET", "POST"])
@guarded_matter()
def deadline_new(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Put a deadline on the docket."""
    return _form_page(request, matter, DeadlineForm(_posted(request)), _("Add a deadline"), legal.add_deadline)


@require_http_methods(["GET", "POST"])
@guarded_matter("write_matter")
def filing_new(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Add a filing to the attorney's file."""
    return _form_page(request, matter, FilingForm(_posted(request)), _("Add a filing"), legal.add_filing)


@require_http_methods(["GET", "POST"])
@guarded_matter("write_matter")
def file_note_new(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Add a note to the attorney's file."""

    def act(*, matter_uid: UUID, now: Any, **facts: Any) -> Any:
        return add_note(case_uid=matter.case.uid, matter_uid=matter_uid, now=now, happened_at=now, **facts)

    form = FileNoteForm(_posted(request))
    if "offer" in request.POST:
        form = FileNoteForm(initial=FileNoteForm.typed_with_words(request.POST))
    return _form_page(request, matter, form, _("Add a note to the file"), act)


@require_http_methods(["GET", "POST"])
@guarded_matter("write_matter")
def file_note_amend(request: SignedInRequest, matter: Matter, note_uid: UUID) -> HttpResponse:
    """Add something beneath a note of the attorney's file; the note stays as it is."""
    if access.get_record(Note, matter.case, note_uid).matter_uid != matter.uid:
        raise Hidden

    def act(*, matter_uid: UUID, **facts: Any) -> Any:
        return amend_note(case_uid=matter.case.uid, note_uid=note_uid, **facts)

    return _form_page(request, matter, AmendmentForm(_posted(request)), _("Amend a note of the file"), act)


@require_http_methods(["GET", "POST"])
@guarded_matter()
def matter_stage(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Move a matter to another stage."""
    return _form_page(request, matter, StageForm(_posted(request)), _("Change the stage"), legal.change_stage)


@require_http_methods(["GET", "POST"])
@guarded_matter()
def matter_close(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Close a matter. The page restates what ends."""
    return _form_page(request, matter, CloseMatterForm(_posted(request)), _("Close this matter"), legal.close_matter)


def paper_lines(request: SignedInRequest, matter: Matter) -> list[dict[str, Any]]:
    """The papers of a matter in words, the newest first. Read while the matter is open."""
    viewers = access.who_can_see(matter.case)
    rows = access.records(Document, matter.case).filter(shown_to(request, matter.case), matter=matter)
    rows = rows.filter(listed(matter.case))
    rows = rows.select_related("uploaded_by", "withdrawn_by", "quarantined_by").order_by("-uploaded_at", "-pk")
    return [line_of(request, matter.case, viewers, row, addresses_in_matter(matter.uid, row.uid)) for row in rows]


@require_POST
@guarded_matter()
def deadline_met(request: SignedInRequest, matter: Matter, deadline_uid: UUID) -> HttpResponse:
    """Say that a deadline was met."""
    return _on_deadline(request, matter, deadline_uid, legal.meet_deadline, _("The deadline is marked as met."))


def _on_deadline(
    request: SignedInRequest, matter: Matter, deadline_uid: UUID, act: Callable[..., Any], words: str
) -> HttpResponse:
    """Do one thing with a deadline of this very matter, and go back to it."""
    if access.get_record(Deadline, matter.case, deadline_uid).matter_uid != matter.uid:
        raise Hidden
    try:
        act(actor=request.user, now=clock.now(), deadline_uid=deadline_uid)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return HttpResponseRedirect(reverse("matter", args=[matter.uid]))


@require_POST
@guarded_matter()
def deadline_confirm(request: SignedInRequest, matter: Matter, deadline_uid: UUID) -> HttpResponse:
    """Counsel confirms a date."""
    return _on_deadline(request, matter, deadline_uid, legal.confirm_deadline, _("Saved."))
