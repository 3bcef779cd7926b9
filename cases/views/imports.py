"""Bringing a case sheet in: choose it, look at every row, correct, take, throw the rest away."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.gates import in_background
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions import imports
from cases.actions.import_sharing import shared_with
from cases.actions.intake import OPENING_ROLES
from cases.answers import words_of
from cases.errors import CaseError
from cases.errors.exchange import UndoIsTooLate
from cases.forms.exchange import CorrectRowForm, UploadSheetForm
from cases.htcds.cells import Cell
from cases.htcds.columns import Columns
from cases.htcds.errors import SheetRefused
from cases.htcds.fields import FIELDS, FieldType
from cases.htcds.findings import BAD, field_label, sentence
from cases.htcds.sheet import read_sheet
from cases.htcds.taking import gaps_of
from cases.listing import teams_of
from cases.models import Case, ImportBatch, ImportRow
from cases.opening import open_own

#: Rows of one page, and imports of the list above the form.
PAGE, IMPORTS_SHOWN = 20, 10
_State, _Row = ImportBatch.State, ImportRow.State
#: What a page of rows may be asked for: the code in the address → the states of its rows.
VIEWS = {
    "bad": (_Row.BAD,), "new": (_Row.GOOD,), "known": (_Row.KNOWN,), "taken": (_Row.TAKEN,), "undone": (_Row.UNDONE,),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One cell of a row on the page: where it stood, what was understood, and what there is to say about it."""

    column: str
    field: str
    written: str
    words: str
    remarks: list[str]
    is_bad: bool


@dataclass(frozen=True)
class RowView:
    """One row on the page. ``lines`` are its filled cells, ``asks`` the tasks that taking it raises."""

    uid: UUID
    number: int
    state: str
    name: str
    lines: list[Line]
    asks: list[str]
    case: Case | None

    @property
    def wrong(self) -> list[Line]:
        """The cells that must be corrected."""
        return [line for line in self.lines if line.is_bad]

    @property
    def remarked(self) -> list[Line]:
        """The cells about which there is something to say."""
        return [line for line in self.lines if line.remarks]


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: SignedInRequest) -> HttpResponse:
    """The form for a sheet, and the reader's own imports. A sheet that cannot be read is refused in one sentence."""
    reader = request.user
    teams = teams_of(reader)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadSheetForm(*posted, teams=teams)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["sheet"]
        team = next(team for team in teams if str(team.uid) == form.cleaned_data["team"])
        try:
            sheet = read_sheet(upload.read(), any_header=True)
        except SheetRefused as error:
            form.add_error("sheet", str(error))
        else:
            batch = imports.begin_import(
                actor=reader, now=clock.now(), form_key=form.key, team=team, file_name=upload.name, sheet=sheet
            )
            return redirect("import-batch", uid=batch.uid)
    with open_own(reader):
        batches = list(access.own(ImportBatch, reader).select_related("team").order_by("-pk")[:IMPORTS_SHOWN])
        context = {
            "form": form, "has_team": bool(teams), "batches": [_listed(batch) for batch in batches],
            "shared": shared_with(reader, clock.now()),
        }  # fmt: skip
        return render(request, "cases/import.html", context, status=422 if form.errors else 200)


@for_roles(*OPENING_ROLES)
@require_GET
def batch(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Every row of a sheet: what it becomes, how it was understood, what is wrong with it; or how far a job is."""
    found = own_batch(request.user, uid)
    return redirect("import-columns", uid=uid) if found.state == _State.MAPPING else _show(request, found)


@in_background
@for_roles(*OPENING_ROLES)
@require_GET
def progress(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The same page, asked for by itself while a job works. It does not count as somebody being there."""
    found = own_batch(request.user, uid)
    return _show(request, found) if found.state in imports.BUSY else redirect("import-batch", uid=uid)


@for_roles(*OPENING_ROLES)
@require_POST
def take(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Make cases of the good rows."""
    try:
        done = imports.take_good_rows(actor=request.user, now=clock.now(), batch_uid=uid, form_key=form_key_of(request))
    except CaseError as error:
        messages.warning(request, str(error))
    else:
        if getattr(done, "state", "") not in imports.BUSY and not hasattr(done, "is_repeat"):
            count = imports.tally(request.user, done)[_Row.TAKEN]
            words = ngettext("%(count)s row is a case now.", "%(count)s rows are cases now.", count)
            messages.success(request, words % {"count": count})
    return redirect("import-batch", uid=uid)


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """A page that says what goes away; then throw away every row that was not taken."""
    found = own_batch(request.user, uid)
    if request.method == "POST":
        try:
            imports.discard_rest(actor=request.user, now=clock.now(), batch_uid=uid, form_key=form_key_of(request))
        except CaseError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("The rest of this sheet was thrown away."))
        return redirect("import")
    return render(request, "cases/import_discard.html", {"batch": found, "counts": _counts(request.user, found)})


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """A page that says what becomes of the cases; then take back those on which nobody has worked."""
    found = own_batch(request.user, uid)
    if request.method == "POST":
        try:
            done = imports.undo_import(
                actor=request.user, now=clock.now(), batch_uid=uid, form_key=form_key_of(request)
            )
        except CaseError as error:
            messages.warning(request, str(error))
        else:
            if getattr(done, "state", "") not in imports.BUSY and not hasattr(done, "is_repeat"):
                _tell_undone(request, found)
        return redirect("import-batch", uid=uid)
    if not imports.may_undo(request.user, found, clock.now()):
        messages.warning(request, str(UndoIsTooLate()))
        return redirect("import-batch", uid=uid)
    return render(request, "cases/import_undo.html", {"batch": found, "counts": _counts(request.user, found)})


def _tell_undone(request: SignedInRequest, found: ImportBatch) -> None:
    counts = imports.tally(request.user, found)
    undone, kept = counts[_Row.UNDONE], counts[_Row.TAKEN]
    words = ngettext("%(count)s case was taken back.", "%(count)s cases were taken back.", undone)
    messages.success(request, words % {"count": undone})
    if kept:
        words = ngettext(
            "%(count)s case stays, because somebody has worked on it.",
            "%(count)s cases stay, because somebody has worked on them.",
            kept,
        )
        messages.info(request, words % {"count": kept})


@for_roles(*OPENING_ROLES)
@require_POST
def go_on(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Start the job of a batch once more, where it seems to stand still."""
    found = own_batch(request.user, uid)
    if found.state in imports.BUSY:
        imports.go_on(found)
        messages.info(request, _("The work on this sheet was started once more. Nothing is done twice."))
    return redirect("import-batch", uid=uid)


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: SignedInRequest, uid: UUID, row_uid: UUID) -> HttpResponse:
    """Correct the cells of one row that could not be understood."""
    reader = request.user
    found = own_batch(reader, uid)
    kept = access.own(ImportRow, reader, "batch__owner").filter(batch=found, uid=row_uid, state=_Row.BAD).first()
    if kept is None:
        raise Hidden
    with open_own(reader):
        columns = Columns.of_json(found.columns or {})
        view = _view(kept, columns, {})
        data = request.POST if request.method == "POST" else None
        form = CorrectRowForm(data, findings=kept.findings or [], cells=kept.cells or {})
    if form.is_bound and form.is_valid():
        try:
            corrected = imports.correct_row(
                actor=reader, now=clock.now(), form_key=form.key, batch_uid=uid, row_uid=row_uid, texts=form.texts()
            )
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            return _after_correction(request, found, corrected)
    context = {"batch": found, "row": view, "form": form}
    return render(request, "cases/import_row.html", context, status=422 if form.errors else 200)


@for_roles(*OPENING_ROLES)
@require_POST
def row_discard(request: SignedInRequest, uid: UUID, row_uid: UUID) -> HttpResponse:
    """Throw one row away."""
    try:
        imports.discard_row(
            actor=request.user, now=clock.now(), form_key=form_key_of(request), batch_uid=uid, row_uid=row_uid
        )
    except CaseError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The row was thrown away."))
    return redirect("import-batch", uid=uid)


# ---- Inside ----


def own_batch(reader: User, uid: UUID) -> ImportBatch:
    """The reader's own batch; anybody else's does not exist."""
    found = access.own(ImportBatch, reader).select_related("team", "owner").filter(uid=uid).first()
    if found is None:
        raise Hidden
    return found


def form_key_of(request: SignedInRequest) -> UUID | None:
    """The key of a form without fields; None where it is none."""
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None


def _counts(reader: User, found: ImportBatch) -> dict[str, int]:
    """How many rows stand where, under the words that the pages use."""
    counts = imports.tally(reader, found)
    return {
        "new": counts[_Row.GOOD], "bad": counts[_Row.BAD], "known": counts[_Row.KNOWN], "empty": counts[_Row.EMPTY],
        "taken": counts[_Row.TAKEN], "undone": counts[_Row.UNDONE], "discarded": counts[_Row.DISCARDED],
    }  # fmt: skip


def _listed(found: ImportBatch) -> dict[str, Any]:
    return {
        "batch": found,
        "file_name": found.file_name,
        "is_busy": found.state in imports.BUSY,
        "is_ready": found.state in (_State.READY, _State.MAPPING),
    }


def _show(request: SignedInRequest, found: ImportBatch) -> HttpResponse:
    reader = request.user
    counts = _counts(reader, found)
    shown = request.GET.get("show", "")
    if shown not in VIEWS:
        shown = next((name for name in VIEWS if counts[name]), "new")
    after = request.GET.get("after", "")
    rows = list(
        access.own(ImportRow, reader, "batch__owner")
        .filter(batch=found, state__in=VIEWS[shown], number__gt=int(after) if after.isdigit() and len(after) < 7 else 0)
        .order_by("number")[: PAGE + 1]
    )
    cases = access.visible(Case, reader).filter(pk__in=[row.case_id for row in rows if row.case_id])
    known = {case.pk: case for case in cases}
    address = reverse("import-batch", args=[found.uid])
    with open_own(reader):
        columns = Columns.of_json(found.columns or {})
        context = {
            "batch": found,
            "file_name": found.file_name,
            "is_chosen": columns.is_chosen and found.team.group_id in reader.team_group_ids(clock.now()),
            "counts": counts,
            "is_busy": found.state in imports.BUSY,
            "is_ready": found.state == _State.READY,
            "has_failed": found.state == _State.FAILED,
            "is_done": found.state == _State.DONE,
            "is_taking": found.state == _State.TAKING,
            "is_undoing": found.state == _State.UNDOING,
            "may_undo": imports.may_undo(reader, found, clock.now()),
            "remarks": [sentence(remark) for remark in found.remarks or []],
            "tabs": _tabs(address, counts, shown),
            "shown": shown,
            "rows": [_view(row, columns, known) for row in rows[:PAGE]],
            "older": f"{address}?show={shown}&after={rows[PAGE - 1].number}" if len(rows) > PAGE else "",
            "newer": f"{address}?show={shown}" if after else "",
        }
        return render(request, "cases/import_batch.html", context)


def _tabs(address: str, counts: dict[str, int], shown: str) -> list[dict[str, Any]]:
    words = {
        "bad": _("To be corrected"), "new": _("New cases"), "known": _("Already known"), "taken": _("Taken"),
        "undone": _("Taken back"),
    }  # fmt: skip
    return [
        {"label": label, "url": f"{address}?show={name}", "current": name == shown, "number": counts[name]}
        for name, label in words.items()
        if counts[name] or name == shown
    ]


def _view(kept: ImportRow, columns: Columns, known: dict[int, Case]) -> RowView:
    """One row in words, inside ``open_own``."""
    values = kept.understood or {}
    remarks: dict[str, list[dict[str, Any]]] = {}
    for finding in kept.findings or []:
        remarks.setdefault(finding["column"], []).append(finding)
    lines = []
    for column in columns.known:
        cell = (kept.cells or {}).get(column.letter)
        said = remarks.get(column.letter, [])
        if cell is None and not said:
            continue
        name = said[0]["name"] if said and column.label_name else column.name
        lines.append(
            Line(
                column=column.letter, field=field_label(name), written=Cell.of_json(cell).text[:300] if cell else "",
                words=_in_words(name, values.get(name)), remarks=[sentence(finding) for finding in said],
                is_bad=any(finding["level"] == BAD for finding in said),
            )
        )  # fmt: skip
    name = " ".join(filter(None, (values.get("prs_FirstName", ""), values.get("prs_SecondName", ""))))
    asks = [str(gap.label) for gap in gaps_of(values)] if kept.state == _Row.GOOD and _is_open(values) else []
    return RowView(kept.uid, kept.number, kept.state, name, lines, asks, known.get(kept.case_id or 0))


def _is_open(values: dict[str, Any]) -> bool:
    return values.get("cas_Status", "Active") in ("Active", "FollowUp")


def _in_words(name: str, value: Any) -> str:
    if value is None:
        return ""
    if FIELDS[name].type == FieldType.DATE and len(str(value)) == 10:
        return date_format(date.fromisoformat(str(value)), "j F Y")
    return words_of(name, value)


def _after_correction(request: SignedInRequest, found: ImportBatch, corrected: Any) -> HttpResponseRedirect:
    """To the next row that needs correction, or back to the sheet."""
    if getattr(corrected, "state", "") == _Row.BAD:
        messages.warning(request, _("The row still cannot be taken. Look at what is marked."))
        return redirect("import-row", uid=found.uid, row_uid=corrected.uid)
    messages.success(request, _("The row can be taken now."))
    return redirect("import-batch", uid=found.uid)
