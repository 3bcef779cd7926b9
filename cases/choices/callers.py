"""Enumerations of who calls or comes to the door before there is a case: anonymous callers, and third parties who ask."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CallerNeed(TextChoices):
    """What an anonymous caller needs most. One code: the rest is in the words."""

    SAFETY_NOW = "SAFETY_NOW", _("Safety, now")
    PLACE_TO_STAY = "PLACE_TO_STAY", _("A place to stay")
    LEGAL_QUESTION = "LEGAL_QUESTION", _("A legal question")
    HEALTH = "HEALTH", _("Medical or emotional help")
    MONEY_OR_FOOD = "MONEY_OR_FOOD", _("Money, food or clothes")
    WORK_PROBLEM = "WORK_PROBLEM", _("Trouble at work")
    PAPERS = "PAPERS", _("Papers")
    SOMEBODY_TO_TALK = "SOMEBODY_TO_TALK", _("Somebody to talk to")
    INFORMATION = "INFORMATION", _("Information")
    OTHER = "OTHER", _("Something else")


class CallerOffer(TextChoices):
    """What a caller was offered."""

    LISTENED = "LISTENED", _("Listened")
    RIGHTS = "RIGHTS", _("Rights explained")
    SAFETY_TALK = "SAFETY_TALK", _("Talked about safety")
    EMERGENCY_NUMBER = "EMERGENCY_NUMBER", _("Emergency number")
    OTHER_SERVICE = "OTHER_SERVICE", _("Another service named")
    APPOINTMENT = "APPOINTMENT", _("A time to talk or come by")
    CALL_AGAIN = "CALL_AGAIN", _("To call again at any time")


class SafetyConcern(TextChoices):
    """Whether somebody may be in danger."""

    NO = "NO", _("No")
    YES = "YES", _("Yes")
    UNKNOWN = "UNKNOWN", _("Cannot say")


class CallerOutcome(TextChoices):
    """What came of a contact. ``INTAKE`` is said by nobody: it follows when the case opens."""

    OPEN = "OPEN", _("Open: may call again")
    HELPED = "HELPED", _("Helped with this contact")
    INTAKE = "INTAKE", _("Taken in")
    DECLINED = "DECLINED", _("We could not take this on")


class DeclineReason(TextChoices):
    """Why a request for help was declined. Never blames whoever asked."""

    NOT_TRAFFICKING = "NOT_TRAFFICKING", _("Another kind of harm, for which others are there")
    NO_PLACE = "NO_PLACE", _("No place free")
    OUT_OF_AREA = "OUT_OF_AREA", _("Outside the area we serve")
    NOT_OUR_HELP = "NOT_OUR_HELP", _("Help that we do not give")
    CONFLICT = "CONFLICT", _("Conflict of interest")
    WANTS_NO_MORE = "WANTS_NO_MORE", _("Wanted no more from us")
    OTHER = "OTHER", _("Another reason")


class InquirerKind(TextChoices):
    """Who asks whether somebody is here, as they said themselves."""

    POLICE = "POLICE", _("Police or another authority")
    FAMILY = "FAMILY", _("Family")
    FRIEND = "FRIEND", _("Somebody who says they are a friend")
    EMPLOYER = "EMPLOYER", _("Employer")
    MEDIA = "MEDIA", _("Journalist")
    AGENCY = "AGENCY", _("Another organisation")
    LAWYER = "LAWYER", _("Lawyer or court")
    UNKNOWN = "UNKNOWN", _("Did not say")


class InquiryWay(TextChoices):
    """How they asked."""

    PHONE = "PHONE", _("By telephone")
    DOOR = "DOOR", _("At the door")
    MAIL = "MAIL", _("By letter, e-mail or message")


class InquiryAnswer(TextChoices):
    """What they were told."""

    SCRIPT = "SCRIPT", _("The sentence above, and no more")
    COUNSEL = "COUNSEL", _("The sentence above, and referred to our counsel")
    OTHER = "OTHER", _("Something else")


class CountedKind(TextChoices):
    """What a monthly count is of. The code beside it is an outcome with its reason, or who asked."""

    CONTACT = "CONTACT", _("Anonymous contacts")
    INQUIRY = "INQUIRY", _("Inquiries by others")


#: A notice for supervisors: somebody who asked may mean danger. Never a word of it.
NOTICE_INQUIRY = "INQUIRY_SAFETY"
