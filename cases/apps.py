from django.apps import AppConfig

from casemgmt.access.sections import RETENTION_CLASS_OF
from casemgmt.crypto.classes import register_sections


class CasesConfig(AppConfig):
    """The case room: survivors, cases, and who may open them."""

    name = "cases"

    def ready(self) -> None:
        from audit.apart import keep_apart  # noqa: PLC0415  needs the app registry
        from casemgmt.accounts.permits import register_case_access  # noqa: PLC0415  needs the app registry
        from casemgmt.accounts.telling import register_notices  # noqa: PLC0415  needs the app registry
        from cases import apart, holds, interchange  # noqa: PLC0415  needs the app registry
        from cases.access.door import holds_anything  # noqa: PLC0415  needs the app registry
        from cases.actions.trail import leave_notice  # noqa: PLC0415  needs the app registry

        register_sections(RETENTION_CLASS_OF)
        register_case_access(holds_anything)
        register_notices(leave_notice)
        holds.register_own()
        interchange.register_own()
        keep_apart(*apart.rules())
