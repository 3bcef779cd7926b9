"""System checks: a model that would weaken the vault does not start."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models
from django.db.models.constants import LOOKUP_SEP

from casemgmt.crypto import classes
from casemgmt.crypto.history import SealedHistoryRow
from casemgmt.crypto.models import SealedModel
from casemgmt.crypto.registry import live_sealed_fields
from casemgmt.crypto.router import KEYSTORE
from casemgmt.crypto.sealing import has_mark, sealed_fields_of

_FID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


def check_sealed_models(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """All rules for models with sealed fields. Looks at every app: fids are unique across all of them."""
    messages: list[checks.CheckMessage] = []
    seen: dict[str, models.Field] = {}
    for field in live_sealed_fields():
        if not _FID.fullmatch(field.fid):
            messages.append(
                checks.Error(f"The fid {field.fid!r} is not like 'note.body'.", obj=field, id="crypto.E003")
            )
        if field.fid in seen:
            messages.append(checks.Error(f"The fid {field.fid!r} is already taken.", obj=field, id="crypto.E004"))
        seen[field.fid] = field
        messages.extend(_check_binding(field))
    for model in apps.get_models():
        if sealed_fields_of(model) and not issubclass(model, SealedHistoryRow):
            messages.extend(check_model(model))
    return messages


def check_model(model: type[models.Model]) -> Iterator[checks.CheckMessage]:
    """The rules for one live model with sealed fields."""
    if not issubclass(model, SealedModel):
        yield checks.Error("A model with sealed fields derives from SealedModel.", obj=model, id="crypto.E005")
    sealed = {field.name for field in sealed_fields_of(model)}
    options = model._meta
    if sealed & {_first(name) for name in options.ordering or ()}:
        yield checks.Error("Meta.ordering names a sealed field.", obj=model, id="crypto.E006")
    named = {name for together in options.unique_together for name in together}
    for index in (*options.indexes, *options.constraints):
        named.update(getattr(index, "fields", ()))
        named.update(getattr(index, "include", ()) or ())
    if sealed & {_first(name) for name in named}:
        yield checks.Error("An index or a unique constraint names a sealed field.", obj=model, id="crypto.E007")
    if len(sealed) > 1 and not has_mark(model) and not getattr(model, "may_be_mixed", None):
        hint = "Give it `row_mac = RowMac()`, or say in `may_be_mixed` why values of two times do no harm."
        yield checks.Error("A row with several sealed values has no mark over them.", hint, model, "crypto.E013")
    history: Any = getattr(options, "simple_history_manager_attribute", None)
    rows = getattr(getattr(model, history), "model", None) if history else None
    # A model may say, with a sentence, why nothing of it may stay: then a history would be the leak.
    if rows is None and getattr(model, "keeps_no_history", None):
        return
    if rows is None or not issubclass(rows, SealedHistoryRow):
        hint = "Give it `history = CaseHistory()`."
        yield checks.Error("A model with sealed fields has a ciphertext history.", hint, model, "crypto.E008")


def check_keystore(databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """On SQLite, what is deleted from the key store must be overwritten. Runs with ``check --database keystore``."""
    if KEYSTORE not in (databases or ()):
        return []
    connection = connections[KEYSTORE]
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        if cursor.fetchone()[0] == 1:
            return []
    return [checks.Error("The key store needs PRAGMA secure_delete=ON.", id="crypto.E011")]


def _check_binding(field: Any) -> Iterator[checks.CheckMessage]:
    """The section is known to some app or stands in a plain column; the scope is a UUID column."""
    if not field.section_follows_row:
        if not classes.is_registered(field.section):
            yield checks.Error(f"No app registered the section {field.section}.", obj=field, id="crypto.E009")
    elif not isinstance(_column(field.model, field.section), models.CharField):
        yield checks.Error(f"The section column {field.section!r} is no text column.", obj=field, id="crypto.E009")
    if field.scope is not None and not isinstance(_column(field.model, field.scope), models.UUIDField):
        yield checks.Error(f"The scope {field.scope!r} is no UUID column.", obj=field, id="crypto.E010")


def _column(model: type[models.Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _first(name: Any) -> str:
    """The field a name of an ordering or an index begins with."""
    return name.lstrip("-").split(LOOKUP_SEP)[0] if isinstance(name, str) else ""
