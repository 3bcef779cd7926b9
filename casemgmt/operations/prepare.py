"""Getting an installation ready to serve: databases, static files, checks, and in the demo its people and cases."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection, transaction

from audit import clock
from audit.context import audit_context
from audit.log import record
from audit.protection import check_protection
from audit.rekeying import sealed_models
from audit.verbs import Verb
from casemgmt.crypto import rowmac
from casemgmt.crypto.sealing import has_mark
from casemgmt.operations import database_grants, root_key, row_security
from casemgmt.operations.database_roles import as_owner
from casemgmt.operations.errors import NotReady
from casemgmt.operations.health import ALIASES, APP_OF, database_state
from casemgmt.operations.models import Installation

Say = Callable[[str], None]


def prepare(say: Say) -> None:
    """Bring an installation up to date; on one that is, this takes a fraction of a second. Raises NotReady.

    The key store comes first, for the records cannot be sealed without it.
    """
    root_key.unlock()
    for alias in reversed(ALIASES):
        _migrate(alias, say)
    demand_same_kind()
    with as_owner("default"):
        call_command("createcachetable", verbosity=0)
        database_grants.give_after_migrate("default")
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    if not settings.HAVEN_DEMO:
        say("Collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0)
    demand_good_order(say)
    mark_rows(say)
    if settings.HAVEN_DEMO and not is_demo_complete():
        say("Making the demo: fictional people and their cases …")
        call_command("demo", verbosity=0)


def mark_rows(say: Say) -> None:
    """Give the rows of each table their mark, once in the life of a home. Records COLUMN_SEALED.

    Never again for the same table: whoever took a mark away must not have it made anew at the next start. May be stopped
    and goes on at the next start.
    """
    home = Installation.objects.first()
    if home is None:
        return
    marked = list(filter(has_mark, sealed_models()))
    if home.rows_marked_at is not None and not home.rows_marked:
        # A home of before the list was kept: a table in which any row has a mark was gone over.
        home.rows_marked = [model._meta.label for model in marked if rowmac.has_marks(model)]
        home.save(update_fields=["rows_marked"])
    for model in marked:
        if model._meta.label not in home.rows_marked:
            with audit_context("command", "Marking the rows that were written before their table had marks."):
                _mark_table(model, say)
            home.rows_marked = [*home.rows_marked, model._meta.label]
            home.save(update_fields=["rows_marked"])
    if home.rows_marked_at is None:
        home.rows_marked_at = clock.now()
        home.save(update_fields=["rows_marked_at"])


def _mark_table(model: Any, say: Say) -> None:
    count = 0
    batches = rowmac.mark_rows(model)
    while True:
        with transaction.atomic():  # each batch with its event: the net catches what has none
            done = next(batches, None)
            if done:
                record(Verb.COLUMN_SEALED, actor=None, detail={"kind": "row_mac", "count": done})
        if done is None:
            return
        count += done
        say(f"Marking rows: {count} of {model._meta.verbose_name_plural} …")


def demand_good_order(say: Say) -> None:
    """All migrations applied, the database's own guards in place, all system checks passed on both databases.

    Says what the checks warn of: a weaker choice is made with open eyes, at every start.
    """
    for alias in ALIASES:
        state = database_state(alias)
        if state != "ok":
            name = "The main database" if alias == "default" else "The key store"
            raise NotReady(f"{name} is not ready: {state}.")
    demand_same_kind()
    problems = check_protection()
    if problems:
        raise NotReady("The database's guards are not as they must be. " + " ".join(problems[:3]))
    if row_security.is_laid():
        problems = [*row_security.problems(), *row_security.role_problems(), *database_grants.problems()]
        if problems:
            raise NotReady("This database was hardened, and is not now (docs/hardening.md). " + " ".join(problems[:3]))
    found = checks.run_checks(include_deployment_checks=not settings.HAVEN_DEMO, databases=list(ALIASES))
    heard = [one for one in found if not one.is_silenced()]
    if any(one.is_serious() for one in heard):
        raise NotReady("\n".join(str(one) for one in heard if one.is_serious()))
    for one in heard:
        if str(one.id).startswith("haven."):
            say(f"Warning: {one.msg} {one.hint or ''}".rstrip())


def demand_same_kind() -> None:
    """A database keeps for ever what it was made for: the demo, or real work."""
    installation, _new = Installation.objects.get_or_create(pk=1, defaults={"is_demo": settings.HAVEN_DEMO})
    if installation.is_demo and not settings.HAVEN_DEMO:
        raise NotReady("This database holds demo data, so it never becomes a place of real work. Use an empty one.")
    if settings.HAVEN_DEMO and not installation.is_demo:
        raise NotReady("This database is in real use, so it never becomes a demo. Use an empty one.")


def is_demo_complete() -> bool:
    """Whether the demo's people and cases are all there."""
    return Installation.objects.filter(is_demo=True, demo_completed_at__isnull=False).exists()


def _migrate(alias: str, say: Say) -> None:
    """Apply what is waiting. A database where nothing is keeps its guards: a migration takes them off for a moment."""
    try:
        state = database_state(alias)
        if state == "unreachable" and connection.settings_dict["ENGINE"].endswith("sqlite3"):
            state = "migrations waiting"  # the file is made by the first migration
        if state == "unreachable":
            raise NotReady(f"The database “{alias}” does not answer. Is its address right, and is it running?")
        if state == "ok":
            return
        say("Preparing the key store …" if alias == "keystore" else "Preparing the database …")
        apps = [APP_OF[alias]] if alias in APP_OF else []
        with as_owner(alias):
            call_command("migrate", *apps, database=alias, interactive=False, verbosity=0)
    except (DatabaseError, InterfaceError) as error:
        raise NotReady(f"The database “{alias}” could not be prepared ({type(error).__name__}).") from error
    if alias == "default":
        with audit_context("command", "Preparing the installation."):
            record(Verb.MIGRATION_RUN, actor=None, detail={"engine": connection.vendor})
