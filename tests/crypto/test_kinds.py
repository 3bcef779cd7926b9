"""Numbers, yes or no, and choices: exact, comparable with nothing, and of one length where the length would tell."""

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.forms import modelform_factory

from casemgmt.crypto.errors import OddCiphertext
from casemgmt.crypto.fields import SealedChoice, SealedText
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Form, Fruit, Guest

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


def kept(case_uid, **values):
    return Form.objects.get(pk=Form.objects.create(case_uid=case_uid, **values).pk)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12.5", Decimal("12.50")),
        (Decimal("-0.01"), Decimal("-0.01")),
        (7, Decimal("7.00")),
        ("9999999.99", Decimal("9999999.99")),
        (Decimal("-0"), Decimal("0.00")),
        ("1e3", Decimal("1000.00")),
    ],
)
def test_a_number_comes_back_exactly(case_uid, written, read):
    with reading():
        owed = kept(case_uid, owed=written).owed
    assert (owed, str(owed)) == (read, str(read))


@pytest.mark.parametrize("odd", [0.1, "1.001", "12345678.00", "NaN", "Infinity", "ten", True, b"1", [1]])
def test_what_is_no_such_number_is_refused(case_uid, odd):
    with pytest.raises(ValidationError):
        Form(case_uid=case_uid, owed=odd).save()


def test_equal_numbers_written_differently_keep_their_bytes(case_uid):
    form = kept(case_uid, owed="12.5")
    before = raw.read(Form, "owed", form.pk)
    form.owed = "12.500"
    form.save()
    assert raw.read(Form, "owed", form.pk) == before


@pytest.mark.parametrize(("written", "read"), [(True, True), ("no", False), (0, False), ("1", True), (None, None)])
def test_yes_no_and_nothing_come_back(case_uid, written, read):
    with reading():
        form = kept(case_uid, safe=written, warrant=written)
        assert form.safe is read and form.warrant is read


@pytest.mark.parametrize("odd", ["maybe", 2, b"1", Decimal(1)])
def test_neither_yes_nor_no_is_refused(case_uid, odd):
    with pytest.raises(ValidationError):
        Form(case_uid=case_uid, safe=odd).save()


def test_the_length_of_an_answer_tells_nothing(case_uid):
    """Every answer of a kind is of one length; where presence itself is a secret, nothing is, too."""
    answers = [
        kept(case_uid, safe=safe, warrant=warrant, fruit=fruit, secret_fruit=secret)
        for safe, warrant, fruit, secret in (
            (True, True, Fruit.FIG, Fruit.FIG),
            (False, False, Fruit.POMEGRANATE, Fruit.POMEGRANATE),
            (True, None, Fruit.PLUM, None),
        )
    ]
    for column in ("safe", "warrant", "fruit"):
        assert len({len(raw.read(Form, column, form.pk)) for form in answers}) == 1, column
    # A text of these codes would tell the long one from the short ones.
    texts = [Guest.objects.create(case_uid=case_uid, name=code, pregnant=code) for code in Fruit.values]
    assert len({len(raw.read(Guest, "name", guest.pk)) for guest in texts}) == 2


def test_nothing_hides_among_the_choices(case_uid):
    lengths = {
        len(raw.read(Form, "secret_fruit", kept(case_uid, secret_fruit=one).pk)) for one in (None, *Fruit.values)
    }
    assert len(lengths) == 1


def test_codes_come_back_without_their_padding(case_uid):
    with reading():
        assert [kept(case_uid, fruit=code).fruit for code in Fruit.values] == Fruit.values


@pytest.mark.parametrize("odd", [7, b"FIG", "FIG\x00", "X" * 200])
def test_odd_codes_are_refused(case_uid, odd):
    with pytest.raises(ValidationError):
        Form(case_uid=case_uid, fruit=odd).save()


def test_an_unknown_code_is_refused_by_full_clean_and_by_a_form(case_uid):
    with pytest.raises(ValidationError, match="fruit"):
        Form(case_uid=case_uid, fruit="NETTLE").full_clean()
    form_class = modelform_factory(Form, fields=["owed", "safe", "warrant", "fruit"])
    bad = form_class({"owed": "1.234", "fruit": "NETTLE", "safe": "true", "warrant": ""})
    assert set(bad.errors) == {"owed", "fruit"}
    good = form_class(
        {"owed": "1.20", "fruit": "FIG", "safe": "false", "warrant": ""}, instance=Form(case_uid=case_uid)
    )
    saved = good.save()
    with reading():
        found = Form.objects.get(pk=saved.pk)
        assert (found.owed, found.safe, found.warrant, found.fruit) == (Decimal("1.20"), False, None, "FIG")


def test_a_value_of_another_kind_is_no_answer(case_uid):
    """Bytes that open, but were sealed as text, are refused: the tag says what a value is."""
    form = kept(case_uid, safe=True)
    as_text = SealedText(fid="form.safe", section="SAFETY")
    as_text.set_attributes_from_name("safe")
    as_text.model = Form
    raw.write(Form, "safe", form.pk, bytes(as_text.seal(form, "1")))
    with reading(), pytest.raises(OddCiphertext):
        _ = Form.objects.get(pk=form.pk).safe


@pytest.mark.parametrize("column", ["owed", "safe", "fruit"])
def test_the_database_is_asked_nothing(case_uid, column):
    for ask in (
        lambda: Form.objects.filter(**{column: "1"}),
        lambda: Form.objects.order_by(column),
        lambda: Form.objects.aggregate(models.Max(column)),
    ):
        with pytest.raises(FieldError):
            list(ask())
    assert list(Form.objects.filter(**{f"{column}__isnull": True})) == []


def test_a_choice_without_a_list_or_with_a_long_code_does_not_start():
    for choices in ([], [("X" * 127, "long")]):
        field = SealedChoice(fid="odd.choice", section="CARD", choices=choices)
        field.set_attributes_from_name("odd")
        field.model = Form
        assert "crypto.E012" in [message.id for message in field.check()]
