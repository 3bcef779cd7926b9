"""Which codes an event of each verb may carry beside the common ones: what a detail holds is listed, never text.

Kept apart from the list of verbs, which grows with every room.
"""

from collections.abc import Iterable

from .errors import UnknownVerb
from .verbs import Verb

#: Keys that every verb may carry: how many, of which code, from which code to which.
COMMON_KEYS = frozenset({"count", "kind", "status", "before", "after", "route", "method"})

_FACTOR = ("factor",)
_EXPIRY = ("until", "permissions", "scope")
_BACKUP = ("part", "bytes", "sha256", "engine", "taken_at", "result", "error")
_ERASURE = ("order", "classes", "until", "hold", "keys", "certificate")
_RETENTION = ("order", "policy", "class", "until", "held", "certificate", "digest")
_SAMPLE = ("since", "until", "size", "population", "seed", "digest", "sha256", "result")
_TALLY = ("imported", "rejected", "known", "rows", "left_out", "format", "recipient", "sha256", "bytes")

#: Keys that a verb may carry beside the common ones. Values are codes, numbers, dates and uids, never text.
DETAIL_KEYS: dict[str, frozenset[str]] = {
    verb: frozenset(keys)
    for verbs, keys in (
        ((Verb.SIGNED_IN, Verb.SECOND_FACTOR_PASSED, Verb.SECOND_FACTOR_FAILED, Verb.SIGN_IN_FAILED), _FACTOR),
        ((Verb.SECOND_FACTOR_ADDED, Verb.SECOND_FACTOR_REMOVED, Verb.STEP_UP_PASSED, Verb.STEP_UP_FAILED), _FACTOR),
        ((Verb.SESSION_UNLOCKED, Verb.UNLOCK_FAILED, Verb.SIGN_IN_LIMITED), _FACTOR),
        ((Verb.ROLE_ASSIGNED, Verb.ROLE_ENDED, Verb.USER_INVITED), ("role", "until")),
        ((Verb.MEMBERSHIP_PROPOSED, Verb.MEMBERSHIP_ACCEPTED, Verb.MEMBERSHIP_ENDED), ("role", "until", "supervisor")),
        ((Verb.ACCESS_GRANTED, Verb.ACCESS_CHANGED, Verb.ACCESS_REVOKED, Verb.ACCESS_EXPIRED), _EXPIRY),
        ((Verb.ACCESS_PROPOSED, Verb.ACCESS_APPROVED, Verb.ACCESS_DECLINED, Verb.ACCESS_ANSWERED), _EXPIRY),
        ((Verb.EMERGENCY_OPENED, Verb.EMERGENCY_REVIEWED, Verb.EMERGENCY_ESCALATED, Verb.ATTESTED), _EXPIRY),
        ((Verb.REVIEW_BEGAN, Verb.REVIEW_DECIDED, Verb.REVIEW_ENDED), (*_EXPIRY, "result", "team")),
        ((Verb.RELEASE_RENEWED, Verb.RELEASE_PRINTED), (*_EXPIRY, "categories", "recipient", "language")),
        (
            (
                Verb.SURVIVOR_NOTIFIED,
                Verb.DISCLOSURES_ACCOUNTED,
                Verb.LEGAL_PROCESS_RECORDED,
                Verb.LEGAL_PROCESS_FOLLOWED,
            ),
            ("basis", "until", "since", "language"),
        ),
        ((Verb.MANDATED_REPORT_RECORDED,), ("basis", "until")),
        (
            (Verb.PERSON_LEFT, Verb.PERSON_MOVED, Verb.LEAVE_BEGAN, Verb.LEAVE_ENDED, Verb.TRAVEL_BEGAN),
            ("until", "ended"),
        ),
        ((Verb.TRAVEL_ENDED, Verb.ORGANISATION_SUSPENDED, Verb.ORGANISATION_RESTORED), ("until", "ended")),
        (
            (Verb.OFFICE_LOCKED, Verb.OFFICE_OPENED, Verb.DEGRADED_MODE_DECLARED, Verb.DEGRADED_MODE_ENDED),
            ("until", "ended"),
        ),
        ((Verb.ACCESS_REFUSED, Verb.ACCESS_HIDDEN), ("permission",)),
        ((Verb.DECRYPTION_REFUSED,), ("fid",)),
        ((Verb.RELEASE_RECORDED, Verb.RELEASE_WITHDRAWN, Verb.RELEASE_ENDED), (*_EXPIRY, "categories", "recipient")),
        ((Verb.DISCLOSURE_MADE,), ("categories", "recipient", "basis")),
        ((Verb.PRODUCTION_PREPARED, Verb.PRODUCTION_DECIDED, Verb.PRODUCTION_TAKEN), ("bytes", "categories", "number")),
        ((Verb.IMPORT_PREVIEWED, Verb.IMPORT_TAKEN, Verb.IMPORT_ROW_TAKEN, Verb.IMPORT_UNDONE), _TALLY),
        ((Verb.EXPORT_MADE, Verb.HOUSE_EXPORTED, Verb.PRINT_MADE, Verb.DOCUMENT_DOWNLOADED), _TALLY),
        ((Verb.DOCUMENT_SEALED,), ("sha256", "original_sha256", "bytes", "scan")),
        ((Verb.IMPORT_PREVIEWED, Verb.IMPORT_TAKEN, Verb.IMPORT_ROW_TAKEN), _TALLY),
        ((Verb.EXPORT_MADE, Verb.PRINT_MADE), _TALLY),
        ((Verb.DOCUMENT_DOWNLOADED,), (*_TALLY, "marked")),
        ((Verb.TEXT_SET, Verb.TEXT_ENDED, Verb.LETTER_WRITTEN), ("version", "language")),
        ((Verb.DOCUMENT_SEALED,), ("sha256", "original_sha256", "bytes", "scan", "version")),
        ((Verb.NOTE_ADDED, Verb.NOTE_CHANGED, Verb.NOTE_AMENDED, Verb.NOTE_MENTIONED), ("privilege",)),
        ((Verb.SAMPLE_DRAWN, Verb.SAMPLE_LOOKED_AT, Verb.SAMPLE_SHOWN, Verb.SAMPLE_WITHDRAWN), _SAMPLE),
        ((Verb.JOB_RUN, Verb.JOB_FAILED), ("job", "attempt", "error")),
        ((Verb.LEDGER_READ,), ("page", "filters", "result")),
        ((Verb.LEDGER_EXPORTED,), ("format", "filters", "sha256", "bytes", "result", "head", "size")),
        ((Verb.HINT_REVIEWED,), ("rule", "result", "step")),
        ((Verb.CASE_IDENTIFY_ASKED, Verb.CASE_IDENTIFY_DECIDED, Verb.CASE_IDENTIFIED), ("until", "result")),
        ((Verb.LEDGER_VERIFIED,), ("events", "streams", "problems", "since", "size", "head")),
        ((Verb.RESTORE_GAP,), ("size", "events")),
        ((Verb.LEDGER_ANCHORED, Verb.LEDGER_BUNDLED), ("size", "head", "events", "sha256", "bytes", "engagement")),
        ((Verb.KEY_CREATED, Verb.KEY_PROMOTED, Verb.KEY_ROTATED, Verb.KEY_DESTROYED), ("key", "epoch")),
        ((Verb.KEYS_REWRAPPED, Verb.KEY_RETIRED, Verb.CASE_KEYS_RENEWED, Verb.COLUMN_SEALED), ("key", "epoch", "fid")),
        ((Verb.ROOT_KEY_CHANGED, Verb.ROOT_KEY_UNAVAILABLE), ("provider", "error")),
        ((Verb.INDEX_FILLED, Verb.INDEX_ROTATED, Verb.INDEX_PLANNED), ("index", "bits", "epoch")),
        ((Verb.BACKUP_MADE, Verb.BACKUP_FAILED, Verb.BACKUP_RESTORED, Verb.RESTORE_DRILLED), _BACKUP),
        ((Verb.DOCUMENT_VERIFIED, Verb.DOCUMENT_QUARANTINED), ("sha256", "bytes", "result", "reason")),
        ((Verb.HOLD_PLACED, Verb.HOLD_LIFTED), ("hold", "classes")),
        ((Verb.ERASURE_ASKED, Verb.ERASURE_APPROVED, Verb.ERASURE_CONFIRMED, Verb.ERASURE_STOPPED), _ERASURE),
        ((Verb.ERASURE_REFUSED, Verb.ERASURE_DONE), _ERASURE),
        ((Verb.CORRECTION_ASKED, Verb.CORRECTION_DECIDED), ("version", "hold", "record")),
        ((Verb.RETENTION_SET, Verb.RETENTION_LISTED, Verb.RETENTION_ASKED, Verb.RETENTION_APPROVED), _RETENTION),
        ((Verb.RETENTION_STOPPED, Verb.RETENTION_DONE, Verb.EVENTS_PRUNED), _RETENTION),
        ((Verb.MIGRATION_RUN, Verb.SYSTEM_STARTED, Verb.CONFIGURATION_CHANGED), ("version", "setting", "engine")),
    )
    for verb in verbs
}


def allowed_keys(verb: Verb, keys: Iterable[str]) -> None:
    """Raise UnknownVerb for a key of ``detail`` that this verb does not carry."""
    odd = set(keys) - COMMON_KEYS - DETAIL_KEYS.get(verb, frozenset())
    if odd:
        raise UnknownVerb(f"{verb.value} does not carry {', '.join(sorted(odd))}; see audit.detail_keys.DETAIL_KEYS.")
