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
        "statements": _("Discuss risks, say that help does not depend on it and that she can take it back; then tick all three."),
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
