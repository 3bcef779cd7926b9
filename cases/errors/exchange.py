"""What can go wrong when sheets of cases are read in or written out."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class ImportIsBusy(CaseError):
    """A batch that a job works on is left alone until it is done."""

    sentence = _("This sheet is being worked on. Wait until it is done, then try again.")


class ImportIsOver(CaseError):
    """Nothing of the batch is left to decide."""

    sentence = _("This import is over: its rows were taken or thrown away.")


class ColumnsAreOpen(CaseError):
    """Nobody has said yet what the columns of the sheet are."""

    sentence = _("Say first what the columns of this sheet are. Then its rows are read.")


class UndoIsTooLate(CaseError):
    """The days in which an import can be undone are over, or there is nothing to undo."""

    sentence = _("This import cannot be undone any more. Cases that should not be here can be closed one by one.")


class NothingToShare(CaseError):
    """Nobody chose columns for this sheet."""

    sentence = _("There is no choice of columns to share: Haven understood this sheet by itself.")


class TooManyMappings(CaseError):
    """A team has as many shared choices as it may have."""

    sentence = _("This team has 40 shared choices already. Take one back that nobody needs, then share this one.")


class NothingReleased(CaseError):
    """An export of which no row may leave."""

    sentence = _("No row may go to this recipient for this purpose: no release in force names them.")
