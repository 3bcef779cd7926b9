"""The reception's letters. They name no person but the reader, no agency and no kind of work."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from . import configured
from .models import User

logger = logging.getLogger(__name__)


def invitation_address(token: str, base_address: str) -> str:
    """The link of an invitation."""
    return f"{base_address.rstrip('/')}{reverse('accept-invitation', args=[token])}"


def send_invitation(user: User, token: str, base_address: str) -> None:
    """Send the link. A mail server that is away is logged; the administrator can send it again."""
    with translation.override(user.language):
        subject = _("Your invitation to %(site)s") % {"site": configured.words().site_name}
        text = _(
            "Hello %(name)s,\n\nyou have been invited to %(site)s. This link opens your account. "
            "It works once, for seven days:\n\n%(link)s\n\nIf you did not expect this, do nothing.\n"
        ) % {"name": user.name, "site": configured.words().site_name, "link": invitation_address(token, base_address)}
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
    except (OSError, SMTPException):
        logger.warning("mail_not_sent", extra={"kind": "invitation"})
