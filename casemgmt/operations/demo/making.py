"""Making the demo: the cast two years ago, then thirty cases, day by day, through the same actions that pages use."""

from collections.abc import Callable
from datetime import datetime, timedelta

from casemgmt.accounts.cast import TEAMS, create_cast
from casemgmt.accounts.models import Organisation, Team
from casemgmt.operations.demo.people import FIGURES
from casemgmt.operations.demo.story import plan_story
from casemgmt.operations.demo.telling import Telling

#: The cast came some days before the first survivor.
CAST_CAME = timedelta(days=735)


def _silent(done: int, of: int) -> None:
    """Say nothing of the progress."""


def make_demo(*, now: datetime, say: Callable[[int, int], None] = _silent) -> None:
    """The cast and their cases, as two years up to ``now`` have left them. ``say`` hears how many acts are done.

    Runs inside ``demo_context()`` and one transaction, so a half-made demo leaves nothing but keys, which are swept.
    """
    cast = create_cast(now=now - CAST_CAME)
    house = cast["amina"].organisation
    teams = {key: Team.objects.get(organisation=house, name=name) for key, (name, *_rest) in TEAMS.items()}
    telling = Telling(
        now=now, cast=cast, teams=teams, organisations={one.name: one for one in Organisation.objects.all()}
    )
    plan_story(telling, FIGURES)
    telling.tell(say)
