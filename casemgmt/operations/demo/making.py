"""Making the demo's people and cases. Everything goes through the same actions that pages use."""

from datetime import datetime

from casemgmt.accounts.cast import create_cast


def make_demo(now: datetime) -> None:
    """The cast and their cases. Runs inside ``demo_context()`` and one transaction, so a half-made demo leaves nothing."""
    create_cast(now=now)
