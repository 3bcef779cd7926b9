"""What can go wrong with releases, and with what is given out on them, on a duty of law or on an order."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class OneOfSeveral(CaseError):
    """A situation with several sentences: ``what`` names the one to show, and so the field that it stands beside."""

    sentences: "dict[str, _StrPromise]" = {}

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)

    def __str__(self) -> str:
        return str(self.sentences[self.what])


class ReleaseHasEnded(CaseError):
    """A grant would rest on a release that no longer stands."""

    sentence = _("This release has ended. Record a new one with the survivor first.")


class ReleaseLacks(OneOfSeveral):
    """A release without what the law asks for. ``what`` names the part."""

    sentences = {
        "recipient_team": _("Within this house a release names a team of another programme. Choose one."),
        "purpose": _("Say for what the information is needed, in a few words."),
        "categories": _("Choose at least one category."),
        "narrow": _("A release never covers everything. Choose only what this purpose needs."),
        "purpose_narrow": _("“Everything” or “any purpose” is too wide. Say the one thing it is needed for."),
        "statements": _(
            "Discuss risks, say that help does not depend on it and that she can take it back; then tick all three."
        ),
        "guardian": _("Check first that the guardian is not involved in the abuse, and tick it."),
        "named": _("Ask her about this one by name, and tick it. If she says no, go back and leave it out."),
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


class SignerCannot(OneOfSeveral):
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


class ReleaseIsOver(CaseError):
    """It was taken back or renewed before."""

    sentence = _("This release was taken back or renewed before. Record a new one with her.")


class ReleaseEndsTooLate(CaseError):
    """Longer than its purpose allows."""

    field = "expires_on"
    sentence = _(
        "A release for this purpose may not run that long. Choose an earlier end; it can be renewed. A supervisor of the case "
        "may set a later one, within twelve months of the signature."
    )


class GuardianSignsUntilGrownUp(CaseError):
    """What a guardian signs ends before her eighteenth birthday (domain.md §8.5)."""

    field = "expires_on"
    sentence = _(
        "From her eighteenth birthday on she decides alone. Choose a last day before it; then she may sign a new one."
    )


class NotAJudge(CaseError):
    """A subpoena, a letter or an administrative paper opens nothing."""

    sentence = _(
        "This is not an order of a judge, so nothing is given out on it. Counsel answers it. Record the order as a process of "
        "its own if a judge makes one."
    )


class DisclosureLacks(OneOfSeveral):
    """A disclosure without what the law asks for. ``what`` names the part."""

    sentences = {
        "categories": _("Choose what was given, and only what the release, the law or the order names."),
        "everything": _("Nobody is given everything. Choose only what had to be given."),
        "minimised": _("Only the least that is needed may be given. Tick that you made sure of it."),
        "basis": _("Name the release, the report or the order it rests on."),
        "day": _("This day has not come yet. Check the year."),
        "learned_at": _("This moment is not on the day it was learned, or it has not come yet."),
        "withheld": _("At least one record, and the days begin before they end."),
        "told": _("Say how she was told, and what she wishes; or that she wishes nothing."),
    }

    @property
    def field(self) -> str:  # type: ignore[override]
        """Beside what was ticked, where a form asks for it."""
        fields = {"everything": "categories", "minimised": "is_minimised", "day": "given_on"}
        return fields.get(self.what, self.what)


class PutOffLacks(OneOfSeveral):
    """Telling her is put off without an authority or an end. ``what`` names the field."""

    sentences = {
        "authority": _("Say who forbids it: the court and its order, the statute, or the office and its letter."),
        "until": _("Choose a day after today, within a year. Then somebody looks at it again."),
    }

    @property
    def field(self) -> str:  # type: ignore[override]
        """Its sentence stands beside the field of that name."""
        return self.what


class WasTold(CaseError):
    """She knows of it already."""

    sentence = _("She has been told of it already, so it cannot be put off any more.")


class TellingIsPutOff(CaseError):
    """The law forbids telling her yet."""

    sentence = _(
        "The law does not let anybody tell her yet. The process says until when; ask counsel if she has to know sooner."
    )


class ProcessIsOver(CaseError):
    """It was noted as over before."""

    sentence = _("This process is over already. Record what comes next as one of its own.")


class TotalsLack(OneOfSeveral):
    """Totals without persons that are not yet that. ``what`` names the field."""

    sentences = {
        "recipient": _(
            "Write only the name of the organisation that got them. A number, an address or anything else that could point to "
            "a case or a person has no place here; what is about a person needs her release."
        ),
        "is_without_persons": _("Totals leave only without persons: make sure of it, and tick it."),
        "period_until": _("The time they are about ends after it begins."),
        "given_on": _("This day has not come yet. Check the year."),
    }

    @property
    def field(self) -> str:  # type: ignore[override]
        """Its sentence stands beside the field of that name."""
        return self.what
