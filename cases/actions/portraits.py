"""Keeping a picture of her face, showing it once, removing it. Nothing of it without her release for photos."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import User
from cases import access, files, portraits, previews
from cases.access import Held
from cases.choices.documents import DocumentCategory
from cases.errors.portraits import NoMediaRelease, NotAPicture, PhotoOfMinor
from cases.file_types import IMAGES
from cases.models import Portrait, Release, Survivor
from cases.opening import open_to_change

_NEEDED = (Section.CARD, Section.IDENTITY, Section.DUTIES)


def keep_photo(*, actor: User, now: datetime, case_uid: UUID, upload: Any, form_key: UUID | None = None) -> Portrait:
    """Keep a picture of her face: drawn anew, small, without anything beside the dots. The file that came is thrown away.

    Raises what ``cases.files.accept`` raises, NotAPicture, and what ``record_photo`` raises. Records PHOTO_KEPT.
    """
    accepted = files.accept(upload, DocumentCategory.IDENTITY_DOCUMENT)
    small = previews.make(accepted.reader.read()) if accepted.kind in IMAGES else b""
    if not small:
        raise NotAPicture
    return record_photo(actor=actor, now=now, case_uid=case_uid, picture=small, form_key=form_key)


@action
def record_photo(*, actor: User, now: datetime, case_uid: UUID, picture: bytes) -> Portrait:
    """Seal a small picture that was drawn already; the one before is emptied.

    Raises Hidden, Refused, CaseIsClosed, NoMediaRelease, PhotoOfMinor. Records PHOTO_KEPT.
    """
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY)
    _demand_allowed(actor, held, now)
    former = _standing(held)
    if former is not None:
        _empty(actor, now, former)
    portrait = Portrait(case=held.case, picture=base64.b64encode(picture).decode(), kept_by=actor, kept_at=now)
    portrait.save()
    record(Verb.PHOTO_KEPT, actor=actor, subject=portrait, held=held, sections=[Section.IDENTITY])
    return portrait


@action
def show_photo(*, actor: User, now: datetime, case_uid: UUID, portrait_uid: UUID) -> bytes:
    """The picture, a JPEG, once. Recorded before it is read.

    Raises Hidden where there is none, or it may not show any more, and Refused. Records PHOTO_SHOWN.
    """
    held = access.lock_as_reader(actor, case_uid, Section.IDENTITY)
    standing = _standing(held)
    if standing is None or standing.uid != portrait_uid:
        raise Hidden
    try:
        _demand_allowed(actor, held, now)
    except (NoMediaRelease, PhotoOfMinor):
        raise Hidden from None
    record(Verb.PHOTO_SHOWN, actor=actor, subject=standing, held=held, sections=[Section.IDENTITY])
    with open_to_change(actor, held, Section.IDENTITY):
        return base64.b64decode(standing.picture)


@action
def remove_photo(*, actor: User, now: datetime, case_uid: UUID) -> Portrait:
    """Empty the picture that stands. Raises Hidden where there is none, Refused. On a closed case too. Records PHOTO_REMOVED."""
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY, even_closed=True)
    _demand_own(actor, held)
    standing = _standing(held)
    if standing is None:
        raise Hidden
    _empty(actor, now, standing)
    record(Verb.PHOTO_REMOVED, actor=actor, subject=standing, held=held, sections=[Section.IDENTITY])
    return standing


def _demand_own(actor: User, held: Held) -> None:
    if not portraits.may_look(actor, held.case):
        raise Refused(read(Section.DUTIES))


def _demand_allowed(actor: User, held: Held, now: datetime) -> None:
    _demand_own(actor, held)
    with open_to_change(actor, held, *_NEEDED):
        if portraits.is_young(access.within(Survivor, held.case).first(), held.case, now):
            raise PhotoOfMinor
        if not portraits.allows_photos(access.within(Release, held.case).filter(withdrawn_at__isnull=True), now):
            raise NoMediaRelease


def _standing(held: Held) -> Portrait | None:
    return access.within(Portrait, held.case).filter(removed_at__isnull=True).first()


def _empty(actor: User, now: datetime, portrait: Portrait) -> None:
    portrait.picture, portrait.removed_at, portrait.removed_by = "", now, actor
    portrait.save(update_fields=["picture", "removed_at", "removed_by"])
