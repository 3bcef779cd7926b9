"""What a note says of itself besides its text: its type, who was there, and what that may mean in law."""

from collections.abc import Collection

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.choices.casework import PrivilegeClass


class NoteType(TextChoices):
    """What kind of contact or work a note tells of. Sealed: a visit to a clinic says something of her."""

    CONTACT = "CONTACT", _("Call or message")
    MEETING = "MEETING", _("Meeting with her")
    VISIT = "VISIT", _("Visit")
    ACCOMPANIED = "ACCOMPANIED", _("Went with her")
    THIRD_PARTY = "THIRD_PARTY", _("Talk with another office or person")
    NO_CONTACT = "NO_CONTACT", _("Tried to reach her")
    REVIEW = "REVIEW", _("Review of the work")
    INTERNAL = "INTERNAL", _("Note for colleagues")
    #: Has a page of its own (``cases.actions.conferences``).
    CASE_CONFERENCE = "CASE_CONFERENCE", _("Case conference")


#: What one chooses for a note; a conference is written on its own page.
WRITTEN_TYPES = tuple(one for one in NoteType if one != NoteType.CASE_CONFERENCE)


class Present(TextChoices):
    """Who was in the room or on the line, by role: no name, so that nobody is listed who never agreed to it."""

    SURVIVOR = "SURVIVOR", _("The survivor")
    ATTORNEY = "ATTORNEY", _("Her attorney, or staff of the attorney")
    CASEWORKER = "CASEWORKER", _("Caseworker or advocate")
    CLINICIAN = "CLINICIAN", _("Clinician")
    INTERPRETER = "INTERPRETER", _("Interpreter")
    RELATIVE = "RELATIVE", _("Relative")
    SUPPORT_PERSON = "SUPPORT_PERSON", _("Friend or support person")
    SHELTER_STAFF = "SHELTER_STAFF", _("Staff of the house where she lives")
    OFFICIAL = "OFFICIAL", _("Police, court or another authority")
    PARTNER = "PARTNER", _("Staff of a partner organisation")


_WITH_COUNSEL = frozenset({Present.SURVIVOR, Present.ATTORNEY, Present.INTERPRETER})
_WITH_CLINICIAN = frozenset({Present.SURVIVOR, Present.CLINICIAN, Present.INTERPRETER})
_WITH_ADVOCATE = frozenset({Present.SURVIVOR, Present.CASEWORKER, Present.INTERPRETER})
#: Whose presence leaves the privilege of a talk whole (domain.md §2.8): she, the one whom the privilege is about, and the
#: interpreter without whom they could not speak. Classes that are not here are confidential, but carry no such privilege.
COVERED: dict[str, frozenset[Present]] = {
    PrivilegeClass.ATTORNEY_CLIENT: _WITH_COUNSEL,
    PrivilegeClass.ATTORNEY_WORK_PRODUCT: _WITH_COUNSEL,
    PrivilegeClass.PSYCHOTHERAPY: _WITH_CLINICIAN,
    PrivilegeClass.MEDICAL: _WITH_CLINICIAN,
    PrivilegeClass.ADVOCATE_CONFIDENTIAL: _WITH_ADVOCATE,
}
#: The label of a note whose privilege a third person's presence may have waived (domain.md §2.8, 5).
POSSIBLY_WAIVED = "POSSIBLY_WAIVED"


def may_waive(privilege_class: str, present: Collection[str], others: str = "") -> bool:
    """Whether somebody was there whose presence may waive the privilege of such a note; others in words count as such."""
    covered = COVERED.get(privilege_class)
    return covered is not None and (bool(others.strip()) or any(one not in covered for one in present))


#: Words to begin with, by type; a person fills in what is behind the colon. Facts, services and plan, nothing else (§2.8).
WORDS_OF_TYPE = {
    NoteType.CONTACT: _("By which way, who began:\nWhat it was about:\nWhat she asked for:\nAgreed:\nNext step:"),
    NoteType.MEETING: _("Where:\nHow she is, in her own words:\nWhat we talked about:\nAgreed:\nNext step:"),
    NoteType.VISIT: _("Where:\nWhat was seen of the place:\nHow she is, in her own words:\nAgreed:\nNext step:"),
    NoteType.ACCOMPANIED: _("Where to, and why:\nWhat was done there:\nPapers received:\nWhat comes next:"),
    NoteType.THIRD_PARTY: _("With whom, by role:\nOn what ground we could speak:\nWhat was said of services:\nAgreed:"),
    NoteType.NO_CONTACT: _("By which safe way:\nWhat was left behind, if anything:\nWhen we try again:"),
    NoteType.REVIEW: _("What went well:\nWhat is open:\nWhat she wishes to change:\nNext review:"),
    NoteType.INTERNAL: _("What colleagues should know:\nUntil when it holds:"),
}


def with_words(body: str, note_type: str, words: str = "") -> str:
    """The text with words to begin with beneath it: ``words``, else those that are shipped for that type.

    What was typed stays; words that stand there are not added again.
    """
    words = words or (str(WORDS_OF_TYPE[NoteType(note_type)]) if note_type in WORDS_OF_TYPE else "")
    if not words or words in body:
        return body
    return f"{body.rstrip()}\n\n{words}" if body.strip() else words
