"""Why an access cannot be given, to whom or by whom."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NotTheSecondPerson(CaseError):
    """Who gave an access, or gets it, is not the one who approves it; nor is anybody decided twice."""

    sentence = _("Another person must decide this: neither who proposed it nor who gets it, and only once.")


class NotForThisRole(CaseError):
    """A grant of a kind that the person's role may not hold."""

    sentence = _("This person's role cannot hold this kind of access.")


class NotToOneself(CaseError):
    """Nobody gives access to herself."""

    sentence = _("You cannot give access to yourself. Ask the lead or the supervisor of the team.")


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


class NeedsReleaseAcross(CaseError):
    """Access across programmes of one house without her release to that programme (28 CFR 90.4)."""

    field = "release"
    sentence = _(
        "This person or team works in another programme, and this house keeps its programmes apart. Record her release to that "
        "programme first; then give the access on the Sharing tab and choose that release."
    )


class NothingNamedAcross(CaseError):
    """A release to another programme that names nothing of what this kind of access opens."""

    field = "release"
    sentence = _(
        "This release names nothing that this kind of access opens. Choose another kind, or record a new release."
    )


class NotOfThisPartner(CaseError):
    """A release for one organisation, and a person of another."""

    field = "person"
    sentence = _("This release is for another organisation or person. Choose somebody it names.")


class NothingForThePartner(CaseError):
    """What the release names may never go to a partner."""

    field = "release"
    sentence = _("This release names nothing that a partner may open here.")


class NothingIsTransferred(CaseError):
    """Nobody of a partner has taken the work over yet."""

    sentence = _(
        "Nobody of a partner has this case as a transfer. Give the access first, and wait until a second person has approved "
        "what needs it."
    )


class NotTheSupervisor(CaseError):
    """The record stays with a supervisor of the case, and only she may close it so."""

    sentence = _("Only a supervisor of this case closes it after a transfer: the record stays with her alone.")
