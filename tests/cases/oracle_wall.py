"""The policies of a hardened PostgreSQL at the hours of a story: they ask the database's clock, which is turned here."""

from unittest import mock

from django.db import connection

from casemgmt.access.sections import READ_CARD, READ_MATTER
from casemgmt.access.session import as_reader
from casemgmt.accounts.models import User
from casemgmt.operations import row_security
from cases.models import Case, Matter, TimelineEntry
from tests.cases.oracle_scene import Scene
from tests.operations.row_security_role import as_bound_role, lay_policies

_CLOCK = "haven.oracle_clock"
_HOUR = f"current_setting('{_CLOCK}')::timestamptz"


def lay() -> None:
    """Lay the policies as ``harden_database`` does, with the hour of the story in place of the database's own."""
    set_clock("2000-01-01T00:00:00+00:00")
    begun = row_security._BEGUN.replace(row_security._NOW, _HOUR)
    with mock.patch.object(row_security, "_NOW", _HOUR), mock.patch.object(row_security, "_BEGUN", begun):
        lay_policies()


def set_clock(moment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [_CLOCK, moment])


def look(scene: Scene, readers: list[User], hour: int) -> None:
    """Open querysets, which ask for everything: the database alone shows each reader what she holds."""
    stage, facts = scene.stage, scene.facts
    set_clock(stage.moment(hour).isoformat())
    with as_bound_role():
        for number, reader in enumerate(readers):
            cards = {key for key, case in stage.keys.items() if facts.may(number, case, READ_CARD, hour)}
            holds_matter = facts.may(number, 0, READ_MATTER, hour)
            with as_reader(reader):
                cases = set(Case._base_manager.values_list("pk", flat=True))
                lines = set(TimelineEntry._base_manager.values_list("case_id", flat=True))
                matters = set(Matter._base_manager.values_list("pk", flat=True))
            where = f"person {number}, hour {hour}"
            expected = cards | ({stage.cases[0].pk} if holds_matter else set())
            assert cases == expected, ("policy of cases", where, cases, expected)
            assert lines == cards, ("policy of lines", where)
            expected = {stage.matter.pk} if holds_matter or stage.cases[0].pk in cards else set()
            assert matters == expected, ("policy of matters", where)
