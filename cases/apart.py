"""Whoever watches or runs the house opens no case (access.md §3), held by the database on both engines.

An ADMINISTRATOR or AUDITOR and any case access never meet in one person: not as a permission row of hers, not by a
membership or a shift (through which the rows of a team are hers), and not by giving the role to somebody who has one of
these. ``cases.actions.grants`` and ``accounts.actions.roles`` say the same before, in words for people.

Windows decide, not the moment of the write: two rows clash when both count at one instant. What clashed with nothing
when it was written clashes with nothing when it is written again, in whatever order, so a restore meets no guard.
In a declared small house (``DegradedMode``) an administrator may: what counts is whether a mode stood when the two began
to meet. An auditor never may.
"""

from typing import Any

from audit.apart import Apart
from casemgmt.accounts.choices import CONTENT_BLIND_ROLES, MembershipStatus, Role
from casemgmt.accounts.models import DegradedMode, Membership, RoleAssignment, Shift, User
from cases.models import CaseUserPermission, MatterUserPermission

WORDS = "a role that watches the house and access to a case do not meet in one person"


class _Window:
    """A row and when it counts, in SQL. ``end_is_open``: a NULL there means until it is ended."""

    def __init__(self, row: str, start: str, end: str, *, end_is_open: bool) -> None:
        self.row, self.start, self.end, self.end_is_open = row, f'{row}."{start}"', f'{row}."{end}"', end_is_open

    def begins_before_the_end_of(self, other: "_Window") -> str:
        """That this one begins before the other one is over."""
        before = f"{self.start} < {other.end}"
        return f"({other.end} IS NULL OR {before})" if other.end_is_open else before

    def is_some_time(self) -> str:
        """That it is not over before it begins: what was called off leaves an empty window."""
        return self.begins_before_the_end_of(self)

    def grew(self) -> str:
        """That an UPDATE made it begin earlier or end later."""
        was, becomes = self.end.replace("NEW.", "OLD."), self.end
        later = f"{becomes} > {was}"
        if self.end_is_open:
            later = f"({was} IS NOT NULL AND ({becomes} IS NULL OR {later}))"
        return f"{self.start} < {self.start.replace('NEW.', 'OLD.')} OR {later}"


def _table(model: Any) -> str:
    return f'"{model._meta.db_table}"'


def _in(codes: Any) -> str:
    return "(" + ", ".join(f"'{code}'" for code in sorted(str(one) for one in codes)) + ")"


_BLIND = _in(CONTENT_BLIND_ROLES)


def _clash(role: _Window, other: _Window) -> str:
    """That the role and the other row count at one instant, and that no declared mode stood when they began to."""
    first = f"(CASE WHEN {role.start} > {other.start} THEN {role.start} ELSE {other.start} END)"
    mode = (  # every name in it is one of our own tables or columns
        f"{role.row}.\"role\" = '{Role.ADMINISTRATOR.value}' AND EXISTS (SELECT 1 FROM {_table(DegradedMode)} m "  # noqa: S608
        f'JOIN {_table(User)} u ON u."organisation_id" = m."organisation_id" WHERE u."id" = NEW."user_id" '
        f'AND m."starts_at" <= {first} AND {first} < m."expires_at" '
        f'AND (m."ended_at" IS NULL OR {first} < m."ended_at"))'
    )
    return (
        f'{role.row}."role" IN {_BLIND} AND {role.is_some_time()} AND {other.is_some_time()} '
        f"AND {role.begins_before_the_end_of(other)} AND {other.begins_before_the_end_of(role)} AND NOT ({mode})"
    )


def _counts(model: Any, row: str) -> str:
    """That a row counts at all: a membership that nobody has accepted opens nothing."""
    return f" AND {row}.\"status\" = '{MembershipStatus.ACCEPTED.value}'" if model is Membership else ""


#: By what somebody may open a case: (model, from, until, whether the end may be open).
_OPENING: tuple[tuple[Any, str, str, bool], ...] = (
    (CaseUserPermission, "valid_from", "expires_at", False),
    (MatterUserPermission, "valid_from", "expires_at", False),
    (Membership, "starts_at", "ends_at", True),
    (Shift, "starts_at", "ends_at", False),
)


def _against_a_role(model: Any, start: str, end: str, end_is_open: bool) -> Apart:
    """The rule on a table by which cases are opened: no row for somebody who holds such a role meanwhile."""
    new = _Window("NEW", start, end, end_is_open=end_is_open)
    role = _Window("r", "starts_at", "ends_at", end_is_open=True)
    conflict = (
        f"EXISTS (SELECT 1 FROM {_table(RoleAssignment)} r "  # noqa: S608  names of our own tables
        f'WHERE r."user_id" = NEW."user_id" AND {_clash(role, new)}){_counts(model, "NEW")}'
    )
    accepted = ' OR NEW."status" <> OLD."status"' if model is Membership else ""
    return _rule(model, conflict, f'NEW."user_id" <> OLD."user_id" OR {new.grew()}{accepted}')


def _against_access() -> Apart:
    """The rule on roles: none of these for somebody who can open a case meanwhile."""
    new = _Window("NEW", "starts_at", "ends_at", end_is_open=True)
    found = []
    for model, start, end, end_is_open in _OPENING:
        row = _Window("p", start, end, end_is_open=end_is_open)
        found.append(
            f'EXISTS (SELECT 1 FROM {_table(model)} p WHERE p."user_id" = NEW."user_id"'  # noqa: S608  as above
            f"{_counts(model, 'p')} AND {_clash(new, row)})"
        )
    widened = f'NEW."user_id" <> OLD."user_id" OR NEW."role" <> OLD."role" OR {new.grew()}'
    return _rule(RoleAssignment, f'NEW."role" IN {_BLIND} AND ({" OR ".join(found)})', widened, is_about_people=True)


def _rule(model: Any, conflict: str, widened: str, *, is_about_people: bool = False) -> Apart:
    return Apart(
        model._meta.db_table,
        f"({conflict})",
        widened,
        WORDS,
        people=User._meta.db_table,
        is_about_people=is_about_people,
    )


def rules() -> list[Apart]:
    """The rules of the case room, for ``audit.apart.keep_apart``."""
    return [*(_against_a_role(*one) for one in _OPENING), _against_access()]
