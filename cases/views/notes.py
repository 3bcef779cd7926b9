"""Notes: writing, reading with earlier versions, and changing without losing a colleague's words."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import READ_CARD, WRITE_MATTER, Section, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.lines import in_a_row
from cases import access
from cases.access import Holding
from cases.actions.mentions import call_to_note
from cases.actions.notes import (
    AMEND_NOTE_DRAFT,
    EDIT_NOTE_DRAFT,
    NEW_NOTE_DRAFT,
    add_note,
    amend_note,
    changeable_until,
    edit_note,
    may_change,
)
from cases.choices.casework import SECTION_OF_PRIVILEGE, PrivilegeClass
from cases.drafts import kept_draft
from cases.errors import CaseError
from cases.errors.casework import StaleVersion
from cases.forms.notes import AmendmentForm, CallForm, NoteEditForm, NoteForm
from cases.guards import guarded
from cases.models import Case, Note
from cases.note_words import amendments_of, conference_of, words_about
from cases.people import others_who_read, shown_name
from cases.views.shell import render_case, viewers_of, visible_names


def writable_classes(holding: Holding, matter_uid: UUID | None = None) -> list[PrivilegeClass]:
    """The kinds of notes that may be written; those of an attorney's file only with its matter."""
    return [
        one
        for one in PrivilegeClass
        if (matter_uid or SECTION_OF_PRIVILEGE[one] != Section.LEGAL_FILE)
        and holding.writes(SECTION_OF_PRIVILEGE[one], matter_uid)
    ]


def class_choices(
    reader: User, case: Case, classes: list[PrivilegeClass], matter_uid: UUID | None = None
) -> list[tuple[str, str]]:
    """Each kind of note with the people who will read it."""
    words = _("%(kind)s – visible to: %(names)s")
    choices = []
    for one in classes:
        names = visible_names(reader, case, viewers_of(case), SECTION_OF_PRIVILEGE[one], matter_uid)
        choices.append((one.value, words % {"kind": one.label, "names": in_a_row(names)}))
    return choices


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def note_add(request: SignedInRequest, case: Case) -> HttpResponse:
    """Write a note."""
    assert case.holding is not None  # the door has set it
    classes = writable_classes(case.holding)
    if not classes:
        raise Refused(write(Section.ADVOCACY))
    choices = class_choices(request.user, case, classes)
    form = NoteForm(request.POST if request.method == "POST" else None, classes=choices)
    wants_words = "offer" in request.POST
    if wants_words:
        form = NoteForm(initial=NoteForm.typed_with_words(request.POST), classes=choices)
    if request.method == "POST" and form.is_valid():
        try:
            add_note(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
                **form.answers,
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The note is saved."))
            return redirect("case-overview", uid=case.uid)

    def build() -> dict[str, Any]:
        kept = None if form.is_bound or wants_words else kept_draft(request.user, NEW_NOTE_DRAFT, case.uid)
        if kept is not None:
            form.initial = kept.initial
        if not form.is_bound:
            # Whoever came by the shortcut begins to type.
            form.fields["body"].widget.attrs["autofocus"] = True
        return {"form": form, "kept": kept}

    return render_case(request, case, "overview", "cases/note_form.html", build, status=422 if form.errors else 200)


@guarded(READ_CARD)
@require_safe
def note(request: SignedInRequest, case: Case, note_uid: UUID) -> HttpResponse:
    """One note, with the versions before it; to an outsider the note as it stands, because a release names no history."""
    found = access.get_record(Note, case, note_uid)
    assert case.holding is not None  # the door has set it
    writes = case.holding.writes(found.section, found.matter_uid)
    mine = writes and may_change(request.user, found, case)
    is_outsider = request.user.organisation_id != case.organisation_id
    shows_versions = not is_outsider or found.author_id == request.user.pk

    def build() -> dict[str, Any]:
        versions = [
            {"when": row.edited_at or row.created_at, "who": row.history_user_id, "body": row.body}
            for row in found.history.order_by("-version", "-history_id")
            if shows_versions and row.version < found.version
        ]
        names = _names_of([version["who"] for version in versions])
        for version in versions:
            version["who"] = names.get(version["who"], "")
        return {
            "note": found,
            "author": shown_name(request.user, case, found.author),
            "body": found.body,
            "kind": found.get_privilege_class_display(),
            "about": words_about(found.about),
            "conference": conference_of(request.user, case, found.about),
            "versions": versions,
            "amendments": amendments_of(request.user, case, [found]).get(found.pk, []),
            "may_call": writes and not case.is_closed and not is_outsider,
            "may_change": mine and not case.is_closed,
            "until": changeable_until(found),
            "is_locked": clock.now() >= changeable_until(found),
            "names": visible_names(request.user, case, viewers_of(case), found.section, found.matter_uid),
        }

    return render_case(request, case, "overview", "cases/note.html", build)


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def note_edit(request: SignedInRequest, case: Case, note_uid: UUID) -> HttpResponse:
    """Change a note. A stale save shows the colleague's text above and keeps one's own."""
    found = access.get_record(Note, case, note_uid)
    assert case.holding is not None  # the door has set it
    if not (case.holding.writes(found.section, found.matter_uid) and may_change(request.user, found, case)):
        raise Refused(write(Section.ADVOCACY))
    if request.method == "GET" and clock.now() >= changeable_until(found):
        return redirect("case-note-amend", uid=case.uid, note_uid=note_uid)
    form = NoteEditForm(request.POST if request.method == "POST" else None)
    is_stale = False
    if request.method == "POST" and form.is_valid():
        try:
            edit_note(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, note_uid=note_uid,
                version=form.cleaned_data["version"], body=form.cleaned_data["body"],
            )  # fmt: skip
        except StaleVersion:
            is_stale = True
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The note is saved. Its earlier version is kept."))
            return redirect("case-note", uid=case.uid, note_uid=note_uid)

    def build() -> dict[str, Any]:
        names = visible_names(request.user, case, viewers_of(case), found.section, found.matter_uid)
        context: dict[str, Any] = {"note": found, "kind": found.get_privilege_class_display(), "names": names}
        if is_stale:
            # The next save is a decision: the form now carries the version that stands above it.
            own = form.cleaned_data["body"]
            last = found.history.order_by("-history_id").first()
            who = _names_of([last.history_user_id]).get(last.history_user_id, "") if last else ""
            fresh = NoteEditForm(initial={"body": own, "version": found.version})
            return {**context, "form": fresh, "theirs": found.body, "who": who, "when": found.edited_at, "own": own}
        kept = None
        if not form.is_bound:
            kept = kept_draft(request.user, EDIT_NOTE_DRAFT, note_uid)
            form.initial = {"body": found.body, "version": found.version, **(kept.initial if kept else {})}
        return {**context, "form": form, "kept": kept}

    status = 409 if is_stale else 422 if form.errors else 200
    return render_case(request, case, "overview", "cases/note_edit.html", build, status=status)


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def note_amend(request: SignedInRequest, case: Case, note_uid: UUID) -> HttpResponse:
    """Add something beneath a note; the note stays as it is."""
    found = access.get_record(Note, case, note_uid)
    assert case.holding is not None  # the door has set it
    if not (case.holding.writes(found.section, found.matter_uid) and may_change(request.user, found, case)):
        raise Refused(write(Section.ADVOCACY))
    form = AmendmentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            amend_note(
                actor=request.user,
                now=clock.now(),
                form_key=form.key,
                case_uid=case.uid,
                note_uid=note_uid,
                **form.answers,
            )
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The amendment stands beneath the note."))
            return redirect("case-note", uid=case.uid, note_uid=note_uid)

    def build() -> dict[str, Any]:
        kept = None if form.is_bound else kept_draft(request.user, AMEND_NOTE_DRAFT, note_uid)
        if kept is not None:
            form.initial = kept.initial
        names = visible_names(request.user, case, viewers_of(case), found.section, found.matter_uid)
        kind = found.get_privilege_class_display()
        return {"note": found, "kind": kind, "body": found.body, "names": names, "form": form, "kept": kept}

    return render_case(request, case, "overview", "cases/note_amend.html", build, status=422 if form.errors else 200)


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def note_call(request: SignedInRequest, case: Case, note_uid: UUID) -> HttpResponse:
    """Ask colleagues who read this part of the case to read a note."""
    found = access.get_record(Note, case, note_uid)
    assert case.holding is not None  # the door has set it
    if not case.holding.writes(found.section, found.matter_uid):
        raise Refused(WRITE_MATTER if found.section == Section.LEGAL_FILE else write(Section(found.section)))
    people = others_who_read(request.user, case, viewers_of(case), found.section, found.matter_uid)
    form = CallForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            call_to_note(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, note_uid=note_uid,
                people=form.chosen,
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("They will find a notice, without a word of the note."))
            return redirect("case-note", uid=case.uid, note_uid=note_uid)

    def build() -> dict[str, Any]:
        names = visible_names(request.user, case, viewers_of(case), found.section, found.matter_uid)
        return {"note": found, "form": form if people or form.errors else None, "names": names}

    return render_case(request, case, "overview", "cases/note_call.html", build, status=422 if form.errors else 200)


def _names_of(uids: list[UUID | None]) -> dict[UUID | None, str]:
    return dict(User.objects.filter(uid__in=[uid for uid in uids if uid]).values_list("uid", "name"))
