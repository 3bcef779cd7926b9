"""Columns of any spreadsheet: where its header may stand, and which field a header may mean. A person decides.

These words only propose. What the importer takes by itself is in ``wording``, which is stricter.
"""

from collections.abc import Sequence
from functools import lru_cache

from openpyxl.utils import get_column_letter

from cases.htcds.cells import TEXT, Cell
from cases.htcds.columns import HEADER_WITHIN, Column, Columns
from cases.htcds.fields import FIELDS, FieldType
from cases.htcds.places import folded
from cases.htcds.wording import fields_by_label, fields_by_name

#: At least one of these must be a column: a case of which neither a name nor a language nor a status is known is none.
NEEDED = ("prs_FirstName", "prs_SecondName", "prs_PrimaryLanguage", "cas_Status", "vic_TraffickingStatus")
#: What a column may be chosen as; what is deprecated is taken only where the sheet itself names it.
CHOOSABLE = tuple(name for name in FIELDS if name != "vic_AgreementToManagePersonalData")

# fmt: off
#: Words in English, Spanish and French with which other systems head such a column.
_HEADERS: dict[str, tuple[str, ...]] = {
    "prs_FirstName": ("Forename", "Name", "Full name", "Nombre", "Nombres", "Primer nombre", "Prénom", "Prénoms"),
    "prs_SecondName": ("Family name", "Lastname", "Apellido", "Apellidos", "Nom", "Nom de famille"),
    "prs_MiddleName": ("Middle initial", "Segundo nombre", "Deuxième prénom"),
    "prs_Birthdate": ("Date of birth", "Birthday", "D.O.B.", "Fecha de nacimiento", "Nacimiento", "Date de naissance",
                      "Né(e) le"),
    "prs_Gender": ("Sex", "Gender identity", "Sexo", "Género", "Sexe", "Genre"),
    "prs_Citizenship": ("Nationality", "Country of origin", "Nacionalidad", "País de origen", "Ciudadanía", "Nationalité",
                        "Pays d’origine", "Citoyenneté"),
    "prs_PrimaryLanguage": ("Preferred language", "Mother tongue", "Idioma", "Lengua", "Lengua materna", "Langue",
                            "Langue maternelle"),
    "prs_MaritalStatus": ("Civil status", "Estado civil", "État civil", "Situation matrimoniale"),
    "prs_NumberOfChildren": ("Children", "Hijos", "Número de hijos", "Enfants", "Nombre d’enfants"),
    "prs_HighestLevelOfEducation": ("Education", "Education level", "Educación", "Nivel educativo", "Niveau d’études"),
    "prs_Email": ("Mail", "Email address", "Correo", "Correo electrónico", "Courriel", "Adresse e-mail"),
    "prs_HomePhone": ("Landline", "Teléfono fijo", "Téléphone fixe"),
    "prs_MobilePhone": ("Phone number", "Telephone", "Cell", "Cell phone", "Mobile", "Teléfono", "Celular", "Móvil",
                        "Téléphone", "Portable"),
    "prs_MailingStreet": ("Address", "Street", "Street address", "Address line 1", "Dirección", "Calle", "Adresse", "Rue"),
    "prs_MailingCity": ("City", "Town", "Ciudad", "Ville"),
    "prs_MailingState": ("State", "Province", "Estado", "Provincia", "Région"),
    "prs_MailingPostalCode": ("Zip", "Zip code", "Postal code", "Postcode", "Código postal", "Code postal"),
    "prs_MailingCountry": ("Country", "Country of residence", "País", "Pays"),
    "vic_TraffickingStatus": ("Victim status", "Estatus de víctima", "Statut de victime"),
    "vic_TypeOfExploitation": ("Type of trafficking", "Trafficking type", "Exploitation", "Tipo de explotación",
                               "Tipo de trata", "Type d’exploitation"),
    "vic_MethodsOfControl": ("Control methods", "Métodos de control", "Moyens de contrôle"),
    "vic_MethodOfRecruitment": ("Recruitment", "Reclutamiento", "Captación", "Recrutement"),
    "vic_ForcedLabourIndustry": ("Industry", "Sector", "Industria", "Secteur"),
    "con_Consent": ("Consent given", "Consent signed", "Consentimiento", "Consentement"),
    "cas_Status": ("Client status", "Program status", "Estado del caso", "Statut du dossier"),
    "cas_CaseOwner": ("Case manager", "Caseworker", "Case worker", "Assigned to", "Responsable"),
    "cas_IncomingReferralDate": ("Referral date", "Intake date", "Date of intake", "Date of referral",
                                 "Fecha de ingreso", "Fecha de derivación", "Date d’admission", "Date d’orientation"),
    "cas_ReferringOrganisation": ("Referral source", "Referred by", "Referring agency", "Derivado por", "Orienté par"),
    "cas_ReferredOrganisation": ("Referred to", "Derivado a", "Orienté vers"),
    "cas_ReasonForCaseClosure": ("Closure reason", "Exit reason", "Motivo de cierre", "Motif de clôture"),
    "cco_CaseComment": ("Comment", "Comments", "Notes", "Notas", "Comentarios", "Observaciones", "Commentaires", "Remarques"),
}
#: Words before a field that say whose it is.
_OWNERS = ("client", "participant", "survivor", "victim", "beneficiary", "cliente", "beneficiaria", "bénéficiaire")
# fmt: on


@lru_cache(maxsize=1)
def _proposals() -> dict[str, str]:
    words = {folded(word): name for name, synonyms in _HEADERS.items() for word in synonyms}
    return words | fields_by_label() | fields_by_name()


def propose(header: str) -> str:
    """The field that a header may mean; "" if none of the words is known. "Client: first name (legal)" is first name."""
    plain = folded(header.partition("(")[0])
    found = _proposals().get(plain) or _proposals().get(folded(header))
    if found:
        return found
    for owner in map(folded, _OWNERS):
        if plain.startswith(owner) and (found := _proposals().get(plain.removeprefix(owner).removeprefix("s"))):
            return found
    return ""


def guessed(rows: Sequence[Sequence[Cell | None]]) -> Columns | None:
    """The columns of a sheet whose header nobody understands: the first row that is wide and all words is the header.

    None where the file is no table: fewer than two columns, or fewer than two rows.
    """
    widths = [sum(cell is not None for cell in row) for row in rows[:HEADER_WITHIN]]
    if sum(width > 1 for width in widths) < 2:
        return None
    wide = [number for number, width in enumerate(widths) if width > max(widths) / 2]
    words = [number for number in wide if all(cell.kind == TEXT for cell in rows[number] if cell)]
    return with_header(rows, (words or wide)[0])


def with_header(rows: Sequence[Sequence[Cell | None]], number: int) -> Columns:
    """The columns under the row of this number (from 0), as wide as the widest of these rows. None is a field yet."""
    header = rows[number]
    found = Columns([], first_row=number + 1)
    for index in range(max(len(row) for row in rows)):
        cell = header[index] if index < len(header) else None
        found.columns.append(Column(get_column_letter(index + 1), cell.text[:200] if cell else ""))
    return found


def is_asked(name: str) -> bool:
    """Whether a person can say for a whole sheet what words in this column mean."""
    return FIELDS[name].is_coded or FIELDS[name].type == FieldType.CHECKBOX
