"""Keys live in a database of their own, so that erasing a key erases it from no backup of the records."""

from typing import Any

from django.db import models

KEYSTORE = "keystore"
RECORDS = "default"
_VAULT = "crypto"


class KeystoreRouter:
    """Sends the vault's models to the key store and every other model to the records; nothing crosses."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return KEYSTORE if model._meta.app_label == _VAULT else RECORDS

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return KEYSTORE if model._meta.app_label == _VAULT else RECORDS

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        return (one._meta.app_label == _VAULT) == (other._meta.app_label == _VAULT)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == KEYSTORE) == (app_label == _VAULT)
