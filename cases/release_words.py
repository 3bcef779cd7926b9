"""A release as she reads it, or hears it read: one text for the page before she signs and for the paper, in her language.

All its sentences stand in ``SENTENCES`` and go through the catalogues. A language without a catalogue gets the English text
and a plain word about it; with one more catalogue the same pages speak it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from casemgmt.accounts.models import Team
from casemgmt.interface.lines import in_a_row
from cases.choices.releases import InfoCategory, ReleaseMethod
from cases.choices.sharing import Purpose
from cases.htcds.places import language_name
from cases.models import Release
from cases.release_rules import by_name, left_out_by_name, signers_of

NAME = gettext_noop("My name")
TITLE = gettext_noop("Permission to share information about me")
GIVES = gettext_noop("%(discloser)s may tell %(recipient)s what is named here, and nothing else.")
FOR = gettext_noop("What it is for")
SEES = gettext_noop("They will learn")
BY_NAME = gettext_noop("I was asked about each of these by name, and I say yes")
SEES_NOT = gettext_noop("They will not learn")
NEVER = gettext_noop("Everything that is not named above. Where I sleep is never shared.")
UNTIL = gettext_noop("Until")
ENDS = gettext_noop("It ends by itself on this day, or earlier when I take it back.")
HOW = gettext_noop("How it is shared")
BACK = gettext_noop("They may also tell %(discloser)s about it.")
ABOUT = gettext_noop("It speaks of me, and of")
MY_DECISION = gettext_noop("I decide. If I say no, I get the same help.")
TAKE_BACK = gettext_noop(
    "I can take it back at any time, by a word or in writing, by telling anybody at %(discloser)s. Sharing then stops at once. "
    "What they already know cannot be called back."
)
TALKED = gettext_noop("We talked about what could go well, what could go wrong, and what else could be done.")
KEPT = gettext_noop("%(discloser)s keeps confidential what I say.")
BY_LAW = gettext_noop(
    "Without my permission something is given out only where a law or a judge demands it: then only the least, and I am told, "
    "if that is safe. A letter or a subpoena goes to an attorney first."
)
MY_SIGNATURE = gettext_noop("My signature, and the day")
GUARDIAN_SIGNATURE = gettext_noop("Signature of my parent or guardian, and the day")
REPRESENTATIVE_SIGNATURE = gettext_noop("Signature of my legal representative, and the day")
WITNESS_SIGNATURE = gettext_noop("For %(discloser)s, and the day")
COPY = gettext_noop("A copy: I took one, or I did not want one because it could be found.")
PART2_NOTICE = gettext_noop("42 CFR part 2 prohibits unauthorized use or disclosure of these records.")
#: Every sentence of the text: a language is complete when its catalogue has all of them.
SENTENCES = (
    NAME, TITLE, GIVES, FOR, SEES, BY_NAME, SEES_NOT, NEVER, UNTIL, ENDS, HOW, BACK, ABOUT, MY_DECISION, TAKE_BACK, TALKED,
    KEPT, BY_LAW, MY_SIGNATURE, GUARDIAN_SIGNATURE, REPRESENTATIVE_SIGNATURE, WITNESS_SIGNATURE, COPY,
)  # fmt: skip
_SIGNATURES = {
    "CLIENT": MY_SIGNATURE,
    "GUARDIAN": GUARDIAN_SIGNATURE,
    "REPRESENTATIVE": REPRESENTATIVE_SIGNATURE,
}


@dataclass(frozen=True)
class Told:
    """What a release says, from a form that is not signed yet or from the record. ``until`` is a local calendar date."""

    discloser: str
    recipient: str
    purpose: str
    purpose_text: str
    categories: list[str]
    until: date
    method: str
    language: str
    signers: list[str]
    excluded: str = ""
    is_two_way: bool = False
    subjects: str = ""


@dataclass(frozen=True)
class ReleaseText:
    """The text in one language. ``untranslated`` names that language where the text is still in English."""

    code: str
    direction: str
    title: str
    gives: str
    facts: list[tuple[str, list[str]]]
    statements: list[str]
    signatures: list[str]
    notice: str
    untranslated: str = ""


def carries_substance_use(categories: Iterable[str]) -> bool:
    """Whether the notice of 42 CFR 2.32 must go with it."""
    return InfoCategory.SUBSTANCE_USE in set(categories)


def part2_notice() -> str:
    """The statement of 42 CFR 2.32(a)(2), in the words of the regulation; a translation stands beside it, never alone."""
    translated = _(PART2_NOTICE)
    return PART2_NOTICE if translated == PART2_NOTICE else f"{PART2_NOTICE} – {translated}"


def line_for_recipient(release: Release) -> dict[str, Any]:
    """What whoever was given something must know of the release, to keep to it. Read while her own line is open.

    Without how it was signed, who was there and what was talked about: that is the survivor's and the house's. The notice
    of 42 CFR 2.32 stands on the page itself, once that part is open.
    """
    terms = release.terms
    left_out = [str(one.label) for one in left_out_by_name(terms["categories"])]
    return {
        "release": release,
        "purpose": f"{release.get_purpose_display()}: {release.purpose_text}",
        "categories": [InfoCategory(code).label for code in terms["categories"]],
        "excluded": terms.get("excluded", ""),
        "left_out": left_out,
        "subjects": terms.get("subjects", ""),
        "method": ReleaseMethod(terms["method"]).label,
        "is_two_way": bool(terms.get("two_way")),
    }


def is_translated(language: str) -> bool:
    """Whether the catalogue of this language has every sentence of the text."""
    if language.split("-")[0] == "en":
        return True
    with translation.override(language):
        return all(_(sentence) != sentence for sentence in SENTENCES)


def day_in_words(day: date) -> str:
    """A day as people write it, in the language that speaks now; of a moment, its day on the reader's clock."""
    local = timezone.localdate(day) if isinstance(day, datetime) else day
    return date_format(local, pgettext("how a day is written; Django's letters", "j F Y"))


def text_of(told: Told) -> ReleaseText:
    """The release in her language, or in English where its catalogue does not have every sentence."""
    speaks = is_translated(told.language)
    untranslated = "" if speaks else language_name(told.language)
    named, left_out = by_name(told.categories), left_out_by_name(told.categories)
    with translation.override(told.language if speaks else "en"):
        names = {"discloser": told.discloser, "recipient": told.recipient}
        until = day_in_words(told.until)
        facts = [
            (_(FOR), [f"{Purpose(told.purpose).label}: {told.purpose_text}"]),
            (_(SEES), [str(InfoCategory(code).label) for code in InfoCategory.values if code in told.categories]),
            *([(_(BY_NAME), [str(one.label) for one in named])] if named else []),
            (_(SEES_NOT), [*filter(None, [told.excluded]), *(str(one.label) for one in left_out), _(NEVER)]),
            (_(UNTIL), [until, _(ENDS)]),
            (_(HOW), [str(ReleaseMethod(told.method).label), *([_(BACK) % names] if told.is_two_way else [])]),
        ]
        if told.subjects:
            facts.append((_(ABOUT), [told.subjects]))
        return ReleaseText(
            code=translation.get_language() or "en",
            direction="rtl" if translation.get_language_bidi() else "ltr",
            title=_(TITLE),
            gives=_(GIVES) % names,
            facts=facts,
            statements=[_(MY_DECISION), _(TAKE_BACK) % names, _(TALKED), _(KEPT) % names, _(BY_LAW), _(COPY)],
            signatures=[_(NAME), *(_(_SIGNATURES[who]) for who in told.signers), _(WITNESS_SIGNATURE) % names],
            notice=part2_notice() if carries_substance_use(told.categories) else "",
            untranslated=untranslated,
        )


def told_of(release: Release) -> Told:
    """What a recorded release says, for the text in her language."""
    terms, signing = release.terms, release.signing
    person, role = release.recipient_person, terms.get("recipient_role", "")
    whom = person.name if person else role
    if release.recipient_team is not None:
        whom = in_a_row(one for one in (team_in_words(release.recipient_team), whom) if one)
    discloser = release.discloser or release.case.organisation
    return Told(
        discloser=discloser.name, recipient=f"{release.recipient.name}, {whom}" if whom else release.recipient.name,
        purpose=release.purpose, purpose_text=release.purpose_text, categories=list(terms["categories"]),
        until=timezone.localdate(release.expires_at), method=terms["method"], language=signing["language"],
        signers=signers_of(signing["signer"]), excluded=terms.get("excluded", ""),
        is_two_way=bool(terms.get("two_way")), subjects=terms.get("subjects", ""),
    )  # fmt: skip


def text_as_signed(release: Release) -> ReleaseText:
    """The text word for word as she was read it; of a release of before that was kept, as it is said today."""
    wording = release.signing.get("wording")
    return ReleaseText(**wording) if wording else text_of(told_of(release))


def team_in_words(team: Team) -> str:
    """A team with its programme, where that is named."""
    return f"{team.name} ({team.programme})" if team.programme else team.name
