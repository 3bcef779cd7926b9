"""What a verification found, in words."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """What a verification read and what it found. ``since`` is the size of the head it went on from, 0 for all."""

    events: int = 0
    streams: int = 0
    erased: int = 0
    history_rows: int = 0
    corrected: int = 0
    since: int = 0
    #: The newest head that was looked at: its size, and its root in hex.
    size: int = 0
    head: str = ""
    leaves: int = 0
    tiles: int = 0
    checkpoints: int = 0
    #: Heads that somebody else holds and that were compared.
    anchors: int = 0
    #: What could not be looked at, and is no finding by itself.
    remarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing is missing, added or altered."""
        return not self.problems
