"""What can go wrong with the merge of two files."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class AlreadyMerged(CaseError):
    """The two are one person already, or a merge of them waits."""

    sentence = _("These two files are joined already, or a supervisor is asked to agree.")


class KeptIsClosed(CaseError):
    """The duplicate would close, and no file of hers would be open."""

    field = "kept"
    sentence = _("The file that goes on is closed. Choose the open one, or keep both as they are.")


class MergeWouldEndAccess(CaseError):
    """Closing the duplicate would end access for good, which no way back restores."""

    field = "keeps_open"
    sentence = _(
        "Somebody outside works in the file that would close, or access to it waits for a second person. Keep both open."
    )


class NobodyToAgree(CaseError):
    """A restricted file, and no supervisor who may open both."""

    sentence = _(
        "One of the files is restricted, so a supervisor has to agree, and none may open both. Speak with a supervisor."
    )


class MergeIsOver(CaseError):
    """Decided or taken back meanwhile."""

    sentence = _("This was decided meanwhile. Look at the page again.")


class NotTheSecondPerson(CaseError):
    """Who proposed it, or somebody who does not supervise the restricted file."""

    sentence = _("Another person has to agree: a supervisor of the restricted file, who did not propose this.")


class MergeIsOld(CaseError):
    """The days of the way back are over (domain.md R23)."""

    sentence = _(
        "The 30 days in which this could be taken back are over. Both files are still whole: change by hand what needs it."
    )


class LaterMergeStands(CaseError):
    """A newer merge has moved the link on."""

    sentence = _("A newer merge rests on this one. Take the newer one back first.")
