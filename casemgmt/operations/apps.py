from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """The engine room: server, worker, health, demo."""

    name = "casemgmt.operations"
    label = "operations"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the whole house."""
        from casemgmt import checks  # noqa: PLC0415  needs the app registry

        checks.register_all()
