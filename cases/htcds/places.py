"""Countries (ISO 3166) and languages (ISO 639) from Unicode's locale data: codes are stored, names follow the reader.

HTCDS asks for the two-letter codes. Names are read in every language of Haven, in the standard's own spelling of
ISO ("Bolivia (Plurinational State of)") and in everyday words ("Ivory Coast").
"""

import unicodedata
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.conf import settings
from django.utils.translation import get_language

#: Two letters in the locale data that are no country: groups, test codes and parts of countries.
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})

#: Languages without a two-letter code that survivors speak and interpreters are asked for.
_THREE_LETTERS = frozenset(
    """
    ace ady arc ars ary arz ast awa bal bem bho bik bug ceb chr ckb crh dar din doi dyu efi fan fil fon gaa gil
    gon haw hil hmn iba ilo inh kaa kab kac kam kbd kha kmb kok kpe krc kri kru lah lez lol lua luo lus mad mag
    mai mak man mas men min mni moh mos mwr myv nap nds new nia niu nso nyn pag pam pap pau quc raj rap rom sah
    sat scn sco shi shn sid smj snk sus swb syr tem tet tig tiv tkl tmh tpi tum tvl tyv tzm udm uga vai wal war
    wbp xog yap yrl zza
    """.split()  # noqa: SIM905  one line a hundred codes reads better than a hundred quotes
)

#: ISO 3166 in its official English, and everyday names, where Unicode's name is another.
_OTHER_NAMES = {
    "Bolivia (Plurinational State of)": "BO",
    "Bonaire, Sint Eustatius and Saba": "BQ",
    "Bosnia": "BA",
    "Brunei Darussalam": "BN",
    "Cabo Verde": "CV",
    "Congo": "CG",
    "Republic of the Congo": "CG",
    "Congo, Democratic Republic of the": "CD",
    "Democratic Republic of the Congo": "CD",
    "DR Congo": "CD",
    "DRC": "CD",
    "Czech Republic": "CZ",
    "Falkland Islands (Malvinas)": "FK",
    "Heard Island and McDonald Islands": "HM",
    "Holy See": "VA",
    "Hong Kong": "HK",
    "Iran (Islamic Republic of)": "IR",
    "Ivory Coast": "CI",
    "Korea (Democratic People's Republic of)": "KP",
    "Korea, Republic of": "KR",
    "Republic of Korea": "KR",
    "Lao People's Democratic Republic": "LA",
    "Macao": "MO",
    "Macedonia": "MK",
    "Micronesia (Federated States of)": "FM",
    "Moldova, Republic of": "MD",
    "Republic of Moldova": "MD",
    "Burma": "MM",
    "Myanmar": "MM",
    "Palestine": "PS",
    "Palestine, State of": "PS",
    "Pitcairn": "PN",
    "Russian Federation": "RU",
    "Saint Helena, Ascension and Tristan da Cunha": "SH",
    "Saint Martin (French part)": "MF",
    "Saint Vincent and the Grenadines": "VC",
    "South Georgia and the South Sandwich Islands": "GS",
    "Sint Maarten (Dutch part)": "SX",
    "Swaziland": "SZ",
    "Syrian Arab Republic": "SY",
    "Taiwan, Province of China": "TW",
    "Tanzania, United Republic of": "TZ",
    "United Republic of Tanzania": "TZ",
    "East Timor": "TL",
    "Turkey": "TR",
    "UK": "GB",
    "Great Britain": "GB",
    "England": "GB",
    "Scotland": "GB",
    "Wales": "GB",
    "Northern Ireland": "GB",
    "United Kingdom of Great Britain and Northern Ireland": "GB",
    "USA": "US",
    "America": "US",
    "United States of America": "US",
    "United States Minor Outlying Islands": "UM",
    "Venezuela (Bolivarian Republic of)": "VE",
    "Viet Nam": "VN",
    "Virgin Islands (British)": "VG",
    "Virgin Islands (U.S.)": "VI",
    "Cape Verde Islands": "CV",
    "Holland": "NL",
}  # fmt: skip


def folded(text: str) -> str:
    """What two spellings of one word have in common: letters and digits, without case, marks, "and" or "saint"."""
    text = unicodedata.normalize("NFKD", text.replace("&", " and ").replace("St.", "Saint ")).casefold()
    return "".join(char for char in text if char.isalnum())


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _sorted(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: folded(pair[1]))


@lru_cache(maxsize=16)
def _countries_in(language: str) -> tuple[tuple[str, str], ...]:
    names = _locale(language).territories
    return tuple(
        _sorted(
            [
                (code, name)
                for code, name in names.items()
                if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
            ]
        )
    )


@lru_cache(maxsize=16)
def _languages_in(language: str) -> tuple[tuple[str, str], ...]:
    names = _locale(language).languages
    pairs = [(code, name) for code, name in names.items() if len(code) == 2 or code in _THREE_LETTERS]
    # Unicode files Dari under Persian of Afghanistan; ISO 639-3 and every interpreters' list have a code for it.
    return tuple(_sorted([*pairs, ("prs", names.get("fa_AF", "Dari"))]))


def countries(language: str | None = None) -> list[tuple[str, str]]:
    """(ISO 3166 alpha-2, name) in the reader's language, by name: choices of a form."""
    return list(_countries_in(language or get_language() or "en"))


def languages(language: str | None = None) -> list[tuple[str, str]]:
    """(ISO 639 code, name) in the reader's language, by name: choices of a form."""
    return list(_languages_in(language or get_language() or "en"))


def country_name(code: str, language: str | None = None) -> str:
    """The name of a country in the reader's language; the code itself where it is none."""
    return _locale(language or get_language() or "en").territories.get(code, code)


def language_name(code: str, language: str | None = None) -> str:
    """The name of a language in the reader's language; the code itself where it is none."""
    return dict(_languages_in(language or get_language() or "en")).get(code, code)


@lru_cache(maxsize=1)
def country_codes_by_spelling() -> dict[str, str]:
    """Every folded spelling of a country that we understand → its two letters: codes and names in our languages."""
    spellings: dict[str, str] = {}
    known = {code for code, _name in _countries_in("en")}
    for language in dict(settings.LANGUAGES):
        for code, name in _countries_in(language):
            spellings.setdefault(folded(name), code)
    for name, code in _OTHER_NAMES.items():
        spellings.setdefault(folded(name), code)
    for alias, targets in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(targets) == 1 and targets[0] in known:
            spellings.setdefault(alias.casefold(), targets[0])
    for code in known:
        spellings[code.casefold()] = code
    return spellings


@lru_cache(maxsize=1)
def language_codes_by_spelling() -> dict[str, str]:
    """Every folded spelling of a language that we understand → its code."""
    spellings: dict[str, str] = {}
    for language in dict(settings.LANGUAGES):
        for code, name in _languages_in(language):
            spellings.setdefault(folded(name), code)
    for alias, target in get_global("language_aliases").items():
        if len(alias) == 3 and len(target) in (2, 3):
            spellings.setdefault(alias.casefold(), target)
    for code, _name in _languages_in("en"):
        spellings[code.casefold()] = code
    return spellings
