from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """The workshops: legal matters, aftercare, reintegration."""

    name = "services"

    def ready(self) -> None:
        from services import closing, codes, holds, interchange, restoring  # noqa: PLC0415  needs the app registry

        closing.register()
        codes.register()
        holds.register()
        interchange.register_own()
        restoring.register_own()
