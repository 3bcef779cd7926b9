"""``manage.py import_htcds``: what it prints last, what it says before, and whose name stands in the ledger."""

import io

import pytest
from django.core.management import CommandError, call_command

from audit import context
from audit.models import Event
from audit.verbs import Verb
from cases import access
from cases.models import Case
from tests.cases.htcds import sheets


@pytest.fixture
def run(cast, tmp_path):
    """Run the command on a sheet of rows (or on bytes), outside any test context, and return its lines."""

    def running(rows, *options, email="amina@example.org", name="cases.xlsx"):
        file = tmp_path / name
        file.write_bytes(rows if isinstance(rows, bytes) else sheets.official(rows))
        out = io.StringIO()
        call_command("import_htcds", str(file), "--as", email, "--reason", "Paper files of March", *options, stdout=out)
        return out.getvalue().strip().splitlines()

    return running


def test_the_last_line_counts(run):
    rows = [*sheets.people(2), sheets.person(prs_Gender="Green"), {}]
    assert run(rows)[-1] == "2 imported, 1 rejected, 0 already known"
    assert run(rows)[-1] == "0 imported, 1 rejected, 2 already known"


def test_what_is_wrong_is_said_by_row_and_column_before(run):
    lines = run([sheets.person(), sheets.person(prs_Birthdate="2199-01-01", prs_FirstName="Ysolde")])
    said = [line for line in lines if line.startswith("Row 4, column G")]
    assert len(said) == 1 and "has not come yet" in said[0]
    assert "Ysolde" not in "\n".join(lines)


def test_the_ledger_says_that_an_operator_acted_for_her(run, cast):
    run([sheets.person()])
    event = Event.objects.get(verb=Verb.IMPORT_ROW_TAKEN)
    assert (event.source, event.actor_kind, event.actor_uid) == ("command", "OPERATOR", None)
    assert event.on_behalf_of == cast.amina.uid
    assert event.detail.content["context_reason"] == "Paper files of March"
    assert access.visible(Case, cast.amina).get().lead_id == cast.amina.pk
    assert context.current().source == "test"


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (b"%PDF-1.7 nothing", {}, "not a case sheet"),
        ([], {"email": "nobody@example.org"}, "Nobody with this e-mail"),
        ([{}], {"email": "farid@example.org"}, "no such team"),
        ([{}], {"email": "gita@example.org"}, "may not open cases"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(run, rows, options, words):
    with pytest.raises(CommandError, match=words):
        run(rows, **options)


def test_several_teams_want_a_name(run, cast):
    with pytest.raises(CommandError, match="no such team"):
        run([sheets.person()], "--team", "South casework")
    assert run([sheets.person()], "--team", "north CASEWORK")[-1].startswith("1 imported")
