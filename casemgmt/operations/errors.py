"""What can keep Haven from starting or running: one sentence each, for the person at the terminal."""


class NotReady(Exception):
    """Something must be done first; ``str()`` is the sentence that says what."""


class AlreadyServed(NotReady):
    """Another process serves this home."""


class TaskGone(Exception):
    """A worker ended while it ran a task, more often than tasks are tried."""
