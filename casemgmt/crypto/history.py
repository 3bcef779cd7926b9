"""History of sealed records: ciphertext is copied as it is, and compared as it is.

No history library here: these mixins go before its classes. ``audit.history`` holds the one subclass Haven uses::

    class CaseHistory(CiphertextHistoryMixin, HistoricalRecords): ...
"""

from typing import Any

from casemgmt.crypto.models import SealedRecord
from casemgmt.crypto.sealed import carrying


class SealedHistoryRow(SealedRecord):
    """A past state of a sealed record. It opens like the record itself, and dies with the same key."""

    is_past_state = True

    class Meta:
        abstract = True

    def diff_against(self, *args: Any, **kwargs: Any) -> Any:
        """What changed between two states. Sealed values are compared as bytes and shown as ``<sealed 95 B>``."""
        with carrying():
            return super().diff_against(*args, **kwargs)  # type: ignore[misc]

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class CiphertextHistoryMixin:
    """Makes a ``HistoricalRecords`` class record sealed models without a key, a gate or a reading."""

    bases: tuple[type, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # First, so that its diff_against and __str__ win over the library's.
        self.bases = (SealedHistoryRow, *(base for base in self.bases if base is not SealedHistoryRow))

    def create_historical_record(self, *args: Any, **kwargs: Any) -> Any:
        with carrying():
            return super().create_historical_record(*args, **kwargs)  # type: ignore[misc]

    def get_extra_fields(self, model: Any, fields: Any) -> dict[str, Any]:
        """As the library's, with ``instance`` moving ciphertext and a ``__str__`` that shows no value."""
        extra: dict[str, Any] = super().get_extra_fields(model, fields)  # type: ignore[misc]
        build = extra["instance"].fget

        def instance(row: Any) -> Any:
            with carrying():
                return build(row)

        extra["instance"] = property(instance)
        extra["history_object"] = property(instance)
        extra["__str__"] = SealedHistoryRow.__str__
        return extra


class CiphertextHistoryManagerMixin:
    """The same for the manager's bulk history."""

    def bulk_history_create(self, *args: Any, **kwargs: Any) -> Any:
        with carrying():
            return super().bulk_history_create(*args, **kwargs)  # type: ignore[misc]
