"""What recorded signs suggest about the trafficking status, and why (domain.md §9.1). Pure. Haven suggests, a person decides.

Act, means and purpose are looked for among the signs and among the coded answers of the profile. For somebody who was under
18 no means is needed (Palermo Protocol, article 3 c); US law asks for none where the purpose was sexual (22 USC 7102,
18 USC 1591), and for force, fraud or coercion where it was labour. The most that is ever suggested is "possible": "actual"
and "not" are never a sum of ticks, and what was not asked is never a "no".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cases.answers import ACTS, codes_in
from cases.choices.signs import (
    POINTS_TO,
    SEXUAL,
    SIGNS_OF_GROUP,
    TALKED,
    Sign,
    SignGroup,
    SignStrength,
    kept_as,
    strength_of,
)
from cases.choices.survivor import TriState
from cases.htcds.codes import TraffickingStatus, TypeOfExploitation
from cases.rules import ADULT

#: In the order in which they are named.
ELEMENTS = (SignGroup.ACT, SignGroup.MEANS, SignGroup.PURPOSE)
#: The answers of the profile that say the same with the codes of HTCDS.
_OF_PROFILE = {
    SignGroup.ACT: (ACTS, "vic_MethodOfRecruitment"),
    SignGroup.MEANS: ("vic_MethodsOfControl",),
    SignGroup.PURPOSE: ("vic_TypeOfExploitation",),
}


class Finding(Enum):
    """How far the signs carry."""

    NOTHING = "nothing"  # too little was gone through
    SIGNS = "signs"  # topics point somewhere, but no purpose, or neither act nor means, is recorded
    POSSIBLE = "possible"  # a purpose, and an act or means
    ALL = "all"  # every element that the protocol asks for
    NO_PURPOSE = "no purpose"  # every purpose was answered with no


class Caution(Enum):
    """What is worth saying beside a suggestion."""

    ALL_WEAK = "all weak"  # nothing that carries it is more than a hint
    SMUGGLING = "smuggling"  # a journey, and no purpose
    LABOUR_LAW = "labour law"  # pay or hours, and no means
    US_MEANS = "us means"  # a minor and labour: US law asks for force, fraud or coercion all the same


@dataclass(frozen=True)
class Suggestion:
    """What follows from the signs. ``status`` is None or "possible"; ``because`` has the signs by element.

    ``lacking`` names the elements of which nothing is recorded and which are needed; ``points_to`` the indicators of forced
    labour that are ticked or that the talk points to.
    """

    finding: Finding
    status: TraffickingStatus | None = None
    because: tuple[tuple[SignGroup, tuple[str, ...]], ...] = ()
    lacking: tuple[SignGroup, ...] = ()
    points_to: tuple[Sign, ...] = ()
    cautions: tuple[Caution, ...] = ()
    needs_means: bool = True


def said_yes(signs: Mapping[str, Any], group: str) -> list[Sign]:
    """The signs of a group that were answered with yes."""
    return [sign for sign in SIGNS_OF_GROUP[group] if signs.get(kept_as(sign)) == TriState.YES]


def was_minor(signs: Mapping[str, Any], answers: Mapping[str, Any], *, is_minor: bool | None = None) -> bool:
    """Whether she was under 18: as she said, by the age that is recorded, or because she still is (``is_minor``)."""
    if is_minor or signs.get(kept_as(Sign.WAS_UNDER_18)) == TriState.YES:
        return True
    try:
        return int(answers.get("vic_AgeWhenTrafficked", ADULT)) < ADULT
    except (TypeError, ValueError):
        return False


def suggest(signs: Mapping[str, Any], answers: Mapping[str, Any], *, is_minor: bool | None = None) -> Suggestion:
    """What these signs, and the coded answers beside them, suggest. ``is_minor``: whether she is under 18 today."""
    minor = was_minor(signs, answers, is_minor=is_minor)
    found = {group: _codes(signs, answers, group) for group in ELEMENTS}
    because = tuple((group, found[group]) for group in ELEMENTS if found[group])
    lacking = tuple(group for group in ELEMENTS if not found[group] and not (group == SignGroup.MEANS and minor))
    points_to = _points_to(signs)
    if found[SignGroup.PURPOSE] and (found[SignGroup.ACT] or found[SignGroup.MEANS] or minor):
        finding = Finding.POSSIBLE if lacking else Finding.ALL
    elif because or points_to or any(said_yes(signs, group) for group in TALKED):
        finding = Finding.SIGNS
    else:
        finding = Finding.NO_PURPOSE if _all_no(signs, SignGroup.PURPOSE) else Finding.NOTHING
    is_possible = finding in (Finding.POSSIBLE, Finding.ALL)
    return Suggestion(
        finding=finding,
        status=TraffickingStatus.POSSIBLE_VICTIM_OF_TRAFFICKING if is_possible else None,
        because=because,
        lacking=lacking,
        points_to=points_to,
        cautions=tuple(_cautions(signs, answers, found, minor=minor, is_possible=is_possible)),
        needs_means=not minor,
    )


def _codes(signs: Mapping[str, Any], answers: Mapping[str, Any], group: SignGroup) -> tuple[str, ...]:
    """Signs with yes, then the codes of the profile as ``field:code``."""
    of_profile = [f"{name}:{code}" for name in _OF_PROFILE[group] for code in codes_in(answers.get(name))]
    return (*(sign.value for sign in said_yes(signs, group)), *of_profile)


def _points_to(signs: Mapping[str, Any]) -> tuple[Sign, ...]:
    pointed = {POINTS_TO[sign] for group in TALKED for sign in said_yes(signs, group) if sign in POINTS_TO}
    ticked = set(said_yes(signs, SignGroup.FORCED_LABOUR))
    # What a person has weighed and denied is not pointed to again.
    denied = {sign for sign in pointed if signs.get(kept_as(sign)) == TriState.NO}
    return tuple(sign for sign in SIGNS_OF_GROUP[SignGroup.FORCED_LABOUR] if sign in (ticked | pointed) - denied)


def _all_no(signs: Mapping[str, Any], group: SignGroup) -> bool:
    return all(signs.get(kept_as(sign)) == TriState.NO for sign in SIGNS_OF_GROUP[group])


def _cautions(
    signs: Mapping[str, Any], answers: Mapping[str, Any], found: Mapping[SignGroup, tuple[str, ...]], *, minor: bool,
    is_possible: bool,
) -> list[Caution]:  # fmt: skip
    carrying = [sign for group in ELEMENTS for sign in said_yes(signs, group)]
    weights = {signs.get(strength_of(sign), SignStrength.WEAK) for sign in carrying}
    said = []
    if is_possible and carrying and weights == {SignStrength.WEAK}:
        said.append(Caution.ALL_WEAK)
    journey = {Sign.TRANSPORTATION, Sign.TRANSFER} & set(said_yes(signs, SignGroup.ACT)) or said_yes(
        signs, SignGroup.JOURNEY
    )
    if journey and not found[SignGroup.PURPOSE]:
        said.append(Caution.SMUGGLING)
    if said_yes(signs, SignGroup.WORK) and not found[SignGroup.MEANS] and not minor:
        said.append(Caution.LABOUR_LAW)
    if is_possible and minor and not found[SignGroup.MEANS] and not _is_sexual(signs, answers):
        said.append(Caution.US_MEANS)
    return said


def _is_sexual(signs: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Whether one of the purposes is sexual."""
    kinds = codes_in(answers.get("vic_TypeOfExploitation"))
    return bool(SEXUAL & set(said_yes(signs, SignGroup.PURPOSE))) or TypeOfExploitation.SEXUAL_EXPLOITATION in kinds
