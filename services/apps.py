from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """The workshops: legal matters, aftercare, reintegration."""

    name = "services"

    def ready(self) -> None:
        from services import closing, holds, restoring  # noqa: PLC0415  needs the app registry

        closing.register()
        holds.register()
        restoring.register_own()
