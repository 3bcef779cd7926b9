"""``manage.py demo``: fill a demo home with fictional people, once."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit import clock
from audit.context import demo_context
from audit.log import record
from audit.verbs import Verb
from casemgmt.operations.demo import make_demo
from casemgmt.operations.errors import NotReady
from casemgmt.operations.models import Installation
from casemgmt.operations.prepare import demand_same_kind, is_demo_complete


class Command(BaseCommand):
    """Make the demo's people and cases through the real actions."""

    help = "Fill a demo home with fictional people and their cases. Does nothing where they are complete."

    def handle(self, *args: Any, verbosity: int = 1, **options: Any) -> None:
        if not settings.HAVEN_DEMO:
            raise CommandError("This home was made for real work. The demo needs a home of its own.")
        try:
            demand_same_kind()
        except NotReady as problem:
            raise CommandError(str(problem)) from None
        if is_demo_complete():
            if verbosity:
                self.stdout.write("The demo is complete.")
            return
        now = clock.now()
        logging.getLogger("haven").setLevel(logging.WARNING)  # the story has refusals in it, which are no news here
        # One transaction: a demo that was interrupted leaves nothing, and one sync of the disk is enough for all.
        with transaction.atomic(), demo_context():
            make_demo(now=now, say=self._progress if verbosity else _silent)
            record(Verb.DEMO_MADE, actor=None)
            Installation.objects.filter(pk=1, is_demo=True).update(demo_completed_at=clock.now())
        if verbosity:
            self.stdout.write("The demo is complete.")

    def _progress(self, done: int, of: int) -> None:
        """One line for every tenth of the way."""
        if done * 10 // of > (done - 1) * 10 // of:
            self.stdout.write(f"{done * 100 // of} % of the story …")


def _silent(done: int, of: int) -> None:
    """Say nothing of the progress."""
