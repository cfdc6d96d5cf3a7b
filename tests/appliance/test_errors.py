"""Errors are sentences that say what to do, translatable because message and values stay apart."""

from __future__ import annotations

import pytest

from appliance import errors


def test_a_message_and_its_values_stay_apart_for_translation() -> None:
    error = errors.NotFound(errors.N_("There is no meter {name}."), field="name", name="Attic")
    assert str(error) == "There is no meter Attic."
    assert (error.message, error.values, error.field) == ("There is no meter {name}.", {"name": "Attic"}, "name")


def test_a_missing_value_is_noticed_where_it_is_raised() -> None:
    with pytest.raises(KeyError):
        raise errors.Refused("There is no meter {name}.")


def test_values_are_never_taken_for_placeholders() -> None:
    assert str(errors.BadInput("{typed} is no number.", typed="{0}{x!r}")) == "{0}{x!r} is no number."


@pytest.mark.parametrize("kind", errors.StoreError.__subclasses__())
def test_each_kind_says_to_the_programmer_what_to_do(kind: type[errors.StoreError]) -> None:
    assert kind.__doc__ and issubclass(kind, errors.WattwardError)
