"""The tables behind the models' back: what an attacker with the database reads and writes."""

from typing import Any

from django.db import connections, models


def read(model: type[models.Model], column: str, pk: Any) -> bytes | None:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s", [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def write(model: type[models.Model], column: str, pk: Any, value: Any) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {column} = %s WHERE {model._meta.pk.column} = %s", [value, pk]
        )


def dump(alias: str) -> bytes:
    """Every cell of every table of a database, as bytes one below the other."""
    found = []
    connection = connections[alias]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                for cell in row:
                    found.append(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode())
    return b"\n".join(found)
