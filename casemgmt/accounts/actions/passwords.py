"""Changing one's own password."""

from datetime import datetime

from django.contrib.auth.hashers import make_password

from audit.action import action
from audit.log import record
from audit.verbs import Verb

from ..models import User


@action
def change_password(*, actor: User, now: datetime, password: str) -> User:
    """Set one's own password; the digest is Argon2id. Other sessions end by Django's session hash.

    Records PASSWORD_CHANGED.
    """
    user = User.objects.select_for_update().get(pk=actor.pk)
    user.password = make_password(password)
    user.save(update_fields=["password"])
    actor.password = user.password
    record(Verb.PASSWORD_CHANGED, actor=actor, subject=user)
    return user
