"""The pages of an import: who may open them, what they say, and that bad files are refused in one sentence."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from cases import access
from cases.actions import imports
from cases.actions.matching import answer_match_questions
from cases.models import Case, ImportBatch, ImportRow
from tests.cases.htcds import sheets
from tests.cases.test_import_actions import bring, take

pytestmark = pytest.mark.walks


@pytest.fixture
def amina(cast):
    return cast.amina


@pytest.fixture
def north(cast):
    return cast.team_of("amina")


@pytest.fixture
def client(amina, sign_in):
    return sign_in(amina)


def send(client, north, content, name="cases.xlsx", **more):
    upload = SimpleUploadedFile(name, content)
    return client.post(reverse("import"), {"sheet": upload, "team": str(north.uid), **more})


def test_a_sheet_is_looked_at_before_anything_becomes_a_case(client, amina, north):
    answer = send(client, north, sheets.official([sheets.person(), sheets.person(prs_Gender="Green")]))
    batch = access.own(ImportBatch, amina).get()
    assert answer.status_code == 302 and answer["Location"] == reverse("import-batch", args=[batch.uid])
    page = client.get(answer["Location"]).content.decode()
    assert "Column H: Gender" in page and "“Green” is not one of the answers" in page
    assert "misspelt name" in page and "has no code; by its label" in page
    page = client.get(answer["Location"] + "?show=new").content.decode()
    assert "Zoraida Quillfeather" in page and "1998" in page and "seven points" in page
    assert not access.visible(Case, amina).exists()


def test_taking_correcting_and_throwing_away(client, amina, north):
    send(
        client,
        north,
        sheets.official([sheets.person(), sheets.person(prs_Gender="Green"), sheets.person(prs_Email="=1+1")]),
    )
    batch = access.own(ImportBatch, amina).get()
    assert client.post(reverse("import-take", args=[batch.uid])).status_code == 302
    assert access.visible(Case, amina).count() == 1
    first, second = access.own(ImportRow, amina, "batch__owner").filter(state="BAD").order_by("number")
    page = client.get(reverse("import-row", args=[batch.uid, first.uid])).content.decode()
    assert "Column H: Gender" in page and "Green" in page
    answer = client.post(reverse("import-row", args=[batch.uid, first.uid]), {"H": "TransgenderFeminine"})
    assert answer.status_code == 302
    client.post(reverse("import-take", args=[batch.uid]))
    assert access.visible(Case, amina).count() == 2
    client.post(reverse("import-row-discard", args=[batch.uid, second.uid]))
    assert access.own(ImportBatch, amina).get().state == "DONE"


def test_a_wrong_correction_keeps_what_was_typed(client, amina, north):
    batch = bring(amina, north, [sheets.person(prs_Birthdate="yesterday")])
    row = access.own(ImportRow, amina, "batch__owner").get()
    answer = client.post(reverse("import-row", args=[batch.uid, row.uid]), {"G": "2199-01-01"})
    assert answer.status_code == 422 and "2199-01-01" in answer.content.decode()


@pytest.mark.sql
def test_a_double_click_makes_one_batch(client, amina, north):
    key = re.search(r'name="form_key" value="([^"]+)"', client.get(reverse("import")).content.decode()).group(1)
    places = {send(client, north, sheets.official([sheets.person()]), form_key=key)["Location"] for _ in range(2)}
    assert len(places) == 1 and access.own(ImportBatch, amina).count() == 1


def test_somebody_elses_pages_do_not_exist(cast, sign_in, amina, north):
    batch = bring(amina, north, [sheets.person(prs_Gender="Green")])
    row = access.own(ImportRow, amina, "batch__owner").get()
    bea = sign_in(cast.bea)
    for name in ("import-batch", "import-progress", "import-discard"):
        assert bea.get(reverse(name, args=[batch.uid])).status_code == 404
    assert bea.get(reverse("import-row", args=[batch.uid, row.uid])).status_code == 404
    for name in ("import-take", "import-go-on", "import-discard"):
        assert bea.post(reverse(name, args=[batch.uid])).status_code == 404
    assert bea.post(reverse("import-row-discard", args=[batch.uid, row.uid])).status_code == 404
    assert access.own(ImportRow, amina, "batch__owner").get().state == "BAD"


@pytest.mark.parametrize("key", ["chidi", "elif", "farid", "gita", "ines"])
def test_who_opens_no_cases_finds_no_import(cast, sign_in, key):
    assert sign_in(getattr(cast, key)).get(reverse("import")).status_code == 404


def test_wrong_methods(client, amina, north):
    batch = bring(amina, north, [sheets.person()])
    assert client.get(reverse("import-take", args=[batch.uid])).status_code == 405
    assert client.post(reverse("import-batch", args=[batch.uid])).status_code == 405
    assert client.put(reverse("import")).status_code == 405


def _bomb():
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    return into.getvalue()


def _cut():
    content = sheets.official([sheets.person()])
    return content[: len(content) // 2]


def _other_package():
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    return into.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not a case sheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not a case sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 3, "protected by a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        (_cut, "damaged"),
        (_bomb, "far more than a case sheet"),
        (_other_package, "not a case sheet"),
        (b"Dear colleague, please find\r\n", "No row of this file names the columns"),
        ("prs_FirstName,prs_SecondName\nفاطمة,علي".encode("cp1256"), "cannot be read for sure"),
        (b"prs_FirstName,prs_SecondName\n", "no row is filled in"),
        (b"", "This file is empty"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_one_sentence(client, amina, north, content, words):
    answer = send(client, north, content() if callable(content) else content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not access.own(ImportBatch, amina).exists()


def test_100_000_rows_are_refused_naming_the_limit(client, north):
    rows = "prs_FirstName,prs_SecondName\n" + "Zoraida,Quillfeather\n" * 100_000
    answer = send(client, north, rows.encode(), name="many.csv")
    assert answer.status_code == 422 and "more than 20,000 rows" in answer.content.decode()


def test_26_megabytes_are_refused_naming_the_limit(client, north):
    answer = send(client, north, b"x" * (26 * 1024 * 1024), name="large.csv")
    assert answer.status_code == 422 and "25.0" in answer.content.decode()


def test_a_large_sheet_shows_progress_without_keeping_the_session_open(client, amina, north, monkeypatch):
    monkeypatch.setattr(imports, "INLINE_ROWS", 1)
    answer = send(client, north, sheets.official(sheets.people(3)))
    page = client.get(answer["Location"]).content.decode()
    assert "<progress" in page and "0 of 3 rows" in page
    assert "data-look-again=" in page and "/progress/" in page
    batch = access.own(ImportBatch, amina).get()
    imports.continue_import.func(str(batch.uid), str(amina.uid))
    assert client.get(reverse("import-progress", args=[batch.uid])).status_code == 302
    assert "http-equiv" not in client.get(answer["Location"]).content.decode()


def test_the_rows_of_a_large_sheet_cost_the_same_queries(client, amina, north, django_assert_max_num_queries):
    bring(amina, north, sheets.people(2))
    second = bring(amina, north, sheets.people(60, prs_FirstName="Ysolde"))
    with django_assert_max_num_queries(25):
        page = client.get(reverse("import-batch", args=[second.uid])).content
    assert page.count(b'<details class="card"') >= 20


@pytest.mark.sql
def test_names_in_every_script_arrive_as_they_were(client, amina, north):
    name = "فَاطِمَة 🌿 Zoë"
    send(client, north, sheets.delimited([sheets.person(prs_FirstName=name)], encoding="utf-8-sig"), name="x.csv")
    batch = access.own(ImportBatch, amina).get()
    page = client.get(reverse("import-batch", args=[batch.uid])).content.decode()
    assert name in page


@pytest.mark.sql
def test_a_nul_byte_is_named_by_row_and_column(client, amina, north):
    content = sheets.delimited([sheets.person(prs_FirstName="Zo\x00raida")], ["prs_FirstName", "prs_SecondName"])
    answer = send(client, north, content, name="x.csv")
    page = client.get(answer["Location"]).content.decode()
    assert "Row 2" in page and "Column A" in page and "position 3" in page


# ---- The intake coordinator ----


@pytest.fixture
def coordinator(cast):
    assign_role(actor=cast.farid, now=clock.now(), user=cast.kemi, role=Role.INTAKE_COORDINATOR)
    return cast.kemi


@pytest.mark.sql
def test_the_queue_names_no_case_that_the_coordinator_cannot_open(cast, sign_in, amina, north, coordinator):
    take(amina, bring(amina, north, [sheets.person()]))
    take(cast.dana, bring(cast.dana, cast.team_of("dana"), [sheets.person()]))
    answer_match_questions()
    numbers = [access.visible(Case, person).get().number for person in (amina, cast.dana)]
    page = sign_in(coordinator).get(reverse("match-queue")).content.decode()
    assert page.count("A case you cannot open") == 2
    assert not any(number in page for number in numbers) and "Zoraida" not in page


def test_nobody_else_finds_the_queue(cast, sign_in, amina, north):
    for person in (amina, cast.bea, cast.farid, cast.kemi):
        assert sign_in(person).get(reverse("match-queue")).status_code == 404


@pytest.mark.sql
def test_a_match_is_settled_once(cast, sign_in, amina, north, coordinator):
    take(amina, bring(amina, north, [sheets.person()]))
    take(cast.dana, bring(cast.dana, cast.team_of("dana"), [sheets.person()]))
    answer_match_questions()
    client = sign_in(coordinator)
    uid = re.search(r"/matches/([0-9a-f-]{36})/", client.get(reverse("match-queue")).content.decode()).group(1)
    assert client.post(reverse("match-settle", args=[uid]), {"answer": "same"}).status_code == 302
    assert client.post(reverse("match-settle", args=[uid]), {"answer": "other"}).status_code == 404
    assert "Nothing waits for you" in client.get(reverse("match-queue")).content.decode()
