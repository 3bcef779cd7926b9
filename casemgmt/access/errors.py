"""What the guard desk says: a stranger hears "no such page", a colleague hears "not this section"."""

from django.core.exceptions import PermissionDenied
from django.http import Http404


class Hidden(Http404):
    """The reader may not know that this record exists. Shown exactly as an address that does not exist."""


class Refused(PermissionDenied):
    """The reader may see the card of this case, but not this section of it. Shown as 403."""

    def __init__(self, permission: str = "") -> None:
        self.permission = permission
        super().__init__(permission)
