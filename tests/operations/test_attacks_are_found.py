"""Each attack of ``test_attacks_signing_in`` finds the hole it looks for: the same tests, against a server that has it."""

import os
import re
import subprocess
import sys

import pytest

from tests.served import ROOT

pytestmark = [pytest.mark.once, pytest.mark.deep]

#: What is taken from the server, and which attacks must succeed then.
WEAKNESSES = {
    "enumeration": "test_a_known_and_an_unknown_address_read_the_same",
    "fixation": "test_a_planted_session_is_not_the_one_that_is_signed_in",
    "guessing": "test_the_sixth_wrong_password_is_not_even_looked_at_from_anywhere",
    "forged forms": "test_a_form_without_its_token_or_of_another_site_does_nothing",
    "redirects": "test_nobody_is_sent_elsewhere",
    "framing": "test_no_page_can_be_framed_or_sniffed",
}


@pytest.mark.parametrize(("weakness", "attack"), WEAKNESSES.items(), ids=WEAKNESSES)
def test_an_attack_succeeds_where_its_protection_is_missing(weakness: str, attack: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "-k", attack, "tests/operations/test_attacks_signing_in.py"],
        cwd=ROOT, env={**os.environ, "HAVEN_WEAKNESS": weakness}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    failed = re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.MULTILINE)
    assert failed and set(failed) == {attack}, done.stdout[-3000:]
    assert "ERROR" not in done.stdout, done.stdout[-3000:]
