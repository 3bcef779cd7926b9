"""Hints in words: what the rule looks for, what it was measured against, what was seen. Never a verdict."""

from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ..models import Hint
from .hints import COPY_WITHIN, IN_A_ROW, NIGHT_FROM, NIGHT_UNTIL, RESTED, WITHIN
from .models import Rule


def rule_in_words(rule: str) -> str:
    """What the rule looks for."""
    words = {
        Rule.UNEXPLAINED: _("Something of a case was seen, and the ledger holds no right for it."),
        Rule.VOLUME: _("More different cases in one day than on 99 of 100 days, of this person and of all with the same work."),
        Rule.AFTER_HOURS: _("Readings between %(from)s:00 and %(until)s:00 by somebody who rarely works then and was not on duty.")
        % {"from": NIGHT_FROM, "until": NIGHT_UNTIL},
        Rule.CLOSED_CASE: _("Something of a case was seen more than a day after it had been closed."),
        Rule.SEQUENTIAL: _(
            "At least %(cases)s cases were opened one after the other, each within %(seconds)s seconds, and nothing was "
            "written."
        )
        % {"cases": IN_A_ROW, "seconds": int(WITHIN.total_seconds())},
        Rule.EXPORT_AFTER_BROWSING: _("A copy was made within %(minutes)s minutes after many different cases had been read.")
        % {"minutes": int(COPY_WITHIN.total_seconds() // 60)},
        Rule.DENIALS_THEN_EMERGENCY: _("Somebody was turned away several times and then took emergency access."),
        Rule.AFTER_TRANSFER: _(
            "Something of a case was seen after it had passed to others or the person had moved to another team."
        ),
        Rule.DORMANT: _("Cases were read from an account that had done nothing for more than %(days)s days.")
        % {"days": RESTED.days},
    }  # fmt: skip
    return words[Rule(rule)]


def baseline_in_words(hint: Hint) -> str:
    """What it was measured against."""
    told: dict[str, Any] = hint.baseline
    match Rule(hint.rule):
        case Rule.UNEXPLAINED:
            return _("Every reading should carry the right it rests on.")
        case Rule.VOLUME:
            return _(
                "Usual for this person: at most %(own)s cases a day (from %(days)s days); for others with the same work: at "
                "most %(peers)s (from %(peer_days)s days)."
            ) % {key: told[key] for key in ("own", "days", "peers", "peer_days")}
        case Rule.AFTER_HOURS:
            return _("In the 90 days before, %(nights)s of %(readings)s readings of this person were at night.") % {
                key: told[key] for key in ("nights", "readings")
            }
        case Rule.CLOSED_CASE:
            return _("The case was closed on %(day)s.") % {"day": _day(told["closed_on"])}
        case Rule.SEQUENTIAL:
            return _("Somebody who works in a case usually stays longer or writes something.")
        case Rule.EXPORT_AFTER_BROWSING:
            return _("Most copies are made of cases somebody has worked in.")
        case Rule.DENIALS_THEN_EMERGENCY:
            return _("Emergency access is for an hour in which nobody can be asked.")
        case Rule.AFTER_TRANSFER:
            return _("It had passed to others on %(day)s, and no access was given since.") % {
                "day": _day(told["passed_on"])
            }
        case Rule.DORMANT:
            return _("The last act before was on %(day)s.") % {"day": _day(told["last_on"])}
    return ""


def evidence_in_words(hint: Hint) -> str:
    """What was seen."""
    told: dict[str, Any] = hint.baseline
    match Rule(hint.rule):
        case Rule.VOLUME:
            return ngettext("%(cases)s case on this day.", "%(cases)s cases on this day.", told["cases"]) % {
                "cases": told["cases"]
            }
        case Rule.SEQUENTIAL:
            return _("%(cases)s cases in %(seconds)s seconds.") % {key: told[key] for key in ("cases", "seconds")}
        case Rule.EXPORT_AFTER_BROWSING:
            return _("%(cases)s different cases in the hour before.") % {"cases": told["cases"]}
        case Rule.DENIALS_THEN_EMERGENCY:
            return _("Turned away %(denials)s times in the day before.") % {"denials": told["denials"]}
    return ngettext("%(found)s act.", "%(found)s acts.", hint.found) % {"found": hint.found}


def _day(text: str) -> str:
    day = parse_date(text)
    return text if day is None else date_format(day, pgettext("how a day is written; Django's letters", "j F Y"))
