"""Which cases belong together, for those who hold the cards of both and for nobody else (domain.md §0b)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from audit.verbs import Verb
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.models import User
from cases import access, opening
from cases.choices.linking import LinkKind
from cases.models import Case, CaseLink

#: In nobody's history of a case: whoever reads one case may be kept from the other, and must not learn that there is one.
#: So with a date that somebody wrote down through another case of the same proceeding.
VERBS = frozenset(
    {
        Verb.CASE_LINKED, Verb.CASE_LINK_ENDED, Verb.MERGE_PROPOSED, Verb.MERGE_DECLINED, Verb.CASES_MERGED,
        Verb.CASES_UNMERGED, Verb.PROCEEDING_FOLLOWED,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Linked:
    """Another case, as this reader may know it: alias, number and kind; never a word of its content."""

    link_uid: UUID
    case_uid: UUID
    alias: str
    number: str
    kind: str


def is_live(what: dict[str, Any]) -> bool:
    """Whether the link still stands."""
    return not what["ended"]


def linked_to(reader: User, case: Case) -> list[Linked]:
    """The cases linked to this one whose card the reader holds as well. Inside the opening of ``case``.

    A walled, restricted or foreign case leaves no trace, not even in a count; outsiders see none, because no release
    speaks of another case. One query where there is no link. Records CASES_LISTED with the cards that were read.
    """
    if reader.organisation_id != case.organisation_id:
        return []
    bonds = [(row.uid, what) for row in access.records(CaseLink, case).order_by("pk") if is_live(what := row.what)]
    wanted = {uid for _link, what in bonds for uid in what["others"]}
    if not wanted:
        return []
    found, _more = access.page(reader, READ_CARD, where=Q(uid__in=wanted), size=len(wanted))
    cards = {str(other.uid): other for other in found if not other.is_erased}
    with opening.open_cards(reader, list(cards.values())):
        return [
            Linked(link_uid, cards[uid].uid, cards[uid].alias, cards[uid].number, str(LinkKind(what["kind"]).label))
            for link_uid, what in bonds for uid in what["others"] if uid in cards
        ]  # fmt: skip
