"""Dates by age: who of the reader's cases turns 18 or 21 soon. Looked up when it is opened, and kept nowhere."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import clock
from casemgmt.access.rules import listing
from casemgmt.access.sections import Section, read
from casemgmt.accounts.requests import SignedInRequest
from cases import access, minors, opening
from cases.kin_answers import BIRTH_YEAR, BORN_ON
from cases.models import FamilyMember, Survivor

_PERMISSION = read(Section.IDENTITY)
#: Nobody leads more open cases than this.
MOST = 300


@require_safe
@listing(_PERMISSION)
def age_dates(request: SignedInRequest) -> HttpResponse:
    """The open cases that the reader leads, in which somebody reaches an age within ninety days; of her family without a name."""
    reader, today = request.user, timezone.localdate(clock.now())
    found, _more = access.page(reader, _PERMISSION, where=Q(lead=reader, closed_on__isnull=True), size=MOST)
    cases = {case.pk: case for case in found if not case.has_erased(Section.IDENTITY)}
    survivors = list(access.visible(Survivor, reader, _PERMISSION, among=cases))
    family = list(access.visible(FamilyMember, reader, _PERMISSION, among=cases).filter(ended_at__isnull=True))
    with opening.open_list(reader, list(cases.values()), sections=[Section.CARD, Section.IDENTITY]):
        lines: dict[int, dict[str, Any]] = {}
        for row in survivors:
            for words in minors.ahead(row.birth_date, today):
                _line(lines, cases[row.case_id])["hers"].append(words)
        for member in family:
            for age in _ages(member, today):
                words = _("Somebody of her family turns %(age)s, or may, within ninety days.") % {"age": age}
                if words not in (kin := _line(lines, cases[member.case_id])["kin"]):
                    kin.append(words)
        return render(request, "cases/ages.html", {"lines": list(lines.values()), "days": minors.AHEAD})


def _line(lines: dict[int, dict[str, Any]], case: Any) -> dict[str, Any]:
    return lines.setdefault(case.pk, {"case": case, "alias": case.shown_alias, "hers": [], "kin": []})


def _ages(member: FamilyMember, today: date) -> list[int]:
    who = member.who
    year = who.get(BIRTH_YEAR)
    return minors.is_ahead(parse_date(who.get(BORN_ON) or ""), int(year) if year else None, today)
