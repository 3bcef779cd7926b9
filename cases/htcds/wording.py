"""Other words for fields and codes that sheets carry: the official labels where ours differ, and everyday answers.

Ours, the value names, and all translations are known without being listed here. Spellings are compared folded
(``places.folded``): case, spaces, punctuation and marks do not count.
"""

from functools import lru_cache

from django.conf import settings
from django.db.models import TextChoices
from django.utils import translation

from cases.htcds import codes, places
from cases.htcds.fields import FIELDS, Field, FieldType

#: The labels of the official sheet and form, and misspelt names.
_FIELD_WORDS: dict[str, tuple[str, ...]] = {
    "prs_FirstName": ("First Name", "Given name", "prs_First_Name"),
    "prs_SecondName": ("Second Name", "Last name", "Surname", "prs_Second_Name"),
    "prs_Birthdate": ("Birthdate", "Birth date", "DOB"),
    "prs_Title": ("Title",),
    "prs_Email": ("Email", "E-mail address"),
    "prs_HomePhone": ("Home Phone",),
    "prs_MobilePhone": ("Mobile Phone", "Phone"),
    "prs_MailingCity": ("Mailing City",),
    "prs_MailingCountry": ("Mailing Country",),
    "prs_MailingState": ("Mailing State/Province",),
    "prs_MailingStreet": ("Mailing Street",),
    "prs_MailingPostalCode": ("Mailing Zip/Postal Code",),
    "prs_PrimaryLanguage": ("Primary Language", "Language"),
    "prs_SecondaryLanguage": ("Secondary Language",),
    "vic_TraffickingStatusDecisionMakingOrg": (
        "Trafficking Status Decision Making Organization",
        "Trafficking Status Decision Making Organisation",
        "vic_TraffickinStatusDecisionMakingOrg",
    ),
    "vic_MethodsOfControl": ("vic_Methods_of_Control",),
    "vic_ForcedLabourIndustry": ("Forced Labour Industry", "Forced Labor Industry"),
    "vic_TypeOfSexExploitation": ("Type of Sex Exploitation",),
    "vic_RelationshipToTrafficker": ("Relationship to Trafficker",),
    "vic_AgeWhenTrafficked": ("Age when Trafficked",),
    "vic_RecruitmentWebsitesAndApps": ("Recruitment Websites and Apps",),
    "vic_ExploitationWebsitesAndApps": ("Exploitation Websites and Apps",),
    "cas_Status": ("Case Status",),
    "cas_ReferringOrganisation": ("Referring Organisation", "Referring Organization"),
    "cas_IncomingReferralDate": ("Incoming Referral Date",),
    "cas_ReferringPrimaryCaseWorker": ("Referring Primary Case Worker",),
    "cas_IncomingReferralDetails": ("Incoming Referral Details",),
    "cas_ReferredOrganisation": ("Referred Organisation", "Referred Organization"),
    "cas_ReferredPrimaryCaseWorker": ("Referred Primary Case Worker",),
    "cas_OutgoingReferralDate": ("Outgoing Referral Date",),
    "cas_OutgoingReferralDetails": ("Outgoing Referral Details",),
}

_C, _G, _R, _E, _I, _D, _S = (
    codes.MethodOfControl, codes.Gender, codes.MethodOfRecruitment, codes.TypeOfExploitation, codes.Industry,
    codes.DecisionMakingOrganisation, codes.TraffickingStatus,
)  # fmt: skip

#: Official labels, older value names of the standard's own definitions, and everyday words.
_CODE_WORDS: dict[TextChoices, tuple[str, ...]] = {
    _G.FEMININE: ("Female", "Woman", "Girl", "F"),
    _G.MASCULINE: ("Male", "Man", "Boy", "M"),
    _G.TRANSGENDER_FEMININE: ("Transgender woman", "Trans woman"),
    _G.TRANSGENDER_MASCULINE: ("Transgender man", "Trans man"),
    _G.NON_CONFORMING: ("Nonbinary", "Gender non-conforming"),
    _G.NON_SPECIFIED_UNKNOWN: ("Not Specified/Unknown", "Not specified", "Unknown"),
    _S.POSSIBLE_VICTIM_OF_TRAFFICKING: ("Possible", "Potential victim of trafficking"),
    _S.ACTUAL_VICTIM_OF_TRAFFICKING: ("Actual victim of trafficking", "Actual", "Confirmed victim of trafficking"),
    _S.NOT_A_VICTIM_OF_TRAFFICKING: ("Not a victim of trafficking", "Not a victim"),
    _D.NON_POLICE_GOVERNMENTAL_ORGANIZATION: (
        "Non-police governmental organization",
        "Non-police governmental organisation",
    ),
    codes.RelationshipToTrafficker.UNAQUAINTED: ("Unacquainted",),
    _R.AT_AN_EDUCATIONAL_INSTITUTION: ("At an educational institution",),
    _R.THROUGH_A_TELEVISION_ADVERT: ("Through a television advert",),
    _R.THROUGH_A_NEWSPAPER_ADVERT: ("Through a newspaper advert",),
    _C.PHYSICAL_THREATS: ("Physical threats",),
    _C.THREATS_LAW_ENFORCEMENT: ("Threats of law enforcement", "ThreatOfLawEnforcement"),
    _C.THREATENS_CHILDREN_FAMILY: ("Threatens children/family",),
    _C.RESTRICTS_FINANCIAL_ACCESS: ("Restricts financial access",),
    _C.PSYCHOACTIVE_SUBSTANCE: ("Psychoactive substance", "PsychoactiveSubstances"),
    _E.FORCED_LABOUR: ("Forced labor",),
    _E.CHILD_LABOUR: ("Child labor",),
    _E.FORCED_MILITARY_BY_NON_STATE_ACTORS: ("Forced military (by non-state actors)",),
    _I.E_WATER_SUPPLY_SEWERAGE_WASTE_MANAGEMENT: ("Water supply; sewerage, waste management and remediation",),
    _I.G_WHOLESALE_AND_RETAIL_TRADE_REPAIR_OF_MOTOR_VEHICLES: (
        "Wholesale and retail trade; repair of motor vehicles and motorcycles",
    ),
    _I.I_ACCOMMODATION_AND_FOOD_SERVICE_ACTIVITIES: ("Accommodation and food service activities",),
    _I.O_PUBLIC_ADMINISTRATION_AND_DEFENCE: ("Public administration and defence; compulsory social security",),
    _I.Q_HUMAN_HEALTH_AND_SOCIAL_WORK_ACTIVITIES: ("Human health and social work activities",),
    _I.T_ACTIVITIES_OF_HOUSEHOLDS_AS_EMPLOYERS: (
        "Activities of households as employers; undifferentiated goods- and services- producing activities of "
        "households for own use",
        "Domestic work",
    ),
    _I.U_ACTIVITIES_OF_EXTRATERRITORIAL_ORGANIZATIONS: ("Activities of extraterritorial organizations and bodies",),
    codes.HtcdsStatus.FOLLOW_UP: ("Follow up",),
    codes.HtcdsStatus.CLOSED_REFERRED: ("Closed Referred",),
    codes.ReferralReason.ADDITIONAL_SERVICES_REQUIRED: ("Additional Services Required",),
    codes.ReferralReason.MIGRATION_OR_CHANGE_OF_LOCATION: ("Migration Or Change Of Location",),
    codes.Vulnerability.ABUSE_SOCIAL_MEDIA: ("Abuse - social media",),
    codes.Vulnerability.ABUSE_PHYSICAL: ("Abuse - physical",),
}

_YES = ("true", "yes", "y", "1", "oui", "si", "sí", "نعم", "x", "ja", "sim", "wahr", "vrai", "verdadero")
_NO = ("false", "no", "n", "0", "non", "لا", "nein", "não", "falsch", "faux", "falso")
CHECKBOX_WORDS: dict[str, bool] = {
    **{places.folded(word): True for word in _YES},
    **{places.folded(word): False for word in _NO},
}


@lru_cache(maxsize=1)
def fields_by_name() -> dict[str, str]:
    """Folded code names of columns (``prs_FirstName``, misspelt ones too) → field."""
    names = {places.folded(name): name for name in FIELDS}
    for name, words in _FIELD_WORDS.items():
        for word in words:
            if "_" in word:
                names[places.folded(word)] = name
    return names


@lru_cache(maxsize=1)
def fields_by_label() -> dict[str, str]:
    """Folded labels of columns → field: the official ones, ours in every language, and everyday words."""
    labels: dict[str, str] = {}
    for name, words in _FIELD_WORDS.items():
        for word in words:
            if "_" not in word:
                labels[places.folded(word)] = name
    for language in dict(settings.LANGUAGES):
        with translation.override(language):
            for name, field in FIELDS.items():
                labels.setdefault(places.folded(str(field.label)), name)
    return labels


@lru_cache(maxsize=64)
def _codes_of(codelist: type[TextChoices]) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for language in dict(settings.LANGUAGES):
        with translation.override(language):
            for code in codelist:
                spellings.setdefault(places.folded(str(code.label)), code.value)
    for code in codelist:
        for word in _CODE_WORDS.get(code, ()):
            spellings[places.folded(word)] = code.value
    for code in codelist:
        spellings[places.folded(code.value)] = code.value
        if codelist is codes.Industry:
            spellings.setdefault(code.value[0].casefold(), code.value)
            spellings.setdefault(places.folded(code.value[2:]), code.value)
    return spellings


def codes_by_spelling(field: Field) -> dict[str, str]:
    """Folded spellings of the answers of a coded field → code."""
    if field.type in (FieldType.COUNTRY, FieldType.COUNTRIES):
        return places.country_codes_by_spelling()
    if field.type == FieldType.LANGUAGE:
        return places.language_codes_by_spelling()
    return _codes_of(field.codes) if field.codes is not None else {}
