"""The letter to the auditor: the newest head, and nothing else. It names no house, no person and no kind of work."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from ..sealing import keys, notes
from ..sealing.models import Checkpoint


class LetterNotSent(Exception):
    """The mail server did not take it; it is tried again."""


def words_of(head: Checkpoint) -> dict[str, str]:
    """What a letter or a printed page says of a head: origin, size, root (in hexadecimal), fingerprint of the key, note."""
    told, verifier = notes.open_checkpoint(head.note, keys.origin(), [key.verifier for key in keys.listed()])
    return {
        "origin": told.origin,
        "size": str(told.size),
        "root": told.root.hex(),
        "fingerprint": keys.fingerprint(verifier),
        "note": head.note,
    }


def send(head: Checkpoint) -> int:
    """Send it to every address that is set; how many there are. Raises LetterNotSent, BadNote, KeystoreUnavailable."""
    with translation.override(settings.LANGUAGE_CODE):
        words = words_of(head)
        text = (
            _(
                "Keep this letter. It says how long a record was today and what it began with, so that nobody can "
                "change what came before without you seeing it. It holds nothing of any person.\n\n"
                "Origin: %(origin)s\nSize: %(size)s\nRoot: %(root)s\nFingerprint of the key: %(fingerprint)s\n\n"
                "The signed note follows, and is attached for verify.py --head:\n\n"
            )
            % words
            + words["note"]
        )
        letter = EmailMessage(
            _("Head %(size)s") % words, text, settings.DEFAULT_FROM_EMAIL, bcc=list(settings.ANCHOR_MAIL_TO)
        )
    letter.attach(f"head-{words['size']}.txt", words["note"].encode(), "application/octet-stream")
    try:
        letter.send()
    except (OSError, SMTPException) as error:
        raise LetterNotSent from error
    return len(settings.ANCHOR_MAIL_TO)
