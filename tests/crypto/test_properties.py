"""Whatever the value and the damage: the same value comes back, or a refusal. Seeded: each run is the same."""

import io
import uuid
from datetime import date

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casemgmt.crypto import envelope
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.files import open_stream, seal_stream
from casemgmt.crypto.keyring import create_case_keys
from casemgmt.crypto.sealed import Binding, Sealed
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest, Sheet

CIPHER = AESGCM(bytes(range(32)))
RECORD, CASE, SCOPE = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
BOUND = envelope.associated_data("note.body", RECORD, CASE, "ADVOCACY", SCOPE, 1)

many = settings(derandomize=True, deadline=None, max_examples=150)
with_database = settings(
    derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@many
@given(st.binary(max_size=1500))
def test_padding_comes_off(typed):
    padded = envelope.pad(typed)
    assert envelope.unpad(padded) == typed
    assert len(padded) in (32, 64, 128) or len(padded) % 256 == 0
    assert len(typed) < len(padded) <= max(32, 2 * len(typed) + 2, len(typed) + 256)


@many
@given(st.binary(min_size=1, max_size=400))
def test_what_seals_opens(typed):
    sealed = envelope.seal(CIPHER, 1, typed, BOUND)
    assert envelope.unseal(CIPHER, sealed, BOUND, "note.body", RECORD) == typed
    assert typed not in sealed or len(typed) < 4


def test_every_flipped_bit_is_refused():
    sealed = envelope.seal(CIPHER, 1, b"tAna", BOUND)
    for bit in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(DecryptionRefused):
            open_bytes(bytes(damaged))


def test_every_truncation_and_extension_is_refused():
    sealed = envelope.seal(CIPHER, 1, b"t" + b"x" * 300, BOUND)
    for length in range(len(sealed)):
        with pytest.raises(DecryptionRefused):
            open_bytes(sealed[:length])
    with pytest.raises(DecryptionRefused):
        open_bytes(sealed + b"\x00")


def open_bytes(sealed: bytes) -> bytes:
    """As a field opens: the epoch the bytes name goes into what they must be bound to."""
    epoch = envelope.epoch_of(sealed, "note.body", RECORD)
    bound = envelope.associated_data("note.body", RECORD, CASE, "ADVOCACY", SCOPE, epoch)
    return envelope.unseal(CIPHER, sealed, bound, "note.body", RECORD)


parts = st.tuples(
    st.sampled_from(["note.body", "note.bodyA", "note.bod", "n"]),
    st.sampled_from([RECORD, CASE, SCOPE]),
    st.sampled_from([RECORD, CASE, SCOPE]),
    st.sampled_from(["ADVOCACY", "AADVOCACY", "CARD"]),
    st.sampled_from([None, RECORD, SCOPE]),
    st.integers(1, 65535),
)


@many
@given(parts, parts)
def test_no_two_meanings_share_their_associated_data(one, other):
    assert (one == other) == (envelope.associated_data(*one) == envelope.associated_data(*other))


@pytest.mark.django_db(databases=["default", "keystore"])
class TestRecords:
    """The same through the field, with real keys."""

    @with_database
    @given(name=text, born=st.none() | st.dates(), answers=json_values)
    def test_values_come_back(self, case_uid, name, born, answers):
        guest = Guest(case_uid=case_uid, name=name, born_on=born, answers=answers)
        for field in ("name", "born_on", "answers"):
            Guest._meta.get_field(field).pre_save(guest, add=True)
        with reading():
            assert guest.name == name
            assert guest.born_on == born
            assert guest.answers == answers

    @with_database
    @given(bit=st.integers(0, 63 * 8 - 1), born=st.dates())
    def test_flipped_bits_of_a_field_are_refused(self, case_uid, bit, born: date):
        guest = Guest(case_uid=case_uid, born_on=born)
        damaged = bytearray(Guest._meta.get_field("born_on").pre_save(guest, add=True).raw)
        damaged[bit // 8] ^= 1 << (bit % 8)
        guest.__dict__["born_on"] = Sealed(bytes(damaged))
        with reading(), pytest.raises(DecryptionRefused):
            guest.born_on

    @pytest.mark.parametrize("moved", ["record", "case", "section", "section of the same class", "scope", "no scope"])
    def test_a_ciphertext_does_not_open_elsewhere(self, case_uid, other_case_uid, moved):
        field = Sheet._meta.get_field("body")
        sheet = Sheet(case_uid=case_uid, section="LEGAL_FILE", matter_uid=SCOPE, body="strategy")
        sealed = field.pre_save(sheet, add=True)
        bound = sealed.bound
        elsewhere: Binding = {
            "record": bound._replace(record_uid=uuid.uuid4()),
            "case": bound._replace(case_uid=other_case_uid),
            "section": bound._replace(section="ADVOCACY"),
            "section of the same class": bound._replace(section="LEGAL"),
            "scope": bound._replace(scope_uid=uuid.uuid4()),
            "no scope": bound._replace(scope_uid=None),
        }[moved]
        with reading():
            assert field.open_through_gate(sheet, sealed) == "strategy"
            with pytest.raises(DecryptionRefused):
                field.open_through_gate(sheet, Sealed.bound_to(sealed.raw, elsewhere))

    def test_a_ciphertext_does_not_open_under_another_epoch(self, case_uid):
        field = Guest._meta.get_field("name")
        guest = Guest(case_uid=case_uid, name="Ana")
        sealed = bytearray(field.pre_save(guest, add=True).raw)
        sealed[1:3] = (2).to_bytes(2, "big")
        guest.__dict__["name"] = Sealed(bytes(sealed))
        with reading(), pytest.raises(DecryptionRefused):
            guest.name

    def test_a_case_without_keys_is_erased_and_not_damaged(self, case_uid):
        sealed = Guest._meta.get_field("name").pre_save(Guest(case_uid=case_uid, name="Ana"), add=True)
        unkeyed = sealed.bound._replace(case_uid=uuid.uuid4())
        with reading(), pytest.raises(ContentErased):
            Guest._meta.get_field("name").open_through_gate(Guest(), Sealed.bound_to(sealed.raw, unkeyed))

    @with_database
    @given(content=st.binary(max_size=200), at=st.integers(0, 10_000), cut=st.booleans())
    def test_a_damaged_file_is_refused(self, content, at, cut):
        case_uid = uuid.UUID(int=77)
        create_case_keys(case_uid)
        about = {"case_uid": case_uid, "section": "LEGAL", "file_uid": RECORD}
        sealed = bytearray(b"".join(seal_stream(io.BytesIO(content), **about)))
        assert b"".join(open_stream(io.BytesIO(bytes(sealed)), **about)) == content
        if cut:
            del sealed[at % len(sealed) :]
        else:
            sealed[at % len(sealed)] ^= 1 << (at % 8)
        with pytest.raises(DecryptionRefused):
            b"".join(open_stream(io.BytesIO(bytes(sealed)), **about))
