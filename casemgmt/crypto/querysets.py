"""Queries over records with sealed fields: what ciphertext cannot do is refused, aloud."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP

from casemgmt.crypto.rowmac import demand_named, mark_of
from casemgmt.crypto.sealed import carrying, is_carrying
from casemgmt.crypto.sealing import ROW_MARK, SealedField, binding_columns_of, has_mark, sealed_fields_of

M = TypeVar("M", bound=models.Model)


class SealedQuerySet(models.QuerySet[M]):
    """Refuses to sort, group, aggregate, deduplicate or update by sealed fields, also across relations."""

    def order_by(self, *field_names: Any) -> "SealedQuerySet[M]":
        self._refuse_sealed("sorting", field_names)
        return super().order_by(*field_names)

    def distinct(self, *field_names: Any) -> "SealedQuerySet[M]":
        self._refuse_sealed("distinct()", (*field_names, *(getattr(self, "_fields", None) or ())))
        return super().distinct(*field_names)

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._refuse_sealed("aggregation", (*args, *kwargs.values()))
        return super().aggregate(*args, **kwargs)

    def _annotate(self, args: Any, kwargs: Any, select: bool = True) -> "SealedQuerySet[M]":
        annotations = (*args, *kwargs.values())
        self._refuse_sealed("computing", annotations)
        if any(getattr(expression, "contains_aggregate", False) for expression in annotations):
            self._refuse_sealed("grouping", getattr(self, "_fields", None) or ())
        return super()._annotate(args, kwargs, select)  # type: ignore[misc]

    def in_bulk(self, id_list: Any = None, *, field_name: str = "pk") -> dict[Any, M]:
        self._refuse_sealed("in_bulk()", [field_name])
        return super().in_bulk(id_list, field_name=field_name)

    def update(self, **kwargs: Any) -> int:
        """As Django's, but never of a sealed field, nor of a column that ciphertexts of the row are bound to."""
        if not is_carrying():
            self._refuse_sealed("update()", (*kwargs, *kwargs.values()))
            bound = set(binding_columns_of(self.model)).intersection(kwargs)
            if bound:
                sealed_fields_of(self.model)[0].refuse(f"update() of {', '.join(sorted(bound))}: save each record")
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        """As Django's: seals new values and reseals where a section or a scope moved."""
        objs = tuple(objs)
        changed = with_resealed(self.model, list(fields))
        sealed = [field for field in sealed_fields_of(self.model) if field.name in changed]
        for record in objs:
            for field in sealed:
                field.sealed_for_storage(record)
        if sealed and has_mark(self.model):
            for record in objs:
                demand_named(record, set(changed))
                setattr(record, ROW_MARK, mark_of(record))
            changed = [*dict.fromkeys((*changed, ROW_MARK))]
        with carrying():
            return super().bulk_update(objs, changed, batch_size=batch_size)

    bulk_update.alters_data = True  # type: ignore[attr-defined]

    def only(self, *fields: Any) -> "SealedQuerySet[M]":
        """As Django's, and always with the columns that sealed values need to be opened."""
        return super().only(*dict.fromkeys((*fields, *binding_columns_of(self.model))))

    def defer(self, *fields: Any) -> "SealedQuerySet[M]":
        """As Django's, and never without the columns that sealed values need to be opened."""
        if fields == (None,):
            return super().defer(*fields)
        needed = set(binding_columns_of(self.model))
        return super().defer(*(name for name in fields if name not in needed))

    def _refuse_sealed(self, what: str, names: Iterable[Any]) -> None:
        for name in names:
            for path in _paths_in(name):
                field = _sealed_at(self.model, path)
                if field is not None:
                    field.refuse(what)


def with_resealed(model: type[models.Model], names: Collection[str]) -> list[str]:
    """The named columns, and the sealed fields that must be written with them because they are bound to one of them."""
    follows = [
        field.name
        for field in sealed_fields_of(model)
        if field.name not in names and set(names).intersection(field.binding_columns)
    ]
    return [*names, *follows]


def with_mark(record: models.Model, names: list[str]) -> list[str]:
    """The named columns, and the mark of the row where one of them is sealed. Raises VaultError (``demand_named``)."""
    model = type(record)
    if not has_mark(model) or not {field.name for field in sealed_fields_of(model)}.intersection(names):
        return names
    demand_named(record, set(names))
    return [*dict.fromkeys((*names, ROW_MARK))]


def _paths_in(expression: Any) -> Iterable[str]:
    """Every field path an argument of a queryset method speaks of."""
    if isinstance(expression, str):
        yield expression.lstrip("-")
    elif isinstance(expression, models.F):
        yield str(vars(expression)["name"])
    elif isinstance(expression, models.Q):
        # Conditions go through get_lookup, which refuses by itself.
        return
    elif hasattr(expression, "get_source_expressions"):
        for source in expression.get_source_expressions():
            if source is not None:
                yield from _paths_in(source)


def _sealed_at(model: type[models.Model], path: str) -> SealedField | None:
    """The sealed field a path like ``survivor__legal_name`` ends at, if it does."""
    current: Any = model
    for name in path.split(LOOKUP_SEP):
        try:
            field = current._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if isinstance(field, SealedField):
            return field
        if not field.is_relation or field.related_model is None:
            return None
        current = field.related_model
    return None
