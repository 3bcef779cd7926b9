"""One record in five forms: plain, sealed, as two field packages encrypt it, and plain without triggers."""

import uuid

from django.db import models
from django_cryptography.fields import encrypt
from encrypted_fields.fields import EncryptedTextField

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
