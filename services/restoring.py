"""How former values of the workshops' records come back (``cases.actions.restoring``)."""

from typing import Any

from audit.verbs import Verb
from cases.actions.restoring import Former, Way, register
from services.actions import legal


def _stage(common: dict[str, Any], row: Any, former: Former, _now: Former) -> Any:
    return legal.change_stage(
        actor=common["actor"], now=common["now"], matter_uid=row.matter_uid, stage=former["stage"]
    )


def register_own() -> None:
    """When the app is ready."""
    register("legalmatter", [Way(("stage",), _stage), Way(("matter_type", "jurisdiction"), verb=Verb.MATTER_CHANGED)])
    register("hearing", [Way(("facts", "place", "outcome"), verb=Verb.HEARING_CHANGED)])
    register("deadline", [Way(("title", "authority"), verb=Verb.DEADLINE_CHANGED)])
    register("filing", [Way(("title", "receipt"), verb=Verb.FILING_CHANGED)])
    register("servicerecord", [Way(("facts", "provider", "remark"), verb=Verb.SERVICE_CHANGED)])
    register("goal", [Way(("title", "area", "latest", "plan"), verb=Verb.GOAL_CHANGED)])
    register("need", [Way(("words", "area", "barrier"), verb=Verb.NEED_CHANGED)])
    register("followup", [Way(("result",), verb=Verb.FOLLOW_UP_CHANGED)])
