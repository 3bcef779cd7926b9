"""The code lists of HTCDS 2.0 (IOM, CC BY 4.0): values are the standard's own names, labels are for people.

A value is what is stored and exported, also where the standard misspells it (``Unaquainted``). Where our label is
kinder or clearer than the standard's, the importer still knows the standard's (``cases.htcds.wording``). Which field
uses which list: ``cases.htcds.fields``. Countries and languages: ``cases.htcds.places``.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationType(TextChoices):
    """Kinds of organisation (``org_Type``)."""

    NGO = "NGO", _("Non-governmental organisation")
    LAW_ENFORCEMENT = "LawEnforcement", _("Law enforcement")
    HEALTH_SERVICE_ORGANISATION = "HealthServiceOrganisation", _("Health service organisation")
    CENTRAL_GOVERNMENT_ORGANISATION = "CentralGovernmentOrganisation", _("Central government organisation")
    LOCAL_GOVERNMENT_ORGANISATION = "LocalGovernmentOrganisation", _("Local government organisation")
    IMMIGRATION_SERVICE = "ImmigrationService", _("Immigration service")
    LEGAL_SERVICE = "LegalService", _("Legal service")
    CORPORATE_BUSINESS = "CorporateBusiness", _("Corporate business")
    SCHOOL_OR_COLLEGE = "SchoolOrCollege", _("School or college")


class Gender(TextChoices):
    """Gender (``prs_Gender``)."""

    FEMININE = "Feminine", _("Feminine")
    MASCULINE = "Masculine", _("Masculine")
    TRANSGENDER_FEMININE = "TransgenderFeminine", _("Transgender feminine")
    TRANSGENDER_MASCULINE = "TransgenderMasculine", _("Transgender masculine")
    NON_CONFORMING = "NonConforming", _("Non-conforming")
    NON_SPECIFIED_UNKNOWN = "NonSpecifiedUnknown", _("Not specified or unknown")


class MaritalStatus(TextChoices):
    """Marital status (``prs_MaritalStatus``)."""

    SINGLE = "Single", _("Single")
    MARRIED = "Married", _("Married")
    WIDOWED = "Widowed", _("Widowed")
    DIVORCED = "Divorced", _("Divorced")
    SEPARATED = "Separated", _("Separated")
    REGISTERED_PARTNERSHIP = "RegisteredPartnership", _("Registered partnership")


class Education(TextChoices):
    """Highest level of education, ISCED 2011 (``prs_HighestLevelOfEducation``)."""

    EARLY_CHILDHOOD_EDUCATION = "EarlyChildhoodEducation", _("Early childhood education")
    PRIMARY_EDUCATION = "PrimaryEducation", _("Primary education")
    LOWER_SECONDARY_EDUCATION = "LowerSecondaryEducation", _("Lower secondary education")
    UPPER_SECONDARY_EDUCATION = "UpperSecondaryEducation", _("Upper secondary education")
    POST_SECONDARY_NON_TERTIARY_EDUCATION = "PostSecondaryNonTertiaryEducation", _("Post-secondary, not tertiary")
    SHORT_CYCLE_TERTIARY_EDUCATION = "ShortCycleTertiaryEducation", _("Short-cycle tertiary education")
    BACHELORS_OR_EQUIVALENT_LEVEL = "BachelorsOrEquivalentLevel", _("Bachelor’s or equivalent")
    MASTERS_OR_EQUIVALENT_LEVEL = "MastersOrEquivalentLevel", _("Master’s or equivalent")
    DOCTORAL_OR_EQUIVALENT_LEVEL = "DoctoralOrEquivalentLevel", _("Doctoral or equivalent")


class TraffickingStatus(TextChoices):
    """What has been determined (``vic_TraffickingStatus``). "Possible" is valid: nobody has decided yet."""

    POSSIBLE_VICTIM_OF_TRAFFICKING = "PossibleVictimOfTrafficking", _("Possible victim of trafficking")
    ACTUAL_VICTIM_OF_TRAFFICKING = "ActualVictimOfTrafficking", _("Victim of trafficking, as determined")
    NOT_A_VICTIM_OF_TRAFFICKING = "NotAVictimOfTrafficking", _("Not a victim of trafficking, as determined")


class DecisionMakingOrganisation(TextChoices):
    """Who determined it (``vic_TraffickingStatusDecisionMakingOrg``)."""

    POLICE = "Police", _("Police")
    NGO = "NGO", _("Non-governmental organisation")
    COURT_OR_PROSECUTION = "CourtOrProsecution", _("Court or prosecution")
    NON_POLICE_GOVERNMENTAL_ORGANIZATION = "NonPoliceGovernmentalOrganization", _("Public authority other than police")
    OTHER = "Other", _("Other")


class RelationshipToTrafficker(TextChoices):
    """Relationship to the alleged trafficker (``vic_RelationshipToTrafficker``)."""

    FAMILIAL = "Familial", _("Family")
    ACQUAINTED = "Acquainted", _("Somebody she knew")
    UNAQUAINTED = "Unaquainted", _("A stranger")  # misspelt in the standard; kept, because others read our exports


class WebsiteOrApp(TextChoices):
    """Websites and apps (``vic_RecruitmentWebsitesAndApps``, ``vic_ExploitationWebsitesAndApps``)."""

    FACEBOOK = "Facebook", _("Facebook")
    INSTAGRAM = "Instagram", _("Instagram")
    WHATSAPP = "WhatsApp", _("WhatsApp")
    TELEGRAM = "Telegram", _("Telegram")
    FACEBOOK_MESSENGER = "FacebookMessenger", _("Facebook Messenger")
    VIBER = "Viber", _("Viber")
    SNAPCHAT = "SnapChat", _("Snapchat")
    LINE = "Line", _("Line")
    FOUR_SALE = "4Sale", _("4Sale")
    WECHAT = "WeChat", _("WeChat")
    QQ = "QQ", _("QQ")
    QZONE = "QZone", _("QZone")
    TIKTOK = "TikTok", _("TikTok")
    TWITTER = "Twitter", _("Twitter")
    OTHER = "Other", _("Other")


class MethodOfRecruitment(TextChoices):
    """How the recruitment happened (``vic_MethodOfRecruitment``)."""

    AT_A_PLACE_OF_BUSINESS = "AtAPlaceOfBusiness", _("At a place of business")
    AT_AN_EDUCATIONAL_INSTITUTION = "AtAnEducationalInstitution", _("At a school or college")
    AT_WORK = "AtWork", _("At work")
    THROUGH_ONLINE_SOCIAL_NETWORKS = "ThroughOnlineSocialNetworks", _("Through online social networks")
    THROUGH_AN_ONLINE_ADVERTISEMENT = "ThroughAnOnlineAdvertisement", _("Through an online advertisement")
    THROUGH_A_TELEVISION_ADVERT = "ThroughATelevisionAdvert", _("Through a television advertisement")
    THROUGH_A_NEWSPAPER_ADVERT = "ThroughANewspaperAdvert", _("Through a newspaper advertisement")
    THROUGH_FAMILY_OR_FAMILY_EVENTS = "ThroughFamilyOrFamilyEvents", _("Through family or family events")
    THROUGH_FRIENDS_OR_SOCIAL_EVENTS = "ThroughFriendsOrSocialEvents", _("Through friends or social events")
    OTHER = "Other", _("Other")


class MethodOfControl(TextChoices):
    """How the person was controlled (``vic_MethodsOfControl``); definitions in the field guide of HTCDS."""

    PHYSICAL_THREATS = "PhysicalThreats", _("Threats of harm")
    THREATS_LAW_ENFORCEMENT = "ThreatsLawEnforcement", _("Threats of police or immigration authorities")
    THREATENS_CHILDREN_FAMILY = "ThreatensChildrenFamily", _("Threats to children or family")
    DEBT_BONDAGE = "DebtBondage", _("Debt bondage")
    FALSE_PROMISES = "FalsePromises", _("False promises")
    PHYSICAL_ABUSE = "PhysicalAbuse", _("Physical abuse")
    SEXUAL_ABUSE = "SexualAbuse", _("Sexual abuse")
    TAKES_EARNINGS = "TakesEarnings", _("Takes earnings")
    RESTRICTS_FINANCIAL_ACCESS = "RestrictsFinancialAccess", _("Restricts access to money")
    RESTRICTS_MEDICAL_CARE = "RestrictsMedicalCare", _("Restricts medical care")
    WITHHOLDS_NECESSITIES = "WithholdsNecessities", _("Withholds necessities")
    PSYCHOLOGICAL_ABUSE = "PsychologicalAbuse", _("Psychological abuse")
    PSYCHOACTIVE_SUBSTANCE = "PsychoactiveSubstance", _("Drugs or alcohol")
    EXCESSIVE_WORKING_HOURS = "ExcessiveWorkingHours", _("Excessive working hours")
    WITHHOLDS_DOCUMENTS = "WithholdsDocuments", _("Withholds documents")
    RESTRICTS_MOVEMENT = "RestrictsMovement", _("Restricts movement")  # ours: see EXTENSION_CODES
    USES_CHILDREN = "UsesChildren", _("Uses children")  # ours: see EXTENSION_CODES
    OTHER = "Other", _("Other")


#: Codes that we keep and the picklist of HTCDS 2.0 lacks, although its own definitions name them. The strict export
#: writes ``Other`` for them, the extended one names them in ``x_MethodsOfControl``.
EXTENSION_CODES = frozenset({MethodOfControl.RESTRICTS_MOVEMENT.value, MethodOfControl.USES_CHILDREN.value})


class TypeOfExploitation(TextChoices):
    """What the exploitation was (``vic_TypeOfExploitation``)."""

    FORCED_LABOUR = "ForcedLabour", _("Forced labour")
    SEXUAL_EXPLOITATION = "SexualExploitation", _("Sexual exploitation")
    CHILD_LABOUR = "ChildLabour", _("Child labour")
    FORCED_MARRIAGE = "ForcedMarriage", _("Forced marriage")
    SERVITUDE = "Servitude", _("Servitude")
    FORCED_MILITARY_BY_NON_STATE_ACTORS = (
        "ForcedMilitaryByNonStateActors",
        _("Forced military service by non-state actors"),
    )
    ORGAN_REMOVAL = "OrganRemoval", _("Organ removal")
    FORCED_BEGGING = "ForcedBegging", _("Forced begging")
    FORCED_ADOPTION = "ForcedAdoption", _("Forced adoption")
    SURROGACY = "Surrogacy", _("Surrogacy")
    OTHER = "Other", _("Other")


class Industry(TextChoices):
    """Sections of ISIC revision 4 (``vic_ForcedLabourIndustry``). Domestic servitude belongs to T."""

    A_AGRICULTURE_FORESTRY_AND_FISHING = "A_AgricultureForestryAndFishing", _("Agriculture, forestry and fishing")
    B_MINING_AND_QUARRYING = "B_MiningAndQuarrying", _("Mining and quarrying")
    C_MANUFACTURING = "C_Manufacturing", _("Manufacturing")
    D_ELECTRICITY_GAS_STEAM_AND_AIR_CONDITIONING_SUPPLY = (
        "D_ElectricityGasSteamAndAirConditioningSupply",
        _("Electricity, gas, steam and air conditioning supply"),
    )
    E_WATER_SUPPLY_SEWERAGE_WASTE_MANAGEMENT = (
        "E_WaterSupplySewerageWasteManagement",
        _("Water supply, sewerage and waste management"),
    )
    F_CONSTRUCTION = "F_Construction", _("Construction")
    G_WHOLESALE_AND_RETAIL_TRADE_REPAIR_OF_MOTOR_VEHICLES = (
        "G_WholesaleAndRetailTradeRepairOfMotorVehicles",
        _("Wholesale and retail trade, repair of motor vehicles"),
    )
    H_TRANSPORTATION_AND_STORAGE = "H_TransportationAndStorage", _("Transportation and storage")
    I_ACCOMMODATION_AND_FOOD_SERVICE_ACTIVITIES = (
        "I_AccommodationAndFoodServiceActivities",
        _("Accommodation and food service"),
    )
    J_INFORMATION_AND_COMMUNICATION = "J_InformationAndCommunication", _("Information and communication")
    K_FINANCIAL_AND_INSURANCE_ACTIVITIES = "K_FinancialAndInsuranceActivities", _("Financial and insurance activities")
    L_REAL_ESTATE_ACTIVITIES = "L_RealEstateActivities", _("Real estate activities")
    M_PROFESSIONAL_SCIENTIFIC_AND_TECHNICAL_ACTIVITIES = (
        "M_ProfessionalScientificAndTechnicalActivities",
        _("Professional, scientific and technical activities"),
    )
    N_ADMINISTRATIVE_AND_SUPPORT_SERVICE_ACTIVITIES = (
        "N_AdministrativeAndSupportServiceActivities",
        _("Administrative and support service activities"),
    )
    O_PUBLIC_ADMINISTRATION_AND_DEFENCE = "O_PublicAdministrationAndDefence", _("Public administration and defence")
    P_EDUCATION = "P_Education", _("Education")
    Q_HUMAN_HEALTH_AND_SOCIAL_WORK_ACTIVITIES = (
        "Q_HumanHealthAndSocialWorkActivities",
        _("Human health and social work"),
    )
    R_ARTS_ENTERTAINMENT_AND_RECREATION = "R_ArtsEntertainmentAndRecreation", _("Arts, entertainment and recreation")
    S_OTHER_SERVICE_ACTIVITIES = "S_OtherServiceActivities", _("Other service activities")
    T_ACTIVITIES_OF_HOUSEHOLDS_AS_EMPLOYERS = (
        "T_ActivitiesOfHouseholdsAsEmployers",
        _("Domestic work in private households"),
    )
    U_ACTIVITIES_OF_EXTRATERRITORIAL_ORGANIZATIONS = (
        "U_ActivitiesOfExtraterritorialOrganizations",
        _("Embassies and international organisations"),
    )


class TypeOfSexExploitation(TextChoices):
    """What the sexual exploitation was (``vic_TypeOfSexExploitation``)."""

    PROSTITUTION = "Prostitution", _("Prostitution")
    PORNOGRAPHY = "Pornography", _("Pornography")
    REMOTE_INTERACTIVE_SERVICES = "RemoteInteractiveServices", _("Remote interactive services")
    PRIVATE_SEXUAL_SERVICES = "PrivateSexualServices", _("Private sexual services")


class Vulnerability(TextChoices):
    """Vulnerabilities (``vic_Vulnerabilities``, deprecated: read on import, never asked)."""

    ADDICTION = "Addiction", _("Addiction")
    SOCIAL_GROUP = "SocialGroup", _("Social group")
    DISCRIMINATION = "Discrimination", _("Discrimination")
    POVERTY = "Poverty", _("Poverty")
    DISABILITY_AND_PHYSICAL_HEALTH = "DisabilityAndPhysicalHealth", _("Disability and physical health")
    MENTAL_HEALTH = "MentalHealth", _("Mental health")
    MIGRATION = "Migration", _("Migration")
    HOMELESSNESS = "Homelessness", _("Homelessness")
    ABUSE_SOCIAL_MEDIA = "AbuseSocialMedia", _("Abuse on social media")
    ABUSE_PHYSICAL = "AbusePhysical", _("Physical abuse")
    EDUCATION = "Education", _("Education")
    WORK_ENVIRONMENT = "WorkEnvironment", _("Work environment")


class PerpetratorRole(TextChoices):
    """What an alleged perpetrator did (``per_RoleInProcess``)."""

    TRAVELLING_PARTNER = "TravellingPartner", _("Travelling partner")
    TRANSPORTER = "Transporter", _("Transporter")
    RECRUITER_OR_INTERMEDIARY = "RecruiterOrIntermediary", _("Recruiter or intermediary")
    BROKER_TRAVEL_AGENT = "BrokerTravelAgent", _("Broker or travel agent")
    TRANSFERRED_INDIVIDUAL = "TransferredIndividual", _("Transferred the person")
    HARBOURED_INDIVIDUAL = "HarbouredIndividual", _("Harboured the person")
    SOLD_INDIVIDUAL = "SoldIndividual", _("Sold the person")
    BOUGHT_INDIVIDUAL = "BoughtIndividual", _("Bought the person")
    RECEIVED_INDIVIDUAL = "ReceivedIndividual", _("Received the person")
    CONTROLLED_INDIVIDUAL = "ControlledIndividual", _("Controlled the person")
    SMUGGLER = "Smuggler", _("Smuggler")
    ABUSER = "Abuser", _("Abuser")
    KIDNAPPER = "Kidnapper", _("Kidnapper")
    EXPLOITER = "Exploiter", _("Exploiter")
    OTHER = "Other", _("Other")


class HtcdsStatus(TextChoices):
    """Status of a case as HTCDS knows it (``cas_Status``); ours is ``cases.choices.casework.CaseStatus``."""

    ACTIVE = "Active", _("Active")
    FOLLOW_UP = "FollowUp", _("Follow-up")
    CLOSED = "Closed", _("Closed")
    CLOSED_REFERRED = "ClosedReferred", _("Closed after referral")


class ReferralReason(TextChoices):
    """Why a case was referred (``cas_ReasonForIncomingReferral``, ``cas_ReasonForOutgoingReferral``)."""

    ADDITIONAL_SERVICES_REQUIRED = "AdditionalServicesRequired", _("More services needed")
    MIGRATION_OR_CHANGE_OF_LOCATION = "MigrationOrChangeOfLocation", _("Moved to another place")
    OTHER = "Other", _("Other")


class TraffickingEventType(TextChoices):
    """Phases of what happened (``hte_Type``)."""

    RECRUITMENT = "Recruitment", _("Recruitment")
    TRANSIT = "Transit", _("Transit")
    EXPLOITATION = "Exploitation", _("Exploitation")


class SupportPlanType(TextChoices):
    """Kinds of support plan (``spl_Type``)."""

    EDUCATION = "Education", _("Education")
    FINANCIAL = "Financial", _("Financial")
    HEALTH = "Health", _("Health")
    LABOUR_EXPLOITATION_REHABILITATION = "LabourExploitationRehabilitation", _("Recovery from labour exploitation")
    LEGAL = "Legal", _("Legal")
    LIVELIHOOD = "Livelihood", _("Livelihood")
    RIGHTS_BASED_TRAINING = "RightsBasedTraining", _("Training on rights")
    SEXUAL_EXPLOITATION_REHABILITATION = "SexualExploitationRehabilitation", _("Recovery from sexual exploitation")
    SOCIAL_CARE = "SocialCare", _("Social care")


class ConsentPrompt(TextChoices):
    """The seven things a person is told before ``con_Consent`` may be true (domain.md §1.1.6, R2)."""

    AGREES_TO_INTERVIEW = "AGREES_TO_INTERVIEW", _("Consents or assents to the interview")
    TOLD_PURPOSE = "TOLD_PURPOSE", _("Was told what the information is for")
    TOLD_USE = "TOLD_USE", _("Was told how it is used now and may be used later")
    TOLD_RESEARCH = "TOLD_RESEARCH", _("Was told about non-identifying use for research")
    TOLD_RIGHT_TO_DATA = "TOLD_RIGHT_TO_DATA", _("Was told that she can ask for her information at any time")
    TOLD_HOW_LONG = "TOLD_HOW_LONG", _("Was told how long it is kept")
    TOLD_HOW_TO_WITHDRAW = "TOLD_HOW_TO_WITHDRAW", _("Was told how to withdraw consent")


class MigrantType(TextChoices):
    """Kind of migrant (HTCDS guidance 7): optional, several possible, in section STATUS."""

    FAMILY = "FAMILY", pgettext_lazy("migrant", "Family")
    VISITOR_TOURIST = "VISITOR_TOURIST", _("Visitor or tourist")
    LABOUR = "LABOUR", pgettext_lazy("migrant", "Labour")
    STUDENT = "STUDENT", pgettext_lazy("migrant", "Student")
    IRREGULAR = "IRREGULAR", pgettext_lazy("migrant", "Irregular")


class ProtectionStatus(TextChoices):
    """International protection (HTCDS guidance 7)."""

    ASYLUM_SEEKER = "ASYLUM_SEEKER", _("Asylum seeker")
    REFUGEE = "REFUGEE", _("Refugee")
    COMPLEMENTARY_PROTECTION = "COMPLEMENTARY_PROTECTION", _("Complementary protection")
    STATELESS = "STATELESS", _("Stateless")


class MobilityStatus(TextChoices):
    """Other circumstances of migration (HTCDS guidance 7)."""

    ENVIRONMENTAL = "ENVIRONMENTAL", _("Moved for reasons of environment")
    VULNERABLE = "VULNERABLE", _("In a vulnerable situation")
    STRANDED = "STRANDED", _("Stranded")
    FORCED = "FORCED", _("Forced to move")
    DEPORTEE = "DEPORTEE", _("Deported")
    EX_COMBATANT = "EX_COMBATANT", _("Former combatant")
    IDP = "IDP", _("Displaced within the country")
    SEPARATED_UNACCOMPANIED_CHILD = "SEPARATED_UNACCOMPANIED_CHILD", _("Separated or unaccompanied child")
    RETURNEE = "RETURNEE", _("Returned")
