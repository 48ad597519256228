"""The broadest groups of two classifications, as fields of work.

ISCO-08: the major groups of the International Labour Organization, in its own English and French
words. ROME: the broad domains of France Travail, by the letter of the code; their English is ours.
"""

from careers import search

Names = dict[str, tuple[str, str]]

ISCO_MAJOR_GROUPS: Names = {
    "0": ("Professions militaires", "Armed forces occupations"),
    "1": ("Directeurs, cadres de direction et gérants", "Managers"),
    "2": ("Professions intellectuelles et scientifiques", "Professionals"),
    "3": ("Professions intermédiaires", "Technicians and associate professionals"),
    "4": ("Employés de type administratif", "Clerical support workers"),
    "5": (
        "Personnel des services directs aux particuliers, commerçants et vendeurs",
        "Service and sales workers",
    ),
    "6": (
        "Agriculteurs et ouvriers qualifiés de l’agriculture, de la sylviculture et de la pêche",
        "Skilled agricultural, forestry and fishery workers",
    ),
    "7": (
        "Métiers qualifiés de l’industrie et de l’artisanat",
        "Craft and related trades workers",
    ),
    "8": (
        "Conducteurs d’installations et de machines, et ouvriers de l’assemblage",
        "Plant and machine operators, and assemblers",
    ),
    "9": ("Professions élémentaires", "Elementary occupations"),
}

ROME_DOMAINS: Names = {
    "A": (
        "Agriculture et pêche, espaces naturels et espaces verts, soins aux animaux",
        "Farming and fishing, nature and green spaces, animal care",
    ),
    "B": ("Arts et façonnage d’ouvrages d’art", "Arts and artistic crafts"),
    "C": ("Banque, assurance, immobilier", "Banking, insurance, real estate"),
    "D": ("Commerce, vente et grande distribution", "Trade, sales and retail"),
    "E": ("Communication, média et multimédia", "Communication and media"),
    "F": ("Construction, bâtiment et travaux publics", "Building and civil engineering"),
    "G": (
        "Hôtellerie-restauration, tourisme, loisirs et animation",
        "Hotels and restaurants, tourism and leisure",
    ),
    "H": ("Industrie", "Manufacturing"),
    "I": ("Installation et maintenance", "Installation and maintenance"),
    "J": ("Santé", "Health"),
    "K": (
        "Services à la personne et à la collectivité",
        "Services to people and to the community",
    ),
    "L": ("Spectacle", "Performing arts and sport"),
    "M": ("Support à l’entreprise", "Business support"),
    "N": ("Transport et logistique", "Transport and logistics"),
}


def isco_field(code: str) -> dict[str, str]:
    """The cells of the field that a code such as 2511 lies in; none where no group has it."""
    return _field(
        code[:1],
        ISCO_MAJOR_GROUPS,
        "Grand groupe {} de la classification internationale des professions (CITP-08).",
        "Major group {} of the international classification of occupations (ISCO-08).",
    )


def rome_field(code: str) -> dict[str, str]:
    """The cells of the field that a code such as M1805 lies in; none where no domain has it."""
    return _field(
        code[:1].upper(),
        ROME_DOMAINS,
        "Domaine {} du répertoire des métiers de France Travail (ROME 4.0).",
        "Domain {} of the French register of occupations (ROME 4.0, France Travail).",
    )


def _field(letter: str, names: Names, note_fr: str, note_en: str) -> dict[str, str]:
    if letter not in names:
        return {}
    french, english = names[letter]
    return {
        "slug": search.slug(french, 100),
        "name_fr": french,
        "name_en": english,
        "note_fr": note_fr.format(letter),
        "note_en": note_en.format(letter),
    }
