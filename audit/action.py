"""``@action``: one use-case, one transaction, one actor, one moment.

Every change of state in Haven is a module function under this decorator: keyword-only, ``actor`` and ``now``
first. It sets the actor for history, triggers and ``record()``, makes a form count once, and refuses to end
with changed records that no event names.
"""

import inspect
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction

from casemgmt.access.session import for_house

from . import circumstances, clock, history_rows
from .errors import ActorMismatch, FormKeyMisused, OddMoment, UnrecordedChange
from .models import FormReceipt

#: How far ``now=`` may lie from the clock: a page that took long, not a date in the past.
TOLERANCE = timedelta(minutes=5)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Repeated:
    """This form was sent before: what it made the first time. Nothing was done again."""

    kind: str
    uid: uuid.UUID | None
    is_repeat: bool = True


def action(use_case: Callable[..., Result]) -> Callable[..., Result]:
    """Make a use-case an action. Callers may add ``form_key=`` (the form's hidden key) to any action.

    With ``form_key`` a FormReceipt is inserted first, in the same transaction; a repeat by the same person
    returns ``Repeated(kind, uid)`` without running the body, another person's or another form's key raises
    FormKeyMisused. Actions call each other freely: an inner one joins the transaction and must have the same actor.

    Raises NoContext, OddMoment, ActorMismatch, UnrecordedChange.
    """
    parameters = inspect.signature(use_case).parameters
    for required in ("actor", "now"):
        if required not in parameters or parameters[required].kind is not inspect.Parameter.KEYWORD_ONLY:
            raise TypeError(f"{use_case.__qualname__}: an action takes actor and now by keyword.")
    name = f"{use_case.__module__}.{use_case.__qualname__}"

    @wraps(use_case)
    def inside(*, actor: Any, now: datetime, form_key: uuid.UUID | None = None, **arguments: Any) -> Any:
        running = circumstances.require()
        actor_uid = None if actor is None or actor.is_anonymous else actor.uid
        _check_moment(running, now)
        _check_actor(running, actor_uid)
        if running.in_action:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                return use_case(actor=actor, now=now, **arguments)
        # The house reads more than the actor may (whom to tell, which access ends): the right was asked under the lock.
        with for_house(), transaction.atomic(using=DEFAULT_DB_ALIAS), circumstances.acting(actor_uid, now) as acting:
            receipt = None
            if form_key is not None:
                receipt = _receive(form_key, actor_uid, name, now)
                if isinstance(receipt, Repeated):
                    return receipt
            result = use_case(actor=actor, now=now, **arguments)
            unnamed = sorted({row[0] for row in history_rows.take(acting)})
            if unnamed:
                raise UnrecordedChange(f"{name} changed {', '.join(unnamed)} and recorded no event for it.")
            if receipt is not None:
                _finish(receipt, result)
            return result

    inside.is_action = True  # type: ignore[attr-defined]
    return inside


def _check_moment(running: circumstances.Context, now: datetime) -> None:
    """An action happens now. Only the demo may say otherwise."""
    if now.tzinfo is None:
        raise OddMoment("now= is aware, in UTC.")
    if running.source != circumstances.Source.DEMO and abs(now - clock.now()) > TOLERANCE:
        raise OddMoment("Only the demo acts at another moment than now.")


def _check_actor(running: circumstances.Context, actor_uid: uuid.UUID | None) -> None:
    """One person acts at a time; a command acts for the person it named; a page acts for somebody."""
    if running.in_action and running.actor_uid != actor_uid:
        raise ActorMismatch("An inner action has the actor of the outer one.")
    if running.on_behalf_of is not None and actor_uid not in (None, running.on_behalf_of):
        raise ActorMismatch("The command acts on behalf of another person.")


def _receive(form_key: uuid.UUID, actor_uid: uuid.UUID | None, name: str, now: datetime) -> Any:
    """The receipt of this form: a new one, or what the first one made. A racing twin waits at the insert."""
    try:
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            return FormReceipt.objects.create(key=form_key, actor_uid=actor_uid, action=name, at=now)
    except IntegrityError:
        first = FormReceipt.objects.get(key=form_key)
    if first.actor_uid != actor_uid or first.action != name:
        raise FormKeyMisused("form_key")
    return Repeated(first.kind, first.uid)


def _finish(receipt: Any, result: Any) -> None:
    """Write down what the form made."""
    uid = getattr(result, "uid", None)
    if isinstance(uid, uuid.UUID):
        meta = getattr(result, "_meta", None)
        receipt.kind = meta.model_name if meta is not None else type(result).__name__.lower()
        receipt.uid = uid
        receipt.save(update_fields=["kind", "uid"])
