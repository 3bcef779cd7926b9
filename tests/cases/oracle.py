"""The comparison: everything the house can be asked about, against the plain facts (``oracle_facts``), at every instant.

Lists, pages, walks, counts, sorted pages, single checks, batches, writes, guardian's backend, explanations, who can see,
who could see, and on PostgreSQL the policies of the database by themselves.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.db import connection
from django.db.models import Q

from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, READ_MATTER, WRITE_MATTER, Section, read
from casemgmt.accounts.models import User
from cases import access
from cases.access import orders, pages, rows
from cases.models import Case, Matter, TimelineEntry
from tests.cases import oracle_wall
from tests.cases.oracle_facts import (
    AFTER_ENGAGEMENT,
    CASES,
    EVERYTHING,
    READ_IDENTITY,
    WRITE_IDENTITY,
    Facts,
)
from tests.cases.oracle_scene import Scene
from tests.cases.oracle_stage import Stage
from tests.cases.oracle_worlds import Act


def play_and_compare(stage: Stage, story: list[Act], looks: Collection[int], glances: Collection[int] = ()) -> None:
    """Play a story; look at everything at some hours and glance at others, ahead of the end too; then ask about the past."""
    with mock.patch.object(rows, "AFTER_ENGAGEMENT", timedelta(hours=AFTER_ENGAGEMENT)):
        _play(Scene(stage), story, looks, glances)


def _play(scene: Scene, story: list[Act], looks: Collection[int], glances: Collection[int]) -> None:
    last = story[-1].at
    for hour in range(last + 2):
        for act in story:
            if act.at == hour:
                scene.play(act)
        if hour in looks:
            look(scene, hour)
        elif hour in glances:
            glance(scene, hour)
    assert access.drift() == []
    look_back(scene, last + 2)


def glance(scene: Scene, hour: int) -> None:
    """The quickest questions: what each person may do with each case, and what is in her lists."""
    stage, facts = scene.stage, scene.facts
    with stage.at(hour):
        for number, person in enumerate(scene.people):
            reader = User.objects.get(pk=person.pk)
            held = access.holdings(reader, stage.keys)
            listed = set(access.visible(Case, reader).filter(pk__in=stage.keys).values_list("pk", flat=True))
            for key, case in stage.keys.items():
                where = (f"person {number}, hour {hour}", case)
                expected = {one for one in EVERYTHING if facts.may(number, case, one, hour)}
                found = {one for one in EVERYTHING if key in held and held[key].may(one)}
                found |= {READ_MATTER} if key in held and held[key].matters else set()
                assert found == expected and (key in listed) == (READ_CARD in expected), (where, found, expected)


def look(scene: Scene, hour: int) -> None:
    """Everything the house can be asked about now, against the facts."""
    stage, facts = scene.stage, scene.facts
    with stage.at(hour) as moment:
        cases = {number: access.for_the_house(Case).get(pk=key) for key, number in stage.keys.items()}
        # As a page of hers has it: the row of today, not the one we have been writing to.
        readers = [User.objects.get(pk=person.pk) for person in scene.people]
        for number, reader in enumerate(readers):
            where = f"person {number}, hour {hour}"
            batch = access.permissions_on(reader, cases.values())
            for permission in (READ_CARD, READ_IDENTITY):
                allowed = {case for case in range(CASES) if facts.may(number, case, permission, hour)}
                _look_at_lists(stage, reader, permission, moment, allowed, where)
                for case, row in cases.items():
                    answers = {
                        "backend": reader.has_perm(f"cases.{permission}", row),
                        "explain": access.explain(reader, row, permission).allowed,
                        "batch": permission in batch.get(row.pk, set()),
                    }
                    assert set(answers.values()) == {case in allowed}, (where, permission, case, answers)
            may = [{one for one in (READ_CARD, READ_IDENTITY, WRITE_IDENTITY) if facts.may(number, case, one, hour)}
                   for case in range(CASES)]  # fmt: skip
            _look_at_orders(stage, reader, facts, number, hour, where)
            for case, row in cases.items():
                assert _opens(reader, row, READ_IDENTITY) == _outcome(READ_IDENTITY, may[case]), (
                    "get_for",
                    where,
                    case,
                )
                assert _writes(reader, row) == _outcome(WRITE_IDENTITY, may[case]), ("write", where, case)
                anything = facts.sees_anything(number, case, hour)
                assert bool(access.grounds(reader, row)) == anything, ("grounds", where, case)
            _look_at_matter(stage, reader, facts.may(number, 0, READ_MATTER, hour), where)
            _look_at_writing(stage, reader, facts.may(number, 0, WRITE_MATTER, hour), where)
            if reader.is_active:
                walled = {case for case in range(CASES) if facts.is_walled(number, case, hour)}
                kept = access.walled_cases(reader).filter(case__in=stage.keys).values_list("case_id", flat=True)
                assert {stage.keys[key] for key in kept} == walled, ("walled", where)
        _look_at_viewers(scene, cases, hour)
        if connection.vendor == "postgresql":
            oracle_wall.look(scene, readers, hour)


def _outcome(permission: str, held: set[str]) -> str:
    return "opened" if {READ_CARD, permission} <= held else "refused" if READ_CARD in held else "hidden"


def _look_at_lists(
    stage: Stage, reader: User, permission: str, moment: datetime, allowed: set[int], where: str
) -> None:
    """Lists, pages, walks and counts."""
    keys = stage.keys
    newest_first = sorted((key for key, case in keys.items() if case in allowed), reverse=True)
    listed = access.visible(Case, reader, permission).filter(pk__in=keys).values_list("pk", flat=True)
    assert sorted(listed, reverse=True) == newest_first, ("visible", where)
    among = access.visible(Case, reader, permission, at=moment, among=list(keys)).values_list("pk", flat=True)
    assert sorted(among, reverse=True) == newest_first, ("visible among", where)
    middle = stage.cases[1].pk
    for some in (list(keys), [middle], []):
        held = access.held_among(reader, permission, some)
        assert held == set(newest_first).intersection(some), ("held among", where)
    found, older = access.page(reader, permission, size=50)
    assert [case.pk for case in found] == newest_first and older is None, ("page", where)
    assert all(case.holding is not None and case.holding.may(permission) for case in found), ("holdings", where)
    if permission == READ_IDENTITY:
        return
    assert _walk(reader, permission) == newest_first, ("walk", where)
    narrowed = [key for key in newest_first if key != middle]
    assert [case.pk for case in access.page(reader, where=~Q(pk=middle))[0]] == narrowed, ("narrowed", where)
    with mock.patch.object(pages, "MERGED_UP_TO", 0):
        assert _walk(reader, permission, where=~Q(pk=-1)) == newest_first, ("walk led by cases", where)
        assert access.count(reader, permission, where=~Q(pk=middle)) == len(narrowed), ("count led by cases", where)
    assert access.count(reader, permission) == len(newest_first), ("count", where)
    lines = access.visible(TimelineEntry, reader, None).filter(section=Section.CARD, case__in=keys)
    assert set(lines.values_list("case_id", flat=True)) == set(newest_first), ("lines by their section", where)


def _look_at_orders(stage: Stage, reader: User, facts: Facts, number: int, hour: int, where: str) -> None:
    """Sorted by the last line that she may know of, both ways in which the list is made."""
    newest: dict[int, datetime] = {}
    for key, section, at in stage.lines:
        case = stage.keys[key]
        if facts.may(number, case, READ_CARD, hour) and facts.may(number, case, read(section), hour):
            newest[key] = max(at, newest.get(key, at))
    expected = sorted(newest, key=lambda key: (newest[key], key), reverse=True)
    if not expected:
        assert access.sorted_page(reader, access.ACTIVITY)[0] == [], ("sorted", where)
        return
    for at_most in (1000, 0):
        with mock.patch.object(pages, "MERGED_UP_TO", at_most), mock.patch.object(orders, "MERGED_UP_TO", 1000):
            seen: list[int] = []
            after = None
            while len(seen) <= CASES:
                found, after = access.sorted_page(reader, access.ACTIVITY, after=after, size=1)
                seen += [case.pk for case in found]
                if after is None:
                    break
            assert seen == expected, ("sorted", at_most, where)


def _walk(reader: User, permission: str, where: Q | None = None) -> list[int]:
    """All pages of one case each, in their order."""
    seen: list[int] = []
    before = None
    while len(seen) <= CASES:
        found, before = access.page(reader, permission, before=before, size=1, where=where, with_holdings=False)
        seen += [case.pk for case in found]
        if before is None:
            break
    return seen


def _opens(reader: User, case: Case, permission: str) -> str:
    try:
        access.get_for(reader, case.uid, permission)
    except Hidden:
        return "hidden"
    except Refused:
        return "refused"
    return "opened"


def _writes(reader: User, case: Case) -> str:
    try:
        access.lock_for_write(reader, case.uid, Section.IDENTITY)
    except Hidden:
        return "hidden"
    except Refused:
        return "refused"
    return "opened"


def _look_at_matter(stage: Stage, reader: User, allowed: bool, where: str) -> None:
    matter = access.for_the_house(Matter).select_related("case").get(pk=stage.matter.pk)
    answers: dict[str, Any] = {
        "backend": reader.has_perm(f"cases.{READ_MATTER}", matter),
        "explain": access.explain(reader, matter.case, READ_MATTER).allowed,
        "list": [one.pk for one in access.visible_matters(reader)] == [matter.pk],
    }
    try:
        answers["page"] = bool(access.get_matter_for(reader, matter.uid))
    except (Hidden, Refused):
        answers["page"] = False
    assert set(answers.values()) == {allowed}, ("matter", where, answers)


def _look_at_writing(stage: Stage, reader: User, allowed: bool, where: str) -> None:
    """Who may write into the file of the matter: an attorney whose engagement is over reads it and writes nothing."""
    matter = access.for_the_house(Matter).select_related("case").get(pk=stage.matter.pk)
    held = access.holdings(reader, [matter.case_id]).get(matter.case_id)
    writers = [one for one in access.who_can_see(matter.case) if Section.LEGAL_FILE in one.written]
    behind = access.members_behind(matter.case, writers)
    answers = {
        "backend": reader.has_perm(f"cases.{WRITE_MATTER}", matter),
        "explain": access.explain(reader, matter.case, WRITE_MATTER).allowed,
        "batch": held is not None and held.writes(Section.LEGAL_FILE, matter.uid),
        "viewers": any(reader.pk == one.grant.person_id or reader in behind.get(one.grant.pk, ()) for one in writers),
    }
    try:
        access.lock_for_write(reader, matter.case.uid, Section.LEGAL_FILE, matter_uid=matter.uid)
        answers["write"] = True
    except (Hidden, Refused):
        answers["write"] = False
    assert set(answers.values()) == {allowed}, ("writing into the file", where, answers)


def _look_at_viewers(scene: Scene, cases: dict[int, Case], hour: int) -> None:
    """ "Who can see this": the people named, and the people behind the teams named."""
    ours = {person.pk for person in scene.people}
    for number, case in cases.items():
        viewers = access.who_can_see(case)
        behind = access.members_behind(case, viewers)
        named = {viewer.grant.person_id for viewer in viewers if viewer.grant.person_id}
        named |= {person.pk for viewer in viewers for person in behind.get(viewer.grant.pk, ())}
        expected = {
            person.pk for place, person in enumerate(scene.people) if scene.facts.sees_anything(place, number, hour)
        }
        assert named & ours == expected, ("who can see", number, hour)


def look_back(scene: Scene, now: int) -> None:
    """Who could see each section of each case at every hour so far, asked afterwards."""
    stage, facts = scene.stage, scene.facts
    asked = {Section.CARD: READ_CARD, Section.IDENTITY: READ_IDENTITY, Section.LEGAL_FILE: READ_MATTER}
    with stage.at(now):
        for key, number in stage.keys.items():
            case = access.for_the_house(Case).get(pk=key)
            for hour in range(now + 1):
                could = access.sections_seen(case, stage.moment(hour))
                for section, permission in asked.items():
                    names = {person.pk for person, seen in could.items() if section in seen}
                    expected = {
                        person.pk
                        for place, person in enumerate(scene.people)
                        if facts.may(place, number, permission, hour)
                    }
                    ours = {person.pk for person in scene.people}
                    assert names & ours == expected, ("who could see", section, number, hour)
            card = {person.pk for person, seen in could.items() if Section.CARD in seen}
            assert {person.pk for person in access.who_could_see(case, READ_CARD, stage.moment(now))} == card
