"""Rows of different tables that may not meet in one person. The rooms above say which; the database holds it.

A rule is one piece of SQL that both engines understand, about ``NEW``, so that it cannot mean two things. The guards are
laid with the others (``audit.protection``, APART), in the order of migrations and of a restore: after the rows are there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Apart:
    """That ``table`` takes no row for which ``conflict`` holds. ``words`` is what the database says then.

    ``widened`` is about NEW and OLD: that an UPDATE makes more of a row than it was. Less can always be made of it, so
    that what should not be there can be ended. ``people`` is the table of people and ``user_id`` the column that names
    one; a rule that is ``is_about_people`` holds her row alone, so that the rows it looks for cannot come meanwhile.
    """

    table: str
    conflict: str
    widened: str
    words: str
    people: str
    is_about_people: bool = False


_RULES: dict[str, Apart] = {}


def keep_apart(*rules: Apart) -> None:
    """Say which rows the database refuses; one rule a table. When an app is ready, before any guard is laid."""
    for rule in rules:
        if _RULES.setdefault(rule.table, rule) != rule:
            raise ValueError(f"{rule.table} has another rule already.")


def rules() -> list[Apart]:
    """The rules, in the order of their tables."""
    return [_RULES[table] for table in sorted(_RULES)]
