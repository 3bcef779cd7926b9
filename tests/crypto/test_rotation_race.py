"""Who makes a key and who retires its wrapper, at the same moment, each by a connection of its own."""

import threading
import uuid
from secrets import token_hex

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from casemgmt.crypto import keks, keyring, rotation
from casemgmt.crypto.models import CaseKey, SharedKey
from tests import postgres

pytestmark = pytest.mark.postgresql


@pytest.fixture(autouse=True)
def _own_key_store(django_db_blocker):
    """A key store of its own, in which rows are really committed."""
    if connections["keystore"].vendor != "postgresql":
        pytest.skip("Two writers at once are a matter of PostgreSQL; SQLite has one at a time.")
    connection = connections["keystore"]
    with django_db_blocker.unblock():
        connection.close()
        keyring.forget()
        name, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], f"race_{token_hex(4)}"
        postgres.create_database(connection.settings_dict["NAME"])
        try:
            call_command("migrate", database="keystore", run_syncdb=True, verbosity=0)
            yield
        finally:
            connection.close()
            keyring.forget()
            postgres.drop_database(connection.settings_dict["NAME"])
            connection.settings_dict["NAME"] = name


def make_shared():
    keks.add_shared_epoch(keks.SEARCH)
    return SharedKey.objects.filter(name=keks.SEARCH).latest("epoch").kek_id


def make_of_a_case():
    uid = uuid.uuid4()
    keyring.create_case_keys(uid)
    return CaseKey.objects.filter(case_uid=uid).first().kek_id


@pytest.mark.parametrize("make", [make_shared, make_of_a_case])
def test_nothing_is_retired_under_a_key_that_is_being_made(make, monkeypatch):
    """The maker has looked that key 1 is in use and has not committed yet; the other one promotes and retires."""
    assert rotation.add() == (2, True) and keks.primary()[0] == 1
    looked, may_go_on, problems, done = threading.Event(), threading.Event(), [], []
    real = keks.demand_primary

    def slow(number):
        real(number)
        if threading.current_thread() is maker:
            looked.set()
            may_go_on.wait(5)

    def making():
        done.append(make())
        connections.close_all()

    def rotating():
        try:
            rotation.promote(2, now=timezone.now())
            rotation.retire(1, now=timezone.now())
        except rotation.RotationRefused as refused:
            problems.append(str(refused))
        connections.close_all()

    monkeypatch.setattr(keks, "demand_primary", slow)
    maker, other = threading.Thread(target=making), threading.Thread(target=rotating)
    maker.start()
    assert looked.wait(5)
    other.start()
    other.join(1)
    assert other.is_alive(), "the promotion waits for the key that is being made"
    may_go_on.set()
    maker.join(10)
    other.join(10)
    assert done == [1] and len(problems) == 1 and "still wraps" in problems[0]
    assert rotation.rewrap().remaining == 0
