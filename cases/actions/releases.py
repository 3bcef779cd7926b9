"""Releases: recorded with the survivor, renewed with her, taken back by one word; the ground of access for outsiders."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Organisation, Team, User
from cases import access
from cases.access import Held
from cases.actions.across import go_on
from cases.actions.copies import ask_for_copies
from cases.actions.drafts import forget_draft
from cases.actions.grants import give_pro_bono_access
from cases.actions.trail import add_line, notify, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.notices import NOTICE_MATTER
from cases.choices.releases import Evidence, ReleaseMethod, ReleaseSigner
from cases.choices.safety import AlertCode
from cases.choices.sharing import GrantKind, Purpose
from cases.errors.releases import ReleaseIsOver, ReleaseLacks
from cases.minors import age_of, grows_up_on
from cases.models import AccessGrant, Case, Document, Matter, Release, ReleaseSignature
from cases.programmes import check_recipient
from cases.release_rules import (
    check_categories,
    check_end,
    check_guardian_end,
    check_named,
    check_purpose,
    check_signer,
    needs_her_signature,
    sections_of,
    signers_of,
    signs_with_another,
)
from cases.release_words import text_of, told_of

#: Under which kind the form of a release keeps its draft.
RELEASE_DRAFT = "release"


@dataclass
class Terms:
    """What she allows: the categories, how they may travel, one way or both, and what is left out by her wish.

    ``recipient_role``: whom there, where no person is named. ``subjects``: of whom else it speaks (her children), in words.
    """

    categories: list[str]
    method: str = ReleaseMethod.WRITTEN
    is_two_way: bool = False
    excluded: str = ""
    recipient_role: str = ""
    subjects: str = ""


@dataclass
class Signing:
    """How it was signed. Three of the statements must be true: the law asks for each (28 CFR 94.115, 34 USC 12291(b)(2)).

    ``authority`` is the law or order by which a minor signs alone or a representative for her; ``state`` (ISO 3166-2) whose
    law counts where no end is named; ``reason`` why a supervisor set a later end than usual; ``named`` the categories to
    which she said yes by name, because a law asks for it.
    """

    signer: str = ReleaseSigner.CLIENT
    language: str = "en"
    interpreter: str = ""
    is_read_aloud: bool = False
    risks_discussed: bool = False
    not_conditioned: bool = False
    revocable_explained: bool = False
    copy_given: bool = False
    guardian_is_not_abuser: bool = False
    signed_on: date | None = None
    signer_name: str = ""
    authority: str = ""
    state: str = ""
    evidence: str = Evidence.PAPER
    kept_where: str = ""
    risks_note: str = ""
    alternatives_discussed: bool = False
    witness: str = ""
    reason: str = ""
    named: list[str] = field(default_factory=list)


@dataclass
class Signature:
    """One signature that lies sealed as a document: ``who`` is CLIENT, GUARDIAN or REPRESENTATIVE; ``sha256`` in hex."""

    who: str
    document: Document
    sha256: str


@dataclass
class _Facts:
    """What a release is made of."""

    recipient: Organisation
    recipient_person: User | None
    purpose: str
    purpose_text: str
    terms: Terms
    signing: Signing
    expires_at: datetime
    matter_uid: UUID | None
    renews_uid: UUID | None
    signatures: Iterable[Signature]
    recipient_team: Team | None = None


@dataclass
class _Checked:
    """What was found out before anything is written."""

    signed_on: date
    is_minor: bool
    former: Release | None = None
    matter: Matter | None = None
    signatures: dict[str, Signature] = field(default_factory=dict)


@action
def record_release(
    *, actor: User, now: datetime, case_uid: UUID, recipient: Organisation, purpose: str, purpose_text: str, terms: Terms,
    signing: Signing, expires_at: datetime, recipient_person: User | None = None, matter_uid: UUID | None = None,
    renews_uid: UUID | None = None, signatures: Iterable[Signature] = (), recipient_team: Team | None = None,
) -> Release:  # fmt: skip
    """Record what she allows one recipient to learn, for one purpose, until ``expires_at`` (UTC).

    ``recipient_team``: of the house itself, a team of another programme (``cases.programmes``).

    Checks R3 (domain.md): recipient, narrow purpose, at least one category and none that means everything, an end
    after the signature and within the limit of its purpose, who signs by rule, a guardian checked. ``renews_uid`` names
    the release that this one takes the place of: what rested on that one ends. Raises Hidden, Refused, ReleaseLacks,
    ReleaseEndsTooLate, GuardianSignsUntilGrownUp, SignerCannot, ReleaseIsOver. Records RELEASE_RECORDED, or RELEASE_RENEWED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    facts = _Facts(
        recipient=recipient, recipient_person=recipient_person, purpose=purpose, purpose_text=purpose_text, terms=terms,
        signing=signing, expires_at=expires_at, matter_uid=matter_uid, renews_uid=renews_uid, signatures=signatures,
        recipient_team=recipient_team,
    )  # fmt: skip
    return _record(actor, now, held, facts)[0]


def _record(actor: User, now: datetime, held: Held, facts: _Facts) -> tuple[Release, bool]:
    """Write a release whose case is locked; and say whether she is a minor."""
    purpose, terms, signing, recipient = facts.purpose, facts.terms, facts.signing, facts.recipient
    expires_at = facts.expires_at
    found = _check(actor, now, held, facts)
    found.signatures = _signatures(signing, facts.signatures)
    found.matter = _matter_of(held.case, facts.matter_uid)
    if facts.renews_uid is not None:
        found.former = _former(held.case, facts.renews_uid)
    release = Release(
        case=held.case, recipient=recipient, recipient_person=facts.recipient_person, matter=found.matter, purpose=purpose,
        purpose_text=facts.purpose_text, signed_on=found.signed_on, starts_at=now, expires_at=expires_at, recorded_by=actor,
        discloser=held.case.organisation, renews=found.former, recipient_team=facts.recipient_team,
        terms=_terms(terms), signing=_signing(signing),
    )  # fmt: skip
    # What she was read stays word for word, also when a later version of Haven says it otherwise (R21).
    release.signing = {**release.signing, "wording": asdict(text_of(told_of(release)))}
    release.save()
    _write_signatures(release, signing, found)
    forget_draft(actor=actor, kind=RELEASE_DRAFT, about_uid=held.case.uid)
    ended: list[AccessGrant] = []
    if found.former is not None and found.former.withdrawn_at is None:
        ended = _end(actor, now, held, found.former, how="RENEWED")
    verb = Verb.RELEASE_RENEWED if found.former else Verb.RELEASE_RECORDED
    until = timezone.localdate(expires_at, actor.zone)
    add_line(
        case=held.case, section=Section.DUTIES, kind=verb, subject=release, author=actor, at=now,
        line=_("Release to %(recipient)s until %(until)s") % {"recipient": recipient.name, "until": until.isoformat()},
    )  # fmt: skip
    set_due(
        case=held.case, section=Section.DUTIES, kind=DueKind.RELEASE_ENDS, subject=release, due_on=until,
        line=_("Release to %(recipient)s ends") % {"recipient": recipient.name}, assigned_to=held.case.lead or actor,
    )  # fmt: skip
    record(
        verb, actor=actor, subject=release, held=held, purpose=purpose, refs=[found.former] if found.former else [],
        detail={"until": expires_at, "categories": sorted(terms.categories), "recipient": recipient.uid},
    )  # fmt: skip
    if facts.recipient_team is not None and found.former and found.former.recipient_team_id == facts.recipient_team.pk:
        go_on(actor=actor, now=now, release=release, ended=ended, named=sections_of(terms.categories))
    return release, found.is_minor


@action
def record_release_for_attorney(
    *, actor: User, now: datetime, case_uid: UUID, matter_uid: UUID, attorney: User, purpose_text: str, terms: Terms,
    signing: Signing, expires_at: datetime, renews_uid: UUID | None = None, signatures: Iterable[Signature] = (),
) -> Release:  # fmt: skip
    """The usual way, in one act: her release to the attorney's firm, and the matter for the attorney. Both or neither.

    What needs a second person waits for that person (``two_people``); of a minor everything waits. Raises what
    ``record_release`` raises, and NotForThisRole. Records RELEASE_RECORDED (or RELEASE_RENEWED), and ACCESS_GRANTED or
    ACCESS_PROPOSED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    facts = _Facts(
        recipient=attorney.organisation, recipient_person=attorney, purpose=Purpose.LEGAL_REPRESENTATION,
        purpose_text=purpose_text, terms=terms, signing=signing, expires_at=expires_at, matter_uid=matter_uid,
        renews_uid=renews_uid, signatures=signatures,
    )  # fmt: skip
    release, is_minor = _record(actor, now, held, facts)
    matter = release.matter
    if matter is None:
        raise Hidden
    if not is_minor:
        # Of a minor everything waits: the attorney hears of it once the second person has agreed.
        notify(person=attorney, kind=NOTICE_MATTER, about=matter, now=now, case=held.case)
    give_pro_bono_access(
        actor=actor, now=now, case=held.case, person=attorney, matter=matter, release=release,
        sections=sections_of(terms.categories), is_minor=is_minor,
        engagement=_engagement(held.case, attorney, matter, now),
    )  # fmt: skip
    return release


def _engagement(case: Case, attorney: User, matter: Matter, now: datetime) -> AccessGrant | None:
    """The matter as the attorney has it already, of a release before: it goes on, and is not given twice."""
    return (
        access.grants_with_grounds()
        .filter(
            case=case, person=attorney, matter=matter, kind=GrantKind.PRO_BONO, parent__isnull=True,
            revoked_at__isnull=True, expires_at__gt=now,
        )
        .order_by("pk").first()
    )  # fmt: skip


@action
def withdraw_release(*, actor: User, now: datetime, release_uid: UUID, how: str) -> Release:
    """She takes it back: a spoken word is enough. All access that rests on it ends in the same transaction.

    ``how`` is ORAL or WRITTEN. Repeating it changes nothing. Raises Hidden, Refused. Records RELEASE_WITHDRAWN, and
    TASK_ADDED where somebody outside took copies along.
    """
    found = access.for_the_house(Release).select_related("case").filter(uid=release_uid).first()
    if found is None:
        raise Hidden
    held = access.lock_for_write(actor, found.case.uid, Section.DUTIES, even_closed=True, even_erased=True)
    release = access.within(Release, held.case).select_related("recipient").get(uid=release_uid)
    if release.withdrawn_at is not None:
        return release
    ended = _end(actor, now, held, release, how=how)
    ask_for_copies(by=actor, now=now, case=held.case, ended=ended)
    add_line(
        case=held.case, section=Section.DUTIES, kind=Verb.RELEASE_WITHDRAWN, subject=release, author=actor, at=now,
        line=_("Release to %(recipient)s withdrawn") % {"recipient": release.recipient.name},
    )  # fmt: skip
    record(
        Verb.RELEASE_WITHDRAWN, actor=actor, subject=release, held=held, refs=[grant.person or grant.team for grant in ended],
        detail={"status": how, "count": len(ended)},
    )  # fmt: skip
    return release


def _end(actor: User, now: datetime, held: Held, release: Release, *, how: str) -> list[AccessGrant]:
    """Stamp the end of a release, and let everything that rests on it follow. Says which grants those are."""
    release.withdrawn_at, release.withdrawn_by, release.withdrawn_how = now, actor, how
    release.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_how"])
    ended = list(access.grants_with_grounds().filter(release=release, revoked_at__isnull=True))
    for grant in ended:
        access.materialise(grant)
    settle_due(case=held.case, subject_uid=release.uid, now=now)
    return ended


def _age(actor: User, case: Case, now: datetime) -> tuple[bool | None, bool]:
    """Whether she is under 18 (None where nobody knows), and whether her card says no contact with her guardian."""
    is_minor, alerts = age_of(actor, case, now)
    return is_minor, AlertCode.GUARDIAN_IS_PERPETRATOR in alerts


def _matter_of(case: Case, matter_uid: UUID | None) -> Matter | None:
    if matter_uid is None:
        return None
    matter = access.within(Matter, case).filter(uid=matter_uid).first()
    if matter is None:
        raise Hidden
    return matter


def _former(case: Case, renews_uid: UUID) -> Release:
    """The release that is renewed: one that stands, or that ran out. Not one that she took back."""
    former = access.within(Release, case).filter(uid=renews_uid).first()
    if former is None:
        raise Hidden
    if former.withdrawn_at is not None or access.within(Release, case).filter(renews=former).exists():
        raise ReleaseIsOver
    return former


def _check(actor: User, now: datetime, held: Held, facts: _Facts) -> _Checked:
    """R3, and the statements without which a release is void. Raises what ``record_release`` says."""
    signing = facts.signing
    check_recipient(held.case, facts.recipient, facts.recipient_team)
    check_purpose(facts.purpose_text)
    check_categories(facts.terms.categories)
    check_named(facts.terms.categories, signing.named)
    if not (signing.not_conditioned and signing.revocable_explained and signing.risks_discussed):
        raise ReleaseLacks("statements")
    if signing.signed_on is not None and signing.signed_on > (now + timedelta(days=1)).date():
        raise ReleaseLacks("signed_on")
    is_minor, guardian_is_accused = _age(actor, held.case, now)
    check_signer(
        signing.signer, is_minor=is_minor, guardian_is_accused=guardian_is_accused,
        guardian_is_not_abuser=signing.guardian_is_not_abuser, name=signing.signer_name, authority=signing.authority,
    )  # fmt: skip
    signed_on = signing.signed_on or timezone.localdate(now, actor.zone)
    check_end(
        facts.purpose, signed_on, facts.expires_at, now=now, zone=actor.zone, reason=signing.reason,
        is_supervisor=actor.holds_role(Role.SUPERVISOR, at=now),
    )  # fmt: skip
    if signing.signer == ReleaseSigner.PARENT_GUARDIAN:
        check_guardian_end(signing.signer, facts.expires_at, grows_up_on(actor, held.case), actor.zone)
    # Whoever signs as a minor is one, also where no date of birth is known: then what leaves needs two people.
    signs_as_minor = signing.signer in (ReleaseSigner.CLIENT_MINOR, ReleaseSigner.PARENT_GUARDIAN)
    return _Checked(signed_on, is_minor is True or signs_as_minor)


def _signatures(signing: Signing, given: Iterable[Signature]) -> dict[str, Signature]:
    """Who signed, with the sealed picture of each signature. On paper that lies in a file there is none."""
    signatures = {one.who: one for one in given}
    if signing.evidence == Evidence.PAPER:
        return signatures
    if needs_her_signature(signing.signer) and "CLIENT" not in signatures:
        raise ReleaseLacks("signature")
    if signs_with_another(signing.signer) and not {"GUARDIAN", "REPRESENTATIVE"} & set(signatures):
        raise ReleaseLacks("guardian_signature")
    return signatures


def _write_signatures(release: Release, signing: Signing, found: _Checked) -> None:
    for who in signers_of(signing.signer):
        given = found.signatures.get(who)
        ReleaseSignature(
            case=release.case, release=release, document=given.document if given else None, signed_on=found.signed_on,
            facts={
                "who": who, "name": "" if who == "CLIENT" else signing.signer_name, "evidence": str(signing.evidence),
                "kept_where": signing.kept_where, "sha256": given.sha256 if given else "",
            },
        ).save()  # fmt: skip


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "categories": sorted(terms.categories), "method": terms.method, "two_way": terms.is_two_way,
        "excluded": terms.excluded, "recipient_role": terms.recipient_role, "subjects": terms.subjects,
    }  # fmt: skip


def _signing(signing: Signing) -> dict[str, Any]:
    same = (
        "signer", "signer_name", "authority", "state", "evidence", "kept_where", "language", "interpreter",
        "risks_discussed", "risks_note", "alternatives_discussed", "not_conditioned", "revocable_explained", "copy_given",
        "guardian_is_not_abuser", "witness", "reason",
    )  # fmt: skip
    facts = {name: getattr(signing, name) for name in same}
    return {name: str(value) if isinstance(value, str) else value for name, value in facts.items()} | {
        "read_aloud": signing.is_read_aloud, "named": sorted(str(one) for one in signing.named),
    }  # fmt: skip
