"""What keeps the root key is slow, down or wrong, or the key store is away: 503, an event, and nothing half-written."""

import threading
import time

import pytest
from django.apps import apps
from django.db import OperationalError, connections
from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from audit.verbs import Verb
from casemgmt.crypto import keyring, providers
from casemgmt.crypto.errors import RootKeyUnavailable
from casemgmt.crypto.providers.local import LocalFile
from casemgmt.crypto.providers.punctual import Punctual
from casemgmt.crypto.providers.root import RootKey
from casemgmt.operations import outages
from cases import access
from cases.models import Case, Survivor

CLOSED = "The records cannot be opened just now"


class Faulty(LocalFile):
    """The provider of these tests, with a switch: ``fault`` says what happens to every call."""

    fault = None

    def wrap(self, key, *, context):
        self._suffer()
        return super().wrap(key, context=context)

    def unwrap(self, wrapped, *, context):
        self._suffer()
        return super().unwrap(wrapped, context=context)

    def _suffer(self):
        if self.fault is not None:
            self.fault()


def down():
    raise RootKeyUnavailable("The token is not there.")


@pytest.fixture
def faulty():
    provider = Faulty()
    providers.use(Punctual(provider, 0.3))
    outages.forget()
    yield provider
    provider.fault = None
    providers.use(None)
    keyring.forget()
    outages.forget()


def forget_everything():
    keyring.forget()
    keyring._seen_version.clear()


def told(verb=Verb.ROOT_KEY_UNAVAILABLE):
    return list(Event.objects.filter(verb=verb).order_by("id"))


def count_rows():
    """How many rows each table of the records has, the ledger and what a request leaves aside."""
    left_out = ("audit.", "sessions.", "accounts.Session", "accounts.HistoricalSession", "operations.", "accounts.User")
    models = [model for model in apps.get_models() if model._meta.app_label != "crypto"]
    return {
        model._meta.label: model._base_manager.count()
        for model in models
        if model._meta.managed and not model._meta.label.startswith(left_out)
    }


def intake_of(cast):
    return {
        "contact_channel": "NONE", "language": "es", "consent_state": "PENDING", "status": "ACTIVE",
        "opened_on": str(timezone.localdate()), "team": str(cast.team_of("amina").uid), "first_name": "Zoraida",
    }  # fmt: skip


def test_a_save_that_breaks_in_the_middle_leaves_nothing(cast, sign_in, faulty):
    """A real page, five sealed records: the root key goes away after the second."""
    client = sign_in(cast.amina)
    before, saved = count_rows(), []

    def pull_the_plug(sender, **_kwargs):
        saved.append(sender)
        forget_everything()
        faulty.fault = down

    post_save.connect(pull_the_plug, sender=Survivor)
    page = reverse("intake-form", args=["00000000-0000-4000-8000-00000000000a"])
    try:
        answer = client.post(page, intake_of(cast))
    finally:
        post_save.disconnect(pull_the_plug, sender=Survivor)
    assert saved == [Survivor], "it was in the middle"
    assert answer.status_code == 503 and CLOSED in answer.text and answer["Retry-After"]
    assert "Zoraida" not in answer.text
    faulty.fault = None
    assert count_rows() == before, "nothing of it is there"
    assert not access.for_the_house(Case).exists()
    [event] = told()
    assert event.outcome == "FAILED" and event.actor_uid is None

    assert client.post(page, intake_of(cast)).status_code == 302, "and the same form goes through when all is well"
    assert access.for_the_house(Case).count() == 1


def test_a_fresh_process_that_cannot_open_the_root_key(cast, sign_in, client, faulty):
    """Not even who asks can be noted, for that needs a key: still a page, and one event for all of them afterwards."""
    signed_in = sign_in(cast.amina)
    for someone in (client, signed_in, client):
        forget_everything()
        faulty.fault = down
        answer = someone.get(reverse("home"))
        assert answer.status_code == 503 and CLOSED in answer.text
    assert not told()
    faulty.fault = None
    signed_in.get(reverse("home"))
    assert len(told()) == 1
    signed_in.get(reverse("home"))
    assert len(told()) == 1


def test_a_root_key_that_hangs_holds_nobody_up(client, db, faulty):
    forget_everything()
    free = threading.Event()
    faulty.fault = lambda: free.wait(10)
    began = time.monotonic()
    assert client.get(reverse("home")).status_code == 503
    assert time.monotonic() - began < 3
    free.set()
    faulty.fault = None
    providers.current()._stuck.join(5)
    assert client.get(reverse("home")).status_code == 302


def test_a_wrong_root_key(client, db, faulty):
    forget_everything()
    faulty._hold(RootKey.new(), is_current=True)
    faulty.fault = None
    real, faulty._root = faulty._root, lambda mark=None: RootKey.new()
    assert client.get(reverse("home")).status_code == 503
    faulty._root = real
    faulty.lock()
    client.get(reverse("home"))
    assert len(told()) == 1


def test_a_key_store_that_is_away(cast, sign_in, faulty, monkeypatch):
    client = sign_in(cast.amina)

    def refuse(*_arguments, **_options):
        raise OperationalError("could not connect to host keys.example.org")

    with monkeypatch.context() as patch:
        patch.setattr(connections["keystore"], "cursor", refuse)
        answers = [client.get(reverse("home")) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {503}
    assert not any("example.org" in answer.text for answer in answers)
    client.get(reverse("home"))
    # The first is told at once, where the ledger's key is still in memory; what follows within a minute waits.
    assert len(told(Verb.KEYSTORE_UNAVAILABLE)) == 1 and not told()


def test_a_flood_is_told_once_a_minute_with_its_number(cast, sign_in, faulty, monkeypatch):
    client = sign_in(cast.amina)
    clock = [time.monotonic()]
    monkeypatch.setattr(outages.time, "monotonic", lambda: clock[0])
    for expected in (1, 1, 1):
        outages.note(RootKeyUnavailable("away"))
        client.get(reverse("home"))
        assert len(told()) == expected
    assert outages.is_waiting()
    clock[0] += outages.PAUSE + 1
    client.get(reverse("home"))
    assert len(told()) == 2 and not outages.is_waiting()
