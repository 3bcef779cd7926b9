"""What can go wrong with a file, from the moment it is sent until it is read again."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class FileTooLarge(CaseError):
    """Over the limit."""

    sentence = _("This file is larger than the limit. Nothing was stored.")


class FileTypeRefused(CaseError):
    """Not a type that Haven keeps."""

    sentence = _(
        "Haven does not keep files of this type. PDF, images, Word, Excel, plain text, video and sound are fine."
    )


class FileIsEmpty(CaseError):
    """Nothing in it."""

    sentence = _("This file is empty. Check that it was saved, then choose it again.")


class FileIsProtected(CaseError):
    """A password keeps Haven from seeing what it is."""

    sentence = _("This file is protected with a password. Save a copy without it: Haven encrypts every file it keeps.")


class FileIsOldFormat(CaseError):
    """A Word or Excel file of before 2007, whose macros nobody can see from outside."""

    sentence = _("This is an old Word or Excel format. Save it as .docx, .xlsx or PDF, then choose it again.")


class FileHoldsProgram(CaseError):
    """An office file with macros."""

    sentence = _("This file holds a program (macros). Save it without macros, or as PDF, then choose it again.")


class FileIsDamaged(CaseError):
    """An image or a video that cannot be read to its end."""

    sentence = _("This file is damaged and cannot be read. Open it, save it again, then choose it again.")


class ImageTooLarge(CaseError):
    """An image that is too large to be cleaned of hidden details."""

    sentence = _(
        "This image is too large for hidden details (place, time, camera) to be taken out. Save it smaller, then choose "
        "it again."
    )


class NotARecording(CaseError):
    """Kept as a video, but it is none."""

    sentence = _("This file is no video and no sound recording. Choose another kind for it.")


class NoRoomForFile(CaseError):
    """The disk is full."""

    sentence = _(
        "The server has no room for this file. Nothing was stored. Ask the person who looks after Haven to make room, "
        "then try again."
    )


class FileIsInfected(CaseError):
    """The scanner found something."""

    sentence = _("The virus scanner found something harmful in this file. It was not stored. Do not open it.")


class ScannerUnavailable(CaseError):
    """Files are to be scanned, and the scanner does not answer."""

    sentence = _("The virus scanner does not answer, so this file was not stored. Try again in a few minutes.")


class TooLargeForScanner(CaseError):
    """The scanner takes no file of this size."""

    sentence = _(
        "The virus scanner does not take files of this size, so this file was not stored. Ask the person who looks after "
        "Haven."
    )


class KeysWereRenewed(CaseError):
    """The case got new keys while a file was being sealed by the old ones."""

    sentence = _("The keys of this case were renewed in this very moment. Please send the file again.")


class SectionNotForDocument(CaseError):
    """A kind of document in a section where it does not belong."""

    sentence = _("A document of this kind cannot be kept in that part of the case. Choose another part.")


class FileCannotBeRead(CaseError):
    """A stored file that was changed, cut or lost outside Haven."""

    sentence = _("This file cannot be read: it was changed or damaged outside Haven. Nothing of it was sent to you.")


class RangeOutside(CaseError):
    """Bytes that a file does not have; ``size`` is what it has."""

    sentence = _("The file has no such part.")

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


class DocumentIsQuarantined(CaseError):
    """A suspected child image: nobody opens it."""

    sentence = _("This file is in quarantine. Nobody can open, copy or download it.")


class DocumentIsWithdrawn(CaseError):
    """Withdrawn before."""

    sentence = _("This document was withdrawn. It is kept, but not handed out any more.")


class FileIsErased(CaseError):
    """Its key is gone."""

    sentence = _("The content of this file was erased and cannot come back.")


class NotTheNewestVersion(CaseError):
    """A newer version of a document that has one already: two people renewed it at once, or the page is old."""

    sentence = _("There is a newer version of this document already. Add yours to that one.")


class VersionTakesNoFile(CaseError):
    """A newer version of what was withdrawn."""

    sentence = _(
        "This document was withdrawn, so no newer version can be added to it. Keep the file as a new document."
    )


class CannotBeKept(CaseError):
    """One of several files that its field refused already; ``words`` say why."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def __str__(self) -> str:
        return self.words
