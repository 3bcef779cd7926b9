"""What the vault says when it refuses. The vault only raises; middleware and actions record.

No message ever holds a value, a key or a ciphertext: a field's fid and a record's uid are the most one reads here.
"""

from typing import Any
from uuid import UUID


class VaultError(Exception):
    """The vault refuses. The base of everything it raises by itself."""


class SealedShut(VaultError):
    """A sealed value was read while no gate was open."""

    def __init__(self, fid: str) -> None:
        super().__init__(f"{fid} is sealed, and no gate is open. Open the case first.")
        self.fid = fid


class GateLeftOpen(VaultError):
    """A gate is open where none may be: at the start or the end of a request."""


class DecryptionRefused(VaultError):
    """A ciphertext is not what this field of this record held: damaged, moved or forged. Shown as "cannot be read"."""

    def __init__(self, fid: str, uid: UUID | None) -> None:
        super().__init__(f"{fid} of {uid} cannot be read.")
        self.fid = fid
        self.uid = uid


class OddCiphertext(DecryptionRefused):
    """The stored bytes are no ciphertext of a format this vault knows."""


class ContentRemoved(DecryptionRefused):
    """The bytes of this value were destroyed by two people: it had been written into the wrong record."""

    def __init__(self, fid: str, uid: UUID | None, removal: Any) -> None:
        super().__init__(fid, uid)
        self.removal = removal


class ContentErased(VaultError):
    """The key of this retention class of this case does not exist: its content was erased, or never keyed."""

    def __init__(self, case_uid: UUID, retention_class: str) -> None:
        super().__init__(f"There is no {retention_class} key for {case_uid}.")
        self.case_uid = case_uid
        self.retention_class = retention_class


class RowMixed(DecryptionRefused):
    """The ciphertexts of a row do not belong together: one of them is of another time."""


class KeystoreUnavailable(VaultError):
    """The key store or the root key cannot be reached. The middleware answers 503."""


class RootKeyUnavailable(KeystoreUnavailable):
    """What keeps the root key is missing, locked, slow, down, or keeps another one. The middleware answers 503."""


class WrongSecret(RootKeyUnavailable):
    """A passphrase, a PIN or the words of a sheet that do not open the root key; ``str()`` says what to look at."""


class UnknownSection(VaultError):
    """A section that no app registered with a retention class."""


class BadToken(VaultError):
    """A token from a URL or a session that this vault did not make for this owner and purpose."""
