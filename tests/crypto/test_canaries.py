"""Known words go in; then both databases, the logs and all printed forms are searched for them."""

import base64
import json
import logging
import traceback
from datetime import date
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from casemgmt.crypto import keks, keyring
from casemgmt.crypto.errors import VaultError
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest, Sheet

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])
CANARIES = ["Zarqa Canarywood", "quiet blue kettle", "Grünanger 17"]
BORN = date(1987, 11, 23)


def disguises(word: str) -> list[bytes]:
    """How a word could lie in a dump: encodings, hex, base64 at each offset, backwards, folded."""
    found = []
    # As JSON (in a job's arguments), in an address and in a page it is spelt otherwise.
    found += [json.dumps(word)[1:-1].encode(), quote(word).encode(), quote_plus(word).encode(), escape(word).encode()]
    for text in (word, word.casefold(), word.upper(), word[::-1]):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            data = text.encode(encoding)
            found += [data, data.hex().encode(), data.hex().upper().encode()]
            for offset in range(3):
                # Cut what depends on the neighbours.
                encoded = base64.b64encode(bytes(offset) + data)
                found.append(encoded[4 if offset else 0 : len(encoded) - 4])
    return found


def assert_clean(haystack: bytes) -> None:
    for word in [*CANARIES, BORN.isoformat()]:
        for needle in disguises(word):
            assert needle not in haystack, f"{word} is in there as {needle[:20]!r}"


@pytest.fixture
def guest(case_uid):
    guest = Guest.objects.create(
        case_uid=case_uid, name=CANARIES[0], remarks=CANARIES[1], born_on=BORN, answers={"at": CANARIES[2]}
    )
    guest = Guest.objects.get(pk=guest.pk)
    guest.remarks = CANARIES[1] + "!"
    guest.save()
    sheet = Sheet.objects.create(case_uid=case_uid, body=CANARIES[1], guest=guest)
    sheet.section = "LEGAL_FILE"
    sheet.save()
    return guest


def test_the_search_itself_finds_what_is_there():
    for form in (
        CANARIES[0].encode(),
        b"x" + base64.b64encode(b"ab" + CANARIES[0].encode() + b"c"),
        CANARIES[0].encode("utf-16-le"),
        CANARIES[0].encode().hex().encode(),
        CANARIES[0][::-1].encode(),
    ):
        with pytest.raises(AssertionError):
            assert_clean(b"before" + form + b"after")


def test_the_databases_hold_no_word_and_no_key(guest):
    records, keys = raw.dump("default"), raw.dump("keystore")
    assert guest.uid.hex.encode() in records.replace(b"-", b"")
    assert_clean(records)
    assert_clean(keys)
    assert guest.case_uid.hex.encode() in keys.replace(b"-", b"")
    data_key = keyring.derived_key(guest.case_uid, "CORE", "IDENTITY")[1]
    for secret in (bytes(data_key), keks.shared(keks.LEDGER, "stream"), keyring.ledger_key("x")):
        assert secret not in records + keys
        assert secret.hex().encode() not in records + keys


def test_what_is_printed_holds_no_word(guest, caplog):
    with caplog.at_level(logging.DEBUG), reading():
        found = Guest.objects.get(pk=guest.pk)
        assert found.name == CANARIES[0]
        version = Guest.history.first()
        printed = [
            found,
            repr(found),
            found.__dict__,
            version,
            version.__dict__,
            Guest.objects.values(),
            guest.__dict__,
        ]
        logging.getLogger("haven").debug("%s %r", found, found.__dict__)
        found.save()
    assert_clean(repr(printed).encode() + caplog.text.encode())


def test_a_traceback_holds_no_word(guest):
    raw.write(Guest, "name", guest.pk, raw.read(Guest, "remarks", guest.pk))
    found = Guest.objects.get(pk=guest.pk)
    try:
        with reading():
            assert found.remarks == CANARIES[1] + "!"
            found.name
    except VaultError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
        own = [frame for frame in report.stack if "casemgmt" in frame.filename]
        assert own
        assert_clean(repr([(frame.name, frame.locals) for frame in own]).encode() + str(error).encode())
    else:
        pytest.fail("a ciphertext of another column opened")
