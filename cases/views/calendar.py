"""My calendar elsewhere: an address for a calendar program, off by default, and what it answers; and reminders."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.action import Repeated
from audit.circumstances import require
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal, public
from casemgmt.access.session import session
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from casemgmt.interface.forms import HavenForm
from cases.actions.calendar import choose_reminders, end_feed, make_feed
from cases.calendar_feed import content_of, feed_of, find_feed
from cases.choices.notices import MAY_BE_HIDDEN
from cases.forms.calendar import RemindersForm
from cases.limits import take
from cases.models import CalendarFeed
from cases.reminding import choice_of
from cases.weeks import WEEK_ROLES

#: A calendar program asks every quarter of an hour at most; a person has three of them.
FETCHES_AN_HOUR = 12
_A_DAY = int(timedelta(days=1).total_seconds())


@personal()
@never_cache
@require_safe
def my_calendar(request: SignedInRequest) -> HttpResponse:
    """Whether my calendar program may fetch my dates, and what it would learn."""
    context = {
        "feed": feed_of(request.user), "by_mail": choice_of(request.user).get_by_mail_display(),
        "has_week": request.user.holds_role(*WEEK_ROLES),
    }  # fmt: skip
    return render(request, "home/calendar.html", context)


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
@freshly_confirmed
def calendar_address(request: SignedInRequest) -> HttpResponse:
    """Make the address, after a fresh proof of who one is, and show it once."""
    form = HavenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = make_feed(actor=request.user, now=clock.now(), form_key=form.key)
        if isinstance(made, Repeated):
            messages.info(
                request, _("The address was shown already. If it was lost, make a new one; the old one ends.")
            )
            return redirect("my-calendar")
        address = request.build_absolute_uri(reverse("calendar-feed", args=[made.token]))
        context = {"address": address, "is_plain": urlsplit(address).scheme == "http"}
        return render(request, "home/calendar_made.html", context)
    context = {"form": form, "feed": feed_of(request.user)}
    return render(request, "home/calendar_address.html", context, status=422 if form.errors else 200)


@personal()
@require_POST
def calendar_end(request: SignedInRequest) -> HttpResponse:
    """End the address. No proof is asked: taking away is never made hard."""
    end_feed(actor=request.user, now=clock.now())
    messages.success(request, _("The address has ended. Calendar programs learn nothing from it any more."))
    return redirect("my-calendar")


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def my_reminders(request: SignedInRequest) -> HttpResponse:
    """When I am reminded by e-mail, and of which kinds of dates I see a notice."""
    chosen = choice_of(request.user)
    shown = [kind.value for kind in MAY_BE_HIDDEN if kind.value not in chosen.hidden_kinds]
    initial = {"by_mail": chosen.by_mail, "shown_kinds": shown}
    form = RemindersForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        choose_reminders(actor=request.user, now=clock.now(), form_key=form.key, **form.answers)
        messages.success(request, _("Your choice is saved."))
        return redirect("my-calendar")
    return render(request, "home/reminders.html", {"form": form}, status=422 if form.errors else 200)


@public("a calendar program has no session; the secret of the address opens hours and days, and no word")
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program fetches. A wrong, ended or resting address answers as any that does not exist."""
    feed = find_feed(token)
    if feed is None:
        if request.user.is_authenticated:
            raise Hidden
        return redirect_to_login(request.get_full_path())
    if not take("calendar-feed", feed.person, most=FETCHES_AN_HOUR):
        return HttpResponse(status=429, headers={"Retry-After": "3600", "Cache-Control": "no-store"})
    with session(feed.person):
        content = content_of(feed, clock.now())
    _leave_trace(feed)
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'inline; filename="calendar.ics"',
            "Referrer-Policy": "no-referrer",
        },
    )


def _leave_trace(feed: CalendarFeed) -> None:
    """One event a day for each client address: a program that asks every hour says nothing new. Records CALENDAR_FETCHED."""
    key = f"calendar/{feed.uid}/{require().address}/{clock.now().date().isoformat()}"
    if cache.add(key, 1, _A_DAY):
        record(Verb.CALENDAR_FETCHED, actor=None, subject=feed, refs=[feed.person])
