"""Keys of blind indexes: one for each index and epoch, made, destroyed and never made again."""

import pytest

from casemgmt.crypto import blind_index, keks, keyring
from casemgmt.crypto.errors import KeystoreUnavailable

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


def test_a_token_depends_on_index_epoch_and_text_and_has_so_many_bits():
    first, second = blind_index.add_epoch(), blind_index.add_epoch()
    assert second == first + 1 == blind_index.newest_epoch() and blind_index.has_older_epochs()
    token = blind_index.token("NAME", first, 40, "ana lopez")
    assert token == blind_index.token("NAME", first, 40, "ana lopez") < 2**40
    others = [("SOUND", first, "ana lopez"), ("NAME", second, "ana lopez"), ("NAME", first, "ana lopes")]
    assert token not in {blind_index.token(index, epoch, 40, text) for index, epoch, text in others}
    assert blind_index.token("NAME", first, 12, "ana lopez") == token >> 28


@pytest.mark.parametrize("bits", [0, 63])
def test_odd_bits_are_refused(bits):
    with pytest.raises(ValueError, match="1 to 62"):
        blind_index.token("NAME", blind_index.add_epoch(), bits, "x")


def test_a_destroyed_epoch_is_gone_for_every_process_and_its_number_never_comes_again():
    old, new = blind_index.add_epoch(), blind_index.add_epoch()
    before = blind_index.token("NAME", old, 16, "ana lopez")
    kept = blind_index.token("NAME", new, 16, "ana lopez")
    version = keks.rows("KeystoreVersion").get(pk=1).number
    assert blind_index.destroy_epochs(before=new) >= 1
    assert keks.rows("KeystoreVersion").get(pk=1).number == version + 1
    with pytest.raises(KeystoreUnavailable):
        blind_index.token("NAME", old, 16, "ana lopez")
    assert blind_index.token("NAME", new, 16, "ana lopez") == kept != before
    assert blind_index.destroy_epochs(before=new) == 0 and blind_index.destroy_epochs(before=new + 5) == 0
    assert blind_index.add_epoch() == new + 1
    keyring.forget()
    assert blind_index.token("NAME", new, 16, "ana lopez") == kept
