"""Putting a bug into the running functions, and taking it out again."""

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import CodeType, FunctionType, ModuleType

from casemgmt.access import compiled


@dataclass(frozen=True)
class Mutant:
    """``old`` becomes ``new`` in one module. ``old`` stands there exactly once, else the mutant itself is out of date.

    ``engine``: the only one on which what it breaks is asked; empty for both.
    """

    name: str
    module: str
    old: str
    new: str
    engine: str = ""

    def __str__(self) -> str:
        return self.name


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
        compiled.forget()
        yield
    finally:
        compiled.forget()
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
        if inspect.isclass(value):
            if value.__module__ == module.__name__:
                yield from (one for one in vars(value).values() if isinstance(one, FunctionType))
        elif callable(value):
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
