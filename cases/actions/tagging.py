"""Tags: the house's list of short neutral words, and which case carries which. A plain word says nothing of anybody."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held
from cases.errors.casework import TagExists, TagIsGone, TooManyTags
from cases.models import Case, CaseTag, Tag
from cases.models.tagging import MOST_TAGS

#: Who keeps the list. Few people, so that it stays one list, and so that no word on it is about anybody.
TAG_ROLES = (Role.INTAKE_COORDINATOR, Role.DIRECTOR, Role.ADMINISTRATOR)


@action
def make_tag(*, actor: User, now: datetime, word: str) -> Tag:
    """Put a word on the list of the actor's house. Raises Refused, TagExists, TooManyTags. Records TAG_MADE."""
    _keeps_the_list(actor, now)
    words = access.of_house(Tag, actor)
    if words.filter(word__iexact=word).exists():
        raise TagExists
    if words.filter(retired_at__isnull=True).count() >= MOST_TAGS:
        raise TooManyTags
    tag = Tag(organisation=actor.organisation, word=word, made_at=now, made_by=actor)
    tag.save()
    record(Verb.TAG_MADE, actor=actor, subject=tag)
    return tag


@action
def retire_tag(*, actor: User, now: datetime, tag_uid: UUID) -> Tag:
    """Offer a word no longer. Cases that carry it keep it. Raises Refused, Hidden. Records TAG_RETIRED."""
    _keeps_the_list(actor, now)
    tag = _tag(actor, tag_uid)
    if tag.retired_at is None:
        tag.retired_at, tag.retired_by = now, actor
        tag.save(update_fields=["retired_at", "retired_by"])
        record(Verb.TAG_RETIRED, actor=actor, subject=tag)
    return tag


@action
def offer_tag_again(*, actor: User, now: datetime, tag_uid: UUID) -> Tag:
    """Put a word that was taken off back on the list. Raises Refused, Hidden, TooManyTags. Records TAG_MADE."""
    _keeps_the_list(actor, now)
    tag = _tag(actor, tag_uid)
    if tag.retired_at is not None:
        if access.of_house(Tag, actor).filter(retired_at__isnull=True).count() >= MOST_TAGS:
            raise TooManyTags
        tag.retired_at = tag.retired_by = None
        tag.save(update_fields=["retired_at", "retired_by"])
        record(Verb.TAG_MADE, actor=actor, subject=tag)
    return tag


@action
def tag_case(*, actor: User, now: datetime, case_uid: UUID, tag_uid: UUID) -> CaseTag:
    """Let a case carry a word of the list; one that it carries already stays. By whoever writes the card, inside the house.

    Raises Hidden, Refused, CaseIsClosed, TagIsGone. Records CASE_TAGGED.
    """
    held = _held(actor, case_uid)
    return _put(actor, now, held, _tag(actor, tag_uid))


@action
def untag_case(*, actor: User, now: datetime, case_uid: UUID, tag_uid: UUID) -> Case:
    """Take a word off a case; one that it does not carry is not missed. Raises Hidden, Refused, CaseIsClosed.

    Records CASE_UNTAGGED.
    """
    held = _held(actor, case_uid)
    row = access.within(CaseTag, held.case).filter(tag__uid=tag_uid, taken_at__isnull=True).first()
    if row is not None:
        _take_off(actor, now, held, row)
    return held.case


@action
def set_tags(*, actor: User, now: datetime, case_uid: UUID, tag_uids: Collection[UUID]) -> Case:
    """Let a case carry exactly these words: new ones are put on, others are taken off, what stands stays as it was.

    Raises Hidden, Refused, CaseIsClosed, TagIsGone. Records CASE_TAGGED and CASE_UNTAGGED for each word that changed.
    """
    held = _held(actor, case_uid)
    standing = access.within(CaseTag, held.case).filter(taken_at__isnull=True).select_related("tag")
    carried = {row.tag.uid: row for row in standing}
    for uid, row in carried.items():
        if uid not in tag_uids:
            _take_off(actor, now, held, row)
    for uid in tag_uids:
        if uid not in carried:
            _put(actor, now, held, _tag(actor, uid))
    return held.case


def _put(actor: User, now: datetime, held: Held, tag: Tag) -> CaseTag:
    standing = access.within(CaseTag, held.case).filter(tag=tag, taken_at__isnull=True).first()
    if standing is not None:
        return standing
    if tag.retired_at is not None:
        raise TagIsGone
    row = CaseTag(case=held.case, tag=tag, put_at=now, put_by=actor)
    row.save()
    record(Verb.CASE_TAGGED, actor=actor, subject=held.case, held=held, refs=[tag], sections=[Section.CARD])
    return row


def _take_off(actor: User, now: datetime, held: Held, row: CaseTag) -> None:
    row.taken_at, row.taken_by = now, actor
    row.save(update_fields=["taken_at", "taken_by"])
    record(Verb.CASE_UNTAGGED, actor=actor, subject=held.case, held=held, refs=[row.tag], sections=[Section.CARD])


def _held(actor: User, case_uid: UUID) -> Held:
    """The locked case, for somebody of the house that keeps it: its words are not an outsider's to read or to set."""
    held = access.lock_for_write(actor, case_uid, Section.CARD)
    if actor.organisation_id != held.case.organisation_id:
        raise Refused(write(Section.CARD))
    return held


def _tag(actor: User, tag_uid: UUID) -> Tag:
    """A word of the actor's house. Raises Hidden."""
    tag = access.of_house(Tag, actor).filter(uid=tag_uid).first()
    if tag is None:
        raise Hidden
    return tag


def _keeps_the_list(actor: User, now: datetime) -> None:
    if not actor.organisation.is_ours or not actor.holds_role(*TAG_ROLES, at=now):
        raise Refused(READ_CARD)
