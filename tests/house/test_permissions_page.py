"""``docs/permissions.md`` is what the code says, and the code has a rule in words for every kind."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from casemgmt.access.sections import Section, read
from casemgmt.accounts.choices import AUDITOR_ROLES, Role
from cases import permission_table
from cases.actions import kinds
from cases.choices.sharing import GrantKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

pytestmark = pytest.mark.once


def rows(heading: str) -> dict[str, list[str]]:
    """The table under a heading: first cell → the others."""
    part = permission_table.permissions_page().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    cells = [[one.strip() for one in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells}


def test_the_page_is_up_to_date():
    call_command("list_permissions", compare=PAGE)


def test_a_page_that_differs_is_refused(tmp_path):
    stale = tmp_path / "permissions.md"
    stale.write_text(PAGE.read_text(encoding="utf-8").replace("| r ", "| rw ", 1), encoding="utf-8")
    with pytest.raises(CommandError, match="out of date"):
        call_command("list_permissions", compare=stale)
    call_command("list_permissions", write=stale)
    call_command("list_permissions", compare=stale)


def test_a_change_of_the_code_makes_the_page_stale(monkeypatch):
    changed = {
        **kinds.PERMISSIONS_OF_KIND,
        GrantKind.EMERGENCY: [*kinds.PERMISSIONS_OF_KIND[GrantKind.EMERGENCY], "read_status"],
    }
    monkeypatch.setattr(kinds, "PERMISSIONS_OF_KIND", changed)
    with pytest.raises(CommandError):
        call_command("list_permissions", compare=PAGE)


def test_every_kind_role_and_section_is_on_it():
    opened = rows("Kinds of access and what they open")
    assert {re.sub(r" \(.*\)", "", name) for name in opened if name != "kind"} == set(GrantKind.values)
    assert opened["kind"] == list(Section.values)
    given = rows("Roles and the kinds they may be given")
    assert set(given) - {"role"} == set(Role.values) and given["role"] == list(GrantKind.values)
    assert set(permission_table.RULES) == set(GrantKind)


def test_what_the_table_says_is_what_the_kinds_open():
    opened = rows("Kinds of access and what they open")
    for kind in GrantKind:
        if kind in (GrantKind.SUPERVISION, GrantKind.DELEGATION):
            continue
        shown = dict(zip(opened["kind"], opened[kind], strict=True))
        held = kinds.PERMISSIONS_OF_KIND[kind]
        for section in Section:
            if section != Section.LEGAL_FILE:
                assert (shown[section] in ("r", "rw")) == (read(section) in held), (kind, section)
    assert dict(zip(opened["kind"], opened["ASSIGNMENT"], strict=True))["LOCATION"] == "F"
    assert all(
        opened[kind][list(Section.values).index("LOCATION")] == "." for kind in ("PRO_BONO", "REFERRAL", "EMERGENCY")
    )
    assert opened["REFERRAL"][list(Section.values).index("STATUS")] == "T"


def test_who_watches_or_runs_the_house_is_given_nothing():
    given = rows("Roles and the kinds they may be given")
    for role in (*AUDITOR_ROLES, Role.ADMINISTRATOR, Role.GRANTS):
        assert set(given[role]) == {"."}, role
    assert set(given[Role.CASEWORKER]) != {"."}
