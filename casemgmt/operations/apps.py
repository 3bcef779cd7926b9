from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from casemgmt.crypto.providers import asking
from casemgmt.operations import terminal


class OperationsConfig(AppConfig):
    """The engine room: server, worker, health, demo."""

    name = "casemgmt.operations"
    label = "operations"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the whole house, and say who asks for what opens the root key."""
        from casemgmt import checks  # noqa: PLC0415  needs the app registry

        checks.register_all()
        asking.ask_with(terminal.answer)
