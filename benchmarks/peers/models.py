"""Records in the forms that are compared: plain, sealed, as packages encrypt or audit them; and one chain for all writers."""

import uuid

from auditlog.registry import auditlog
from django.db import models
from django_cryptography.fields import encrypt
from encrypted_fields.fields import EncryptedTextField
from simple_history.models import HistoricalRecords

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedText
from casemgmt.crypto.models import SealedModel


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
    """By django-fernet-encrypted-fields: a token in a text column, opened as the row is loaded."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(db_index=True)
    number = models.CharField(max_length=20)
    first_name = EncryptedTextField()
    second_name = EncryptedTextField()
    telephone = EncryptedTextField()
    address = EncryptedTextField()
    remarks = EncryptedTextField()


class SignedCard(models.Model):
    """By django-cryptography: pickled, encrypted and signed, opened as the row is loaded."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(db_index=True)
    number = models.CharField(max_length=20)
    first_name = encrypt(models.TextField())
    second_name = encrypt(models.TextField())
    telephone = encrypt(models.TextField())
    address = encrypt(models.TextField())
    remarks = encrypt(models.TextField())


class BareFolder(models.Model):
    """The audited folder of the ledger's tests without history and without triggers."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(default=uuid.uuid4)
    status = models.CharField(max_length=20, default="OPEN")
    risk = models.IntegerField(default=0)


class LoggedFolder(models.Model):
    """The same by django-auditlog: each save leaves a row that says what changed."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(default=uuid.uuid4)
    status = models.CharField(max_length=20, default="OPEN")
    risk = models.IntegerField(default=0)


class HistoryFolder(models.Model):
    """The same by django-simple-history alone: each save leaves a copy of the row."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(default=uuid.uuid4)
    status = models.CharField(max_length=20, default="OPEN")
    risk = models.IntegerField(default=0)
    history = HistoricalRecords()


class ChainHead(models.Model):
    """The end of one chain for all writers: each locks this row until it has committed."""

    mac = models.BinaryField()


class ChainedEvent(models.Model):
    """An event of that chain."""

    canonical = models.BinaryField()
    mac = models.BinaryField()


auditlog.register(LoggedFolder)
