"""The archive of an attorney's own file: all of it, nothing else, whatever cannot be opened, and nothing of it in clear."""

import csv
import io
import re
import tracemalloc
import zipfile
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.context import audit_context
from audit.models import Event
from audit.verbs import Verb
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring, uploads
from casemgmt.crypto.models import CaseKey
from cases import access, files
from cases.actions.documents import withdraw_document
from cases.actions.grants import give_access
from cases.actions.notes import add_note
from cases.actions.quarantine import quarantine_document
from cases.models import AccessGrant, Case, Matter
from services.own_file import plain_name, take_along
from tests import make
from tests.accounts.signing_in import code_of, give_app, sign_in
from tests.cast import Cast
from tests.services.engaging import FORMULA, ended, events_of
from tests.services.test_release_and_matter import a_matter

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def confirmed(user: User, page: str) -> Client:
    """A client that has just proven who it is, because this page asks for it."""
    secret = give_app(user)
    client = sign_in(user)
    stopped = client.get(page)
    assert stopped.status_code == 302 and "/account/confirm/" in stopped.url, "a fresh proof is asked for first"
    client.post(stopped.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
    return client


def archive_of(response: Any) -> zipfile.ZipFile:
    assert response.status_code == 200 and response["Content-Type"] == "application/zip"
    content = b"".join(response.streaming_content)
    assert len(content) == int(response["Content-Length"])
    return zipfile.ZipFile(io.BytesIO(content))


def table(archive: zipfile.ZipFile, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


@pytest.mark.parametrize("is_over", [False, True], ids=["while it runs", "in its days"])
def test_the_archive_holds_the_whole_file_and_nothing_else(
    cast: Cast, case: Case, matter: Matter, engagement: AccessGrant, is_over: bool
) -> None:
    other = a_matter(cast, case, "Restitution of another kind")
    make.document(case, cast.amina, b"Of the other matter", case_uid=None, matter_uid=other.uid, section="LEGAL")
    make.document(case, cast.amina, b"Of the case")
    if is_over:
        ended(cast, engagement)
    page = reverse("matter-file", args=[matter.uid])
    client = confirmed(cast.chidi, page)
    shown = client.get(page)
    assert shown.status_code == 200 and "not encrypted" in shown.text
    figures = re.findall(r"<li><b>(\d+)</b>", shown.text)
    assert figures == ["1", "1", "2", "2"], "notes, filings, dates, papers"
    archive = archive_of(client.post(page))
    assert archive.testzip() is None
    papers = [name for name in archive.namelist() if name.startswith("papers/")]
    assert sorted(set(archive.namelist()) - set(papers)) == ["dates.csv", "filings.csv", "index.html", "notes.txt"]
    assert sorted(archive.read(name) for name in papers) == [b"A draft of her own.", b"A letter of the agency."]
    assert "Draft of the declaration, second day." in archive.read("notes.txt").decode()
    assert table(archive, "filings.csv")[1][:3] == ["2026-03-04", "'" + FORMULA, "DEMO-1"], "no cell begins a formula"
    assert [line[:2] for line in table(archive, "dates.csv")[1:]] == [
        ["Deadline", "2027-03-09"],
        ["Hearing", "2027-05-04 10:00"],
    ]
    index = archive.read("index.html").decode()
    assert '<html lang="en" dir="ltr">' in index and "T visa" in index and "Not in this archive" not in index
    assert "=HYPERLINK(&quot;" in index and "<script" not in index and "style=" not in index
    everything = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (cast.amina.name, "Restitution", "Of the other matter", "Of the case"):
        assert secret.encode() not in everything, secret


def test_it_is_recorded_with_its_checksum_and_what_it_rests_on(cast: Cast, case: Case, matter: Matter) -> None:
    found = take_along(cast.chidi, access.get_matter_for(cast.chidi, matter.uid))
    assert len(b"".join(found.pieces)) == found.size
    [made] = events_of("EXPORT_MADE", case)
    codes = made.detail.content["codes"]
    assert (codes["format"], codes["count"], codes["left_out"], codes["sha256"]) == ("OWN_FILE", 6, 0, found.sha256)
    assert made.subject_uid == matter.uid and made.basis_kind == "PRO_BONO" and made.is_privileged
    assert len(events_of("DOCUMENT_DOWNLOADED", case)) == 2 and len(events_of("MATTER_VIEWED", case)) == 2


def test_what_cannot_be_opened_is_named_and_stops_nothing(cast: Cast, case: Case, matter: Matter) -> None:
    """A paper that was changed on the disk, one in quarantine, and a note that was changed in the database."""
    spoilt = make.document(
        case, cast.chidi, b"Was whole once", case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE"
    )
    path = files.storage().path(spoilt.stored_as)
    with open(path, "r+b") as stored:
        stored.seek(-20, 2)
        stored.write(b"\x00" * 8)
    locked = make.document(
        case, cast.chidi, b"Nobody opens", case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE"
    )
    quarantine_document(
        actor=cast.chidi, now=clock.now(), case_uid=case.uid, document_uid=locked.uid, matter_uid=matter.uid
    )
    bodies = [
        add_note(
            actor=cast.chidi, now=clock.now(), case_uid=case.uid, matter_uid=matter.uid,
            privilege_class="ATTORNEY_WORK_PRODUCT", body=words,
        ).pk
        for words in ("Kept as it is", "Changed by somebody")
    ]  # fmt: skip
    with audit_context("test", "somebody with the database in hand"), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM cases_note WHERE id = %s", [bodies[0]])
        cursor.execute("UPDATE cases_note SET body = %s WHERE id = %s", [cursor.fetchone()[0], bodies[1]])
    found = take_along(cast.chidi, access.get_matter_for(cast.chidi, matter.uid))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(found.pieces)))
    assert archive.testzip() is None and len([one for one in archive.namelist() if one.startswith("papers/")]) == 2
    index, notes = archive.read("index.html").decode(), archive.read("notes.txt").decode()
    missing = index.partition("Not in this archive")[2].partition("</ul>")[0]
    assert missing.count("<li>") == 3 and "quarantine" in missing and "changed or damaged outside Haven" in missing
    assert "Kept as it is" in notes and "Changed by somebody" not in notes and "It cannot be read" in notes
    refused = events_of("DECRYPTION_REFUSED", case)
    assert {one.subject_kind for one in refused} == {"document", "note"}
    [made] = events_of("EXPORT_MADE", case)
    assert made.detail.content["codes"]["left_out"] == 3


def test_an_erased_file_is_named_too(cast: Cast, case: Case, matter: Matter) -> None:
    matter = access.get_matter_for(cast.chidi, matter.uid)
    CaseKey.objects.using("keystore").filter(case_uid=case.uid, retention_class="LEGAL").delete()
    keyring.forget()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(take_along(cast.chidi, matter).pieces)))
    index = archive.read("index.html").decode()
    assert [one for one in archive.namelist() if one.startswith("papers/")] == []
    assert "was erased" in index and "A legal matter" in index


def test_nothing_of_it_lies_in_clear_on_the_disk(cast: Cast, case: Case, matter: Matter, monkeypatch) -> None:
    """Whatever is written to a temporary file while it is made, the words are not in it."""
    written: list[bytes] = []
    append = uploads.SealedSpool._append

    def watched(self: Any, sealed: bytes) -> None:
        written.append(bytes(sealed))
        append(self, sealed)

    monkeypatch.setattr(uploads.SealedSpool, "_append", watched)
    make.document(case, cast.chidi, b"MARKER " * 40_000, case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE")
    found = take_along(cast.chidi, access.get_matter_for(cast.chidi, matter.uid))
    assert sum(map(len, written)) >= found.size > 280_000
    assert b"MARKER" not in b"".join(written) and b"MARKER" in b"".join(found.pieces)
    assert b"notes.txt" not in b"".join(written)


@pytest.mark.once
def test_a_large_paper_passes_through_piece_by_piece(cast: Cast, case: Case, matter: Matter) -> None:
    """Twelve megabytes, and never a tenth of them in memory, neither while it is made nor while it leaves."""
    megabytes, content = 1 << 20, b"A line of a long letter.\n" * 500_000
    make.document(case, cast.chidi, content, case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE")
    opened = access.get_matter_for(cast.chidi, matter.uid)
    tracemalloc.start()
    try:
        found = take_along(cast.chidi, opened)
        assert sum(len(piece) for piece in found.pieces) == found.size > len(content) > 11 * megabytes
        assert tracemalloc.get_traced_memory()[1] < 1.2 * megabytes
    finally:
        tracemalloc.stop()


def test_who_does_not_hold_the_matter_takes_nothing(cast: Cast, case: Case, matter: Matter) -> None:
    page = reverse("matter-file", args=[matter.uid])
    client = confirmed(cast.amina, page)
    assert client.get(page).status_code == client.post(page).status_code == 403, "the docket alone"
    for person in (cast.gita, cast.dana, cast.hugo):
        client = sign_in(person)
        assert client.get(page).status_code == client.post(page).status_code == 404, person
    assert not Event.objects.filter(verb=Verb.EXPORT_MADE).exists()
    client = sign_in(cast.chidi)
    assert client.delete(page).status_code == 405
    assert client.post(page).status_code == 303, "and not without a fresh proof"


def test_counsel_of_the_house_takes_hers_too(cast: Cast, case: Case, matter: Matter) -> None:
    give_access(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        kind="STAFF_COUNSEL",
        person=cast.luis,
        matter_uid=matter.uid,
    )
    assert cast.luis.holds_role(Role.STAFF_ATTORNEY)
    found = take_along(cast.luis, access.get_matter_for(cast.luis, matter.uid))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(found.pieces)))
    assert cast.chidi.name in archive.read("notes.txt").decode()


def test_the_page_inside_speaks_her_language(cast: Cast, matter: Matter) -> None:
    client = confirmed(cast.chidi, reverse("matter-file", args=[matter.uid]))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    index = archive_of(client.post(reverse("matter-file", args=[matter.uid]))).read("index.html").decode()
    assert '<html lang="es" dir="ltr">' in index


@pytest.mark.once
@pytest.mark.parametrize(
    ("given", "inside"),
    [
        ("../../etc/passwd.txt", "_.._etc_passwd.txt"), ("C:\\x\\y.pdf", "C_x_y.pdf"), ("a\u202efdp.exe.pdf", "a_fdp.exe.pdf"),
        ("...", "_"), ("", "_"), ("x" * 300 + ".pdf", "x" * 80 + ".pdf"), ("plain", "plain"), ("تقرير.pdf", "تقرير.pdf"),
    ],
)  # fmt: skip
def test_a_name_in_the_archive_leads_nowhere_else(given: str, inside: str) -> None:
    assert plain_name(given) == inside


def test_a_withdrawn_paper_of_her_own_is_still_hers_afterwards(
    cast: Cast, case: Case, matter: Matter, engagement: AccessGrant
) -> None:
    own = make.document(
        case, cast.chidi, b"Withdrawn, hers", case_uid=None, matter_uid=matter.uid, section="LEGAL_FILE"
    )
    theirs = make.document(
        case, cast.amina, b"Withdrawn, theirs", case_uid=None, matter_uid=matter.uid, section="LEGAL"
    )
    for actor, paper in ((cast.chidi, own), (cast.amina, theirs)):
        withdraw_document(
            actor=actor,
            now=clock.now(),
            case_uid=case.uid,
            document_uid=paper.uid,
            why="Mixed up",
            matter_uid=matter.uid,
        )
    ended(cast, engagement)
    found = take_along(cast.chidi, access.get_matter_for(cast.chidi, matter.uid))
    content = b"".join(found.pieces)
    archive = zipfile.ZipFile(io.BytesIO(content))
    papers = {archive.read(one) for one in archive.namelist() if one.startswith("papers/")}
    assert b"Withdrawn, hers" in papers and b"Withdrawn, theirs" not in papers
