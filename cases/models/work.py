"""Notes, documents and tasks: what a day of casework leaves behind."""

from uuid import UUID

from django.conf import settings
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from casemgmt.crypto.models import for_new_rows
from cases.choices.casework import PrivilegeClass, Repeats
from cases.models.base import CaseRecord


class SectionedRecord(CaseRecord):
    """A record whose section is its own column, so that one table serves several sections.

    A record of section LEGAL_FILE belongs to a matter and is read with it.
    """

    section = models.CharField(max_length=20, choices=Section.choices)
    matter = models.ForeignKey("cases.Matter", models.PROTECT, related_name="+", null=True)
    matter_uid = models.UUIDField(null=True, editable=False)

    class Meta(CaseRecord.Meta):
        abstract = True

    @for_new_rows
    def __init__(self, *args: object, **kwargs: object) -> None:
        matter = kwargs.get("matter")
        if matter is not None:
            kwargs.setdefault("matter_uid", matter.uid)  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)


def legal_file_has_a_matter(name: str) -> models.CheckConstraint:
    """The constraint that nothing of an attorney's file floats without its matter."""
    return models.CheckConstraint(name=name, condition=~models.Q(section="LEGAL_FILE") | models.Q(matter__isnull=False))


class Note(SectionedRecord):
    """A note. Its privilege class decides its section; ``version`` catches two people saving one note.

    ``about`` holds what else it says, each only where it was answered: ``type`` (``NoteType``), ``present`` (codes of
    ``Present``), ``others`` (who else was there, by role in words), ``waiver`` (``POSSIBLY_WAIVED``, where a third person's
    presence may waive the privilege and the writer said that she knows).
    """

    privilege_class = models.CharField(max_length=30, choices=PrivilegeClass.choices)
    body = SealedText(fid="note.body", section="section", scope="matter_uid")
    about = SealedJSON(fid="note.about", section="section", scope="matter_uid", null=True)
    happened_at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    row_mac = RowMac()

    class Meta(SectionedRecord.Meta):
        constraints = [legal_file_has_a_matter("note_of_legal_file_has_a_matter")]
        indexes = [models.Index(fields=["case", "-happened_at"], name="note_case_newest")]


class NoteAmendment(SectionedRecord):
    """What was added to a note that is locked: who, when and why. The note above it stays word for word.

    In the note's own section and matter, so that whoever reads the one reads the other. It is never changed.
    """

    note = models.ForeignKey(Note, models.PROTECT, related_name="+")
    body = SealedText(fid="note_amendment.body", section="section", scope="matter_uid")
    why = SealedText(fid="note_amendment.why", section="section", scope="matter_uid")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    row_mac = RowMac()

    class Meta(SectionedRecord.Meta):
        constraints = [legal_file_has_a_matter("amendment_of_legal_file_has_a_matter")]


class Document(SectionedRecord):
    """A sealed file. Name, type and checksum are sealed; what stays plain is a bucket of its size.

    ``about`` holds ``{"content_type", "category", "size", "sha256"}``; size in bytes of the plaintext. Where hidden
    details of an image or a video were taken out, ``original_sha256`` is that of the file as it came; where a small
    picture of it is kept, ``preview`` is that one's size; where the paper ends by itself, ``expires_on`` is its last day;
    of a newer version, ``why_new`` is why it came. A withdrawn document is kept and marked; who may not write its
    section cannot download it any more. A quarantined one (a suspected child image) nobody opens any more.

    A newer version is a document of its own, of the same section, matter and kind: ``first_uid`` names the first of the
    row, ``version`` counts on from it. The first has neither, as every document of before versions.
    """

    name = SealedText(fid="document.name", section="section", scope="matter_uid")
    about = SealedJSON(fid="document.about", section="section", scope="matter_uid")
    stored_as = models.CharField(max_length=64)
    size_bucket = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    withdrawn_why = SealedText(
        fid="document.withdrawn_why", section="section", scope="matter_uid", null=True, blank=True
    )
    row_mac = RowMac()
    quarantined_at = models.DateTimeField(null=True)
    quarantined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    first_uid = models.UUIDField(null=True, editable=False)
    version = models.PositiveIntegerField(null=True)

    class Meta(SectionedRecord.Meta):
        constraints = [
            legal_file_has_a_matter("document_of_legal_file_has_a_matter"),
            models.UniqueConstraint(fields=["first_uid", "version"], name="one_document_a_version"),
            models.CheckConstraint(
                name="a_version_names_its_first",
                condition=models.Q(first_uid__isnull=True, version__isnull=True)
                | models.Q(first_uid__isnull=False, version__gte=2),
            ),
        ]

    @property
    def series(self) -> UUID:
        """The uid of the first version: what all versions of one paper have in common."""
        return self.first_uid or self.uid

    @property
    def number(self) -> int:
        """Which version this is; the first is 1."""
        return self.version or 1


class Task(SectionedRecord):
    """Something to do by a day. ``due_on`` and ``repeats_until`` are local calendar dates of the organisation.

    A task that ``repeats`` is followed by the next one when it is done: ``made_from`` names the one before, of which
    each has one follower. ``subject_uid``: what it is about, where that
    has a record of its own: the goal that it is a step of, the legal process that she has to be told of.
    """

    title = SealedText(fid="task.title", section="section", scope="matter_uid")
    due_on = models.DateField()
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    repeats = models.CharField(max_length=11, choices=Repeats.choices, null=True)
    repeats_until = models.DateField(null=True)
    made_from = models.OneToOneField("self", models.PROTECT, related_name="+", null=True)
    subject_uid = models.UUIDField(null=True)
