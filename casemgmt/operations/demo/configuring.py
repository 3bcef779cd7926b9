"""What the administrator set up: an answer of the house's own, words for notes, letters, and whom a report goes to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from audit.action import action
from casemgmt.accounts.actions.people import note_mandate
from casemgmt.accounts.choices import Mandated
from casemgmt.accounts.models import User
from casemgmt.operations.demo.course import Course
from casemgmt.operations.demo.telling import Act, Telling
from cases import access
from cases.actions.authorities import LookedUp, add_authority
from cases.actions.configuring import add_code, add_text
from cases.choices.configuration import ListName, TemplateKind
from cases.choices.releases import MandateTrigger
from cases.letters import TO_HER, letter_text, letters_offered, write_letter
from cases.models import TextTemplate
from cases.opening import open_case
from services.choices import ServiceType

_APPOINTMENT = """{{ office.name }}
{{ today }}

{{ her.address }}

Dear {{ her.name }},

we would like to see you. Please tell us which day suits you; you can also come without a day.

With kind regards,
{{ my.name }}
"""
_CITA = """{{ office.name }}
{{ today }}

{{ her.address }}

Hola, {{ her.name }}:

Nos gustaría verla. Díganos qué día le viene bien; también puede venir sin cita.

Un saludo,
{{ my.name }}
"""
_ATTENDED = """{{ office.name }}
{{ today }}

To whom it may concern

{{ her.name_for_letters }} took part in an appointment with us on the day named above.

{{ my.name }}
"""
_TEXTS = (
    (TemplateKind.LETTER, "Asking for an appointment", "en", "", _APPOINTMENT),
    (TemplateKind.LETTER, "Asking for an appointment", "es", "", _CITA),
    (TemplateKind.LETTER, "She was here", "en", "", _ATTENDED),
    (
        TemplateKind.NOTE,
        "",
        "en",
        "MEETING",
        "What she asks for:\nWhat we did:\nWhat she takes with her:\nNext step, and whose:",
    ),
)

#: Places, laws and agencies that do not exist. The last one nobody has looked up for a long time: (days ago, what).
_AUTHORITIES: tuple[tuple[int, dict[str, Any]], ...] = (
    (60, {
        "trigger": MandateTrigger.CHILD_ABUSE, "jurisdiction": "Example State, USA", "authority": "Example Code § 12-345",
        "agency": "Example State Child Line", "phone": "+1 202 555 0120", "hours": 24, "in_writing": True,
        "writing_hours": 48,
    }),
    (60, {
        "trigger": MandateTrigger.ELDER_DEPENDENT_ADULT, "jurisdiction": "Example State, USA",
        "authority": "Example Code § 67-890", "agency": "Example County Adult Protection", "phone": "+1 202 555 0121",
        "hours": 48,
    }),
    (600, {
        "trigger": MandateTrigger.CHILD_ABUSE, "jurisdiction": "Neighbour State, USA", "authority": "Neighbour Statutes 1.23",
        "agency": "Neighbour State Hotline", "phone": "+1 202 555 0122", "hours": 24, "in_writing": True,
        "writing_hours": 72,
    }),
)  # fmt: skip


def set_up(telling: Telling, courses: dict[str, Course]) -> None:
    """The code lists and texts of the house, and one letter to somebody who may get post in care of the office."""
    farid = telling.cast["farid"]

    def house(clock: str, act: Act) -> None:
        telling.plan("configuration", 700, clock, act)

    house("10:00", lambda now: add_code(
        actor=farid, now=now, list_name=ListName.SERVICE_TYPE, code="GARDENING", counts_as=ServiceType.LIFE_SKILLS,
        facts={"label": "Gardening together", "labels": {"es": "Jardinería juntas", "fr": "Jardinage ensemble"}},
    ))  # fmt: skip
    for place, (kind, name, language, about, body) in enumerate(_TEXTS):
        house(f"10:{10 + 5 * place}", lambda now, kind=kind, name=name, language=language, about=about, body=body: add_text(
            actor=farid, now=now, kind=kind, name=name, language=language, about_code=about, body=body,
        ))  # fmt: skip
    for place, (ago, facts) in enumerate(_AUTHORITIES):
        telling.plan("configuration", ago, f"11:{10 + 5 * place}", lambda now, facts=facts: add_authority(
            actor=farid, now=now, found=LookedUp(**facts, looked_up_on=now.date()),
        ))  # fmt: skip
    telling.plan("configuration", 60, "11:40", lambda now: note_mandate(
        actor=farid, now=now, user=telling.cast["kemi"], mandated=Mandated.YES, mandated_in="Example State",
    ))  # fmt: skip
    course = courses["cane"]
    telling.plan(course.figure.key, 12, "11:40", lambda now: _letter(course, now))


@action
def read_letter(*, actor: User, now: datetime, case_uid: UUID, text: TextTemplate) -> str:
    """The letter filled, as its page shows it. Raises Hidden. Records CASE_VIEWED."""
    case = access.get_for(actor, case_uid)
    with open_case(actor, case):
        return letter_text(actor, case, text, now)


def _letter(course: Course, now: datetime) -> None:
    text = next(one for one in letters_offered() if one.language == "es")
    body = read_letter(actor=course.worker, now=now, case_uid=course.uid, text=text)
    write_letter(
        actor=course.worker, now=now, case=access.get_for(course.worker, course.uid), text=text, name="appointment",
        body=body, section="IDENTITY", goes_to=TO_HER, has_read=True,
    )  # fmt: skip
