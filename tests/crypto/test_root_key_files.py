"""The file of the root key, plain and sealed, and the three sheets: what people and disks do to them."""

import os
import stat

import pytest

from casemgmt.crypto.errors import KeystoreUnavailable, RootKeyUnavailable, WrongSecret
from casemgmt.crypto.providers import asking, keyfile, local, sheets
from casemgmt.crypto.providers.local import LocalFile
from casemgmt.crypto.providers.root import RootKey
from casemgmt.crypto.providers.shares import ask_for_two

pytestmark = pytest.mark.once

PASSPHRASE = "seven green doors behind the mill"


@pytest.fixture
def root_key_file(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 64 * 1024)
    monkeypatch.setattr(keyfile, "PASSES", 1)
    settings.ROOT_KEY_FILE = tmp_path / "keys" / "root.key"
    return settings.ROOT_KEY_FILE


def rewrite(path, lines):
    path.chmod(0o600)
    path.write_text("\n".join(lines))


# ---- both forms ----


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_the_file_is_for_its_owner_only_and_never_overwritten(root_key_file, passphrase):
    local.create(passphrase=passphrase)
    assert stat.S_IMODE(root_key_file.stat().st_mode) == 0o400
    before = root_key_file.read_bytes()
    with pytest.raises(FileExistsError):
        local.create(passphrase=passphrase)
    assert root_key_file.read_bytes() == before
    assert [path.name for path in root_key_file.parent.iterdir()] == ["root.key"]


def test_a_missing_file(root_key_file):
    with pytest.raises(KeystoreUnavailable, match="missing"):
        LocalFile().health()


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_file_open_to_others(root_key_file, passphrase):
    local.create(passphrase=passphrase)
    root_key_file.chmod(0o440)
    with pytest.raises(KeystoreUnavailable, match="chmod"):
        LocalFile().health()


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:2],
        lambda lines: ["another title", *lines[1:]],
        lambda lines: [lines[0], lines[1][:-1] + ("0" if lines[1][-1] != "0" else "1"), *lines[2:]],
        lambda lines: [lines[0], lines[1][:-2], *lines[2:]],
        lambda lines: [lines[0], "not hex", *lines[2:]],
        lambda lines: [*lines[:-1], lines[-1][:-1] + ("0" if lines[-1][-1] != "0" else "1")],
        lambda lines: [*lines, "one more"],
        lambda lines: [],
    ],
)
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_damaged_file(root_key_file, passphrase, damage):
    local.create(passphrase=passphrase)
    rewrite(root_key_file, damage(root_key_file.read_text().splitlines()))
    with pytest.raises(RootKeyUnavailable, match="damaged"):
        LocalFile().health()


def test_only_the_demo_makes_its_key_by_itself(settings):
    del settings.ROOT_KEY_AUTOCREATE
    settings.HAVEN_DEMO = False
    assert not local.may_create() and not local.may_be_plain()
    settings.ROOT_KEY_PLAIN = True
    assert not local.may_create() and local.may_be_plain()
    settings.ROOT_KEY_PLAIN, settings.HAVEN_DEMO = False, True
    assert local.may_create() and local.may_be_plain()


# ---- sealed ----


def test_the_sealed_file_opens_with_its_passphrase_alone(root_key_file):
    root = RootKey.new()
    keyfile.write(root_key_file, root, PASSPHRASE)
    text = root_key_file.read_bytes()
    for secret in (root.reveal(), root.reveal().hex().encode(), PASSPHRASE.encode()):
        assert secret not in text
    file = keyfile.read(root_key_file)
    assert file.is_sealed and file.mark == root.mark
    assert file.open(PASSPHRASE).reveal() == root.reveal()
    for wrong in ("", PASSPHRASE.title(), f"{PASSPHRASE} "):
        with pytest.raises(WrongSecret) as refusal:
            file.open(wrong)
        assert not wrong.strip() or wrong not in str(refusal.value)


def test_the_same_passphrase_of_another_keyboard(root_key_file):
    composed, decomposed = "sieben grüne Türen", "sieben gru\u0308ne Tu\u0308ren"
    assert composed != decomposed
    keyfile.write(root_key_file, RootKey.new(), composed)
    keyfile.read(root_key_file).open(decomposed)


def test_parameters_stand_in_the_file_and_cannot_be_changed(root_key_file):
    """Also by somebody who writes a checksum that fits: they are authenticated with the key."""
    keyfile.write(root_key_file, RootKey.new(), PASSPHRASE)
    lines = root_key_file.read_text().splitlines()
    assert lines[2].startswith("argon2id 65536 1 4 ")
    for old, new in ((" 4 ", " 3 "), ("argon2id", "argon2i")):
        forged = [*lines[:2], lines[2].replace(old, new), lines[3]]
        rewrite(root_key_file, [*forged, f"checksum {keyfile._checksum(keyfile._bound(forged))}"])
        with pytest.raises(RootKeyUnavailable):
            keyfile.read(root_key_file).open(PASSPHRASE)


@pytest.mark.parametrize(
    "costs", ["1024 3 4", "99999999 3 4", "65536 0 4", "65536 9999 4", "65536 3 0", "65536 -3 4", "x 3 4"]
)
def test_a_file_that_asks_for_too_little_or_too_much_is_damaged(root_key_file, costs):
    keyfile.write(root_key_file, RootKey.new(), PASSPHRASE)
    lines = root_key_file.read_text().splitlines()
    forged = [*lines[:2], f"argon2id {costs} {lines[2].split()[-1]}", lines[3]]
    rewrite(root_key_file, [*forged, f"checksum {keyfile._checksum(keyfile._bound(forged))}"])
    with pytest.raises(RootKeyUnavailable, match="damaged"):
        keyfile.read(root_key_file)


def test_what_new_files_cost_to_guess():
    from casemgmt.crypto.providers import keyfile as untouched

    assert untouched.MEMORY_KIB >= 64 * 1024 and untouched.PASSES >= 3


def test_three_tries(root_key_file):
    local.create(passphrase=PASSPHRASE)
    before = list(asking._askers)
    answers = ["wrong", "wrong again", PASSPHRASE]
    asking.ask_with(lambda question: answers[question.attempt - 1])
    try:
        LocalFile().health()
        answers[2] = "wrong for ever"
        with pytest.raises(WrongSecret, match="does not open"):
            LocalFile().health()
    finally:
        asking._askers[:] = before


def test_a_new_passphrase_takes_the_old_ones_place_in_one_step(root_key_file):
    root = RootKey.new()
    keyfile.write(root_key_file, root, None)
    keyfile.replace(root_key_file, root, PASSPHRASE)
    assert keyfile.read(root_key_file).open(PASSPHRASE).reveal() == root.reveal()
    assert stat.S_IMODE(root_key_file.stat().st_mode) == 0o400
    with pytest.raises(RootKeyUnavailable, match="never overwritten"):
        keyfile.replace(root_key_file, RootKey.new(), PASSPHRASE)
    assert os.listdir(root_key_file.parent) == ["root.key"]


# ---- paper ----


def test_any_two_of_three_sheets_make_the_key():
    root = RootKey.new()
    made = sheets.split(root)
    assert [sheet.number for sheet in made] == [1, 2, 3]
    assert len({sheet.set_words for sheet in made}) == 1 and len({sheet.words for sheet in made}) == 3
    for first in made:
        for second in made:
            if first is not second:
                assert sheets.combine(first, second).reveal() == root.reveal()


def test_words_may_be_short_numbered_and_shouted():
    made = sheets.split(RootKey.new())[0]
    typed = " ".join(f"{place}. {word[:4].upper()}" for place, word in enumerate(made.words, 1))
    assert sheets.read(typed, 1) == made


def test_each_slip_is_told_by_sheet_and_place():
    first, second, _third = sheets.split(RootKey.new())
    words = list(first.words)
    slips = {
        "Sheet 2: word 7": [*words[:6], "xylophone", *words[7:]],
        "33 words, and 32": words[:-1],
        "33 words, and 34": [*words, "academic"],
        "do not belong together": [*words[:10], words[11], words[10], *words[12:]],
        "Sheet 2: all words": [*words[:20], "academic" if words[20] != "academic" else "acid", *words[21:]],
        "and 0 were typed": [],
    }
    for sentence, typed in slips.items():
        with pytest.raises(WrongSecret, match=sentence) as refusal:
            sheets.read(" ".join(typed), 2)
        assert not any(word in str(refusal.value).split() for word in words[4:] if len(word) > 6), "no word is repeated"
    with pytest.raises(WrongSecret, match="sheet 1 twice"):
        sheets.combine(first, first)
    with pytest.raises(WrongSecret, match="different sets"):
        sheets.combine(first, sheets.split(RootKey.new())[1])
    assert repr(second) == "<sheet 2>"


def test_a_longer_word_than_the_lists_is_no_word():
    words = list(sheets.split(RootKey.new())[0].words)
    with pytest.raises(WrongSecret, match="word 5 is not a word"):
        sheets.read(" ".join([*words[:4], f"{words[4]}x", *words[5:]]), 1)


def test_sheets_of_other_makers():
    import shamir_mnemonic

    ((one,), *_rest) = shamir_mnemonic.generate_mnemonics(1, [(1, 1)], bytes(32))
    with pytest.raises(WrongSecret, match="not made by Haven"):
        sheets.read(one, 1)


def test_a_misread_sheet_is_asked_again():
    made = sheets.split(RootKey.new())
    heard = []
    answers = iter(
        ["nonsense", " ".join(made[0].words), " ".join(made[0].words), " ".join(made[2].words), " ".join(made[1].words)]
    )
    before = list(asking._askers)
    asking.ask_with(lambda question: heard.append(question) or next(answers))
    try:
        assert ask_for_two().mark == sheets.combine(made[0], made[1]).mark
    finally:
        asking._askers[:] = before
    assert [(one.number, bool(one.problem)) for one in heard] == [
        (1, False),
        (1, True),
        (2, False),
        (1, True),
        (2, False),
    ]
