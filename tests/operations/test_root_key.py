"""The root key as people keep it: under a passphrase, on paper, in a token. Real commands at a real terminal."""

import re

import pytest

from tests import softhsm
from tests.operations.root_keys import (
    ANOTHER,
    DIGEST,
    PASSPHRASE,
    at_terminal,
    digest,
    make_key_store,
    sheets_in,
    type_sheet,
    write_secret,
)
from tests.served import Served

pytestmark = pytest.mark.once


@pytest.fixture
def keys_only(tmp_path):
    """A home for real work whose key store has its tables and nothing else has: enough for what keys do."""
    home = Served(is_demo=False)
    home.prepare()
    yield home
    home.close()


# ---- making it ----


def test_a_person_makes_the_key_and_opens_it_at_a_terminal(keys_only):
    with at_terminal(keys_only, "root_key", "create") as person:
        for weak, why in (("short", "too short"), ("aaaaaaaaaaaaaaaaaaaa", "too simple")):
            person.expect("New passphrase of the root key: ")
            person.type(weak)
            person.expect(why)
        person.expect("New passphrase of the root key: ")
        person.type(PASSPHRASE)
        person.expect("again: ")
        person.type(ANOTHER)
        person.expect("not the same")
        for _twice in range(2):
            person.expect(": ")
            person.type(PASSPHRASE)
        person.expect("sealed under the passphrase")
        assert person.end() == 0
        assert PASSPHRASE not in person.seen, "what is typed is not shown"
    with at_terminal(keys_only, "root_key", "check") as person:
        person.expect("Passphrase of root key")
        person.type(ANOTHER)
        person.expect("does not open")
        person.expect("Passphrase of root key")
        person.type(PASSPHRASE)
        assert person.end() != 0 and "key store" in person.seen, "there is no key store yet, and it says so"
    with at_terminal(keys_only, "root_key", "create") as person:
        person.expect("never overwritten")
        assert person.end() == 1
    with at_terminal(keys_only, "root_key", "check") as person:
        for _try in range(3):
            person.expect("Passphrase of root key")
            person.type("wrong")
        person.expect("does not open the root key")
        assert person.end() == 1 and "Traceback" not in person.seen


def test_without_terminal_and_file_every_command_says_one_sentence(keys_only, tmp_path):
    done = keys_only.manage("root_key", "create", check=False)
    assert done.returncode == 1 and "typed at a terminal" in done.stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    before = digest(keys_only)
    keys_only.extra = {}
    for command in (["serve", "--port", str(keys_only.port)], ["work", "--once"], ["prepare"], ["shell", "-v", "0", "-c", DIGEST],
                    ["root_key", "check"], ["root_key", "split", "--to", str(tmp_path)], ["root_key", "change"]):  # fmt: skip
        done = keys_only.manage(*command, check=False)
        assert done.returncode == 1, command
        assert "no terminal to ask at" in done.stdout and "ROOT_PASSPHRASE_FILE" in done.stdout, done.stdout
        assert "Traceback" not in done.stdout and len(done.stdout.strip().splitlines()) == 1, done.stdout
    for text, why in (
        (f"{ANOTHER}", "does not open the root key. It was read from ROOT_PASSPHRASE_FILE"),
        ("", "is empty"),
    ):
        keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path, text)}
        done = keys_only.manage("root_key", "check", check=False)
        assert done.returncode == 1 and why in done.stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": "/nowhere/at/all"}
    assert "cannot be read" in keys_only.manage("root_key", "check", check=False).stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    assert digest(keys_only) == before


def test_a_passphrase_is_never_taken_from_the_environment(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    keys_only.extra = {"ROOT_PASSPHRASE": PASSPHRASE}
    done = keys_only.manage("root_key", "check", check=False)
    assert done.returncode == 1 and "no terminal to ask at" in done.stdout
    done = keys_only.manage("check", check=False)
    assert done.returncode == 1 and "haven.E017" in done.stdout and PASSPHRASE not in done.stdout


@pytest.mark.deep
def test_a_plain_file_is_refused_outside_the_demo_until_somebody_says_so(keys_only, tmp_path):
    keys_only.extra = {"ROOT_KEY_PLAIN": "1"}
    said = keys_only.manage("root_key", "create").stdout
    assert "WITHOUT a passphrase" in said
    make_key_store(keys_only)
    before = digest(keys_only)
    keys_only.extra = {}
    done = keys_only.manage("serve", "--port", str(keys_only.port), check=False)
    assert done.returncode == 1 and "root_key passphrase" in done.stdout and "opens every case" in done.stdout
    done = keys_only.manage("check", check=False)
    assert done.returncode == 1 and "haven.E020" in done.stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "passphrase")
    assert digest(keys_only) == before
    assert "argon2id" in (keys_only.home / "keys" / "root.key").read_text()


@pytest.mark.deep
def test_a_new_passphrase(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    before = digest(keys_only)
    weak = keys_only.manage(
        "root_key", "passphrase", "--new-passphrase-file", write_secret(tmp_path, "weak"), check=False
    )
    assert weak.returncode == 1 and "too short" in weak.stdout
    keys_only.manage("root_key", "passphrase", "--new-passphrase-file", write_secret(tmp_path, ANOTHER))
    assert keys_only.manage("root_key", "check", check=False).returncode == 1
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path, ANOTHER)}
    assert digest(keys_only) == before


# ---- on paper ----


@pytest.mark.deep
def test_two_sheets_bring_the_key_back_on_a_new_machine(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    before = digest(keys_only)
    paper = tmp_path / "paper"
    paper.mkdir()
    refused = keys_only.manage("root_key", "split", check=False)
    assert refused.returncode == 1 and "--to" in refused.stdout, "words must not land in a log"
    keys_only.manage("root_key", "split", "--to", str(paper))
    assert all(path.stat().st_mode & 0o077 == 0 for path in paper.iterdir())
    first, second, third = sheets_in(paper)
    assert len(first.split()) == 33
    taken = keys_only.manage("root_key", "combine", check=False)
    assert taken.returncode == 1 and "never overwritten" in taken.stdout

    (keys_only.home / "keys" / "root.key").unlink()
    keys_only.extra = {}
    lost = keys_only.manage("shell", "-c", DIGEST, check=False)
    assert lost.returncode == 1 and "missing" in lost.stdout
    recreated = keys_only.manage("root_key", "create", check=False)
    assert recreated.returncode == 1 and "combine" in recreated.stdout, "a new key would bury the loss"
    served = keys_only.manage("serve", "--port", str(keys_only.port), check=False)
    assert served.returncode == 1 and "combine" in served.stdout and "Make one" not in served.stdout
    with at_terminal(keys_only, "root_key", "combine") as person:
        type_sheet(person, f"{first} zebra")
        person.expect("Sheet 1: word 34 is not a word of the list")
        type_sheet(person, third.upper())
        type_sheet(person, " ".join(word[:4] for word in second.split()))
        for _twice in range(2):
            person.expect("passphrase")
            person.expect(": ")
            person.type(ANOTHER)
        assert person.end() == 0
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path, ANOTHER)}
    assert digest(keys_only) == before


@pytest.mark.deep
def test_sheets_of_another_key_are_told_apart(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    paper = tmp_path / "paper"
    paper.mkdir()
    keys_only.manage("root_key", "split", "--to", str(paper))
    first, second, _third = sheets_in(paper)
    key = keys_only.home / "keys" / "root.key"
    key.unlink()
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    key.unlink()
    keys_only.extra = {}
    with at_terminal(keys_only, "root_key", "combine") as person:
        type_sheet(person, first)
        type_sheet(person, second)
        person.expect("the key store was made with")
        assert person.end() == 1
    assert not key.exists()


def test_a_key_that_is_on_paper_only(keys_only, tmp_path):
    paper = tmp_path / "paper"
    paper.mkdir()
    keys_only.extra = {"ROOT_KEY_PROVIDER": "shares"}
    with at_terminal(keys_only, "root_key", "create", "--to", str(paper)) as person:
        person.expect("type two of them back")
        first, second, third = sheets_in(paper)
        type_sheet(person, second)
        type_sheet(person, third)
        person.expect("nowhere else")
        assert person.end() == 0
    assert not (keys_only.home / "keys" / "root.key").exists()

    def run(*arguments: str, sheets: tuple[str, str]) -> str:
        with at_terminal(keys_only, *arguments) as person:
            for words in sheets:
                type_sheet(person, words)
            assert person.end() == 0, person.seen
            return person.seen

    run("migrate", "crypto", "--database", "keystore", "--skip-checks", sheets=(first, second))
    before = re.search(r"digest (\w{64})", run("shell", "-c", DIGEST, sheets=(third, first)))[1]
    done = keys_only.manage("shell", "-c", DIGEST, check=False)
    assert done.returncode == 1 and "no terminal to type them at" in done.stdout

    anew = tmp_path / "anew"
    anew.mkdir()
    with at_terminal(keys_only, "root_key", "change", "--to", str(anew)) as person:
        type_sheet(person, first)
        type_sheet(person, second)
        person.expect("type two of them back")
        new_first, _new_second, new_third = sheets_in(anew)
        type_sheet(person, new_third)
        type_sheet(person, new_first)
        person.expect("The root key is now")
        assert person.end() == 0
    after = re.search(r"digest (\w{64})", run("shell", "-c", DIGEST, sheets=(new_first, new_third)))[1]
    assert after == before
    with at_terminal(keys_only, "shell", "-c", DIGEST) as person:
        type_sheet(person, first)
        type_sheet(person, second)
        person.expect("the key store was made with another root key")
        assert person.end() == 1
    # Three words in a row: one alone ("table", "index") may well stand in a database.
    phrases = [" ".join(words.split()[place : place + 3]) for words in (new_first, new_third) for place in (0, 6)]
    for path in keys_only.home.rglob("*"):
        if path.is_file():
            kept = " ".join(path.read_text(errors="replace").split())
            assert not any(phrase in kept for phrase in phrases), path


# ---- in a token ----


def test_a_key_in_a_token(keys_only, tmp_path):
    environment = softhsm.make_token(tmp_path / "token")
    keys_only.extra = {
        **environment, "ROOT_KEY_PROVIDER": "pkcs11", "PKCS11_MODULE": softhsm.module(), "PKCS11_TOKEN": softhsm.TOKEN,
        "PKCS11_PIN_FILE": write_secret(tmp_path, softhsm.PIN),
    }  # fmt: skip
    missing = keys_only.manage("migrate", "crypto", "--database", "keystore", "--skip-checks", check=False)
    assert missing.returncode == 1 and "missing in the token" in missing.stdout
    assert "was made in the token" in keys_only.manage("root_key", "create").stdout
    assert keys_only.manage("root_key", "create", check=False).returncode == 1
    make_key_store(keys_only)
    before = digest(keys_only)
    assert "opens the key store" in keys_only.manage("root_key", "check").stdout
    keys_only.manage("root_key", "change")
    assert digest(keys_only) == before
    keys_only.manage("root_key", "drop-old")
    assert digest(keys_only) == before
    refused = keys_only.manage("root_key", "split", "--to", str(tmp_path), check=False)
    assert refused.returncode == 1 and "never leaves the token" in refused.stdout
    pin_file = keys_only.extra.pop("PKCS11_PIN_FILE")
    with at_terminal(keys_only, "root_key", "check") as person:
        person.expect("PIN of the token")
        person.type(softhsm.PIN)
        person.expect("opens the key store")
        assert person.end() == 0
    keys_only.extra |= {"PKCS11_PIN_FILE": pin_file, "PKCS11_TOKEN": "another"}
    away = keys_only.manage("root_key", "check", check=False)
    assert away.returncode == 1 and "plugged in" in away.stdout
