"""What people would lose, in words, before an access, a release or a person goes."""

from collections.abc import Iterable
from typing import Any

from casemgmt.access.sections import Section
from cases.access import Loss
from cases.models import Case


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
