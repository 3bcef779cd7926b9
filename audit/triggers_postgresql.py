"""The guards in PostgreSQL's words. Enabled ALWAYS, so that they fire under ``session_replication_role`` too."""

import re
from collections.abc import Iterable
from typing import Any

from casemgmt.crypto.sealed import REMOVED_BYTES
from casemgmt.crypto.sealing import ROW_MARK

PREFIX = "haven_"

#: One setting of the transaction: "who accounts for it|the named path that is open".
SETTING = "haven.context"

_REFUSE = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
_SIGNED = "what was signed is not changed"
_REFUSE_SIGNED = f"RAISE EXCEPTION '%: {_SIGNED}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
_SAID = f"split_part(coalesce(current_setting('{SETTING}', true), ''), '|', %d)"

# A ciphertext begins with its version (1 byte) and its key's epoch (2 bytes), which jsonb shows after a backslash and an x,
# two letters a byte; the mark of a row begins with the epoch. Here ``one`` is the column, ``a`` was and ``b`` becomes.
_NOT_NEWER = (
    "a IS DISTINCT FROM b AND (a IS NULL OR b IS NULL OR length(a) <> length(b) "
    f"OR CASE WHEN one = '{ROW_MARK}' "
    """THEN substr(b, 3, 4) COLLATE "C" < substr(a, 3, 4) COLLATE "C" """
    "ELSE substr(a, 1, 4) <> substr(b, 1, 4) "
    """OR substr(b, 5, 4) COLLATE "C" <= substr(a, 5, 4) COLLATE "C" END)"""
)

#: The same names: that b is neither a nor the marker of a removal in its place (``crypto.sealed.Removed``).
_NOT_REMOVED = (
    "(a IS DISTINCT FROM b AND (a IS NULL OR b IS NULL "
    f"OR length(b) <> {2 + 2 * REMOVED_BYTES} OR substr(b, 3, 2) <> '00'))"
)

#: What PostgreSQL says of a trigger: before or after what; and how, after the name of its table.
_LAID = re.compile(r" ((?:BEFORE|AFTER) .+?) ON \S+ ((?:REFERENCING .*?)?FOR EACH .*)$")

FUNCTIONS: dict[str, str] = {
    "haven_keep": f"BEGIN {_REFUSE} END",
    "haven_erase": (
        f"BEGIN IF {_SAID % 2} = 'erase' AND NEW.content IS NULL AND NEW.salt IS NULL "
        "AND NEW.event_id = OLD.event_id AND OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL "
        f"THEN RETURN NEW; END IF; {_REFUSE} END"
    ),
    # Its argument is the column that names the event.
    "haven_prune": (
        f"BEGIN IF {_SAID % 2} = 'prune' AND EXISTS (SELECT 1 FROM audit_prunedevent p "  # noqa: S608  constants
        "JOIN audit_leaf l ON l.position = p.position AND l.event_id = p.event_id "
        f"WHERE p.event_id = (to_jsonb(OLD)->>TG_ARGV[0])::bigint) THEN RETURN OLD; END IF; {_REFUSE} END"
    ),
    # Its argument is the path.
    "haven_path": f"BEGIN IF {_SAID % 2} = TG_ARGV[0] THEN RETURN NULL; END IF; {_REFUSE} END",
    # Its arguments are the sealed columns.
    "haven_rekey": (
        "DECLARE was jsonb := to_jsonb(OLD); becomes jsonb := to_jsonb(NEW); one text; a text; b text; "
        f"BEGIN IF {_SAID % 2} NOT IN ('rekey', 'correct') OR was - TG_ARGV::text[] <> becomes - TG_ARGV::text[] "
        f"THEN {_REFUSE} END IF; "
        "FOREACH one IN ARRAY TG_ARGV::text[] LOOP a := was->>one; b := becomes->>one; "
        f"IF {_SAID % 2} = 'correct' THEN IF one <> '{ROW_MARK}' AND {_NOT_REMOVED} THEN {_REFUSE} END IF; "
        f"ELSIF {_NOT_NEWER} THEN {_REFUSE} END IF; END LOOP; RETURN NEW; END"
    ),
    # Its arguments are the columns that may be set once, a bar, and the sealed columns.
    "haven_signed": (
        "DECLARE was jsonb; becomes jsonb; one text; a text; b text; is_sealed boolean := false; "
        f"BEGIN IF TG_OP = 'DELETE' THEN {_REFUSE_SIGNED} END IF; was := to_jsonb(OLD); becomes := to_jsonb(NEW); "
        f"IF was - TG_ARGV::text[] <> becomes - TG_ARGV::text[] THEN {_REFUSE_SIGNED} END IF; "
        "FOREACH one IN ARRAY TG_ARGV::text[] LOOP IF one = '|' THEN is_sealed := true; CONTINUE; END IF; "
        "a := was->>one; b := becomes->>one; "
        f"IF is_sealed THEN IF a IS NOT NULL AND ({_NOT_NEWER}) THEN {_REFUSE_SIGNED} END IF; "
        f"ELSIF a IS DISTINCT FROM b AND coalesce(a, '') <> '' THEN {_REFUSE_SIGNED} END IF; "
        "END LOOP; RETURN NEW; END"
    ),
    "haven_lines": (
        "BEGIN IF TG_OP = 'INSERT' THEN IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION '% is written by the net alone', "
        "TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END IF; "
        f"IF TG_OP = 'DELETE' AND {_SAID % 2} = 'tidy' THEN RETURN OLD; END IF; {_REFUSE} END"
    ),
    "haven_account": (
        f"BEGIN IF {_SAID % 1} = '' THEN RAISE EXCEPTION '%: a write that nobody accounts for', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END"
    ),
}


def _functions(guards: Iterable[Any]) -> dict[str, str]:
    """The body of each function by its name; of what is kept apart each table has its own, of the net each name of a key."""
    guards = list(guards)
    nets = {f"haven_net_{one.plain[0]}": _net(one.plain[0]) for one in guards if one.guard.value == "net"}
    return FUNCTIONS | nets | {f"haven_apart_{one.table}": _apart(one.rule) for one in guards if one.rule is not None}


def _net(key: str) -> str:
    """A line for each row that a statement changed, with the number of the transaction and the moment it began."""
    return (
        "BEGIN INSERT INTO audit_change (transaction_id, table_name, row_key, operation, context) "  # noqa: S608
        "SELECT pg_current_xact_id()::text || '@' || extract(epoch FROM transaction_timestamp())::text, TG_TABLE_NAME, "
        f'"{key}"::text, TG_OP, {_SAID % 1} FROM haven_rows; RETURN NULL; END'
    )


def _apart(rule: Any) -> str:
    """The row of the person is locked first: whoever gives her the other half at this moment waits, and is seen, or sees us.

    A key share, as a foreign key takes it, does not hold up those who give her something of the same kind.
    """
    strength = "UPDATE" if rule.is_about_people else "KEY SHARE"
    return (
        f"BEGIN IF TG_OP = 'UPDATE' THEN IF NOT ({rule.widened}) THEN RETURN NEW; END IF; END IF; "
        f'PERFORM 1 FROM "{rule.people}" WHERE id = NEW.user_id FOR {strength}; '
        f"IF {rule.conflict} THEN RAISE EXCEPTION '{rule.words}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END"
    )


def _triggers(guarded: Any) -> Iterable[tuple[str, str, str]]:
    """Name, events and function of each trigger of one guard, in the order in which PostgreSQL writes them."""
    kind = guarded.guard.value
    if kind == "net":
        for operation in guarded.once:
            rows = "OLD" if operation == "DELETE" else "NEW"
            yield (
                f"haven_net_{operation.lower()}",
                f"AFTER {operation}",
                f"REFERENCING {rows} TABLE AS haven_rows FOR EACH STATEMENT EXECUTE FUNCTION "
                f"haven_net_{guarded.plain[0]}()",
            )
        return
    for name, events, rest in _guards(guarded, kind):
        yield name, f"BEFORE {events}", f"FOR EACH {rest}"


def _guards(guarded: Any, kind: str) -> Iterable[tuple[str, str, str]]:
    """The same for the guards that refuse: name, events, function."""
    if kind == "lines":
        yield "haven_lines_change", "DELETE OR UPDATE", "ROW EXECUTE FUNCTION haven_lines()"
        yield "haven_lines_insert", "INSERT", "STATEMENT EXECUTE FUNCTION haven_lines()"
        yield "haven_lines_truncate", "TRUNCATE", "STATEMENT EXECUTE FUNCTION haven_keep()"
        return
    if kind == "context":
        yield "haven_context", "INSERT OR DELETE OR UPDATE OR TRUNCATE", "STATEMENT EXECUTE FUNCTION haven_account()"
        return
    if kind == "apart":
        yield "haven_apart", "INSERT OR UPDATE", f"ROW EXECUTE FUNCTION haven_apart_{guarded.table}()"
        return
    if kind == "signed":
        columns = ", ".join(f"'{column}'" for column in (*guarded.once, "|", *guarded.sealed))
        yield "haven_signed", "DELETE OR UPDATE", f"ROW EXECUTE FUNCTION haven_signed({columns})"
        return
    if guarded.path:
        yield "haven_path", "INSERT", f"STATEMENT EXECUTE FUNCTION haven_path('{guarded.path}')"
    if guarded.prunes:
        yield "haven_prune", "DELETE", f"ROW EXECUTE FUNCTION haven_prune('{guarded.prunes}')"
    if kind == "erase":
        yield "haven_erase_update", "UPDATE", "ROW EXECUTE FUNCTION haven_erase()"
    elif kind == "rekey":
        columns = ", ".join(f"'{column}'" for column in guarded.sealed)
        yield "haven_rekey_update", "UPDATE", f"ROW EXECUTE FUNCTION haven_rekey({columns})"
        yield "haven_keep_delete", "DELETE", "ROW EXECUTE FUNCTION haven_keep()"
    else:
        yield "haven_keep", "UPDATE" if guarded.prunes else "DELETE OR UPDATE", "ROW EXECUTE FUNCTION haven_keep()"
    yield "haven_keep_truncate", "TRUNCATE", "STATEMENT EXECUTE FUNCTION haven_keep()"


def create_statements(guards: Iterable[Any]) -> list[str]:
    """The statements that lay these guards."""
    guards = list(guards)
    statements = [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
        for name, body in _functions(guards).items()
    ]
    for guarded in guards:
        for name, events, rest in _triggers(guarded):
            statements.append(f'CREATE TRIGGER {name} {events} ON "{guarded.table}" {rest}')
            statements.append(f'ALTER TABLE "{guarded.table}" ENABLE ALWAYS TRIGGER {name}')
    return statements


def expected(guards: Iterable[Any]) -> dict[str, str]:
    """Each trigger by table and name, and each function by its name."""
    guards = list(guards)
    found = {
        f"{guarded.table}.{name}": f"A {events} {rest}"
        for guarded in guards
        for name, events, rest in _triggers(guarded)
    }
    return found | {f"{name}()": body for name, body in _functions(guards).items()}


def live(cursor: Any) -> dict[str, str]:
    """The triggers and functions of ours that are there, in the same words."""
    found: dict[str, str] = {}
    cursor.execute(
        "SELECT c.relname, t.tgname, t.tgenabled::text, pg_get_triggerdef(t.oid) FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND t.tgname LIKE 'haven!_%' ESCAPE '!' AND n.nspname = current_schema()"
    )
    for table, name, enabled, definition in cursor.fetchall():
        events, rest = _LAID.search(definition).groups()  # type: ignore[union-attr]
        found[f"{table}.{name}"] = f"{enabled} {events} {rest}"
    cursor.execute(
        "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = current_schema() AND p.proname LIKE 'haven!_%' ESCAPE '!' "
        "AND p.prorettype = 'trigger'::regtype"  # the policies of a hardened database have functions of their own
    )
    return found | {f"{name}()": body for name, body in cursor.fetchall()}


def foreign(cursor: Any, tables: Iterable[str]) -> list[str]:
    """What somebody else laid on these tables: triggers, and rules, which rewrite a statement before any trigger sees it."""
    cursor.execute(
        "SELECT 'trigger', t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND t.tgname NOT LIKE 'haven!_%%' ESCAPE '!' AND n.nspname = current_schema() "
        "AND c.relname = ANY(%s) UNION SELECT 'rule', r.rulename, r.tablename FROM pg_rules r "
        "WHERE r.schemaname = current_schema() AND r.tablename = ANY(%s) ORDER BY 2, 3",
        [list(tables)] * 2,
    )
    return [f"The {kind} {name} on {table}" for kind, name, table in cursor.fetchall()]


def drop_statements(cursor: Any) -> list[str]:
    """The statements that take all triggers of ours off; the functions stay and are replaced."""
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND t.tgname LIKE 'haven!_%' ESCAPE '!' AND n.nspname = current_schema()"
    )
    return [f'DROP TRIGGER {name} ON "{table}"' for table, name in cursor.fetchall()]


def tell(connection: Any, wanted: str, *, local: bool) -> None:
    """Set the setting that the functions read, for the transaction or (outside one) for the statement to come."""
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, %s)", [SETTING, wanted, local])
