"""The map of controls and the page for auditors name what is there: each file, each verb, each command and setting of theirs."""

import re
from pathlib import Path

import pytest

from audit.verbs import Verb

ROOT = Path(__file__).resolve().parents[2]
CONTROLS, AUDIT = ROOT / "docs" / "controls.md", ROOT / "docs" / "audit.md"
#: A path of this repository between backticks.
_PATH = re.compile(r"`((?:[a-z_]+/)+[a-z_0-9]+\.(?:py|md))`")
_HEADINGS = ("HIPAA", "NIST SP 800-53", "ISO/IEC 27001", "VAWA, VOCA")

pytestmark = pytest.mark.once


def rows() -> list[list[str]]:
    """The lines of all tables of the map, without their heads."""
    lines = [line for line in CONTROLS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] not in ("control", "rule")]


@pytest.mark.parametrize("page", [CONTROLS, AUDIT], ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = _PATH.findall(page.read_text(encoding="utf-8"))
    missing = sorted({path for path in named if not (ROOT / path).is_file()})
    assert len(named) > 10
    assert not missing


def test_every_control_names_its_code_and_its_test() -> None:
    found = rows()
    assert len(found) > 40
    for row in found:
        assert len(row) == 4, row
        code, test = (_PATH.findall(cell) for cell in row[2:])
        assert len(code) == 1 and not code[0].startswith("tests/"), row
        assert len(test) == 1 and test[0].startswith("tests/"), row


@pytest.mark.parametrize("words", _HEADINGS)
def test_each_law_and_standard_has_its_part(words: str) -> None:
    assert f"## {words}" in CONTROLS.read_text(encoding="utf-8")


def test_the_page_for_auditors_names_verbs_that_exist() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", AUDIT.read_text(encoding="utf-8")))
    settings = {name for name in named if name.startswith(("ANCHOR_", "SHADOW_", "HAVEN_"))}
    assert "EVENTS_PRUNED" in named
    assert named - settings <= set(Verb.values)


def test_readme_leads_to_both() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/audit.md" in readme and "docs/controls.md" in readme
