"""The blind indexes: tokens by which cases are found, and how far each index has come."""

from django.db import models

from casemgmt.access.permissions import GuardedQuerySet
from cases.choices.search import IndexName


class SearchIndex(models.Model):
    """One index in one epoch of its key. ``done_up_to`` is the key of the last case that the back-fill has written."""

    class State(models.TextChoices):
        """EMPTY: to be filled. FILLING: writes keep it up to date, questions wait. READY: it answers."""

        EMPTY = "EMPTY"
        FILLING = "FILLING"
        READY = "READY"

    index = models.CharField(max_length=12, choices=IndexName.choices)
    epoch = models.PositiveSmallIntegerField()
    bits = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.EMPTY)
    done_up_to = models.BigIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["index", "epoch"], name="one_search_index_of_an_epoch")]


class BlindToken(models.Model):
    """A truncated keyed fingerprint of something by which a case is found. Useless without the key of its epoch."""

    index = models.CharField(max_length=12, choices=IndexName.choices)
    epoch = models.PositiveSmallIntegerField()
    token = models.BigIntegerField()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        # The constraint's own index covers the question: from index, epoch and token to the case, without the row.
        constraints = [models.UniqueConstraint(fields=["index", "epoch", "token", "case"], name="one_token_of_a_case")]
