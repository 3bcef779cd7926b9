"""Threads that save and read at the same time, on real connections: one Django package wrote rows nobody could open."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from secrets import token_hex

import pytest
from django.core.management import call_command
from django.db import connections

from casemgmt.crypto import keyring
from tests import postgres
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Form, Guest, Marked

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])
THREADS, ROWS = 6, 15


class Threads:
    """A pool whose threads work in two databases of their own, in which rows are really committed."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="saving")

    def alone(self, act, *arguments):
        """Run one thing in a thread, and wait for it."""
        return self.pool.submit(self._closing, act, *arguments).result(120)

    def together(self, act, many) -> list:
        """Run it for each at the same time."""
        return list(self.pool.map(lambda one: self._closing(act, one), many, timeout=240))

    def _closing(self, act, *arguments):
        try:
            return act(*arguments)
        finally:
            connections.close_all()


@pytest.fixture
def threads(db, tmp_path) -> Iterator[Threads]:
    names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    is_postgresql = connections["default"].vendor == "postgresql"
    keyring.forget()
    threads = Threads()
    try:
        for alias in names:
            own = f"threads_{token_hex(4)}" if is_postgresql else str(tmp_path / f"{alias}.sqlite3")
            connections[alias].settings_dict["NAME"] = own
            if is_postgresql:
                postgres.create_database(own)
        for alias in ("keystore", "default"):
            threads.alone(lambda alias=alias: call_command("migrate", database=alias, run_syncdb=True, verbosity=0))
        yield threads
    finally:
        threads.pool.shutdown()
        keyring.forget()
        for alias, name in names.items():
            if is_postgresql:
                postgres.drop_database(connections[alias].settings_dict["NAME"])
            connections[alias].settings_dict["NAME"] = name


def test_what_threads_save_at_once_is_read_back_by_all(threads):
    """While another thread forgets all keys again and again, as happens when the version of the key store moves."""
    cases = [uuid.uuid4() for _ in range(3)]
    threads.alone(keyring.create_keys_of_cases, cases)
    stop = threading.Event()

    def forget() -> None:
        while not stop.wait(0.01):
            keyring.forget()

    def save(mine: int) -> None:
        for row in range(ROWS):
            number = mine * 1000 + row
            case = cases[number % len(cases)]
            guest = Guest.objects.create(
                case_uid=case, name=f"Guest {number}", remarks="", born_on=date(1980, 1, 1 + row), answers={"n": number}
            )
            Form.objects.create(case_uid=case, owed=Decimal(number) / 100, safe=bool(number % 2), warrant=None)
            Marked.objects.create(case_uid=case, rule=f"Rule {number}", number=str(number))
            guest.remarks = f"Changed {number}"
            guest.save(update_fields=["remarks"])
            with reading():
                found = Guest.objects.get(pk=guest.pk)
                assert (found.name, found.remarks) == (f"Guest {number}", f"Changed {number}")

    def read(_mine: int) -> tuple[int, int, int]:
        expected = {thread * 1000 + row for thread in range(THREADS) for row in range(ROWS)}
        with reading():
            for guest in Guest.objects.all():
                number = guest.answers["n"]
                assert (guest.name, guest.remarks) == (f"Guest {number}", f"Changed {number}")
                assert guest.born_on == date(1980, 1, 1 + number % 1000)
            assert {guest.answers["n"] for guest in Guest.objects.all()} == expected
            assert {int(form.owed * 100) for form in Form.objects.all()} == expected
            assert all(
                form.safe is bool(int(form.owed * 100) % 2) and form.warrant is None for form in Form.objects.all()
            )
            assert {int(row.number) for row in Marked.objects.all() if row.rule == f"Rule {row.number}"} == expected
        return Guest.objects.count(), Guest.history.count(), Marked.history.count()

    forgetting = threading.Thread(target=forget, daemon=True)
    forgetting.start()
    try:
        threads.together(save, range(THREADS))
        counted = threads.together(read, range(THREADS))
    finally:
        stop.set()
        forgetting.join()
    assert set(counted) == {(THREADS * ROWS, 2 * THREADS * ROWS, THREADS * ROWS)}
    nonces = threads.alone(
        lambda: [raw.read(Guest, "name", pk)[3:15] for pk in Guest.objects.values_list("pk", flat=True)]
    )
    assert len(set(nonces)) == len(nonces) == THREADS * ROWS


def test_keys_made_by_many_threads_at_once_are_one_key(threads):
    """Two first writes of one case must not seal under keys of which one is dropped."""
    case = uuid.uuid4()
    made = threads.together(lambda _: keyring.create_case_keys(case), range(THREADS))
    assert len(made) == THREADS
    keys = threads.together(lambda _: bytes(keyring.derived_key(case, "CORE", "CARD")[1]), range(THREADS))
    assert len(set(keys)) == 1
