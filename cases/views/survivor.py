"""The Survivor tab: who she is, what happened, consent, immigration and protection; each part only where it is held."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.lines import in_a_row
from cases import addresses, deciding, minors, portraits, rules
from cases.actions import survivor as actions
from cases.answers import (
    ADDRESS,
    BIRTHDATE_PRECISION,
    MIGRANT,
    MINORITY,
    MOBILITY,
    NUMBERS,
    PASSPORT_FACTS,
    PROTECTION,
    REACHED_BY,
    SAFE_ADDRESS,
    STATUS_NOTE,
    facts_of,
    is_answered,
    label_of,
    masked,
    words_of,
    years_between,
)
from cases.choices.safety import AlertCode
from cases.choices.survivor import ConsentGiver, ConsentState, TriState
from cases.consent_words import text_in, text_of
from cases.forms import survivor as forms
from cases.guards import guarded
from cases.htcds import places
from cases.htcds.codes import ConsentPrompt
from cases.htcds.fields import STATUS_DECIDED_ON, STATUS_SOURCE
from cases.models import Case, Consent, Survivor, TraffickingProfile
from cases.opening import open_printed
from cases.speech import called_words, speech_facts
from cases.views.editing import the_one
from cases.views.kin import card_of
from cases.views.shell import render_case, viewers_of, visible_names

#: Both stand beside the date of birth: how exact it is, and, among what is to be seen to, that it is in doubt.
IDENTITY_FACTS = forms.IdentityForm.names[2:]
HAPPENED = (*forms.RecruitmentForm.names, *forms.ControlForm.names, *forms.ExploitationForm.names)


@require_http_methods(["GET", "HEAD"])
@guarded(READ_CARD)
def survivor(request: SignedInRequest, case: Case) -> HttpResponse:
    """Each part of what is held about her, for those who may open it."""
    return _survivor(request, case)


@require_POST
@guarded(read(Section.STATUS))
def numbers(request: SignedInRequest, case: Case) -> HttpResponse:
    """The same page with the numbers in full, this once. It is recorded before they are read."""
    actions.show_numbers(actor=request.user, now=clock.now(), case_uid=case.uid)
    return _survivor(request, case, show_numbers=True)


@require_POST
@guarded(read(Section.IDENTITY))
def photo(request: SignedInRequest, case: Case) -> HttpResponse:
    """The same page with her picture, this once, where she allows it. That it is fetched is recorded."""
    return _survivor(request, case, show_photo=True)


def _survivor(
    request: SignedInRequest, case: Case, *, show_numbers: bool = False, show_photo: bool = False
) -> HttpResponse:
    holding = case.holding
    assert holding is not None
    parts = (Section.IDENTITY, Section.NARRATIVE, Section.DUTIES, Section.STATUS, Section.LOCATION)
    if not any(holding.holds(section) for section in parts):
        # The tab is not drawn for such a reader, and the address says the same.
        raise Refused(read(Section.IDENTITY))

    def build() -> dict[str, Any]:
        row = the_one(Survivor, case)
        held = {section: holding.reads(section) for section in parts}
        is_own = request.user.organisation_id == case.organisation_id
        return {
            "identity": _identity(row) if held[Section.IDENTITY] else None,
            "called": called_words(row, with_forced=is_own) if held[Section.IDENTITY] else None,
            "minority": _minority(case, row) if held[Section.IDENTITY] else None,
            "speech": speech_facts(row) if held[Section.IDENTITY] else None,
            "kin": card_of(request.user, case, row),
            "photo": portraits.state_of(request.user, case, clock.now(), is_shown=show_photo),
            "contact": _contact(request.user, case, row) if held[Section.IDENTITY] else None,
            "location": _location(case, row) if held[Section.LOCATION] else None,
            "profile": _profile(request.user, case) if held[Section.NARRATIVE] else None,
            "protection": _protection(row, show_numbers=show_numbers) if held[Section.STATUS] else None,
            "consent": _consent(case) if held[Section.DUTIES] else None,
            "may": {section.value: holding.writes(section) and not case.is_closed for section in parts},
            "sees": {
                section.value: visible_names(request.user, case, viewers_of(case), section)
                for section in parts if held[section]
            },
            # Nothing can come back to numbers, which are asked for by a form: whoever changes the colours goes on here.
            "back_to": reverse("case-survivor", args=[case.uid]),
        }  # fmt: skip

    return render_case(request, case, "survivor", "cases/survivor.html", build)


# ---- What each card shows. Read while the case is open. ----


def _identity(row: Survivor) -> dict[str, Any]:
    about, birth = row.about or {}, row.birth_date
    precision = about.get(BIRTHDATE_PRECISION)
    return {
        "name": " ".join(part for part in (row.first_name, row.second_name) if part),
        "other_names": row.other_names,
        "birth_date": birth,
        "precision": words_of(BIRTHDATE_PRECISION, precision) if is_answered(precision) else "",
        "birth_words": words_of(BIRTHDATE_PRECISION, precision),
        "age": years_between(birth) if birth else None,
        "facts": facts_of(IDENTITY_FACTS, about),
    }


def _contact(reader: User, case: Case, row: Survivor) -> dict[str, Any]:
    contact = row.contact or {}
    # To an outsider there is the safe mailing address, and never another: whether one is kept would tell of a shelter.
    is_outsider = reader.organisation_id != case.organisation_id
    is_confidential = is_outsider or _is_confidential(case)
    street = in_a_row(words_of(name, contact[name]) for name in ADDRESS if is_answered(contact.get(name)))
    return {
        "kept": [label_of(name) for name in REACHED_BY if is_answered(contact.get(name))],
        "facts": [fact for fact in facts_of(REACHED_BY, contact) if fact.is_open],
        # For outsiders always so: that it is for this one alone would tell of a shelter.
        "safe_address": contact.get(SAFE_ADDRESS) or (addresses.care_of(case) if is_confidential else ""),
        "is_confidential": is_confidential,
        "is_outsider": is_outsider,
        "is_recorded": forms.is_recorded(contact),
        "address": "" if is_confidential else street,
    }


def _location(case: Case, row: Survivor) -> dict[str, Any]:
    is_resident = addresses.lives_in_shelter(case, clock.now())
    return {"text": addresses.care_of(case) if is_resident else row.location, "is_resident": is_resident}


def _minority(case: Case, row: Survivor) -> dict[str, Any] | None:
    alerts, today = case.alerts or [], timezone.localdate(clock.now())
    said = {name: value for name, value in (row.minority or {}).items() if is_answered(value)}
    if not (minors.is_minor(row, alerts, today) or said or minors.prompts(row, alerts, today)):
        return None
    return {"prompts": minors.prompts(row, alerts, today), "facts": facts_of([n for n in MINORITY if n in said], said)}


def _is_confidential(case: Case) -> bool:
    return addresses.address_is_confidential(case, case.alerts or [], clock.now())


def _profile(reader: User, case: Case) -> dict[str, Any]:
    row = the_one(TraffickingProfile, case)
    answers = row.answers or {}
    decided = [name for name in (STATUS_SOURCE, *rules.DECISION) if is_answered(answers.get(name))]
    return {
        "status": words_of("vic_TraffickingStatus", answers.get("vic_TraffickingStatus")),
        "decided": facts_of(decided, answers),
        "parts": [
            (slug, heading, facts_of(form.names, answers)) for slug, (form, heading, _lead) in forms.PROFILE.items()
        ],
        "is_begun": any(is_answered(answers.get(name)) for name in HAPPENED),
        "to_check": rules.to_check(answers),
        "may_decide": not case.is_closed and deciding.may_write_down(reader, case, at=clock.now()),
        "statement": row.statement or "",
    }


def _protection(row: Survivor, *, show_numbers: bool) -> dict[str, Any]:
    answers = row.protection or {}
    numbers = [(label_of(name), answers[name]) for name in NUMBERS if answers.get(name)]
    return {
        "facts": facts_of((PROTECTION, MIGRANT, MOBILITY), answers)
        + facts_of([name for name in PASSPORT_FACTS if answers.get(name)], answers),
        "note": answers.get(STATUS_NOTE, ""),
        "numbers": numbers if show_numbers else [(label, masked(number)) for label, number in numbers],
        "are_shown": show_numbers,
    }


def _consent(case: Case) -> dict[str, Any]:
    row = the_one(Consent, case)
    told, facts = row.told or {}, row.record or {}
    return {
        "state": ConsentState(row.state).label,
        "tone": {"CONSENTED": "ok", "DECLINED": "", "PENDING": "warn"}.get(row.state, ""),
        "as_reported": bool(facts.get("as_reported")),
        "told": [(prompt.label, bool(told.get(prompt.value))) for prompt in ConsentPrompt],
        "facts": [
            (_("Asked on"), words_of(STATUS_DECIDED_ON, facts["obtained_on"]) if facts.get("obtained_on") else ""),
            (_("Asked by"), facts.get("obtained_by", "")),
            (_("In which language"), places.language_name(facts["language"]) if facts.get("language") else ""),
            (_("Interpreter"), facts.get("interpreter", "")),
            (_("Witness"), facts.get("witness", "")),
            (_("Read aloud"), _("Yes") if facts.get("read_aloud") else _("No")),
            *_answered_by(facts),
        ],
        "text": text_of(facts),
    }


def _answered_by(facts: dict[str, Any]) -> list[tuple[Any, str]]:
    """Who answered, where it was not she alone."""
    giver = facts.get("given_by") or ConsentGiver.HERSELF
    if giver == ConsentGiver.HERSELF:
        return []
    assent = facts.get("assent")
    return [
        (_("Who answered"), str(ConsentGiver(giver).label)),
        (_("Parent, guardian or representative"), facts.get("guardian", "")),
        (_("Her own answer"), str(TriState(assent).label) if assent else ""),
        (_("The law or order that lets her or them answer"), facts.get("authority", "")),
    ]


@require_safe
@guarded(read(Section.DUTIES))
def consent_print(request: SignedInRequest, case: Case) -> HttpResponse:
    """The seven points in her language, to be read aloud or left with her. Nothing on it names her or the case."""
    with open_printed(request.user, case):
        text = text_in(case.language, with_guardian=AlertCode.MINOR in (case.alerts or []))
    return render(request, "cases/consent_print.html", {"case": case, "text": text})
