"""Engagements that run already get their thirty days of reading, as new ones do (``cases.access.rows.closes_at``)."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F

_DAYS = timedelta(days=30)


def _rows(apps):
    """What opens the reading of an attorney's own file: no release, no parent, not taken back, before it has closed."""
    return apps.get_model("cases", "MatterUserPermission").objects.filter(
        permission__codename="read_matter", grant__kind="PRO_BONO", grant__release__isnull=True,
        grant__parent__isnull=True, grant__revoked_at__isnull=True,
    )  # fmt: skip


def lengthen(apps, schema_editor):
    _rows(apps).filter(expires_at=F("grant__expires_at")).update(expires_at=F("expires_at") + _DAYS)


def shorten(apps, schema_editor):
    _rows(apps).filter(expires_at=F("grant__expires_at") + _DAYS).update(expires_at=F("expires_at") - _DAYS)


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_guard_desk_whole")]

    operations = [migrations.RunPython(lengthen, shorten)]
