"""Signs of trafficking: what is gone through, how one knows it, and how much it weighs (domain.md §9.1–9.3).

Three of the groups are the elements of the Palermo Protocol (article 3 a–c; the acts of 22 USC 7102 beside them). One is
the eleven indicators of forced labour of the International Labour Organization (public). The others are the topics of a
long talk: they follow the order of topics of the Trafficking Victim Identification Tool of the Vera Institute of Justice
(2014; free to use, no permission required), in words of our own. None of its questions is copied, and no score is made.
"""

from typing import Any

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.choices.survivor import TriState

#: Which list of signs was gone through: kept with the answers, because topics change over the years.
LIST_VERSION = "haven-signs-1"


class SignGroup(TextChoices):
    """The parts in which signs are gone through; the value stands in addresses."""

    ACT = "act", _("What was done")
    MEANS = "means", _("By what means")
    PURPOSE = "purpose", _("What for")
    FORCED_LABOUR = "forced-labour", _("Signs of forced labour")
    JOURNEY = "journey", _("How she came here")
    WORK = "work", _("Work and pay")
    LIVING = "living", _("Where and how she lived")
    PRESSURE = "pressure", _("Threats and fear")
    BODY = "body", _("What was done to her body")
    PAPERS = "papers", _("Papers and names")
    LEAVING = "leaving", _("How it ended, and today")


#: What colleagues weigh, and what is talked about with her.
WEIGHED = (SignGroup.ACT, SignGroup.MEANS, SignGroup.PURPOSE, SignGroup.FORCED_LABOUR)
TALKED = tuple(group for group in SignGroup if group not in WEIGHED)


class SignSource(TextChoices):
    """How one knows it."""

    CLIENT_STATEMENT = "CLIENT_STATEMENT", _("She said so")
    OBSERVED = "OBSERVED", _("A colleague saw it")
    DOCUMENT = "DOCUMENT", _("A paper shows it")
    THIRD_PARTY = "THIRD_PARTY", _("Another organisation or person said so")
    LE = "LE", _("Police or another authority said so")


class SignStrength(TextChoices):
    """How much it weighs, as a person judges it."""

    WEAK = "WEAK", _("Weak: one hint")
    MODERATE = "MODERATE", _("Some weight: it fits the rest")
    STRONG = "STRONG", _("Strong: several sources, or a paper")


class Sign(TextChoices):
    """One sign. Each is answered with yes, no or a reason for no answer; what was not asked is no "no"."""

    # Acts (Palermo, article 3 a), and those of 22 USC 7102(11) beside them.
    RECRUITMENT = "RECRUITMENT", _("Somebody recruited her")
    TRANSPORTATION = "TRANSPORTATION", _("Somebody brought her from one place to another")
    TRANSFER = "TRANSFER", _("Somebody handed her over to others")
    HARBOURING = "HARBOURING", _("Somebody kept her at a place")
    RECEIPT = "RECEIPT", _("Somebody received her from others")
    OBTAINING = "OBTAINING", _("Somebody provided, offered or got hold of her for others")
    PATRONIZING = "PATRONIZING", _("Somebody paid for her, or tried to")
    # Means.
    THREAT_OR_FORCE = "THREAT_OR_FORCE", _("Force, or the threat of force")
    OTHER_COERCION = "OTHER_COERCION", _("Another kind of coercion, such as debts or threats with the law")
    ABDUCTION = "ABDUCTION", _("She was taken away against her will")
    FRAUD = "FRAUD", _("Fraud")
    DECEPTION = "DECEPTION", _("She was deceived about what awaited her")
    ABUSE_OF_POWER = "ABUSE_OF_POWER", _("Somebody used power over her")
    ABUSE_OF_VULNERABILITY = "ABUSE_OF_VULNERABILITY", _("Somebody used that she had no other way")
    PAYMENTS_TO_CONTROLLER = "PAYMENTS_TO_CONTROLLER", _("Somebody who had a say over her was paid for agreeing")
    # Purposes.
    PROSTITUTION_OF_OTHERS = "PROSTITUTION_OF_OTHERS", _("Others earned by selling sex with her")
    OTHER_SEXUAL_EXPLOITATION = "OTHER_SEXUAL_EXPLOITATION", _("Other sexual exploitation, such as pictures")
    FORCED_LABOUR_SERVICES = "FORCED_LABOUR_SERVICES", _("Forced labour or services")
    SLAVERY = "SLAVERY", _("Slavery, or practices like it")
    SERVITUDE = "SERVITUDE", _("Servitude")
    DOMESTIC_SERVITUDE = "DOMESTIC_SERVITUDE", _("Servitude in a household")
    ORGAN_REMOVAL = "ORGAN_REMOVAL", _("Removal of organs")
    FORCED_MARRIAGE = "FORCED_MARRIAGE", _("Forced marriage")
    FORCED_BEGGING = "FORCED_BEGGING", _("Forced begging")
    FORCED_CRIMINALITY = "FORCED_CRIMINALITY", _("She was made to break the law")
    FORCED_SCAMMING = "FORCED_SCAMMING", _("She was made to deceive others on line")
    CHILD_SOLDIER = "CHILD_SOLDIER", _("Used as a child soldier")
    ILLEGAL_ADOPTION = "ILLEGAL_ADOPTION", _("Illegal adoption")
    SURROGACY = "SURROGACY", _("Forced surrogacy")
    # The eleven indicators of the ILO.
    ILO_VULNERABILITY = "ILO_VULNERABILITY", _("Abuse of vulnerability")
    ILO_DECEPTION = "ILO_DECEPTION", _("Deception")
    ILO_MOVEMENT = "ILO_MOVEMENT", _("Restriction of movement")
    ILO_ISOLATION = "ILO_ISOLATION", _("Isolation")
    ILO_VIOLENCE = "ILO_VIOLENCE", _("Physical or sexual violence")
    ILO_THREATS = "ILO_THREATS", _("Intimidation and threats")
    ILO_PAPERS = "ILO_PAPERS", _("Identity papers were kept from her")
    ILO_WAGES = "ILO_WAGES", _("Wages were withheld")
    ILO_DEBT = "ILO_DEBT", _("Debt bondage")
    ILO_CONDITIONS = "ILO_CONDITIONS", _("Abusive working and living conditions")
    ILO_OVERTIME = "ILO_OVERTIME", _("Excessive overtime")
    # The long talk: topics, in our own words.
    ARRANGED = "ARRANGED", _("Somebody else arranged or paid for the journey")
    OTHER_PLACE = "OTHER_PLACE", _("She arrived somewhere else than she was told")
    JOURNEY_DEBT = "JOURNEY_DEBT", _("She owed money for the journey")
    DEBT_THREAT = "DEBT_THREAT", _("She was threatened because of that debt")
    STATUS_THREAT = "STATUS_THREAT", _("Somebody used her immigration status against her")
    OTHER_WORK = "OTHER_WORK", _("The work was not what was promised")
    LESS_PAY = "LESS_PAY", _("She was paid less than promised, or not at all")
    PAY_KEPT = "PAY_KEPT", _("Somebody kept or took what she earned")
    LONG_HOURS = "LONG_HOURS", _("She worked longer than she wanted, without rest")
    UNSAFE_WORK = "UNSAFE_WORK", _("The work hurt her, or could have")
    QUOTA = "QUOTA", _("She had to bring in a certain sum or number")
    COULD_NOT_QUIT = "COULD_NOT_QUIT", _("She could not stop when she wanted to")
    LIVED_AT_WORK = "LIVED_AT_WORK", _("She had to live where she worked")
    WATCHED = "WATCHED", _("She was locked in or watched")
    NOT_FREE = "NOT_FREE", _("She could not go where she wanted")
    CUT_OFF = "CUT_OFF", _("She could not speak with family or friends")
    WITHOUT_NEEDS = "WITHOUT_NEEDS", _("Food, sleep or a doctor were kept from her")
    THREAT_SELF = "THREAT_SELF", _("Somebody threatened to hurt her")
    THREAT_FAMILY = "THREAT_FAMILY", _("Somebody threatened people she loves")
    THREAT_POLICE = "THREAT_POLICE", _("Somebody threatened to tell the police or immigration")
    MADE_TO_LIE = "MADE_TO_LIE", _("She was made to lie about her age or her work")
    SAW_HARM = "SAW_HARM", _("She saw that others were hurt")
    HURT = "HURT", _("Somebody hurt her body")
    TOUCHED = "TOUCHED", _("Somebody touched her when she did not want it")
    SEX_FOR_VALUE = "SEX_FOR_VALUE", _("She was pressed to have sex for money, a place or anything else")
    PICTURES = "PICTURES", _("Somebody took or used pictures of her")
    SHARED_EARNINGS = "SHARED_EARNINGS", _("She had to hand over what was paid")
    WAS_UNDER_18 = "WAS_UNDER_18", _("She was under 18 when any of this happened")
    PAPERS_HELD = "PAPERS_HELD", _("Somebody else held her papers")
    FALSE_PAPERS = "FALSE_PAPERS", _("Somebody gave her false papers")
    NAME_CHANGED = "NAME_CHANGED", _("She was made to use another name")
    RAN_AWAY = "RAN_AWAY", _("She had to get away without their knowing")
    STILL_AFRAID = "STILL_AFRAID", _("She is afraid of them today")
    STILL_SOUGHT = "STILL_SOUGHT", _("They look for her, or for her family")
    OTHERS_THERE = "OTHERS_THERE", _("Others are still there")


def _until(first: Sign, last: Sign) -> tuple[Sign, ...]:
    every = list(Sign)
    return tuple(every[every.index(first) : every.index(last) + 1])


SIGNS_OF_GROUP: dict[str, tuple[Sign, ...]] = {
    SignGroup.ACT: _until(Sign.RECRUITMENT, Sign.PATRONIZING),
    SignGroup.MEANS: _until(Sign.THREAT_OR_FORCE, Sign.PAYMENTS_TO_CONTROLLER),
    SignGroup.PURPOSE: _until(Sign.PROSTITUTION_OF_OTHERS, Sign.SURROGACY),
    SignGroup.FORCED_LABOUR: _until(Sign.ILO_VULNERABILITY, Sign.ILO_OVERTIME),
    SignGroup.JOURNEY: _until(Sign.ARRANGED, Sign.STATUS_THREAT),
    SignGroup.WORK: _until(Sign.OTHER_WORK, Sign.COULD_NOT_QUIT),
    SignGroup.LIVING: _until(Sign.LIVED_AT_WORK, Sign.WITHOUT_NEEDS),
    SignGroup.PRESSURE: _until(Sign.THREAT_SELF, Sign.SAW_HARM),
    SignGroup.BODY: _until(Sign.HURT, Sign.WAS_UNDER_18),
    SignGroup.PAPERS: _until(Sign.PAPERS_HELD, Sign.NAME_CHANGED),
    SignGroup.LEAVING: _until(Sign.RAN_AWAY, Sign.OTHERS_THERE),
}
#: Purposes that are sexual: for somebody under 18 no law asks for means (18 USC 1591).
SEXUAL = frozenset({Sign.PROSTITUTION_OF_OTHERS, Sign.OTHER_SEXUAL_EXPLOITATION})
#: What a topic of the talk points to, among the indicators of the ILO. It points; it ticks nothing.
POINTS_TO: dict[Sign, Sign] = {
    Sign.OTHER_PLACE: Sign.ILO_DECEPTION, Sign.OTHER_WORK: Sign.ILO_DECEPTION, Sign.JOURNEY_DEBT: Sign.ILO_DEBT,
    Sign.DEBT_THREAT: Sign.ILO_DEBT, Sign.STATUS_THREAT: Sign.ILO_VULNERABILITY, Sign.LESS_PAY: Sign.ILO_WAGES,
    Sign.PAY_KEPT: Sign.ILO_WAGES, Sign.LONG_HOURS: Sign.ILO_OVERTIME, Sign.UNSAFE_WORK: Sign.ILO_CONDITIONS,
    Sign.COULD_NOT_QUIT: Sign.ILO_THREATS, Sign.WATCHED: Sign.ILO_MOVEMENT, Sign.NOT_FREE: Sign.ILO_MOVEMENT,
    Sign.CUT_OFF: Sign.ILO_ISOLATION, Sign.WITHOUT_NEEDS: Sign.ILO_CONDITIONS, Sign.THREAT_SELF: Sign.ILO_THREATS,
    Sign.THREAT_FAMILY: Sign.ILO_THREATS, Sign.THREAT_POLICE: Sign.ILO_THREATS, Sign.HURT: Sign.ILO_VIOLENCE,
    Sign.TOUCHED: Sign.ILO_VIOLENCE, Sign.PAPERS_HELD: Sign.ILO_PAPERS,
}  # fmt: skip

# ---- How they are kept: one flat row of answers, so that versions and events can name each ----

#: Which list was gone through; beside the answers.
SIGNS_LIST = "s_list"


def kept_as(sign: str) -> str:
    """The name under which a sign's answer is kept."""
    return f"s_{sign}"


def source_of(sign: str) -> str:
    """The name under which is kept how one knows it."""
    return f"s_{sign}_source"


def strength_of(sign: str) -> str:
    """The name under which is kept how much it weighs."""
    return f"s_{sign}_strength"


def words_of_group(group: str) -> str:
    """The name under which a group's own words are kept."""
    return f"s_words_{group}"


def names_of(group: str) -> list[str]:
    """Every name under which something of a group is kept."""
    return [name(sign) for sign in SIGNS_OF_GROUP[group] for name in (kept_as, source_of, strength_of)] + [
        words_of_group(group)
    ]


#: Label and code list of each name, as ``cases.answers.OWN`` has them.
SIGN_ANSWERS: dict[str, tuple[Any, type[TextChoices] | None]] = {
    **{kept_as(sign): (sign.label, TriState) for sign in Sign},
    **{source_of(sign): (format_lazy("{}: {}", sign.label, _("how we know")), SignSource) for sign in Sign},
    **{strength_of(sign): (format_lazy("{}: {}", sign.label, _("how much it weighs")), SignStrength) for sign in Sign},
    **{words_of_group(group): (format_lazy("{}: {}", group.label, _("in words")), None) for group in SignGroup},
    SIGNS_LIST: (_("List of signs"), None),
}
