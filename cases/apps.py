from django.apps import AppConfig

from casemgmt.access.sections import RETENTION_CLASS_OF
from casemgmt.crypto.classes import register_sections


class CasesConfig(AppConfig):
    """The case room: survivors, cases, and who may open them."""

    name = "cases"

    def ready(self) -> None:
        register_sections(RETENTION_CLASS_OF)
