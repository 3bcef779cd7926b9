"""The page ``docs/permissions.md``, made from the code that decides: kinds by sections, roles by kinds, rules in words.

``manage.py list_permissions --write docs/permissions.md`` writes it; a house test fails while it differs.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import override

from casemgmt.access.sections import (
    READ_MATTER,
    RETENTION_CLASS_OF,
    WRITE_MATTER,
    Section,
    read,
    write,
)
from casemgmt.accounts.choices import Discipline, Role
from cases import windows
from cases.actions import kinds
from cases.actions.reviews import ESCALATED_KINDS, ESCALATION_TIME, REVIEW_TIME, UNUSED_AFTER
from cases.choices.releases import OPENS_ONLY_WITH, SECTION_OF_CATEGORY, TWO_PERSON_SECTIONS, InfoCategory
from cases.choices.sharing import GrantKind

#: The rule of each kind in a sentence or two (access.md §3). A kind without one fails the test.
RULES: dict[str, str] = {
    GrantKind.ASSIGNMENT: (
        "Given by the lead or a supervisor of the case, never to oneself; opening a case gives it to whoever "
        "opened it. Where she stays is opened by a flag of its own, which a supervisor sets."
    ),
    GrantKind.SUPERVISION: (
        "Comes with the case to the supervisors of its team, and follows the discipline: a casework "
        "supervisor sees no clinical notes. Only a supervisor ends it."
    ),
    GrantKind.CLINICAL: (
        "For clinicians. The four clinical sections are walls of their own: an access may name fewer of them."
    ),
    GrantKind.STAFF_COUNSEL: (
        "For counsel of the house. The file comes with the matter that is named. Walled from caseworkers' "
        "notes and counselling unless released."
    ),
    GrantKind.PRO_BONO: (
        "One attorney outside, one matter. Of the organisation's sections what a release names, while it "
        "stands. Her own file is written until the engagement ends, and then open for "
        f"{windows.AFTER_ENGAGEMENT.days} days to read and to take along, unless somebody closes it at once."
    ),
    GrantKind.RESIDENCE: ("For the shelter's team, from admission to exit and three days more."),
    GrantKind.ON_CALL: (
        "For whoever is on duty, while the shift lasts. An alert carries its access to the person who is woken."
    ),
    GrantKind.BOOKING: (
        "One appointment of an interpreter or driver: time, language, alias and place, and no section."
    ),
    GrantKind.REFERRAL: (
        "Named people of a partner, each approved by the house; what the release names. Lapses unless "
        "somebody says in time that it is still needed."
    ),
    GrantKind.TRANSFER: ("As a referral, for an organisation that takes the work over."),
    GrantKind.DELEGATION: (
        "Lends a colleague of the same discipline what one holds, or a part of it: one hop, and it ends with "
        "what it was lent from."
    ),
    GrantKind.EMERGENCY: (
        "Taken by staff of the owning organisation with a reason and a fresh sign-in; the supervisor hears at "
        "once, and the review is due in two working days. An overdue review never blocks the next emergency."
    ),
}

_HOW_TO_READ = """# Permissions

This page is made from the code that decides (`manage.py list_permissions --write docs/permissions.md`). A test fails while the two
differ, so what stands here is what holds. Words: `docs/access.md`.

## How to read it

1. Find the person's **role** in the second table: it says which kinds of access she may be given. A role by itself opens no case.
2. Look at each access she has to the case, on its Sharing page: every one has a **kind**.
3. Find the kind in the first table: its row says which **sections** it opens, and how. What several accesses open adds up.
4. Then take away: an access counts only inside its dates; one that rests on a release, a shift or another access ends with it;
   what waits for a second person opens nothing yet; a restricted case leaves out what is given to teams; a **wall** beats all.

A section that no access of hers opens is closed to her: "Access refused" where she holds the card of the case, "no such page" where
she holds nothing. What was erased is open to nobody.

| sign | meaning |
|---|---|
| r | read |
| rw | read and write |
| w | write, where something else lets her read |
| m | read and write, with the matter that the access names |
| R | what her release names, while it stands; read only |
| T | as R, and only with a tick of its own |
| F | only with a flag of its own; read and write |
| P | what the access it was lent from opens, or a part of it |
| . | never |
"""


def permissions_page() -> str:
    """The whole page, in English whatever the language of the process."""
    with override("en"):
        parts = [
            _HOW_TO_READ, _sections_of_kinds(), _kinds_of_roles(), _rules(), _releases(), _two_people(), _reviews(),
            _sections(),
        ]  # fmt: skip
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def cell(permissions: Iterable[str], section: Section) -> str:
    """What these codenames let one do with a section: ``rw``, ``r``, ``w`` or a point."""
    held = set(permissions)
    is_file = section == Section.LEGAL_FILE
    reads = (READ_MATTER if is_file else read(section)) in held
    writes = (WRITE_MATTER if is_file else write(section)) in held
    return ("r" if reads else "") + ("w" if writes else "") or "."


def _row(kind: GrantKind, permissions: Iterable[str]) -> list[str]:
    return [_sign(kind, section, cell(permissions, section)) for section in Section]


def _sign(kind: GrantKind, section: Section, fixed: str) -> str:
    """The sign of one cell: what is fixed, and what depends on a release, a flag, a matter or the lender."""
    released = set(SECTION_OF_CATEGORY.values())
    if kind == GrantKind.DELEGATION:
        return "P"
    if fixed != ".":
        return fixed
    if kind == GrantKind.STAFF_COUNSEL and section == Section.LEGAL_FILE:
        return "m"
    if kind == GrantKind.ASSIGNMENT and read(section) in kinds.LOCATION_BY_FLAG:
        return "F"
    if kind == GrantKind.PRO_BONO and (section == Section.CARD or section in released - kinds.NEVER_WITH_A_MATTER):
        return "R"
    if kind in kinds.PARTNER_KINDS and section in released:
        if section in kinds.for_partner(released, with_status=False):
            return "R"
        return "T" if section in kinds.for_partner(released, with_status=True) else "."
    return "."


def _sections_of_kinds() -> str:
    rows = []
    for kind in GrantKind:
        if kind == GrantKind.SUPERVISION:
            rows += [
                [f"{kind.value} ({discipline.value})", *_row(kind, kinds.SUPERVISION_OF[discipline])]
                for discipline in Discipline
            ]
        else:
            rows.append([kind.value, *_row(kind, kinds.PERMISSIONS_OF_KIND[kind])])
    return "## Kinds of access and what they open\n\n" + _table(["kind", *(one.value for one in Section)], rows)


def _kinds_of_roles() -> str:
    rows = [[role.value, *("x" if role in kinds.ROLES_OF_KIND[kind] else "." for kind in GrantKind)] for role in Role]
    text = (
        "## Roles and the kinds they may be given\n\nA role without a cross is never given a case: who administers, audits, "
        "directs or counts opens none.\n\n"
    )
    return text + _table(["role", *(one.value for one in GrantKind)], rows)


def _rules() -> str:
    rows = [
        [kind.value, str(kind.label), _longest(kind), "yes" if kind in kinds.DELEGABLE_KINDS else "no", RULES[kind]]
        for kind in GrantKind
    ]
    return "## The rule of each kind\n\n" + _table(["kind", "on pages", "at most", "may be lent", "rule"], rows)


def _longest(kind: GrantKind) -> str:
    limits: dict[str, timedelta] = {
        GrantKind.PRO_BONO: windows.PRO_BONO_LIMIT,
        GrantKind.EMERGENCY: windows.EMERGENCY_LIMIT,
        GrantKind.DELEGATION: windows.DELEGATION_LIMIT,
        GrantKind.REFERRAL: windows.ATTESTATION_LIMIT,
        GrantKind.TRANSFER: windows.ATTESTATION_LIMIT,
        GrantKind.ON_CALL: windows.SHIFT_LIMIT,
        GrantKind.BOOKING: windows.BOOKING_LIMIT,
    }
    return _in_words(limits[kind]) if kind in limits else "until it is taken back"


def _in_words(time: timedelta) -> str:
    hours, seconds = divmod(int(time.total_seconds()), 3600)
    if time.days and not time.seconds:
        return f"{time.days} days"
    return f"{hours} hours" if not seconds and hours > 1 else f"{int(time.total_seconds() / 60)} minutes"


def _releases() -> str:
    rows = [[one.value, str(one.label), _opened_by(one)] for one in InfoCategory]
    text = (
        "## What a category of a release opens\n\nWhere she stays is on no release. What opens nothing by itself is told or "
        "handed over by a person, and noted as a disclosure.\n\n"
    )
    return text + _table(["category", "on pages", "section"], rows)


def _opened_by(category: InfoCategory) -> str:
    """The section that a category opens, if it is the one without which that section stays shut."""
    section = SECTION_OF_CATEGORY[category]
    key = OPENS_ONLY_WITH.get(section, category)
    return section.value if key == category else f"nothing by itself ({section.value} needs {key.value})"


def _two_people() -> str:
    names = ", ".join(section.value for section in Section if section in TWO_PERSON_SECTIONS)
    outside = ", ".join(kind.value for kind in kinds.OUTSIDE_KINDS)
    return (
        "## What needs two people\n\n"
        f"Access that leaves the organisation ({outside}) waits for a second person where it opens {names}; of a minor, every "
        "section. It opens nothing until then."
    )


def _reviews() -> str:
    stays = ", ".join(ESCALATED_KINDS)
    return (
        "## What a review does\n\n"
        f"Every quarter each access is kept, shortened or ended, with a reason, within {REVIEW_TIME.days} days. What nobody "
        f"decides on ends where it left the organisation, was lent, or was not used for {UNUSED_AFTER.days} days. {stays} and "
        f"an attorney's own file wait {ESCALATION_TIME.days} days more for the director, and stay if she says nothing: work "
        "never stops over a review."
    )


def _sections() -> str:
    rows = [[section.value, str(section.label), str(RETENTION_CLASS_OF[section])] for section in Section]
    return "## Sections\n\nWhat each holds: `docs/access.md`.\n\n" + _table(
        ["section", "on pages", "erased with"], rows
    )
