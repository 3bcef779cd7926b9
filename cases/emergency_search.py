"""Finding one case in an emergency: by its whole number, or by a whole name together with a telephone number.

Everything is compared, nothing shown. Cases of other organisations, erased ones and those behind a wall are looked at
like those that do not exist; a restricted case is found by its number alone, because a name would tell that she is here.
"""

from uuid import UUID

from django.db.models import QuerySet

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, search_index, spelling
from cases.choices.search import IndexName
from cases.models import Case, SearchIndex
from cases.opening import open_job

_BATCH = 500


def case_of_number(actor: User, number: str) -> UUID | None:
    """The uid of the case with exactly this number, however it is spaced and cased; None where there is none in reach."""
    wanted = spelling.case_number(number)
    ending = wanted[-8:]
    if len(ending) < 8:
        return None
    rows = _in_reach(actor).filter(number__endswith=f"{ending[:4]}-{ending[4:]}")
    return next((uid for uid, one in rows.values_list("uid", "number") if spelling.case_number(one) == wanted), None)


def case_of_person(actor: User, names: str, phone: str) -> UUID | None:
    """The uid of the newest case of a person of exactly this name and telephone; None where none fits both.

    Inside an action. Opens names and numbers through a job's gate, which shows them to nobody. Records JOB_RUN.
    """
    words, digits = spelling.name_words(names), spelling.digits(phone)
    if len(words) < 2 or len(digits) < spelling.PHONE_DIGITS:
        return None
    found = None
    with open_job("emergency_search", [Section.CARD, Section.IDENTITY], actor=actor):
        rows = _in_reach(actor).filter(is_restricted=False)
        indexes = search_index.ready()
        if indexes:
            rows = rows.filter(pk__in=_candidates(words, digits, indexes))
        keys = list(rows.order_by("-pk").values_list("pk", flat=True))
        for start in range(0, len(keys), _BATCH):
            found = _fitting(actor, keys[start : start + _BATCH], words, digits)
            if found is not None:
                break
    return found


def _in_reach(actor: User) -> QuerySet[Case]:
    cases = access.for_the_house(Case).filter(organisation_id=actor.organisation_id)
    # Of a case that was erased there is nothing to open.
    return cases.exclude(erased__has_key="CORE").exclude(pk__in=access.walled_cases(actor))


def _candidates(words: list[str], digits: str, indexes: dict[str, SearchIndex]) -> set[int]:
    """Keys of the cases that share the tokens of both, and of a few strangers."""
    texts: search_index.Texts = {
        IndexName.NAME: {search_index.whole_text(spelling.bare(words))},
        IndexName.PHONE: {search_index.phone_text(digits)},
    }
    found = search_index.look_up(texts, indexes)
    named = {key for (index, _text), keys in found.items() if index == IndexName.NAME for key in keys}
    phoned = {key for (index, _text), keys in found.items() if index == IndexName.PHONE for key in keys}
    return named & phoned


def _fitting(actor: User, keys: list[int], words: list[str], digits: str) -> UUID | None:
    """The newest of these cases whose whole name and telephone are those."""
    cases = list(access.for_the_house(Case).filter(pk__in=keys).order_by("-pk"))
    for case, facts in search_index.facts_of_cases(actor, cases):
        is_name = spelling.bare(words) in facts.forms
        if is_name and any(spelling.phones_match(digits, one) for one in facts.phones):
            return case.uid
    return None
