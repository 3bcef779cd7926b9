"""An app with audited models that exists for the ledger's tests only."""

from django.apps import AppConfig


class KeptConfig(AppConfig):
    name = "tests.audit.kept"
    label = "kept"
    default_auto_field = "django.db.models.BigAutoField"
