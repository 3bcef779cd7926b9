"""Somebody who is signed in, without a database: the shop window asks a person for little."""

from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpRequest
from django.test import RequestFactory

SOMEBODY = UUID("11111111-1111-4111-8111-111111111111")


@dataclass
class Visitor:
    """A person as far as the shop window can see one."""

    roles: set[str] = field(default_factory=lambda: {"CASEWORKER"})
    is_authenticated: bool = True
    uid: UUID = SOMEBODY
    name: str = "Amina Kovač"
    email: str = "amina@example.org"

    def roles_now(self) -> set[str]:
        return self.roles


class Nobody:
    """Somebody who is not signed in."""

    is_authenticated = False


def request(path: str = "/", *, user: object = None, method: str = "get", **kwargs: object) -> HttpRequest:
    """A request of a visitor."""
    made = getattr(RequestFactory(), method)(path, **kwargs)
    made.user = Visitor() if user is None else user
    return made
