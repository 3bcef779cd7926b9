"""The alerts that stand on a case, as far as their reader may see them. Read inside an opening of the case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audit import clock
from casemgmt.access.sections import Section
from cases import access
from cases.choices.safety import AlertCode, AlertSeverity
from cases.models import Case, CaseAlert


@dataclass(frozen=True)
class StandingAlert:
    """One alert in words. ``row`` is None for a code of the card from before alerts had rows."""

    code: str
    label: Any
    tone: str = "warn"
    words: str = ""
    row: CaseAlert | None = None

    @property
    def audience(self) -> Any:
        """Who may see it, by the section."""
        section = Section(self.row.section if self.row else Section.CARD)
        return _("Everybody on the case") if section == Section.CARD else section.label

    def seen_by(self, uid: str) -> datetime | None:
        """When this person acknowledged it."""
        for who, moment in (self.row.seen or []) if self.row else []:
            if who == uid:
                return datetime.fromisoformat(moment)
        return None


def standing_alerts(case: Case) -> list[StandingAlert]:
    """The alerts that stand today and that this reader may see, the gravest first; each code of the card once."""
    today = timezone.localdate(clock.now())
    rows = access.records(CaseAlert, case).filter(ended_at__isnull=True, starts_on__lte=today).order_by("pk")
    found = [_of_row(row) for row in rows]
    # The card is what everybody on the case reads: its codes stand in any case.
    known = {alert.code for alert in found if alert.row is not None and alert.row.section == Section.CARD}
    found += [StandingAlert(code, AlertCode(code).label) for code in case.alerts or [] if code not in known]
    return sorted(found, key=lambda alert: alert.tone != "bad")


def _of_row(row: CaseAlert) -> StandingAlert:
    what = row.what
    tone = "bad" if what.get("severity") == AlertSeverity.HIGH else "warn"
    return StandingAlert(what["code"], AlertCode(what["code"]).label, tone, what.get("words", ""), row)
