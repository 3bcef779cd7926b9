"""A home with databases of its own, in which processes really commit, on the engine of the test run."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection

from tests import postgres

#: Every program begins so: the tests' settings, in databases that are this home's own.
BEGIN = """
import json, os, signal, sys, threading, time
import django
django.setup()
from django.db import connection, connections, transaction
for alias in connections:
    if os.environ.get("OWN_" + alias):
        connections[alias].settings_dict["NAME"] = os.environ["OWN_" + alias]
from django.core.management import call_command
"""
PREPARE = """
for alias in ("default", "keystore"):
    call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
print("{}")
"""
#: Seal what is left and look at everything, as the nightly verification and as an outsider would.
CHECK = """
from audit.models import Checkpoint, Event, Leaf
from audit.verify import verify_all
from tests.audit.sealing.scene import demand_whole, seal
last = seal(sweep=True)
report = verify_all()
print(json.dumps({"problems": report.problems + last.problems, "events": Event.objects.count(), "whole": demand_whole(),
                  "leaves": Leaf.objects.count(), "checkpoints": Checkpoint.objects.count(), "last": last.events}))
"""


class OwnHome:
    """Run programs in it; ``close`` drops what it made."""

    def __init__(self, place: Path) -> None:
        self.names: dict[str, str] = {}
        engine = connection.vendor
        if engine == "postgresql":
            self.names = {alias: f"seal_{secrets.token_hex(4)}" for alias in ("default", "keystore")}
            for name in self.names.values():
                postgres.create_database(name)
        self.environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        self.environment |= {f"OWN_{alias}": name for alias, name in self.names.items()}
        self.environment |= {
            "HAVEN_TEST_HOME": str(place),
            "HAVEN_TEST_ENGINE": engine,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        self.run(PREPARE)

    def start(self, program: str) -> "subprocess.Popen[str]":
        """A process that goes on by itself."""
        return subprocess.Popen(
            [sys.executable, "-c", BEGIN + program],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str) -> Any:
        """Run to the end; what it printed last, as JSON."""
        done = self.start(program)
        out, errors = done.communicate(timeout=120)
        assert done.returncode == 0, errors[-3000:]
        return json.loads(out.splitlines()[-1])

    def close(self) -> None:
        for name in self.names.values():
            postgres.drop_database(name)
