"""Client addresses: a keyed pseudonym in every event, and the address itself, sealed, for thirty days (ADDRESS_KEPT_DAYS).

A shelter worker's address *is* the shelter. So events, pages and exports carry the pseudonym (``pseudonyms.of_address``),
which tells one client from another and nothing else. Who investigates an intrusion needs the address: the privacy officer
opens it, for a reason that is recorded, while it is there. It is sealed under a key of the ledger, bound to its pseudonym
and day, and deleted by the schedule.
"""

import datetime
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.http import HttpRequest

from casemgmt.crypto.keyring import ledger_key

from . import clock, pseudonyms
from .circumstances import Context
from .errors import LedgerError
from .models import ClientAddress

_NONCE_BYTES = 12
#: What this process has stored already, so that a page costs one look into memory.
_stored: set[tuple[str, str, datetime.date]] = set()
_MOST = 50_000


class AddressGone(LedgerError):
    """This address is not kept any more, or was never seen."""


def of_request(request: HttpRequest) -> tuple[str, str]:
    """The pseudonym of the client, and its address as the first middleware settled it; both empty where there is none."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    return pseudonyms.of_address(address), address


def keep(running: Context) -> None:
    """Seal the address of the running request, once a day. In the transaction of the event that names its pseudonym."""
    if not running.raw_address or not settings.ADDRESS_KEPT_DAYS or running.recorded:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    place = (str(connection.settings_dict["NAME"]), running.address, clock.now().date())
    if place in _stored:
        return
    _name, name, day = place
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + _cipher().encrypt(nonce, running.raw_address.encode(), _bound_to(name, day))
    ClientAddress.objects.bulk_create([ClientAddress(name=name, seen_on=day, sealed=sealed)], ignore_conflicts=True)
    if len(_stored) >= _MOST:
        _stored.clear()
    transaction.on_commit(lambda: _stored.add(place), using=DEFAULT_DB_ALIAS)


def unsealed(name: str, now: datetime.datetime) -> str:
    """The address behind a pseudonym. Raises AddressGone, also where what is kept was altered."""
    row = ClientAddress.objects.filter(name=name, seen_on__gt=_last_day(now)).order_by("-seen_on").first()
    if row is None:
        raise AddressGone("This address is not kept any more.")
    sealed = bytes(row.sealed)
    try:
        opened = _cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(row.name, row.seen_on))
    except InvalidTag:
        raise AddressGone("What is kept of this address was altered.") from None
    return opened.decode()


def forget_old() -> int:
    """For the schedule: delete what is older than that; how many."""
    return ClientAddress.objects.filter(seen_on__lte=_last_day(clock.now())).delete()[0]


def _last_day(now: datetime.datetime) -> datetime.date:
    return (now - datetime.timedelta(days=settings.ADDRESS_KEPT_DAYS)).date()


def _cipher() -> AESGCM:
    return AESGCM(ledger_key("addresses"))


def _bound_to(name: str, day: datetime.date) -> bytes:
    return f"{name}\n{day.isoformat()}".encode()
