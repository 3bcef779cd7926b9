"""Sessions that keep the key they had before signing in: what a fixed session needs. Used by ``weak_settings`` alone."""

from casemgmt.accounts.sessions import SessionStore as SoundStore


class SessionStore(SoundStore):
    """Never takes another key."""

    def cycle_key(self) -> None:
        """Stay with the old one."""
