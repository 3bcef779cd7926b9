"""What she is called and how she can be spoken with, in words for a page. Read while the case is open."""

from typing import Any

from cases.answers import (
    DIALECT,
    FORCED_NAME,
    INTERPRETER_AGREED,
    NAMES,
    NEEDS,
    OWN_PRONOUNS,
    PRONOUNS,
    READS,
    SCRIPT,
    SCRIPT_NAME,
    SPOKEN,
    Fact,
    facts_of,
    is_answered,
    label_of,
    words_of,
)
from cases.choices.survivor import Pronouns, Script, TriState
from cases.models import Survivor

#: Written from right to left.
_LEFTWARD = frozenset({Script.ARAB, Script.HEBR, Script.SYRC, Script.THAA})


def called_words(row: Survivor, *, with_forced: bool) -> dict[str, Any]:
    """Her further names as (label, name, lang, dir), her pronouns, and apart the names she was made to use.

    ``with_forced``: whether the reader sees those at all; nobody of another organisation does.
    """
    answers = row.called or {}
    script = answers.get(SCRIPT, "")
    known = script if is_answered(script) else ""
    lines = []
    for name in NAMES:
        if name == FORCED_NAME or not answers.get(name):
            continue
        is_hers = name == SCRIPT_NAME and bool(known)
        # BCP 47: of an undetermined language in this script; programs that read aloud choose the voice by it.
        lang = f"und-{known}" if is_hers else ""
        lines.append(
            (label_of(name), answers[name], lang, ("rtl" if known in _LEFTWARD else "ltr") if is_hers else "auto")
        )
    pronouns = answers.get(PRONOUNS)
    own = answers.get(OWN_PRONOUNS, "")
    return {
        "lines": lines,
        "pronouns": own if pronouns in (None, Pronouns.OWN) and own else words_of(PRONOUNS, pronouns),
        "has_pronouns": is_answered(pronouns) or bool(own),
        "forced": answers.get(FORCED_NAME, "") if with_forced else "",
    }


def speech_facts(row: Survivor) -> list[Fact]:
    """Her languages, each with dialect and reading, then what an interpreter must be."""
    answers = row.speech or {}
    facts = []
    for spoken, dialect, reads in zip(SPOKEN, DIALECT, READS, strict=True):
        if not is_answered(answers.get(spoken)):
            continue
        parts = [words_of(spoken, answers[spoken]), answers.get(dialect, "")]
        if is_answered(answers.get(reads)):
            parts.append(words_of(reads, answers[reads]))
        facts.append(Fact(label_of(spoken), " · ".join(part for part in parts if part)))
    return facts + interpreter_facts(row)


def interpreter_facts(row: Survivor) -> list[Fact]:
    """What was answered about interpreters; an open question says nothing here."""
    answers = row.speech or {}
    return facts_of([name for name in NEEDS if is_answered(answers.get(name))], answers)


def declines_interpreters(row: Survivor) -> bool:
    """Whether she said that she wants no interpreter: no appointment with one without her word."""
    return (row.speech or {}).get(INTERPRETER_AGREED) == TriState.NO
