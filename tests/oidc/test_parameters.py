"""Reading parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.parameters import Unreadable, as_query, nothing_twice, read


@pytest.mark.spec("RFC 6749", "3.1")
def test_a_parameter_without_a_value_is_left_out_and_one_that_comes_twice_has_none() -> None:
    parameters = read(b"a=1&b=&c=2&c=3&d=x%20y&e=%C3%A6&d2=x+y")
    assert (parameters["a"], parameters["b"], parameters["c"], parameters["e"]) == ("1", None, None, "æ")
    assert parameters.words("d") == parameters.words("d2") == ("x", "y")
    fault = nothing_twice(parameters)
    assert fault is not None
    assert fault.parameter == "c"


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused_and_mean_the_same_as_a_query(raw: bytes) -> None:
    try:
        parameters = read(raw)
    except Unreadable:
        return
    assert read(as_query(raw).encode()) == parameters


def test_what_a_name_says_is_never_repeated_to_others() -> None:
    fault = nothing_twice(read(b"%22x=1&%22x=2"))
    assert fault is not None
    assert fault.description == "A parameter comes more than once."
