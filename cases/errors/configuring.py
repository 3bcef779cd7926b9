"""What stands against a row of a code list, or a text of the house."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class ListIsClosed(CaseError):
    """A list of which every code has a meaning in rules."""

    sentence = _("No answers of your own can be added to this list: rules go by its answers.")


class CodeIsTaken(CaseError):
    """The list has this code."""

    sentence = _("This list has an answer with this code already. Choose another code.")
    field = "code"


class CodeIsMalformed(CaseError):
    """Codes go into files of other systems."""

    sentence = _("Write the code in capital letters, digits and underscores, at most 24, beginning with a letter.")
    field = "code"


class RulesNeedIt(CaseError):
    """A code that a rule asks for."""

    sentence = _(
        "Rules of Haven ask for this answer. It can be called something else, but it cannot be ended or put off."
    )
    field = "active_to"


class EndsBeforeItBegins(CaseError):
    """Dates the wrong way round."""

    sentence = _("The last day is before the first one. Check both.")
    field = "active_to"


class LabelIsMissing(CaseError):
    """An own row has no shipped words."""

    sentence = _("Write the words of this answer.")
    field = "label"


class PlaceIsUnknown(CaseError):
    """A text names a place that nothing fills."""

    sentence = _("A place in this text cannot be filled.")
    field = "body"

    def __init__(self, line: int, place: str) -> None:
        self.line, self.place = line, place
        super().__init__(line, place)

    def __str__(self) -> str:
        words = _("Line %(line)s: “%(place)s” is no place that can be filled. Choose one of the list, or leave it out.")
        return str(words) % {"line": self.line, "place": self.place[:40]}


class NoteHasNoPlaces(CaseError):
    """Words to begin a note with are given before any case is read."""

    sentence = _("Words for a note have no places to fill. Write them without braces.")
    field = "body"


class TextPointsToSomebody(CaseError):
    """Texts of the house are kept unsealed, because no case stands in them."""

    sentence = _(
        "This text holds a number that belongs to one person or case. Put a place there instead: a case fills it later."
    )
    field = "body"


class LabelPointsToSomebody(TextPointsToSomebody):
    """The same in the words of an answer."""

    sentence = _("These words hold a number that belongs to one person or case. Leave it out.")
    field = "label"


class TextExists(CaseError):
    """There is one such text already."""

    sentence = _("There is a text for this in this language already. Change that one.")
    field = "language"


class TextIsOver(CaseError):
    """It was ended meanwhile."""

    sentence = _("This text is not offered any more.")


class TextChangedMeanwhile(CaseError):
    """Somebody else saved another wording."""

    sentence = _("Somebody changed this text meanwhile. Look at it again.")
