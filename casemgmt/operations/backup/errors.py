"""What can go wrong with a backup: one sentence each, for the person at the terminal."""

from casemgmt.operations.errors import NotReady


class BackupRefused(NotReady):
    """It was not begun, because it would not be what a backup must be."""


class BackupFailed(NotReady):
    """It was begun and broke off; nothing half-readable is left. ``part`` and ``code`` are for the ledger."""

    def __init__(self, sentence: str, *, part: str = "", code: str = "") -> None:
        super().__init__(sentence)
        self.part, self.code = part, code


class BackupDamaged(NotReady):
    """An archive or a manifest is not what was written."""


class NotTogether(NotReady):
    """The parts of a set do not fit each other: something was taken away between them. Take it again."""
