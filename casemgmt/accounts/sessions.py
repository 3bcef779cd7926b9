"""The session engine: sessions in the database, found by a digest of the cookie and belonging to a person.

``SESSION_ENGINE = "casemgmt.accounts.sessions"``. The columns beside the data (whose it is, signed in,
last used, locked) are written by their own statements, never by saving the session's data: a slow request
must not unlock a session that was locked meanwhile.
"""

import hashlib
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import IntegrityError, transaction
from django.utils import timezone

from .models import Session


def digest_of(session_key: str | None) -> str:
    """What is stored for a session key. The key has 165 random bits, so a plain digest cannot be searched."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()


class SessionStore(DatabaseStore):
    """Django's database store with digests for keys and a row that says whose session it is."""

    #: The row as it was when this request loaded it; None for a session that is not stored.
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        self.row = Session.objects.filter(
            session_key=digest_of(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if self.row is None:
            self._session_key = None
        return self.row

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=digest_of(session_key)).exists()

    def save(self, must_create: bool = False) -> None:
        """Write the data; a new row also learns whose it is. Raises UpdateError where the session was ended
        from elsewhere meanwhile, so that signing out everywhere cannot be undone by a slow request."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        stored: dict[str, Any] = {"session_data": self.encode(data), "expire_date": self.get_expiry_date()}
        key = digest_of(self._get_or_create_session_key())  # type: ignore[attr-defined]
        if not must_create:
            if not Session.objects.filter(session_key=key).update(**stored):
                raise UpdateError
            return
        try:
            with transaction.atomic():
                self.row = Session.objects.create(session_key=key, **stored)
        except IntegrityError:
            raise CreateError from None

    def claim(self, browser: str = "") -> None:
        """Say whose session this is, from now on: called once, when somebody has signed in."""
        self.save()
        now = timezone.now()
        owned = {"user_id": self[SESSION_KEY], "signed_in_at": now, "last_seen_at": now, "browser": browser}
        Session.objects.filter(session_key=digest_of(self.session_key)).update(**owned, locked_at=None, wrong_pins=0)
        self._get_session_from_db()

    def cycle_key(self) -> None:
        """A new key for the same session (after a changed password): whose it is and since when stay."""
        before = self.row
        super().cycle_key()
        if before is not None and before.user_id is not None:
            kept = ("user_id", "signed_in_at", "last_seen_at", "locked_at", "browser")
            Session.objects.filter(session_key=digest_of(self.session_key)).update(
                **{name: getattr(before, name) for name in kept}
            )
            self._get_session_from_db()

    def flush(self) -> None:
        """End it: nothing of it is left for the next."""
        super().flush()
        self.row = None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=digest_of(key)).delete()
