"""The code lists of the workshops, for ``cases.codes`` (domain.md R24, §4.1)."""

from cases.choices.configuration import ListName
from cases.codes import CodeList
from cases.codes import register as register_lists
from services.choices import SHELTER_SERVICES, Barrier, GoalArea, ServiceType

_S = ServiceType
#: The heading of OTIP's services for each (domain.md §2.4): names as they stand there, for reports to come.
_OTIP = {
    _S.CASE_MGMT: "Case Management", _S.CRISIS_INTERV: "Crisis Intervention", _S.SAFETY_PLAN: "Safety planning",
    _S.EMERG_FINANCIAL: "Financial", _S.BASIC_NEEDS: "Basic Necessities", _S.SHELTER_EMERG: "Housing/Shelter",
    _S.SHELTER_TRANS: "Housing/Shelter", _S.HOUSING_RENTAL: "Housing/Shelter", _S.MEDICAL: "Health/Medical",
    _S.MH_INDIV: "Mental/Behavioral Health", _S.PEER_SUPPORT: "Peer-to-peer", _S.INTERPRET: "Interpretation/Translation",
    _S.TRANSPORT: "Transportation", _S.CHILDCARE: "Childcare", _S.EDUCATION: "Education", _S.EMPLOYMENT: "Employment",
    _S.LIFE_SKILLS: "Life skills", _S.BENEFITS: "Benefits assistance", _S.LEGAL_ACCOMP: "Victim advocacy",
    _S.VOCATIONAL: "Employment", _S.FAMILY_SVC: "Family Reunification",
}  # fmt: skip


def register() -> None:
    """Tell the case room."""
    register_lists(
        CodeList(
            ListName.SERVICE_TYPE, ServiceType, fixed=frozenset({*SHELTER_SERVICES, ServiceType.OTHER}),
            shipped={code: {"otip": heading} for code, heading in _OTIP.items()},
        ),
        CodeList(ListName.AREA_OF_LIFE, GoalArea, fixed=frozenset({GoalArea.OTHER})),
        CodeList(ListName.BARRIER, Barrier, fixed=frozenset({Barrier.OTHER})),
    )  # fmt: skip
