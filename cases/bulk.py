"""One act on several ticked cases: each by its ordinary action, in its own transaction, with its own answer.

What one case refuses, stops no other. The key of each is made from the page's key and the case, so a page that is sent
twice, or again after it broke off in the middle, does what is left and nothing twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from audit.action import Repeated
from audit.denials import hand_over
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.accounts.models import User
from cases.choices.listing import BulkAct, RowResult
from cases.errors import CaseError
from cases.models import Case

#: As many as a page of the list has.
MOST = 50


@dataclass(frozen=True)
class Line:
    """What became of one case, and why where it was not done."""

    case: Case
    result: RowResult
    words: Any = ""

    @property
    def tone(self) -> str:
        """Colour of the mark; the words stand beside it."""
        return {RowResult.DONE: "ok", RowResult.ALREADY: "", RowResult.NOT_ALLOWED: "warn"}[self.result]


def key_of(page_key: UUID, act: BulkAct, case_uid: UUID) -> UUID:
    """The form key of one case: the same whenever the same page is sent."""
    return uuid5(page_key, f"{act.value}/{case_uid}")


def carry_out(
    *, actor: User, cases: Sequence[Case], act: BulkAct, page_key: UUID, do: Callable[[Case, UUID], Any],
    is_so: Callable[[Case], bool],
) -> list[Line]:  # fmt: skip
    """Do it with each case, in the order of the list; ``is_so``: it was so before. A refusal is recorded as any other.

    Records what the act itself records, and ACCESS_REFUSED or ACCESS_HIDDEN for a case that does not let her.
    """
    lines = []
    for case in cases:
        if is_so(case):
            lines.append(Line(case, RowResult.ALREADY))
            continue
        try:
            made = do(case, key_of(page_key, act, case.uid))
        except (Hidden, Refused) as denial:
            _note(actor, case, denial)
            lines.append(Line(case, RowResult.NOT_ALLOWED, _("You may not do this in this case.")))
        except CaseError as error:
            lines.append(Line(case, RowResult.NOT_ALLOWED, str(error)))
        else:
            is_repeat = isinstance(made, Repeated)
            lines.append(
                Line(
                    case,
                    RowResult.ALREADY if is_repeat else RowResult.DONE,
                    _("This page did it before.") if is_repeat else "",
                )
            )
    return lines


def _note(actor: User, case: Case, denial: Hidden | Refused) -> None:
    """A denial that the page goes on after, for the ledger: written when the page has been made."""
    permission = getattr(denial, "permission", "")
    hand_over(
        Verb.ACCESS_REFUSED if isinstance(denial, Refused) else Verb.ACCESS_HIDDEN, actor=actor, subject=case,
        outcome=Outcome.REFUSED,
        detail={"route": "case-bulk", "method": "POST"} | ({"permission": permission} if permission else {}),
    )  # fmt: skip
