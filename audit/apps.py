"""The ledger as an app: connections learn our functions, migrations take the triggers off and put them back."""

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    """Append-only events, history of records, verification and the auditor's pages."""

    name = "audit"
    label = "audit"

    def ready(self) -> None:
        """Fasten the ledger to the database layer, the one place where Django offers only signals."""
        from . import protection  # noqa: PLC0415  needs the app registry

        connection_created.connect(protection.prepare_connection, dispatch_uid="audit.prepare_connection")
        pre_migrate.connect(protection.drop_before_migrate, dispatch_uid="audit.drop_before_migrate")
        # Django sends post_migrate only for apps that have a module of models.
        last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
        post_migrate.connect(protection.create_after_migrate, sender=last, dispatch_uid="audit.create_after_migrate")
