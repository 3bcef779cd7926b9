"""Whether a person may be known already. Nobody but the intake coordinator ever hears the answer.

Anything else would tell an abuser on staff that she is a client. So a likely match is never shown where it is
found: what was entered is taken as new, and two cases wait together in the coordinator's queue.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from cases import access
from cases.models import Case, IdentityToken, PossibleMatch
from cases.spelling import name_words

#: Of the fingerprint's 32 bytes: enough for millions of cases, and no more to take away than needed.
TOKEN_BYTES = 8


def identity_token(names: Iterable[str], birth_date: date | None) -> bytes | None:
    """The fingerprint of a full name, in any order of words and any script, and a date of birth; None without both."""
    words = name_words(" ".join(names))
    if birth_date is None or not words:
        return None
    return keyring.index_fingerprint("identity", f"{' '.join(words)}|{birth_date.isoformat()}")[:TOKEN_BYTES]


def remember_identity(*, case: Case, names: Iterable[str], birth_date: date | None) -> None:
    """Keep the case comparable with others. Call it inside the action that writes names or the date of birth."""
    token = identity_token(names, birth_date)
    kept = access.within(IdentityToken, case).first()
    if token is None:
        if kept is not None:
            kept.delete()
    elif kept is None:
        IdentityToken(case=case, token=token).save()
    elif bytes(kept.token) != token:
        kept.token = token
        kept.save(update_fields=["token"])


def report_matches(*, actor: User, now: datetime, case: Case) -> int:
    """Put other cases that may be of the same person into the coordinator's queue, inside the action of the new case.

    Restricted cases never answer. The events name no case: the history of either one must not tell. Records
    MATCH_REPORTED. Returns how many, for the ledger's sake only: no page and no message may depend on it.
    """
    kept = access.within(IdentityToken, case).first()
    if kept is None:
        return 0
    others = (
        access.for_the_house(IdentityToken)
        .filter(token=kept.token, case__organisation_id=case.organisation_id, case__is_restricted=False)
        .exclude(case=case)
        .values_list("case_id", flat=True)
    )
    found = 0
    for other_id in list(others):
        match = PossibleMatch(case=case, other_id=other_id, found_at=now)
        match.save()
        record(Verb.MATCH_REPORTED, actor=actor, subject=Ref("possiblematch", match.uid))
        found += 1
    return found


@action
def settle_match(*, actor: User, now: datetime, match_uid: UUID, is_same_person: bool) -> PossibleMatch:
    """Say whether two cases are of one person. What follows from it is for the two teams to agree.

    Raises Hidden, also to those who are no intake coordinator. Records MATCH_REVIEWED.
    """
    if not actor.holds_role(Role.INTAKE_COORDINATOR, at=now):
        raise Hidden
    match = waiting_matches(actor).select_for_update(of=("self",)).filter(uid=match_uid).first()
    if match is None:
        raise Hidden
    match.settled_at, match.settled_by, match.is_same_person = now, actor, is_same_person
    match.save(update_fields=["settled_at", "settled_by", "is_same_person"])
    record(
        Verb.MATCH_REVIEWED, actor=actor, subject=Ref("possiblematch", match.uid),
        detail={"kind": "SAME_PERSON" if is_same_person else "OTHER_PERSON"},
    )  # fmt: skip
    return match


def waiting_matches(actor: User) -> QuerySet[PossibleMatch]:
    """What waits for a coordinator: of her organisation, oldest first.

    Cases that were restricted since never answer, nor those from which she is walled off.
    """
    walled = access.walled_cases(actor)
    return (
        access.for_the_house(PossibleMatch)
        .filter(
            settled_at__isnull=True,
            case__organisation_id=actor.organisation_id,
            case__is_restricted=False,
            other__is_restricted=False,
        )
        .exclude(case__in=walled)
        .exclude(other__in=walled)
        .order_by("found_at", "pk")
    )
