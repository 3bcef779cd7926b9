"""Names of the ledger's own for cases, people and client addresses: keyed, short, and useless elsewhere.

An auditor reads ``S-7Q4K-29MX`` and never a case number. It is a truncated HMAC under a key of the ledger, so
nobody without that key can compute it from a uid, and two installations give the same uid two names.
"""

import hashlib
import hmac
import uuid

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
