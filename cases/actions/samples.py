"""A redacted sample of releases for auditors (domain.md §8: redacted, time-boxed, supervised), in two steps.

Somebody of the house names a time and a number; the system draws, so that nobody can choose; the sheets hold codes, counts
and weeks. Then staff look at each sheet, and only when all were looked at is the sample shown, until a day. Every draw
stands in the ledger with its seed, also one that is thrown away.
"""

import csv
import hashlib
import io
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.choices.release_checks import SEALED_ATTRIBUTES, Attribute, ReleaseState, SheetFinding, Verdict, WhyWithdrawn
from cases.errors.samples import SampleIsEmpty, SampleIsOver, SampleNotLookedAt, SampleTooSmall, SheetHasFinding
from cases.htcds.export import safe
from cases.models import Disclosure, Release, ReleaseCheck, ReleaseSample, ReleaseSignature, SampleSheet

#: Who makes samples for auditors.
SAMPLING_ROLES = (Role.PRIVACY_OFFICER, Role.SUPERVISOR)
#: Of fewer releases none is drawn: what an auditor from outside may not count, nobody may look at one by one.
FEWEST = 11
MOST_SHEETS, MOST_DAYS = 50, 30


def samples_of(actor: User) -> QuerySet[ReleaseSample]:
    """The samples of the actor's house, newest first."""
    rows = access.for_the_house(ReleaseSample).filter(organisation=actor.organisation_id)
    return rows.select_related("drawn_by", "shown_by", "withdrawn_by").order_by("-pk")


def shown_samples(now: datetime) -> QuerySet[ReleaseSample]:
    """What auditors may see at one moment, newest first."""
    rows = access.for_the_house(ReleaseSample).filter(shown_at__lte=now, until__gt=now, withdrawn_at__isnull=True)
    return rows.filter(organisation__is_ours=True).order_by("-pk")


def draws() -> dict[str, int]:
    """How many samples were ever drawn, were shown, and were taken back before or after. One query."""
    rows = access.for_the_house(ReleaseSample).filter(organisation__is_ours=True)
    return rows.aggregate(
        every=Count("pk"), shown=Count("pk", filter=Q(shown_at__isnull=False)),
        unseen=Count("pk", filter=Q(shown_at__isnull=True, withdrawn_at__isnull=False)),
        withdrawn=Count("pk", filter=Q(shown_at__isnull=False, withdrawn_at__isnull=False)),
    )  # fmt: skip


def sheets_of(sample: ReleaseSample) -> QuerySet[SampleSheet]:
    """The sheets of a sample, by number."""
    return (
        access.for_the_house(SampleSheet)
        .filter(sample=sample)
        .select_related("looked_by", "release")
        .order_by("number")
    )


# ---- Drawing ----


@action
def draw_sample(*, actor: User, now: datetime, period_from: date, period_until: date, size: int) -> ReleaseSample:
    """Draw ``size`` releases at random from all that began between two local days (both included), and make their sheets.

    Raises Hidden, SampleTooSmall. Records SAMPLE_DRAWN with the seed and what it was drawn from.
    """
    _demand_role(actor, now)
    drawn_from = _population(actor, period_from, period_until)
    if len(drawn_from) < FEWEST:
        raise SampleTooSmall
    seed = secrets.token_hex(16)
    chosen = drawn(seed, drawn_from, min(size, MOST_SHEETS))
    digest = hashlib.sha256("".join(sorted(uid.hex for uid in drawn_from)).encode()).hexdigest()
    sample = ReleaseSample(
        organisation=actor.organisation, period_from=period_from, period_until=period_until, size=len(chosen), seed=seed,
        population=len(drawn_from), digest=digest, drawn_by=actor, drawn_at=now,
    )  # fmt: skip
    sample.save()
    found = access.for_the_house(Release).filter(uid__in=chosen).select_related("recipient").in_bulk(field_name="uid")
    contents = contents_of([found[uid] for uid in chosen], now, actor.zone)
    rows: Any = access.for_the_house(SampleSheet)
    rows.audited_bulk_create(
        [
            SampleSheet(
                sample=sample, number=number, release=found[uid], content=content, sha256=sha256_of(sample, number, content)
            )
            for number, (uid, content) in enumerate(zip(chosen, contents, strict=True), start=1)
        ]
    )  # fmt: skip
    record(
        Verb.SAMPLE_DRAWN, actor=actor, subject=Ref("releasesample", sample.uid),
        detail={
            "since": period_from, "until": period_until, "size": sample.size, "population": sample.population, "seed": seed,
            "digest": digest,
        },
    )  # fmt: skip
    return sample


def drawn(seed: str, uids: Iterable[UUID], size: int) -> list[UUID]:
    """The sample that a seed draws: the ``size`` smallest by SHA-256 of the seed (hex) and the uid (hex), in that order."""
    return sorted(uids, key=lambda uid: hashlib.sha256(f"{seed}{uid.hex}".encode()).digest())[:size]


def _population(actor: User, period_from: date, period_until: date) -> list[UUID]:
    begin, end = (
        timezone.make_aware(datetime.combine(day, time.min), actor.zone)
        for day in (period_from, period_until + timedelta(days=1))
    )
    rows = access.for_the_house(Release).filter(case__organisation=actor.organisation_id)
    return list(rows.filter(starts_at__gte=begin, starts_at__lt=end).values_list("uid", flat=True))


def contents_of(releases: Sequence[Release], now: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    """What the sheet of each release holds: codes, counts and ISO weeks, from plain columns and the machine's codes.

    No name, no number of a case, no day, no category and no free text. Three queries.
    """
    keys = [release.pk for release in releases]
    checks = access.for_the_house(ReleaseCheck).in_bulk(keys)
    signed = Counter[tuple[int, bool]]()
    for key, document in (
        access.for_the_house(ReleaseSignature).filter(release__in=keys).values_list("release", "document")
    ):
        signed[key, document is not None] += 1
    given = access.for_the_house(Disclosure).filter(release__in=keys).values("release").order_by()
    disclosed = {row["release"]: row["number"] for row in given.annotate(number=Count("pk"))}
    return [
        {
            "state": _state_of(release, now).value,
            "purpose": release.purpose,
            "recipient": release.recipient.kind,
            "signed": _week(release.signed_on),
            "begins": _week(timezone.localdate(release.starts_at, zone)),
            "ends": _week(timezone.localdate(release.expires_at, zone)),
            "withdrawn": _week(timezone.localdate(release.withdrawn_at, zone)) if release.withdrawn_at else "",
            "signatures": signed[release.pk, True] + signed[release.pk, False],
            "files": signed[release.pk, True],
            "disclosures": disclosed.get(release.pk, 0),
            "attributes": _attributes(checks.get(release.pk)),
        }
        for release in releases
    ]


def _state_of(release: Release, now: datetime) -> ReleaseState:
    if release.withdrawn_at is not None:
        return ReleaseState.RENEWED if release.withdrawn_how == "RENEWED" else ReleaseState.WITHDRAWN
    return ReleaseState.IN_FORCE if now < release.expires_at else ReleaseState.OVER


def _week(day: date) -> str:
    return f"{day:%G}-W{day:%V}"


def _attributes(check: ReleaseCheck | None) -> dict[str, str]:
    if check is None:
        return {one.value: Verdict.NOT_YET.value for one in Attribute}
    return {
        one.value: Verdict.FAILS.value if one.value in check.codes
        else Verdict.ERASED.value if check.is_erased and one in SEALED_ATTRIBUTES
        else Verdict.HOLDS.value
        for one in Attribute
    }  # fmt: skip


def sha256_of(sample: ReleaseSample, number: int, content: dict[str, Any]) -> str:
    """The checksum of one sheet, bound to its sample and place, in hex."""
    canonical = json.dumps([str(sample.uid), number, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


# ---- Looking, showing, taking back ----


@action
def look_at_sheet(*, actor: User, now: datetime, sample_uid: UUID, sheet_uid: UUID, finding: str) -> SampleSheet:
    """Say of one sheet that nothing in it points to anybody, or that it is left out. The same again changes nothing.

    Raises Hidden, SampleIsOver, SheetHasFinding. Records SAMPLE_LOOKED_AT.
    """
    sample = _lock(actor, sample_uid, now)
    sheet = sheets_of(sample).filter(uid=sheet_uid).first()
    if sheet is None:
        raise Hidden
    if sheet.finding == finding:
        return sheet
    if sheet.finding:
        raise SheetHasFinding
    if sample.shown_at is not None or sample.withdrawn_at is not None:
        raise SampleIsOver
    sheet.finding, sheet.looked_at, sheet.looked_by = SheetFinding(finding).value, now, actor
    sheet.save(update_fields=["finding", "looked_at", "looked_by"])
    record(
        Verb.SAMPLE_LOOKED_AT, actor=actor, subject=Ref("releasesample", sample.uid),
        detail={"result": sheet.finding, "sha256": sheet.sha256},
    )  # fmt: skip
    return sheet


@action
def show_sample(*, actor: User, now: datetime, sample_uid: UUID, days: int) -> ReleaseSample:
    """Let auditors see it for so many days (at most 30). Every sheet was looked at.

    Raises Hidden, SampleIsOver, SampleNotLookedAt, SampleIsEmpty. Records SAMPLE_SHOWN with the SHA-256 of the copy.
    """
    sample = _lock(actor, sample_uid, now)
    if sample.shown_at is not None or sample.withdrawn_at is not None:
        raise SampleIsOver
    sheets = list(sheets_of(sample))
    if any(not sheet.finding for sheet in sheets):
        raise SampleNotLookedAt
    shown = clear(sheets)
    if not shown:
        raise SampleIsEmpty
    sample.shown_at, sample.shown_by = now, actor
    sample.until = now + timedelta(days=max(1, min(days, MOST_DAYS)))
    sample.sha256 = hashlib.sha256(copy_of(sheets)).hexdigest()
    sample.save(update_fields=["shown_at", "shown_by", "until", "sha256"])
    record(
        Verb.SAMPLE_SHOWN, actor=actor, subject=Ref("releasesample", sample.uid),
        detail={"until": sample.until, "size": len(shown), "sha256": sample.sha256},
    )  # fmt: skip
    return sample


@action
def withdraw_sample(*, actor: User, now: datetime, sample_uid: UUID, why: str) -> ReleaseSample:
    """Take a sample back, shown or not: from now on no auditor sees a sheet of it. Repeating it changes nothing.

    Raises Hidden. Records SAMPLE_WITHDRAWN.
    """
    sample = _lock(actor, sample_uid, now)
    if sample.withdrawn_at is None:
        sample.withdrawn_at, sample.withdrawn_by, sample.withdrawn_why = now, actor, WhyWithdrawn(why).value
        sample.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
        record(
            Verb.SAMPLE_WITHDRAWN, actor=actor, subject=Ref("releasesample", sample.uid),
            detail={"result": sample.withdrawn_why},
        )  # fmt: skip
    return sample


def clear(sheets: Iterable[SampleSheet]) -> list[SampleSheet]:
    """The sheets that may be shown."""
    return [sheet for sheet in sheets if sheet.finding == SheetFinding.CLEAR]


_PLAIN = (
    "state",
    "purpose",
    "recipient",
    "signed",
    "begins",
    "ends",
    "withdrawn",
    "signatures",
    "files",
    "disclosures",
)


def copy_of(sheets: Iterable[SampleSheet]) -> bytes:
    """The sheets that may be shown as a file for a spreadsheet, UTF-8, codes as they are: the same bytes in any language."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["sheet", *_PLAIN, *(one.value.lower() for one in Attribute), "sha256"])
    for sheet in clear(sheets):
        told, verdicts = sheet.content, sheet.content["attributes"]
        cells = [
            sheet.number,
            *(told[name] for name in _PLAIN),
            *(verdicts[one.value] for one in Attribute),
            sheet.sha256,
        ]
        write([safe(str(cell)) for cell in cells])
    return out.getvalue().encode()


def _demand_role(actor: User, now: datetime) -> None:
    if not actor.organisation.is_ours or not actor.holds_role(*SAMPLING_ROLES, at=now):
        raise Hidden


def _lock(actor: User, sample_uid: UUID, now: datetime) -> ReleaseSample:
    """The sample of the actor's house, locked. Raises Hidden."""
    _demand_role(actor, now)
    sample = samples_of(actor).select_for_update(of=("self",)).filter(uid=sample_uid).first()
    if sample is None:
        raise Hidden
    return sample
