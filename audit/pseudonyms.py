"""Names of the ledger's own for cases, people and client addresses: keyed, short, and useless elsewhere.

An auditor reads ``S-7Q4K-29MX`` and never a case number. It is a truncated HMAC under a key of the ledger, so
nobody without that key can compute it from a uid, and two installations give the same uid two names.
"""

import hashlib
import hmac
import uuid
from collections.abc import Iterable

from casemgmt.crypto.keyring import ledger_key

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U, so it can be read out on the telephone
BITS = 40


def of_case(case_uid: uuid.UUID) -> str:
    """The auditor's name of a case: ``S-XXXX-XXXX``."""
    return f"S-{_code(b'case', case_uid.bytes)}"


def of_person(user_uid: uuid.UUID) -> str:
    """The external auditor's name of a member of staff: ``P-XXXX-XXXX``."""
    return f"P-{_code(b'person', user_uid.bytes)}"


def of_address(address: str) -> str:
    """The ledger's name of a client address, empty for none. A shelter worker's address *is* the shelter."""
    return f"A-{_code(b'address', address.encode())}" if address else ""


def _code(kind: bytes, name: bytes) -> str:
    """Eight signs of a keyed digest, in two groups."""
    digest = hmac.digest(ledger_key("pseudonyms"), kind + b"\0" + name, hashlib.sha256)
    number = int.from_bytes(digest[: BITS // 8])
    signs = "".join(ALPHABET[(number >> shift) & 31] for shift in range(BITS - 5, -1, -5))
    return f"{signs[:4]}-{signs[4:]}"


def find_case(code: str, case_uids: Iterable[uuid.UUID]) -> uuid.UUID | None:
    """The case with this name among these, or None. Costs a digest for each: there is no way back from a name."""
    return next((case_uid for case_uid in case_uids if hmac.compare_digest(of_case(case_uid), code)), None)


def find_person(code: str, user_uids: Iterable[uuid.UUID]) -> uuid.UUID | None:
    """The member of staff with this name among these, or None."""
    return next((user_uid for user_uid in user_uids if hmac.compare_digest(of_person(user_uid), code)), None)


class CaseCode:
    """The part of an address that is a case's pseudonym."""

    regex = f"S-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


class PersonCode(CaseCode):
    """The part of an address that is a person's pseudonym."""

    regex = f"P-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"
