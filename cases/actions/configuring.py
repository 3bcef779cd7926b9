"""Code lists and texts, as an administrator sets them. No case is within reach, and no right comes with it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access, codes, texts
from cases.choices.configuration import CROSSWALKS, ListName, TemplateKind
from cases.errors.configuring import (
    CodeIsMalformed,
    CodeIsTaken,
    EndsBeforeItBegins,
    LabelIsMissing,
    LabelPointsToSomebody,
    ListIsClosed,
    NoteHasNoPlaces,
    PlaceIsUnknown,
    RulesNeedIt,
    TextChangedMeanwhile,
    TextExists,
    TextIsOver,
    TextPointsToSomebody,
)
from cases.models import CodeRow, TextTemplate

_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
#: Numbers of cases and records, A-numbers and social security numbers: somebody pasted a letter that was sent to one person.
POINTS_TO_ONE = re.compile(
    r"\b[A-Z]{1,6}-[0-9A-Z]{4}-[0-9A-Z]{4}\b|[0-9a-f]{8}-[0-9a-f]{4}-|\bA[- ]?\d{8,9}\b|\b\d{3}-\d{2}-\d{4}\b",
    re.IGNORECASE,
)
_FACTS = ("label", "labels", "active_from", "active_to", "sort", *CROSSWALKS)


def demand_administrator(actor: User, now: datetime) -> None:
    """For administrators of the house itself. Raises Refused."""
    if not (actor.is_active and actor.organisation.is_ours and actor.holds_role(Role.ADMINISTRATOR, at=now)):
        raise Refused


# ---- Code lists ----


@action
def add_code(
    *, actor: User, now: datetime, list_name: str, code: str, counts_as: str, facts: Mapping[str, Any]
) -> CodeRow:
    """Add an own answer to a list. Rules, units and exports go by the shipped one that it ``counts_as``.

    Raises Refused, Hidden, ListIsClosed, CodeIsMalformed, CodeIsTaken, LabelIsMissing, EndsBeforeItBegins,
    LabelPointsToSomebody. Records CODE_SET.
    """
    demand_administrator(actor, now)
    known = codes.the_list(list_name)
    if known is None or counts_as not in known.choices.values or counts_as in known.unasked:
        raise Hidden
    if not known.takes_own:
        raise ListIsClosed
    if not _CODE.fullmatch(code) or len(code) > codes.LONGEST_CODE:
        raise CodeIsMalformed
    if code in known.choices.values or access.for_the_house(CodeRow).filter(list_name=list_name, code=code).exists():
        raise CodeIsTaken
    if not facts.get("label"):
        raise LabelIsMissing
    row = CodeRow(list_name=known.name, code=code, counts_as=counts_as)
    return _set(row, facts, actor, now)


@action
def set_code(*, actor: User, now: datetime, list_name: str, code: str, facts: Mapping[str, Any]) -> CodeRow:
    """Change the words, order, dates or crosswalks of an answer, shipped or own. Its code stays, and so do old records.

    ``facts``: ``label`` (empty: as shipped), ``labels`` by language, ``active_from`` and ``active_to`` (local calendar
    dates, both included), ``sort``, and a code of each system. Raises Refused, Hidden, RulesNeedIt, LabelIsMissing,
    EndsBeforeItBegins, LabelPointsToSomebody. Records CODE_SET.
    """
    demand_administrator(actor, now)
    known = codes.the_list(list_name)
    row = access.for_the_house(CodeRow).select_for_update().filter(list_name=list_name, code=code).first()
    if known is None or (row is None and code not in known.choices.values) or code in known.unasked:
        raise Hidden
    if code in known.fixed and (facts.get("active_from") or facts.get("active_to")):
        raise RulesNeedIt
    if row is not None and row.counts_as and not facts.get("label"):
        raise LabelIsMissing
    return _set(row or CodeRow(list_name=known.name, code=code), facts, actor, now)


def _set(row: CodeRow, facts: Mapping[str, Any], actor: User, now: datetime) -> CodeRow:
    begins: date | None = facts.get("active_from")
    ends: date | None = facts.get("active_to")
    if begins and ends and ends < begins:
        raise EndsBeforeItBegins
    languages = dict(settings.LANGUAGES)
    wanted = {name: facts.get(name) for name in _FACTS} | {
        "label": facts.get("label") or "",
        "labels": {code: words for code, words in (facts.get("labels") or {}).items() if code in languages and words},
        **{system: facts.get(system) or "" for system in CROSSWALKS},
    }
    if any(POINTS_TO_ONE.search(words) for words in (wanted["label"], *wanted["labels"].values())):
        raise LabelPointsToSomebody
    changed = [name for name in _FACTS if getattr(row, name) != wanted[name]]
    is_new = row._state.adding
    if not changed and not is_new:
        return row
    for name in changed:
        setattr(row, name, wanted[name])
    row.changed_by, row.changed_at = actor, now
    row.save(update_fields=None if is_new else [*changed, "changed_by", "changed_at"])
    codes.forget()
    record(
        Verb.CODE_SET, actor=actor, subject=row,
        detail={"kind": row.list_name, "status": row.code, "after": "+".join(changed), "count": len(changed)},
    )  # fmt: skip
    return row


# ---- Texts ----


@action
def add_text(
    *, actor: User, now: datetime, kind: str, name: str, language: str, body: str, about_code: str = ""
) -> TextTemplate:
    """Write a text of the house. Raises Refused, Hidden, PlaceIsUnknown, NoteHasNoPlaces, TextPointsToSomebody, TextExists.
    Records TEXT_SET."""
    demand_administrator(actor, now)
    of = TemplateKind(kind)
    if language not in dict(settings.LANGUAGES):
        raise Hidden
    if of == TemplateKind.NOTE:
        if not codes.is_known(ListName.NOTE_TYPE, about_code):
            raise Hidden
        name = about_code
    check_text(of, body)
    if POINTS_TO_ONE.search(name):
        raise TextPointsToSomebody
    former = texts.standing(of).filter(language=language)
    if former.filter(about_code=about_code).exists() if of == TemplateKind.NOTE else former.filter(name=name).exists():
        raise TextExists
    ensure_own_keys(actor.organisation.uid)
    row = TextTemplate(
        kind=of.value, name=name.strip(), about_code=about_code if of == TemplateKind.NOTE else "", language=language,
        body=body, changed_by=actor, changed_at=now,
    )  # fmt: skip
    row.save()
    _tell(row, actor)
    return row


@action
def change_text(*, actor: User, now: datetime, text_uid: UUID, version: int, body: str) -> TextTemplate:
    """Word a text anew; ``version`` is the one that was read. Its former wordings stay in its history, for letters made of them.

    Raises Refused, Hidden, TextIsOver, TextChangedMeanwhile, PlaceIsUnknown, NoteHasNoPlaces, TextPointsToSomebody.
    Records TEXT_SET.
    """
    demand_administrator(actor, now)
    row = _text(text_uid)
    if row.version != version:
        raise TextChangedMeanwhile
    check_text(TemplateKind(row.kind), body)
    if texts.wording(row) == body:
        return row
    row.body, row.version, row.changed_by, row.changed_at = body, row.version + 1, actor, now
    row.save(update_fields=["body", "version", "changed_by", "changed_at"])
    _tell(row, actor)
    return row


@action
def end_text(*, actor: User, now: datetime, text_uid: UUID) -> TextTemplate:
    """Offer a text no more. Raises Refused, Hidden, TextIsOver. Records TEXT_ENDED."""
    demand_administrator(actor, now)
    row = _text(text_uid)
    row.ended_at, row.changed_by, row.changed_at = now, actor, now
    row.save(update_fields=["ended_at", "changed_by", "changed_at"])
    record(Verb.TEXT_ENDED, actor=actor, subject=row, detail={"kind": row.kind, "version": row.version})
    return row


def check_text(kind: TemplateKind, body: str) -> None:
    """Raises TextPointsToSomebody, PlaceIsUnknown with its line, NoteHasNoPlaces."""
    if POINTS_TO_ONE.search(body):
        raise TextPointsToSomebody
    if kind == TemplateKind.NOTE:
        if texts.unknown_places(body, known={}):
            raise NoteHasNoPlaces
        return
    for line, place in texts.unknown_places(body):
        raise PlaceIsUnknown(line, place)


def _text(text_uid: UUID) -> TextTemplate:
    row = access.for_the_house(TextTemplate).select_for_update().filter(uid=text_uid).first()
    if row is None:
        raise Hidden
    if row.ended_at is not None:
        raise TextIsOver
    return row


def _tell(row: TextTemplate, actor: User) -> None:
    record(
        # A text is the house's and of no case: whose key seals it is not told here.
        Verb.TEXT_SET, actor=actor, subject=Ref("texttemplate", row.uid),
        detail={"kind": row.kind, "status": row.language, "version": row.version},
    )  # fmt: skip
