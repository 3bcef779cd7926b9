"""The session of a page: on PostgreSQL the database knows for whom it reads, and forgets it with the page."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casemgmt.access.session import SETTING
from cases import access
from cases.models import Case
from tests.cast import Cast

ON_POSTGRESQL = connection.vendor == "postgresql"
NOBODY = ""


def _reader() -> str:
    """For whom the database reads now."""
    if not ON_POSTGRESQL:
        return NOBODY
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING])
        return str(cursor.fetchone()[0])


def test_the_database_knows_the_reader_only_inside(cast: Cast) -> None:
    assert _reader() == NOBODY
    with access.session(cast.amina):
        assert _reader() == (str(cast.amina.uid) if ON_POSTGRESQL else NOBODY)
    assert _reader() == NOBODY


def test_a_page_is_read_in_the_session_of_its_reader(
    cast: Cast, case: Case, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    holdings = access.door.holdings

    def noted(*arguments: object, **options: object) -> object:
        asked.append(_reader())
        return holdings(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(access.door, "holdings", noted)
    page = reverse("case-overview", args=[case.uid])
    for person, status in ((cast.amina, 200), (cast.dana, 404)):
        asked.clear()
        assert sign_in(person).get(page).status_code == status
        assert set(asked) == {str(person.uid) if ON_POSTGRESQL else NOBODY}
    assert _reader() == NOBODY


def test_sqlite_is_asked_nothing(cast: Cast) -> None:
    amina = cast.amina
    with CaptureQueriesContext(connection) as asked, access.session(amina):
        pass
    assert bool(len(asked)) is ON_POSTGRESQL
