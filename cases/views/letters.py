"""A letter from a case: choose a text of the house, read it filled, change it, keep it; and the same on paper."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.choices import Language
from casemgmt.accounts.requests import SignedInRequest
from cases import access, contacting, handing_out
from cases.choices.survivor import ContactChannel
from cases.file_types import TEXT
from cases.forms.letters import LetterForm
from cases.guards import guarded
from cases.letters import letter_text, letters_offered, sections_for, write_letter
from cases.models import Case, ContactInstruction, Document
from cases.views.desk_forms import done
from cases.views.document_files import NOT_HANDED_OUT, not_handed_out
from cases.views.safety import instruction_in_words
from cases.views.shell import render_case

#: What is longer is no letter, and is downloaded.
LONGEST = 200_000


def may_write_letters(request: SignedInRequest, case: Case) -> bool:
    """Whether letters of this house are written here by this reader: a colleague who may keep a document of that kind."""
    holding = case.holding
    inside = request.user.organisation_id == case.organisation_id
    places = (Section.ADVOCACY, Section.IDENTITY, Section.LEGAL, Section.SERVICES)
    return holding is not None and inside and not case.is_closed and any(holding.writes(one) for one in places)


@guarded(READ_CARD)
@require_safe
def letters(request: SignedInRequest, case: Case) -> HttpResponse:
    """The letters that can be written from this case."""
    _demand(request, case)
    lines = [{"row": row, "language": Language(row.language).label} for row in letters_offered()]
    return render_case(request, case, "documents", "cases/letters.html", lambda: {"lines": lines})


def _demand(request: SignedInRequest, case: Case) -> None:
    """Raises Refused."""
    if case.is_closed or not may_write_letters(request, case):
        raise Refused(write(Section.ADVOCACY))


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def letter_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """The letter filled from the case, above it her rule; it is changed here and kept as a document.

    The query names its text, which is the house's and no record of this case.
    """
    _demand(request, case)
    wanted = request.GET.get("text", "")
    text = next((row for row in letters_offered() if str(row.uid) == wanted), None)
    if text is None:
        return HttpResponseRedirect(reverse("case-letters", args=[case.uid]))
    sections = sections_for(case, text)
    if not sections:
        raise Refused(write(Section.ADVOCACY))
    now = clock.now()
    form = LetterForm(request.POST if request.method == "POST" else None, sections=sections)
    made = done(
        request, form,
        lambda: write_letter(actor=request.user, now=now, form_key=form.key, case=case, text=text, **form.answers),
        words=_("The letter is kept among the documents."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-document-page", args=[case.uid, made.uid]))

    def build() -> dict[str, Any]:
        if not form.is_bound:
            form.initial = {"name": text.name, "body": letter_text(request.user, case, text, now)}
        return {"form": form, "text": text, **_her_rule(case, now)}

    return render_case(request, case, "documents", "cases/letter_form.html", build, status=422 if form.errors else 200)


def _her_rule(case: Case, now: Any) -> dict[str, Any]:
    """How she may be reached, and what stands against a letter by post now. Of the card; without the number."""
    standing = access.records(ContactInstruction, case).filter(ended_at__isnull=True).order_by("-pk").first()
    rule = standing.rule if standing else None
    against = contacting.obstacles(rule, standing.verified_on if standing else None, ContactChannel.POST, now)
    return {
        "rule": instruction_in_words(standing, reads_value=False) if standing else None,
        "against": [one.label for one in against],
    }


@guarded(READ_CARD)
@require_safe
def letter_print(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """A letter, or any short text among the documents, for paper. Recorded as the download that it is."""
    if request.user.organisation_id != case.organisation_id:
        raise Refused(READ_CARD)
    found = access.get_record(Document, case, document_uid)
    try:
        file = handing_out.stream(request.user, case, found.uid)
    except NOT_HANDED_OUT as error:
        return not_handed_out(request, error, reverse("case-documents", args=[case.uid]))
    if file.content_type != TEXT.content_type or file.size > LONGEST:
        raise Hidden
    words = b"".join(file.pieces).decode("utf-8", "replace")
    return render(request, "cases/letter_print.html", {"case": case, "words": words})
