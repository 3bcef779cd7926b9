"""The fields of HTCDS 2.0 that Haven reads, keeps or writes: name, label, type, code list, home of the answer."""

import builtins
from dataclasses import dataclass, field
from enum import Enum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from cases.choices.releases import InfoCategory
from cases.htcds import codes, places


class FieldType(Enum):
    """How an answer is written. ``CODES``, ``COUNTRIES``: lists; ``LOOKUP``: the name of an organisation or person."""

    TEXT = "text"
    LONG_TEXT = "long text"
    DATE = "date"
    CODE = "code"
    CODES = "codes"
    CHECKBOX = "checkbox"
    NUMBER = "number"
    EMAIL = "email"
    PHONE = "phone"
    COUNTRY = "country"
    COUNTRIES = "countries"
    LANGUAGE = "language"
    LOOKUP = "lookup"


class Home(Enum):
    """Where an answer is kept: ``Survivor`` (its own columns, ``about``, ``contact``), ``TraffickingProfile.answers``,
    ``Consent``, ``Case`` itself, or ``Case.referral``."""

    SURVIVOR = "survivor"
    ABOUT = "about"
    CONTACT = "contact"
    ANSWERS = "answers"
    CONSENT = "consent"
    CASE = "case"
    REFERRAL = "referral"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Field:
    """One field of the standard. ``categories``: what a release must name before the column may leave the house."""

    name: str
    label: str | Promise
    type: FieldType
    home: Home
    section: Section
    codes: "builtins.type[TextChoices] | None" = None
    is_core: bool = False
    categories: frozenset[str] = field(default_factory=frozenset)

    @property
    def takes_several(self) -> bool:
        """Whether the answer is a list of codes."""
        return self.type in (FieldType.CODES, FieldType.COUNTRIES)

    @property
    def is_coded(self) -> bool:
        """Whether the answer is one or several codes of a list."""
        return self.type in _CODED

    def choices(self) -> list[tuple[str, str | Promise]]:
        """(code, label) of its list, in the reader's language; empty for text."""
        if self.codes is not None:
            return list(self.codes.choices)
        if self.type in (FieldType.COUNTRY, FieldType.COUNTRIES):
            return list(places.countries())
        return list(places.languages()) if self.type == FieldType.LANGUAGE else []

    def label_of(self, code: str) -> str:
        """The word for one code of the list; the code itself where it is none."""
        if self.type in (FieldType.COUNTRY, FieldType.COUNTRIES):
            return places.country_name(code)
        if self.type == FieldType.LANGUAGE:
            return places.language_name(code)
        if self.codes is not None and code in self.codes.values:
            return str(self.codes(code).label)
        return code


_CODED = (FieldType.CODE, FieldType.CODES, FieldType.COUNTRY, FieldType.COUNTRIES, FieldType.LANGUAGE)
_T = FieldType
_C = InfoCategory


def _fields(home: Home, section: Section, categories: tuple[str, ...], *rows: tuple) -> list[Field]:
    """Fields that share a home: rows of (name, label, type, core[, code list])."""
    return [
        Field(
            name=row[0], label=row[1], type=row[2], is_core=row[3], codes=row[4] if len(row) > 4 else None,
            home=home, section=section, categories=frozenset(categories),
        )
        for row in rows
    ]  # fmt: skip


# fmt: off
_ALL: list[Field] = [
    *_fields(Home.SURVIVOR, Section.IDENTITY, (_C.IDENTITY,),
        ("prs_FirstName", _("First name"), _T.TEXT, True),
        ("prs_SecondName", _("Family name"), _T.TEXT, True),
        ("prs_MiddleName", _("Middle name"), _T.TEXT, False),
        ("prs_Birthdate", _("Date of birth"), _T.DATE, True)),
    *_fields(Home.ABOUT, Section.IDENTITY, (_C.IDENTITY,),
        ("prs_Salutation", _("Salutation"), _T.TEXT, True),
        ("prs_Title", _("Position in an organisation"), _T.TEXT, True),
        ("prs_IdentityNumber", _("Identity number"), _T.TEXT, False),
        ("prs_Deceased", _("Deceased"), _T.CHECKBOX, False)),
    *_fields(Home.ABOUT, Section.IDENTITY, (_C.DEMOGRAPHICS,),
        ("prs_Gender", _("Gender"), _T.CODE, True, codes.Gender),
        ("prs_Citizenship", _("Citizenship"), _T.COUNTRIES, True),
        ("prs_PrimaryLanguage", _("First language"), _T.LANGUAGE, False),
        ("prs_SecondaryLanguage", _("Second language"), _T.LANGUAGE, False)),
    *_fields(Home.ABOUT, Section.IDENTITY, (_C.FAMILY_CHILDREN,),
        ("prs_MaritalStatus", _("Marital status"), _T.CODE, False, codes.MaritalStatus),
        ("prs_NumberOfChildren", _("Number of children"), _T.NUMBER, False)),
    *_fields(Home.ABOUT, Section.IDENTITY, (_C.EDUCATION_EMPLOYMENT,),
        ("prs_HighestLevelOfEducation", _("Highest level of education"), _T.CODE, False, codes.Education)),
    *_fields(Home.CONTACT, Section.IDENTITY, (_C.CONTACT,),
        ("prs_Email", _("E-mail"), _T.EMAIL, True),
        ("prs_HomePhone", _("Home phone"), _T.PHONE, True),
        ("prs_MobilePhone", _("Mobile phone"), _T.PHONE, True)),
    *_fields(Home.CONTACT, Section.IDENTITY, (_C.SAFE_MAILING_ADDRESS,),
        ("prs_MailingStreet", _("Mailing street"), _T.TEXT, True),
        ("prs_MailingCity", _("Mailing city"), _T.TEXT, True),
        ("prs_MailingState", _("Mailing state or province"), _T.TEXT, True),
        ("prs_MailingPostalCode", _("Mailing postal code"), _T.TEXT, True),
        ("prs_MailingCountry", _("Mailing country"), _T.COUNTRY, True)),
    *_fields(Home.ANSWERS, Section.NARRATIVE, (_C.TRAFFICKING_HISTORY,),
        ("vic_TraffickingStatus", _("Trafficking status"), _T.CODE, True, codes.TraffickingStatus),
        ("vic_TraffickingStatusDecisionMakingOrg", _("Who determined the status"), _T.CODE, True,
         codes.DecisionMakingOrganisation),
        ("vic_MethodOfRecruitment", _("Method of recruitment"), _T.CODES, True, codes.MethodOfRecruitment),
        ("vic_LocationOfRecruitment", _("Location of recruitment"), _T.LOOKUP, True),
        ("vic_MethodsOfControl", _("Methods of control"), _T.CODES, True, codes.MethodOfControl),
        ("vic_TypeOfExploitation", _("Type of exploitation"), _T.CODES, True, codes.TypeOfExploitation),
        # A picklist in the standard, "select multiple" in its own form: several are kept.
        ("vic_ForcedLabourIndustry", _("Industry of forced labour"), _T.CODES, True, codes.Industry),
        ("vic_TypeOfSexExploitation", _("Type of sexual exploitation"), _T.CODES, True, codes.TypeOfSexExploitation),
        ("vic_LocationOfExploitation", _("Location of exploitation"), _T.LOOKUP, True),
        ("vic_RelationshipToTrafficker", _("Relationship to the alleged trafficker"), _T.CODE, False,
         codes.RelationshipToTrafficker),
        ("vic_AgeWhenTrafficked", _("Age when first trafficked"), _T.NUMBER, False),
        ("vic_RecruitmentWebsitesAndApps", _("Websites and apps of recruitment"), _T.CODES, False, codes.WebsiteOrApp),
        ("vic_ExploitationWebsitesAndApps", _("Websites and apps of exploitation"), _T.CODES, False,
         codes.WebsiteOrApp),
        ("vic_Vulnerabilities", _("Vulnerabilities"), _T.CODES, False, codes.Vulnerability),
        ("vic_DetailsOfVulnerabilities", _("Details of vulnerabilities"), _T.LONG_TEXT, False)),
    *_fields(Home.CONSENT, Section.DUTIES, (),
        ("con_Consent", _("Consent"), _T.CHECKBOX, True),
        # Deprecated, replaced by con_Consent; read, never written.
        ("vic_AgreementToManagePersonalData", _("Agreement to manage personal data"), _T.CHECKBOX, False)),
    *_fields(Home.CASE, Section.CARD, (_C.SERVICES_DATES,),
        ("cas_Status", _("Status"), _T.CODE, True, codes.HtcdsStatus)),
    *_fields(Home.REFERRAL, Section.CARD, (),
        # Exported as role and organisation, never as a name.
        ("cas_CaseOwner", _("Case owner"), _T.LOOKUP, True)),
    *_fields(Home.REFERRAL, Section.SERVICES, (_C.SERVICES_DATES,),
        ("cas_ReferringOrganisation", _("Referring organisation"), _T.LOOKUP, True),
        ("cas_IncomingReferralDate", _("Date of incoming referral"), _T.DATE, True),
        ("cas_ReferringPrimaryCaseWorker", _("Referring caseworker"), _T.LOOKUP, True),
        ("cas_ReasonForIncomingReferral", _("Reason for incoming referral"), _T.CODE, True, codes.ReferralReason),
        ("cas_ReferredOrganisation", _("Referred to organisation"), _T.LOOKUP, True),
        ("cas_ReferredPrimaryCaseWorker", _("Referred to caseworker"), _T.LOOKUP, True),
        ("cas_ReasonForOutgoingReferral", _("Reason for outgoing referral"), _T.CODE, True, codes.ReferralReason),
        ("cas_OutgoingReferralDate", _("Date of outgoing referral"), _T.DATE, True)),
    *_fields(Home.REFERRAL, Section.SERVICES, (_C.SERVICES_DATES, _C.SERVICE_PLAN, _C.TRAFFICKING_HISTORY),
        # Free text may say anything, so all three must be released.
        ("cas_IncomingReferralDetails", _("Details of incoming referral"), _T.LONG_TEXT, True),
        ("cas_OutgoingReferralDetails", _("Details of outgoing referral"), _T.LONG_TEXT, True),
        ("cas_ReasonForCaseClosure", _("Reason for case closure"), _T.LONG_TEXT, True),
        ("cco_CaseComment", _("Case comment"), _T.LONG_TEXT, False)),
]

#: Every field by its name.
FIELDS: dict[str, Field] = {one.name: one for one in _ALL}

#: The 38 core columns in the order of the official sheet's code row, with its slips corrected.
CORE_ORDER: tuple[str, ...] = (
    "cas_CaseOwner", "prs_Salutation", "prs_FirstName", "prs_SecondName", "con_Consent", "prs_Birthdate", "prs_Gender",
    "prs_Citizenship", "prs_Title", "prs_Email", "prs_HomePhone", "prs_MobilePhone", "prs_MailingCity",
    "prs_MailingCountry", "prs_MailingState", "prs_MailingStreet", "prs_MailingPostalCode", "vic_TraffickingStatus",
    "vic_TraffickingStatusDecisionMakingOrg", "vic_MethodOfRecruitment", "vic_LocationOfRecruitment",
    "vic_MethodsOfControl", "vic_TypeOfExploitation", "vic_ForcedLabourIndustry", "vic_TypeOfSexExploitation",
    "vic_LocationOfExploitation", "cas_Status", "cas_ReferringOrganisation", "cas_IncomingReferralDate",
    "cas_ReferringPrimaryCaseWorker", "cas_ReasonForIncomingReferral", "cas_IncomingReferralDetails",
    "cas_ReferredOrganisation", "cas_ReferredPrimaryCaseWorker", "cas_ReasonForOutgoingReferral",
    "cas_OutgoingReferralDate", "cas_OutgoingReferralDetails", "cas_ReasonForCaseClosure",
)
# fmt: on

#: What HTCDS lacks and ``TraffickingProfile.answers`` keeps beside a status: its source, its date, who decided (R5).
STATUS_SOURCE, STATUS_DECIDED_ON, STATUS_DECIDED_BY = "x_StatusSource", "x_StatusDecidedOn", "x_StatusDecidedBy"
