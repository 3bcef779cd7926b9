"""The second wall: on PostgreSQL the database itself refuses rows of cases that the reader does not hold.

Policies lie on every table with sealed sections, live and in the history. They read who asks from two settings of the
transaction (``casemgmt.access.session``) and look the answer up in views, which belong to the owner of the tables
and are therefore bound by no policy. They do so through three functions, because a function's plan is kept by the
connection: with the views in the policies themselves every statement was planned with the whole rule in it, again and
again, which took longer than the page. The rule is coarser than the door's: a row is admitted with the card of its case,
or with its matter; which section may be opened is the door's and the vault's to say. Owner and superusers are not
bound, so the application signs in with a role of its own (``manage.py harden_database``).
"""

# ruff: noqa: S608  statements of the database's own making, put together from names of our tables; no value from outside

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from audit.history import history_model_of
from audit.rekeying import sealed_models
from casemgmt.access.permissions import permission_id
from casemgmt.access.sections import READ_CARD, READ_MATTER
from casemgmt.access.session import HOUSE_SETTING, SETTING, forget
from cases.models import Case, Matter, Proceeding, Wall
from cases.models.callers import HouseRecord

ROOMS = ("accounts", "cases", "services")
READ, WRITE = "haven_read", "haven_write"
#: The rule itself reads these, and a policy that asks its own table never ends.
ASKED_BY_THE_RULE = frozenset({"cases.wall"})
#: The clocks of the application and of the database may differ by this much: what begins now, is there now.
SKEW = "interval '10 seconds'"

_NOW = "statement_timestamp()"
_BEGUN = f"valid_from <= {_NOW} + {SKEW} AND {{0}}.expires_at > {_NOW}"
_READER = "(SELECT id FROM haven_reader)"
_TEAMS = "(SELECT group_id FROM haven_held_teams)"


@dataclass(frozen=True)
class Guarded:
    """One table, and the condition under which one of its rows may be read."""

    table: str
    condition: str


def _walled(case_column: str) -> str:
    """Whether a wall stands between the reader and this case."""
    against = [
        f"w.person_id = {_READER}",
        "w.team_id IN (SELECT team_id FROM haven_held_teams)",
    ]
    if any(column.name == "organisation" for column in Wall._meta.concrete_fields):
        against.append("w.organisation_id = (SELECT organisation_id FROM haven_reader)")
    return (
        f"EXISTS (SELECT 1 FROM cases_wall w WHERE w.case_id = {case_column} AND w.placed_at <= {_NOW} "
        f"AND w.lifted_at > {_NOW} AND ({' OR '.join(against)}))"
    )


def views() -> dict[str, str]:
    """The reader, her teams, and the cases and matters that she or they hold: name → query, in the order of their making."""
    # As numbers: looking them up would be a fifth of what a row costs.
    card, matter = permission_id("cases", "case", READ_CARD), permission_id("cases", "matter", READ_MATTER)
    begun = _BEGUN.format("p")
    return {
        "haven_reader": (
            "SELECT u.id, u.uid, u.organisation_id FROM accounts_user u "
            f"WHERE u.is_active AND u.uid = NULLIF(current_setting('{SETTING}', true), '')::uuid"
        ),
        "haven_held_reader": (
            "SELECT u.id, u.uid, u.organisation_id, o.uid AS organisation_uid FROM haven_reader u "
            "JOIN accounts_organisation o ON o.id = u.organisation_id"
        ),
        "haven_held_teams": (
            "SELECT t.id AS team_id, t.group_id FROM accounts_membership m JOIN accounts_team t ON t.id = m.team_id "
            f"WHERE m.user_id = {_READER} AND m.status = 'ACCEPTED' AND m.starts_at <= {_NOW} + {SKEW} "
            f"AND (m.ends_at IS NULL OR m.ends_at > {_NOW}) "
            "UNION ALL SELECT r.team_id, r.group_id FROM accounts_shift s JOIN accounts_rota r ON r.id = s.rota_id "
            f"WHERE s.user_id = {_READER} AND s.starts_at <= {_NOW} + {SKEW} AND s.ends_at > {_NOW}"
        ),
        "haven_own_cases": (
            "SELECT p.content_object_id AS case_id FROM cases_caseuserpermission p "
            f"WHERE p.user_id = {_READER} AND p.permission_id = {card} AND p.{begun} "
            f"AND NOT {_walled('p.content_object_id')} "
        ),
        "haven_team_cases": (
            "SELECT p.content_object_id AS case_id FROM cases_casegrouppermission p "
            "JOIN cases_case c ON c.id = p.content_object_id AND NOT c.is_restricted "
            f"WHERE p.group_id IN {_TEAMS} AND p.permission_id = {card} AND p.{begun} "
            f"AND NOT {_walled('p.content_object_id')}"
        ),
        "haven_own_matters": (
            "SELECT m.id AS matter_id, m.case_id FROM cases_matteruserpermission p "
            "JOIN cases_matter m ON m.id = p.content_object_id "
            f"WHERE p.user_id = {_READER} AND p.permission_id = {matter} AND p.{begun} AND NOT {_walled('m.case_id')}"
        ),
        "haven_team_matters": (
            "SELECT m.id AS matter_id, m.case_id FROM cases_mattergrouppermission p "
            "JOIN cases_matter m ON m.id = p.content_object_id "
            "JOIN cases_case c ON c.id = m.case_id AND NOT c.is_restricted "
            f"WHERE p.group_id IN {_TEAMS} AND p.permission_id = {matter} AND p.{begun} AND NOT {_walled('m.case_id')}"
        ),
    }


_IN_HOUSE = f"(SELECT coalesce(current_setting('{HOUSE_SETTING}', true), '') = 'on')"


def functions(schema: str) -> dict[str, str]:
    """Whether the reader holds one card, one matter, or anything of a case: name → body. NULL is held by nobody."""

    def one_of(*places: tuple[str, str]) -> str:
        # One question after the other: what one does not need to ask is not even made ready.
        asked = (f'IF EXISTS (SELECT 1 FROM "{schema}".{view} h WHERE h.{key} = asked) THEN RETURN true; END IF;'
                 for view, key in places)  # fmt: skip
        return f"BEGIN {' '.join(asked)} RETURN false; END"

    cards = (("haven_own_cases", "case_id"), ("haven_team_cases", "case_id"))
    return {
        "haven_holds_card": one_of(*cards),
        "haven_holds_matter": one_of(("haven_own_matters", "matter_id"), ("haven_team_matters", "matter_id")),
        "haven_holds_case": one_of(*cards, ("haven_own_matters", "case_id"), ("haven_team_matters", "case_id")),
    }


def guarded_tables() -> list[Guarded]:
    """Every table with sealed sections and its condition, from the models themselves."""
    found = {}
    for model in sealed_models():
        if model._meta.app_label not in ROOMS or model._meta.label_lower in ASKED_BY_THE_RULE:
            continue
        for one in (model, *_versions_of(model)):
            found[one._meta.db_table] = Guarded(one._meta.db_table, f"{_IN_HOUSE} OR {_condition(model, one)}")
    return [found[name] for name in sorted(found)]


def _versions_of(model: type[models.Model]) -> Iterable[type[models.Model]]:
    return [history_model_of(model)] if hasattr(model._meta, "simple_history_manager_attribute") else []


def _condition(model: type[models.Model], table_of: type[models.Model]) -> str:
    """When the reader holds a row: by its case, by its matter, or because it is sealed for herself or her organisation."""
    table = f'"{table_of._meta.db_table}"'
    columns = {str(column.column) for column in table_of._meta.concrete_fields}
    if model is Case:
        return f"haven_holds_case({table}.id)"
    if issubclass(model, (HouseRecord, Proceeding)):
        own = f"{table}.organisation_id = h.organisation_id"
        return f"COALESCE((SELECT true FROM haven_held_reader h WHERE {own} LIMIT 1), false)"
    if "case_id" not in columns or _is_ones_own(model):
        own = f"{table}.case_uid IN (h.uid, h.organisation_uid)"
        return f"COALESCE((SELECT true FROM haven_held_reader h WHERE {own} LIMIT 1), false)"
    by_case = f"haven_holds_card({table}.case_id)"
    matter = "id" if model is Matter else "matter_id" if "matter_id" in columns else ""
    if not matter:
        return by_case
    return f"{by_case} OR haven_holds_matter({table}.{matter})"


def _is_ones_own(model: type[models.Model]) -> bool:
    """Whether rows are sealed for a person though they may name a case: a row of a sheet, and the case it became."""
    return model._meta.get_field("case").null


# ---- laying the policies, and taking them off ----


def is_laid(alias: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether this database was hardened: a table that was stays closed even where its policies are gone."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass('cases_case')")
        row = cursor.fetchone()
    return bool(row and row[0])


def remove(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Take policies and views off, for a migration: the tables stay closed to everybody but their owner."""
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema() AND policyname IN (%s, %s)",
            [READ, WRITE],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'DROP POLICY {name} ON "{table}"')
        for name in functions(""):
            cursor.execute(f"DROP FUNCTION IF EXISTS {name}(bigint)")
        # Also those that an earlier release laid: a view keeps its columns from being changed.
        cursor.execute(
            "SELECT string_agg(quote_ident(viewname), ', ') FROM pg_views "
            "WHERE schemaname = current_schema() AND viewname LIKE 'haven\\_%'"
        )
        (names,) = cursor.fetchone()
        if names:
            cursor.execute(f"DROP VIEW {names}")


def lay(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Lay views and policies anew, on every table with sealed sections, in one transaction. For their owner."""
    connection = connections[alias]
    with transaction.atomic(using=alias):
        remove(alias)
        existing = set(connection.introspection.table_names())
        with connection.cursor() as cursor:
            for name, query in views().items():
                cursor.execute(f"CREATE VIEW {name} AS {query}")
                cursor.execute(f"COMMENT ON VIEW {name} IS '{_mark(query, _live_view(cursor, name))}'")
            for name, body in functions(_schema(cursor)).items():
                cursor.execute(
                    f"CREATE FUNCTION {name}(asked bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ {body} $$"
                )
                cursor.execute(f"COMMENT ON FUNCTION {name}(bigint) IS '{_mark(body, _live_function(cursor, name))}'")
            guards = [guarded for guarded in guarded_tables() if guarded.table in existing]
            for guarded in guards:
                table = f'"{guarded.table}"'
                cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
                cursor.execute(f"CREATE POLICY {READ} ON {table} FOR SELECT USING ({guarded.condition})")
                cursor.execute(f"CREATE POLICY {WRITE} ON {table} USING ({_IN_HOUSE}) WITH CHECK ({_IN_HOUSE})")
            live = _live_policies(cursor)
            for guarded in guards:
                for name, condition in ((READ, guarded.condition), (WRITE, _IN_HOUSE)):
                    mark = _mark(condition, live[guarded.table, name][0])
                    cursor.execute(f"COMMENT ON POLICY {name} ON \"{guarded.table}\" IS '{mark}'")
    forget(connection)


def _mark(wanted: str, live: str) -> str:
    """What was asked for and what PostgreSQL made of it, in one word: a later change of either is seen."""
    return sha256(f"{wanted}\n{live}".encode()).hexdigest()


def _live_view(cursor: Any, name: str) -> str:
    cursor.execute("SELECT pg_get_viewdef(to_regclass(%s))", [name])
    return str(cursor.fetchone()[0])


def _live_function(cursor: Any, name: str) -> str:
    """The whole text of a function, with its language and how it may be used; empty where there is none."""
    cursor.execute("SELECT coalesce(pg_get_functiondef(to_regprocedure(%s)), '')", [f"{name}(bigint)"])
    return str(cursor.fetchone()[0])


def _schema(cursor: Any) -> str:
    cursor.execute("SELECT current_schema()")
    return str(cursor.fetchone()[0])


def _live_policies(cursor: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """(table, policy) → (what it says, its mark)."""
    cursor.execute(
        "SELECT c.relname, p.polname, concat_ws('|', p.polcmd, p.polpermissive, p.polroles::text, "
        "pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), "
        "coalesce(obj_description(p.oid, 'pg_policy'), '') FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()"
    )
    return {(table, name): (live, mark) for table, name, live, mark in cursor.fetchall()}


def problems(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """What is missing, foreign or altered, one sentence each; empty where the second wall stands as it must."""
    connection = connections[alias]
    guards = guarded_tables()
    with connection.cursor() as cursor:
        live = _live_policies(cursor)
        cursor.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND relrowsecurity"
        )
        closed = {name for (name,) in cursor.fetchall()}
        found = [f"{one.table} has no row-level security." for one in guards if one.table not in closed]
        for one in guards:
            for name, condition in ((READ, one.condition), (WRITE, _IN_HOUSE)):
                said, mark = live.pop((one.table, name), ("", ""))
                if mark != _mark(condition, said):
                    found.append(f"The policy {name} of {one.table} is not as it must be.")
        found += [f"The policy {name} of {table} is not ours." for table, name in sorted(live)]
        for name, query in views().items():
            cursor.execute("SELECT coalesce(obj_description(to_regclass(%s)), '')", [name])
            mark = cursor.fetchone()[0]
            if not mark or mark != _mark(query, _live_view(cursor, name)):
                found.append(f"The view {name} is not as it must be.")
        for name, body in functions(_schema(cursor)).items():
            cursor.execute("SELECT coalesce(obj_description(to_regprocedure(%s), 'pg_proc'), '')", [f"{name}(bigint)"])
            mark = cursor.fetchone()[0]
            if not mark or mark != _mark(body, _live_function(cursor, name)):
                found.append(f"The function {name} is not as it must be.")
    return found


def role_problems(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Why policies would not bind the role that this connection signs in with; empty where they do."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        is_super, bypasses = cursor.fetchone()
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('cases_case')"
        )
        row = cursor.fetchone()
    found = ["The application signs in as a superuser of the database."] if is_super else []
    found += ["The application's role may bypass row-level security."] if bypasses else []
    if row and row[0] and not is_super:
        found.append("The application signs in as the owner of the tables.")
    return found


def drop_before_migrate(using: str, **_arguments: Any) -> None:
    """Before a migration of a hardened database: a view would keep its columns from being changed."""
    if using == DEFAULT_DB_ALIAS and is_laid(using):
        remove(using)


def lay_after_migrate(using: str, **_arguments: Any) -> None:
    """After the last app of a migration: a database that was hardened is, with its new tables."""
    if using == DEFAULT_DB_ALIAS and is_laid(using):
        lay(using)
