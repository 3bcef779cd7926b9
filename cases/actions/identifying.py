"""Signs of trafficking, and the decision on the status. Two acts: what was seen never becomes what was decided."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from cases import access, deciding
from cases.actions.survivor import ANSWERS, the_one
from cases.actions.trail import add_line
from cases.answers import FLAVOURS, changed_names, merged
from cases.choices.signs import (
    LIST_VERSION,
    SIGNS_LIST,
    SIGNS_OF_GROUP,
    SignGroup,
    SignSource,
    SignStrength,
    kept_as,
    names_of,
    source_of,
    strength_of,
)
from cases.choices.survivor import TriState
from cases.errors.casework import CaseIsClosed
from cases.marks import assign, demand_mark
from cases.models import TraffickingProfile
from cases.opening import open_to_change

SIGNS = ("signs",)
#: Said, so that one knows it somehow.
SAID = (TriState.YES, TriState.NO)


@action
def write_signs(
    *, actor: User, now: datetime, case_uid: UUID, group: str, signs: Mapping[str, Any], mark: str | None = None
) -> TraffickingProfile:
    """Write down signs of one group, by the names of ``cases.choices.signs``. What is not named stays.

    An answer is yes, no or a null flavour (domain.md G3). With yes and no stands how one knows it and how much it weighs; who
    names neither heard it from her, and it is one hint. Without yes or no both go. The status stays as it is, whatever is
    said here. Raises Hidden, Refused, CaseIsClosed, StaleVersion; ValueError for names of another group and unknown codes.
    Records PROFILE_CHANGED with the group, unless nothing changed.
    """
    held = access.lock_for_write(actor, case_uid, Section.NARRATIVE)
    profile = the_one(TraffickingProfile, held)
    demand_mark(profile, mark, *SIGNS)
    group = SignGroup(group)
    with open_to_change(actor, held, Section.NARRATIVE):
        before = dict(profile.signs or {})
        after = _kept(before, _checked(group, signs), group)
        changed = changed_names(before, after)
        if changed:
            assign(profile, signs={**after, SIGNS_LIST: LIST_VERSION})
    if changed:
        profile.save(update_fields=["signs"])
        record(
            Verb.PROFILE_CHANGED, actor=actor, subject=profile, held=held, sections=[Section.NARRATIVE],
            # The group, and not the sign: which one was touched would tell what she spoke of.
            fields=[f"profile.signs.{group.value}"],
        )  # fmt: skip
    return profile


def _checked(group: SignGroup, signs: Mapping[str, Any]) -> dict[str, Any]:
    """The same, once every name is one of the group's and every code is one of its list."""
    if not set(signs) <= set(names_of(group)):
        raise ValueError("Signs of another group were named.")
    for sign in SIGNS_OF_GROUP[group]:
        lists = ((kept_as(sign), {*TriState.values, *FLAVOURS}), (source_of(sign), {*SignSource.values, ""}),
                 (strength_of(sign), {*SignStrength.values, ""}))  # fmt: skip
        for name, codes in lists:
            if name in signs and signs[name] not in codes:
                raise ValueError("A sign has a code that its list does not have.")
    return dict(signs)


def _kept(before: Mapping[str, Any], signs: Mapping[str, Any], group: SignGroup) -> dict[str, Any]:
    """The answers after ``signs``: with yes and no how one knows it, without them neither source nor weight."""
    after = merged(before, signs)
    for sign in SIGNS_OF_GROUP[group]:
        if after.get(kept_as(sign)) in SAID:
            after.setdefault(source_of(sign), SignSource.CLIENT_STATEMENT.value)
            after.setdefault(strength_of(sign), SignStrength.WEAK.value)
        else:
            after.pop(source_of(sign), None)
            after.pop(strength_of(sign), None)
    return after


@action
def decide_status(
    *, actor: User, now: datetime, case_uid: UUID, decision: Mapping[str, Any], mark: str | None = None
) -> TraffickingProfile:
    """Decide on the trafficking status, or write down who decided it: status, kind of organisation, person, day (R5).

    Who may, says ``cases.deciding``. Raises Hidden, Refused, CaseIsClosed, StaleVersion, DecisionLacks, AnswerImpossible,
    DecisionIsTheSupervisors; ValueError for names that are not of the decision. Records STATUS_DECIDED, unless nothing changed.
    """
    held = access.lock_as_reader(actor, case_uid, Section.NARRATIVE)
    if not deciding.may_write_down(actor, held.case, at=now):
        raise Refused(write(Section.NARRATIVE))
    if held.case.is_closed:
        raise CaseIsClosed
    if not set(decision) <= {*deciding.NAMES, deciding.SOURCE}:
        raise ValueError("Only status and decision are written here.")
    profile = the_one(TraffickingProfile, held)
    demand_mark(profile, mark, *ANSWERS)
    with open_to_change(actor, held, Section.NARRATIVE):
        before = profile.answers or {}
        after = merged(before, decision)
        if deciding.is_changed(before, after):
            if deciding.SOURCE not in decision:
                # Where the former status came from (a sheet, a letter) says nothing of this one.
                after.pop(deciding.SOURCE, None)
            deciding.demand_decision(actor, held.case, before, after, now=now)
        names = changed_names(before, after)
        changed = assign(profile, answers=after)
    if changed:
        profile.save(update_fields=changed)
        add_line(
            case=held.case, section=Section.NARRATIVE, kind=Verb.STATUS_DECIDED, subject=profile, author=actor, at=now,
            line=_("Trafficking status changed"),
        )  # fmt: skip
        record(
            Verb.STATUS_DECIDED, actor=actor, subject=profile, held=held, sections=[Section.NARRATIVE],
            fields=[f"profile.answers.{name.lower()}" for name in names],
        )  # fmt: skip
    return profile
