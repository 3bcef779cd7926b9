from django.apps import AppConfig
from django.db.backends.signals import connection_created


class AccessConfig(AppConfig):
    """The guard desk: sections, permissions and rules, with no domain in it."""

    name = "casemgmt.access"
    label = "access"

    def ready(self) -> None:
        """Connections learn to say for whom they are asked; Django offers only a signal for that."""
        from . import session  # noqa: PLC0415  as in every ready()

        connection_created.connect(session.prepare_connection, dispatch_uid="access.prepare_connection")
