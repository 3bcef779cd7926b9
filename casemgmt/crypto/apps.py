"""The vault starts: its checks are registered, and a fresh key store gets its first keys."""

from typing import Any

from django.apps import AppConfig
from django.core import checks as system_checks
from django.db.models.signals import post_migrate

from casemgmt.crypto import keks, providers
from casemgmt.crypto.providers import local
from casemgmt.crypto.router import KEYSTORE


class CryptoConfig(AppConfig):
    name = "casemgmt.crypto"
    label = "crypto"
    verbose_name = "Vault"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from casemgmt.crypto import checks  # noqa: PLC0415  models are not loaded when this module is

        system_checks.register(checks.check_sealed_models, system_checks.Tags.models)
        system_checks.register(checks.check_keystore, system_checks.Tags.database)
        post_migrate.connect(_provision, sender=self)


def _provision(using: str, **kwargs: Any) -> None:
    """After ``migrate --database keystore``: make the first keys, where the root key is there or may be made."""
    if using == KEYSTORE and (providers.current().is_present() or local.may_create()):
        keks.provision()
