"""Notes and checkpoints against the published example of the reference implementation (golang.org/x/mod/sumdb/note)."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.sealing import notes
from audit.sealing.notes import BadNote, Checkpoint, Verifier

pytestmark = pytest.mark.once

VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNER = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
WHOLE = f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OURS = Verifier("log.example.org", KEY.public_key().public_bytes_raw())
HEAD = Checkpoint("log.example.org", 7, bytes(range(32)))


def signed() -> str:
    return str(notes.sign(HEAD.text(), OURS.name, KEY))


def test_the_published_note() -> None:
    seed = base64.b64decode(SIGNER)[1:]
    assert str(notes.sign(TEXT, "PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed))) == WHOLE
    verifier = Verifier.parse(VERIFIER)
    assert (str(verifier), verifier.key_hash.hex(), verifier.name) == (VERIFIER, "c74f20a3", "PeterNeumann")
    note = notes.parse_note(WHOLE)
    assert (note.text, str(note), verifier.signed(note)) == (TEXT, WHOLE, True)
    assert not verifier.signed(notes.parse_note(WHOLE.replace("answer", "remedy")))


def test_a_checkpoint_as_the_specification_lays_it_out() -> None:
    lines = signed().split("\n")
    assert lines[:4] == ["log.example.org", "7", base64.b64encode(bytes(range(32))).decode(), ""]
    assert lines[4].startswith("— log.example.org ") and lines[5:] == [""]
    assert notes.open_checkpoint(signed(), "log.example.org", [Verifier.parse(VERIFIER), OURS]) == (HEAD, OURS)


def test_further_signatures_and_extension_lines_are_passed_over() -> None:
    text = HEAD.text() + "an extension\n"
    note = notes.sign(text, OURS.name, KEY)
    other = notes.sign(text, "witness.example.org", Ed25519PrivateKey.generate())
    whole = str(notes.Note(text, (*other.signatures, *note.signatures)))
    assert notes.open_checkpoint(whole, "log.example.org", [OURS])[0] == HEAD


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole.replace("\n7\n", "\n8\n"),
        lambda whole: whole.replace("\n7\n", "\n07\n"),
        lambda whole: whole.replace("AAECAwQF", "BAECAwQF", 1),
        lambda whole: whole.replace("\n\n", "\n"),
        lambda whole: whole[:-1],
        lambda whole: whole.replace("— log", "- log"),
        lambda whole: whole.replace("— log.example.org", "— other.example.org"),
        lambda whole: whole[:-6] + "AAA=\n",
        lambda whole: "log.example.org\n" + whole,
        lambda whole: whole.replace("\n7\n", "\n7\t\n"),
        lambda whole: "",
    ],
)
def test_whatever_is_changed_is_refused(change) -> None:
    changed = change(signed())
    assert changed != signed()
    with pytest.raises(BadNote):
        notes.open_checkpoint(changed, "log.example.org", [OURS])


def test_another_log_and_another_key_are_refused() -> None:
    with pytest.raises(BadNote, match="another log"):
        notes.open_checkpoint(signed(), "other.example.org", [OURS])
    stranger = Verifier(OURS.name, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(BadNote, match="None of the known keys"):
        notes.open_checkpoint(signed(), "log.example.org", [stranger])
    cosigner = Verifier(OURS.name, OURS.public_key, notes.COSIGNATURE)
    assert cosigner.key_hash != OURS.key_hash and not cosigner.signed(notes.parse_note(signed()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        VERIFIER.replace("c74f20a3", "c74f20a4"),
        VERIFIER.replace("Peter", "Pater"),
        VERIFIER[:-4],
        VERIFIER.replace("PeterNeumann", "Peter Neumann"),
        "a+00000000+!!!!",
    ],
)
def test_an_odd_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(text)


def test_a_text_that_no_note_may_have() -> None:
    for text in ("no newline", "a\tb\n", ""):
        with pytest.raises(BadNote):
            notes.sign(text, "a", KEY)
