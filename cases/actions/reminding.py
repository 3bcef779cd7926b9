"""Morning letters: that something is due, and not a word of what. One a person and day, whatever fails in between."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts import configured
from casemgmt.accounts.actions.house import standing_lock
from casemgmt.accounts.models import User
from cases import access
from cases.choices.notices import ReminderMail
from cases.models import MorningLetter, ReminderChoice
from cases.reminding import is_morning, may_be_written_to, sign_in_address, what_to_say

#: How long a mail server may take for an answer: the schedule waits meanwhile.
SECONDS = 20
#: A letter that did not go is tried again, so long after and so often.
AGAIN_AFTER = timedelta(minutes=15)
MOST_TRIES = 3

logger = logging.getLogger(__name__)


def send_reminders() -> int:
    """Write to everybody who wants it and whose morning it is, each once; how many letters went. For the schedule.

    First the row that says so is committed, then the letter goes, then the row says that it went. A process that is
    killed in between leaves a row on which the letter is tried again; one that was taken never goes twice.
    """
    if standing_lock() is not None:
        return 0
    wanted = access.for_the_house(ReminderChoice).exclude(by_mail=ReminderMail.OFF)
    wanted = wanted.filter(person__is_active=True).select_related("person", "person__organisation")
    sent = 0
    for chosen in wanted.order_by("pk"):
        now = clock.now()
        if not is_morning(chosen.person, now) or not may_be_written_to(chosen.person):
            continue
        if (claimed := _claim(chosen.person, now)) is None:
            continue
        letter, about = claimed
        if _post(letter.person, about):
            note_sent(actor=None, now=clock.now(), letter_uid=letter.uid, about=about)
            sent += 1
    return sent


def _claim(person: User, now: datetime) -> tuple[MorningLetter, str] | None:
    """Take this morning's letter to a person upon oneself, and say what it is about; None where there is none to send.

    Everything is asked again under the lock of her row: she may have left, or chosen otherwise, a moment ago.
    """
    today = timezone.localdate(now, person.zone)
    with transaction.atomic():
        person = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
        chosen = access.own(ReminderChoice, person, "person").first()
        if chosen is None or not may_be_written_to(person):
            return None
        row = access.own(MorningLetter, person, "person").filter(on=today).first()
        row = row or MorningLetter(person=person, on=today, tried_at=now - AGAIN_AFTER)
        if row.sent_at is not None or row.tries >= MOST_TRIES or row.tried_at > now - AGAIN_AFTER:
            return None
        about = what_to_say(person, chosen.by_mail, today)
        if not about:
            return None
        row.tried_at, row.tries = now, row.tries + 1
        row.save()
    return row, about


@action
def note_sent(*, actor: None, now: datetime, letter_uid: UUID, about: str) -> MorningLetter:
    """Note that the mail server has taken a letter. Records REMINDER_SENT with the code of what it said."""
    row = access.for_the_house(MorningLetter).select_related("person").get(uid=letter_uid)
    row.sent_at = now
    row.save(update_fields=["sent_at"])
    record(Verb.REMINDER_SENT, actor=None, subject=row, refs=[row.person], detail={"kind": about})
    return row


def _post(person: User, about: str) -> bool:
    """One sentence and where to sign in, in the reader's language: no name, number, case or kind of work."""
    with translation.override(person.language):
        words = {"site": configured.words().site_name}
        told = _("Something is due today in %(site)s.") if about == "TODAY" else _("Something is due soon in %(site)s.")
        subject = told % words
    letter = EmailMessage(
        subject.rstrip("."),
        "\n\n".join(filter(None, (subject, sign_in_address()))) + "\n",
        settings.DEFAULT_FROM_EMAIL,
        [person.email],
        connection=get_connection(timeout=SECONDS),
    )
    try:
        letter.send()
    except (OSError, SMTPException):
        logger.warning("mail_not_sent", extra={"kind": "reminder"})
        return False
    return True
