"""How often somebody may do a thing: counted in the cache of all processes together, and forgotten after an hour."""

from django.core.cache import cache

from audit import clock
from casemgmt.accounts.models import User

HOUR = 3600


def take(what: str, actor: User, *, most: int) -> bool:
    """Count one turn of ``what`` for this person in the hour of the clock, and say whether it is within ``most``."""
    key = f"limit/{what}/{actor.uid}/{int(clock.now().timestamp()) // HOUR}"
    cache.add(key, 0, HOUR)
    try:
        return int(cache.incr(key)) <= most
    except ValueError:
        # Thrown out of a full cache between the two lines: count from one again.
        cache.set(key, 1, HOUR)
        return most >= 1
