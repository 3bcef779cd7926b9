"""One record in four forms: plain, sealed, encrypted by Fernet as field packages do it, and plain without triggers."""

import uuid
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedText
from casemgmt.crypto.models import SealedModel

_FERNET = MultiFernet([Fernet(Fernet.generate_key())])


class FernetText(models.TextField):
    """As the field packages do it: one key for everything, a token in a text column, opened as the row is loaded."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else _FERNET.encrypt(str(value).encode()).decode()

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else _FERNET.decrypt(value.encode()).decode()


class PlainCard(models.Model):
    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(db_index=True)
    number = models.CharField(max_length=20)
    first_name = models.TextField()
    second_name = models.TextField()
    telephone = models.TextField()
    address = models.TextField()
    remarks = models.TextField()


class SealedCard(SealedModel):
    number = models.CharField(max_length=20)
    first_name = SealedText(fid="peers.first_name", section=Section.IDENTITY)
    second_name = SealedText(fid="peers.second_name", section=Section.IDENTITY)
    telephone = SealedText(fid="peers.telephone", section=Section.IDENTITY)
    address = SealedText(fid="peers.address", section=Section.IDENTITY)
    remarks = SealedText(fid="peers.remarks", section=Section.IDENTITY)


class FernetCard(models.Model):
    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(db_index=True)
    number = models.CharField(max_length=20)
    first_name = FernetText()
    second_name = FernetText()
    telephone = FernetText()
    address = FernetText()
    remarks = FernetText()


class BareFolder(models.Model):
    """The audited folder of the ledger's tests without history and without triggers."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(default=uuid.uuid4)
    status = models.CharField(max_length=20, default="OPEN")
    risk = models.IntegerField(default=0)
