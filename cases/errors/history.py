"""What stands against bringing a former value back, or against removing what was written into the wrong record."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NothingToRestore(CaseError):
    """What stood there stands there now."""

    sentence = _("Nothing to bring back: this is what stands there now.")
    field = "chosen"


class FormerValueIsGone(CaseError):
    """It was erased, removed, or cannot be read any more."""

    sentence = _("What stood there was erased or removed, so it cannot be brought back.")
    field = "chosen"


class NothingToRemove(CaseError):
    """This version wrote nothing that can be removed, or it was removed before."""

    sentence = _("There is nothing in this version that can be removed.")


class CorrectionIsOpen(CaseError):
    """Somebody asked for it before, and nobody has decided yet."""

    sentence = _("Somebody has asked for this already. A second person decides.")


class CorrectionIsOver(CaseError):
    """Somebody decided on it before."""

    sentence = _("This was decided already.")
