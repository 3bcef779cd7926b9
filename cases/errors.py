"""What can go wrong in the case room: one class a situation, one sentence each. No sentence holds a value of a case."""

from django.utils.translation import gettext_lazy as _


class CaseError(Exception):
    """A situation that a person can do something about; ``str()`` is the sentence to show."""

    sentence = _("This did not work.")

    def __str__(self) -> str:
        return str(self.sentence)


class CaseIsClosed(CaseError):
    """A closed case is read, not written."""

    sentence = _("This case is closed, so nothing can be added to it. Reopen it first.")


class CaseAlreadyClosed(CaseError):
    """It was closed before."""

    sentence = _("This case is already closed.")


class CaseIsNotClosed(CaseError):
    """Only a closed case can be reopened."""

    sentence = _("This case is open already.")


class OpenServicesRemain(CaseError):
    """Services still run on it."""

    sentence = _("This case still has open services. End or hand over each of them first.")


class StaleVersion(CaseError):
    """Somebody saved the same record in between."""

    sentence = _("Somebody else saved this in the meantime. Their text is above; yours is kept below.")


class TwoPeopleNeeded(CaseError):
    """The rule of two persons applies, and is not there yet."""

    sentence = _("These categories need a second person to approve them, which is not possible yet. Leave them out.")


class ReleaseHasEnded(CaseError):
    """A grant would rest on a release that no longer stands."""

    sentence = _("This release has ended. Record a new one with the survivor first.")


class NotForThisRole(CaseError):
    """A grant of a kind that the person's role may not hold."""

    sentence = _("This person's role cannot hold this kind of access.")


class NotToOneself(CaseError):
    """Nobody gives access to herself."""

    sentence = _("You cannot give access to yourself. Ask the lead or the supervisor of the team.")


class FileTooLarge(CaseError):
    """Over the limit."""

    sentence = _("This file is larger than the limit. Nothing was stored.")


class FileTypeRefused(CaseError):
    """Not a type that Haven keeps."""

    sentence = _("Haven does not keep files of this type. PDF, images, Word, Excel and plain text are fine.")


class ReleaseLacks(CaseError):
    """A release without what the law asks for. ``what`` names the part, so that a form can say it beside the field."""

    sentences = {
        "purpose": _("Say for what the information is needed, in a few words."),
        "categories": _("Choose at least one category."),
        "narrow": _("A release never covers everything. Choose only what this purpose needs."),
        "statements": _(
            "Discuss risks, say that help does not depend on it and that she can take it back; then tick all three."
        ),
        "guardian": _("Check first that the guardian is not involved in the abuse, and tick it."),
        "signed_on": _("The day of the signature lies in the future."),
        "expires_at": _("The end must lie after today."),
    }

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)

    def __str__(self) -> str:
        return str(self.sentences[self.what])


class ReleaseEndsTooLate(CaseError):
    """Longer than its purpose allows."""

    sentence = _("A release for this purpose may not run that long. Choose an earlier end; it can be renewed.")


class MinorsNeedTwo(CaseError):
    """Every section of a minor leaves the organisation with two people only."""

    sentence = _("For a minor, a second person must approve what leaves the organisation, which is not possible yet.")


class ClosedBeforeOpened(CaseError):
    """A closing date before the case began."""

    sentence = _("The case was opened after this day. Choose a later one.")


class DayHasNotCome(CaseError):
    """A date in the future for something that has happened."""

    sentence = _("This day has not come yet. Check the year.")


class NotOnThisPart(CaseError):
    """A task for somebody who could not see it."""

    sentence = _("This person cannot work on this part of the case. Choose somebody else, or give access first.")


class DraftTooLong(CaseError):
    """More text than a draft keeps."""

    sentence = _("This text is too long to be kept as a draft. Save it in two parts.")


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
    """An image that cannot be read to its end."""

    sentence = _("This image is damaged and cannot be read. Open it, save it again, then choose it again.")


class FileCannotBeRead(CaseError):
    """A stored file that was changed, cut or lost outside Haven."""

    sentence = _("This file cannot be read: it was changed or damaged outside Haven. Nothing of it was sent to you.")


class FileIsErased(CaseError):
    """Its key is gone."""

    sentence = _("The content of this file was erased and cannot come back.")


class DocumentIsWithdrawn(CaseError):
    """Withdrawn before."""

    sentence = _("This document was withdrawn. It is kept, but not handed out any more.")


class SectionNotForDocument(CaseError):
    """A kind of document in a section where it does not belong."""

    sentence = _("A document of this kind cannot be kept in that part of the case. Choose another part.")


class ConsentLacks(CaseError):
    """A consent without what makes it one (domain.md R2). ``what`` lists the fields that are missing."""

    sentence = _("Consent counts only when all seven points were told, with the day, the language and who asked.")

    def __init__(self, what: list[str]) -> None:
        self.what = what
        super().__init__()


class DecisionLacks(CaseError):
    """A trafficking status that somebody decided, without who and when (domain.md R5). ``what`` lists the fields."""

    sentence = _("Once the status is decided, say which kind of organisation decided, who, and on which day.")

    def __init__(self, what: list[str]) -> None:
        self.what = what
        super().__init__()


class AnswerImpossible(CaseError):
    """An answer that cannot be true (domain.md R6). ``what`` names the field."""

    sentence = _("This answer cannot be right. Check it, or leave it open.")

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__()


class AddressIsConfidential(CaseError):
    """No address on the record of somebody who must not be found (domain.md R13)."""

    sentence = _(
        "No address is kept on this record, because knowing it could be dangerous. Use the safe mailing address."
    )


class ImportIsBusy(CaseError):
    """A batch that a job works on is left alone until it is done."""

    sentence = _("This sheet is being worked on. Wait until it is done, then try again.")


class ImportIsOver(CaseError):
    """Nothing of the batch is left to decide."""

    sentence = _("This import is over: its rows were taken or thrown away.")


class NothingReleased(CaseError):
    """An export of which no row may leave."""

    sentence = _("No row may go to this recipient for this purpose: no release in force names them.")
