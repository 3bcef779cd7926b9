"""Where the day begins: a caseworker's own work, and a supervisor's team. Both read only what every room has left."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.verbs import Verb
from casemgmt.access.rules import for_roles, personal
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, Team, User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.bookings import NOTICE_BOOKED
from cases.actions.cases import INTAKE_DRAFT
from cases.actions.conferences import CONFERENCE_DRAFT
from cases.actions.correcting import NOTICE_CORRECTED, NOTICE_CORRECTION
from cases.actions.delegation import NOTICE_STANDS_IN
from cases.actions.emergency import NOTICE_MISUSED, NOTICE_OPENED, NOTICE_OVERDUE
from cases.actions.engagements import NOTICE_ENGAGEMENT_OVER
from cases.actions.handing import NOTICE_LEAD, NOTICE_NOBODY, NOTICE_YOURS
from cases.actions.intake import OPENING_ROLES
from cases.actions.mentions import NOTICE_NOTE
from cases.actions.notes import AMEND_NOTE_DRAFT, EDIT_NOTE_DRAFT, NEW_NOTE_DRAFT
from cases.actions.partners import NOTICE_SHARED
from cases.actions.people import NOTICE_CALLED_OFF, NOTICE_TURNS
from cases.actions.reviews import NOTICE_BEGAN, NOTICE_ENDS, NOTICE_LATE, NOTICE_LEFT
from cases.actions.rota import NOTICE_ALERT
from cases.actions.safety import PLAN_DRAFT, RISK_DRAFT, plan_draft
from cases.actions.safety_calls import NOTICE_CALL_LATE, NOTICE_IMMEDIATE
from cases.actions.survivor import STATEMENT_DRAFT
from cases.actions.tasks import NEW_TASK_DRAFT, mark_notices_read
from cases.actions.two_people import NOTICE_APPROVED, NOTICE_DECLINED, NOTICE_WAITS
from cases.choices.callers import NOTICE_INQUIRY
from cases.choices.casework import CLOSED_STATUSES, DueKind
from cases.choices.merging import NOTICE_MERGE
from cases.choices.notices import (
    NOTICE_AGES,
    NOTICE_BACKUP,
    NOTICE_BUNDLE,
    NOTICE_DRILL,
    NOTICE_INDEX,
    NOTICE_KEYS,
    NOTICE_LEDGER,
    NOTICE_MATTER,
    NOTICE_PLAN,
    NOTICE_PLAN_DECIDED,
    NOTICE_PRODUCTION,
    NOTICE_PRODUCTION_DECIDED,
    NOTICE_SEALING,
    NOTICE_UNSUPERVISED,
    NOTICE_WAY_OUT,
)
from cases.choices.safety import PlanPhase
from cases.choices.walls import NOTICE_DECLARED, NOTICE_FIRM, NOTICE_FROZEN
from cases.drafts import KeptDraft, kept_drafts
from cases.listing import rows_of, shown_alias, take_hold
from cases.models import Case, Due, Notice
from cases.reminding import hidden_kinds
from cases.reviews import reviews_due
from cases.views.decisions import also_for
from cases.views.listing import sections_of_list, shows_names
from cases.views.reviews import counts_of, review_line
from cases.views.shell import address, address_of_due
from cases.workload import kinds_of, lines_of, loads_of, own_load, signs_of

DAY_ROLES = (
    Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.INTAKE_COORDINATOR, Role.CLINICIAN, Role.SUPERVISOR,
)  # fmt: skip
COMING_DAYS = 14
DUES_SHOWN = 40
CASES_SHOWN = 8
NOTICES_SHOWN = 100
_DRAFT_WORDS = {
    NEW_NOTE_DRAFT: _("A note"), EDIT_NOTE_DRAFT: _("A change of a note"),
    AMEND_NOTE_DRAFT: _("An amendment of a note"), CONFERENCE_DRAFT: _("A case conference"), NEW_TASK_DRAFT: _("A task"),
    INTAKE_DRAFT: _("An intake"), STATEMENT_DRAFT: _("A statement"), PLAN_DRAFT: _("A safety plan"),
    RISK_DRAFT: _("An assessment of the danger"),
}  # fmt: skip
_DRAFT_WORDS |= {plan_draft(phase): _DRAFT_WORDS[PLAN_DRAFT] for phase in PlanPhase}
_NOTICE_WORDS = {str(kind): kind.label for kind in DueKind} | {
    NOTICE_IMMEDIATE: _("A case to look at today"),
    NOTICE_CALL_LATE: _("A case to look at now: nobody has said yet that they do"),
    NOTICE_NOTE: _("A note waits for you in a case"),
    NOTICE_DECLARED: _("A wall was placed by itself"),
    NOTICE_MERGE: _("Two files of one person, for you to agree to as the second person"),
    NOTICE_FROZEN: _("A file of your firm rests. Please call the privacy officer."),
    NOTICE_FIRM: _("A wall froze an attorney's file, and the firm has to be told"),
    Verb.DOCUMENT_QUARANTINED.value: _("A file in quarantine, and a report to decide on"),
    NOTICE_BEGAN: _("A review of access, for you to decide"),
    NOTICE_ENDS: _("A review of access that ends in a week"),
    NOTICE_LATE: _("Access on which nobody decided in time"),
    NOTICE_LEFT: _("A review of access that ended undecided"),
    NOTICE_WAITS: _("Access that waits for you as the second person"),
    NOTICE_APPROVED: _("Access that you proposed was approved"),
    NOTICE_DECLINED: _("Access that you proposed was declined"),
    NOTICE_CORRECTION: _("Something written into the wrong record, for you to decide as the second person"),
    NOTICE_CORRECTED: _("A removal that you asked for was decided"),
    NOTICE_OPENED: _("Somebody took emergency access"),
    NOTICE_OVERDUE: _("An emergency access that nobody looked at in time"),
    NOTICE_MISUSED: _("An emergency access that was found to be misuse"),
    NOTICE_MATTER: _("A legal matter was given to you"),
    NOTICE_PLAN: _("A plan waits for you as the second person"),
    NOTICE_PRODUCTION: _("Papers that a judge ordered wait for you as the second person"),
    NOTICE_PRODUCTION_DECIDED: _("Papers that you prepared for a judge were decided on"),
    NOTICE_PLAN_DECIDED: _("A supervisor looked at a plan of yours"),
    NOTICE_ENGAGEMENT_OVER: _("An engagement of yours has ended. Your own file stays open to read for some days."),
    NOTICE_STANDS_IN: _("You stand in for a colleague"),
    NOTICE_ALERT: _("You are called to a case"),
    NOTICE_BOOKED: _("You are booked for an appointment"),
    NOTICE_CALLED_OFF: _("An appointment to which nobody comes any more"),
    NOTICE_TURNS: _("A turn on duty that nobody takes any more"),
    NOTICE_SHARED: _("A case was shared with you"),
    NOTICE_LEAD: _("A case that needs a new lead; you lead it meanwhile"),
    NOTICE_YOURS: _("A case that you lead now"),
    NOTICE_NOBODY: _("Cases that nobody leads"),
    NOTICE_UNSUPERVISED: _("A team that nobody supervises"),
    NOTICE_AGES: _("Once a month: look at the dates by age of the cases that you lead"),
    NOTICE_INQUIRY: _("Somebody asked about a person, and it may mean danger"),
    Verb.USER_LOCKED.value: _("An account was locked"),
    Verb.USER_UNLOCKED.value: _("An account was unlocked"),
    Verb.USER_CHANGED.value: _("A change of an account was declined"),
    Verb.TRAVEL_BEGAN.value: _("Somebody let her access rest for a journey"),
    Verb.TRAVEL_ENDED.value: _("Your account was opened after your journey"),
    Verb.LEAVE_ENDED.value: _("Your account was opened again"),
    Verb.NEW_DEVICE.value: _("Somebody signed in as you from a new browser. If it was not you, tell your supervisor."),
    Verb.FACTOR_RESET_ASKED.value: _("A reset of a second factor was asked for"),
    Verb.FACTOR_RESET_CONFIRMED.value: _("A second factor was reset"),
    Verb.EMAIL_CHANGE_ASKED.value: _("A new address was asked for"),
    Verb.EMAIL_CHANGE_CONFIRMED.value: _("An address was changed"),
    Verb.BROWSING_BRAKED.value: _("Somebody of your team opened many cases within an hour"),
    Verb.INCIDENT_OPENED.value: _("An incident was opened"),
    Verb.DEGRADED_MODE_DECLARED.value: _("You are the second person of a very small house"),
    NOTICE_BACKUP: _("A backup is overdue"),
    NOTICE_DRILL: _("Trying out a backup is overdue"),
    NOTICE_KEYS: _("The yearly change of the keys is overdue"),
    NOTICE_INDEX: _("The yearly change of the search key is overdue"),
    NOTICE_SEALING: _("The ledger is not being sealed"),
    NOTICE_LEDGER: _("The ledger was found not to be whole"),
    NOTICE_BUNDLE: _("A bundle of the ledger was made in your name"),
    NOTICE_WAY_OUT: _("Everything the house owns was copied out of Haven"),
}
#: Where one goes on from a notice: pages that name no case.
_PAGE_OF_NOTICE = {
    NOTICE_LEAD: "hand-overs", NOTICE_NOBODY: "hand-overs", NOTICE_UNSUPERVISED: "hand-overs",
    NOTICE_INQUIRY: "inquiries", NOTICE_AGES: "age-dates",
    Verb.USER_LOCKED: "colleagues", Verb.TRAVEL_BEGAN: "colleagues", Verb.FACTOR_RESET_ASKED: "my-account",
    Verb.EMAIL_CHANGE_ASKED: "my-account", Verb.NEW_DEVICE: "my-account", Verb.INCIDENT_OPENED: "organisations",
    NOTICE_DECLARED: "walls", NOTICE_FIRM: "walls", NOTICE_TURNS: "rota", NOTICE_BEGAN: "access-reviews",
    NOTICE_ENDS: "access-reviews", NOTICE_LATE: "access-reviews", NOTICE_LEFT: "access-reviews",
    NOTICE_CORRECTION: "decisions", NOTICE_WAITS: "decisions", NOTICE_OPENED: "decisions", NOTICE_OVERDUE: "decisions",
    NOTICE_MISUSED: "emergency-openings", NOTICE_STANDS_IN: "away", NOTICE_ALERT: "rota", NOTICE_BOOKED: "bookings",
    NOTICE_PRODUCTION: "decisions", NOTICE_PRODUCTION_DECIDED: "duties",
    NOTICE_SHARED: "cases", NOTICE_YOURS: "cases", NOTICE_NOTE: "notes-waiting", DueKind.TASK: "tasks",
    Verb.BROWSING_BRAKED: "colleagues", NOTICE_MERGE: "match-merges",
}  # fmt: skip


@for_roles(*DAY_ROLES)
@require_safe
def day(request: SignedInRequest) -> HttpResponse:
    """What is due today and soon in my cases, what I began, and what waits to be seen."""
    reader = request.user
    today = timezone.localdate()
    dues = access.own_dates(reader, today + timedelta(days=COMING_DAYS), DUES_SHOWN)
    led = Q(lead=reader) & ~Q(status__in=CLOSED_STATUSES)
    mine, more = access.page(reader, READ_CARD, where=led, size=CASES_SHOWN, with_holdings=False)
    notices = notices_of(reader)
    now = clock.now()
    own = own_load(reader, today=today, now=now)
    with opening.open_list(reader, cases_of(reader, dues, mine), sections=Section):
        lines = [due_line(due) for due in dues]
        context = {
            "today": today,
            "now_due": [line for line in lines if line["on"] <= today],
            "coming": [line for line in lines if line["on"] > today],
            "own": {"load": own, "signs": signs_of(own, now)},
            "rows": rows_of(reader, mine),
            "has_more_cases": more is not None,
            "drafts": [_draft_line(draft) for draft in kept_drafts(reader)],
            "notices": notice_lines(notices),
            "may_open_cases": reader.holds_role(*OPENING_ROLES),
            "also": also_for(reader),
            "back": "day",
        }
        return render(request, "home/day.html", context)


@for_roles(Role.SUPERVISOR)
@require_safe
def team(request: SignedInRequest) -> HttpResponse:
    """The work of the teams one supervises: who carries how much, what is late, what nobody leads."""
    reader = request.user
    now, today = clock.now(), timezone.localdate()
    teams = list(Team.objects.supervised_by(reader, now).order_by("name"))
    keys = [one.pk for one in teams]
    of_teams = Q(team__in=keys) & ~Q(status__in=CLOSED_STATUSES)
    kinds = kinds_of(reader, Q(team__in=keys))
    dues_of_teams = access.of_teams(keys)
    members = list(Membership.objects.live(now).filter(team__in=keys).select_related("user").order_by("user__name"))
    here = {membership.user_id for membership in members}
    loads = loads_of(
        reader, {one.user_id: one.user for one in members}.values(), kinds=kinds, whose=dues_of_teams,
        today=today, now=now,
    )  # fmt: skip
    led_by_nobody = sum(number for lead, _stage, _status, number in kinds if lead not in here)
    dues = access.first_dates(reader, dues_of_teams, today, DUES_SHOWN)
    newest, more = access.page(reader, READ_CARD, where=of_teams, size=CASES_SHOWN, with_holdings=False)
    pending = Membership.objects.pending().filter(team__in=keys).select_related("user", "team").order_by("proposed_at")
    with_names = shows_names(request)
    with opening.open_list(reader, cases_of(reader, dues, newest), sections=Section):
        context = {
            "teams": teams,
            "people": lines_of(loads, now),
            "cases_open": sum(number for *_kind, number in kinds),
            "led_by_nobody": led_by_nobody,
            "late": [due_line(due) for due in dues],
            "pending": [{"who": one.user.name, "team": one.team.name, "uid": one.uid} for one in pending],
            "pending_url": address("my-account"),
            "reviews": _reviews(reader, now),
            "rows": rows_of(reader, newest, with_names=with_names and Section.IDENTITY in sections_of_list(with_names)),
            "with_names": with_names,
            "has_more_cases": more is not None,
            "also": also_for(reader),
            "back": "team",
        }
        return render(request, "home/team.html", context)


@personal()
@require_POST
def notices_seen(request: SignedInRequest) -> HttpResponse:
    """All my notices are seen."""
    mark_notices_read(actor=request.user, now=clock.now())
    return redirect("home")


def _reviews(reader: User, now: datetime) -> list[dict[str, Any]]:
    """Reviews of access on the reader's list: until when, and how many lines wait in each. Four queries."""
    found = reviews_due(reader, at=now)
    counts = counts_of([review for review, _day in found])
    return [{**review_line(review, counts.get(review.pk, {})), "on": day} for review, day in found]


def cases_of(reader: User, dues: Iterable[Due], cases: Iterable[Case]) -> list[Case]:
    """Every case of the page once, with what the reader may do with it."""
    known = {case.pk: case for case in cases}
    for due in dues:
        due.case = known.setdefault(due.case_id, due.case)
    take_hold(reader, list(known.values()))
    return list(known.values())


def due_line(due: Due) -> dict[str, Any]:
    """A date as the homes show it: the kind and the alias, then what it is."""
    return {
        "on": due.due_on,
        "title": due.line,
        "kind": due.get_kind_display(),
        "alias": shown_alias(due.case),
        "url": address_of_due(due),
        "who": due.assigned_to.name if due.assigned_to else "",
        "case_uid": due.case.uid,
        "task_uid": due.subject_uid if due.kind == DueKind.TASK and _may_finish(due) else None,
    }


def _may_finish(due: Due) -> bool:
    holding = due.case.holding
    return holding is not None and holding.writes(due.section, due.matter_uid)


def _draft_line(draft: KeptDraft) -> dict[str, Any]:
    words = _DRAFT_WORDS.get(draft.kind, _("A form"))
    url = address("intake-form", draft.about_uid) if draft.kind == INTAKE_DRAFT else draft.page
    return {"words": words, "url": url, "when": draft.saved_at, "kind": draft.kind, "about": draft.about_uid}


def notices_of(reader: User) -> list[Notice]:
    """What is new for her, the newest first. Of a case behind a wall of hers nothing is, not even that something was;
    nor of a kind that she does not want to hear of."""
    unread = access.own(Notice, reader, "person").filter(read_at__isnull=True).exclude(kind__in=hidden_kinds(reader))
    return list(unread.exclude(case__in=access.walled_cases(reader)).order_by("-pk")[:NOTICES_SHOWN])


def notice_lines(notices: list[Notice]) -> list[dict[str, Any]]:
    """What kinds of things wait, and how many; never a word of them."""
    lines: dict[str, dict[str, Any]] = {}
    for notice in notices:
        words = _NOTICE_WORDS.get(notice.kind, _("Something new"))
        url = address(_PAGE_OF_NOTICE.get(notice.kind, "")) if notice.kind in _PAGE_OF_NOTICE else ""
        line = lines.setdefault(notice.kind, {"words": words, "number": 0, "when": notice.created_at, "url": url})
        line["number"] += 1
    return list(lines.values())
