"""The case page around every tab: header, alerts, stage bar, tabs. Assembled only from what the reader may open."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.interface import house
from cases import access
from cases.access import Viewer
from cases.alerts import standing_alerts
from cases.choices.casework import DueKind, Stage
from cases.choices.sharing import GrantKind
from cases.erased import erased_parts
from cases.models import Case, Due, Release
from cases.narrowing import tags_on
from cases.opening import open_case
from cases.people import reads_section
from cases.release_words import line_for_recipient, part2_notice

#: (key, URL name, label, the sections of which one is enough)
TABS = (
    ("overview", "case-overview", _("Overview"), (Section.CARD,)),
    (
        "survivor",
        "case-survivor",
        _("Survivor"),
        (Section.IDENTITY, Section.NARRATIVE, Section.DUTIES, Section.STATUS, Section.LOCATION),
    ),
    ("safety", "case-safety", _("Safety"), (Section.SAFETY,)),
    ("others", "case-others", _("Other people"), (Section.SAFETY,)),
    ("legal", "case-legal", _("Legal"), (Section.LEGAL,)),
    ("aftercare", "case-aftercare", _("Aftercare"), (Section.SERVICES, Section.SHELTER_OPS)),
    ("reintegration", "case-reintegration", _("Reintegration"), (Section.SERVICES,)),
    ("documents", "case-documents", _("Documents"), (Section.CARD,)),
    ("sharing", "case-sharing", _("Sharing"), (Section.CARD,)),
    ("history", "case-history", _("History"), (Section.CARD,)),
)

#: The tabs that still tell something of a case that was erased as a whole.
STAYS = frozenset({"overview", "sharing", "history"})


@dataclass(frozen=True)
class Tab:
    """One tab of the case page: ``label``, ``url``, and whether it is the open one."""

    key: str
    label: Any
    url: str
    current: bool


@dataclass(frozen=True)
class Ribbon:
    """The release that ends first: ``state`` is ok, warn (last quarter of its life) or bad (ended)."""

    release: Release
    days_left: int
    state: str


def render_case(
    request: HttpRequest, case: Case, tab: str, template: str, build: Callable[[], dict[str, Any]], *,
    status: int = 200, purpose: str = "", show_name: bool = False, is_apart: bool = False,
) -> HttpResponse:  # fmt: skip
    """Render one tab of a case. ``build()`` runs while the case is open and returns the tab's context.

    ``is_apart``: a page about whoever she accuses has neither her name nor the way to reach her (domain.md R20).
    Records one CASE_VIEWED with what header and tab have read.
    """
    reader = cast(User, request.user)  # the door has let her in
    viewers = viewers_of(case)
    seen_before = last_view(case, reader)
    own = own_releases(reader, [case]).get(case.pk, [])
    with open_case(reader, case, purpose=purpose, own_releases=own):
        context = {
            "case": case,
            "header": header(reader, case, viewers, show_name=show_name, is_apart=is_apart),
            "tabs": tabs_for(case, tab),
            "last_view": seen_before,
            "last_view_by": _seen_by(seen_before, reader),
            "viewers": viewers,
            "case_acts": acts_for(reader, case),
            "erased": erased_parts(case),
            "own_releases": [line_for_recipient(release) for release in own],
            **build(),
        }
        return render(request, template, context, status=status)


def own_releases(reader: User, cases: Iterable[Case]) -> dict[int, list[Release]]:
    """The releases that an outsider's access rests on, by the key of the case, where their words can still be read."""
    return access.releases_behind(reader, [case for case in cases if not case.has_erased(Section.DUTIES)])


def viewers_of(case: Case) -> list[Viewer]:
    """Who can see this case; looked up once a page."""
    if case.viewers is None:
        case.viewers = access.who_can_see(case)
    return case.viewers


def address(url_name: str, *args: Any) -> str:
    """The address of that name, or empty where this installation has no such page."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def acts_for(reader: User, case: Case) -> list[tuple[Any, str, str]]:
    """What the reader may do with the case as a whole: (words, address, icon)."""
    if case.holding is None:
        return []
    acts: list[tuple[Any, str, str]] = []
    if case.is_erased:
        return acts
    if case.holding.writes(Section.CARD):
        if case.is_closed:
            acts.append((_("Reopen case"), address("case-reopen", case.uid), "folder-open"))
        else:
            acts.append((_("Change stage or status"), address("case-stage", case.uid), "milestone"))
            acts.append((_("Close case"), address("case-close", case.uid), "archive"))
    if case.holding.writes(Section.CARD) and reader.organisation_id == case.organisation_id:
        acts.append((_("Linked cases"), address("case-links", case.uid), "users"))
        if not case.is_closed:
            acts.append((_("Tags"), address("case-tags", case.uid), "list-filter"))
            basis = case.holding.card_basis
            if basis is not None and basis.kind == GrantKind.SUPERVISION:
                acts.append((_("Choose a new lead"), address("case-hand-over", case.uid), "user-round"))
    if case.holding.writes(Section.DUTIES):
        words = _("End the restriction") if case.is_restricted else _("Restrict to named people")
        acts.append((words, address("case-restrict", case.uid), "lock"))
    # Who is on duty, and who comes when, is the house's own.
    is_inside = reader.organisation_id == case.organisation_id
    if is_inside and not case.is_closed and any(case.holding.holds(one) for one in (Section.SAFETY, Section.SERVICES)):
        acts.append((_("Call who is on duty"), address("case-call", case.uid), "phone-call"))
    if is_inside and case.holding.holds(Section.SERVICES):
        acts.append((_("Interpreter or driver"), address("case-bookings", case.uid), "languages"))
    if is_inside and case.holding.reads(Section.ADVOCACY):
        acts.append((_("Contacts at other organisations"), address("case-contacts", case.uid), "users"))
    if is_inside:
        acts.append((_("Summary on one page"), address("case-summary", case.uid), "file-text"))
    if is_inside and case.holding.reads(Section.SERVICES):
        acts.append((_("Summary for her"), address("case-exit-summary", case.uid), "file-text"))
    acts.append((_("Print"), address("case-print", case.uid), "printer"))
    return [act for act in acts if act[1]]


#: Which tab tells more about a date, by its kind.
_TAB_OF_DUE = {
    DueKind.TASK: "case-tasks",
    DueKind.DEADLINE: "case-legal",
    DueKind.HEARING: "case-legal",
    DueKind.ENGAGEMENT: "case-legal",
    DueKind.RELEASE_ENDS: "case-sharing",
    DueKind.ACCESS_ENDS: "case-sharing",
    DueKind.FOLLOW_UP: "case-reintegration",
    DueKind.NEED: "case-reintegration",
    DueKind.PLAN: "case-reintegration",
    DueKind.SAFETY_REVIEW: "case-safety",
    DueKind.SAFETY_CALL: "case-safety",
    DueKind.ERASURE: "case-holds",
    DueKind.HOLD_REVIEW: "case-holds",
    DueKind.ACCESS_ASKED: "case-requests",
    DueKind.DUTY: "case-disclosures",
    DueKind.TELL_HER: "case-disclosures",
    DueKind.DOCUMENT_RENEW: "case-documents",
    DueKind.DOCUMENT_ENDS: "case-documents",
}


def address_of_due(due: Due) -> str:
    """Where one goes from a date: its matter, for whose attorney the Legal tab is closed; else the tab it belongs to."""
    if due.matter_uid is not None and (url := address("matter", due.matter_uid)):
        return url
    if due.kind == DueKind.EMERGENCY_REVIEW:
        return address("emergency-review", due.subject_uid)
    # An alert that everybody on the case sees is looked at again by whoever reads Safety: others go to the case.
    is_of_card = due.kind == DueKind.SAFETY_REVIEW and due.section == Section.CARD
    url = "" if is_of_card else address(_TAB_OF_DUE.get(DueKind(due.kind), ""), due.case.uid)
    return url or address("case-overview", due.case.uid)


def tabs_for(case: Case, current: str) -> list[Tab]:
    """The tabs this reader has: those of a section she holds, and of a room that is there."""
    tabs = []
    for key, url_name, label, sections in TABS:
        if case.is_erased and key not in STAYS:
            continue
        if case.holding is None or not any(case.holding.holds(section) for section in sections):
            continue
        url = address(url_name, case.uid)
        if url:
            words = house.words().her if key == "survivor" else label
            tabs.append(Tab(key, words, url, key == current))
    return tabs


def header(
    reader: User, case: Case, viewers: list[Viewer], *, show_name: bool = False, is_apart: bool = False
) -> dict[str, Any]:
    """What the case header shows. Reads the card; the name only if asked, the release only where DUTIES is held."""
    holding = case.holding
    assert holding is not None  # the door has set it
    is_outsider = reader.organisation_id != case.organisation_id
    attorneys = [viewer.who for viewer in viewers if viewer.grant.kind == GrantKind.PRO_BONO and not viewer.ended_on]
    if is_outsider:
        attorneys = [who for who in attorneys if who == reader.name]
    stages = list(Stage)
    now_at = stages.index(Stage(case.stage))
    name = ""
    card = not case.is_erased
    if show_name and holding.reads(Section.IDENTITY):
        name = " ".join(part for part in (case.survivor.first_name, case.survivor.second_name) if part)
    return {
        "alias": case.shown_alias,
        "number": case.number,
        "name": name,
        "may_show_name": holding.reads(Section.IDENTITY) and not name and not is_apart,
        "is_apart": is_apart,
        "status": case.get_status_display(),
        "is_closed": case.is_closed,
        "lead": "" if is_outsider or case.lead is None else case.lead.name,
        "attorneys": sorted(set(attorneys)),
        "is_erased": case.is_erased,
        # The house's own words: an outsider is shown none.
        "tags": [tag.word for tag in tags_on(reader, [case]).get(case.pk, [])] if card else [],
        "safe_contact": case.safe_contact if card and not is_apart else "",
        "alerts": standing_alerts(case) if card else [],
        # 42 CFR 2.32: what is disclosed of substance use treatment goes with its notice, on every page of an outsider.
        "part2_notice": part2_notice() if is_outsider and holding.reads(Section.SUD) else "",
        "ribbon": ribbon_of(case) if holding.reads(Section.DUTIES) else None,
        "stages": [
            {"label": stage.label, "done": stages.index(stage) < now_at, "current": stages.index(stage) == now_at}
            for stage in stages
        ],
    }  # fmt: skip


def ribbon_of(case: Case) -> Ribbon | None:
    """The standing release that ends first; amber in the last quarter of its life, at most 30 days before its end."""
    now = clock.now()
    first = access.records(Release, case).filter(withdrawn_at__isnull=True, starts_at__lte=now).order_by("expires_at")
    standing = first.filter(expires_at__gt=now).select_related("recipient").first()
    release = standing or first.select_related("recipient").last()
    if release is None:
        return None
    left = (timezone.localdate(release.expires_at) - timezone.localdate(now)).days
    state = "bad" if standing is None else "warn" if left <= release.warning_days else "ok"
    return Ribbon(release, left, state)


def last_view(case: Case, reader: User) -> Event | None:
    """The last time anybody of the house (for an outsider: she herself) looked at the case."""
    events = Event.objects.filter(case_uid=case.uid, verb=Verb.CASE_VIEWED)
    if reader.organisation_id != case.organisation_id:
        events = events.filter(actor_uid=reader.uid)
    return events.order_by("-pk").first()


def _seen_by(event: Event | None, reader: User) -> Any:
    """Who looked last, as the header says it; empty where it was no person."""
    if event is None or event.actor_uid is None:
        return ""
    if event.actor_uid == reader.uid:
        return _("by you")
    return User.objects.filter(uid=event.actor_uid).values_list("name", flat=True).first() or ""


def visible_names(
    reader: User, case: Case, viewers: list[Viewer], section: str, matter_uid: UUID | None = None
) -> list[str]:
    """Who reads a section, for "Visible to: …". An outsider sees only her own line, so that no clinic is revealed."""
    if reader.organisation_id != case.organisation_id:
        return [reader.name]
    names = []
    for viewer in viewers:
        if reads_section(viewer, section, matter_uid) and viewer.who not in names:
            names.append(viewer.who)
    return names
