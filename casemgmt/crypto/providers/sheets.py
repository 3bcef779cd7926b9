"""Three sheets of paper of which any two make the root key: SLIP-39, Shamir's secret sharing in checksummed words.

One sheet alone tells nothing about the key. The words are read by people, so each refusal says which sheet and what
to look at; it never repeats a word.
"""

from dataclasses import dataclass

import shamir_mnemonic
from shamir_mnemonic.share import Share
from shamir_mnemonic.utils import MnemonicError
from shamir_mnemonic.wordlist import WORDLIST

from casemgmt.crypto.errors import WrongSecret
from casemgmt.crypto.providers.root import KEY_BYTES, RootKey

NEEDED, MADE = 2, 3
#: Words of a sheet: 2 name the set, 2 the sheet, 26 carry the share, 3 are a checksum.
WORDS = 33
#: The first letters that tell all words of the list apart.
_PREFIX = 4
_BY_PREFIX = {word[:_PREFIX]: word for word in WORDLIST}


@dataclass(frozen=True, repr=False)
class Sheet:
    """One sheet: its number from 1, the words that name its set, and its share."""

    number: int
    words: tuple[str, ...]

    @property
    def set_words(self) -> str:
        """What all sheets of one set begin with. It says nothing about the key."""
        return " ".join(self.words[:2])

    def __repr__(self) -> str:
        return f"<sheet {self.number}>"


def split(root: RootKey) -> list[Sheet]:
    """Three sheets for a root key, checked: every pair of them makes it again. Each call makes a set of its own."""
    (mnemonics,) = shamir_mnemonic.generate_mnemonics(1, [(NEEDED, MADE)], root.reveal())
    sheets = [read(words, number) for number, words in enumerate(mnemonics, 1)]
    for left_out in sheets:
        first, second = (sheet for sheet in sheets if sheet is not left_out)
        again = combine(first, second)
        if again.reveal() != root.reveal():
            raise WrongSecret("The sheets that were made do not give the root key. Do not use them.")
        again.wipe()
    return sheets


def read(text: str, position: int) -> Sheet:
    """A sheet from what was typed: words in any case, the first four letters are enough, numbers are passed over.

    ``position``: the how-manieth sheet that was asked for. Raises WrongSecret with a sentence for the person.
    """
    typed = [word for word in text.lower().replace(".", " ").split() if not word.isdigit()]
    words = []
    for place, word in enumerate(typed, 1):
        known = _BY_PREFIX.get(word[:_PREFIX])
        if known is None or not known.startswith(word):
            raise WrongSecret(f"Sheet {position}: word {place} is not a word of the list. Compare it with the paper.")
        words.append(known)
    if len(words) != WORDS:
        raise WrongSecret(f"Sheet {position}: a sheet has {WORDS} words, and {len(words)} were typed.")
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        raise WrongSecret(
            f"Sheet {position}: all words are of the list, but they do not belong together. One was misread, or two "
            "changed places. Compare each with the paper, in the order of the numbers."
        ) from None
    if share.member_threshold != NEEDED or share.group_threshold != 1 or len(share.value) != KEY_BYTES:
        raise WrongSecret(f"Sheet {position}: these words were not made by Haven.")
    return Sheet(share.index + 1, tuple(words))


def combine(first: Sheet, second: Sheet) -> RootKey:
    """The root key of two sheets. Raises WrongSecret for one sheet twice, and for sheets of two sets."""
    if first.set_words != second.set_words:
        raise WrongSecret(
            "The two sheets are of different sets: all sheets of a set begin with the same two words. "
            "Take two sheets that carry the same date and the same root key."
        )
    if first.number == second.number:
        raise WrongSecret(f"That was sheet {first.number} twice. Two different sheets are needed.")
    try:
        secret = shamir_mnemonic.combine_mnemonics([" ".join(first.words), " ".join(second.words)])
    except MnemonicError:
        raise WrongSecret("The two sheets do not belong together. Compare both with the paper.") from None
    return RootKey(secret)
