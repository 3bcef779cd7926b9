"""Bugs on purpose: one small change of the source each, put into the running functions, and taken out again."""

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import CodeType, FunctionType, ModuleType


@dataclass(frozen=True)
class Mutant:
    """``old`` becomes ``new`` in one module. ``old`` stands there exactly once, else the mutant itself is out of date."""

    name: str
    module: str
    old: str
    new: str

    def __str__(self) -> str:
        return self.name


DOOR, PAGES, ROWS = "cases.access.door", "cases.access.pages", "cases.access.rows"
EXPLAIN, PAST = "cases.access.explanation", "cases.access.past"
DESK, RECEPTION = "casemgmt.access.permissions", "casemgmt.accounts.querysets"

MUTANTS = (
    Mutant("an end that is one instant late", DESK, '}expires_at__gt": at})', '}expires_at__gte": at})'),
    Mutant("a beginning that is one instant late", DESK, '}valid_from__lte": at,', '}valid_from__lt": at,'),
    Mutant("guardian's backend knows no end", DESK, ', f"{name}__expires_at__gt": self.at}', "}"),
    Mutant("guardian's backend knows no wall", DESK, "or self.is_walled:", "or False:"),
    Mutant(
        "walls against teams dropped", DOOR,
        "Q(person=actor) | Q(team__group_id__in=group_ids)",
        "Q(person=actor)",
    ),
    Mutant(
        "walls against people dropped", DOOR,
        "Q(person=actor) | Q(team__group_id__in=group_ids)",
        "Q(team__group_id__in=group_ids)",
    ),
    Mutant("a wall that stands for ever", DOOR, "placed_at__lte=at, lifted_at__gt=at", "placed_at__lte=at"),
    Mutant("a wall before it was placed", DOOR, "placed_at__lte=at, lifted_at__gt=at", "lifted_at__gt=at"),
    Mutant("walls dropped from lists", DOOR, "rows = rows.filter(~Exists(walls), **{", "rows = rows.filter(**{"),
    Mutant("walls dropped from single checks", DOOR, "        found.pop(key, None)\n", "        pass\n"),
    Mutant("walls dropped from pages", PAGES, "rows.filter(~Exists(walls)).values_list", "rows.values_list"),
    Mutant(
        "walls dropped from explanations", EXPLAIN,
        "if _standing_walls(actor, group_ids, at).filter(case=case).exists():\n        return no_ground",
        "if False:\n        return no_ground",
    ),
    Mutant("walls dropped from the past", PAST, "people.exclude(pk__in=Walls(case, at).keep_away(found))", "people"),
    Mutant(
        "restricted ignored in lists", DOOR,
        "(here, group_id__in=group_ids, content_object__is_restricted=False)",
        "(here, group_id__in=group_ids)",
    ),
    Mutant(
        "restricted ignored in pages", PAGES,
        "        if number:\n            wanted &= Q(is_restricted=False)",
        "        if number < 0:\n            wanted &= Q(is_restricted=False)",
    ),
    Mutant("restricted ignored where cases lead", PAGES, " & Q(is_restricted=False)\n    return", "\n    return"),
    Mutant(
        "restriction of today asked of the past", PAST,
        "return case.is_restricted if last is None else last",
        "return case.is_restricted",
    ),
    Mutant(
        "the union lost: teams forgotten", DOOR,
        "    if not group_ids:\n        return own\n",
        "    return own\n",
    ),
    Mutant("a gap in the walk", PAGES, "content_object_id__lt=before)", "content_object_id__lt=before - 1)"),
    Mutant("a repeat in the walk", PAGES, "content_object_id__lt=before)", "content_object_id__lte=before)"),
    Mutant("a gap where cases lead", PAGES, "rows.filter(pk__lt=before)", "rows.filter(pk__lt=before - 1)"),
    Mutant("oldest first", PAGES, "ORDER BY 1 DESC", "ORDER BY 1 ASC"),
    Mutant("no older page", PAGES, "if len(found) > size else None", "if len(found) > size + 1 else None"),
    Mutant("inactive people keep their pages", PAGES, "    if not actor.is_active:\n        return [], None\n", ""),
    Mutant(
        "inactive people are explained in", EXPLAIN,
        "    if not actor.is_active:\n        return no_ground\n",
        "",
    ),
    Mutant("inactive people keep single checks", DOOR, "    if not actor.is_active:\n        return found\n", ""),
    Mutant("closed accounts forgotten in the past", PAST, ", account_states__in=AccountState.objects.at(at))", ")"),
    Mutant(
        "the end of a membership ignored", RECEPTION,
        " & (Q(**{f\"{end}__isnull\": True}) | Q(**{f\"{end}__gt\": at}))",
        "",
    ),
    Mutant("an end of a membership one instant late", RECEPTION, '__gt": at}))', '__gte": at}))'),
    Mutant(
        "memberships that nobody accepted", RECEPTION,
        "self.filter(within(moment), status=MembershipStatus.ACCEPTED)",
        "self.filter(within(moment))",
    ),
    Mutant("the end of a release ignored", ROWS, "ends.append(grant.release.expires_at)", "pass"),
    Mutant("a withdrawal ignored", ROWS, "            ends.append(grant.release.withdrawn_at)", "            pass"),
    Mutant("the end of a parent ignored", ROWS, "    if grant.parent:\n", "    if False:\n"),
    Mutant("what rests on an access stays", ROWS, "        materialise(child)\n", "        pass\n"),
    Mutant(
        "a revocation ignored by questions", ROWS,
        "    if grant.revoked_at:\n        ends",
        "    if False:\n        ends",
    ),
    Mutant(
        "the past asked without its ends", PAST,
        "if at < end_of(grant) and (grant.person_id or not restricted)]",
        "if grant.person_id or not restricted]",
    ),
)  # fmt: skip


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Run with the changed source: the functions stay the same objects, so that everybody who imported one has the bug."""
    module = import_module(mutant.module)
    source = inspect.getsource(module)
    if source.count(mutant.old) != 1:
        raise LookupError(f"{mutant}: its text stands {source.count(mutant.old)} times in {mutant.module}.")
    changed = _codes(compile(source.replace(mutant.old, mutant.new), module.__file__ or "", "exec"))
    kept: list[tuple[FunctionType, CodeType]] = []
    try:
        for function in _functions(module):
            code = changed.get(function.__qualname__)
            if code is not None and code != function.__code__:
                kept.append((function, function.__code__))
                function.__code__ = code
        if not kept:
            raise LookupError(f"{mutant} changed no function.")
        yield
    finally:
        for function, code in kept:
            function.__code__ = code


def _codes(code: CodeType, prefix: str = "") -> dict[str, CodeType]:
    """The code of every function of a module, by its qualified name."""
    found: dict[str, CodeType] = {}
    for one in code.co_consts:
        if isinstance(one, CodeType):
            found[one.co_qualname] = one
            found.update(_codes(one))
    return found


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions and methods that were written in this module, without what was put around them."""
    for value in list(vars(module).values()):
        if inspect.isclass(value) and value.__module__ == module.__name__:
            yield from (one for one in vars(value).values() if isinstance(one, FunctionType))
        elif isinstance(value, FunctionType):
            function: Callable = inspect.unwrap(value)
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                yield function


def is_python(source: str) -> bool:
    """Whether a changed source still is a program; a typing error would be killed by anything."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
