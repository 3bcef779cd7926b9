"""What a sealed value is in memory: opaque bytes that remember which record they belong to."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID


class Binding(NamedTuple):
    """The record, case, section and scope a ciphertext was sealed for."""

    record_uid: UUID
    case_uid: UUID
    section: str
    scope_uid: UUID | None


class Sealed:
    """A ciphertext. It says its size and nothing else; only the attribute of its record opens it."""

    __slots__ = ("bound", "raw")

    def __init__(self, raw: bytes, bound: Binding | None = None) -> None:
        self.raw = raw
        self.bound = bound

    def __repr__(self) -> str:
        return f"<sealed {len(self.raw)} B>"

    def __str__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __reduce__(self) -> tuple[type["Sealed"], tuple[bytes, Binding | None]]:
        return Sealed, (self.raw, self.bound)


_CARRYING: ContextVar[bool] = ContextVar("haven_carrying_sealed", default=False)


@contextmanager
def carrying() -> Iterator[None]:
    """Move sealed values without opening them: inside, attributes hand out ciphertexts and ask no gate."""
    token = _CARRYING.set(True)
    try:
        yield
    finally:
        _CARRYING.reset(token)


def is_carrying() -> bool:
    """Whether attributes hand out ciphertexts now."""
    return _CARRYING.get()
