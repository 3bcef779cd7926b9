"""The cases of Dana and the others of the South team: what is special in each."""

from casemgmt.operations.demo import papers, words
from casemgmt.operations.demo.chapters.episodes import AGENCY, COURT, counsel, house_notes
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.lot import Lot
from cases.choices.casework import CaseStatus, ClosureReason, Stage
from cases.choices.documents import DocumentCategory
from services.choices import DeadlineKind, ExitTo, FollowUpState, HearingType, MatterOutcome, MatterStage, MatterType

_K, _H, _S, _T = DeadlineKind, HearingType, MatterStage, MatterType

# One act a line reads as a story.
# fmt: off


def windmild(course: Course, lot: Lot) -> None:
    """Closed: moved away with work and friends."""
    course.stay(687, "15:20", "Room 3", left=600, exit_to=ExitTo.FRIENDS)
    course.goal(500, "14:00", "Work in a kitchen where breaks are kept", "LIVELIHOOD", progress=((420, 50, "First module passed."), (300, 100, "Contract for a year.")))
    course.stage(330, "09:15", Stage.REINTEGRATE)
    course.close(250, "10:10", ClosureReason.RELOCATED)


def monsoon(course: Course, lot: Lot) -> None:
    """In follow-up; the second call is some days late."""
    course.stay(555, "15:30", "Room 6", left=450, exit_to=ExitTo.OWN_HOME_RENTAL)
    course.matter(430, "11:00", "t", "T visa", _T.T_VISA, "USCIS (federal)", _S.DRAFTING)
    course.stage(430, "11:10", Stage.LEGAL)
    counsel(course, lot, 425, "t", until=150)
    course.filing(330, "16:00", "t", "I-914 with statement", "DEMO-0000-0004", by="luis")
    course.close_matter(140, "11:40", "t", MatterOutcome.GRANTED, by="luis")
    course.goal(200, "15:10", "Bring my son here", "FAMILY", progress=((150, 25, "Spoke with the attorney."), (100, 40, "Application made.")))
    course.stage(95, "09:30", Stage.REINTEGRATE, CaseStatus.FOLLOW_UP)
    course.follow_ups(95, "09:40", results=((64, "30 d", FollowUpState.COMPLETED, words.FOLLOWING[2]),))


def bluefall(course: Course, lot: Lot) -> None:
    """Separated, studying."""
    course.matter(300, "10:00", "c", "Annulment", _T.OTHER, "Family court", _S.PENDING)
    course.stage(300, "10:15", Stage.LEGAL)
    counsel(course, lot, 295, "c")
    course.goal(180, "13:00", "Finish school", "EDUCATION", target=-200, progress=((120, 40, "Placed in year eleven."), (22, 70, "Half-year report is good.")))


def clearriver(course: Course, lot: Lot) -> None:
    """A man from the fields; a U visa in the making."""
    course.matter(190, "10:20", "u", "U visa", _T.U_VISA, "USCIS (federal)", _S.EVIDENCE_GATHERING)
    course.stage(190, "10:30", Stage.LEGAL)
    counsel(course, lot, 186, "u")
    course.deadline(40, "14:00", "u", "Supplement B: six months from signature", due=course.telling.day(-68), kind=_K.STATUTORY, authority="8 CFR 214.14(c)(2)(i)", by="luis")
    course.goal(90, "16:00", "Bring my son here", "FAMILY", progress=((30, 25, "Spoke with the attorney."),))
    course.document(180, "15:00", "police-report.txt", papers.text("Report number DEMO-17. Nothing follows."), DocumentCategory.EVIDENCE)


def dawnlight(course: Course, lot: Lot) -> None:
    """Asylum within the first year."""
    course.stay(236, "14:40", "Room 7", left=150, exit_to=ExitTo.TRANSITIONAL)
    course.matter(160, "10:10", "a", "Asylum", _T.ASYLUM, "USCIS (federal)", _S.FILED)
    course.stage(160, "10:20", Stage.LEGAL)
    counsel(course, lot, 158, "a")
    course.hearing(50, "11:00", "a", _H.USCIS_INTERVIEW, on=-16, at="13:30", place=AGENCY, by="luis")
    course.deadline(50, "11:15", "a", "Evidence before the interview", due=course.telling.day(-9), kind=_K.AGENCY, authority="Invitation to the interview", by="luis")


def firefly(course: Course, lot: Lot) -> None:
    """Lives in the house with two children."""
    course.stay(80, "12:20", "Room 8, with the children")
    house_notes(course, lot, 80, 1, 3)
    course.goal(40, "15:30", "Understand every letter I get", "LIVELIHOOD", progress=((10, 25, "We read all together."),))


def jasmine(course: Course, lot: Lot) -> None:
    """Lives in the house since last month."""
    course.stay(32, "15:20", "Room 3")
    house_notes(course, lot, 32, 1, 3)


def moonhill(course: Course, lot: Lot) -> None:
    """Closed by her own choice."""
    course.stay(697, "15:10", "Room 8", left=620, exit_to=ExitTo.OWN_HOME_RENTAL)
    course.note(421, "14:20", "Wishes to end here, with thanks and without further calls. The door stays open; said so twice.")
    course.close(420, "10:00", ClosureReason.CLIENT_CHOICE)


def stonemoon(course: Course, lot: Lot) -> None:
    """On hold while she is abroad with her mother; a civil claim rests."""
    course.matter(260, "11:20", "c", "Civil claim", _T.TVPRA_CIVIL, "Federal district court", _S.PENDING)
    counsel(course, lot, 255, "c")
    course.deadline(200, "11:00", "c", "Answer of the other side", due=course.telling.day(-83), kind=_K.COURT_ORDERED, authority="Scheduling order, page 1", by="luis")


def breezecloud(course: Course, lot: Lot) -> None:
    """A clean record to begin again."""
    course.matter(120, "10:35", "v", "Vacatur", _T.VACATUR_STATE, "State court", _S.DRAFTING)
    course.stage(120, "10:45", Stage.LEGAL)
    counsel(course, lot, 116, "v")
    course.hearing(21, "10:00", "v", _H.MOTION, on=-26, at="15:00", place=COURT, by="luis", interpreter=False)
    course.goal(80, "16:00", "Sing in public again", "SOCIAL", progress=((45, 25, "First rehearsal."), (12, 50, "Every Thursday.")))


def blueriver(course: Course, lot: Lot) -> None:
    """Lives in the house; arrived this month."""
    course.stay(25, "15:20", "Room 5")
    house_notes(course, lot, 25, 1, 2)
