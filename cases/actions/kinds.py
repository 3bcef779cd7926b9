"""The kinds of access: what each opens, who may hold it, how long, and on which side of the house's walls it lies.

What a database can hold is held there (``cases.models.AccessGrant``); the rest is checked where a grant is written.
"""

from collections.abc import Iterable

from casemgmt.access.sections import READ_CARD, READ_MATTER, WRITE_MATTER, Section, read, write
from casemgmt.accounts.choices import Discipline, Role
from cases.choices.releases import TWO_PERSON_SECTIONS
from cases.choices.sharing import GrantKind, Purpose

_CASEWORK = (
    Section.CARD, Section.IDENTITY, Section.NARRATIVE, Section.SAFETY, Section.ADVOCACY, Section.SERVICES,
    Section.STATUS, Section.LEGAL, Section.FINANCE, Section.DUTIES,
)  # fmt: skip
_CLINICAL = (Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING)
_COUNSEL = (Section.IDENTITY, Section.STATUS, Section.LEGAL)


def _reads(sections: Iterable[Section]) -> list[str]:
    return [read(section) for section in sections]


def _both(sections: Iterable[Section]) -> list[str]:
    return [verb(section) for section in sections for verb in (read, write)]


#: What each kind opens. Of PRO_BONO this is the matter; what a release names comes with it, as for REFERRAL and TRANSFER.
#: DELEGATION opens what its parent opens. A BOOKING opens no section: the booking itself is all that is shown.
PERMISSIONS_OF_KIND: dict[str, list[str]] = {
    GrantKind.ASSIGNMENT: _both(_CASEWORK),
    GrantKind.SUPERVISION: [*_reads(_CASEWORK), write(Section.CARD), write(Section.DUTIES)],
    GrantKind.CLINICAL: _reads((Section.CARD, Section.IDENTITY, Section.SAFETY)) + _both(_CLINICAL),
    GrantKind.STAFF_COUNSEL: [READ_CARD, *_both(_COUNSEL)],
    GrantKind.RESIDENCE: [READ_CARD, *_both((Section.SHELTER_OPS,))],
    GrantKind.PRO_BONO: [READ_MATTER, WRITE_MATTER],
    GrantKind.ON_CALL: _reads((Section.CARD, Section.SAFETY)),
    GrantKind.BOOKING: [],
    GrantKind.DELEGATION: [],
    GrantKind.REFERRAL: [READ_CARD],
    GrantKind.TRANSFER: [READ_CARD],
    GrantKind.EMERGENCY: _reads((Section.CARD, Section.IDENTITY, Section.SAFETY)),
}

#: Where she stays is never part of an assignment by itself: it is given with a flag, to whoever needs to know it.
LOCATION_BY_FLAG = _both((Section.LOCATION,))

#: A supervisor reads what the people of her discipline write: a casework supervisor sees no clinical notes.
SUPERVISION_OF: dict[str, list[str]] = {
    Discipline.CASEWORK: PERMISSIONS_OF_KIND[GrantKind.SUPERVISION],
    Discipline.CLINICAL: [
        *_reads((Section.CARD, Section.IDENTITY, Section.SAFETY, *_CLINICAL)), write(Section.CARD),
    ],
    Discipline.LEGAL: [*_reads((Section.CARD, *_COUNSEL)), write(Section.CARD)],
    Discipline.SHELTER: [*_reads((Section.CARD, Section.SHELTER_OPS)), write(Section.CARD)],
}  # fmt: skip

PURPOSE_OF_KIND: dict[str, Purpose] = {
    GrantKind.ASSIGNMENT: Purpose.CASEWORK,
    GrantKind.SUPERVISION: Purpose.SUPERVISION,
    GrantKind.CLINICAL: Purpose.CLINICAL_CARE,
    GrantKind.STAFF_COUNSEL: Purpose.LEGAL_REPRESENTATION,
    GrantKind.RESIDENCE: Purpose.SHELTER,
    GrantKind.PRO_BONO: Purpose.LEGAL_REPRESENTATION,
    GrantKind.ON_CALL: Purpose.CASEWORK,
    GrantKind.BOOKING: Purpose.SERVICE_COORDINATION,
    GrantKind.DELEGATION: Purpose.CASEWORK,
    GrantKind.REFERRAL: Purpose.REFERRAL,
    GrantKind.TRANSFER: Purpose.REFERRAL,
    GrantKind.EMERGENCY: Purpose.CASEWORK,
}

_WITH_SURVIVORS = (
    Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SHELTER_WORKER, Role.CLINICIAN, Role.SUPERVISOR,
)  # fmt: skip
_COUNSEL_ROLES = (Role.STAFF_ATTORNEY, Role.ACCREDITED_REPRESENTATIVE, Role.PARALEGAL)

#: Which role may hold which kind. A role opens no case; it only allows a kind to be given.
ROLES_OF_KIND: dict[str, tuple[Role, ...]] = {
    GrantKind.ASSIGNMENT: (Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR),
    GrantKind.SUPERVISION: (Role.SUPERVISOR,),
    GrantKind.CLINICAL: (Role.CLINICIAN,),
    GrantKind.STAFF_COUNSEL: _COUNSEL_ROLES,
    GrantKind.RESIDENCE: (Role.SHELTER_WORKER,),
    GrantKind.PRO_BONO: (Role.PRO_BONO_ATTORNEY,),
    GrantKind.ON_CALL: _WITH_SURVIVORS,
    GrantKind.BOOKING: (Role.INTERPRETER, Role.VOLUNTEER),
    GrantKind.DELEGATION: (
        Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR, Role.CLINICIAN, *_COUNSEL_ROLES,
    ),
    GrantKind.REFERRAL: (Role.PARTNER_STAFF,),
    GrantKind.TRANSFER: (Role.PARTNER_STAFF,),
    GrantKind.EMERGENCY: (*_WITH_SURVIVORS, Role.INTAKE_COORDINATOR, Role.STAFF_ATTORNEY, Role.ACCREDITED_REPRESENTATIVE),
}  # fmt: skip

#: What the lead or a supervisor gives by hand on the Sharing tab; every other kind follows from something else.
GIVEN_BY_HAND = (
    GrantKind.ASSIGNMENT, GrantKind.SUPERVISION, GrantKind.CLINICAL, GrantKind.STAFF_COUNSEL, GrantKind.RESIDENCE,
)  # fmt: skip
#: What leaves the organisation. Each rests on a release, and some of it needs two people.
OUTSIDE_KINDS = (GrantKind.PRO_BONO, GrantKind.REFERRAL, GrantKind.TRANSFER)
PARTNER_KINDS = (GrantKind.REFERRAL, GrantKind.TRANSFER)
#: What can be lent to a colleague for a while. Never what was lent, or rests on a shift, a stay, a release or an emergency.
DELEGABLE_KINDS = (GrantKind.ASSIGNMENT, GrantKind.SUPERVISION, GrantKind.CLINICAL, GrantKind.STAFF_COUNSEL)

#: Which teams a kind may be given to. A team is one discipline, so its members stay on their side of the walls.
DISCIPLINE_OF_KIND: dict[str, Discipline] = {
    GrantKind.ASSIGNMENT: Discipline.CASEWORK,
    GrantKind.CLINICAL: Discipline.CLINICAL,
    GrantKind.STAFF_COUNSEL: Discipline.LEGAL,
    GrantKind.RESIDENCE: Discipline.SHELTER,
}

#: The docket comes with an attorney's matter. The section LEGAL would open the dockets of her other matters too.
NEVER_WITH_A_MATTER = frozenset({Section.LOCATION, Section.LEGAL})
NEVER_TO_A_PARTNER = frozenset({Section.LOCATION, Section.LEGAL_FILE})


def side_of(permissions: Iterable[str]) -> Discipline | None:
    """On which side of the walls between casework, clinic and counsel these permissions lie; None for neither.

    Whoever is counsel may not read caseworkers' notes or counselling, and the other way round (domain.md §2.8): one
    person never stands on two sides of one case.
    """
    held = set(permissions)
    if read(Section.ADVOCACY) in held:
        return Discipline.CASEWORK
    if read(Section.COUNSELLING) in held:
        return Discipline.CLINICAL
    if {read(Section.STATUS), read(Section.LEGAL)} <= held:
        return Discipline.LEGAL
    return None


def need_two(sections: Iterable[Section], *, is_minor: bool) -> set[Section]:
    """Which of these sections leave the organisation only when a second person approves; of a minor, all of them."""
    chosen = set(sections)
    return chosen if is_minor else chosen & TWO_PERSON_SECTIONS


def for_partner(sections: Iterable[Section], *, with_status: bool) -> list[Section]:
    """What of a release a partner's people may open: never where she stays, status only with its own tick."""
    never = NEVER_TO_A_PARTNER | (frozenset() if with_status else {Section.STATUS})
    chosen = set(sections) - never
    return [section for section in Section if section in chosen]
