"""The named people of the tests, one right each (the same people as in the demo)."""

from datetime import datetime, timedelta

from audit import clock
from audit.context import demo_context
from audit.models import Event
from casemgmt.accounts import cast as demo_cast
from casemgmt.accounts.models import Team, User

LONG_AGO = timedelta(days=3 * 365)


class Cast:
    """Amina, Bea, Chidi … as they stand after the real actions made them: ``cast.amina``, ``cast.elif_``."""

    #: The last event of their making: what a test does comes after it.
    last_event = 0

    @classmethod
    def make(cls, now: datetime | None = None) -> None:
        """Make them, where they are not there yet: three years ago, so that a story may begin in the past."""
        with demo_context():
            demo_cast.create_cast(now=now or clock.now() - LONG_AGO)
        cls.last_event = Event.objects.latest("pk").pk

    def __getattr__(self, key: str) -> User:
        return User.objects.get(email=f"{key.removesuffix('_')}@example.org")

    def team_of(self, key: str) -> Team:
        """The first team of a person."""
        return Team.objects.get(group_id=getattr(self, key).team_group_ids()[0])
