"""The cases of the North team, Amina's and Bea's: what is special in each."""

from datetime import timedelta

from casemgmt.accounts.cast import PARTNER
from casemgmt.operations.demo import papers, words
from casemgmt.operations.demo.chapters.episodes import AGENCY, COURT, consent_paper, counsel, house_notes
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.lot import Lot
from cases.actions.contacts import SaidOfContact
from cases.actions.other_people import SaidOfOther
from cases.actions.proceedings import CourtFacts, HerSide
from cases.choices.casework import CaseStatus, ClosureReason, PrivilegeClass, Stage
from cases.choices.documents import DocumentCategory
from cases.choices.releases import InfoCategory
from cases.choices.sharing import GrantKind, Purpose
from cases.choices.survivor import ContactOutcome
from services.choices import DeadlineKind, ExitTo, FollowUpState, HearingType, MatterOutcome, MatterStage, MatterType

#: The only matter that is given to an attorney outside the house.
GIVEN = "T visa application"
_K, _H, _S, _T = DeadlineKind, HearingType, MatterStage, MatterType

# One act a line reads as a story.
# fmt: off


def cane(course: Course, lot: Lot) -> None:
    """The one case of which an outside attorney holds a matter: deadline in 34 days, release for sixty more."""
    consent_paper(course, 200)
    course.stay(212, "15:10", "Room 3", left=131, exit_to=ExitTo.TRANSITIONAL)
    house_notes(course, lot, 211, 131, 2)
    course.look(170, "10:20", by="bea")
    course.matter(118, "10:30", "t", GIVEN, _T.T_VISA, "USCIS (federal)", _S.REFERRED_TO_COUNSEL)
    course.stage(118, "10:50", Stage.LEGAL)
    course.release_for_attorney(
        110, "14:15", "chidi", "t", "To represent her in the T visa application, and nothing else.",
        [InfoCategory.IDENTITY, InfoCategory.LEGAL_STATUS, InfoCategory.SERVICES_DATES], ends=60,
    )  # fmt: skip
    course.look_at_matter(109, "09:35", "t", by="chidi")
    course.note(103, "16:15", words.COUNSEL[0], PrivilegeClass.ATTORNEY_CLIENT, by="chidi", matter="t")
    course.matter_stage(103, "16:30", "t", _S.RETAINED, by="chidi")
    course.matter_stage(88, "11:05", "t", _S.EVIDENCE_GATHERING, by="chidi")
    course.document(
        74, "13:20", "pay-slips-copied.pdf", papers.pdf("Pay slips, copied", "Eleven pages. Originals are with the client."),
        DocumentCategory.COURT, section="LEGAL", matter="t", keep="slips",
    )  # fmt: skip
    course.take_document(72, "09:50", "slips", by="chidi")
    course.filing(60, "12:10", "t", "Request for records of earlier entries", "DEMO-FOIA-0001", by="chidi")
    course.note(
        52, "17:00", "Records answer in about eight weeks. Chronology: two gaps left, summer of the second year and the last move.",
        PrivilegeClass.ATTORNEY_WORK_PRODUCT, by="chidi", matter="t",
    )  # fmt: skip
    course.tried(33, "10:05", ContactOutcome.NO_ANSWER, "")
    course.tried(32, "10:20", ContactOutcome.REACHED, "She comes on Tuesday to read the draft.")
    course.matter_stage(31, "10:15", "t", _S.DRAFTING, by="chidi")
    foreman = {"roles": ["Exploiter", "ControlledIndividual"], "other_names": "The foreman", "known_as": "EMPLOYER",
               "looks": "Grey van with a ladder on its roof.", "dangers": "Waits near the bus station on Fridays."}
    course.other_person(30, "11:05", "foreman", SaidOfOther(**foreman, part="He kept the passports and the wages."))
    course.other_person(30, "11:20", "driver", SaidOfOther(["Transporter"], first_name="Demo", family_name="Driverson"))
    course.other_person(30, "11:25", "cook", SaidOfOther(["WITNESS"], other_names="The cook", known_as="FRIEND"))
    course.other_changed(
        22, "09:50", "foreman",
        SaidOfOther(**foreman, standing="CHARGED", standing_on=course.telling.now.date() - timedelta(days=23)),
    )  # fmt: skip
    course.other_ended(21, "16:40", "driver", "MISTAKE")
    course.contact(
        21, "16:45", "Took her first statement. Ask for her by name.",
        SaidOfContact("Sergeant Demo", "Officer", "Fairview police (demo)", phone="+1 202 555 0177"),
    )  # fmt: skip
    course.proceeding(
        21, "16:50",
        CourtFacts(
            COURT, "DEMO-2026-CR-0417", "Forced labour (18 USC 1589)", "CHARGED",
            next_on=course.telling.now.date() + timedelta(days=26), next_what="Arraignment",
        ),
        HerSide("WITNESS", "WILLING_WITH_SUPPORT", "She wants to sit where he does not see her."),
    )  # fmt: skip
    course.document(
        24, "15:40", "declaration-draft-3.pdf", papers.pdf("Declaration, draft 3", "Two dates to be checked with the client."),
        DocumentCategory.COURT, section="LEGAL_FILE", matter="t", by="chidi", keep="draft",
    )  # fmt: skip
    course.deadline(
        20, "09:40", "t", "T visa filing", due=course.telling.now.date() + timedelta(days=34), kind=_K.INTERNAL,
        authority="Agreed with the client; before her continued stay is decided (8 CFR 214.204)", by="chidi",
    )  # fmt: skip
    course.deadline(
        20, "09:50", "t", "Answer to the agency's letter", due=course.telling.day(6), kind=_K.AGENCY,
        authority="Letter of the agency, page 2", by="chidi", met=8,
    )  # fmt: skip
    course.hearing(18, "11:30", "t", _H.BIOMETRICS, on=-48, at="14:30", place=AGENCY)
    course.look_at_matter(5, "16:05", "t", by="chidi")
    course.note(
        5, "16:35", "Declaration read back in Spanish, changes marked. Signature planned for the week after next. Photographs: the blue scarf.",
        PrivilegeClass.ATTORNEY_CLIENT, by="chidi", matter="t",
    )  # fmt: skip
    course.take_document(2, "17:10", "draft", by="chidi")
    course.need(97, "10:30", "A coat for the winter", "BASICS", "URGENT", "NEXT", hers="FIRST", ended=(95, "MET", ""))
    course.need(97, "10:35", "A place in the evening class", "EDUCATION", "SHORT", "NEXT", hers="NEXT", ended=(70, "UNMET", "WAITLIST"))
    course.need(97, "10:40", "To sleep where nobody walks past my door", "HOUSING", "LONG", "FIRST", hers="FIRST")
    course.need(2, "10:10", "A telephone that he does not know", "SAFETY", "URGENT", "FIRST", hers="NEXT")
    course.goal(
        96, "11:00", "Speak well enough to need no interpreter at the doctor's", "EDUCATION", target=-120,
        progress=((60, 25, "A2 begun."), (17, 50, "A2 passed.")),
    )  # fmt: skip
    course.goal(90, "11:10", "A room with my own key", "HOUSING", target=-45, progress=((40, 30, "On three waiting lists."), (4, 60, "Saw two rooms.")))
    steps = ("She says that it is so, in her own words", "Look at it together every second week")
    course.her_plan(89, "12:10", "NOT_YET", steps=steps, decided=(88, "Please ask her what she thinks of it before I sign."))
    course.her_plan(87, "12:20", "AGREED", steps=steps, decided=(86, ""))
    for ago in (150, 122, 94, 66, 38, 10):
        course.service(ago, "14:00", *words.COUNSELLING)
    course.service(103, "16:00", *words.WITH_INTERPRETER)
    course.service(60, "11:30", *words.CLASS)
    course.service(31, "11:30", *words.CLASS)
    course.note(
        9, "15:20", "Looked at the room in Mill Lane together. The landlord will hold it until the 20th.", PrivilegeClass.SERVICES_NOTE,
        about={"note_type": "ACCOMPANIED", "present": ["SURVIVOR", "CASEWORKER"], "others": "the landlord"}, name="mill lane",
    )  # fmt: skip
    course.conference(
        8, "14:00", "The room, the evening class, and who goes along to the appointment. She was asked before, and agreed.",
        here=("", "bea"), guests=("SHELTER_STAFF", "PARTNER"), others="the teacher of the class",
        decided=(("Ask whether the room has a lock of its own", "", -6), ("Ask counsel to read the lease", "", -8)),
    )  # fmt: skip
    course.ask_to_read(4, "09:10", "mill lane", "bea")
    course.amend(4, "09:05", "mill lane", "It is the 25th, not the 20th. The landlord rang today.", "The date was wrong")
    course.note(
        6, "11:10", "Spoke about the next steps. Her friend stayed, because she wished it.",
        about={"note_type": "MEETING", "present": ["SURVIVOR", "SUPPORT_PERSON"], "waiver_is_known": True},
    )  # fmt: skip
    course.note(
        1, "10:40", "Weekly meeting. The class goes well. Wants to look at the room in Mill Lane again, with us.",
        about={"note_type": "MEETING", "present": ["SURVIVOR", "CASEWORKER", "INTERPRETER"]},
    )  # fmt: skip
    course.note(0, "09:15", "Chose to keep the Thursday for counselling. No change to the safety plan.", PrivilegeClass.SERVICES_NOTE)
    course.look(1, "10:55", by="bea", tab="overview")
    course.turned_away(38, "11:48", by="dana")
    course.turned_away(9, "16:31", by="dana", route="case-survivor")
    course.turned_away(26, "17:12", by="chidi", route="case-safety", permission="read_safety")
    course.turned_away(140, "17:25", by="jonas", route="case-survivor", permission="read_identity")
    course.turned_away(3, "12:02", by="ines")


def lark(course: Course, lot: Lot) -> None:
    """Closed two months ago, goals met."""
    consent_paper(course, 700)
    course.stay(719, "15:00", "Room 1", left=610, exit_to=ExitTo.OWN_HOME_RENTAL)
    house_notes(course, lot, 719, 611, 2)
    course.matter(640, "10:10", "v", "Vacatur of an old conviction", _T.VACATUR_STATE, "State court", _S.SCREENING)
    counsel(course, lot, 636, "v", until=520)
    course.hearing(600, "09:30", "v", _H.MOTION, on=560, at="15:00", place=COURT, by="luis", interpreter=False)
    course.close_matter(548, "13:45", "v", MatterOutcome.GRANTED, by="luis")
    course.goal(590, "14:00", "Finish school", "EDUCATION", progress=((520, 40, "Placed in year eleven."), (470, 80, "Half-year report is good."), (436, 100, "Diploma.")))
    course.goal(580, "14:10", "Sing in public again", "SOCIAL", progress=((500, 50, "Every Thursday."), (440, 100, "Concert in the park.")))
    course.stage(470, "09:20", Stage.REINTEGRATE)
    course.stage(429, "09:40", Stage.REINTEGRATE, CaseStatus.FOLLOW_UP)
    course.follow_ups(429, "09:50", results=(
        (399, "30 d", FollowUpState.COMPLETED, "Works in the bakery, likes the early hours."),
        (340, "90 d", FollowUpState.COMPLETED, words.FOLLOWING[0]),
        (247, "6 m", FollowUpState.COMPLETED, words.FOLLOWING[1]),
        (64, "12 m", FollowUpState.COMPLETED, "All four contacts were wished for. Agreed that this was the last."),
    ))  # fmt: skip
    course.close(60, "11:15", ClosureReason.GOALS_MET, agreed="You keep the key to your flat and the number of the language school. In September you start at the bakery.")


def moonrock(course: Course, lot: Lot) -> None:
    """In follow-up; a T visa granted; the twelve-month call is still ahead."""
    course.stay(640, "15:30", "Room 5", left=530, exit_to=ExitTo.OWN_HOME_RENTAL)
    house_notes(course, lot, 640, 531, 2)
    course.matter(560, "10:00", "t", "T visa", _T.T_VISA, "USCIS (federal)", _S.EVIDENCE_GATHERING)
    course.stage(560, "10:20", Stage.LEGAL)
    counsel(course, lot, 556, "t", until=400)
    course.document(520, "11:40", "agency-receipt.pdf", papers.pdf("Receipt notice", "Number DEMO-0000-0002."), DocumentCategory.COURT, by="luis", section="LEGAL", matter="t")
    course.filing(522, "16:05", "t", "I-914 with statement", "DEMO-0000-0002", by="luis")
    course.matter_stage(520, "11:50", "t", _S.FILED, by="luis")
    course.close_matter(345, "10:30", "t", MatterOutcome.GRANTED, by="luis")
    course.goal(450, "14:20", "Bring my son here", "FAMILY", progress=((400, 40, "Application made."), (330, 100, "He has arrived.")))
    course.stage(300, "09:30", Stage.REINTEGRATE, CaseStatus.FOLLOW_UP)
    course.follow_ups(300, "09:40", results=(
        (269, "30 d", FollowUpState.COMPLETED, words.FOLLOWING[2]),
        (209, "90 d", FollowUpState.COMPLETED, words.FOLLOWING[4]),
        (118, "6 m", FollowUpState.COMPLETED, words.FOLLOWING[3]),
    ))  # fmt: skip


def skystream(course: Course, lot: Lot) -> None:
    """In follow-up since spring."""
    course.stay(536, "14:00", "Room 2", left=420, exit_to=ExitTo.FRIENDS)
    house_notes(course, lot, 536, 421, 2)
    course.matter(380, "10:40", "w", "Unpaid wages", _T.WAGE_HOUR, "Department of Labor (demo)", _S.EVIDENCE_GATHERING)
    course.stage(380, "10:55", Stage.LEGAL)
    counsel(course, lot, 377, "w", until=230)
    course.close_matter(221, "15:20", "w", MatterOutcome.SETTLED, by="luis")
    course.goal(300, "11:00", "Save one month's rent", "FINANCIAL", progress=((240, 35, "A third is there."), (170, 100, "Saved.")))
    course.stage(160, "09:30", Stage.REINTEGRATE, CaseStatus.FOLLOW_UP)
    course.follow_ups(160, "09:40", results=(
        (130, "30 d", FollowUpState.COMPLETED, words.FOLLOWING[0]),
        (69, "90 d", FollowUpState.UNREACHABLE, "Tried twice at the agreed hours. Card sent to nobody; next try as planned."),
    ))  # fmt: skip


def quietwater(course: Course, lot: Lot) -> None:
    """Work permit running; walled from one person; a release that ran out."""
    course.stay(466, "13:30", "Room 4", left=390, exit_to=ExitTo.OWN_HOME_RENTAL)
    course.matter(330, "10:00", "t", "T visa", _T.T_VISA, "USCIS (federal)", _S.EVIDENCE_GATHERING)
    course.stage(330, "10:10", Stage.LEGAL)
    counsel(course, lot, 327, "t")
    course.matter_stage(210, "16:40", "t", _S.PENDING, by="luis")
    course.filing(212, "16:30", "t", "I-914 with annexes 1 to 9", "DEMO-0000-0003", by="luis")
    course.deadline(90, "11:00", "t", "Work permit ends: file the renewal", due=course.telling.day(-75), kind=_K.AGENCY, authority="Date printed on the card", by="luis")
    course.document(340, "15:10", "birth-certificate.pdf", papers.pdf("Certificate of birth (copy)", "Translated."), DocumentCategory.IDENTITY_DOCUMENT)
    course.goal(120, "14:00", "Work in a kitchen where breaks are kept", "LIVELIHOOD", target=-20, progress=((70, 50, "First module passed."), (16, 75, "Trial week.")))
    course.goal(115, "14:10", "Learn to swim", "SOCIAL", progress=((50, 30, "Feet on the ground, head under water."),))
    course.wall(260, "09:10", "nadia", by="bea")
    course.release(
        32, "10:20", PARTNER, Purpose.REFERRAL, "Dentist of the clinic: one appointment.",
        [InfoCategory.IDENTITY, InfoCategory.CONTACT], days=30,
    )  # fmt: skip


def softrain(course: Course, lot: Lot) -> None:
    """A release to the clinic that ends in twelve days, and one that was taken back."""
    consent_paper(course, 395)
    course.release(200, "10:40", PARTNER, Purpose.SERVICE_COORDINATION, "Childcare during the course.", [InfoCategory.CONTACT, InfoCategory.FAMILY_CHILDREN], days=80, withdrawn=170)
    course.release(18, "11:10", PARTNER, Purpose.REFERRAL, "Eye clinic: appointment and interpreter.", [InfoCategory.IDENTITY, InfoCategory.CONTACT], days=30, name="eyes")
    course.matter(250, "10:15", "u", "U visa", _T.U_VISA, "USCIS (federal)", _S.SCREENING)
    course.stage(250, "10:30", Stage.LEGAL)
    counsel(course, lot, 247, "u")
    course.matter_stage(120, "09:55", "u", _S.EVIDENCE_GATHERING, by="luis")
    course.deadline(30, "10:20", "u", "Certification: last day to file", due=course.telling.day(-51), kind=_K.STATUTORY, authority="8 CFR 214.14(c)(2)(i)", by="luis")
    course.goal(140, "15:00", "Papers that nobody can take away", "LEGAL", progress=((80, 25, "Consulate written to."), (35, 50, "Appointment given.")))
    course.turned_away(16, "13:37", by="hugo")


def thyme(course: Course, lot: Lot) -> None:
    """Restricted to named people after the family had asked around."""
    course.stay(327, "15:00", "Room 7", left=240, exit_to=ExitTo.OTHER_SHELTER)
    house_notes(course, lot, 327, 241, 2)
    course.restrict(225, "09:05", by="bea")
    course.note(225, "09:20", "Somebody asked about her at the school gate. The case is open to named people only from today.", PrivilegeClass.SAFETY_NOTE)
    course.matter(205, "10:45", "c", "Custody", _T.CUSTODY, "Family court", _S.HEARING)
    course.stage(205, "11:00", Stage.LEGAL)
    counsel(course, lot, 203, "c")
    course.hearing(40, "10:30", "c", _H.CUSTODY, on=-20, at="14:00", place=COURT, by="luis")
    course.look(2, "09:20", by="bea", tab="safety")


def seawind(course: Course, lot: Lot) -> None:
    """A claim for wages; a release taken back by a word."""
    course.matter(170, "13:10", "w", "Unpaid wages", _T.WAGE_HOUR, "State labor commissioner (demo)", _S.FILED)
    course.stage(170, "13:20", Stage.LEGAL)
    counsel(course, lot, 168, "w")
    course.hearing(60, "09:15", "w", _H.MEDIATION, on=-5, at="13:00", place="Mediation centre, second floor (demo)", by="luis")
    course.deadline(60, "09:25", "w", "List of hours and witnesses", due=course.telling.day(-2), kind=_K.COURT_ORDERED, authority="Order of the commissioner, point 3", by="luis")
    course.release(100, "11:00", PARTNER, Purpose.SERVICE_COORDINATION, "Night nursing course at the clinic.", [InfoCategory.CONTACT, InfoCategory.SERVICES_DATES], days=90, withdrawn=61)
    course.goal(130, "11:40", "Call my mother every Sunday without fear", "FAMILY", progress=((100, 50, "From a phone of my own."), (20, 75, "Video, with the children.")))
    course.document(58, "16:10", "timesheets-copied.pdf", papers.pdf("Time sheets, copied", "Thirty-one pages."), DocumentCategory.OTHER)


def goodwater(course: Course, lot: Lot) -> None:
    """Five months here; a first look at the law."""
    course.stay(148, "15:00", "Room 2", left=70, exit_to=ExitTo.TRANSITIONAL)
    house_notes(course, lot, 148, 71, 2)
    course.matter(34, "10:50", "t", "T visa, first look", _T.T_VISA, "USCIS (federal)", _S.SCREENING)
    course.stage(34, "11:00", Stage.LEGAL)
    course.deadline(33, "11:10", "t", "Decide who represents her", due=course.telling.day(-9), kind=_K.INTERNAL, authority="Agreed in the team")
    course.goal(60, "14:30", "Sleep through the night", "HEALTH", progress=((30, 50, "Five nights."), (8, 75, "Most nights.")))


def dew(course: Course, lot: Lot) -> None:
    """Lives in the house."""
    consent_paper(course, 90)
    course.stay(90, "15:00", "Room 1")
    house_notes(course, lot, 90, 1, 3)
    course.matter(28, "10:00", "p", "Continued presence", _T.CONTINUED_PRESENCE, "Federal investigators (demo)", _S.PENDING)
    course.goal(50, "13:30", "Understand every letter I get", "LIVELIHOOD", progress=((20, 25, "We read all together."),))


def cloud(course: Course, lot: Lot) -> None:
    """Lives in the house."""
    course.stay(45, "15:15", "Room 4")
    house_notes(course, lot, 45, 1, 3)
    course.document(30, "12:30", "letter-consulate.pdf", papers.pdf("Letter of the consulate", "A new passport can be asked for."), DocumentCategory.IDENTITY_DOCUMENT)
    course.document(29, "10:05", "residence-card.pdf", papers.pdf("Card of residence (copy)", "For six months."), DocumentCategory.IDENTITY_DOCUMENT, keep="card", ends=6)
    course.document(9, "09:50", "residence-card-new.pdf", papers.pdf("Card of residence (copy)", "For a year."), DocumentCategory.IDENTITY_DOCUMENT, of="card", why="Renewed at the office", ends=34)
    course.goal(20, "13:50", "A room with my own key", "HOUSING", target=-150)


def clearmoon(course: Course, lot: Lot) -> None:
    """Moved in last week."""
    course.stay(12, "15:10", "Room 6")
    house_notes(course, lot, 12, 0, 2)


def mildspring(course: Course, lot: Lot) -> None:
    """A man of the building trade; his wages were paid; in follow-up."""
    course.matter(520, "10:30", "w", "Unpaid wages", _T.WAGE_HOUR, "District court", _S.FILED)
    counsel(course, lot, 515, "w", until=300)
    course.hearing(480, "09:40", "w", _H.TRIAL, on=420, at="15:00", place=COURT, by="luis")
    course.close_matter(300, "12:20", "w", MatterOutcome.GRANTED, by="luis")
    course.goal(400, "11:20", "Save one month's rent", "FINANCIAL", progress=((330, 60, "Two thirds."), (230, 100, "Saved.")))
    course.stage(210, "09:10", Stage.REINTEGRATE, CaseStatus.FOLLOW_UP)
    course.follow_ups(210, "09:20", results=(
        (179, "30 d", FollowUpState.COMPLETED, words.FOLLOWING[4]),
        (120, "90 d", FollowUpState.COMPLETED, words.FOLLOWING[0]),
        (28, "6 m", FollowUpState.COMPLETED, words.FOLLOWING[1]),
    ))  # fmt: skip


def nightsky(course: Course, lot: Lot) -> None:
    """Protection order; one colleague is kept away because she knows the family; Amina helps."""
    course.stay(362, "15:00", "Room 5", left=280, exit_to=ExitTo.FAMILY)
    course.give(300, "09:00", GrantKind.ASSIGNMENT, "amina", reason="Covers during leave.")
    course.wall(355, "10:05", "dana", by="kemi")
    course.matter(230, "10:10", "o", "Protection order", _T.PROTECTION_ORDER, "Family court", _S.HEARING)
    course.stage(230, "10:25", Stage.LEGAL)
    counsel(course, lot, 226, "o")
    course.hearing(25, "09:10", "o", _H.PROTECTION_ORDER, on=-19, at="14:30", place=COURT, by="luis")
    course.deadline(150, "10:00", "o", "Ask for the order to be extended", due=course.telling.day(-28), kind=_K.COURT_ORDERED, authority="The order, last page", by="luis")
    course.look(30, "11:30", by="amina")
    course.note(30, "11:50", "Covered today. Everything as planned; the copy of the order is still missing.", by="amina")


def marigold(course: Course, lot: Lot) -> None:
    """A minor: school first, and few words."""
    course.matter(70, "10:30", "s", "Special immigrant status: not needed; school rights", _T.OTHER, "School district (demo)", _S.SCREENING)
    course.goal(60, "12:00", "Finish school", "EDUCATION", target=-420, progress=((25, 40, "Placed in year eleven."),))


def greenlight(course: Course, lot: Lot) -> None:
    """Lives in the house."""
    course.stay(60, "13:00", "Room 2")
    house_notes(course, lot, 60, 1, 3)
    course.goal(30, "12:10", "Learn to swim", "SOCIAL", progress=((9, 25, "Found a quiet course."),))
