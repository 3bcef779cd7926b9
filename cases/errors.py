"""What can go wrong in the case room: one class a situation, one sentence each. No sentence holds a value of a case."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _


class CaseError(Exception):
    """A situation that a person can do something about; ``str()`` is the sentence to show."""

    sentence = _("This did not work.")
    #: The field of a form beside which the sentence belongs; empty where it is about the whole.
    field = ""

    def __str__(self) -> str:
        return str(self.sentence)


class CaseIsClosed(CaseError):
    """A closed case is read, not written."""

    sentence = _("This case is closed, so nothing can be added to it. Reopen it first.")


class CaseAlreadyClosed(CaseError):
    """It was closed before."""

    sentence = _("This case is already closed.")


class CaseMustBeClosed(CaseError):
    """A case is erased as a whole only when it is over."""

    sentence = _("Close the case first: only a closed case can be erased as a whole.")


class CaseIsNotClosed(CaseError):
    """Only a closed case can be reopened."""

    sentence = _("This case is open already.")


class OpenServicesRemain(CaseError):
    """Services still run on it."""

    sentence = _("This case still has open services. End or hand over each of them first.")


class StaleVersion(CaseError):
    """Somebody saved the same record in between."""

    sentence = _("Somebody else saved this in the meantime. Their text is above; yours is kept below.")


class NotTheSecondPerson(CaseError):
    """Who gave an access, or gets it, is not the one who approves it; nor is anybody decided twice."""

    sentence = _("Another person must decide this: neither who proposed it nor who gets it, and only once.")


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

    sentence = _(
        "Haven does not keep files of this type. PDF, images, Word, Excel, plain text, video and sound are fine."
    )


class ReleaseLacks(CaseError):
    """A release without what the law asks for. ``what`` names the part, so that a form can say it beside the field."""

    sentences = {
        "purpose": _("Say for what the information is needed, in a few words."),
        "categories": _("Choose at least one category."),
        "narrow": _("A release never covers everything. Choose only what this purpose needs."),
        "purpose_narrow": _("“Everything” or “any purpose” is too wide. Say the one thing it is needed for."),
        "statements": _(
            "Discuss risks, say that help does not depend on it and that she can take it back; then tick all three."
        ),
        "guardian": _("Check first that the guardian is not involved in the abuse, and tick it."),
        "signed_on": _("The day of the signature lies in the future."),
        "expires_at": _("The end must lie after today."),
        "no_end": _("Choose the day on which it ends."),
        "authority": _("Name the law or the order by which she signs alone, or by which somebody signs for her."),
        "signer_name": _("Write the name of the person who signs with her or for her."),
        "signature": _("The signature is missing. Let her sign on the screen, or add a photo of the signed paper."),
        "guardian_signature": _("The signature of the parent, guardian or representative is missing."),
        "kept_where": _("Say where the signed paper is kept."),
        "reason": _("A longer time than usual needs the reason, in a few words."),
    }

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)

    def __str__(self) -> str:
        return str(self.sentences[self.what])


class SignerCannot(CaseError):
    """Nobody who was named can sign this release. ``what`` names why, for the sentence."""

    field = "signer"
    sentences = {
        "DECEASED": _(
            "Nobody can sign for a person who has died, so nothing is released. Ask counsel what the law allows, and record "
            "a court order if there is one."
        ),
        "GUARDIAN_REFUSED": _(
            "Without her parent's or guardian's signature nothing is released, unless she may sign alone by law. Ask counsel, "
            "and go on with the help that needs no release."
        ),
        "MINOR": _("By her record she is under 18. Choose who signs with her, or on what law she signs alone."),
        "ABUSER": _(
            "The card says that there must be no contact with her guardian, so this guardian cannot sign. Ask counsel who can."
        ),
        "OF_AGE": _("By her record she is of age: she signs herself. Choose “The survivor, who is of age”."),
    }

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)

    def __str__(self) -> str:
        return str(self.sentences[self.what])


class ReleaseIsOver(CaseError):
    """It was taken back or renewed before."""

    sentence = _("This release was taken back or renewed before. Record a new one with her.")


class NotAJudge(CaseError):
    """A subpoena, a letter or an administrative paper opens nothing."""

    sentence = _(
        "This is not an order of a judge, so nothing is given out on it. Counsel answers it. Record the order as a process of "
        "its own if a judge makes one."
    )


class DisclosureLacks(CaseError):
    """A disclosure without what the law asks for. ``what`` names the part."""

    sentences = {
        "categories": _("Choose what was given, and only what the release, the law or the order names."),
        "everything": _("Nobody is given everything. Choose only what had to be given."),
        "minimised": _("Only the least that is needed may be given. Tick that you made sure of it."),
        "basis": _("Name the release, the report or the order it rests on."),
        "day": _("This day has not come yet. Check the year."),
    }

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)

    def __str__(self) -> str:
        return str(self.sentences[self.what])


class ReleaseEndsTooLate(CaseError):
    """Longer than its purpose allows."""

    field = "expires_on"
    sentence = _(
        "A release for this purpose may not run that long. Choose an earlier end; it can be renewed. A supervisor of the case "
        "may set a later one, within twelve months of the signature."
    )


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
    """An image or a video that cannot be read to its end."""

    sentence = _("This file is damaged and cannot be read. Open it, save it again, then choose it again.")


class FileCannotBeRead(CaseError):
    """A stored file that was changed, cut or lost outside Haven."""

    sentence = _("This file cannot be read: it was changed or damaged outside Haven. Nothing of it was sent to you.")


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


class RangeOutside(CaseError):
    """Bytes that a file does not have; ``size`` is what it has."""

    sentence = _("The file has no such part.")

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


class DocumentIsQuarantined(CaseError):
    """A suspected child image: nobody opens it."""

    sentence = _("This file is in quarantine. Nobody can open, copy or download it.")


class KeysWereRenewed(CaseError):
    """The case got new keys while a file was being sealed by the old ones."""

    sentence = _("The keys of this case were renewed in this very moment. Please send the file again.")


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


class PartIsErased(CaseError):
    """A part of a case whose content was erased by order: it is neither read nor written any more."""

    sentence = _("The content of this part was erased by order. It cannot come back, and nothing can be added to it.")

    def __init__(self, case: Any, section: str) -> None:
        self.case, self.section = case, section
        super().__init__(section)


class DutiesMustStay(CaseError):
    """Consents, releases and the accounting of disclosures are kept for years. ``until``: the first day without them."""

    field = "classes"

    def __init__(self, until: date) -> None:
        self.until = until
        super().__init__(until)

    def __str__(self) -> str:
        return _(
            "The records of what she agreed to and of what was disclosed must be kept. So the legal part, and the case "
            "as a whole, can be erased from %(day)s on, or by order of a court or an authority. Choose the other parts."
        ) % {"day": date_format(self.until, "DATE_FORMAT")}


class HoldStands(CaseError):
    """A legal hold, or a reason that holds by itself, stands against an erasure. ``reasons`` says which, in words."""

    sentence = _("This cannot be erased now, because it must be preserved: %(reasons)s. End that first.")

    def __init__(self, reasons: list[str], kinds: list[str]) -> None:
        self.reasons, self.kinds = reasons, kinds
        super().__init__(", ".join(kinds))

    def __str__(self) -> str:
        return str(self.sentence) % {"reasons": ", ".join(self.reasons)}


class ErasureIsOpen(CaseError):
    """One order at a time."""

    sentence = _("An erasure of this case is under way already. Finish or stop it first.")


class NothingToErase(CaseError):
    """All of it was erased before, or nothing was chosen."""

    sentence = _("This was erased before. Choose a part that still has content.")


class ErasureIsOver(CaseError):
    """Too late to approve, to check or to stop."""

    sentence = _("This order is not open for that any more.")


class NotTheSamePerson(CaseError):
    """Whoever asked or approved already."""

    sentence = _("Two others must approve: not who asked, and each person only once.")


class CheckNeedsHer(CaseError):
    """The ground is her own wish, so she must be asked."""

    sentence = _("This order rests on her wish, so it needs a talk with her alone. If that cannot be, stop the order.")


class HoldIsLifted(CaseError):
    """Lifted before."""

    sentence = _("This hold was lifted already.")


class DayHasPassed(CaseError):
    """A date that must lie ahead."""

    sentence = _("Choose a day after today.")


class OtherSideOfTheWall(CaseError):
    """Casework, clinic and counsel keep apart on one case: one person is never on two sides (domain.md §2.8)."""

    sentence = _(
        "This person already works on this case on another side (casework, clinic or counsel). These sides stay apart, so "
        "choose somebody else, or end the other access first."
    )


class NotForThisTeam(CaseError):
    """A kind of access for a team of another discipline."""

    sentence = _("This team does other work, so it cannot hold this kind of access. Choose another team.")


class LocationNeedsSupervisor(CaseError):
    """Where she stays is given by somebody who answers for it."""

    sentence = _("Only a supervisor, or somebody who knows where she stays, may let others know it.")


class NothingFoundInEmergency(CaseError):
    """No case of this number or person, or none that this person may open: both read the same."""

    sentence = _("Nothing could be opened with this. Check every sign of it, or call your supervisor.")


class TooManyEmergencyTries(CaseError):
    """Names and numbers were tried too often. A case number is still taken: an emergency is never blocked."""

    sentence = _(
        "You have tried several names within an hour. Use the case number, or call your supervisor: they can find the case."
    )


class ReasonTooShort(CaseError):
    """Twenty signs are little for what happened, and enough to look at it again."""

    field = "reason"
    sentence = _("Say in a sentence why you need it now: at least 20 characters.")


class EmergencyIsReviewed(CaseError):
    """Somebody was quicker."""

    sentence = _("This emergency access has been reviewed already.")


class NotOwnEmergency(CaseError):
    """Whoever took it cannot review it."""

    sentence = _("Another person must review this: you took this access yourself.")


class NobodyOfTheDiscipline(CaseError):
    """A colleague who does other work, or may hold none of it."""

    field = "colleague"
    sentence = _("This colleague does other work and cannot stand in for you. Choose somebody of your own discipline.")


class StandsInTooLong(CaseError):
    """More than thirty days, or not a moment ahead."""

    field = "until"
    sentence = _(
        "Somebody can stand in for you for at most 30 days. Choose an earlier day; a longer leave needs a new lead."
    )


class NothingToDelegate(CaseError):
    """No open case that one holds by name."""

    field = "cases"
    sentence = _("There is no open case that you could hand to this colleague.")


class TooManyToDelegate(CaseError):
    """More cases than one act may lend."""

    field = "cases"
    sentence = _(
        "These are too many cases for one colleague at once. Choose some of them, and another colleague for the rest."
    )


class ShiftIsOdd(CaseError):
    """A turn that ends before it begins, lies in the past, or is longer than a week."""

    field = "ends_at"
    sentence = _("A shift ends after it begins and after now, and lasts at most 7 days.")


class NotForTheRota(CaseError):
    """Somebody who cannot be on duty for this team."""

    field = "person"
    sentence = _("This person cannot be on duty here: their role or organisation does not fit.")


class NobodyOnDuty(CaseError):
    """Nobody to wake."""

    sentence = _("Nobody is on duty for this team now. Call the supervisor.")


class AppointmentIsOdd(CaseError):
    """An appointment that is over, or lasts longer than half a day."""

    field = "ends_at"
    sentence = _("An appointment ends after it begins, is not over yet, and lasts at most 12 hours.")


class NotOfThisPartner(CaseError):
    """A release for one organisation, and a person of another."""

    field = "person"
    sentence = _("This release is for another organisation or person. Choose somebody it names.")


class NothingForThePartner(CaseError):
    """What the release names may never go to a partner."""

    field = "release"
    sentence = _("This release names nothing that a partner may open here.")


class ReviewIsOpen(CaseError):
    """One review of a team at a time."""

    field = "team"
    sentence = _("A review of this team is under way. It must end before the next one begins.")


class NothingToReview(CaseError):
    """A team without cases to which anybody has access."""

    field = "team"
    sentence = _("Nobody has access to a case of this team, so there is nothing to look at.")


class ReviewIsOver(CaseError):
    """Its time is over, or everything was decided."""

    sentence = _("This review is over. You can still end an access on the Sharing page of its case.")


class OwnAccess(CaseError):
    """Nobody decides on her own access."""

    sentence = _("This is your own access. The director decides on it.")


class AlreadyDecided(CaseError):
    """Somebody was faster."""

    sentence = _("Somebody has decided on this access already.")


class AccessIsOver(CaseError):
    """It ended by itself since the list was made."""

    sentence = _("This access has ended in the meantime. There is nothing left to decide.")


class EndIsNotEarlier(CaseError):
    """Shortening means an earlier end, and one to come."""

    field = "until"
    sentence = _("Choose a day to come on which it would not have ended anyway.")


class ChangedMeanwhile(CaseError):
    """What a page showed before an act is not what the act would do any more."""

    sentence = _("Something changed in the meantime. Look at the page again, then do it once more.")


class NoSuchTeamOfHers(CaseError):
    """Moving away from a team one does not belong to, or to the same team, or to another organisation's."""

    sentence = _("Choose a team this person belongs to, and another team of the same organisation.")


class CannotLead(CaseError):
    """A new lead who cannot open the case, or may not be given it."""

    sentence = _("This person cannot lead this case. Choose a caseworker of the house, or lead it yourself.")
    field = "person"


class CannotSupervise(CaseError):
    """A new supervisor of a team who is none."""

    sentence = _("Choose somebody who supervises this team. The administrator proposes supervisors of a team.")
    field = "person"
