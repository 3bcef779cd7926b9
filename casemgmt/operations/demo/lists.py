"""Tags of the house, cases that carry them, and a view that the team shares: so that a newcomer finds lists in use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.telling import Telling
from cases import access
from cases.actions import tagging, views
from cases.models import Tag

#: The coordinator's words: about the work, and about nobody.
WORDS = ("Monday meeting", "Papers to copy", "Waits for a reply")
#: Which case carries which of them.
CARRIED = {"cane": (0, 2), "goodwater": (0,), "dew": (1,), "nightsky": (0,), "seawind": (1,)}


def plan_lists(telling: Telling, courses: Mapping[str, Course]) -> None:
    """The words come first, then the cases get theirs, then Bea shares what her team looks at on Mondays."""

    def words(now: datetime) -> None:
        for word in WORDS:
            tagging.make_tag(actor=telling.cast["mara"], now=now, word=word)

    telling.plan("lists", 9, "08:40", words)
    for key, which in CARRIED.items():
        _carry(courses[key], which)

    def share(now: datetime) -> Any:
        bea = telling.cast["bea"]
        return views.share_view(actor=bea, now=now, team_uid=telling.teams["north"].uid, query="due=WEEK&sort=DEADLINE")

    telling.plan("lists", 3, "08:50", share)


def _carry(course: Course, which: tuple[int, ...]) -> None:
    def put(now: datetime) -> Any:
        known = {tag.word: tag.uid for tag in access.of_house(Tag, course.worker)}
        uids = [known[WORDS[number]] for number in which]
        return tagging.set_tags(actor=course.worker, now=now, case_uid=course.uid, tag_uids=uids)

    course.plan(8, "16:10", put)
