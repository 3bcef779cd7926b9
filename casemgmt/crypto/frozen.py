"""Structured values that cannot be changed in place."""

from typing import Any, NoReturn


def _refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """A change in place would never reach the database: say so now, not when the answers are missed."""
    raise TypeError("A sealed value cannot be changed in place. Change a copy and assign it.")


class FrozenDict(dict[str, Any]):
    """A dict from a sealed value: reads like any dict."""

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)

    __hash__ = None


class FrozenList(list[Any]):
    """A list from a sealed value: reads like any list."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = append = clear = extend = insert = pop = remove = _refuse
    reverse = sort = _refuse

    def __reduce__(self) -> tuple[type[list[Any]], tuple[list[Any]]]:
        return list, (list(self),)

    __hash__ = None


def frozen(value: Any) -> Any:
    """The same structure, all the way down, refusing changes."""
    if isinstance(value, dict):
        return FrozenDict({name: frozen(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return FrozenList(frozen(inner) for inner in value)
    return value
