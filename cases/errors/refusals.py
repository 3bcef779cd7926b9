"""Refusals that have a page of their own: the reader may know of the record, and may not do this with it."""

from casemgmt.access.errors import Refused


class EngagementHasEnded(Refused):
    """Nothing is written into an attorney's file after her engagement: she reads it and takes it along. Shown as 403."""
