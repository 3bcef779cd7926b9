"""The control "releases are valid": what the machine found, as counts of each attribute. Codes alone; nothing is opened."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from audit.reader import Reader
from cases import access
from cases.choices.release_checks import SEALED_ATTRIBUTES, Attribute
from cases.models import Release, ReleaseCheck
from cases.release_checks import in_scope

#: What nobody has looked at for so long, the job has lost.
LATE_AFTER = timedelta(hours=48)


def figures(now: datetime) -> dict[str, int]:
    """Counts over the releases that count now: ``every``, ``checked``, ``waiting``, ``erased``, ``failing``, ``late``, and
    for each attribute how many fail. Two queries, whatever there is.
    """
    live = access.for_the_house(Release).filter(in_scope(now)).count()
    rows = access.for_the_house(ReleaseCheck).filter(in_scope(now, "release__"))
    counted: dict[str, int] = rows.aggregate(
        checked=Count("pk"),
        standing=Count("pk", filter=in_force(now)),
        erased=Count("pk", filter=Q(is_erased=True)),
        failing=Count("pk", filter=~Q(failed="")),
        late=Count("pk", filter=Q(checked_at__lt=now - LATE_AFTER)),
        **{one.value: Count("pk", filter=Q(failed__contains=f" {one.value} ")) for one in Attribute},
    )
    return {**counted, "every": live, "waiting": max(0, live - counted["standing"])}


def in_force(now: datetime) -> Q:
    """Of checks: those whose release stands."""
    return Q(release__starts_at__lte=now, release__expires_at__gt=now, release__withdrawn_at__isnull=True)


def attribute_lines(counted: dict[str, int]) -> Iterator[tuple[Attribute, int, int]]:
    """(attribute, how many hold, how many fail). Of erased ones the sealed attributes neither hold nor fail."""
    for one in Attribute:
        fails = counted[one.value]
        known = counted["checked"] - (counted["erased"] if one in SEALED_ATTRIBUTES else 0)
        yield one, max(0, known - fails), fails


def hold_and_fail(reader: Reader, holds: int, fails: int) -> str:
    """Both counts as this reader may know them. Where one is small the other is not told either: one minus the other."""
    if fails == 0:
        return _("%(holds)s hold, none fails") % {"holds": reader.count_of_cases(holds)}
    if min(fails, holds or fails) < reader.smallest_shown:
        hidden = reader.count_of_cases(fails) if fails < reader.smallest_shown else _("some")
        return _("%(fails)s fail, the others hold") % {"fails": hidden}
    return _("%(holds)s hold, %(fails)s fail") % {"holds": str(holds), "fails": str(fails)}
