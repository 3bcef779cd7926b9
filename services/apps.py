from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """The workshops: legal matters, aftercare, reintegration."""

    name = "services"
