"""What the house knows of heads that left it. Append-only like the ledger itself (``audit.protection``, KEEP).

These rows are a convenience: whoever owns the database can take them away. What counts is what lies elsewhere: the
file, the letters, the witness's own state, and what an auditor remembers or wrote down.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Anchor(models.Model):
    """A head that was given away: when, whereto, and the very note.

    ``place``: the name of the file, of the witness; empty for letters, whose addresses are a setting. ``note`` of a
    witness ends with its cosignature.
    """

    class Kind(models.TextChoices):
        """Who holds it."""

        FILE = "FILE", _("Append-only file")
        MAIL = "MAIL", _("Letter to the auditor")
        WITNESS = "WITNESS", _("Witness")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    place = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "size"], name="audit_anchor_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.size}"


class SeenHead(models.Model):
    """The newest head that was shown to an auditor, each time it had grown since she was there before."""

    auditor_uid = models.UUIDField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["auditor_uid", "size", "at"], name="audit_seenhead_once")]

    def __str__(self) -> str:
        return f"seen {self.size}"
