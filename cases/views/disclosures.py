"""What left the organisation about her: the list with its grounds, what she was told, and the account for her hands."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed, proven_from_the_start
from casemgmt.interface.lines import in_a_row
from cases import access, clocks
from cases.accounting import moments, who_saw
from cases.actions.disclosures import disclose_by_release, note_told
from cases.choices.releases import (
    DisclosureBasis,
    DisclosureHow,
    InfoCategory,
    MandateTrigger,
    Privilege,
    ProcessKind,
    ProcessResponse,
    PutOffBecause,
    ToldHow,
    WithheldKind,
)
from cases.errors import CaseError
from cases.forms.account import AccountForm
from cases.forms.duties import GivenForm
from cases.guards import guarded
from cases.her_language import speaking
from cases.models import (
    AccessGrant,
    BreachCase,
    Case,
    Disclosure,
    LegalProcess,
    MandatedReport,
    Release,
    SubjectRequest,
)
from cases.opening import open_printed
from cases.release_words import carries_substance_use, part2_notice
from cases.views.shell import render_case
from cases.views.subject_requests import request_line


def disclosure_line(disclosure: Disclosure, *, for_her: bool) -> dict[str, Any]:
    """One disclosure in words. ``for_her``: as the account says it, without a reporter, staff or any third person."""
    how = dict(DisclosureHow.choices)
    return {
        "disclosure": disclosure,
        "basis": DisclosureBasis(disclosure.basis).label,
        "to": _to_whom(disclosure),
        "ground": _ground(disclosure),
        "categories": [InfoCategory(code).label for code in disclosure.categories],
        "how": how.get(disclosure.how, disclosure.how),
        "by": "" if for_her else disclosure.disclosed_by.name,
        "notice": part2_notice() if carries_substance_use(disclosure.categories) else "",
        "asks_to_tell": disclosure.basis in (DisclosureBasis.STATUTORY_MANDATE, DisclosureBasis.COURT_ORDER),
    }


def _to_whom(disclosure: Disclosure) -> str:
    """The organisation or authority; never a person."""
    if disclosure.recipient is not None:
        return disclosure.recipient.name
    if disclosure.report is not None:
        return str(disclosure.report.facts["agency"])
    return str(disclosure.process.facts["issuer"]) if disclosure.process is not None else ""


def _ground(disclosure: Disclosure) -> str:
    if disclosure.report is not None:
        return f"{MandateTrigger(disclosure.report.facts['trigger']).label}, {disclosure.report.facts['authority']}"
    if disclosure.process is not None:
        parts = (ProcessKind(disclosure.process.facts["kind"]).label, disclosure.process.facts["reference"])
        return in_a_row(part for part in parts if part)
    return str(disclosure.release.get_purpose_display()) if disclosure.release is not None else ""


def _disclosures(case: Case) -> Iterable[Disclosure]:
    grounds = ("recipient", "release", "report", "process", "disclosed_by", "notified_by")
    return access.records(Disclosure, case).select_related(*grounds).order_by("-disclosed_at", "-pk")


@require_safe
@guarded(read(Section.DUTIES))
def of_case(request: SignedInRequest, case: Case) -> HttpResponse:
    """Disclosures with their grounds, the reports and processes of the case, and whether she was told."""
    holding = case.holding
    assert holding is not None  # the door has set it

    def build() -> dict[str, Any]:
        return {
            "lines": [disclosure_line(one, for_her=False) for one in _disclosures(case)],
            "reports": [report_line(one) for one in access.records(MandatedReport, case).order_by("-pk")],
            "processes": [process_line(one) for one in access.records(LegalProcess, case).order_by("-pk")],
            "may_note": holding.may_write(Section.DUTIES),
            "breaches": list(access.records(BreachCase, case).select_related("breach").order_by("-pk")),
            "requests": [request_line(one) for one in access.records(SubjectRequest, case).order_by("-pk")],
        }

    return render_case(request, case, "sharing", "cases/disclosures.html", build)


def report_line(report: MandatedReport) -> dict[str, Any]:
    """One mandated report in words, without who reported."""
    facts = report.facts
    return {
        "report": report, "trigger": MandateTrigger(facts["trigger"]).label, "agency": facts["agency"],
        "authority": facts["authority"], "jurisdiction": facts["jurisdiction"], "reference": facts["reference"],
        "was_told": facts["informed_before"], "why_not": facts["why_not_informed"],
        "minimum_only": facts.get("minimum_only"), "clocks": clocks.of_report(report, clock.now()),
    }  # fmt: skip


def process_line(process: LegalProcess) -> dict[str, Any]:
    """One legal process in words."""
    facts, put_off = process.facts, process.facts.get("put_off") or {}
    return {
        "process": process, "kind": ProcessKind(facts["kind"]).label, "issuer": facts["issuer"],
        "reference": facts["reference"], "scope": facts["scope"], "clocks": clocks.of_process(process, clock.now()),
        "response": ProcessResponse(facts["response"]).label if facts.get("response") else "",
        "told_how": ToldHow(facts["told_how"]).label if facts.get("told_how") else "", "wishes": facts.get("wishes", ""),
        "is_put_off": clocks.is_put_off(process, clock.now()), "put_off_by": put_off.get("authority", ""),
        "put_off_because": PutOffBecause(put_off["because"]).label if put_off else "",
        "withheld": [_withheld_line(one) for one in facts.get("withheld", [])],
    }  # fmt: skip


def _withheld_line(line: dict[str, Any]) -> dict[str, Any]:
    """One line of the privilege log in words."""
    begins, ends = (date.fromisoformat(day) for day in line["dated"])
    return {
        "what": WithheldKind(line["what"]).label, "privilege": Privilege(line["privilege"]).label,
        "number": line["number"], "begins": begins, "ends": ends,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
@proven_from_the_start
def disclosure_new(request: SignedInRequest, case: Case, release_uid: UUID) -> HttpResponse:
    """Note what was given to the recipient of a release, of what it names."""
    release = access.records(Release, case).select_related("recipient").filter(uid=release_uid).first()
    if release is None:
        raise Hidden
    form = GivenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            disclose_by_release(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, release_uid=release_uid,
                given=form.given,
            )  # fmt: skip
        except CaseError as error:
            form.add_error("categories" if getattr(error, "what", "") == "categories" else None, str(error))
        else:
            messages.success(request, _("It stands in her account of disclosures."))
            return HttpResponseRedirect(reverse("case-disclosures", args=[case.uid]))

    def build() -> dict[str, Any]:
        named: Any = form.fields["categories"]
        named.choices = [(code, label) for code, label in InfoCategory.choices if code in release.terms["categories"]]
        return {"form": form, "release": release}

    status = 422 if form.errors else 200
    return render_case(request, case, "sharing", "cases/disclosure_form.html", build, status=status)


@require_POST
@guarded(write(Section.DUTIES))
def told(request: SignedInRequest, case: Case, disclosure_uid: UUID) -> HttpResponse:
    """She was told, safely."""
    try:
        note_told(actor=request.user, now=clock.now(), case_uid=case.uid, disclosure_uid=disclosure_uid)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted: she was told."))
    return HttpResponseRedirect(reverse("case-disclosures", args=[case.uid]))


@require_safe
@guarded(read(Section.DUTIES))
@freshly_confirmed
def account(request: SignedInRequest, case: Case) -> HttpResponse:
    """Her account, for paper, of a time and in her language: what was given to whom, and who saw what.

    Recorded as DISCLOSURES_ACCOUNTED with the time. Who reported, who of the staff gave it, and every other person are left
    out; who saw stands there by role, and by name where the house's own people are to be named.
    """
    today = timezone.localdate()
    form = AccountForm(request.GET or None, begins=min(case.opened_on, today))
    since, until, names = form.chosen
    detail = {"since": since, "until": until, "language": form.asked_language or "own"}
    with open_printed(request.user, case, verb=Verb.DISCLOSURES_ACCOUNTED, detail=detail):
        begin, end = moments(since, until)
        lines = [line for line in _disclosures(case) if begin <= line.disclosed_at < end and not _is_put_off(line)]
        language, untranslated = speaking(form.asked_language or case.language)
        with translation.override(language):
            context = {
                "case": case, "alias": case.alias, "printed_by": request.user.name, "printed_at": clock.now(),
                "lines": [disclosure_line(one, for_her=True) for one in lines],
                "shares": [one for one in _shares(case) if one["from"] < end and one["until"] >= begin],
                "readers": who_saw(case, since, until, with_names=names), "since": since, "until": until, "form": form,
                "untranslated": untranslated,
            }  # fmt: skip
            return render(request, "cases/account.html", context, status=422 if form.errors else 200)


def _is_put_off(disclosure: Disclosure) -> bool:
    """Whether the law forbids telling her of it today: her account is silent until then."""
    return disclosure.process is not None and clocks.is_put_off(disclosure.process, clock.now())


def _shares(case: Case) -> list[dict[str, Any]]:
    """Sharing through an access that rests on a release: to which organisation, what, from when until when."""
    found = []
    rows = access.within(AccessGrant, case).filter(release__isnull=False)
    rows = rows.select_related("release__recipient", "shift", "parent__release", "parent__shift")
    for grant in rows.order_by("valid_from", "pk"):
        until = access.end_of(grant)
        if until <= grant.valid_from:
            continue  # nobody has approved it: it never began
        release: Any = grant.release
        named = release.terms["categories"]
        found.append({
            "to": release.recipient.name, "purpose": release.get_purpose_display(),
            "categories": [InfoCategory(code).label for code in named], "from": grant.valid_from, "until": until,
            "notice": part2_notice() if carries_substance_use(named) else "",
        })  # fmt: skip
    return found
