"""Which tables go along, by which path their rows belong to the house, and which do not, with the reason.

A table with a ``case`` goes along by itself. Every other one is named here: a test fails for one that is forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from audit.history import history_model_of
from cases.models import Case

_SIGNING_IN = "How people sign in. It is of no use elsewhere, and would let somebody in here."
_SCRATCH = "One person's own scratch paper, sealed for her alone."
_MADE = "Made from the rest, and made anew from it."
_LEDGER = "In the ledger's own copy (ledger.zip)."
_KEYS = "Keys. What they open is written here in plain text."
_MACHINE = "Of this installation, not of the house."
_NOTHING = "Holds nothing but a number, which stands in each case as person_id."

#: Table → how its rows lead to an organisation of the house; with no path every row goes along: whoever was given access
#: from outside must be known by name where her access is read.
OF_THE_HOUSE: dict[str, str] = {
    "accounts.Organisation": "",
    "accounts.Team": "organisation",
    "accounts.User": "",
    "accounts.Membership": "team__organisation",
    "accounts.RoleAssignment": "user__organisation",
    "accounts.Rota": "team__organisation",
    "accounts.Shift": "rota__team__organisation",
    "accounts.Absence": "user__organisation",
    "accounts.AccountRequest": "user__organisation",
    "accounts.Incident": "organisation",
    "accounts.DegradedMode": "organisation",
    "accounts.HouseSettings": "",
    "cases.CodeRow": "",
    "cases.TextTemplate": "",
    "cases.Breach": "organisation",
    "cases.Contact": "organisation",
    "cases.HouseContact": "organisation",
    "cases.HouseCount": "organisation",
    "cases.Inquiry": "organisation",
    "cases.Proceeding": "organisation",
    "cases.PeopleChange": "by__organisation",
    "cases.RetentionPolicy": "organisation",
    "cases.DestructionOrder": "organisation",
    "cases.AccessReview": "team__organisation",
    "cases.ReleaseSample": "organisation",
    "cases.SampleSheet": "sample__organisation",
    "cases.TotalsGiven": "organisation",
    "cases.HouseDue": "person__organisation",
    "cases.Tag": "organisation",
    "cases.SharedView": "team__organisation",
    "cases.SharedMapping": "organisation",
    "cases.ReportingAuthority": "organisation",
}

#: Table → why it stays.
LEFT_OUT: dict[str, str] = {
    **dict.fromkeys(
        ("accounts.Session", "accounts.UnlockPin", "accounts.KnownDevice", "accounts.Invitation", "accounts.AccountState"),
        _SIGNING_IN,
    ),
    **dict.fromkeys(
        (
            "accounts.HeldForm", "cases.Draft", "cases.SavedView", "cases.KnownQuestion", "cases.Declaration",
            "cases.ImportBatch", "cases.ImportRow", "cases.CalendarFeed", "cases.ReminderChoice", "cases.MorningLetter",
        ),
        _SCRATCH,
    ),
    **dict.fromkeys(
        (
            "cases.BlindToken", "cases.SearchIndex", "cases.LikenessCard", "cases.DeclarationToken", "cases.ReleaseCheck",
            "cases.OtherPersonToken",
            "cases.CaseUserPermission", "cases.CaseGroupPermission", "cases.MatterUserPermission",
            "cases.MatterGroupPermission", "cases.Notice",
        ),
        _MADE,
    ),
    "accounts.OfficeLock": _MACHINE,
    "cases.Person": _NOTHING,
}  # fmt: skip
#: Rooms all of whose tables stay.
ROOMS_LEFT_OUT: dict[str, str] = {"crypto": _KEYS, "audit": _LEDGER, "operations": _MACHINE}
#: Rooms whose tables are Haven's own; what Django and other packages keep beside them belongs to the machine.
ROOMS = ("accounts", "cases", "services", *ROOMS_LEFT_OUT)
#: Columns that let somebody in, of tables that go along.
SECRETS = frozenset({"password", "is_superuser", "last_login"})


@dataclass(frozen=True)
class Table:
    """One table that goes along. ``path`` leads from a row to its case or to its organisation; empty: every row goes."""

    model: type[models.Model]
    path: str
    is_of_cases: bool

    @property
    def label(self) -> str:
        """As its files are called: ``cases.note``."""
        return self.model._meta.label_lower

    @property
    def versions(self) -> type[models.Model] | None:
        """The model of its versions; None for a table without history."""
        return history_model_of(self.model) if hasattr(self.model._meta, "simple_history_manager_attribute") else None


def tables() -> Iterator[Table]:
    """Every table that goes along, those of the house first."""
    known = {model._meta.label: model for model in _own_models()}
    for label, path in OF_THE_HOUSE.items():
        yield Table(known[label], path, is_of_cases=False)
    for label, model in sorted(known.items()):
        if label in LEFT_OUT or label in OF_THE_HOUSE:
            continue
        if path := _path_to_case(model):
            yield Table(model, path, is_of_cases=True)


def forgotten() -> list[str]:
    """Tables of which nobody has said whether they go along. Empty, or a test fails."""
    said = {*OF_THE_HOUSE, *LEFT_OUT}
    return sorted(
        model._meta.label for model in _own_models() if model._meta.label not in said and not _path_to_case(model)
    )


def _own_models() -> Iterator[type[models.Model]]:
    """Live models of our rooms: no versions, which go with their table, and none of a test."""
    for model in apps.get_models():
        room = model._meta.app_label
        is_version = hasattr(model, "history_id") or model.__name__.startswith("Historical")
        if room in ROOMS and room not in ROOMS_LEFT_OUT and not is_version:
            yield model


def _path_to_case(model: type[models.Model]) -> str:
    """The column that leads to a case, or an empty text."""
    if model is Case:
        return "id"
    fields = {field.name: field for field in model._meta.concrete_fields if field.is_relation}
    return "case" if "case" in fields and fields["case"].related_model is Case else ""
