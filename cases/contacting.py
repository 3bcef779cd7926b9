"""Whether she may be reached now, by her own rule (domain.md §8.4). Pure: what is read of the rule comes in, reasons come out.

A rule names the way, and may name days and hours on her clock. What it does not say, it does not forbid; but a rule that
nobody has checked with her for VERIFY_AFTER_DAYS, and one that does not exist, stand against every way.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from cases.choices.survivor import ContactChannel, Obstacle, Weekday

#: A safe way of yesterday may be a trap today: after so many days it is checked with her again.
VERIFY_AFTER_DAYS = 90


def her_clock(rule: Mapping[str, Any], at: datetime) -> datetime:
    """The moment on her clock; on that of ``at`` where the rule names none."""
    return at.astimezone(ZoneInfo(rule["zone"])) if rule.get("zone") else at


def is_in_window(rule: Mapping[str, Any], at: datetime) -> bool:
    """Whether day and hour are among those she named. Hours may run over midnight: then the day is that of the evening."""
    local = her_clock(rule, at)
    begins, ends = _time(rule.get("begins"), time.min), _time(rule.get("ends"), time.max)
    now, weekday = local.time(), local.weekday()
    if begins <= ends:
        is_hour = begins <= now < ends
    else:
        is_hour = now >= begins or now < ends
        weekday = weekday if now >= begins else (weekday - 1) % 7
    return is_hour and (not rule.get("days") or Weekday.values[weekday] in rule["days"])


def obstacles(rule: Mapping[str, Any] | None, verified_on: date | None, channel: str, at: datetime) -> list[Obstacle]:
    """What stands against reaching her this way now, the gravest first; nothing where nothing does. ``at`` is aware."""
    if rule is None or verified_on is None:
        return [Obstacle.NO_RULE]
    agreed = rule.get("channel", ContactChannel.NONE)
    found = []
    if agreed == ContactChannel.NONE:
        found.append(Obstacle.DO_NOT_CONTACT)
    elif agreed != channel:
        found.append(Obstacle.OTHER_WAY)
    if not is_in_window(rule, at):
        found.append(Obstacle.OUTSIDE_HOURS)
    if (her_clock(rule, at).date() - verified_on).days > VERIFY_AFTER_DAYS:
        found.append(Obstacle.NOT_CHECKED)
    return found


def _time(text: str | None, otherwise: time) -> time:
    return time.fromisoformat(text) if text else otherwise
