"""Which retention class each section of a case belongs to.

The vault knows no section by name: the case room hands the mapping over in its ``AppConfig.ready()``.
"""

from collections.abc import Mapping

from casemgmt.crypto.errors import UnknownSection, VaultError

#: The class of pseudo-cases (one per person, one per organisation), and of everything that is not about one case.
CORE = "CORE"

_CLASS_OF: dict[str, str] = {}


def register_sections(mapping: Mapping[str, str]) -> None:
    """Name the retention class of each section. Repeating the same mapping is harmless; contradicting it raises."""
    for section, retention_class in mapping.items():
        section, retention_class = str.__str__(section), str.__str__(retention_class)
        if _CLASS_OF.setdefault(section, retention_class) != retention_class:
            raise VaultError(f"Section {section} is already of class {_CLASS_OF[section]}, not {retention_class}.")


def class_of(section: str) -> str:
    """The retention class whose key seals this section. Raises UnknownSection."""
    try:
        return _CLASS_OF[section]
    except KeyError:
        raise UnknownSection(f"No app registered the section {section}.") from None


def is_registered(section: str) -> bool:
    """Whether some app named the retention class of this section."""
    return section in _CLASS_OF


def registered_classes() -> list[str]:
    """Every retention class a new case needs a key for, in alphabetical order."""
    return sorted({CORE, *_CLASS_OF.values()})
