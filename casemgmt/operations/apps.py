from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate
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
        from casemgmt.operations import database_grants, row_security  # noqa: PLC0415  as above

        checks.register_all()
        asking.ask_with(terminal.answer)
        pre_migrate.connect(row_security.drop_before_migrate, dispatch_uid="operations.drop_before_migrate")
        last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
        post_migrate.connect(row_security.lay_after_migrate, sender=last, dispatch_uid="operations.lay_after_migrate")
        post_migrate.connect(
            database_grants.give_after_migrate, sender=last, dispatch_uid="operations.give_after_migrate"
        )  # after the policies: their views are tables, too
