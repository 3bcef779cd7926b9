"""Made-up content for ``/ui/``, the page that shows every component. Nothing here is about anybody."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from .forms import CodeField, CodesField, DayField, HavenForm, LineField, TextField, UploadField


class SampleForm(HavenForm):
    """One field of each kind."""

    line = LineField(label="One line", help_text="A help text stands between the label and the field.")
    text = TextField(label="Several lines", required=False, rows=3)
    day = DayField(label="A day that has passed", past=True)
    code = CodeField([("A", "First answer"), ("B", "Second answer")], label="One of a list", ask=True)
    radio = CodeField([("A", "First answer"), ("B", "Second answer")], label="One of a few", radio=True)
    codes = CodesField(
        choices=[("A", "First answer"), ("B", "Second answer")], label="Several of a list", required=False
    )
    tick = forms.BooleanField(label="I have read this with her", required=False, help_text="A help text for a tick.")
    file = UploadField(label="A file", required=False, accept=".pdf,.jpg,.png", help_text="PDF or photo, up to 25 MB.")
    why = {"day": "We ask so that nobody is treated as an adult who is not one. It can stay empty."}


def samples() -> dict[str, Any]:
    """The variables of ``templates/ui/components.html``."""
    today = timezone.localdate()
    now = timezone.now()
    wrong = SampleForm(
        data={"wrong-line": "", "wrong-day": str(today + dt.timedelta(days=400)), "wrong-radio": "X"}, prefix="wrong"
    )
    wrong.is_valid()
    return {
        "sample_form": SampleForm(),
        "wrong_form": wrong,
        "today": today,
        "soon": today + dt.timedelta(days=4),
        "later": today + dt.timedelta(days=34),
        "overdue": today - dt.timedelta(days=3),
        "now": now,
        "yesterday": now - dt.timedelta(days=1),
        "tabs": [
            {"label": "Overview", "url": "#tabs", "current": True},
            {"label": "Legal", "url": "#tabs", "number": 2},
            {"label": "Aftercare", "url": "#tabs"},
            {"label": "Safety", "url": "#tabs", "locked": True},
        ],
        "steps": [
            {"label": "Intake", "done": True},
            {"label": "Stabilise", "done": True},
            {"label": "Legal", "current": True},
            {"label": "Reintegrate"},
            {"label": "Close"},
        ],
        "facts": [("Lead caseworker", "Amina K."), ("Attorney", "Chidi O. (pro bono)"), ("Interpreter", "")],
        "entries": [
            {
                "when": now,
                "who": "Gita R.",
                "title": "Counselling session attended",
                "body": "River chose to keep the weekly time.",
                "visible_to": "Care team",
            },
            {
                "when": now - dt.timedelta(days=1),
                "who": "Chidi O.",
                "title": "Declaration draft shared for review",
                "body": "Version 3. Two dates to be checked.",
                "visible_to": "Legal only",
                "private": True,
                "url": "#timeline",
            },
            {"when": now - dt.timedelta(days=9), "who": "Amina K.", "title": "Room confirmed", "icon": "house"},
        ],
        "rows": [
            {
                "alias": "River",
                "number": "HV-7Q4K-29MX",
                "stage": "Legal",
                "tone": "ok",
                "due": today + dt.timedelta(days=4),
            },
            {
                "alias": "نهر",
                "number": "HV-2M8P-44TD",
                "stage": "Intake",
                "tone": "info",
                "due": today - dt.timedelta(days=3),
            },
        ],
    }
