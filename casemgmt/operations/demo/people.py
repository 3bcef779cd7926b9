"""Thirty people who do not exist: the survivors of the demo, from fifteen countries.

Their family names are words put together ("moon rock", "quiet river") that nobody bears, in the scripts people
really write. Telephone numbers are those set aside for fiction, e-mail addresses end in example.org, and nobody has
a postal address. What happened to them is told in the codes of HTCDS alone.
"""

from dataclasses import dataclass, field

from cases.choices.survivor import ContactChannel
from cases.htcds.codes import (
    Education,
    Gender,
    Industry,
    MaritalStatus,
    MethodOfControl,
    MethodOfRecruitment,
    TypeOfExploitation,
)

F, M = Gender.FEMININE, Gender.MASCULINE
_LABOUR, _SEXUAL = TypeOfExploitation.FORCED_LABOUR, TypeOfExploitation.SEXUAL_EXPLOITATION
_SERVITUDE, _MARRIAGE = TypeOfExploitation.SERVITUDE, TypeOfExploitation.FORCED_MARRIAGE
_BEGGING = TypeOfExploitation.FORCED_BEGGING
_HOME, _FIELD = Industry.T_ACTIVITIES_OF_HOUSEHOLDS_AS_EMPLOYERS, Industry.A_AGRICULTURE_FORESTRY_AND_FISHING
_HOTEL, _SITE = Industry.I_ACCOMMODATION_AND_FOOD_SERVICE_ACTIVITIES, Industry.F_CONSTRUCTION
_FACTORY, _CARE = Industry.C_MANUFACTURING, Industry.Q_HUMAN_HEALTH_AND_SOCIAL_WORK_ACTIVITIES
_SALON = Industry.S_OTHER_SERVICE_ACTIVITIES
_PAPERS, _DEBT = MethodOfControl.WITHHOLDS_DOCUMENTS, MethodOfControl.DEBT_BONDAGE
_PROMISES, _EARNINGS = MethodOfControl.FALSE_PROMISES, MethodOfControl.TAKES_EARNINGS
_THREATS, _FAMILY = MethodOfControl.THREATS_LAW_ENFORCEMENT, MethodOfControl.THREATENS_CHILDREN_FAMILY
_HOURS, _MOVEMENT = MethodOfControl.EXCESSIVE_WORKING_HOURS, MethodOfControl.RESTRICTS_MOVEMENT
_PRESSURE = MethodOfControl.PSYCHOLOGICAL_ABUSE
_ONLINE, _ADVERT = (
    MethodOfRecruitment.THROUGH_ONLINE_SOCIAL_NETWORKS,
    MethodOfRecruitment.THROUGH_AN_ONLINE_ADVERTISEMENT,
)
_KIN, _FRIENDS = (
    MethodOfRecruitment.THROUGH_FAMILY_OR_FAMILY_EVENTS,
    MethodOfRecruitment.THROUGH_FRIENDS_OR_SOCIAL_EVENTS,
)
_AT_WORK, _PAPER = MethodOfRecruitment.AT_WORK, MethodOfRecruitment.THROUGH_A_NEWSPAPER_ADVERT
_SMS, _CALL, _APP = ContactChannel.SMS, ContactChannel.PHONE, ContactChannel.APP
_MEET, _MAIL, _NEVER = ContactChannel.IN_PERSON, ContactChannel.EMAIL, ContactChannel.NONE


@dataclass(frozen=True)
class Figure:
    """One fictional survivor. ``key`` names her in the story; ``worker`` is the key of the cast who takes her in.

    ``opened`` is how many days ago that was; ``phone`` the last two digits of a number for fiction.
    """

    key: str
    worker: str
    opened: int
    first: str
    second: str
    country: str
    language: str
    age: int
    gender: str
    phone: int
    contact: tuple[str, str]
    kind: str
    recruited: str
    control: tuple[str, ...]
    industry: str | None = None
    other: str = ""
    second_language: str = ""
    children: int = 0
    marital: str = MaritalStatus.SINGLE
    education: str = Education.LOWER_SECONDARY_EDUCATION
    referred_by: str = "Tollbridge Hotline (demo)"
    consented: bool = True
    determined: bool = False
    alerts: tuple[str, ...] = field(default_factory=tuple)

    @property
    def contact_value(self) -> str:
        """The number or address that belongs to the way she may be reached; none where she may not be."""
        channel = self.contact[0]
        if channel in (_NEVER, _MEET):
            return ""
        return f"person{self.phone:02}@example.org" if channel == _MAIL else self.telephone

    @property
    def telephone(self) -> str:
        """A number that belongs to nobody: 202-555-0100 to 0199 are kept for fiction."""
        return f"+1 202-555-01{self.phone:02}"


# fmt: off
FIGURES: tuple[Figure, ...] = (
    # ---- Amina's: the North team
    Figure("lark", "amina", 722, "Juniper", "Larkmeadow", "US", "en", 24, F, 11, (_SMS, "Any day after 10:00."), _SEXUAL, _ONLINE,
           (_PROMISES, _EARNINGS), education=Education.UPPER_SECONDARY_EDUCATION, determined=True),
    Figure("moonrock", "amina", 655, "Xóchitl", "Peñaluna Estrellaverde", "MX", "es", 31, F, 12,
           (_APP, "Weekday evenings. A voice message is fine, a call is not."), _LABOUR, _ADVERT, (_PAPERS, _HOURS, _DEBT),
           _HOTEL, children=2, determined=True),
    Figure("skystream", "amina", 540, "ፀሐይነሽ", "ሰማያዊወንዝ", "ET", "am", 29, F, 13,
           (_CALL, "Sundays off. Ask “Is now a good time?” first."), _SERVITUDE, _KIN, (_PAPERS, _MOVEMENT, _EARNINGS), _HOME,
           other="Tsehaynesh Semayawiwenz", second_language="en", determined=True, referred_by="Old Mill Clinic (demo)"),
    Figure("quietwater", "amina", 470, "Зоряна", "Тиховода-Ясна", "UA", "uk", 35, F, 14,
           (_SMS, "Write in Ukrainian. Never mention Haven."), _LABOUR, _ADVERT, (_DEBT, _THREATS), _FACTORY,
           other="Zoriana Tykhovoda-Yasna", second_language="ru", children=1, marital=MaritalStatus.DIVORCED,
           education=Education.SHORT_CYCLE_TERTIARY_EDUCATION, determined=True),
    Figure("softrain", "amina", 402, "Itzel", "Lluviaserena", "GT", "es", 22, F, 15,
           (_SMS, "Between 12:00 and 13:00, when the phone is hers."), _SERVITUDE, _KIN, (_FAMILY, _MOVEMENT), _HOME,
           second_language="quc"),
    Figure("thyme", "amina", 330, "نُورُ القَمَر", "جَبَلُ الزَّعْتَر", "SY", "ar", 27, F, 16,
           (_MEET, "Only here, on appointment. No call, no message, no letter."), _MARRIAGE, _KIN, (_MOVEMENT, _FAMILY, _PRESSURE),
           other="Nur al-Qamar Jabal az-Zaatar", marital=MaritalStatus.SEPARATED, children=1),
    Figure("seawind", "amina", 286, "Ligaya", "Bituinhangin", "PH", "fil", 38, F, 17,
           (_APP, "Evenings after 19:00."), _LABOUR, _PAPER, (_PAPERS, _HOURS, _DEBT), _CARE, second_language="en", children=3,
           marital=MaritalStatus.MARRIED, education=Education.BACHELORS_OR_EQUIVALENT_LEVEL, determined=True),
    Figure("cane", "amina", 214, "Ángela", "Cañasol Brisanueva", "HN", "es", 26, F, 18,
           (_APP, "Message on weekdays, 09:00 to 12:00. Never leave a voicemail. Ask “Is now a good time?” first."),
           _LABOUR, _FRIENDS, (_PAPERS, _DEBT, _THREATS, _FAMILY), _HOTEL, children=1, determined=True,
           referred_by="Old Mill Clinic (demo)"),
    Figure("goodwater", "amina", 150, "Adaeze", "Mmirioma", "NG", "en", 23, F, 19,
           (_CALL, "Mornings. If somebody else answers, it is the dentist."), _SEXUAL, _FRIENDS, (_DEBT, _FAMILY, _EARNINGS),
           second_language="ig"),
    Figure("dew", "amina", 96, "Sương", "Trăngxanh Mây", "VN", "vi", 20, F, 20, (_SMS, "Short, and in Vietnamese."), _LABOUR,
           _ONLINE, (_DEBT, _PAPERS, _HOURS), _SALON, referred_by="Riverside Police liaison (demo)"),
    Figure("cloud", "amina", 47, "أَمَل", "وادي-الغَيْم", "MA", "ar", 33, F, 21, (_CALL, "Not on Fridays."), _SERVITUDE, _AT_WORK,
           (_PAPERS, _MOVEMENT, _EARNINGS), _HOME, other="Amal Wadi al-Ghaym", second_language="fr"),
    Figure("clearmoon", "amina", 19, "Íris", "Luaclara Nascente", "BR", "pt", 28, F, 22,
           (_MAIL, "She reads it at the library on Tuesdays."), _SEXUAL, _ONLINE, (_PROMISES, _EARNINGS, _PRESSURE),
           education=Education.UPPER_SECONDARY_EDUCATION),
    Figure("waterlily", "amina", 2, "বৃষ্টিলেখা", "শালুকনদী", "BD", "bn", 19, F, 23, (_NEVER, "Wait until she comes by."), _LABOUR, _KIN,
           (_PAPERS, _MOVEMENT), _FACTORY, other="Brishtilekha Shaluknodi", consented=False),
    # ---- Bea's own, in the North team
    Figure("mildspring", "bea", 610, "Ștefănel", "Izvorlin", "MD", "ro", 41, M, 31, (_CALL, "After work, from 17:00."), _LABOUR, _AT_WORK,
           (_PAPERS, _DEBT, _HOURS), _SITE, second_language="ru", marital=MaritalStatus.MARRIED, children=2, determined=True),
    Figure("nightsky", "bea", 365, "Folúkẹ́", "Odòtútù", "NG", "yo", 30, F, 32, (_SMS, "Any time; she answers when it is safe."), _SEXUAL,
           _FRIENDS, (_DEBT, _FAMILY, _THREATS), second_language="en", children=1, referred_by="Old Mill Clinic (demo)"),
    Figure("marigold", "bea", 122, "Wren", "Marigoldwood", "US", "en", 17, Gender.NON_CONFORMING, 33,
           (_MEET, "At school, on Wednesdays, through the counsellor's room."), _SEXUAL, _ONLINE, (_PROMISES, _PRESSURE),
           referred_by="Elm Street School (demo)", alerts=("MINOR",)),
    Figure("greenlight", "bea", 61, "Марічка", "Зеленосвіт", "UA", "uk", 21, F, 34, (_APP, "Disappearing messages only."), _BEGGING, _KIN,
           (_EARNINGS, _MOVEMENT), other="Marichka Zelenosvit"),
    # ---- Dana's: the South team
    Figure("windmild", "dana", 690, "Jaciara", "Ventomanso", "BR", "pt", 36, F, 41, (_CALL, "Afternoons."), _LABOUR, _ADVERT,
           (_PROMISES, _HOURS), _HOTEL, children=1, determined=True),
    Figure("monsoon", "dana", 560, "Amihan", "Dagatlunti", "PH", "fil", 34, F, 42, (_APP, "Evenings."), _SERVITUDE, _PAPER,
           (_PAPERS, _EARNINGS, _MOVEMENT), _HOME, second_language="en", determined=True),
    Figure("bluefall", "dana", 445, "चाँदनी", "नीलझरना", "IN", "hi", 25, F, 43, (_SMS, "In Hindi, mornings."), _MARRIAGE, _KIN,
           (_MOVEMENT, _PRESSURE, _FAMILY), other="Chandni Neeljharna", marital=MaritalStatus.SEPARATED),
    Figure("clearriver", "dana", 310, "Ángel", "Ríoclaro Niebla", "MX", "es", 32, M, 44, (_CALL, "Only Sundays; he works all week."),
           _LABOUR, _FRIENDS, (_DEBT, _THREATS, _HOURS), _FIELD, marital=MaritalStatus.MARRIED, children=2, determined=True),
    Figure("dawnlight", "dana", 240, "ሰላማዊት", "ንጋትብርሃን", "ET", "am", 24, F, 45, (_CALL, "Evenings, ask for an interpreter first."),
           _SERVITUDE, _AT_WORK, (_PAPERS, _EARNINGS), _HOME, other="Selamawit Nigatbirhan"),
    Figure("raincreek", "dana", 165, "Hạ Vũ", "Suốibiếc", "VN", "vi", 29, M, 46, (_SMS, "Mornings, short."), _LABOUR, _FRIENDS,
           (_DEBT, _PAPERS), _FIELD, referred_by="Riverside Police liaison (demo)"),
    Figure("firefly", "dana", 88, "Alokdhara", "Jonakibil", "BD", "bn", 30, F, 47, (_CALL, "Not before 11:00."), _SERVITUDE, _AT_WORK,
           (_PAPERS, _MOVEMENT, _HOURS), _HOME, second_language="hi", marital=MaritalStatus.WIDOWED, children=2),
    Figure("jasmine", "dana", 33, "ياسمين", "نَهْرُ-الفَجْر", "SY", "ar", 21, F, 48, (_APP, "Afternoons, no voice messages."), _MARRIAGE, _KIN,
           (_MOVEMENT, _FAMILY), other="Yasamin Nahr al-Fajr"),
    Figure("breezesong", "dana", 6, "Ixmucané", "Cantosereno", "GT", "quc", 18, F, 49, (_NEVER, "She comes on Thursdays."), _LABOUR, _FRIENDS,
           (_DEBT, _FAMILY), _FIELD, second_language="es", consented=False),
    # ---- Nadia's own, in the South team
    Figure("moonhill", "nadia", 700, "Ilinca", "Munteluna", "MD", "ro", 39, F, 51, (_MAIL, "Weekly."), _SEXUAL, _ADVERT, (_DEBT, _PAPERS),
           children=1, marital=MaritalStatus.DIVORCED),
    Figure("stonemoon", "nadia", 500, "Yadira", "Piedraluna", "HN", "es", 44, F, 52, (_CALL, "Mornings."), _SERVITUDE, _FRIENDS,
           (_EARNINGS, _FAMILY), _HOME, children=4, marital=MaritalStatus.WIDOWED),
    Figure("breezecloud", "nadia", 205, "Kaviarasi", "Megathendral", "IN", "ta", 28, Gender.TRANSGENDER_FEMININE, 53,
           (_SMS, "Any day; sign as “K.’s aunt”."), _SEXUAL, _FRIENDS, (_EARNINGS, _THREATS, _PRESSURE), second_language="en"),
    Figure("blueriver", "nadia", 26, "Tilelli", "Asifazegza", "MA", "shi", 26, F, 54, (_APP, "Evenings."), _LABOUR, _ADVERT,
           (_PAPERS, _HOURS), _FIELD, second_language="ar"),
)
# fmt: on
