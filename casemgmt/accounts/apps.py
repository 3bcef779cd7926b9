from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The reception: organisations, teams, people, roles, sign-in."""

    name = "casemgmt.accounts"
    label = "accounts"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to Django and allauth, for the ledger."""
        from . import receivers  # noqa: PLC0415  needs the app registry

        receivers.connect()
