"""``manage.py prune``, and the schedule: what two people approved, and nothing else."""

from datetime import timedelta
from io import StringIO
from unittest import mock
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import clock
from audit.context import audit_context
from audit.log import Ref, record
from audit.models import Event, PrunedEvent
from audit.sealing.sealer import Sealer
from audit.verbs import Verb
from casemgmt.crypto import keyring
from casemgmt.operations import pruning
from casemgmt.operations.schedule import SCHEDULE
from cases.actions.retention import approve_destruction, ask_destruction, set_policy


@pytest.fixture
def due(cast):
    """An approved order about the events of the house, six years and a day after them."""
    keyring.forget()
    with audit_context("test", "testing"):
        old = record(Verb.SIGNED_OUT, actor=None, subject=Ref("session", uuid4()))
        policy = set_policy(
            actor=cast.kemi, now=clock.now(), record_class="HOUSE_EVENTS", number=6, unit="YEARS", authority="Counsel",
            effective_from=timezone.localdate(),
        )  # fmt: skip
        with time_machine.travel(timezone.now() + timedelta(days=6 * 366)):
            with audit_context("job", "testing"):
                Sealer().seal_all()
            order = ask_destruction(actor=cast.kemi, now=clock.now(), policy_uid=policy.uid)
            yield old, order
    keyring.forget()


def test_nothing_goes_that_nobody_approved(due):
    out = StringIO()
    call_command("prune", reason="The year is over", stdout=out)
    assert "0 orders were finished" in out.getvalue()
    assert not PrunedEvent.objects.exists()
    with pytest.raises(CommandError, match="Say why"):
        call_command("prune", reason=" ")


def test_the_command_carries_it_out_and_verification_says_so(due, cast):
    old, order = due
    approve_destruction(actor=cast.omar, now=clock.now(), order_uid=order.uid)
    out = StringIO()
    call_command("prune", reason="The year is over", stdout=out)
    assert "1 orders were finished" in out.getvalue()
    assert not Event.objects.filter(pk=old.pk).exists()
    with audit_context("job", "testing"):
        Sealer().seal_all()
    call_command("audit_verify", stdout=out)
    assert f"stand for events that were pruned under {order.number}" in out.getvalue()
    call_command("prune", reason="Again", stdout=out)
    assert "0 orders were finished" in out.getvalue()


def test_where_the_role_may_not_the_schedule_leaves_it_to_the_command(due, cast):
    old, order = due
    approve_destruction(actor=cast.omar, now=clock.now(), order_uid=order.uid)
    with mock.patch.object(pruning, "may_prune", lambda: False):
        assert pruning.destroy_what_was_approved() == 0
    assert Event.objects.filter(pk=old.pk).exists()
    assert pruning.destroy_what_was_approved() == 1


def test_both_jobs_stand_in_the_schedule():
    assert {"retention", "retention_due"} <= {job.name for job in SCHEDULE}
