"""Releases of information: recorded with the survivor, taken back by one word, and the ground of access for outsiders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import Organisation, User
from cases import access
from cases.actions.grants import give_pro_bono_access
from cases.actions.trail import add_line, notify, set_due, settle_due
from cases.choices import (
    SECTION_OF_CATEGORY,
    TWO_PERSON_SECTIONS,
    AlertCode,
    DueKind,
    InfoCategory,
    Purpose,
    ReleaseMethod,
    ReleaseSigner,
)
from cases.errors import MinorsNeedTwo, ReleaseEndsTooLate, ReleaseLacks, TwoPeopleNeeded
from cases.models import Case, Matter, Release
from cases.opening import open_job

#: How long a release may run, by purpose: a referral is short, a representation has check-ins (domain.md §0b, R3).
LONGEST = {Purpose.LEGAL_REPRESENTATION: timedelta(days=365)}
LONGEST_OTHERWISE = timedelta(days=90)
#: What a form offers at first (domain.md §2.5: thirty days; a representation half a year).
USUAL = {Purpose.LEGAL_REPRESENTATION: timedelta(days=180)}
USUAL_OTHERWISE = timedelta(days=30)
ADULT = 18


@dataclass
class Terms:
    """What she allows: the categories, how they may travel, one way or both, and what is left out by her wish."""

    categories: list[str]
    method: str = ReleaseMethod.WRITTEN
    is_two_way: bool = False
    excluded: str = ""


@dataclass
class Signing:
    """How it was signed. All of the four statements must be true: the law asks for each (28 CFR 94.115, 34 USC 12291(b)(2))."""

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


def sections_of(categories: Iterable[str]) -> list[Section]:
    """The sections that these categories open, in the order of the enumeration. Never the shelter's."""
    named = {SECTION_OF_CATEGORY[category] for category in categories}
    return [section for section in Section if section in named and section != Section.LOCATION]


@action
def record_release(
    *, actor: User, now: datetime, case_uid: UUID, recipient: Organisation, purpose: str, purpose_text: str, terms: Terms,
    signing: Signing, expires_at: datetime, recipient_person: User | None = None, matter_uid: UUID | None = None,
) -> Release:  # fmt: skip
    """Record what she allows one recipient to learn, for one purpose, until ``expires_at`` (UTC).

    Checks R3 (domain.md): recipient, narrow purpose, at least one category and none that means everything, an end
    after the signature and within the limit of its purpose, a guardian checked. Raises Hidden, Refused,
    ReleaseLacks, ReleaseEndsTooLate. Records RELEASE_RECORDED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    _check(now, purpose, purpose_text, terms, signing, expires_at)
    matter = _matter_of(held.case, matter_uid)
    release = Release(
        case=held.case, recipient=recipient, recipient_person=recipient_person, matter=matter, purpose=purpose,
        purpose_text=purpose_text, signed_on=signing.signed_on or now.date(), starts_at=now, expires_at=expires_at,
        recorded_by=actor,
        terms={
            "categories": sorted(terms.categories), "method": terms.method, "two_way": terms.is_two_way, "excluded": terms.excluded,
        },
        signing={
            "signer": signing.signer, "language": signing.language, "interpreter": signing.interpreter,
            "read_aloud": signing.is_read_aloud, "risks_discussed": signing.risks_discussed,
            "not_conditioned": signing.not_conditioned, "revocable_explained": signing.revocable_explained,
            "copy_given": signing.copy_given, "guardian_is_not_abuser": signing.guardian_is_not_abuser,
        },
    )  # fmt: skip
    release.save()
    add_line(
        case=held.case, section=Section.DUTIES, kind=Verb.RELEASE_RECORDED, subject=release, author=actor, at=now,
        line=_("Release to %(recipient)s until %(until)s") % {"recipient": recipient.name, "until": expires_at.date().isoformat()},
    )  # fmt: skip
    set_due(
        case=held.case, section=Section.DUTIES, kind=DueKind.RELEASE_ENDS, subject=release, due_on=expires_at.date(),
        line=_("Release to %(recipient)s ends") % {"recipient": recipient.name}, assigned_to=held.case.lead or actor,
    )  # fmt: skip
    record(
        Verb.RELEASE_RECORDED, actor=actor, subject=release, held=held, purpose=purpose,
        detail={"until": expires_at, "categories": sorted(terms.categories), "recipient": recipient.uid},
    )  # fmt: skip
    return release


@action
def record_release_for_attorney(
    *, actor: User, now: datetime, case_uid: UUID, matter_uid: UUID, attorney: User, purpose_text: str, terms: Terms,
    signing: Signing, expires_at: datetime,
) -> Release:  # fmt: skip
    """The usual way, in one act: her release to the attorney's firm, and the matter for the attorney. Both or neither.

    Raises what ``record_release`` raises, and TwoPeopleNeeded, MinorsNeedTwo, NotForThisRole. Records
    RELEASE_RECORDED and ACCESS_GRANTED.
    """
    if set(sections_of(terms.categories)) & TWO_PERSON_SECTIONS:
        raise TwoPeopleNeeded
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    matter = _matter_of(held.case, matter_uid)
    if matter is None:
        raise Hidden
    if _is_minor(actor, held.case, now):
        raise MinorsNeedTwo
    release = record_release(
        actor=actor, now=now, case_uid=case_uid, recipient=attorney.organisation, recipient_person=attorney,
        purpose=Purpose.LEGAL_REPRESENTATION, purpose_text=purpose_text, terms=terms, signing=signing,
        expires_at=expires_at, matter_uid=matter_uid,
    )  # fmt: skip
    notify(person=attorney, kind="MATTER_GIVEN", about=matter, now=now, case=held.case)
    give_pro_bono_access(
        actor=actor, now=now, case=held.case, person=attorney, matter=matter, release=release,
        sections=sections_of(terms.categories), outsiders_need_two=TWO_PERSON_SECTIONS,
    )  # fmt: skip
    return release


def _is_minor(actor: User, case: Case, now: datetime) -> bool:
    """Whether the survivor is under 18 by her date of birth, or is flagged as a minor (also while her age is disputed).

    A date of birth that nobody has asked for does not make her one: a name and a date are never a condition of help.
    """
    with open_job("age_check", [Section.CARD, Section.IDENTITY], actor=actor):
        born = case.survivor.birth_date
        is_flagged = AlertCode.MINOR in (case.alerts or [])
    if born is None:
        return is_flagged
    day = now.date()
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return is_flagged or years < ADULT


@action
def withdraw_release(*, actor: User, now: datetime, release_uid: UUID, how: str) -> Release:
    """She takes it back: a spoken word is enough. All access that rests on it ends in the same transaction.

    ``how`` is ORAL or WRITTEN. Repeating it changes nothing. Raises Hidden, Refused. Records RELEASE_WITHDRAWN.
    """
    found = access.for_the_house(Release).select_related("case").filter(uid=release_uid).first()
    if found is None:
        raise Hidden
    held = access.lock_for_write(actor, found.case.uid, Section.DUTIES, even_closed=True, even_erased=True)
    release = access.within(Release, held.case).select_related("recipient").get(uid=release_uid)
    if release.withdrawn_at is not None:
        return release
    release.withdrawn_at, release.withdrawn_by, release.withdrawn_how = now, actor, how
    release.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_how"])
    ended = list(access.grants_with_grounds().filter(release=release, revoked_at__isnull=True))
    for grant in ended:
        access.materialise(grant)
    settle_due(case=held.case, subject_uid=release.uid, now=now)
    add_line(
        case=held.case, section=Section.DUTIES, kind=Verb.RELEASE_WITHDRAWN, subject=release, author=actor, at=now,
        line=_("Release to %(recipient)s withdrawn") % {"recipient": release.recipient.name},
    )  # fmt: skip
    record(
        Verb.RELEASE_WITHDRAWN, actor=actor, subject=release, held=held, refs=[grant.person or grant.team for grant in ended],
        detail={"status": how, "count": len(ended)},
    )  # fmt: skip
    return release


def _matter_of(case: Case, matter_uid: UUID | None) -> Matter | None:
    if matter_uid is None:
        return None
    matter = access.within(Matter, case).filter(uid=matter_uid).first()
    if matter is None:
        raise Hidden
    return matter


def _check(
    now: datetime, purpose: str, purpose_text: str, terms: Terms, signing: Signing, expires_at: datetime
) -> None:
    """R3, and the statements without which a release is void."""
    if not purpose_text.strip():
        raise ReleaseLacks("purpose")
    if not terms.categories or not set(terms.categories) <= set(InfoCategory.values):
        raise ReleaseLacks("categories")
    if set(terms.categories) == set(InfoCategory.values):
        raise ReleaseLacks("narrow")
    if not (signing.not_conditioned and signing.revocable_explained and signing.risks_discussed):
        raise ReleaseLacks("statements")
    if (
        signing.signer in (ReleaseSigner.PARENT_GUARDIAN, ReleaseSigner.LEGAL_REP)
        and not signing.guardian_is_not_abuser
    ):
        raise ReleaseLacks("guardian")
    if signing.signed_on is not None and signing.signed_on > (now + timedelta(days=1)).date():
        raise ReleaseLacks("signed_on")
    if expires_at <= now:
        raise ReleaseLacks("expires_at")
    if expires_at > now + LONGEST.get(Purpose(purpose), LONGEST_OTHERWISE):
        raise ReleaseEndsTooLate
