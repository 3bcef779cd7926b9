"""What is kept of opened keys in memory: bounded, growing old, forgotten in time, shared by threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from casemgmt.crypto import cache, keks, keyring
from casemgmt.crypto.cache import BoundedCache
from casemgmt.crypto.errors import ContentErased

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])
COLUMNS = ("case_uid", "retention_class", "epoch", "mode", "wrapped")


def test_the_memory_is_bounded_and_forgets_what_is_not_used():
    memory = BoundedCache(size=8, seconds=60)
    for number in range(200):
        memory.put(number, number, memory.generation)
        assert memory.get(number) == number
        assert memory.get(0) == 0  # used all the time, and so kept
        assert len(memory) <= 8
    assert memory.get(100) is None


def test_the_memory_grows_old(monkeypatch):
    memory = BoundedCache(size=4, seconds=60)
    now = [1000.0]
    monkeypatch.setattr(cache.time, "monotonic", lambda: now[0])
    memory.put("a", 1, memory.generation)
    now[0] += 59
    assert memory.get("a") == 1
    now[0] += 2
    assert memory.get("a") is None
    assert len(memory) == 0


def test_what_was_fetched_before_forgetting_is_not_remembered_after():
    memory = BoundedCache(size=4, seconds=60)
    generation = memory.generation
    memory.clear()
    memory.put("a", 1, generation)
    assert memory.get("a") is None


def test_a_key_erased_while_it_was_fetched_is_not_kept(case_uid, monkeypatch):
    """One thread reads the key's row, another learns of the erasure, then the first one puts what it read."""
    keyring.begin_request()
    keyring.forget()
    real = keks.rows

    def rows(model):
        found = real(model)
        if model == "CaseKey":
            found = list(found.filter(case_uid=case_uid).values_list(*COLUMNS))
            monkeypatch.setattr(keks, "rows", real)
            real("CaseKey").filter(case_uid=case_uid).delete()
            keyring.move_version()
            keyring.begin_request()

            class Fetched:
                def filter(self, **kwargs):
                    return self

                def values_list(self, *columns):
                    assert columns == COLUMNS
                    return found

            return Fetched()
        return found

    monkeypatch.setattr(keks, "rows", rows)
    keyring.prefetch([case_uid])
    with pytest.raises(ContentErased):
        keyring.sealing_cipher(case_uid, "CARD")


def test_the_memory_is_shared_by_threads():
    memory = BoundedCache(size=50, seconds=60)

    def use(seed):
        for number in range(2000):
            key = (seed * 7 + number) % 90
            memory.put(key, key, memory.generation)
            assert memory.get(key) in (None, key)
            if number % 500 == 0:
                memory.clear()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(use, range(6)))
    assert 0 < len(memory) <= 50
