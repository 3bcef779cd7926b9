"""Rules about what may be written of a survivor (domain.md §12): what is impossible, and what is worth a second look.

An impossible answer is refused by the action, whatever page it came from. What only looks odd is never refused and
never guessed: it is shown beside the answers as something to check.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cases.answers import ACTS, codes_in, is_answered, years_between
from cases.choices.survivor import WITH_ANOTHER, ConsentGiver, ConsentState, TriState
from cases.htcds.codes import ConsentPrompt, TraffickingStatus, TypeOfExploitation
from cases.htcds.fields import STATUS_DECIDED_BY, STATUS_DECIDED_ON

OLDEST = 120
ADULT = 18
DECIDED = (TraffickingStatus.ACTUAL_VICTIM_OF_TRAFFICKING, TraffickingStatus.NOT_A_VICTIM_OF_TRAFFICKING)
DECISION = ("vic_TraffickingStatusDecisionMakingOrg", STATUS_DECIDED_ON, STATUS_DECIDED_BY)
#: R6: an industry is asked only with one of these.
LABOUR = frozenset(
    {
        TypeOfExploitation.FORCED_LABOUR,
        TypeOfExploitation.CHILD_LABOUR,
        TypeOfExploitation.SERVITUDE,
        TypeOfExploitation.FORCED_BEGGING,
    }
)


def consent_gaps(state: str, told: Mapping[str, bool], facts: Mapping[str, Any]) -> list[str]:
    """R2: what a consent lacks to count. Empty for a refusal or one that is still open: both are always fine.

    Where somebody answers with her or for her: who that is, and that it is nobody who harmed her (28 CFR 94.115). With a
    guardian her own assent, too, where it was asked about: a yes over her no is none (domain.md §8.5).
    """
    if state != ConsentState.CONSENTED:
        return []
    gaps = [] if all(told.get(prompt) for prompt in ConsentPrompt.values) else ["told"]
    gaps += [name for name in ("obtained_on", "language", "obtained_by") if not facts.get(name)]
    giver = facts.get("given_by") or ConsentGiver.HERSELF
    if giver in WITH_ANOTHER:
        gaps += [name for name in ("guardian", "guardian_is_not_abuser") if not facts.get(name)]
    if giver == ConsentGiver.WITH_GUARDIAN and facts.get("assent") != TriState.YES:
        gaps.append("assent")
    if giver == ConsentGiver.MINOR_ALONE and not facts.get("authority"):
        gaps.append("authority")
    return gaps


def decision_gaps(answers: Mapping[str, Any]) -> list[str]:
    """R5: what a decided status lacks. A possible one needs nothing: nobody has decided yet."""
    if answers.get("vic_TraffickingStatus") not in DECIDED:
        return []
    return [name for name in DECISION if not is_answered(answers.get(name))]


def impossible(answers: Mapping[str, Any], *, birth_date: date | None = None) -> str | None:
    """R6: the name of an answer that cannot be true, or None. ``birth_date`` only where its reader holds it."""
    age = answers.get("vic_AgeWhenTrafficked")
    if not is_answered(age):
        return None
    try:
        years = int(age)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "vic_AgeWhenTrafficked"
    latest = OLDEST if birth_date is None else min(OLDEST, years_between(birth_date))
    return None if 0 <= years <= latest else "vic_AgeWhenTrafficked"


def to_check(answers: Mapping[str, Any]) -> list[str]:
    """R5, R6 and domain.md §9.1: sentences about answers that do not go together. Never an error, never a verdict."""
    sentences = []
    kinds = set(codes_in(answers.get("vic_TypeOfExploitation")))
    if is_answered(answers.get("vic_ForcedLabourIndustry")) and not kinds & LABOUR:
        sentences.append(_("An industry is recorded, but no form of labour exploitation."))
    if is_answered(answers.get("vic_TypeOfSexExploitation")) and TypeOfExploitation.SEXUAL_EXPLOITATION not in kinds:
        sentences.append(_("A type of sexual exploitation is recorded, but sexual exploitation itself is not ticked."))
    if answers.get("vic_TraffickingStatus") == TraffickingStatus.ACTUAL_VICTIM_OF_TRAFFICKING:
        sentences += _elements(answers, kinds)
    gaps = decision_gaps(answers)
    if gaps:
        sentences.append(_("The status is decided, but who decided it, and when, is not complete."))
    return sentences


def _elements(answers: Mapping[str, Any], kinds: set[str]) -> list[str]:
    """Act, means, purpose. A minor needs no means: nobody under eighteen can agree to this."""
    was_minor = is_answered(answers.get("vic_AgeWhenTrafficked")) and _below(answers["vic_AgeWhenTrafficked"], ADULT)
    sentences = []
    if not (codes_in(answers.get(ACTS)) or codes_in(answers.get("vic_MethodOfRecruitment"))):
        sentences.append(_("No act is recorded yet (recruited, transported, handed over, harboured, received)."))
    if not codes_in(answers.get("vic_MethodsOfControl")) and not was_minor:
        sentences.append(_("No means of control is recorded yet. For somebody who was under 18, none is needed."))
    if not kinds:
        sentences.append(_("No purpose is recorded yet (the type of exploitation)."))
    return sentences


def _below(age: Any, limit: int) -> bool:
    try:
        return int(age) < limit
    except (TypeError, ValueError):
        return False
