"""A database of its own in which tables are really remade; run as a process, because tests cannot commit."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, django
django.setup()
from django.core.management import call_command
from django.db import connection, models, DatabaseError
for alias in ("default", "keystore"):
    call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from audit import authorizer, clock, protection
from audit.context import audit_context
from audit.log import record
from audit.models import Event
from tests.audit.kept.models import Folder
found = {"before": protection.check_protection()}
with audit_context("test", "remaking"):
    folder = Folder.objects.create()
    record("CASE_CHANGED", actor=None, subject=folder)
def remake(model, name):
    old = model._meta.get_field(name)
    new = old.clone()
    new.max_length = 60
    new.set_attributes_from_name(name)
    new.model = model
    with authorizer.lifted(connection), connection.schema_editor() as editor:
        editor.alter_field(model, old, new)
def gone(table):
    return any(table in problem and "missing" in problem for problem in protection.check_protection())
for model, table in ((Folder, "kept_folder"), (Event, "audit_event")):
    protection.install()
    remake(model, "status" if model is Folder else "verb")
    found["lost by the remake of " + table] = gone(table)
emit_pre_migrate_signal(0, False, "default")
remake(Folder, "status")
remake(Event, "purpose")
emit_post_migrate_signal(0, False, "default")
found["after"] = protection.check_protection()
found["rows"] = Event.objects.count()
try:
    Event.objects.update(verb="X")
    found["update"] = "let through"
except DatabaseError:
    found["update"] = "refused"
print(json.dumps(found))
"""


def run_in_a_fresh_home(home: Path, program: str = PROGRAM) -> dict:
    """Run the program with a SQLite home of its own; what it printed last, as JSON."""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    environment |= {
        "HAVEN_TEST_HOME": str(home),
        "HAVEN_TEST_ENGINE": "sqlite",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
