"""People who sign in."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel, CaseHistory
from casemgmt.access.compiled import MOMENT, READER, Compiled, kept, union

from ..choices import Language, Mandated
from ..homes import HOMES
from ..querysets import UserQuerySet
from .team import Team


def check_time_zone(name: str) -> None:
    """Refuse a time zone the machine does not know."""
    if name not in available_timezones():
        raise ValidationError(_("This is not a known time zone."), code="time_zone")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """People are made by actions only; the manager finds them."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are compared in lower case throughout."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, email: str | None) -> "User":
        """Find a person by address, whatever its case."""
        return self.get(email=self.normalize_email(email))


class User(AbstractBaseUser, PermissionsMixin, AuditedModel):
    """A person with an account. Signs in by e-mail, password and a second factor.

    There is no superuser: a database rule keeps ``is_superuser`` false. ``groups`` stays empty;
    ``team_group_ids`` answers from dated memberships.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="people")
    language = models.CharField(_("language"), max_length=8, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[check_time_zone])
    # Today's answer; AccountState answers for the past.
    is_active = models.BooleanField(_("active"), default=False)
    # Sessions and the ledger know when somebody signed in; a column that changes at each sign-in would only
    # fill the person's history.
    last_login = None
    created_at = models.DateTimeField(_("created"))
    #: Whether the law makes her report, and where; None as long as nobody has looked it up.
    mandated = models.CharField(max_length=10, choices=Mandated.choices, null=True, blank=True)
    mandated_in = models.CharField(max_length=120, null=True, blank=True)

    objects = UserManager()  # type: ignore[misc]
    history = CaseHistory(excluded_fields=["password"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        default_permissions = ()
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=Q(is_superuser=False), name="user_is_never_superuser"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)

    def check_password(self, raw_password: str | None) -> bool:
        """Compare only. Django would also save a digest of newer strength here, in the middle of signing in and
        outside every action; digests grow stronger when a password is changed."""
        return check_password(raw_password, self.password)

    def get_full_name(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """What colleagues call each other on a button."""
        return self.name.split()[0] if self.name.split() else self.name

    def roles_now(self) -> set[str]:
        """The codes of the roles held now. One query."""
        return self.roles_at(timezone.now())

    def roles_at(self, at: datetime) -> set[str]:
        """The codes of the roles held at that moment. One query."""
        return set(self.role_assignments.at(at).values_list("role", flat=True))

    def holds_role(self, *roles: str, at: datetime | None = None) -> bool:
        """Whether one of these roles is held at that moment (now, if none is given). One query."""
        return self.role_assignments.at(at or timezone.now()).filter(role__in=[str(role) for role in roles]).exists()

    def roles_of(self, *roles: str) -> set[str]:
        """Which of these roles are held now. One query."""
        wanted = [str(role) for role in roles]
        return set(self.role_assignments.at(timezone.now()).filter(role__in=wanted).values_list("role", flat=True))

    @property
    def home_role(self) -> str | None:
        """The role whose home page comes first, or None."""
        held = self.roles_now()
        return next((role for role, _url_name in HOMES if role in held), None)

    def team_group_ids(self, at: datetime | None = None) -> list[int]:
        """Group ids of the teams this person belongs to, and of those for which she is on duty at that moment. One query.

        Accepted memberships and shifts inside their dates, memberships first. An account that is closed has none.
        """
        if not self.is_active:
            return []
        moment = at or timezone.now()
        return _groups_of_somebody(connection.vendor).keys({READER: self.pk, MOMENT: moment})

    def supervises(self, team: Team, at: datetime | None = None) -> bool:
        """Whether this person supervises the team at that moment. One query."""
        live = self.memberships.live(at or timezone.now())
        return self.is_active and live.supervising().of_team(team).exists()

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return ZoneInfo(self.time_zone)


@kept
def _groups_of_somebody(_vendor: str) -> Compiled:
    """Groups of teams and rotas, compiled once: every page of every signed-in person asks for them first."""
    somebody = User(pk=READER)
    of_teams = somebody.memberships.live(MOMENT).values_list("team__group_id", flat=True)
    on_duty = somebody.shifts.at(MOMENT).values_list("rota__group_id", flat=True)
    return union([of_teams, on_duty], everything=True)
