"""The case: one episode of involvement of one person, and the card that everybody on it may see."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from audit.history import SealedCaseModel
from casemgmt.access.sections import CASE_PERMISSIONS, RETENTION_CLASS_OF, Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from casemgmt.crypto.models import for_new_rows
from cases.choices.casework import CLOSED_STATUSES, CaseStatus, ClosureReason, Stage
from cases.models.base import CaseRoomManager

if TYPE_CHECKING:
    from cases.access import Holding, Viewer


class Case(SealedCaseModel):
    """A case. ``number`` is random and says nothing; the alias is generated, never typed.

    What stays readable in the database is workflow only: status, stage, team, dates. Coded facts about a
    survivor are sealed.
    """

    number = models.CharField(max_length=16, unique=True)
    person = models.ForeignKey("cases.Person", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    status = models.CharField(max_length=20, choices=CaseStatus.choices)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.INTAKE)
    is_restricted = models.BooleanField(default=False)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    open_services = models.PositiveIntegerField(default=0)
    #: Retention class → ``{"on": date, "order": number}`` of what was erased; NULL where nothing was.
    erased = models.JSONField(null=True)

    alias = SealedText(fid="case.alias", section=Section.CARD)
    language = SealedText(fid="case.language", section=Section.CARD, blank=True)
    safe_contact = SealedText(fid="case.safe_contact", section=Section.CARD, blank=True)
    alerts = SealedJSON(fid="case.alerts", section=Section.CARD, null=True)
    closure_reason = SealedText(fid="case.closure_reason", section=Section.CARD, null=True)
    #: How the work with her ended: ``cases.closing.Farewell``.
    closing = SealedJSON(fid="case.closing", section=Section.SERVICES, null=True)
    #: Who referred her, to whom she was referred, when and why: the fields ``cas_*`` of HTCDS by their name.
    referral = SealedJSON(fid="case.referral", section=Section.SERVICES, null=True)
    row_mac = RowMac(later=["closing"])

    objects = CaseRoomManager()

    #: The name of the lead, where a page of a list has loaded it; never stored.
    lead_name: str | None

    #: What the reader of this instance may do with it; set by the door, never stored.
    holding: "Holding | None" = None
    #: Who can see this instance's case, once a page has asked; never stored.
    viewers: "list[Viewer] | None" = None

    class Meta(SealedCaseModel.Meta):
        permissions = CASE_PERMISSIONS
        constraints = [
            models.CheckConstraint(
                name="closed_case_has_no_open_services",
                condition=~Q(status__in=[str(status) for status in CLOSED_STATUSES]) | Q(open_services=0),
            ),
            models.CheckConstraint(
                name="closed_case_has_its_date",
                condition=Q(status__in=[str(status) for status in CLOSED_STATUSES], closed_on__isnull=False)
                | (~Q(status__in=[str(status) for status in CLOSED_STATUSES]) & Q(closed_on__isnull=True)),
            ),
            models.CheckConstraint(name="case_uid_is_its_own", condition=Q(case_uid=models.F("uid"))),
        ]
        indexes = [
            models.Index(fields=["team", "status", "-id"], name="case_team_status"),
            # A list that is narrowed to a rare status walks past nothing else.
            models.Index(fields=["status", "-id"], name="case_status"),
        ]

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._state.adding and self.case_uid is None:
            self.case_uid = self.uid

    def __str__(self) -> str:
        return f"case {self.uid}"

    @property
    def is_closed(self) -> bool:
        """Whether the case is closed: read, but no longer written."""
        return self.status in CLOSED_STATUSES

    @property
    def erasures(self) -> dict[str, Any]:
        """What was erased of it, by retention class; empty for nearly every case."""
        return self.erased or {}

    def has_erased(self, section: str) -> bool:
        """Whether the content of this section was erased by order."""
        return RETENTION_CLASS_OF[section] in self.erasures

    @property
    def is_erased(self) -> bool:
        """Whether the whole case was erased: number, dates and the ledger are all that stays."""
        return self.has_erased(Section.CARD)

    @property
    def shown_alias(self) -> str:
        """The alias, inside an opening; of an erased case the words that stand for it."""
        return gettext("Erased case") if self.is_erased else self.alias

    def close(self, *, reason: str, on: Any) -> None:
        """Set the state of a closed case; ``reason`` is a code of its list, ``on`` a local calendar date. The caller saves."""
        self.status, self.stage, self.closed_on, self.closure_reason = CaseStatus.CLOSED, Stage.CLOSE, on, reason

    def close_after_transfer(self, *, on: Any, kept_by: Any) -> None:
        """Set the state of a case that went over to a partner: ``kept_by`` is the supervisor with whom the record stays."""
        self.close(reason=ClosureReason.TRANSFERRED, on=on)
        self.status, self.lead = CaseStatus.CLOSED_REFERRED, kept_by

    def reopen(self, *, stage: Stage) -> None:
        """Set the state of a case that goes on. The caller saves; history keeps why it was closed."""
        self.status, self.stage = CaseStatus.ACTIVE, stage
        self.closed_on = self.closure_reason = self.closing = None
