"""What happens in several cases: the signed consent, notes of the house, counsel who takes a matter."""

from casemgmt.operations.demo import papers, words
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.lot import Lot
from cases.choices.casework import PrivilegeClass
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind

AGENCY = "Immigration agency, Fairview office (demo)"
COURT = "Fairview courthouse, room 4 (demo)"


def consent_paper(course: Course, ago: int) -> None:
    """Her signed consent, kept with her papers."""
    paper = papers.pdf("Consent to keep information", "Seven points talked about, signed, copy given.")
    course.document(ago, "16:25", "consent-signed.pdf", paper, DocumentCategory.CONSENT)


def house_notes(course: Course, lot: Lot, start: int, end: int, number: int) -> None:
    """Notes of the house while she lives there."""
    course.note(start, "16:55", words.HOUSE[0], PrivilegeClass.SHELTER_OPERATIONS, by="jonas")
    step = max(2, (start - end) // (number + 1))
    for ago in list(range(start - step, end, -step))[:number]:
        course.note(ago, lot.clock(8, 15), lot.draw(words.HOUSE[1:]), PrivilegeClass.SHELTER_OPERATIONS, by="jonas")


def counsel(course: Course, lot: Lot, ago: int, name: str, *, until: int = 0) -> None:
    """Luis takes the matter: the attorney's file is closed to everybody else."""
    course.give(ago, "11:20", GrantKind.STAFF_COUNSEL, "luis", matter=name, reason="Legal representation asked for.")
    course.look_at_matter(ago, "14:05", name, by="luis")
    course.note(ago - 1, "15:30", words.COUNSEL[0], PrivilegeClass.ATTORNEY_CLIENT, by="luis", matter=name)
    for when in (ago - 30, ago - 75):
        if when > until:
            course.note(
                when, "10:40", lot.draw(words.COUNSEL[1:]), PrivilegeClass.ATTORNEY_CLIENT, by="luis", matter=name
            )
