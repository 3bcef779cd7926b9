"""What is known of another person on a case, in words: "alleged" until a court has convicted (domain.md, words; R20)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, spelling
from cases.choices.other_people import NOT_ACCUSED, ROLES, KnownAs, OtherEnd, Standing
from cases.models import Case, OtherPerson
from cases.people import shown_name
from cases.search_index import Facts

_LABELS = dict(ROLES)


def is_accused(who: Mapping[str, Any]) -> bool:
    """Whether anything is said against this person: any role but that of a witness, or of somebody who was harmed, too."""
    return bool(set(who.get("roles") or ()) - NOT_ACCUSED)


def facts_of(who: Mapping[str, Any]) -> Facts:
    """By what this person is compared."""
    digits = spelling.digits(who.get("phone") or "")
    return Facts(
        first=who.get("first_name", ""), family=who.get("family_name", ""), others=who.get("other_names", ""),
        birth_date=day_of(who, "birth_date"), phones=[digits] if digits else [],
    )  # fmt: skip


def day_of(who: Mapping[str, Any], name: str) -> date | None:
    """A day of the sealed answers; None where there is none."""
    return date.fromisoformat(who[name]) if who.get(name) else None


def name_of(who: Mapping[str, Any]) -> str:
    """What this person is called on the page; words where no name is known."""
    named = " ".join(part for part in (who.get("first_name"), who.get("family_name")) if part)
    return named or who.get("other_names") or _("Somebody whose name is not known")


def line_of(reader: User, case: Case, row: OtherPerson) -> dict[str, Any]:
    """One entry as its page shows it. Inside an opening; what happened only where the reader holds that part."""
    assert case.holding is not None
    who: Mapping[str, Any] = row.who or {}
    standing = Standing(who["standing"]) if who.get("standing") else None
    roles = [_LABELS[code] for code in who.get("roles", ())]
    name, others = name_of(who), who.get("other_names", "")
    return {
        "row": row, "name": name, "others": "" if others == name else others, "born": day_of(who, "birth_date"),
        "phone": who.get("phone", ""), "looks": who.get("looks", ""), "roles": roles,
        "no_contact": is_accused(who) or bool(who.get("no_contact")),
        "known_as": KnownAs(who["known_as"]).label if who.get("known_as") else "",
        "standing": standing.label if standing else "", "standing_on": day_of(who, "standing_on"),
        "is_alleged": standing is not None and standing != Standing.CONVICTED, "dangers": row.dangers,
        "part": (row.part or "") if case.holding.reads(Section.NARRATIVE) else "",
        "ended": OtherEnd(who["ended"]).label if who.get("ended") else "", "who": shown_name(reader, case, row.noted_by),
    }  # fmt: skip


def lines_of(reader: User, case: Case) -> dict[str, list[dict[str, Any]]]:
    """Who is listed, the first written first, and who no longer is. Inside an opening. One query."""
    rows = access.records(OtherPerson, case).select_related("noted_by").order_by("pk")
    lines = [line_of(reader, case, row) for row in rows]
    return {
        "people": [line for line in lines if line["row"].ended_at is None],
        "ended": [line for line in lines if line["row"].ended_at is not None],
    }
