"""Asking for rows among many keys with one value: the text of the query stays the same, however many they are."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models


@models.ForeignKey.register_lookup
@models.BigAutoField.register_lookup
class Among(models.Lookup):
    """``case_id__among=listed(keys)``: as ``__in``, with all keys in one value."""

    lookup_name = "among"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: str | int, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "%s", (value,)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*values, self.rhs)  # noqa: S608  a column of ours

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*values, self.rhs)


def listed(keys: Iterable[int]) -> str:
    """Keys as the one value that this engine takes apart again."""
    inside = ",".join(map(str, keys))
    return f"{{{inside}}}" if connection.vendor == "postgresql" else f"[{inside}]"
