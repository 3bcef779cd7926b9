"""Versions of a case's records: which fields an act changed, told without a key; and their values, through the gate.

Names of fields come from comparing ciphertexts. A field is named only to those who hold its section, and its values
are opened only inside ``cases.opening.open_history``, which records the reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.history import Version
from audit.models import Event
from casemgmt.access.sections import Section
from casemgmt.crypto.errors import ContentErased, ContentRemoved, DecryptionRefused
from casemgmt.crypto.fields import SealedField
from casemgmt.interface.lines import in_a_row
from cases import addresses, codes
from cases.access import Holding
from cases.answers import MASKED, day_words, is_answered, label_of, masked, words_of
from cases.choices.configuration import ListName
from cases.choices.safety import AlertCode, RiskLevel
from cases.choices.survivor import ConsentState
from cases.erased import words_of_class, words_of_removal
from cases.models import Case, Note
from cases.note_words import in_lines

#: Echoes of an act (its line, its date, its notice) and the work of the ledger itself: the act tells them already.
ECHOES = frozenset(
    {
        "timelineentry",
        "due",
        "notice",
        "importrow",
        "importbatch",
        "possiblematch",
        "possibleconflict",
        "draft",
        "casemerge",
        "namedmatch",
    }
)
#: Columns that say how, and not what: no reader misses them.
_QUIET = frozenset(
    {
        "id",
        "uid",
        "case",
        "case_uid",
        "matter_uid",
        "version",
        "stored_as",
        "size_bucket",
        "subject_uid",
        "row_mac",
        # A picture is no words, and shows only while she allows it.
        "picture",
    }
)

KINDS: dict[str, Any] = {
    "case": _("Case"),
    "survivor": _("Survivor"),
    "traffickingprofile": _("What happened"),
    "consent": _("Consent"),
    "contactinstruction": _("Safe contact"),
    "safetyplan": _("Safety plan"),
    "safetyassessment": _("Assessment of the danger"),
    "casealert": _("Alert"),
    "safetyincident": _("Incident"),
    "safetycall": _("Call to look within the hour"),
    "note": _("Note"),
    "noteamendment": _("Amendment of a note"),
    "document": _("Document"),
    "task": _("Task"),
    "matter": _("Legal matter"),
    "legalmatter": _("Legal matter"),
    "hearing": _("Hearing"),
    "deadline": _("Deadline"),
    "filing": _("Filing"),
    "release": _("Release"),
    "disclosure": _("Disclosure"),
    "accessgrant": _("Access"),
    "servicerecord": _("Service"),
    "shelterstay": _("Shelter stay"),
    "goal": _("Goal"),
    "need": _("Need"),
    "serviceplan": _("Plan"),
    "followup": _("Follow-up"),
    "otherperson": _("Another person"),
    "casecontact": _("Contact"),
    "caseproceeding": _("Court proceeding"),
    "wall": _("Wall"),
    "correction": _("Removal from the wrong record"),
    "portrait": _("Photo"),
    "familymember": _("Somebody of her family"),
    "supportcontact": _("Somebody who stands by her"),
}

FIELDS: dict[str, Any] = {
    "about": _("About"),
    "area": _("Area of life"),
    "barrier": _("What stood in the way"),
    "alerts": _("Alerts"),
    "alias": _("Alias"),
    "answers": _("Answers"),
    "birth_date": _("Date of birth"),
    "body": _("Text"),
    "called": _("Names and pronouns"),
    "closed_on": _("Closed on"),
    "closing": _("How the work ended"),
    "closure_reason": _("Reason for closing"),
    "contact": _("Phone, e-mail and address"),
    "done_at": _("Done"),
    "due_on": _("Due on"),
    "ended_at": _("Ended"),
    "expires_at": _("Ends"),
    "facts": _("Facts"),
    "first_name": _("First name"),
    "language": _("Language"),
    "lead": _("Lead caseworker"),
    "location": _("Where she stays"),
    "minority": _("While she is a minor"),
    "name": _("Name"),
    "other_names": _("Other names"),
    "outcome": _("Outcome"),
    "own_view": _("Her own view"),
    "place": _("Place"),
    "plan": _("Safety plan"),
    "progress": _("Progress"),
    "protection": _("Immigration and protection"),
    "reason": _("Reason"),
    "reached_by": _("Phone and e-mail"),
    "record": _("How she was asked"),
    "review_on": _("Next review"),
    "reviewed_at": _("Last reviewed"),
    "reviewed_by": _("Reviewed by"),
    "revoked_at": _("Taken away"),
    "risk_level": _("Danger"),
    "rule": _("Rule"),
    "safe_contact": _("Safe contact rule"),
    "second_name": _("Family name"),
    "signs": _("Signs"),
    "speech": _("Languages and interpreter"),
    "stage": _("Stage"),
    "state": _("What she said"),
    "statement": _("Her statement"),
    "status": _("Status"),
    "title": _("Title"),
    "told": _("The seven points"),
    "value": _("Number or address"),
    "who": _("About this person"),
    "why": _("Why"),
    "words": _("Words"),
    "withdrawn_at": _("Withdrawn"),
    "withdrawn_why": _("Why it was withdrawn"),
}

#: Sealed codes, which the column itself does not explain.
_CODES: dict[str, Any] = {
    "alerts": AlertCode,
    "risk_level": RiskLevel,
    "state": ConsentState,
}


#: Codes of lists to which a house may have added.
_LISTS = {"closure_reason": ListName.CLOSURE_REASON}


@dataclass(frozen=True)
class Values:
    """One field, or one answer inside it, before and after, in words. ``problem``: why they cannot be shown."""

    label: str
    before: str = ""
    after: str = ""
    problem: str = ""


@dataclass
class Changed:
    """One record that an act wrote: what it is, whether it was new, and which fields changed, as far as one may know."""

    kind: str
    section: str
    is_new: bool
    labels: list[str]
    names: list[str] = field(repr=False)
    now: Any = field(repr=False)
    before: Any = field(repr=False)


@lru_cache(maxsize=1)
def history_models() -> dict[str, type[models.Model]]:
    """Every model of versions, by its table."""
    return {model._meta.db_table: model for model in apps.get_models() if issubclass(model, Version)}


def tells_of_versions(event: Event) -> bool:
    """Whether an event wrote records worth a look. Asks nothing of the database."""
    return any(_kind_of(row[0]) not in ECHOES for row in event.history_rows if not _is_rekeyed(row))


def _is_rekeyed(row: list[Any]) -> bool:
    """Whether the event only put this version under a newer key (it then names the digest before, too)."""
    return len(row) > 3


def _kind_of(table: str) -> str:
    model = history_models().get(table)
    return "" if model is None else str(model.instance_type._meta.model_name)  # type: ignore[attr-defined]


def changes_of(event: Event, case: Case) -> list[Changed]:
    """What an event wrote in this case, as far as its reader may know. Two queries a record; no key, no gate."""
    holding = case.holding
    if holding is None:
        raise RuntimeError("Open the case through the door first.")
    found = []
    for table, key, _digest in (row for row in event.history_rows if not _is_rekeyed(row)):
        model = history_models().get(table)
        if model is None or _kind_of(table) in ECHOES:
            continue
        row = model._base_manager.filter(pk=key).first()
        if row is None or _case_uid_of(row) != case.uid or not holding.holds(_section_of(row), _scope_of(row)):
            continue
        found.append(_changed(model, row, holding))
    return found


def _changed(model: Any, row: Any, holding: Holding) -> Changed:
    earlier = model._base_manager.filter(id=row.id, history_id__lt=row.history_id).order_by("-history_id").first()
    live = model.instance_type
    names = known_names(row, earlier, holding)
    kind = live._meta.model_name
    return Changed(
        kind=str(KINDS.get(kind, capfirst(live._meta.verbose_name))), section=_section_of(row), is_new=earlier is None,
        labels=[_label(live, name) for name in names], names=names, now=row, before=earlier,
    )  # fmt: skip


def known_names(row: Any, earlier: Any, holding: Holding) -> list[str]:
    """The fields of a version that differ from an earlier one (all, where it is the first), as far as one may know."""
    live = row.instance_type
    if earlier is None:
        names = [column.name for column in live._meta.concrete_fields if isinstance(column, SealedField)]
    else:
        names = list(row.diff_against(earlier).changed_fields)
    return [name for name in names if name not in _QUIET and _may_know(live, row, name, holding)]


def _may_know(live: Any, row: Any, name: str, holding: Holding) -> bool:
    """A sealed field is known to those who hold its own section; a plain column to those who know of the record."""
    column = live._meta.get_field(name)
    if not isinstance(column, SealedField):
        return True
    section = getattr(row, column.section) if column.section_follows_row else column.section
    return holding.holds(section, getattr(row, column.scope) if column.scope else None)


def _section_of(row: Any) -> str:
    return str.__str__(getattr(row, "section", None) or getattr(row.instance_type, "home_section", Section.CARD))


def _scope_of(row: Any) -> Any:
    return getattr(row, "matter_uid", None) or (row.uid if row.instance_type._meta.model_name == "matter" else None)


def _case_uid_of(row: Any) -> Any:
    return getattr(row, "case_uid", None)


def _label(live: Any, name: str) -> str:
    return str(FIELDS.get(name) or capfirst(live._meta.get_field(name).verbose_name))


def values_of(change: Changed, case: Case, *, hides_address: bool) -> list[Values]:
    """What stood there before and after. Inside ``open_history``; what cannot be opened says so.

    ``hides_address``: where she lives may stand nowhere (``cases.addresses.is_hidden``), and did not stand there either.
    """
    found: list[Values] = []
    for name in change.names:
        label = _label(change.now.instance_type, name)
        if hides_address and _is_address(change, name):
            found.append(Values(label, problem=addresses.care_of(case)))
            continue
        try:
            after = getattr(change.now, _attname(change.now, name))
            before = getattr(change.before, _attname(change.before, name)) if change.before is not None else None
        except ContentErased as gone:
            found.append(Values(label, problem=words_of_class(case, gone.retention_class)))
            continue
        except ContentRemoved as gone:
            found.append(Values(label, problem=words_of_removal(gone.removal)))
            continue
        except DecryptionRefused:
            found.append(Values(label, problem=str(_("This cannot be read."))))
            continue
        if hides_address and isinstance(before or after, Mapping):
            before, after = addresses.without_address(before), addresses.without_address(after)
        found += _in_words(change.now.instance_type, name, label, before, after)
    return found


def _is_address(change: Changed, name: str) -> bool:
    """Whether a field by itself tells where she is or was: where she stays, and what stands beside the rule of a letter."""
    kind = change.now.instance_type._meta.model_name
    if (kind, name) == ("survivor", "location"):
        return True
    if (kind, name) != ("contactinstruction", "value"):
        return False
    try:
        return any(addresses.is_letter(row.rule) for row in (change.now, change.before) if row is not None)
    except (ContentErased, ContentRemoved, DecryptionRefused):
        return True


def _attname(row: Any, name: str) -> str:
    return str(row._meta.get_field(name).attname)


def _in_words(live: Any, name: str, label: str, before: Any, after: Any) -> list[Values]:
    if live is Note and name == "about":
        return [Values(label, in_lines(before), in_lines(after))]
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = _flat(before), _flat(after)
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        return [
            Values(f"{label}: {label_of(key)}", _answer(key, old.get(key)), _answer(key, new.get(key))) for key in keys
        ]
    column = live._meta.get_field(name)
    if isinstance(column, models.ForeignKey):
        return [Values(label)]
    pair = [_plain(column, value) for value in (before, after)]
    return [Values(label, *pair)] if any(pair) else []


def _flat(value: Any) -> dict[str, Any]:
    """One level of answers; what lies deeper comes up with it."""
    flat: dict[str, Any] = {}
    for key, inner in (value or {}).items():
        flat.update(_flat(inner) if isinstance(inner, Mapping) else {key: inner})
    return flat


def _answer(key: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    return masked(str(value)) if key in MASKED and is_answered(value) else words_of(key, value)


def _plain(column: Any, value: Any) -> str:
    """One value as people read it: codes by their labels, days and moments as written, several joined."""
    if value is None or value in ("", []):
        return ""
    if column.name in MASKED:
        return masked(str(value))
    if isinstance(value, list):
        return in_a_row(_plain(column, one) for one in value)
    if column.name in _LISTS and isinstance(value, str):
        return codes.label(_LISTS[column.name], value)
    listed = _CODES.get(column.name)
    words = dict(listed.choices if listed is not None else column.flatchoices or [])
    if isinstance(value, str) and value in words:
        return str(words[value])
    if hasattr(value, "hour"):
        return date_format(
            timezone.localtime(value), pgettext("how a moment is written; Django's letters", "j M Y, H:i")
        )
    return day_words(value.isoformat()) if hasattr(value, "year") else str(value)
