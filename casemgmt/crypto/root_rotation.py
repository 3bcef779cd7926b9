"""A new root key: every key-encryption key is wrapped anew, in one transaction of the key store.

Safe to interrupt at any moment, because each step leaves a state that tells by the marks in the rows what to do:

1. stage      the next root key is made beside the current one       rows carry the current mark: undone by ``settle``
2. rewrap     all rows in one transaction                            all the old mark, or all the next one
3. promote    the next takes the current one's place, which stays as "old"    rows carry the next mark: ``settle`` finishes

``settle`` runs at every start of the server and before every change. The old one stays until somebody drops it: a
backup of the key store from before can be opened by nothing else.
"""

from django.db import transaction

from casemgmt.crypto import keks, keyring, providers
from casemgmt.crypto.errors import RootKeyUnavailable
from casemgmt.crypto.providers.root import mark_of
from casemgmt.crypto.router import KEYSTORE

DESTROYED = "DESTROYED"


def marks_in_use() -> set[bytes]:
    """The marks of the root keys that wrap rows of the key store now. More than one only where somebody mixed stores."""
    with keks.reaching_keystore():
        wrapped = list(keks.rows("KeyEncryptionKey").exclude(state=DESTROYED).values_list("wrapped", flat=True))
    return {mark_of(bytes(one)) for one in wrapped}


def settle() -> str:
    """Finish or undo a change that was interrupted: "", "finished" or "undone".

    Costs a query where nothing was interrupted. Raises RootKeyUnavailable where the rows carry a mark that is not there.
    """
    provider = providers.current()
    if provider.kind == "shares":
        return ""  # the next one is on paper only: the rows alone say which sheets count
    marks = provider.marks()
    following = marks.get("next")
    if following is None:
        return ""
    in_use = marks_in_use()
    if following in in_use:
        _rewrap_all(following)  # nothing is left to do after a whole transaction
        provider.promote()
        return "finished"
    provider.drop("next")
    return "undone"


def change(secret: str | None) -> tuple[str, str]:
    """Make a new root key and put every KEK under it. ``secret``: the new passphrase, None where there is none.

    Returns the marks of the old and the new one in hex. Raises RootKeyUnavailable; the caller records ROOT_KEY_CHANGED.
    """
    provider = providers.current()
    settle()
    provider.health()
    marks = provider.marks()
    if "old" in marks:
        raise RootKeyUnavailable(
            "The root key of before the last change is still there. Run `manage.py root_key drop-old` first."
        )
    following = provider.stage(secret)
    _rewrap_all(following)
    provider.promote()
    keyring.forget()
    provider.health()
    return marks["current"].hex(), following.hex()


def drop_old() -> str:
    """Destroy the root key of before the last change, and return its mark in hex; "" where there is none.

    From then on a backup of the key store from before that change can only be opened by sheets of that root key.
    """
    provider = providers.current()
    marks = provider.marks()
    if "old" not in marks:
        return ""
    provider.health()
    if marks["old"] != marks["current"]:
        _rewrap_all(marks["current"])  # a KEK that was being made while the root key changed
    provider.drop("old")
    return marks["old"].hex()


def _rewrap_all(following: bytes) -> None:
    """Wrap every KEK that is not destroyed under this root key (the next or the current one), all of them or none."""
    provider = providers.current()
    wrap = provider.wrap_next if provider.marks().get("next") == following else provider.wrap
    with keks.reaching_keystore(), transaction.atomic(using=KEYSTORE, durable=True):
        # The counter first: every writer of keys moves it, so two of them wait for each other here.
        keyring.move_version()
        for row in keks.rows("KeyEncryptionKey").exclude(state=DESTROYED).select_for_update().order_by("number"):
            wrapped = bytes(row.wrapped)
            if mark_of(wrapped) == following:
                continue
            context = keks.kek_context(row.number)
            key = provider.unwrap(wrapped, context=context)
            row.wrapped = wrap(key, context=context)
            keks.wipe(key)
            row.save(using=KEYSTORE, update_fields=["wrapped"])
