"""All versions of one record of a case, the newest first: who wrote it, when, and which fields changed, told without a key.

Any record of the case room and the workshops that keeps a history and is about her or the work: what it is comes from
the models. What gives or takes access and what was signed has pages of its own, and is looked at there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.text import capfirst

from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_MATTER, Section, read
from casemgmt.crypto.sealed import Removed, removal_in
from casemgmt.crypto.sealing import SealedField, sealed_fields_of
from cases import versions
from cases.erased import erased_words
from cases.models import Case

#: Records that tell who may see what, or what was signed: the tab "Sharing" and the desks show how those went.
_ELSEWHERE = frozenset(
    {"accessgrant", "wall", "wallreason", "release", "releasesignature", "disclosure", "legalprocess", "mandatedreport",
     "legalhold", "erasureorder", "emergencyaccess", "accessrequest", "accessreview", "reviewline", "booking", "case",
     "correction", "subjectrequest", "breachcase", "person", "handover", "peoplechange",
     # Whoever reads one case may be kept from the other.
     "caselink",
     # Of other people: no release speaks of them, and their numbers are read on the page of an attempt alone.
     "familymember", "supportcontact",
     # Shown only while she allows it, and never an old one.
     "portrait"}
)  # fmt: skip


@dataclass
class Version:
    """One version. ``labels`` are of the fields that changed against the one before, as far as the reader may know.

    ``removed`` are the removals (``crypto.sealed.Removed``) by the label of the field, ``erased`` the words of an erasure.
    """

    number: int
    row: Any
    when: datetime
    author_uid: UUID | None
    is_first: bool
    is_last: bool
    is_end: bool
    names: list[str]
    labels: list[str]
    removed: dict[str, Removed]
    erased: str = ""


@dataclass
class RecordVersions:
    """A record and all its versions, the newest first; ``model`` is the live one."""

    model: Any
    uid: UUID
    kind: str
    section: str
    scope: UUID | None
    versions: list[Version] = field(default_factory=list)

    def numbered(self, number: int) -> Version:
        """The version of this number. Raises Hidden."""
        for version in self.versions:
            if version.number == number:
                return version
        raise Hidden

    @property
    def code(self) -> str:
        """What addresses call its kind."""
        return str(self.model._meta.model_name)

    @property
    def last(self) -> Version:
        """The version that counts now."""
        return self.versions[0]


def kinds_with_versions() -> Iterator[type[models.Model]]:
    """The models whose records have this page: of a case, with a uid and sealed content."""
    for history_model in versions.history_models().values():
        model: Any = history_model.instance_type  # type: ignore[attr-defined]
        names = {column.name for column in model._meta.concrete_fields}
        is_echo = model._meta.model_name in versions.ECHOES | _ELSEWHERE
        if {"case", "case_uid", "uid"} <= names and sealed_fields_of(model) and not is_echo:
            yield model


def model_named(kind: str) -> Any:
    """The model of this name that has the page. Raises Hidden."""
    for model in kinds_with_versions():
        if model._meta.model_name == kind:
            return model
    raise Hidden


def model_of(case: Case, record_uid: UUID, kind: str = "") -> Any:
    """The model whose record this is, in this case. ``kind`` is a hint that saves looking around. Raises Hidden."""
    models_ = list(kinds_with_versions())
    hinted = [model for model in models_ if model._meta.model_name == kind]
    for model in hinted or models_:
        if _rows(model, case, record_uid).exists():
            return model
    raise Hidden


def has_versions(row: Any) -> bool:
    """Whether the record of a version has this page."""
    return row.instance_type in set(kinds_with_versions())


def of_record(case: Case, record_uid: UUID, kind: str = "") -> RecordVersions:
    """Every version that the reader may know of. Raises Hidden, and Refused where its section (or matter) is not held.

    ``case.holding`` is set. Two queries where ``kind`` is given; no key, no gate.
    """
    holding = case.holding
    if holding is None:
        raise RuntimeError("Open the case through the door first.")
    model = model_of(case, record_uid, kind)
    rows: list[Any] = list(_rows(model, case, record_uid).order_by("history_id"))
    last = rows[-1]
    section, scope = versions._section_of(last), versions._scope_of(last)
    if not holding.holds(section, scope):
        raise Refused(read(section) if section != Section.LEGAL_FILE else READ_MATTER)
    name = model._meta.model_name
    kind_words = str(versions.KINDS.get(name, capfirst(model._meta.verbose_name)))
    found = RecordVersions(model, record_uid, kind_words, section, scope)
    earlier = None
    for number, row in enumerate(rows, start=1):
        # A record may have stood in another section: what it was then is known to whoever holds that one.
        if holding.holds(versions._section_of(row), versions._scope_of(row)):
            found.versions.insert(0, _version(case, number, row, earlier, row is last))
        earlier = row
    return found


def _rows(model: Any, case: Case, record_uid: UUID) -> models.QuerySet[Any]:
    past = model.history.model
    return past._base_manager.filter(uid=record_uid, case_uid=case.uid)


def _version(case: Case, number: int, row: Any, earlier: Any, is_last: bool) -> Version:
    holding = case.holding
    assert holding is not None
    names = versions.known_names(row, earlier, holding)
    live = row.instance_type
    section = versions._section_of(row)
    return Version(
        number=number, row=row, when=row.history_date, author_uid=row.history_user_id, is_first=earlier is None,
        is_last=is_last, is_end=row.history_type == "-", names=names,
        labels=[versions._label(live, name) for name in names], removed=removals_in(row, holding),
        erased=erased_words(case, section) if case.has_erased(section) else "",
    )  # fmt: skip


def removals_in(row: Any, holding: Any) -> dict[str, Removed]:
    """What was removed from a version as written into the wrong record, by the label of its field."""
    found = {}
    for column in sealed_fields_of(row.instance_type):
        removal = removal_in(row.__dict__.get(column.attname))
        if removal is not None and versions._may_know(row.instance_type, row, column.name, holding):
            found[versions._label(row.instance_type, column.name)] = removal
    return found


def between(first: Version, second: Version, case: Case) -> versions.Changed:
    """What differs between two versions of one record, the older one first: names of fields, as far as one may know."""
    assert case.holding is not None
    before, after = sorted((first, second), key=lambda one: one.number)
    names = versions.known_names(after.row, before.row, case.holding)
    live = after.row.instance_type
    return versions.Changed(
        kind="", section=versions._section_of(after.row), is_new=False,
        labels=[versions._label(live, name) for name in names], names=names, now=after.row, before=before.row,
    )  # fmt: skip


def sealed_of(row: Any, names: list[str]) -> list[str]:
    """Those of these fields whose values are sealed, in the order of the model."""
    columns = {column.name for column in sealed_fields_of(row.instance_type)}
    return [name for name in names if name in columns]


def section_of_field(row: Any, name: str) -> str:
    """The section of a sealed field of this row, live or past."""
    column = getattr(row, "instance_type", type(row))._meta.get_field(name)
    assert isinstance(column, SealedField)
    return str.__str__(getattr(row, column.section) if column.section_follows_row else column.section)
