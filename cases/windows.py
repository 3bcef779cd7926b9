"""How long an access of each kind may last."""

from datetime import timedelta

from casemgmt.accounts.models.rota import SHIFT_LIMIT

#: Far enough to mean "until it is taken back"; assignment and supervision end by an act, not by a date.
OPEN_END = timedelta(days=365 * 20)
PRO_BONO_LIMIT = timedelta(days=180)
ENGAGEMENT_LIMIT = timedelta(days=365 * 2)
#: So long an attorney may read her own file, and take it along, after her engagement has ended (access.md §3).
AFTER_ENGAGEMENT = timedelta(days=30)
EMERGENCY_LIMIT = timedelta(minutes=60)
DELEGATION_LIMIT = timedelta(days=30)
#: A partner's access lapses so long after somebody of the house last said that it is still needed.
ATTESTATION_LIMIT = timedelta(days=90)
#: An interpreter or driver sees an appointment from a day before it until two hours after it.
BOOKING_BEFORE, BOOKING_AFTER = timedelta(hours=24), timedelta(hours=2)
APPOINTMENT_LIMIT = timedelta(hours=12)
BOOKING_LIMIT = BOOKING_BEFORE + APPOINTMENT_LIMIT + BOOKING_AFTER
#: Shelter staff keep what they need for the handover for three days after she has left.
AFTER_EXIT = timedelta(hours=72)

__all__ = [
    "AFTER_ENGAGEMENT", "AFTER_EXIT", "APPOINTMENT_LIMIT", "ATTESTATION_LIMIT", "BOOKING_AFTER", "BOOKING_BEFORE", "BOOKING_LIMIT",
    "DELEGATION_LIMIT", "EMERGENCY_LIMIT", "ENGAGEMENT_LIMIT", "OPEN_END", "PRO_BONO_LIMIT", "SHIFT_LIMIT",
]  # fmt: skip
