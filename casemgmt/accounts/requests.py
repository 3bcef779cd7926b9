"""What a request is, behind the door: somebody's, in a session of ours."""

from django.http import HttpRequest

from .models import User
from .sessions import SessionStore


class SignedInRequest(HttpRequest):
    """A request that the middleware has let in: ``user`` is a person, ``session.row`` their session.

    For annotations only: nothing is ever made of this class.
    """

    user: User
    session: SessionStore
