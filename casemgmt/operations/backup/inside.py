"""What runs inside the scratch home of a drill: settings, databases and files there are the restored ones."""

import json
from datetime import datetime
from typing import Any

from django.core.management import call_command

from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto import certificates, keyring
from casemgmt.crypto.errors import VaultError
from casemgmt.operations import root_key
from casemgmt.operations.backup.looking import Found, look_through
from casemgmt.operations.health import ALIASES, APP_OF, is_migration_waiting


def look(told: str, keys: int) -> dict[str, Any]:
    """Look through this home, and say what was found. ``told``: JSON with what must be true; ``keys``: the pipe."""
    wanted = json.loads(told)
    root_key.take_from_pipe(keys)
    try:
        keyring.health()
        signed_by = certificates.public_key()
    except VaultError as problem:
        return Found(problems=[f"The key store does not open: {problem}"]).told()
    for alias in reversed(ALIASES):
        if is_migration_waiting(alias):  # made before an update of Haven: what a restore would do, too
            call_command("migrate", *([APP_OF[alias]] if alias in APP_OF else []), database=alias, verbosity=0)
    found = look_through(wanted["counts"], datetime.fromisoformat(wanted["moment"]))
    if signed_by != wanted["signed_by"]:
        found.problems.append("The manifests were not signed by the installation whose keys the backup holds.")
    with audit_context("command", "A drill."):
        record(Verb.JOB_RUN, actor=None, detail={"job": "restore_drill"})  # the restored ledger can be written, too
    return found.told()
