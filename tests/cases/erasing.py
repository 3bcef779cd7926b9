"""For tests of erasure: an order taken to where a test begins, by the real actions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from audit import clock
from casemgmt.crypto import rekeying
from cases import access
from cases.actions import own_rekeying
from cases.actions.erasing import carry_out
from cases.actions.erasure import approve_erasure, ask_erasure, confirm_erasure
from cases.models import Case, ErasureOrder
from tests.cast import Cast


def ask(cast: Cast, case: Case, *classes: str, actor: Any = None, **changes: Any) -> ErasureOrder:
    """Kemi's order for these classes; on the ground that she asked."""
    facts = {"ground": "HER_REQUEST", "reference": "R-17", "reason": "Quiet marmalade reason.", **changes}
    return ask_erasure(actor=actor or cast.kemi, now=clock.now(), case_uid=case.uid, classes=classes, **facts)


def approve(cast: Cast, order: ErasureOrder) -> ErasureOrder:
    """The director's and the supervisor's yes."""
    for person in (cast.omar, cast.bea):
        order = approve_erasure(actor=person, now=clock.now(), order_uid=order.uid)
    return order


def confirm(cast: Cast, order: ErasureOrder) -> ErasureOrder:
    """Amina spoke with her alone."""
    return confirm_erasure(actor=cast.amina, now=clock.now(), order_uid=order.uid, check="FREE")


def erase(cast: Cast, case: Case, *classes: str) -> ErasureOrder:
    """All of it, with a cooling off of no days (the test sets ERASURE_COOLING_DAYS to 0).

    By order of a court where records of duties go too, for these must stay otherwise.
    """
    ground = "ORDER" if {"CORE", "LEGAL"} & set(classes) else "HER_REQUEST"
    order = confirm(cast, approve(cast, ask(cast, case, *classes, ground=ground)))
    with no_waiting():
        assert carry_out(order.uid)
    return order


def fresh(case: Case) -> Case:
    """The case as it is stored now."""
    return access.for_the_house(Case).get(uid=case.uid)


def order_now(order: ErasureOrder) -> ErasureOrder:
    """The order as it is stored now."""
    return access.for_the_house(ErasureOrder).get(uid=order.uid)


@contextmanager
def no_waiting() -> Iterator[None]:
    """Renew the keys of those who wrote without the minute for other processes: there are none."""
    with (
        mock.patch.object(rekeying.Renewal, "wait_for_writers", lambda renewal: None),
        mock.patch.object(own_rekeying, "WAIT_SECONDS", 0.0),
    ):
        yield
