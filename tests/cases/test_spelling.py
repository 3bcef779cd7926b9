"""Names as people write them: variants that must find each other, and names that must not."""

from itertools import combinations

import pytest

from cases import spelling

#: Usual spellings of one name. The first is how it is written at home.
VARIANTS = {
    "Arabic": [
        ["محمد", "Mohammed", "Muhammad", "Mohamed", "Mohamad"], ["فاطمة", "Fatima", "Fatimah", "Fatma"],
        ["عبد الله", "Abdullah", "Abdallah", "Abd Allah"], ["خديجة", "Khadija", "Khadijah", "Hadija"],
        ["يوسف", "Yusuf", "Youssef", "Yousef"], ["حسين", "Hussein", "Husain", "Hossein"],
        ["عائشة", "Aisha", "Aysha", "Ayesha"], ["مريم", "Maryam", "Mariam", "Meryem"],
        ["زينب", "Zainab", "Zeinab", "Zaynab"], ["أحمد", "Ahmad", "Ahmed"], ["نور", "Noor", "Nur", "Nour"],
        ["الحسن", "Al-Hassan", "Elhassan", "Al Hasan"], ["شريف", "Sharif", "Cherif", "Sherif"],
    ],
    "Cyrillic": [
        ["Наталья", "Natalya", "Natalia", "Nataliya"], ["Юлия", "Yulia", "Julia", "Yuliya", "Iuliia"],
        ["Сергей", "Sergey", "Sergei"], ["Екатерина", "Ekaterina", "Yekaterina", "Katerina"],
        ["Щербакова", "Shcherbakova", "Scherbakova"], ["Александр", "Aleksandr", "Alexandr"],
        ["Чернова", "Chernova", "Tchernova"], ["Жанна", "Zhanna"], ["Хрущёв", "Khrushchev", "Hruscev"],
        ["Ольга", "Olga"], ["Олександра", "Oleksandra"],
    ],
    "Spanish": [
        ["González", "Gonzales", "Gonsalez"], ["Jiménez", "Gimenez", "Ximenez"], ["Vásquez", "Vazquez", "Basquez"],
        ["Hernández", "Hernandes"], ["Quispe", "Kispe"], ["Yolanda", "Iolanda"], ["Rodríguez", "Rodrigues"],
        ["Guillermo", "Guilermo"], ["Muñoz", "Munoz", "Munos"],
    ],
    "Vietnamese": [
        ["Nguyễn", "Nguyen", "NGUYÊN"], ["Trần", "Tran"], ["Phạm", "Pham"], ["Huỳnh", "Huynh"], ["Đặng", "Dang"],
        ["Phương", "Phuong"], ["Quỳnh", "Quynh"],
    ],
}  # fmt: skip


def said(name: str) -> tuple[str, ...]:
    return spelling.sounds(spelling.bare(spelling.words_in_order(name)))


@pytest.mark.once
@pytest.mark.parametrize("script", VARIANTS)
def test_spellings_of_one_name_sound_alike(script):
    pairs = [pair for group in VARIANTS[script] for pair in combinations(group, 2)]
    apart = [pair for pair in pairs if said(pair[0]) != said(pair[1])]
    assert len(apart) <= len(pairs) * 0.1, f"{len(apart)} of {len(pairs)}: {apart}"


@pytest.mark.once
def test_different_names_sound_different():
    groups = [{said(name) for name in group} for script in VARIANTS.values() for group in script]
    pairs = list(combinations(groups, 2))
    confused = [pair for pair in pairs if pair[0] & pair[1]]
    # Hussein and Hassan, Alexander and Oleksandra: their vowels alone tell them apart. In a whole name others help.
    assert len(confused) <= len(pairs) * 0.005, confused


@pytest.mark.once
@pytest.mark.parametrize(
    ("typed", "first", "family", "others"),
    [
        ("Ana López", "Ana María", "López García", ""),  # first given, first family name
        ("lopez garcia, ana maria", "Ana María", "López García", ""),
        ("Nguyễn Thị Ánh", "Thị Ánh", "Nguyễn", ""),
        ("Anh Nguyen", "Thị Ánh", "Nguyễn", ""),
        ("Mohammed Al-Hassan", "محمد", "الحسن", ""),
        ("Natalia Tchernova", "Наталья", "Чернова", ""),
        ("Lupita López", "Guadalupe", "López García", "Lupita; Doña Fe"),
        ("fe dona", "Guadalupe", "López García", "Lupita; Doña Fe"),
        ("María Cruz", "María", "de la Cruz", ""),
        ("Abd Allah Saleh", "Abdullah", "Saleh", ""),
    ],
)
def test_a_whole_name_is_known_in_its_usual_forms(typed, first, family, others):
    assert spelling.is_whole(spelling.name_words(typed), spelling.forms_of(first, family, others))


@pytest.mark.once
@pytest.mark.parametrize(
    ("typed", "first", "family"),
    [
        ("Nguyen", "Ánh", "Nguyễn"),
        ("Thi Nguyen", "Thị Ánh", "Nguyễn"),
        ("Ahmed Hassan", "Mohammed", "Hassan"),
        ("Ana", "Ana", ""),
        ("", "Ana", "López"),
    ],
)
def test_one_word_or_a_particle_is_no_whole_name(typed, first, family):
    assert not spelling.is_whole(spelling.name_words(typed), spelling.forms_of(first, family, ""))


@pytest.mark.once
def test_no_form_of_a_name_is_one_word_or_tells_a_man_from_a_woman():
    for first, family in (("Zoraida", ""), ("", "Nguyễn"), ("Thị", "Nguyễn"), ("Văn Nam", "Trần"), ("Thị Mai", "Lê")):
        for form in spelling.forms_of(first, family, ""):
            assert len(form) > 1
            if first != "Thị":
                assert not {"thi", "van"} & set(form)


@pytest.mark.once
def test_a_year_beside_a_name():
    assert spelling.split_year("Zor 1998") == ("Zor  ", 1998)
    assert spelling.split_year("١٩٩٨ محمد")[1] == 1998
    assert spelling.split_year("Ana 31998") == ("Ana 31998", None)
