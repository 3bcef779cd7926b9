"""The auditor's vocabulary over events. Every word returns a queryset, newest first only where it says so."""

import datetime
import uuid
from collections.abc import Collection
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from .verbs import DENIALS, READINGS


class EventQuerySet(models.QuerySet):
    """``Event.objects.about_case(uid).readings().newest()[:50]``"""

    def about_case(self, case_uid: uuid.UUID) -> Self:
        """Whose subject belongs to this case, or that showed it in a list, export or search."""
        index = apps.get_model("audit", "EventCase")._base_manager.filter(case_uid=case_uid)
        return self.filter(Q(case_uid=case_uid) | Q(pk__in=index.values("event_id")))

    def by_person(self, user_uid: uuid.UUID) -> Self:
        """What this person did, and what an operator claimed to do for them."""
        return self.filter(Q(actor_uid=user_uid) | Q(on_behalf_of=user_uid))

    def of_verbs(self, verbs: Collection[str]) -> Self:
        """One of these verbs."""
        return self.filter(verb__in=sorted(verbs))

    def readings(self) -> Self:
        """Somebody saw something of a case."""
        return self.of_verbs(READINGS)

    def denials(self) -> Self:
        """Somebody was turned away."""
        return self.of_verbs(DENIALS)

    def changes(self) -> Self:
        """Records of a case were written."""
        return self.filter(changed_rows__gt=0)

    def in_section(self, section: str) -> Self:
        """Touched this section."""
        return self.filter(sections__contains=f" {section} ")

    def between(self, start: datetime.datetime | None, end: datetime.datetime | None) -> Self:
        """Happened at or after ``start`` and before ``end``; either may be open."""
        chosen = self if start is None else self.filter(at__gte=start)
        return chosen if end is None else chosen.filter(at__lt=end)

    def open_to_auditors(self) -> Self:
        """Without the privileged part (LEGAL_FILE, COUNSELLING), of which auditors see counts."""
        return self.filter(is_privileged=False)

    def newest(self) -> Self:
        """In the order of the ledger, the last first."""
        return self.order_by("-id")
