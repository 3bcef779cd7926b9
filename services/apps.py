from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """The workshops: legal matters, aftercare, reintegration."""

    name = "services"

    def ready(self) -> None:
        from services import closing, codes, holds, restoring  # noqa: PLC0415  needs the app registry

        closing.register()
        codes.register()
        holds.register()
        restoring.register_own()
