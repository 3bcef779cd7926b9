"""Access of a partner's people: named, under a release, approved one by one, and gone when nobody attests it any more."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from cases import access
from cases.actions.grants import write_grant
from cases.actions.kinds import PARTNER_KINDS, for_partner, need_two
from cases.actions.trail import notify, set_due
from cases.actions.two_people import is_minor
from cases.choices.casework import DueKind
from cases.errors.releases import ReleaseHasEnded
from cases.errors.sharing import NotForThisRole, NothingForThePartner, NotOfThisPartner
from cases.models import AccessGrant, Release
from cases.opening import open_to_change
from cases.release_rules import sections_of
from cases.windows import ATTESTATION_LIMIT

NOTICE_SHARED = "CASE_SHARED"


@action
def give_partner_access(
    *, actor: User, now: datetime, case_uid: UUID, kind: str, release_uid: UUID, person: User, with_status: bool = False,
) -> list[AccessGrant]:  # fmt: skip
    """Let one named person of a partner open what a release names, until it ends, 90 days at a time.

    ``kind`` is REFERRAL or TRANSFER. Never where she stays; immigration and criminal status only ``with_status``. What
    needs two people waits for the second one, the rest begins at once. Raises Hidden, Refused, CaseIsClosed,
    ReleaseHasEnded, NotOfThisPartner, NotForThisRole, NothingForThePartner. Records ACCESS_GRANTED and ACCESS_PROPOSED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    if kind not in PARTNER_KINDS:
        raise NotForThisRole
    release = access.within(Release, held.case).select_related("recipient").filter(uid=release_uid).first()
    if release is None:
        raise Hidden
    if not release.in_force(now):
        raise ReleaseHasEnded
    names_another = release.recipient_person_id not in (None, person.pk)
    if names_another or person.organisation_id != release.recipient_id or person.organisation.is_ours:
        raise NotOfThisPartner
    with open_to_change(actor, held, Section.DUTIES):
        categories = list(release.terms["categories"])
    chosen = for_partner(sections_of(categories), with_status=with_status)
    if not chosen:
        raise NothingForThePartner
    two = need_two(chosen, is_minor=is_minor(actor, held.case, now))
    parts = ([one for one in chosen if one not in two], False), ([one for one in chosen if one in two], True)
    return [
        write_grant(
            actor=actor, now=now, case=held.case, person=person, kind=kind, release=release, waits=waits,
            permissions=[READ_CARD, *(read(one) for one in part if one != Section.CARD)],
            until=min(release.expires_at, now + ATTESTATION_LIMIT), then=lambda grant: _begin(grant, by=actor, now=now),
        )
        for part, waits in parts if part
    ]  # fmt: skip


def _begin(grant: AccessGrant, *, by: User, now: datetime) -> None:
    """Put the end on the lists, and tell the partner's person of what begins at once: that something is there, not what."""
    _remind(grant, assigned_to=grant.case.lead or by)
    if not grant.is_waiting and grant.person is not None:
        notify(person=grant.person, kind=NOTICE_SHARED, about=grant, now=now, case=grant.case)


def _remind(grant: AccessGrant, *, assigned_to: User) -> None:
    """On the lists: when the access lapses, unless somebody says that it is still needed."""
    who = grant.person.name if grant.person else ""
    set_due(
        case=grant.case, section=Section.DUTIES, kind=DueKind.ACCESS_ENDS, subject=grant, assigned_to=assigned_to,
        due_on=timezone.localdate(grant.expires_at), line=_("Does %(who)s still need access?") % {"who": who},
    )  # fmt: skip


@action
def attest_access(*, actor: User, now: datetime, grant_uid: UUID) -> AccessGrant:
    """Say that a partner's person still works there and still needs it: ninety days more, never beyond the release.

    Raises Hidden, Refused, CaseIsClosed, ReleaseHasEnded. Records ATTESTED.
    """
    found = access.grants_with_grounds().filter(uid=grant_uid, kind__in=PARTNER_KINDS).first()
    if found is None:
        raise Hidden
    held = access.lock_for_write(actor, found.case.uid, Section.DUTIES)
    grant = access.grants_with_grounds().get(uid=grant_uid)
    if grant.release is None or not grant.release.in_force(now) or access.end_of(grant) <= now:
        raise ReleaseHasEnded
    grant.attested_at, grant.attested_by = now, actor
    grant.expires_at = min(grant.release.expires_at, now + ATTESTATION_LIMIT)
    grant.save(update_fields=["attested_at", "attested_by", "expires_at"])
    access.materialise(grant)
    grant.case = held.case
    _remind(grant, assigned_to=held.case.lead or actor)
    record(
        Verb.ATTESTED, actor=actor, subject=grant, held=held, refs=[grant.person],
        detail={"kind": grant.kind, "until": grant.expires_at},
    )  # fmt: skip
    return grant
