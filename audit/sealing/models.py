"""What the sealer writes: a leaf for each event, the full tiles over them, and a signed checkpoint for each pass.

All three are append-only in the database (``audit.protection``). Partial tiles are not kept: level 0 follows from at
most 255 leaves, and every level above from the ``root`` of at most 255 tiles below it.
"""

from django.db import models


class Leaf(models.Model):
    """The place of one event in the tree. The hash stays when the event is pruned by order, so there is no constraint.

    ``position`` counts from 0. ``hash`` is the RFC 9162 leaf hash of the event's entry (``audit.sealing.entries``).
    """

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField("audit.Event", on_delete=models.DO_NOTHING, db_constraint=False, related_name="leaf")
    hash = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"leaf {self.position}"


class Tile(models.Model):
    """A full tile: 256 hashes of 32 bytes of every eighth level (``audit.sealing.tiles``), and the hash over them."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    root = models.BinaryField()
    data = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="audit_tile_once")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class Checkpoint(models.Model):
    """The tree as it was after one pass of the sealer. ``note`` is what was signed; size and root repeat it for finding.

    Settled, top and horizon say where to look for what is not sealed yet, and nothing rests on them but speed: every event with
    an id up to ``settled`` has its leaf. ``top`` is the highest id sealed so far, ``horizon`` the first transaction id
    that was not given out when this pass had read (0 on SQLite, where ids are committed in order). ``edge``: the perfect
    subtrees that make up the tree, 32 bytes each, the largest first; so a proof need not make the right edge anew. Empty
    where a checkpoint is older than the column.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    edge = models.BinaryField(default=b"")
    note = models.TextField()
    sealed_at = models.DateTimeField()
    settled = models.BigIntegerField()
    top = models.BigIntegerField()
    horizon = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"
