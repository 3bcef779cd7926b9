"""Codes of notices that more than one place writes, or that a room above this one writes: what a home says of them."""

#: Given a legal matter: by a release, by approval, by whoever leads the case.
NOTICE_MATTER = "MATTER_GIVEN"
#: The last supervisor of a team has gone.
NOTICE_UNSUPERVISED = "TEAM_UNSUPERVISED"
#: What the house does not do by itself, and nobody did in time.
NOTICE_BACKUP, NOTICE_DRILL = "BACKUP_OVERDUE", "DRILL_OVERDUE"
NOTICE_KEYS, NOTICE_INDEX = "KEYS_OVERDUE", "INDEX_OVERDUE"
NOTICE_SEALING = "SEALING_LATE"
#: The ledger was found not to be whole; somebody at the server made a bundle of it in a person's name.
NOTICE_LEDGER, NOTICE_BUNDLE = "LEDGER_NOT_WHOLE", "LEDGER_BUNDLED"
