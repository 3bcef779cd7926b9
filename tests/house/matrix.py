"""Walking every address: what it is, which record fits its parameters, and what an answer gives away."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit.models import Event
from casemgmt.access.rules import Rule
from cases.models import AccessGrant, Case, ReviewLine

ROOMS = ("cases", "services")


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver with its view."""

    name: str
    route: str
    parameters: tuple[str, ...]
    view: Any

    @property
    def rule(self) -> Rule | None:
        return getattr(self.view, "access_rule", None)

    @property
    def is_of_a_case(self) -> bool:
        """Whether its first uid names a case or a matter."""
        return self.rule is not None and self.rule.kind in ("guarded", "guarded_matter")


def addresses(patterns: Any = None, prefix: str = "") -> Iterator[Address]:
    """All patterns below the resolver, flattened."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Address(pattern.name or route, route, tuple(pattern.pattern.converters), pattern.callback)


def any_arguments(address: Address) -> dict[str, Any]:
    """Something that fits each parameter and names nothing that exists."""
    codes = {"case_code": "S-0000-0000", "person_code": "P-0000-0000"}
    found = {name: uuid4() for name in address.parameters if name.endswith("uid") or name == "about"}
    for name in set(address.parameters) - set(found):
        found[name] = next((code for kind, code in codes.items() if f"<{kind}:{name}>" in address.route), "x")
    return found


@dataclass(frozen=True)
class Row:
    """One record of a case: in which section (and matter) it lies."""

    uid: UUID
    section: str
    matter_uid: UUID | None
    state: str = ""


#: What an address calls by another name than its model.
OTHER_NAMES = {
    "grant": "accessgrant", "order": "erasureorder", "hold": "legalhold", "line": "reviewline", "stay": "shelterstay",
    "report": "mandatedreport", "process": "legalprocess", "opened": "emergencyaccess", "request": "accessrequest",
    "record": "note",
}  # fmt: skip


@dataclass
class Records:
    """The records of every kind in one case, newest first, by the name that addresses give them (``note_uid``)."""

    case: Case
    matter_uid: UUID | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for room in ROOMS:
            for model in apps.get_app_config(room).get_models():
                names = {column.name for column in model._meta.concrete_fields}
                if {"case", "uid"} <= names:
                    found = model._base_manager.filter(case_id=self.case.pk).order_by("-pk")
                    self.rows[f"{model._meta.model_name}uid"] = [_row(model, one) for one in found]
        for name, model_name in OTHER_NAMES.items():
            self.rows[f"{name}uid"] = self.rows[f"{model_name}uid"]
        events = Event.objects.filter(case_uid=self.case.uid, verb="CASE_OPENED").values_list("uid", flat=True)
        self.rows["eventuid"] = [Row(uid, "CARD", None) for uid in events]
        if line := ReviewLine._base_manager.filter(case_id=self.case.pk).order_by("-pk").first():
            self.rows["reviewuid"] = [Row(line.review.uid, "DUTIES", None)]

    def of(self, name: str) -> list[Row]:
        """The records that fit a parameter, the newest of each section (and matter), of accesses the newest of each state."""
        found: dict[tuple[str, UUID | None, str], Row] = {}
        for row in self.rows.get(name.replace("_", ""), []):
            found.setdefault((row.section, row.matter_uid, row.state), row)
        return list(found.values())

    def arguments(self, address: Address) -> dict[str, Any]:
        """What fits this address: records of this case where there are any, else something that names nothing."""
        found = any_arguments(address)
        for name in address.parameters:
            if name == "uid" and address.is_of_a_case:
                is_case = address.rule is not None and address.rule.kind == "guarded"
                found[name] = self.case.uid if is_case else self.matter_uid or uuid4()
            elif name.endswith("uid") and (rows := self.of(name)):
                found[name] = rows[0].uid
        return found

    def path(self, address: Address, **changes: Any) -> str:
        return reverse(address.name, kwargs={**self.arguments(address), **changes})


def _row(model: type[models.Model], row: Any) -> Row:
    section = getattr(row, "section", "") or getattr(model, "home_section", "CARD")
    state = f"{row.kind} {row.is_waiting}" if isinstance(row, AccessGrant) else ""
    return Row(row.uid, str(section), getattr(row, "matter_uid", None), state)


def content_of(response: Any) -> bytes:
    """Everything that an answer carries: the page, the pieces of a file, and where it sends."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body + b"\n" + "\n".join(f"{name}: {value}" for name, value in response.headers.items()).encode()


def given_away(response: Any, words: Iterable[str], asked: str = "") -> list[str]:
    """Which of these words stand in an answer, beyond those that were asked with."""
    content = content_of(response)
    return [word for word in words if word.encode() in content and word not in asked]
