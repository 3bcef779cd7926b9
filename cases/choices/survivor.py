"""Enumerations of what is recorded about the survivor."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NullFlavour(TextChoices):
    """Why a coded field holds no value (domain.md G3). "Not asked" is not "unknown"."""

    NOT_ASKED = "NOT_ASKED", _("Not asked")
    DECLINED = "DECLINED", _("Preferred not to say")
    UNKNOWN = "UNKNOWN", _("Does not know")
    NOT_APPLICABLE = "NOT_APPLICABLE", _("Does not apply")


class TriState(TextChoices):
    """Yes, no, or not known: a question that was not ticked is not a no (domain.md G3)."""

    YES = "YES", _("Yes")
    NO = "NO", _("No")
    UNKNOWN = "UNKNOWN", _("Not known")


class ConsentGiver(TextChoices):
    """Who answers for keeping her information. A minor assents herself besides (domain.md §8.5)."""

    HERSELF = "HERSELF", _("She herself")
    WITH_GUARDIAN = "WITH_GUARDIAN", _("She, and her parent or guardian")
    MINOR_ALONE = "MINOR_ALONE", _("She alone, though a minor: the law lets her")
    REPRESENTATIVE = "REPRESENTATIVE", _("Her legal representative")


#: Somebody else answers with her or for her, whose name stands on the record.
WITH_ANOTHER = (ConsentGiver.WITH_GUARDIAN, ConsentGiver.REPRESENTATIVE)


class ConsentState(TextChoices):
    """Consent to manage personal data (domain.md R1, R2)."""

    CONSENTED = "CONSENTED", _("Consented")
    DECLINED = "DECLINED", _("Declined")
    PENDING = "PENDING", _("Pending")


class ContactChannel(TextChoices):
    """How one may reach the survivor, if at all (domain.md §8.4)."""

    NONE = "NONE", _("Do not contact")
    PHONE = "PHONE", _("Phone call")
    SMS = "SMS", _("Text message")
    EMAIL = "EMAIL", _("E-mail")
    POST = "POST", _("Post")
    APP = "APP", _("Messaging app")
    IN_PERSON = "IN_PERSON", _("In person only")
    VIA_THIRD_PARTY = "VIA_THIRD_PARTY", _("Through another person")


class Weekday(TextChoices):
    """Days of a week, Monday first, as ``date.weekday`` counts them."""

    MON = "MON", _("Monday")
    TUE = "TUE", _("Tuesday")
    WED = "WED", _("Wednesday")
    THU = "THU", _("Thursday")
    FRI = "FRI", _("Friday")
    SAT = "SAT", _("Saturday")
    SUN = "SUN", _("Sunday")


class Obstacle(TextChoices):
    """What stands against reaching her now (domain.md §8.4). Each is a sentence for whoever has the phone in the hand."""

    NO_RULE = "NO_RULE", _("No safe way has been agreed with her yet.")
    DO_NOT_CONTACT = "DO_NOT_CONTACT", _("She does not want to be contacted.")
    OTHER_WAY = "OTHER_WAY", _("This is not the way that is safe for her.")
    OUTSIDE_HOURS = "OUTSIDE_HOURS", _("It is not one of the hours that are safe for her.")
    NOT_CHECKED = "NOT_CHECKED", _("The rule was not checked with her for more than 90 days.")
    PERSON_NO = "PERSON_NO", _("She does not want us to speak to this person.")
    PERSON_ASK = "PERSON_ASK", _("She wants to be asked first, each time.")
    PERSON_DANGER = "PERSON_DANGER", _("Speaking to this person could be dangerous.")


class ContactOutcome(TextChoices):
    """How an attempt to reach her went."""

    REACHED = "REACHED", _("Reached her")
    NO_ANSWER = "NO_ANSWER", _("No answer")
    MESSAGE_LEFT = "MESSAGE_LEFT", _("Left a message, as the rule allows")
    SENT = "SENT", _("Sent")
    SOMEBODY_ELSE = "SOMEBODY_ELSE", _("Somebody else answered; nothing was said")
    NOT_SAFE = "NOT_SAFE", _("It was not safe to talk")
    WRONG = "WRONG", _("This number or address is not hers any more")


#: What an attempt to reach one of her people is called instead.
OUTCOME_WITH_PERSON = {
    ContactOutcome.REACHED: _("Reached this person"),
    ContactOutcome.MESSAGE_LEFT: _("Left a message that tells nothing"),
    ContactOutcome.WRONG: _("This number or address is not theirs any more"),
}


def outcome_words(outcome: str, *, with_person: bool) -> str:
    """How an attempt went, in words."""
    one = ContactOutcome(outcome)
    return str(OUTCOME_WITH_PERSON.get(one, one.label) if with_person else one.label)


class Pronouns(TextChoices):
    """How she wants to be spoken of. Her own words stand beside the code."""

    SHE = "SHE", _("She, her")
    HE = "HE", _("He, him")
    THEY = "THEY", _("They, them")
    OWN = "OWN", _("Other words, see beside")


class Script(TextChoices):
    """Writings of the world by their code (ISO 15924), for a name as she writes it herself."""

    ARAB = "Arab", _("Arabic")
    ARMN = "Armn", _("Armenian")
    BENG = "Beng", _("Bengali")
    MYMR = "Mymr", _("Burmese")
    HANS = "Hans", _("Chinese, simplified")
    HANT = "Hant", _("Chinese, traditional")
    CYRL = "Cyrl", _("Cyrillic")
    DEVA = "Deva", _("Devanagari")
    ETHI = "Ethi", _("Ethiopic")
    GEOR = "Geor", _("Georgian")
    GREK = "Grek", _("Greek")
    GUJR = "Gujr", _("Gujarati")
    GURU = "Guru", _("Gurmukhi")
    HEBR = "Hebr", _("Hebrew")
    JPAN = "Jpan", _("Japanese")
    KHMR = "Khmr", _("Khmer")
    KORE = "Kore", _("Korean")
    LAOO = "Laoo", _("Lao")
    LATN = "Latn", _("Latin")
    SINH = "Sinh", _("Sinhala")
    SYRC = "Syrc", _("Syriac")
    TAML = "Taml", _("Tamil")
    TELU = "Telu", _("Telugu")
    THAA = "Thaa", _("Thaana")
    THAI = "Thai", _("Thai")
    TIBT = "Tibt", _("Tibetan")


class InterpreterNeed(TextChoices):
    """Whether talks need an interpreter (domain.md §8.6)."""

    YES = "YES", _("Yes, always")
    HARD_TALKS = "HARD_TALKS", _("For papers and hard talks")
    NO = "NO", _("No")


class InterpreterGender(TextChoices):
    """Whom she can speak before."""

    WOMAN = "WOMAN", _("A woman")
    MAN = "MAN", _("A man")
    ANY = "ANY", _("Does not matter to her")


class InterpreterWay(TextChoices):
    """Whether the interpreter may see her, and be seen."""

    REMOTE = "REMOTE", _("By telephone or screen only")
    IN_PERSON = "IN_PERSON", _("In the room only")
    ANY = "ANY", _("Does not matter to her")


class Reading(TextChoices):
    """How well she reads a language."""

    WELL = "WELL", _("Reads it well")
    LITTLE = "LITTLE", _("Reads a little")
    NOT = "NOT", _("Does not read it")


class GuardianCheck(TextChoices):
    """Whether her guardian was checked for a part in what happened (domain.md §8.5)."""

    NOT_YET = "NOT_YET", _("Not checked yet")
    CLEAR = "CLEAR", _("Checked: no part in what happened")
    INVOLVED = "INVOLVED", _("Had a part in it, or may have had")


class BestInterests(TextChoices):
    """How far the determination of her best interests is (domain.md §8.5)."""

    NOT_YET = "NOT_YET", _("Not begun")
    UNDER_WAY = "UNDER_WAY", _("Under way")
    DONE = "DONE", _("Done")
