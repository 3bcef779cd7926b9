"""Whether a release is valid, asked of a machine: each attribute of ledger.md §6, from what is stored and not from what its
form once demanded. Nothing but codes leaves (``ReleaseCheck``), so an auditor reads the answer and opens nothing.

The rules are those by which a release is recorded (``release_rules``), so the two cannot drift apart. Whoever calls
``verdicts_of`` has opened the sections (``SECTIONS``) for a job.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from audit.models import Event
from audit.verbs import Outcome, Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from cases import access, files
from cases.answers import years_between
from cases.choices.release_checks import SEALED_ATTRIBUTES, Attribute
from cases.choices.releases import Evidence, ReleaseMethod, ReleaseSigner
from cases.choices.safety import AlertCode
from cases.choices.sharing import Purpose
from cases.errors import CaseError
from cases.models import Case, Release, ReleaseCheck, ReleaseSignature, Survivor
from cases.programmes import check_recipient
from cases.release_rules import (
    check_categories,
    check_end,
    check_named,
    check_purpose,
    check_signer,
    signers_of,
    signs_with_another,
)
from cases.rules import ADULT

#: The version of these rules. Raising it has every release checked again.
RULES = 1
#: What has to be open: the release and its signatures, her age, and whether her card warns of her guardian.
SECTIONS = (Section.DUTIES, Section.IDENTITY, Section.CARD)


@dataclass(frozen=True)
class Verdict:
    """The attributes that fail; and whether the keys are gone, so that of the sealed ones nothing can be said."""

    failed: frozenset[Attribute]
    is_erased: bool = False

    @property
    def codes(self) -> str:
        """As a row holds them: in the order of the enumeration, a space before and after each."""
        return "".join(f" {one.value} " for one in Attribute if one in self.failed)


@dataclass
class _Facts:
    """What is known beside a release, for a whole batch: read with a fixed number of queries."""

    signatures: dict[int, list[ReleaseSignature]] = field(default_factory=dict)
    survivors: dict[int, Survivor] = field(default_factory=dict)
    numbers: dict[UUID, str] = field(default_factory=dict)
    supervising: dict[int, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    still_open: set[int] = field(default_factory=set)


def verdicts_of(releases: Sequence[Release], now: datetime) -> Iterator[tuple[Release, Verdict]]:
    """Each of these releases with what was found, one after the other. Load them with ``RELATED``; twelve queries at most.

    Raises KeystoreUnavailable: then nothing is known, and nothing is said.
    """
    keyring.prefetch({release.case_uid for release in releases})
    facts = _facts_of(releases, now)
    for release in releases:
        yield release, _verdict(release, facts, now)


#: What a release is loaded with.
RELATED = ("case__team", "case__organisation", "recipient", "recipient_person", "recipient_team", "recorded_by")


def _facts_of(releases: Sequence[Release], now: datetime) -> _Facts:
    facts = _Facts(still_open=access.ended_releases_that_open([release.pk for release in releases], now))
    signed = access.for_the_house(ReleaseSignature).filter(release__in=releases).select_related("document")
    for row in signed.order_by("pk"):
        facts.signatures.setdefault(row.release_id, []).append(row)
    for survivor in access.for_the_house(Survivor).filter(case__in={release.case_id for release in releases}):
        facts.survivors[survivor.case_id] = survivor
    documents = [row.document.uid for rows in facts.signatures.values() for row in rows if row.document]
    sealed = Event.objects.filter(subject_uid__in=documents, verb=Verb.DOCUMENT_SEALED, outcome=Outcome.OK)
    for event in sealed.select_related("detail").order_by("-pk"):
        number = event.detail.shown().get("codes", {}).get("sha256")
        if event.subject_uid and isinstance(number, str):
            facts.numbers[event.subject_uid] = number
    held = RoleAssignment.objects.filter(
        user__in={release.recorded_by_id for release in releases}, role=Role.SUPERVISOR
    )
    for user_id, begins, ends in held.values_list("user_id", "starts_at", "ends_at"):
        facts.supervising.setdefault(user_id, []).append((begins, ends))
    return facts


def _verdict(release: Release, facts: _Facts, now: datetime) -> Verdict:
    found = {Attribute.RECIPIENT} if _breaks(lambda: _check_recipient(release)) else set()
    if release.pk in facts.still_open:
        found.add(Attribute.ENDED)
    try:
        if release.case.has_erased(Section.DUTIES):
            raise ContentErased(release.case_uid, "DUTIES")
        found |= set(_sealed_faults(release, facts, now))
    except ContentErased:
        if _days(release) > _HARD or release.expires_at <= release.starts_at:
            found.add(Attribute.END)
        return Verdict(frozenset(found), is_erased=True)
    except DecryptionRefused:
        # Its bytes were changed outside Haven: nothing that it says can be relied on.
        found |= SEALED_ATTRIBUTES
    return Verdict(frozenset(found))


_HARD = timedelta(days=366)


def _days(release: Release) -> timedelta:
    return release.expires_at - release.starts_at


def _breaks(rule: Callable[[], object]) -> bool:
    """Whether a rule stands against it."""
    try:
        rule()
    except CaseError:
        return True
    return False


def _check_recipient(release: Release) -> None:
    check_recipient(release.case, release.recipient, release.recipient_team)
    person = release.recipient_person
    if person is not None and person.organisation_id != release.recipient_id:
        raise CaseError


def _sealed_faults(release: Release, facts: _Facts, now: datetime) -> Iterator[Attribute]:
    """What fails of that which stands in sealed columns. Raises ContentErased, DecryptionRefused."""
    terms, signing = release.terms or {}, release.signing or {}
    signatures = facts.signatures.get(release.pk, [])
    signed = [(row, row.facts or {}) for row in signatures]
    if not _is_written(terms, signing, signed):
        yield Attribute.WRITTEN
    if release.purpose not in Purpose.values or _breaks(lambda: check_purpose(release.purpose_text or "")):
        yield Attribute.PURPOSE
    categories = terms.get("categories") or []
    # Releases of the first form were signed before each was asked about by name.
    named = signing.get("named", categories)
    if _breaks(lambda: check_categories(categories)) or _breaks(lambda: check_named(categories, named)):
        yield Attribute.SCOPE
    if _ends_too_late(release, signing, facts):
        yield Attribute.END
    if not all(signing.get(name) for name in ("risks_discussed", "not_conditioned", "revocable_explained")):
        yield Attribute.INFORMED
    is_minor, is_accused = _age_when_signed(release, facts)
    if _is_wrong_signer(signing, [told.get("who") for _row, told in signed], is_minor):
        yield Attribute.SIGNERS
    signer = str(signing.get("signer", ""))
    if signs_with_another(signer) and (
        not signing.get("guardian_is_not_abuser") or (signer == ReleaseSigner.PARENT_GUARDIAN and is_accused)
    ):
        yield Attribute.GUARDIAN
    if not all(_is_unchanged(row, told, facts) for row, told in signed):
        yield Attribute.FILE


def _is_written(terms: dict[str, Any], signing: dict[str, Any], signed: Collection[tuple[Any, dict[str, Any]]]) -> bool:
    """On file in writing: how it may travel is said, and of each signature there is a sealed picture, or the place of the
    paper. What was only said is no release (28 CFR 94.115(b)(1)(ii)).
    """
    if not signed or terms.get("method") not in ReleaseMethod.values or signing.get("evidence") not in Evidence.values:
        return False
    return all(
        row.document_id is not None
        or (told.get("evidence") == Evidence.PAPER and bool(str(told.get("kept_where", "")).strip()))
        for row, told in signed
    )


def _ends_too_late(release: Release, signing: dict[str, Any], facts: _Facts) -> bool:
    """Later than its purpose allows; longer only by a supervisor, with a reason, and never beyond a year (R3)."""
    if release.purpose not in Purpose.values:
        return _days(release) > _HARD
    held = facts.supervising.get(release.recorded_by_id, [])
    begun = release.starts_at
    return _breaks(
        lambda: check_end(
            release.purpose, release.signed_on, release.expires_at, now=begun, zone=release.recorded_by.zone,
            is_supervisor=any(since <= begun and (ends is None or begun < ends) for since, ends in held),
            reason=str(signing.get("reason", "")),
        )
    )  # fmt: skip


def _age_when_signed(release: Release, facts: _Facts) -> tuple[bool | None, bool]:
    """Whether she was under 18 on the day (None where nobody knows), and whether her card warns of her guardian.

    The alert that she is a minor counts while it stands: also where her age is disputed.
    """
    case: Case = release.case
    alerts = frozenset(() if case.has_erased(Section.CARD) else case.alerts or ())
    survivor = facts.survivors.get(case.pk)
    born = None if survivor is None or case.has_erased(Section.IDENTITY) else survivor.birth_date
    is_minor = None if born is None else years_between(born, release.signed_on) < ADULT
    return (True if AlertCode.MINOR in alerts else is_minor), AlertCode.GUARDIAN_IS_PERPETRATOR in alerts


def _is_wrong_signer(signing: dict[str, Any], who: Collection[Any], is_minor: bool | None) -> bool:
    """Against the rule by which it was signed, or without one of those who had to sign."""
    signer = str(signing.get("signer", ""))
    if signer not in ReleaseSigner.values or sorted(map(str, who)) != sorted(signers_of(signer)):
        return True
    return _breaks(
        lambda: check_signer(
            signer, is_minor=is_minor, guardian_is_accused=False, guardian_is_not_abuser=True,
            name=str(signing.get("signer_name", "")), authority=str(signing.get("authority", "")),
        )
    )  # fmt: skip


def _is_unchanged(row: ReleaseSignature, told: dict[str, Any], facts: _Facts) -> bool:
    """Whether the stored file has the SHA-256 that the signature and the ledger hold; of a paper elsewhere there is none.

    A document that lies in quarantine nobody opens, so it proves nothing. Raises ContentErased.
    """
    document = row.document
    if document is None:
        return not told.get("sha256")
    if document.quarantined_at is not None:
        return False
    try:
        found = files.check(document)
    except (DecryptionRefused, OSError):
        return False
    return found == told.get("sha256") and found == facts.numbers.get(document.uid, found)


# ---- What waits to be checked ----

#: A release in force is looked at each night, one that is over once in so long: its paper still has to be what it was.
IN_FORCE_EVERY, OVER_EVERY = timedelta(hours=20), timedelta(days=30)


def in_scope(now: datetime, prefix: str = "") -> Q:
    """Releases whose faults count now: in force, or over and still opening something. ``prefix`` as ``release__``."""
    stands = {"starts_at__lte": now, "expires_at__gt": now, "withdrawn_at__isnull": True}
    is_in_force = Q(**{f"{prefix}{name}": value for name, value in stands.items()})
    return is_in_force | (Q(failed__contains=f" {Attribute.ENDED.value} ") if prefix else Q())


def failing(now: datetime, attribute: str = "") -> Any:
    """The checks of releases that count now and of which something (or this attribute) fails. For jobs, controls, the desk."""
    rows = access.for_the_house(ReleaseCheck).filter(in_scope(now, "release__")).exclude(failed="")
    return rows.filter(failed__contains=f" {attribute} ") if attribute else rows


def never_checked() -> Any:
    """Releases of which no machine has said anything yet, oldest first."""
    known = access.for_the_house(ReleaseCheck).values("release_id")
    return access.for_the_house(Release).exclude(pk__in=known).select_related(*RELATED).order_by("pk")


def checked_too_long_ago(now: datetime) -> Any:
    """Checks whose release has changed its state, whose rules are old, or whose time has come; the oldest first."""
    is_old = (
        ~Q(rules=RULES)
        | Q(checked_at__lt=now - OVER_EVERY)
        | Q(checked_at__lt=now - IN_FORCE_EVERY, release__expires_at__gt=now, release__withdrawn_at__isnull=True)
        | Q(release__withdrawn_at__gt=F("checked_at"))
        | Q(release__expires_at__gt=F("checked_at"), release__expires_at__lte=now)
    )
    return access.for_the_house(ReleaseCheck).filter(is_old).order_by("checked_at", "release_id")
