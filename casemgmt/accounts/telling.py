"""Telling a person that something happened to an account: a notice on her page, and a letter without content.

Notices are the case room's, which lies above; it registers how it leaves one when it is ready.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log import Ref

from .models import User

logger = logging.getLogger(__name__)

Leave = Callable[[User, str, str, UUID, datetime], None]
_NOTICES: list[Leave] = []


def register_notices(leave: Leave) -> None:
    """A room above says how a notice is left: (person, kind, kind of thing, its uid, now)."""
    if leave not in _NOTICES:
        _NOTICES.append(leave)


def tell(people: Iterable[User], kind: str, about: Any, now: datetime, *, also_to: Iterable[str] = ()) -> None:
    """Leave each of them one notice about ``about``, and send a letter that says only that there is one.

    Inside an action; letters go when it has committed. ``about``: a record, or a ``Ref`` of something without a row.
    ``also_to``: further addresses (the one that was replaced).
    """
    kind_of_thing = about.kind if isinstance(about, Ref) else about._meta.model_name
    told = {person.pk: person for person in people}
    for person in told.values():
        for leave in _NOTICES:
            leave(person, str(kind), kind_of_thing, about.uid, now)
    letters = [(person.email, person.language) for person in told.values() if person.email]
    letters += [(address, settings.LANGUAGE_CODE) for address in also_to]
    transaction.on_commit(lambda: _post(letters))


def _post(letters: list[tuple[str, str]]) -> None:
    """One letter each, in the reader's language. Names no person, agency, device or kind of work."""
    for address, language in letters:
        with translation.override(language):
            subject = _("A notice about your account")
            text = _(
                "Hello,\n\nsomething about an account changed. Sign in to see what. If you did not expect this, "
                "tell your supervisor.\n"
            )
        try:
            send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [address])
        except (OSError, SMTPException):
            logger.warning("mail_not_sent", extra={"kind": "notice"})
