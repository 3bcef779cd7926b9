"""What a machine checks of a release, and what people say of the redacted sheets of a sample."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Attribute(TextChoices):
    """The attributes of a valid release (ledger.md §6; 28 CFR 94.115(b), 34 USC 12291(b)(2)), in the order of a form."""

    WRITTEN = "WRITTEN", _("Written and signed")
    RECIPIENT = "RECIPIENT", _("One recipient")
    PURPOSE = "PURPOSE", _("One narrow purpose")
    SCOPE = "SCOPE", _("Named categories")
    END = "END", _("An end in time")
    INFORMED = "INFORMED", _("Explained before it was signed")
    SIGNERS = "SIGNERS", _("Signed by whom the rule names")
    GUARDIAN = "GUARDIAN", _("No abuser signed for her")
    FILE = "FILE", _("The signed paper is unchanged")
    ENDED = "ENDED", _("Opens nothing after its end")


#: What can only be checked with the case's keys. Once these are destroyed, nobody can say it any more.
SEALED_ATTRIBUTES = frozenset(Attribute) - {Attribute.RECIPIENT, Attribute.END, Attribute.ENDED}

#: What is wrong, for whoever can mend it.
WRONG = {
    Attribute.WRITTEN: _(
        "It is not on file in writing: a signature, or the place where the signed paper lies, is missing."
    ),
    Attribute.RECIPIENT: _("It does not name one recipient outside this house, or a team of another programme."),
    Attribute.PURPOSE: _("Its purpose is missing, or so wide that it means everything."),
    Attribute.SCOPE: _("It names no category, or everything, or lacks her yes by name where a law asks for it."),
    Attribute.END: _("It ends later than its purpose allows, and no supervisor gave a reason for it."),
    Attribute.INFORMED: _("It does not say that risks, her right to take it back and free help were explained to her."),
    Attribute.SIGNERS: _(
        "The wrong person signed, or somebody who had to sign did not. Look at her age and who stands for her."
    ),
    Attribute.GUARDIAN: _("Somebody signed for her of whom abuse was not ruled out."),
    Attribute.FILE: _("A stored signature is not, byte for byte, what was stored, or cannot be opened."),
    Attribute.ENDED: _("It is over, and an access that rests on it still opens something. Tell the administrator."),
}


class SheetFinding(TextChoices):
    """What a member of staff says of one redacted sheet."""

    CLEAR = "CLEAR", _("Nothing in it points to anybody: it may be shown")
    LEFT_OUT = "LEFT_OUT", _("It could point to somebody: leave it out")


class WhyWithdrawn(TextChoices):
    """Why a sample is not shown any more, or never was."""

    IDENTIFYING = "IDENTIFYING", _("Something in it could point to somebody")
    MISTAKE = "MISTAKE", _("It was drawn by mistake")
    DONE = "DONE", _("The auditors have finished with it")


class ReleaseState(TextChoices):
    """How a release stood when a sheet of it was made."""

    IN_FORCE = "IN_FORCE", _("In force")
    OVER = "OVER", _("Over")
    WITHDRAWN = "WITHDRAWN", _("Taken back")
    RENEWED = "RENEWED", _("Renewed")


class Verdict(TextChoices):
    """What a sheet says of one attribute."""

    HOLDS = "HOLDS", _("Holds")
    FAILS = "FAILS", _("Fails")
    ERASED = "ERASED", _("Erased, cannot be checked")
    NOT_YET = "NOT_YET", _("Not checked yet")
