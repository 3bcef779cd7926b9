"""The guards in SQLite's words. RAISE(ABORT) reaches the application as IntegrityError."""

from collections.abc import Iterable
from typing import Any

from casemgmt.crypto.sealed import REMOVED_BYTES
from casemgmt.crypto.sealing import ROW_MARK

PREFIX = "haven_"
#: That an event was pruned: its leaf is there, and what stays of it.
HAS_LEFT_ITS_LEAF = (
    "EXISTS (SELECT 1 FROM audit_prunedevent p JOIN audit_leaf l ON l.position = p.position AND l.event_id = p.event_id "
    "WHERE p.event_id = {})"
)


def create_statements(guards: Iterable[Any]) -> list[str]:
    """The statements that lay these guards."""
    return list(expected(guards).values())


def expected(guards: Iterable[Any]) -> dict[str, str]:
    """Each trigger by its name, as SQLite keeps its text."""
    triggers: dict[str, str] = {}
    for guarded in guards:
        for name, rest in _triggers(guarded):
            triggers[name] = f'CREATE TRIGGER "{name}" {rest}'
    return triggers


def _triggers(guarded: Any) -> Iterable[tuple[str, str]]:
    """Name and rest of each trigger of one guard."""
    table, kind = guarded.table, guarded.guard.value
    if kind == "context":
        for event in ("INSERT", "UPDATE", "DELETE"):
            yield (
                f"{PREFIX}context_{table}_{event.lower()}",
                f'BEFORE {event} ON "{table}" WHEN NOT haven_may_write() '
                f"BEGIN SELECT RAISE(ABORT, '{table}: a write that nobody accounts for'); END",
            )
        return
    if kind == "apart":
        rule = guarded.rule
        refuse = f"BEGIN SELECT RAISE(ABORT, '{rule.words}'); END"
        yield f"{PREFIX}apart_{table}_insert", f'BEFORE INSERT ON "{table}" WHEN {rule.conflict} {refuse}'
        widened = f"({rule.widened}) AND {rule.conflict}"
        yield f"{PREFIX}apart_{table}_update", f'BEFORE UPDATE ON "{table}" WHEN {widened} {refuse}'
        return
    if kind == "net":
        yield from _net(guarded)
        return
    if kind == "lines":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        yield f"{PREFIX}lines_{table}_update", f'BEFORE UPDATE ON "{table}" {refuse}'
        yield f"{PREFIX}lines_{table}_delete", f'BEFORE DELETE ON "{table}" WHEN NOT haven_may_tidy() {refuse}'
        return
    if kind == "signed":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: what was signed is not changed'); END"
        yield f"{PREFIX}signed_{table}_update", f'BEFORE UPDATE ON "{table}" WHEN NOT ({_only_set(guarded)}) {refuse}'
        yield f"{PREFIX}signed_{table}_delete", f'BEFORE DELETE ON "{table}" {refuse}'
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    erasure = pruning = ""
    if guarded.path:
        may = f"haven_may_{guarded.path}()"
        yield f"{PREFIX}path_{table}_insert", f'BEFORE INSERT ON "{table}" WHEN NOT {may} {refuse}'
    if guarded.prunes:
        column = f'OLD."{guarded.prunes}"'
        pruning = f"WHEN NOT (haven_may_prune() AND {HAS_LEFT_ITS_LEAF.format(column)}) "
    if kind == "erase":
        erasure = (
            "WHEN NOT (haven_may_erase() AND NEW.content IS NULL AND NEW.salt IS NULL "
            "AND NEW.event_id = OLD.event_id AND OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL) "
        )
    if kind == "rekey":
        rekeyed, removed = _only_rekeyed(guarded), _only_removed(guarded)
        erasure = f"WHEN NOT ((haven_may_rekey() AND {rekeyed}) OR (haven_may_correct() AND {removed})) "
    yield f"{PREFIX}keep_{table}_update", f'BEFORE UPDATE ON "{table}" {erasure}{refuse}'
    yield f"{PREFIX}keep_{table}_delete", f'BEFORE DELETE ON "{table}" {pruning}{refuse}'
    same = " OR ".join(
        "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in columns) + ")" for columns in guarded.keys
    )
    yield (
        f"{PREFIX}keep_{table}_replace",
        f'BEFORE INSERT ON "{table}" WHEN EXISTS (SELECT 1 FROM "{table}" WHERE {same}) {refuse}',  # noqa: S608
    )


def _net(guarded: Any) -> Iterable[tuple[str, str]]:
    """A line for each change of a row."""
    for operation in guarded.once:
        row = "OLD" if operation == "DELETE" else "NEW"
        yield (
            f"{PREFIX}net_{guarded.table}_{operation.lower()}",
            f'AFTER {operation} ON "{guarded.table}" BEGIN '  # noqa: S608  names of tables only
            "INSERT INTO audit_change (transaction_id, table_name, row_key, operation, context) VALUES "
            f"(haven_transaction(), '{guarded.table}', {row}.\"{guarded.plain[0]}\", '{operation}', haven_context()); END",
        )


def _only_set(guarded: Any) -> str:
    """That an UPDATE fills columns that were empty, or puts ciphertexts under a newer key, and changes nothing else."""
    once = [
        f'(NEW."{column}" IS OLD."{column}" OR OLD."{column}" IS NULL OR OLD."{column}" = \'\')'
        for column in guarded.once
    ]
    return " AND ".join([*_same_or_newer(guarded, may_fill=True), *once])


def _only_rekeyed(guarded: Any) -> str:
    """That an UPDATE puts newer ciphertexts in the place of older ones and changes nothing else.

    A ciphertext begins with its version (1 byte) and the epoch of its key (2 bytes), the mark of a row with the epoch.
    """
    return " AND ".join(_same_or_newer(guarded, may_fill=False))


def _only_removed(guarded: Any) -> str:
    """That an UPDATE puts the marker of a removal in the place of ciphertexts, and changes nothing else but the mark."""
    same = [f'NEW."{column}" IS OLD."{column}"' for column in guarded.plain]
    removed = [
        f'(NEW."{column}" IS OLD."{column}" OR (typeof(NEW."{column}") = \'blob\' AND OLD."{column}" IS NOT NULL '
        f'AND length(NEW."{column}") = {REMOVED_BYTES} AND substr(NEW."{column}", 1, 1) = x\'00\'))'
        for column in guarded.sealed
        if column != ROW_MARK
    ]
    return " AND ".join([*same, *removed])


def _same_or_newer(guarded: Any, *, may_fill: bool) -> list[str]:
    """One condition a column. ``may_fill``: a sealed column may also be filled that was NULL (a new column, a mark)."""
    same = [f'NEW."{column}" IS OLD."{column}"' for column in guarded.plain]
    filled = 'OR OLD."{0}" IS NULL ' if may_fill else ""
    newer = [
        f'(NEW."{column}" IS OLD."{column}" {filled.format(column)}OR (typeof(NEW."{column}") = \'blob\' '
        f'AND length(NEW."{column}") = length(OLD."{column}") '
        f'AND substr(NEW."{column}", 1, 1) = substr(OLD."{column}", 1, 1) '
        f'AND substr(NEW."{column}", 2, 2) > substr(OLD."{column}", 2, 2)))'
        for column in guarded.sealed
        if column != ROW_MARK
    ]
    if ROW_MARK in guarded.sealed:
        newer.append(
            f'(NEW."{ROW_MARK}" IS OLD."{ROW_MARK}" {filled.format(ROW_MARK)}OR (typeof(NEW."{ROW_MARK}") = \'blob\' '
            f'AND length(NEW."{ROW_MARK}") = length(OLD."{ROW_MARK}") '
            f'AND substr(NEW."{ROW_MARK}", 1, 2) >= substr(OLD."{ROW_MARK}", 1, 2)))'
        )
    return [*same, *newer]


def live(cursor: Any) -> dict[str, str]:
    """The triggers of ours that are there, by name."""
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'haven!_%' ESCAPE '!'")
    return dict(cursor.fetchall())


def foreign(cursor: Any, tables: Iterable[str]) -> list[str]:
    """What somebody else laid on these tables: a trigger that swallows rows is none of the manifest's, and no gap either."""
    cursor.execute(
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'haven!_%' ESCAPE '!' "
        "UNION SELECT name, tbl_name FROM sqlite_temp_master WHERE type IN ('trigger', 'table', 'view')"
    )
    watched = set(tables)
    return sorted(f"The trigger {name} on {table}" for name, table in cursor.fetchall() if table in watched)


def drop_statements(cursor: Any) -> list[str]:
    """The statements that take all of ours off."""
    return [f'DROP TRIGGER "{name}"' for name in live(cursor)]
