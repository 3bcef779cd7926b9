"""Sheets of other systems: what is asked about their columns and words, and that nothing is lost or seen by others."""

from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from cases import access
from cases.actions import import_mapping, imports
from cases.errors.exchange import ColumnsAreOpen, ImportIsOver
from cases.htcds.errors import NoHeader
from cases.htcds.mapping import propose
from cases.htcds.sheet import read_sheet
from cases.models import Case, ImportBatch, ImportRow
from cases.opening import open_own
from tests.cases.htcds import sheets

pytestmark = pytest.mark.walks

APRICOT = (
    b"Program export;;;;\r\n"
    b"Participant;Apellido;Fecha de nac.;Sexo;Shoe size\r\n"
    b"Zoraida;Quillfeather;05/07/1990;Hembra;38\r\n"
    b"Ondine;Brackwater;06/08/1991;hembra;39\r\n"
    b"Tamsin;Fernhollow;07/09/1992;Otra cosa;40\r\n"
)
NAMES = {"A": "prs_FirstName", "B": "prs_SecondName", "C": "prs_Birthdate", "D": "prs_Gender"}


@pytest.fixture
def amina(cast):
    return cast.amina


@pytest.fixture
def client(amina, sign_in):
    return sign_in(amina)


def send(client, cast, content=APRICOT, name="apricot.csv"):
    upload = SimpleUploadedFile(name, content)
    answer = client.post(reverse("import"), {"sheet": upload, "team": str(cast.team_of("amina").uid)})
    assert answer.status_code == 302, answer.content.decode()
    return access.own(ImportBatch, cast.amina).order_by("-pk").first()


def columns_of(client, batch, **query):
    return client.get(reverse("import-columns", args=[batch.uid]), query).content.decode()


def choose(client, batch, names=NAMES, header_row=2):
    return client.post(reverse("import-columns", args=[batch.uid]), {"header_row": header_row, **names})


def tally(amina, batch):
    return {state: number for state, number in imports.tally(amina, batch).items() if number}


def understood(amina, batch):
    with open_own(amina):
        rows = access.own(ImportRow, amina, "batch__owner").filter(batch=batch, number__gt=2).order_by("number")
        return [row.understood for row in rows]


def test_a_sheet_of_another_system_asks_what_its_columns_are(client, cast, amina):
    batch = send(client, cast)
    assert batch.state == "MAPPING" and tally(amina, batch) == {"WAITING": 5}
    assert client.get(reverse("import-batch", args=[batch.uid]))["Location"].endswith("/columns/")
    page = columns_of(client, batch)
    assert "Column A: Participant" in page and "Zoraida · Ondine · Tamsin" in page and "Column E: Shoe size" in page
    assert '<option value="prs_SecondName" selected>' in page and '<option value="prs_Gender" selected>' in page
    assert "column names stand in row 2" in page and "<optgroup" in page
    assert choose(client, batch).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "READY" and tally(amina, batch) == {"BAD": 3, "EMPTY": 2}
    page = client.get(reverse("import-batch", args=[batch.uid])).content.decode()
    assert "Column E (“Shoe size”) was left out, as you chose" in page
    assert Event.objects.filter(verb=Verb.IMPORT_PREVIEWED, subject_uid=batch.uid).count() == 3


def test_the_words_of_a_whole_sheet_are_answered_once(client, cast, amina):
    batch = send(client, cast)
    choose(client, batch)
    address = reverse("import-answers", args=[batch.uid])
    page = client.get(address).content.decode()
    assert "Gender: “Hembra”" in page and "In 2 rows." in page and "how are its days written?" in page
    said = {"day-prs_Birthdate": "DAY_FIRST", "word-prs_Gender-hembra": "Feminine"}
    assert client.post(address, said).status_code == 302
    assert tally(amina, batch) == {"GOOD": 2, "BAD": 1, "EMPTY": 2}
    page = client.get(address).content.decode()
    assert "Hembra" not in page and "Otra cosa" in page
    client.post(address, {"word-prs_Gender-otracosa": "-"})
    rows = understood(amina, batch)
    assert [row["prs_Birthdate"] for row in rows] == ["1990-07-05", "1991-08-06", "1992-09-07"]
    assert [row.get("prs_Gender") for row in rows] == ["Feminine", "Feminine", None]
    client.post(reverse("import-take", args=[batch.uid]))
    assert access.visible(Case, amina).count() == 3


def test_days_can_be_written_month_first(client, cast, amina):
    batch = send(client, cast)
    choose(client, batch, {"A": "prs_FirstName", "C": "prs_Birthdate"})
    client.post(reverse("import-answers", args=[batch.uid]), {"day-prs_Birthdate": "MONTH_FIRST"})
    assert [row["prs_Birthdate"] for row in understood(amina, batch)] == ["1990-05-07", "1991-06-08", "1992-07-09"]


def test_another_row_can_be_the_header(client, cast, amina):
    batch = send(client, cast)
    page = columns_of(client, batch, header_row=3)
    assert "Column A: Zoraida" in page and "Participant" not in page.split("</details>")[-1]
    choose(client, batch, {"A": "prs_FirstName"}, header_row=3)
    assert tally(amina, batch) == {"GOOD": 2, "EMPTY": 3}


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"C": "prs_Birthdate"}, "at least the column of a name, a language or a status"),
        ({"A": "prs_FirstName", "B": "prs_FirstName"}, "is column A already"),
    ],
)
def test_a_choice_that_cannot_be_is_said(client, cast, names, sentence):
    batch = send(client, cast)
    answer = choose(client, batch, names)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    batch.refresh_from_db()
    assert batch.state == "MAPPING"


def test_a_choice_is_offered_again_until_it_is_forgotten(client, cast, amina):
    first = send(client, cast)
    choose(client, first)
    client.post(reverse("import-answers", args=[first.uid]), {"day-prs_Birthdate": "DAY_FIRST"})
    second = send(client, cast, APRICOT.replace(b"Zoraida", b"Hesper"))
    page = columns_of(client, second)
    assert "Your choice of then is filled in" in page and '<option value="prs_FirstName" selected>' in page
    choose(client, second)
    assert "how are its days written" not in client.get(reverse("import-answers", args=[second.uid])).content.decode()
    third = send(client, cast, APRICOT.replace(b"Zoraida", b"Isolde"))
    assert client.post(reverse("import-forget", args=[third.uid])).status_code == 302
    assert "Your choice of then" not in columns_of(client, third)


def test_a_known_sheet_with_a_strange_column_asks_and_a_form_of_kobo_does_not(client, cast):
    names = ["prs_FirstName", "prs_SecondName", "Lieu"]
    odd = sheets.delimited([sheets.person(Lieu="Somewhere")], names)
    assert send(client, cast, odd).state == "MAPPING"
    assert send(client, cast, sheets.as_kobo([sheets.person()]), "kobo.xlsx").state == "READY"
    assert send(client, cast, sheets.official([sheets.person()]), "official.xlsx").state == "READY"


def test_a_sheet_that_waits_for_its_columns_can_be_thrown_away(client, cast, amina):
    batch = send(client, cast)
    page = client.get(reverse("import-discard", args=[batch.uid])).content.decode()
    assert "rows that were not read yet" in page
    client.post(reverse("import-discard", args=[batch.uid]))
    batch.refresh_from_db()
    assert batch.state == "DONE" and tally(amina, batch) == {"DISCARDED": 5}
    rows = access.own(ImportRow, amina, "batch__owner").filter(batch=batch)
    with open_own(amina):
        assert {row.cells for row in rows} == {None}


def test_nothing_is_taken_or_undone_before_the_columns_are_chosen(client, cast, amina):
    batch = send(client, cast)
    with pytest.raises(ColumnsAreOpen):
        imports.take_good_rows(actor=amina, now=clock.now(), batch_uid=batch.uid)
    assert not imports.may_undo(amina, batch, clock.now())
    choose(client, batch)
    with pytest.raises(ImportIsOver):
        import_mapping.choose_columns(actor=amina, now=clock.now(), batch_uid=batch.uid, header_row=2, names=NAMES)


def test_a_large_sheet_goes_on_in_the_queue_and_a_killed_job_goes_on(client, cast, amina):
    batch = send(client, cast)
    with mock.patch.object(imports, "INLINE_ROWS", 1), mock.patch.object(imports, "go_on"):
        choose(client, batch)
    batch.refresh_from_db()
    assert batch.state == "READING" and tally(amina, batch) == {"WAITING": 3, "EMPTY": 2}
    imports.understand_rows(actor=amina, now=clock.now(), batch_uid=batch.uid, limit=1)
    with mock.patch.object(imports, "PAUSE", 0):
        imports.continue_import.func(str(batch.uid), str(amina.uid))
    batch.refresh_from_db()
    assert batch.state == "READY" and tally(amina, batch) == {"BAD": 3, "EMPTY": 2}


@pytest.mark.parametrize("page", ["import-columns", "import-answers"])
def test_nobody_else_sees_what_a_sheet_holds(client, cast, sign_in, page):
    batch = send(client, cast)
    for stranger in (cast.bea, cast.gita, cast.elif_):
        other = sign_in(stranger)
        for answer in (
            other.get(reverse(page, args=[batch.uid])),
            other.post(reverse("import-forget", args=[batch.uid])),
        ):
            assert answer.status_code in (403, 404) and b"Participant" not in answer.content
    with pytest.raises(Hidden):
        import_mapping.forget_choice(actor=cast.bea, now=clock.now(), batch_uid=batch.uid)


def test_only_a_table_can_be_mapped_and_only_where_somebody_is_asked():
    with pytest.raises(NoHeader):
        read_sheet(b"Dear colleague, please find\r\n", any_header=True)
    with pytest.raises(NoHeader):
        read_sheet(APRICOT)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("First Name", "prs_FirstName"), ("DOB", "prs_Birthdate"), ("Nombre", "prs_FirstName"),
        ("Nationality", "prs_Citizenship"), ("Date de naissance", "prs_Birthdate"), ("Client’s phone", "prs_MobilePhone"),
        ("Survivor: first name (legal)", "prs_FirstName"), ("prs_Gender", "prs_Gender"), ("Shoe size", ""),
    ],
)  # fmt: skip
def test_headers_are_proposed(header, name):
    assert propose(header) == name
