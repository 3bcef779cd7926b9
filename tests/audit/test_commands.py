"""``manage.py audit_verify``, and a process that is killed in the middle of its writing."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TestCase

from audit import protection
from audit.context import audit_context
from audit.log import record
from audit.models import Event, Stream
from audit.verbs import Verb

from .kept.models import Folder
from .remake import run_in_a_fresh_home


class VerifyCommandTests(TestCase):
    databases = {"default", "keystore"}

    def test_a_whole_ledger(self) -> None:
        with audit_context("test", "testing"):
            folder = Folder.objects.create()
            record(Verb.CASE_CHANGED, actor=None, subject=folder)
        whole = f"{Event.objects.count()} events in {Stream.objects.count()} streams and "
        out = StringIO()
        call_command("audit_verify", stdout=out)
        self.assertIn(whole, out.getvalue())
        self.assertIn(" history rows are whole", out.getvalue())
        asked = Event.objects.latest("pk")
        self.assertEqual((asked.verb, asked.outcome), ("LEDGER_VERIFIED", "OK"))

    def test_an_altered_history_row_is_found(self) -> None:
        with audit_context("test", "testing"):
            record(Verb.CASE_CHANGED, actor=None, subject=Folder.objects.create())
        connection.check_constraints()  # PostgreSQL alters no table that waits for a deferred check
        protection.remove()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE kept_historicalfolder SET status = 'ODD'")
        protection.install()
        errors = StringIO()
        with self.assertRaises(CommandError):
            call_command("audit_verify", stderr=errors)
        self.assertIn("was altered", errors.getvalue())
        self.assertEqual(Event.objects.filter(verb=Verb.LEDGER_VERIFIED).latest("pk").outcome, "FAILED")


PREPARE = """
import django; django.setup()
from django.core.management import call_command
for alias in ("default", "keystore"):
    call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
print("{}")
"""
WRITE = """
import django, threading, itertools; django.setup()
from audit import clock
from audit.context import audit_context
from audit.action import action
from audit.log import record
from tests.audit.kept.models import Folder
@action
def write(*, actor, now):
    folder = Folder(); folder.save()
    record("CASE_CHANGED", actor=actor, subject=folder)
    return folder
def run():
    with audit_context("job", "writing until killed"):
        for number in itertools.count():
            write(actor=None, now=clock.now())
            print(number, flush=True)
threads = [threading.Thread(target=run) for _ in range(2)]
[thread.start() for thread in threads]
"""
COUNT = """
import django, json; django.setup()
from audit.verify import verify_all
from audit.models import Event
from tests.audit.kept.models import Folder
report = verify_all()
print(json.dumps({"problems": report.problems, "events": report.events, "folders": Folder.objects.count(),
                  "streams": report.streams}))
"""


def test_killed_processes_leave_no_gap(tmp_path) -> None:
    """Acknowledged writes are there, act and event are there together, and every stream is whole."""
    run_in_a_fresh_home(tmp_path, PREPARE)
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    environment |= {
        "HAVEN_TEST_HOME": str(tmp_path),
        "HAVEN_TEST_ENGINE": "sqlite",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    acknowledged = 0
    for _ in range(2):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        deadline = time.monotonic() + 30
        seen = 0
        for _line in writer.stdout:
            seen += 1
            if seen >= 25 or time.monotonic() > deadline:
                break
        os.kill(writer.pid, signal.SIGKILL)
        seen += len(writer.stdout.read().split())
        writer.wait()
        acknowledged += seen
    found = run_in_a_fresh_home(tmp_path, COUNT)
    assert found["problems"] == []
    assert found["events"] == found["folders"] >= acknowledged >= 50
    assert 2 <= found["streams"] <= 4


SEND_TWICE = """
import django, json, threading, uuid; django.setup()
from audit import clock
from audit.context import audit_context
from audit.action import action
from audit.log import record
from audit.models import Event, FormReceipt
from tests.audit.kept.models import Folder
@action
def write(*, actor, now):
    folder = Folder(); folder.save()
    record("CASE_CHANGED", actor=actor, subject=folder)
    return folder
key, both, results = uuid.uuid4(), threading.Barrier(4), []
def run():
    with audit_context("job", "sending one form four times"):
        both.wait()
        results.append(write(actor=None, now=clock.now(), form_key=key).uid)
threads = [threading.Thread(target=run) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({"folders": Folder.objects.count(), "events": Event.objects.count(), "answers": len(results),
                  "different": len(set(results)), "receipts": FormReceipt.objects.count()}))
"""


def test_a_form_sent_four_times_at_once_makes_one_record(tmp_path) -> None:
    """Four connections, one key: one does it, three get its result."""
    run_in_a_fresh_home(tmp_path, PREPARE)
    found = run_in_a_fresh_home(tmp_path, SEND_TWICE)
    assert found == {"folders": 1, "events": 1, "answers": 4, "different": 1, "receipts": 1}
