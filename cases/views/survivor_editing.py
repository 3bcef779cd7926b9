"""Changing each part of the Survivor tab: who she is, how she is reached, what happened, protection, consent."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import addresses
from cases.actions import survivor as actions
from cases.answers import NUMBERS, PAPER_ENDS, SAFE_ADDRESS
from cases.choices.safety import AlertCode
from cases.consent_words import text_in
from cases.forms import survivor as forms
from cases.guards import guarded
from cases.models import Case, Consent, Survivor, TraffickingProfile
from cases.views.editing import Page, edit

MOST_COUNTRIES = 8


def _page(heading: Any, lead: Any, section: str, model: type, marked: tuple[str, ...], draft_kind: str = "") -> Page:
    return Page("survivor", heading, lead, _("Saved."), "case-survivor", section, model, marked, draft_kind)


IDENTITY_PAGE = _page(
    _("Who she is"), _("Nothing here is required. A name may be the one she wants to be called by."),
    Section.IDENTITY, Survivor, actions.IDENTITY,
)  # fmt: skip
CONTACT_PAGE = _page(
    _("Phone, e-mail and address"), _("Recording a number is no permission to use it: the safe-contact rule decides."),
    Section.IDENTITY, Survivor, actions.CONTACT,
)  # fmt: skip
LOCATION_PAGE = _page(
    _("Where she stays"), _("Only for people who must know it now. Leave it empty if nobody must."),
    Section.LOCATION, Survivor, actions.LOCATION,
)  # fmt: skip
PROTECTION_PAGE = _page(
    _("Immigration and protection"), _("She need not tell. This part is never given out without its own tick on a release."),
    Section.STATUS, Survivor, actions.PROTECTION,
)  # fmt: skip
STATEMENT_PAGE = _page(
    _("Her statement"), _("In her own words, if she wants to. It may be hard to read: it stays folded on the page."),
    Section.NARRATIVE, TraffickingProfile, actions.STATEMENT, actions.STATEMENT_DRAFT,
)  # fmt: skip
CONSENT_PAGE = _page(
    _("Consent to keep her information"),
    _("Read it to her in a language she understands. Saying no, or not yet, changes nothing in the help she gets."),
    Section.DUTIES, Consent, actions.CONSENT,
)  # fmt: skip


def _call(
    request: SignedInRequest, case: Case, action: Callable[..., Any], **facts: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """The one action of a page; ``facts`` say how each argument comes out of the form."""

    def save(form: Any) -> Any:
        arguments = {name: of(form) for name, of in facts.items()}
        mark = form.cleaned_data["mark"] or None
        return action(actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, mark=mark, **arguments)

    return save


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.IDENTITY))
def identity(request: SignedInRequest, case: Case) -> HttpResponse:
    """Change who she is."""
    columns = ("first_name", "second_name", "other_names", "birth_date")

    def initial(row: Survivor) -> dict[str, Any]:
        return dict(row.about or {}) | {name: getattr(row, name) for name in columns}

    def make_form(data: Any = None, **kwargs: Any) -> forms.IdentityForm:
        recorded = kwargs.get("initial", {}).get("prs_Citizenship")
        sent = sum(name.startswith("prs_Citizenship_") for name in data or ())
        # One list more than is recorded: each list of all countries makes the page longer.
        listed = len(recorded) + 1 if isinstance(recorded, list) else 1
        return forms.IdentityForm(data, countries=min(max(sent, listed), MOST_COUNTRIES), **kwargs)

    def prepare(form: Any, row: Survivor) -> None:
        if not form.is_bound:
            form.fields["prs_Citizenship"] = make_form(initial=form.initial).fields["prs_Citizenship"]

    save = _call(
        request, case, actions.change_survivor,
        names=lambda form: {name: form.facts[name] for name in columns},
        about=lambda form: {name: form.facts[name] for name in form.names},
    )  # fmt: skip
    return edit(request, case, IDENTITY_PAGE, make_form=make_form, initial=initial, save=save, prepare=prepare)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.IDENTITY))
def contact(request: SignedInRequest, case: Case) -> HttpResponse:
    """Change phone, e-mail and addresses."""

    def initial(row: Survivor) -> dict[str, Any]:
        answers = row.contact or {}
        return dict(answers) | {"safe_address": answers.get(SAFE_ADDRESS, "")}

    def prepare(form: Any, row: Survivor) -> None:
        if addresses.address_is_confidential(case, case.alerts or [], clock.now()):
            form.block_address(is_recorded=forms.is_recorded(row.contact))
            form.notes = [_("No address is asked for, because knowing it could be dangerous.")]
        else:
            del form.fields["remove_address"]

    save = _call(request, case, actions.change_contact_details, contact=lambda form: form.contact)
    return edit(
        request, case, CONTACT_PAGE, make_form=forms.ContactDetailsForm, initial=initial, save=save, prepare=prepare
    )


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.LOCATION))
def location(request: SignedInRequest, case: Case) -> HttpResponse:
    """Change where she stays."""
    save = _call(request, case, actions.change_location, location=lambda form: form.cleaned_data["location"])

    def initial(row: Survivor) -> dict[str, Any]:
        # One from before she lived in a shelter is not offered again.
        return {"location": "" if addresses.lives_in_shelter(case, clock.now()) else row.location or ""}

    return edit(request, case, LOCATION_PAGE, make_form=forms.LocationForm, initial=initial, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.STATUS))
def protection(request: SignedInRequest, case: Case) -> HttpResponse:
    """Change immigration and protection status."""

    def initial(row: Survivor) -> dict[str, Any]:
        answers = row.protection or {}
        usual = {"passport_ends": answers.get(PAPER_ENDS, "")}
        return usual | {name: value for name, value in answers.items() if name not in NUMBERS}

    def prepare(form: Any, row: Survivor) -> None:
        form.tell_recorded({name: (row.protection or {}).get(name, "") for name in NUMBERS})

    save = _call(request, case, actions.change_protection, protection=lambda form: form.protection)
    return edit(
        request, case, PROTECTION_PAGE, make_form=forms.ProtectionForm, initial=initial, save=save, prepare=prepare
    )


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.NARRATIVE))
def profile(request: SignedInRequest, case: Case, part: str) -> HttpResponse:
    """Change one part of what happened: one topic a page, in an order one can leave at any time."""
    if part not in forms.PROFILE:
        raise Hidden
    form_class, heading, lead = forms.PROFILE[part]
    slugs = list(forms.PROFILE)
    following = slugs[slugs.index(part) + 1 :]
    onward = (
        reverse("case-profile", args=[case.uid, following[0]])
        if following
        else reverse("case-statement", args=[case.uid])
    )
    page = _page(heading, lead, Section.NARRATIVE, TraffickingProfile, actions.ANSWERS)

    def initial(row: TraffickingProfile) -> dict[str, Any]:
        return dict(row.answers or {})

    save = _call(request, case, actions.change_profile, answers=lambda form: form.answers)
    return edit(request, case, page, make_form=form_class, initial=initial, save=save, onward=onward)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.NARRATIVE))
def statement(request: SignedInRequest, case: Case) -> HttpResponse:
    """Write down her statement."""
    save = _call(request, case, actions.change_statement, statement=lambda form: form.cleaned_data["statement"])

    def initial(row: TraffickingProfile) -> dict[str, Any]:
        return {"statement": row.statement or ""}

    return edit(request, case, STATEMENT_PAGE, make_form=forms.StatementForm, initial=initial, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.DUTIES))
def consent(request: SignedInRequest, case: Case) -> HttpResponse:
    """Record what she said about keeping her information."""

    def initial(row: Consent) -> dict[str, Any]:
        facts = dict(row.record or {})
        told = [prompt for prompt, is_told in (row.told or {}).items() if is_told]
        usual = {"language": case.language, "obtained_by": request.user.name}
        return usual | {name: value for name, value in facts.items() if value} | {"state": row.state, "told": told}

    def prepare(form: Any, row: Consent) -> None:
        form.reading = text_in(case.language, with_guardian=AlertCode.MINOR in (case.alerts or []))

    save = _call(
        request, case, actions.record_consent, state=lambda form: form.cleaned_data["state"],
        told=lambda form: form.told_prompts, facts=lambda form: form.record,
    )  # fmt: skip
    return edit(request, case, CONSENT_PAGE, make_form=forms.ConsentForm, initial=initial, save=save, prepare=prepare)
