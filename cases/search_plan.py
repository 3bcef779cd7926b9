"""What a stolen table of search tokens would tell, measured on the real names, and how many bits that leaves.

An attacker who knows how common each name is can recognise a token that comes often: where one value makes a token
stand out from the noise of the others. Such rows are *identifiable by frequency* (vault.md §7). Fewer bits put more
strangers behind each token, and more of them must be opened for a question.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, log2, sqrt

from casemgmt.access.sections import Section
from cases import access, search_index
from cases.choices.search import IndexName
from cases.models import Case
from cases.opening import open_job

#: A value stands out if its count passes the mean of the others' by so many standard deviations.
DEVIATIONS = 3
#: Of the rows of an index, at most so many may be identifiable.
MOST_IDENTIFIABLE = 0.001
#: Strangers that should share a token with somebody.
STRANGERS = 8
FEWEST_BITS, MOST_BITS = 4, 20
_BATCH = 500


@dataclass(frozen=True)
class Leak:
    """What one index tells. ``identifiable`` and ``unindexed`` are shares of rows and of cases, 0 to 1.

    ``candidates``: cases opened for a question that fits somebody, on average. ``recommended`` is 0 where even the
    fewest bits would tell too much.
    """

    index: str
    bits: int
    rows: int
    distinct: int
    candidates: float
    identifiable: float
    unindexed: float
    recommended: int


def measure() -> list[Leak]:
    """Read what every case is found by, through a job's gate, and count. Records JOB_RUN. No value leaves."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in IndexName}
    without: Counter[str] = Counter()
    total = 0
    with open_job("search_index_plan", [Section.CARD, Section.IDENTITY]):
        for texts in _texts_of_all():
            total += 1
            for name in IndexName:
                counts[name].update(texts.get(name, ()))
                without[name] += not texts.get(name)
    bits = {**search_index.BITS, **{one.index: one.bits for one in reversed(search_index.states())}}
    return [_leak(name, bits[name], counts[name], without[name] / total if total else 0.0) for name in IndexName]


def _texts_of_all() -> Iterator[search_index.Texts]:
    last = 0
    while cases := list(access.for_the_house(Case).filter(pk__gt=last).order_by("pk")[:_BATCH]):
        last = cases[-1].pk
        for _case, facts in search_index.facts_of_cases(None, cases):
            yield search_index.texts_of(facts)


def _leak(name: str, bits: int, counts: Counter[str], unindexed: float) -> Leak:
    rows = counts.total()
    own = sum(count * count for count in counts.values()) / rows if rows else 0.0
    return Leak(
        index=name, bits=bits, rows=rows, distinct=len(counts), candidates=rows / 2**bits + own,
        identifiable=identifiable(counts, bits), unindexed=unindexed, recommended=recommended(name, counts),
    )  # fmt: skip


def identifiable(counts: Counter[str], bits: int) -> float:
    """The share of rows whose token stands out by its count, so that whoever knows how common names are can name it.

    A value of count c stands out if c exceeds the mean m of the strangers behind a token by 3 √(m + 1).
    """
    rows = counts.total()
    if not rows:
        return 0.0
    told = 0
    for count in counts.values():
        mean = (rows - count) / 2**bits
        if count > mean + DEVIATIONS * sqrt(mean + 1):
            told += count
    return told / rows


def recommended(name: str, counts: Counter[str]) -> int:
    """As many bits as leave eight strangers behind a token, fewer where rows would still be identifiable; 0: none do.

    Indexes for possible matches keep their bits: a false match would be shown to a person.
    """
    if name in search_index.MATCHING:
        return search_index.BITS[name]
    bits = floor(log2(max(counts.total() / STRANGERS, 2)))
    for fewer in range(min(max(bits, FEWEST_BITS), MOST_BITS), FEWEST_BITS - 1, -1):
        if identifiable(counts, fewer) <= MOST_IDENTIFIABLE:
            return fewer
    return 0
