"""Files and names that were made to hurt: they come out as what they are, or not at all."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from cases import access
from cases.actions.documents import seal_document
from cases.choices.documents import DocumentCategory
from cases.htcds.export import safe
from cases.models import Document

PDF_AND_PAGE = b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf", "..\\..\\boot.pdf", 'a"; filename="b.html', "a\r\nSet-Cookie: haven_session=x.pdf",
        "invoice\u202efdp.exe", "letter.pdf.html", "\x00.pdf", "رِسَالَة 🦋.pdf", "x" * 400 + ".pdf",
    ],
)  # fmt: skip
def test_no_name_of_a_file_leaves_its_folder_or_its_header(cast, case, sign_in, name) -> None:
    client = sign_in(cast.amina)
    upload = SimpleUploadedFile("plain.pdf", PDF_AND_PAGE)
    upload._name = name  # as a browser that does not tidy would send it
    document = _keep(case, cast, upload)
    response = client.get(reverse("case-document", args=[case.uid, document.uid]))
    assert response.headers["Content-Type"] == "application/pdf"
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment") and "\n" not in disposition and "\u202e" not in disposition
    assert "html" not in disposition.rpartition(".")[2] and len(disposition) < 1500
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("sandbox")
    assert "Set-Cookie" not in response.headers
    stored = access.within(Document, case).get(uid=document.uid).stored_as
    assert stored == f"{document.uid.hex[:2]}/{document.uid.hex}"


def _keep(case: Any, cast: Any, upload: Any) -> Document:
    return seal_document(
        actor=cast.amina, now=clock.now(), upload=upload, case_uid=case.uid, category=DocumentCategory.CORRESPONDENCE
    )


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>", b"\xef\xbb\xbf<svg onload=alert(1)>", b"GIF89a"[:3] + b"\x00" * 30,
        b"MZ\x90\x00" + b"\x00" * 60, b"#!/bin/sh\nrm -rf /\n", b"{\\rtf1 x}", b"\x00" * 100, b"PK\x03\x04" + b"x" * 80,
    ],
)  # fmt: skip
def test_what_runs_or_is_nothing_is_not_kept(cast, case, sign_in, content) -> None:
    client = sign_in(cast.amina)
    form = {"upload": SimpleUploadedFile("letter.pdf", content), "category": "CORRESPONDENCE", "section": "ADVOCACY"}
    assert client.post(reverse("case-documents", args=[case.uid]), form).status_code == 422
    assert not access.within(Document, case).exists()


def test_a_bomb_of_a_workbook_is_refused_before_it_is_unpacked(cast, case, sign_in) -> None:
    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b"<row>" + b" " * 60_000_000)
    client = sign_in(cast.amina)
    form = {"sheet": SimpleUploadedFile("case sheet.xlsx", bomb.getvalue()), "team": str(cast.team_of("amina").uid)}
    assert client.post(reverse("import"), form).status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\r=1",
        "|x",
        "%0A=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_no_cell_of_an_export_begins_a_formula(text) -> None:
    assert safe(text).startswith("'")


@pytest.mark.parametrize("text", ["Zoraida", "+12025550123", "2026-01-01", "مُحَمَّد", "🦋"])
def test_plain_cells_stay_as_they_are(text) -> None:
    assert safe(text) == text
