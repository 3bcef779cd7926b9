"""What people would lose, in words, before an access, a release or a person goes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.access import Loss
from cases.choices.sharing import PeopleChangeKind
from cases.leaving import Consequences
from cases.models import Case

#: So many cases are told one by one; of more the number.
MOST_TOLD = 60
#: With these, everything goes, or rests.
_ALL_OF_IT = (PeopleChangeKind.LEFT, PeopleChangeKind.LEAVE)


def losses_in_words(case: Case, losses: Iterable[Loss]) -> list[dict[str, Any]]:
    """Each person's losses on one opened case, for ``cases/_losses.html``. Read while the case is open.

    Of dates and matters in parts that the reader does not hold, only the number is told.
    """
    return [_in_words(case, loss) for loss in losses if loss.case.pk == case.pk]


def _in_words(case: Case, loss: Loss) -> dict[str, Any]:
    holding = case.holding
    assert holding is not None  # the door has set it
    known = [due for due in loss.dues if holding.reads(due.section, due.matter_uid)]
    titled = [matter for matter in loss.matters if holding.reads(Section.LEGAL, matter.uid)]
    return {
        "who": loss.person.name,
        "sections": [section.label for section in loss.sections],
        "written": [section.label for section in loss.written if section not in loss.sections],
        "matters": [matter.title for matter in titled],
        "hidden_matters": len(loss.matters) - len(titled),
        "dues": [{"on": due.due_on, "kind": due.get_kind_display(), "line": due.line} for due in known],
        "hidden_dues": len(loss.dues) - len(known),
        "leads": loss.leads,
    }


# ---- A person goes, moves or rests: no case is opened ----


def losses_of_consequences(reader: User, found: Consequences, now: datetime) -> dict[str, Any]:
    """What one change of one person takes from her, for ``cases/people/_losing.html``.

    Cases by their number where the reader sees them; of the others, and of what her teams open besides, the number.
    """
    live = [one.team_id for one in found.person.memberships.live(now)]
    if found.kind in _ALL_OF_IT:
        losses, teams = access.losses_of_person(found.person, at=now), live
    else:
        teams = [one.team_id for one in found.memberships if one.team_id in live]
        losses = access.losses_of_change(found.person, found.grants, teams=teams, at=now)
    keys = {loss.case.pk for loss in losses}
    seen = set(access.visible(Case, reader).filter(pk__in=keys).values_list("pk", flat=True))
    told = [_by_number(loss) for loss in losses if loss.case.pk in seen]
    return {
        "cases": told[:MOST_TOLD],
        "more": len(told[MOST_TOLD:]),
        "unseen": len(losses) - len(told),
        "through_teams": access.cases_through_teams(teams, but=keys, at=now),
    }


def _by_number(loss: Loss) -> dict[str, Any]:
    return {
        "number": loss.case.number,
        "sections": [section.label for section in loss.sections],
        "written": [section.label for section in loss.written if section not in loss.sections],
        "matters": len(loss.matters),
        "dues": len(loss.dues),
        "leads": loss.leads,
    }


def losses_by_person(losses: Iterable[Loss]) -> list[dict[str, Any]]:
    """The same for the people of an organisation, without naming a case: how many, which parts, what waits."""
    found: dict[int, list[Loss]] = {}
    for loss in losses:
        found.setdefault(loss.person.pk, []).append(loss)
    lines = [
        {
            "who": of_her[0].person.name,
            "cases": len(of_her),
            "sections": [section.label for section in Section if any(section in loss.sections for loss in of_her)],
            "matters": sum(len(loss.matters) for loss in of_her),
            "dues": sum(len(loss.dues) for loss in of_her),
        }
        for of_her in found.values()
    ]
    return sorted(lines, key=lambda line: str(line["who"]))
