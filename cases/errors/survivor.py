"""What can be wrong with what is recorded about the survivor."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class AboutFields(CaseError):
    """What is wrong with some fields of a record. ``what`` lists them, so that a form can say it beside each."""

    def __init__(self, what: list[str]) -> None:
        self.what = what
        super().__init__()


class ConsentLacks(AboutFields):
    """A consent without what makes it one (domain.md R2)."""

    sentence = _("Consent counts only when all seven points were told, with the day, the language and who asked.")


class DecisionLacks(AboutFields):
    """A trafficking status that somebody decided, without who and when (domain.md R5)."""

    sentence = _("Once the status is decided, say which kind of organisation decided, who, and on which day.")


class DecisionIsTheSupervisors(CaseError):
    """What this house finds by itself, one person answers for (domain.md R5)."""

    field = "vic_TraffickingStatusDecisionMakingOrg"
    sentence = _("What this organisation finds by itself is decided by the supervisor of the case. Ask her to decide.")


class AnswerImpossible(AboutFields):
    """An answer that cannot be true (domain.md R6)."""

    sentence = _("This answer cannot be right. Check it, or leave it open.")


class AddressIsConfidential(CaseError):
    """No address on the record of somebody who must not be found (domain.md R13)."""

    field = "value"
    sentence = _(
        "No address is kept on this record, because knowing it could be dangerous. Use the safe mailing address."
    )


class RuleNotRead(CaseError):
    """Her rule comes before every attempt to reach her (domain.md §8.4)."""

    field = "has_read"
    sentence = _("Read her rule first, and say that you did.")


class ContactNotNow(CaseError):
    """Her rule stands against this way, or this hour. ``against``: codes of ``Obstacle``."""

    field = "reason"
    sentence = _("Say why it cannot wait, or choose a way and an hour that are safe for her.")

    def __init__(self, against: list[Any]) -> None:
        super().__init__()
        self.against = against

    def __str__(self) -> str:
        return " ".join([*(str(one.label) for one in self.against), str(self.sentence)])


class ContactIsNoted(CaseError):
    """How it went was written down before."""

    sentence = _("How this went is written down already.")


class AlertIsCodedAlone(CaseError):
    """A word beside such an alert could shame her, or tell everybody on the case too much (domain.md §8.3)."""

    field = "words"
    sentence = _("This alert carries no words: its name says all that is needed. Leave the words empty.")


class AlertNotForEverybody(CaseError):
    """Few need to know it: it does not stand where everybody on the case reads it (domain.md §8.3)."""

    field = "section"
    sentence = _("Few need to know this. Choose who may see it; it is not for everybody on the case.")
