"""Short neutral words of the house by which cases are found again, and views of the list that a team shares.

Both are plain on purpose: the list is narrowed by them inside its query. So the words are chosen by few people, from a
list, and a shared view has no name of its own but what it filters: nobody types into either what somebody was told.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext

from audit.history import AuditedModel
from cases.models.base import CaseRoomManager
from cases.models.listing import QUERY_LENGTH

#: Characters of a word, and how many words a house has at most: a list that nobody reads to its end helps nobody.
WORD_LENGTH, MOST_TAGS = 24, 40


class Tag(AuditedModel):
    """One word of a house's list. It says something of the work, never what a survivor could be known by (domain.md R14)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    word = models.CharField(max_length=WORD_LENGTH)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    #: Not offered any more; cases that carry it keep it until somebody takes it off.
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint("organisation", Lower("word"), name="tag_once_in_a_house")]

    def __str__(self) -> str:
        return f"tag {self.uid}"

    @property
    def is_retired(self) -> bool:
        """Whether it is offered to no further case."""
        return self.retired_at is not None

    @property
    def in_words(self) -> str:
        """The word where one chooses by it: one of before says that it is."""
        return gettext("%(word)s (no longer offered)") % {"word": self.word} if self.is_retired else self.word


class CaseTag(AuditedModel):
    """That a case carries a word of the list, from when until it was taken off. Shown inside the house alone."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="+")
    put_at = models.DateTimeField()
    put_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["case", "tag"], condition=Q(taken_at__isnull=True), name="case_carries_a_tag_once"
            )
        ]
        indexes = [models.Index(fields=["tag", "taken_at", "case"], name="case_tag_list")]

    def __str__(self) -> str:
        return f"case tag {self.uid}"


class SharedView(AuditedModel):
    """A filter of the list that one person offers to her team. It holds codes only, and is called by what it filters.

    It opens nothing: whoever uses it finds the cases that she may open.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    query = models.CharField(max_length=QUERY_LENGTH)
    shared_at = models.DateTimeField()
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["team", "query"], condition=Q(ended_at__isnull=True), name="view_shared_once_with_a_team"
            )
        ]

    def __str__(self) -> str:
        return f"shared view {self.uid}"
