from django.apps import AppConfig

from casemgmt.access.sections import RETENTION_CLASS_OF
from casemgmt.crypto.classes import register_sections


class VaultedConfig(AppConfig):
    name = "tests.crypto.vaulted"
    label = "vaulted"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_sections(RETENTION_CLASS_OF)
