"""What level the answers suggest, and which of them caused it (domain.md §8.1). Pure. A rule suggests, a person sets.

One grave item with yes is enough for IMMEDIATE: that is the domain's rule. Below it the number of dangers decides, and her
own view weighs at least as much as what was ticked. What protects her never lowers the suggestion: whether it holds is for
a person to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cases.choices.safety import GRAVE_ITEMS, ITEMS_OF_GROUP, RiskGroup, RiskLevel
from cases.choices.survivor import TriState

#: So many dangers at once are high, whatever each of them is.
MANY = 3
#: From here on her own view, from 0 to 10, says that the danger is high; from there, that there is some.
SHE_SAYS_HIGH, SHE_SAYS_SOME = 7, 4
#: What stands in place of an item where her own view caused it.
OWN_VIEW = "OWN_VIEW"
_DANGERS = tuple(
    item for group in (RiskGroup.TRAFFICKER, RiskGroup.CLIENT, RiskGroup.DEPENDANTS) for item in ITEMS_OF_GROUP[group]
)


@dataclass(frozen=True)
class Suggestion:
    """A level, and the items that caused it (or ``OWN_VIEW``). UNKNOWN where too little was asked to say anything."""

    level: RiskLevel
    because: tuple[str, ...] = ()


def suggest(answers: Mapping[str, str], own_view: int | None = None) -> Suggestion:
    """The level that these answers suggest. What was not asked is no "no": with less than half asked there is no LOW."""
    dangers = [item.value for item in _DANGERS if answers.get(item) == TriState.YES]
    grave = tuple(code for code in dangers if code in GRAVE_ITEMS)
    if grave:
        return Suggestion(RiskLevel.IMMEDIATE, grave)
    hers = own_view if own_view is not None else -1
    if len(dangers) >= MANY:
        return Suggestion(RiskLevel.HIGH, tuple(dangers))
    if hers >= SHE_SAYS_HIGH:
        return Suggestion(RiskLevel.HIGH, (*dangers, OWN_VIEW))
    if dangers or hers >= SHE_SAYS_SOME:
        return Suggestion(RiskLevel.MODERATE, (*dangers, *([OWN_VIEW] if hers >= SHE_SAYS_SOME else [])))
    asked = sum(answers.get(item) in (TriState.YES, TriState.NO) for item in _DANGERS)
    return Suggestion(RiskLevel.LOW if asked * 2 >= len(_DANGERS) else RiskLevel.UNKNOWN)
