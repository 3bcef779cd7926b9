"""An index whose filling is killed loses nothing, and the next one goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from uuid import NAMESPACE_URL, uuid5

import pytest


def run(home, *words, **options):
    environment = {**os.environ, "HAVEN_TEST_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment["HAVEN_FILL_DATABASE"] = f"fill_{uuid5(NAMESPACE_URL, str(home)).hex[:12]}"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cases.filling", *words],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        **options,
    )


def said(process):
    output, _nothing = process.communicate(timeout=300)
    assert process.returncode == 0
    return output.strip().splitlines()[-1]


@pytest.mark.deep
def test_kill_9_during_the_back_fill_loses_nothing(tmp_path):
    """A process of its own fills in small steps and is killed three times; another one goes on to the end."""
    assert said(run(tmp_path, "make", "60")) == "60"
    seen = []
    for _ in range(3):
        process = run(tmp_path, "fill", "slowly")
        for line in process.stdout:
            if re.fullmatch(r"\d+", line.strip()):
                seen.append(int(line))
                break
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert seen == sorted(seen) and 0 < seen[0] < seen[-1] < 60, seen
    assert said(run(tmp_path, "fill")) == "ready"
    assert said(run(tmp_path, "check")) == "same"
