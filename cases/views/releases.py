"""Releases: made with her in two short pages, shown whole, printed in her language, renewed, taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed, proven_from_the_start
from casemgmt.interface.lines import in_a_row
from cases import access
from cases.actions.releases import RELEASE_DRAFT, withdraw_release
from cases.actions.signing import sign_release
from cases.choices.releases import Evidence, InfoCategory, ReleaseMethod, ReleaseSigner
from cases.drafts import kept_draft
from cases.errors import CaseError
from cases.forms.releases import FIELD_OF, ReleaseForm, SigningForm, state_in_words
from cases.guards import guarded
from cases.htcds.places import language_name
from cases.models import Case, Matter, Release, ReleaseSignature
from cases.opening import open_printed
from cases.release_rules import signers_of, usual_end
from cases.release_words import ReleaseText, Told, day_in_words, team_in_words, text_as_signed, text_of
from cases.views.losing import losses_in_words
from cases.views.release_checks import check_line
from cases.views.shell import render_case


def _back(case: Case) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]))


# ---- A release in words ----


def release_line(release: Release) -> dict[str, Any]:
    """One release in words, with what it leaves out. Read while the case is open."""
    now = clock.now()
    if release.withdrawn_at:
        state = "renewed" if release.withdrawn_how == "RENEWED" else "withdrawn"
    else:
        state = "ended" if release.expires_at <= now else "standing"
    left = (timezone.localdate(release.expires_at) - timezone.localdate(now)).days
    return {
        "release": release,
        "state": state,
        "is_ending": state == "standing" and left <= release.warning_days,
        "categories": [InfoCategory(code).label for code in release.terms["categories"]],
        "excluded": release.terms.get("excluded", ""),
        "purpose_text": release.purpose_text,
        "notice": text_as_signed(release).notice,
    }


def _told_by(form: ReleaseForm) -> Told:
    """The same of a form that is not signed yet."""
    facts, terms = form.cleaned_data, form.terms
    attorney = facts["attorney"]
    whom, team = attorney.name if attorney else terms.recipient_role, facts.get("recipient_team")
    if team is not None:
        whom = in_a_row(one for one in (team_in_words(team), whom) if one)
    organisation = attorney.organisation if attorney else facts["recipient"]
    return Told(
        discloser=form.case.organisation.name, recipient=f"{organisation.name}, {whom}" if whom else organisation.name,
        purpose=facts["purpose"], purpose_text=facts["purpose_text"], categories=list(terms.categories), until=form.until,
        method=terms.method, language=facts["language"], signers=signers_of(facts["signer"]), excluded=terms.excluded,
        is_two_way=terms.is_two_way, subjects=terms.subjects,
    )  # fmt: skip


def _find(case: Case, release_uid: UUID) -> Release:
    people = ("recipient", "recipient_person", "recipient_team", "discloser", "recorded_by", "withdrawn_by", "renews")
    release = access.records(Release, case).select_related(*people).filter(uid=release_uid).first()
    if release is None:
        raise Hidden
    release.case = case
    return release


# ---- Making one, and renewing one ----


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
@proven_from_the_start
def release_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """First what she allows, then "this firm will see this, not that, until then", her words of consent, her signature."""
    return _make(request, case, None)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
@proven_from_the_start
def release_renew(request: SignedInRequest, case: Case, release_uid: UUID) -> HttpResponse:
    """The same with the former release as a start. It is signed anew; the former one ends when this one is recorded."""
    former = _find(case, release_uid)
    if former.withdrawn_at is not None:
        messages.warning(request, _("This release was taken back or renewed before. Record a new one with her."))
        return _back(case)
    return _make(request, case, former)


def _make(request: SignedInRequest, case: Case, former: Release | None) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    matters = list(access.records(Matter, case).filter(is_open=True).order_by("pk"))
    uids = [str(matter.uid) for matter in matters]
    initial = _start(former) if former else {}
    form = ReleaseForm(posted, case=case, matters=uids, is_renewal=former is not None, initial=initial)
    signing: SigningForm | None = None
    if posted is not None and "back" not in posted and form.is_valid():
        is_signed = "sign" in posted
        signing = SigningForm(
            posted if is_signed else None, request.FILES if is_signed else None, signer=form.cleaned_data["signer"],
            witness=request.user.name, categories=form.cleaned_data["categories"],
        )  # fmt: skip
        if is_signed and signing.is_valid() and _record(request, case, form, signing, former):
            return _back(case)
        if form.errors:
            signing = None  # a rule stands against what she allows: that is the first page

    def build() -> dict[str, Any]:
        # Titles and former terms are sealed, so the form gets its words only while the case is open.
        form.name_matters({str(matter.uid): matter.title for matter in matters})
        context: dict[str, Any] = {"form": signing or form, "former": former, "is_renewal": former is not None}
        if signing is None:
            if posted is None:
                kept = None if former else kept_draft(request.user, RELEASE_DRAFT, case.uid)
                start = _terms_of(former) if former else {"language": case.language}
                form.initial = {**form.initial, **start, **(kept.initial if kept else {})}
            return context
        return context | {"terms": form, "text": text_of(_told_by(form))}

    template = "cases/release_form.html" if signing is None else "cases/release_sign.html"
    has_errors = (signing or form).errors if "back" not in (posted or {}) else None
    return render_case(request, case, "sharing", template, build, status=422 if has_errors else 200)


def _start(former: Release) -> dict[str, Any]:
    """What a renewal begins with and does not change: plain columns alone."""
    return {
        "attorney": former.recipient_person_id, "matter": str(former.matter.uid) if former.matter else "",
        "recipient": None if former.recipient_person_id or former.recipient_team_id else former.recipient_id,
        "recipient_team": former.recipient_team_id, "purpose": former.purpose,
        "expires_on": usual_end(former.purpose, timezone.localdate()),
    }  # fmt: skip


def _terms_of(former: Release) -> dict[str, Any]:
    """What a renewal offers again. Read while the case is open."""
    terms, signing = former.terms, former.signing
    names = ("categories", "method", "excluded", "recipient_role", "subjects")
    return {name: terms[name] for name in names if name in terms} | {
        "is_two_way": terms.get("two_way", False), "purpose_text": former.purpose_text, "language": signing["language"],
        "signer": signing["signer"],
    }  # fmt: skip


def _record(
    request: SignedInRequest, case: Case, form: ReleaseForm, signing: SigningForm, former: Release | None
) -> bool:
    """Call the one action. False, with the error beside its field, when a rule stands against it."""
    facts = form.cleaned_data
    release: dict[str, Any] = {
        "terms": form.terms, "signing": signing.signing(form), "expires_at": form.expires_at,
        "purpose_text": facts["purpose_text"], "renews_uid": former.uid if former else None,
        "matter_uid": UUID(facts["matter"]) if facts["matter"] else None,
    }  # fmt: skip
    if facts["attorney"]:
        release["attorney"] = facts["attorney"]
    else:
        release |= {"recipient": facts["recipient"], "purpose": facts["purpose"]}
        release |= {"recipient_team": facts["recipient_team"]} if facts.get("recipient_team") else {}
    try:
        made = sign_release(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, uploads=signing.uploads,
            facts=release,
        )  # fmt: skip
    except CaseError as error:
        what = FIELD_OF.get(getattr(error, "what", ""), getattr(error, "field", ""))
        place = signing if what in signing.fields else form
        place.add_error(what if what in place.fields else None, str(error))
        return False
    if access.waiting_grants().filter(release__uid=made.uid).exists():
        messages.info(request, _("A second person must approve what is marked before the attorney can see it."))
    if former is not None:
        messages.success(request, _("The release is renewed. The former one has ended."))
    elif facts["attorney"]:
        messages.success(request, _("The release is recorded, and the attorney has the matter."))
    else:
        messages.success(request, _("The release is recorded."))
    return True


# ---- One release, whole ----


@require_safe
@guarded(read(Section.DUTIES))
def release_page(request: SignedInRequest, case: Case, release_uid: UUID) -> HttpResponse:
    """Everything that a release says and how it was signed; what came before and after it."""
    release = _find(case, release_uid)
    holding = case.holding
    assert holding is not None  # the door has set it

    def build() -> dict[str, Any]:
        after = access.records(Release, case).filter(renews=release).first()
        return {
            "line": release_line(release),
            "facts": [*_facts(release), *_of_the_house(release)],
            "signatures": _signatures(case, release),
            "after": after,
            "check": check_line(release),
            "text": text_as_signed(release),
            "may_end": holding.may_write(Section.DUTIES),
            "may_renew": holding.writes(Section.DUTIES)
            and not case.is_closed
            and not release.withdrawn_at
            and not after,
        }

    return render_case(request, case, "sharing", "cases/release.html", build)


def _facts(release: Release) -> list[tuple[str, Any]]:
    """How it was signed, in words, as the paper says it, too; what nobody wrote is left out."""
    signing, terms = release.signing, release.terms
    told = {True: _("yes"), False: _("no")}
    named = [str(InfoCategory(code).label) for code in signing.get("named", [])]
    facts = [
        (_("Begins"), day_in_words(release.starts_at)),
        (_("Ends"), day_in_words(release.expires_at)),
        (_("Who signed"), str(ReleaseSigner(signing["signer"]).label)),
        (_("Signs with her or for her"), signing.get("signer_name", "")),
        (_("By which law or order"), signing.get("authority", "")),
        (_("Signed in"), state_in_words(signing.get("state", ""))),
        (_("Abuse by that person ruled out"), told[True] if signing.get("guardian_is_not_abuser") else ""),
        (_("Asked about by name"), in_a_row(named)),
        (_("Language"), language_name(signing["language"])),
        (_("Interpreter"), signing["interpreter"]),
        (_("Read aloud"), told[bool(signing["read_aloud"])]),
        (_("Risks, benefits and other ways discussed"), told[bool(signing["risks_discussed"])]),
        (_("Ways without sharing were looked at"), told[bool(signing.get("alternatives_discussed"))]),
        (_("Help does not depend on it"), told[bool(signing["not_conditioned"])]),
        (_("Can be taken back: explained"), told[bool(signing["revocable_explained"])]),
        (_("Copy given"), told[bool(signing["copy_given"])]),
        (_("From our side"), signing.get("witness") or release.recorded_by.name),
        (_("How it may travel"), str(ReleaseMethod(terms["method"]).label)),
        (
            _("Direction"),
            _("Both ways: they may also tell us") if terms.get("two_way") else _("One way: from us to them"),
        ),
    ]
    return [(label, words) for label, words in facts if words]


def _of_the_house(release: Release) -> list[tuple[str, Any]]:
    """What stays with us: the paper goes to the recipient, and what she feared is not theirs to read."""
    signing = release.signing
    facts = [
        (_("What we talked about"), signing.get("risks_note", "")),
        (_("Why longer than usual"), signing.get("reason", "")),
    ]
    return [(label, words) for label, words in facts if words]


def _signatures(case: Case, release: Release) -> list[dict[str, Any]]:
    rows = access.records(ReleaseSignature, case).filter(release=release).select_related("document").order_by("pk")
    return [
        {
            "who": row.facts["who"],
            "name": row.facts["name"],
            "evidence": Evidence(row.facts["evidence"]).label,
            "kept_where": row.facts["kept_where"],
            "document": row.document,
            "signed_on": row.signed_on,
        }
        for row in rows
    ]


@require_safe
@guarded(read(Section.DUTIES))
@freshly_confirmed
def release_print(request: SignedInRequest, case: Case, release_uid: UUID) -> HttpResponse:
    """The release for paper, in her language. Recorded as RELEASE_PRINTED."""
    release = _find(case, release_uid)
    with open_printed(request.user, case, subject=release, verb=Verb.RELEASE_PRINTED):
        text: ReleaseText = text_as_signed(release)
        context = {
            "case": case, "release": release, "line": release_line(release), "text": text,
            "signatures": _signatures(case, release), "printed_by": request.user.name, "printed_at": clock.now(),
        }  # fmt: skip
        with translation.override(text.code):
            context["facts"] = _facts(release)
        return render(request, "cases/release_print.html", context)


# ---- Taking it back ----


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def release_withdraw(request: SignedInRequest, case: Case, release_uid: UUID) -> HttpResponse:
    """She takes a release back. The page says what will end; one tap ends it."""
    release = _find(case, release_uid)
    if request.method == "POST":
        how = "WRITTEN" if request.POST.get("how") == "WRITTEN" else "ORAL"
        withdraw_release(actor=request.user, now=clock.now(), release_uid=release_uid, how=how)
        messages.success(request, _("The release is withdrawn. All access that rested on it has ended."))
        return _back(case)

    def build() -> dict[str, Any]:
        resting = [viewer for viewer in access.who_can_see(case) if viewer.grant.release_id == release.pk]
        losses = losses_in_words(case, access.losses_of_release(release))
        return {"line": release_line(release), "resting": resting, "losses": losses}

    return render_case(request, case, "sharing", "cases/release_withdraw.html", build)
