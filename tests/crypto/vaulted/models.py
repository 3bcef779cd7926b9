"""Sealed records of every kind the vault must carry: fixed sections, sections by row, scopes, hidden presence."""

import uuid

from django.db import models
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import (
    RowMac,
    SealedBoolean,
    SealedChoice,
    SealedDate,
    SealedDecimal,
    SealedJSON,
    SealedText,
)
from casemgmt.crypto.history import CiphertextHistoryManagerMixin, CiphertextHistoryMixin
from casemgmt.crypto.models import SealedModel


class Manager(CiphertextHistoryManagerMixin, HistoryManager):
    pass


class History(CiphertextHistoryMixin, HistoricalRecords):
    def __init__(self) -> None:
        super().__init__(
            history_manager=Manager,
            history_user_id_field=models.UUIDField(null=True),
            history_user_getter=lambda row: row.history_user_id,
            history_user_setter=lambda row, user: None,
            get_user=lambda instance, **kwargs: None,
        )


class Guest(SealedModel):
    """A person: one name, fixed sections."""

    may_be_mixed = "Rows of the tests are changed behind the models' back, value by value."

    number = models.CharField(max_length=20, blank=True)
    name = SealedText(fid="guest.name", section=Section.IDENTITY, max_length=80)
    remarks = SealedText(fid="guest.remarks", section=Section.NARRATIVE, null=True, blank=True)
    born_on = SealedDate(fid="guest.born_on", section=Section.IDENTITY, null=True, blank=True)
    answers = SealedJSON(fid="guest.answers", section=Section.HEALTH, null=True, blank=True)
    pregnant = SealedText(fid="guest.pregnant", section=Section.SRH, hide_null=True, blank=True)
    history = History()


class Marked(SealedModel):
    """A row whose values belong together: the rule, and the number it is about."""

    rule = SealedText(fid="marked.rule", section=Section.CARD)
    number = SealedText(fid="marked.number", section=Section.IDENTITY, null=True, blank=True)
    checked_on = SealedDate(fid="marked.checked_on", section=Section.SAFETY, null=True, blank=True)
    order = models.PositiveIntegerField(default=0)
    row_mac = RowMac()
    history = History()


class Sheet(SealedModel):
    """A note: its section follows the row, its scope is a matter."""

    may_be_mixed = "Rows of the tests are changed behind the models' back, value by value."

    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, null=True, related_name="sheets")
    section = models.CharField(max_length=16, default=Section.ADVOCACY)
    matter_uid = models.UUIDField(null=True)
    body = SealedText(fid="sheet.body", section="section", scope="matter_uid")
    title = SealedText(fid="sheet.title", section=Section.CARD, blank=True)
    history = History()


class Fruit(models.TextChoices):
    """Codes of quite different lengths."""

    FIG = "FIG"
    POMEGRANATE = "POMEGRANATE_OF_THE_SECOND_HARVEST"
    PLUM = "PLUM"


class Form(SealedModel):
    """A questionnaire with an answer of each kind."""

    may_be_mixed = "Rows of the tests are changed behind the models' back, value by value."

    owed = SealedDecimal(
        fid="form.owed", section=Section.FINANCE, max_digits=9, decimal_places=2, null=True, blank=True
    )
    safe = SealedBoolean(fid="form.safe", section=Section.SAFETY, null=True, blank=True)
    warrant = SealedBoolean(fid="form.warrant", section=Section.STATUS, hide_null=True, blank=True)
    fruit = SealedChoice(fid="form.fruit", section=Section.CARD, choices=Fruit.choices, null=True, blank=True)
    secret_fruit = SealedChoice(
        fid="form.secret_fruit", section=Section.CARD, choices=Fruit.choices, hide_null=True, blank=True
    )
    history = History()


class Plain(models.Model):
    """The same shape without secrets, to compare speed."""

    uid = models.UUIDField(default=uuid.uuid4)
    name = models.TextField()
