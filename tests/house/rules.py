"""House rules read from the syntax trees of the product: what no room may write, whoever is in a hurry."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("casemgmt", "cases", "services", "audit")
#: The door itself, and the guard desk, whose words it is made of.
DOOR = ("cases/access/", "casemgmt/access/")
#: Words that say nothing about what a module holds, and the one that means something else here.
EMPTY_NAMES = frozenset(
    {"utils", "util", "helpers", "helper", "services", "core", "manager", "managers", "misc", "common"}
)
MANAGERS = frozenset({"objects", "_base_manager", "_default_manager"})
#: Words of a queryset, by which a manager behind a relation is known.
QUERIES = frozenset(
    {
        "all",
        "filter",
        "exclude",
        "get",
        "first",
        "last",
        "count",
        "exists",
        "values",
        "values_list",
        "order_by",
        "in_bulk",
    }
)
TOO_BROAD = frozenset({"Exception", "BaseException"})

#: Imports inside a function that stay, each with its reason.
LATE_IMPORTS = {
    "casemgmt/operations/server.py:load": "wsgi.py refuses the demo unless serve has said that it serves it",
}
#: Managers of case models that may be asked outside the door, each with its reason.
OPEN_MANAGERS = {
    "cases/actions/drafts.py:Draft": "throws old drafts away, whoever wrote them, and reads none",
    "cases/actions/trail.py:Notice": "asks whether this notice stands already, and shows it to nobody",
}
#: Statements that a room writes by itself, each with its reason.
OPEN_CURSORS = {
    "cases/renewing.py": "takes a lock of the database",
    "cases/actions/indexing.py": "takes a lock of the database",
    "cases/actions/own_rekeying.py": "takes a lock of the database",
}


@dataclass(frozen=True)
class Fault:
    """One line that breaks a rule."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.what}"


def product_files() -> list[Path]:
    """Every module of the product that a person wrote."""
    return sorted(path for room in PRODUCT for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def faults_of(
    source: str, path: str, case_models: frozenset[str], relations: frozenset[str] = frozenset()
) -> list[Fault]:
    """All faults of one module. ``path`` is relative to the root; ``case_models`` are names of classes, ``relations`` names
    by which a record leads to many of these.
    """
    tree = ast.parse(source)
    found = [*_broad_excepts(tree, path), *_late_imports(tree, path), *_lazy_pages(tree, path), *_names(path)]
    if not path.startswith(DOOR):
        found += [*_back_doors(tree, path, case_models), *_own_statements(tree, path), *_roles(tree, path)]
        found += _around_relations(tree, path, relations)
    return sorted(found, key=lambda fault: fault.line)


def _broad_excepts(tree: ast.AST, path: str) -> Iterator[Fault]:
    """``except Exception`` hides the error nobody thought of, and sometimes a denial. Tidying up and raising is fine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and not _raises_again(node):
            kinds = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
            if any(kind is None or (isinstance(kind, ast.Name) and kind.id in TOO_BROAD) for kind in kinds):
                yield Fault(path, node.lineno, "catches everything; name the errors")


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends with a bare ``raise``."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _late_imports(tree: ast.AST, path: str) -> Iterator[Fault]:
    """An import inside a function is a knot between rooms that was cut with scissors."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if path.endswith("apps.py") and function.name == "ready":
            continue  # Django's own place for it
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and f"{path}:{function.name}" not in LATE_IMPORTS:
                yield Fault(path, node.lineno, f"imports inside {function.name}()")


def _lazy_pages(tree: ast.AST, path: str) -> Iterator[Fault]:
    """A TemplateResponse is rendered after the view has returned: after the case was closed again."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import) and any(
            "TemplateResponse" in name.name for name in node.names
        ):
            yield Fault(path, node.lineno, "renders later than its view, when the case is shut again; use render()")


def _names(path: str) -> Iterator[Fault]:
    """Modules and packages say what they hold. ``services/`` at the root is the room of that name."""
    parts = Path(path).with_suffix("").parts
    for depth, part in enumerate(parts):
        if part in EMPTY_NAMES and not (part == "services" and depth == 0):
            yield Fault(path, 1, f"“{part}” does not say what it holds")


def _back_doors(tree: ast.AST, path: str, case_models: frozenset[str]) -> Iterator[Fault]:
    """Records of a case come through ``cases.access`` and no other way."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield from _attribute(node, path, case_models)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
            if any(module.split(".")[0] == "guardian" for module in modules):
                yield Fault(path, node.lineno, "asks guardian; ask cases.access")
            if any(name.name in ("get_object_or_404", "get_list_or_404") for name in node.names):
                yield Fault(path, node.lineno, "fetches without the door; use cases.access")


def _attribute(node: ast.Attribute, path: str, case_models: frozenset[str]) -> Iterator[Fault]:
    # ``Case.objects``, and ``models.Case.objects``.
    owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
    if node.attr in MANAGERS and owner in case_models and f"{path}:{owner}" not in OPEN_MANAGERS:
        yield Fault(
            path, node.lineno, f"{owner}.{node.attr}: use access.visible(), records(), within() or for_the_house()"
        )
    if node.attr.endswith("_set") and not node.attr.startswith(("_", "is_")) and not _is_called_on_self(node):
        yield Fault(path, node.lineno, f".{node.attr} goes around the door; ask access.records()")
    if node.attr == "admitted_by_the_door":
        yield Fault(path, node.lineno, "only the door admits")


def _own_statements(tree: ast.AST, path: str) -> Iterator[Fault]:
    """``.raw()`` and ``.extra()`` anywhere; a cursor of one's own in a room of cases."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in ("raw", "extra"):
            yield Fault(path, node.lineno, f".{node.func.attr}() goes around the door")
        if node.func.attr == "cursor" and path.startswith(("cases/", "services/")) and path not in OPEN_CURSORS:
            yield Fault(path, node.lineno, "writes a statement of its own; use cases.access")


def _around_relations(tree: ast.AST, path: str, relations: frozenset[str]) -> Iterator[Fault]:
    """``case.walls.all()``: the manager behind a relation, called by its own name instead of ``…_set``."""
    for node in ast.walk(tree):
        owner = node.value if isinstance(node, ast.Attribute) and node.attr in QUERIES else None
        if isinstance(owner, ast.Attribute) and owner.attr in relations and not _is_called_on_self(owner):
            yield Fault(path, owner.lineno, f".{owner.attr} goes around the door; ask access.records()")


def _is_called_on_self(node: ast.Attribute) -> bool:
    """A method of one's own that happens to end in ``_set``."""
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _roles(tree: ast.AST, path: str) -> Iterator[Fault]:
    """``if user.role == …`` decides a right outside the guard desk."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                if isinstance(side, ast.Attribute) and side.attr == "role" and _names_a_user(side.value):
                    yield Fault(path, node.lineno, "compares a user's role; use holds_role() or a view rule")


def _names_a_user(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id in ("user", "actor")) or (
        isinstance(node, ast.Attribute) and node.attr == "user"
    )
