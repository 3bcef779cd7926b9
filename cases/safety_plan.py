"""How a safety plan is kept and told: what holds at any time, and what each phase adds (domain.md §8.2). Pure.

Each topic of each phase has a key of its own ("leaving:SAFE_PLACES"), so that a version tells of each by itself.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.choices.safety import PlanPhase, SafetyTopic


def of_phase(topics: Mapping[str, str], phase: str) -> dict[str, str]:
    """What is written for one phase, by topic; without a phase, what holds at any time."""
    start = f"{phase}:" if phase else ""
    return {topic.value: topics[start + topic.value] for topic in SafetyTopic if topics.get(start + topic.value)}


def with_phase(topics: Mapping[str, str], phase: str, written: Mapping[str, str]) -> dict[str, str]:
    """The whole plan after one phase was written anew; the others stay as they are."""
    start = f"{PlanPhase(phase).value}:" if phase else ""
    others = {key: words for key, words in topics.items() if (key.partition(":")[0] != phase if phase else ":" in key)}
    return others | {start + topic: words for topic, words in written.items()}


def plan_parts(kept: Mapping[str, Any]) -> list[tuple[Any, list[tuple[Any, str]]]]:
    """The plan in words: what holds at any time, then each phase that has something, topic by topic."""
    topics = kept.get("topics", {})
    parts = [(_("At any time"), of_phase(topics, "")), *((one.label, of_phase(topics, one.value)) for one in PlanPhase)]
    return [
        (heading, [(SafetyTopic(code).label, words) for code, words in said.items()]) for heading, said in parts if said
    ]
