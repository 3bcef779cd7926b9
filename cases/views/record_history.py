"""All versions of one record: a list, two of them side by side, and bringing a former value back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.requests import SignedInRequest
from cases import addresses, record_versions, versions
from cases.actions.restoring import restorable, restore_version
from cases.correcting import correctable, corrections_of
from cases.erased import words_of_removal
from cases.errors import CaseError
from cases.errors.casework import StaleVersion
from cases.errors.survivor import AboutFields
from cases.forms.history import RestoreForm
from cases.guards import guarded
from cases.models import Case
from cases.opening import open_history
from cases.record_versions import RecordVersions, Version
from cases.views.editing import names_of
from cases.views.shell import render_case

#: Versions of whoever she accuses never stand beside the way to reach her (domain.md R20).
APART = frozenset({"otherperson"})


def record_url(case: Case, found: RecordVersions, name: str = "case-record-versions", **query: Any) -> str:
    """The address of a page of this record; ``query`` are its numbers."""
    asked = "&".join(f"{key}={value}" for key, value in {"kind": found.model._meta.model_name, **query}.items())
    return f"{reverse(name, args=[case.uid, found.uid])}?{asked}"


def number_asked(request: SignedInRequest, found: RecordVersions, name: str, otherwise: int) -> Version:
    """The version that the address (or the form) names, else the one of the number given. Raises Hidden."""
    text = request.POST.get(name) or request.GET.get(name) or str(otherwise)
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Hidden
    return found.numbered(int(text))


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD, even_erased=True)
def record(request: SignedInRequest, case: Case, record_uid: UUID) -> HttpResponse:
    """Every version of a record and what changed by name; two side by side, with POST what stood in them (recorded)."""
    found = record_versions.of_record(case, record_uid, request.GET.get("kind", ""))
    last = found.last.number
    known = sorted(one.number for one in found.versions)
    before = max((number for number in known if number < last), default=last)
    first = number_asked(request, found, "first", before)
    second = number_asked(request, found, "second", last)
    changes = record_versions.between(first, second, case) if first.number != second.number else None
    shows_values = request.method == "POST" and changes is not None

    def build() -> dict[str, Any]:
        shown: list[versions.Values] = []
        if shows_values and changes is not None:
            hides = addresses.is_hidden(case, clock.now())
            with open_history(request.user, case):
                shown = versions.values_of(changes, case, hides_address=hides)
        names = names_of([one.author_uid for one in found.versions])
        return {
            "found": found,
            "section": Section(found.section).label,
            "lines": [_line(case, found, one, names) for one in found.versions],
            "older": min(first.number, second.number),
            "newer": max(first.number, second.number),
            "changes": changes,
            "shown": shown,
            "shows_values": shows_values,
            "corrections": [
                {"correction": one, "answer": one.answer if one.decided_by else ""}
                for one in corrections_of(case, found.uid, at=clock.now())
            ],
        }

    is_apart = found.code in APART
    return render_case(request, case, "history", "cases/record_versions.html", build, is_apart=is_apart)


def _line(case: Case, found: RecordVersions, one: Version, names: dict[UUID | None, str]) -> dict[str, Any]:
    """One version in words, with what its reader may do about it."""
    return {
        "version": one,
        "who": names.get(one.author_uid, "") or _("The system"),
        "removed": [(label, words_of_removal(removal)) for label, removal in one.removed.items()],
        "compare_url": "" if one.is_last else record_url(case, found, first=one.number, second=found.last.number),
        "restore_url": (
            record_url(case, found, "case-version-restore", version=one.number) if restorable(found, one, case) else ""
        ),
        "correct_url": (
            record_url(case, found, "case-version-correct", version=one.number) if correctable(found, one, case) else ""
        ),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def restore(request: SignedInRequest, case: Case, record_uid: UUID) -> HttpResponse:
    """Choose which former values come back; they become a new version."""
    found = record_versions.of_record(case, record_uid, request.GET.get("kind", ""))
    known = sorted(one.number for one in found.versions)
    before = max((number for number in known if number < found.last.number), default=found.last.number)
    version = number_asked(request, found, "version", before)
    choices = [(name, versions._label(found.model, name)) for name in restorable(found, version, case)]
    form = RestoreForm(
        request.POST if request.method == "POST" else None, choices=choices, initial={"version": version.number}
    )
    if request.method == "POST" and form.is_valid():
        try:
            restore_version(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, record_uid=found.uid,
                kind=found.model._meta.model_name, number=version.number, fields=form.cleaned_data["chosen"],
            )  # fmt: skip
        except (CaseError, StaleVersion) as error:
            form.add_error("chosen" if isinstance(error, AboutFields) or error.field == "chosen" else None, str(error))
        else:
            messages.success(
                request, _("It is back, as a new version. What stood here until now stays in the history.")
            )
            return HttpResponseRedirect(record_url(case, found))

    def build() -> dict[str, Any]:
        return {"found": found, "version": version, "form": form, "choices": choices, "back": record_url(case, found)}

    return render_case(
        request, case, "history", "cases/version_restore.html", build, status=422 if form.errors else 200
    )
