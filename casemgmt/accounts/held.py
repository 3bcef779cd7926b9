"""Forms that arrived too late: kept sealed under the sender's own key and offered after unlocking or sign-in."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.keyring import ensure_own_keys
from casemgmt.crypto.tokens import open_token, seal_token

from .models import HeldForm, User

PURPOSE = "held-form"
#: The name by which a form that is sent after all says which one it is.
FIELD = "held_form"
LIFE = timedelta(days=1)
#: A long note in any script; more is not typed in one sitting.
MAX_CHARACTERS = 400_000
MAX_FORMS = 5
#: Fields that are never kept: the old CSRF token is void, and secrets are typed again.
NEVER_KEPT = frozenset(
    {
        "csrfmiddlewaretoken",
        "password",
        "password_again",
        "oldpassword",
        "pin",
        "pin_again",
        "code",
        "credential",
        FIELD,
    }
)


def hold(request: HttpRequest, user: User, now: datetime, *, without_files: bool = False) -> str:
    """Keep a posted form and return the address where its sender finds it; empty where there is nothing to keep.

    Files are not kept: they can be chosen again, and a form without its file would say something else. ``without_files``:
    keep the rest of such a form, for a page that asks for the missing file.
    """
    is_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    if request.method != "POST" or is_script or (request.FILES and not without_files):
        # What a page sends by itself (a draft) stays in the page and is sent again.
        return ""
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name not in NEVER_KEPT]
    if not fields or sum(len(value) for _name, value in fields) > MAX_CHARACTERS:
        return ""
    HeldForm.objects.filter(held_at__lt=now - LIFE).delete()
    surplus = user.held_forms.order_by("-held_at").values_list("pk", flat=True)[MAX_FORMS - 1 :]
    HeldForm.objects.filter(pk__in=list(surplus)).delete()
    ensure_own_keys(user.uid)
    sealed = seal_token(user.uid, PURPOSE, {"path": request.path, "fields": fields})
    held = HeldForm.objects.create(user=user, sealed=sealed, held_at=now)
    return reverse("held-form", args=[held.uid])


def open_held(held: HeldForm, user: User) -> dict[str, Any] | None:
    """Path and fields of a kept form, for its sender; None where the key is gone."""
    try:
        return open_token(user.uid, PURPOSE, held.sealed)
    except VaultError:
        return None


def forget_held_about(uids: Iterable[UUID]) -> int:
    """Inside the action that erases a case: no kept form may name one of these records. Says how many went.

    Where a form was to go is sealed with it, so each of the few there are (five a person, a day old at most) is
    opened here, for this alone. One that does not open tells nobody anything, and goes after its day.
    """
    names = {str(uid) for uid in uids}
    found = [
        held.pk for held in HeldForm.objects.select_related("user") if _names_one(open_held(held, held.user), names)
    ]
    return HeldForm.objects.filter(pk__in=found).delete()[0]


def _names_one(kept: dict[str, Any] | None, names: set[str]) -> bool:
    """Whether the address or a field of a form is about one of these records."""
    if kept is None:
        return False
    values = {str(value).strip().lower() for _name, value in kept["fields"]}
    return any(name in kept["path"] for name in names) or bool(names & values)
