"""One import in a process of its own: ``python -m benchmarks.importer SHEET NAMES``, started by the benchmark."""

import json
import sys
import time
from pathlib import Path

import django


def peak_mb() -> float:
    """The most memory this process had at once; getrusage() would count that of the process it was started by."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("This kernel does not say how much memory a process had.")


def main(sheet: str, names: str) -> None:
    """Import as the command of the server does it, into the databases of these names; tells in its last line."""
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  models exist only now
    from django.db import connections  # noqa: PLC0415

    for alias, name in json.loads(names).items():
        connections.settings[alias]["NAME"] = name
    before, start = peak_mb(), time.perf_counter()
    call_command("import_htcds", sheet, email="dana@example.org", reason="measuring")
    took = time.perf_counter() - start
    sys.stdout.write("\n" + json.dumps({"seconds": took, "before_mb": before, "peak_mb": peak_mb()}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
