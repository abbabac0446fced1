"""Reading parameters, and that no request whatever gets a 5xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.parameters import Unreadable, as_query, nothing_twice, read
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider


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


@one_database
def test_no_request_whatever_is_a_defect(provider: Provider) -> None:
    http = provider.party().http
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = [
        b"", b"=", b"&", b"&&&", b"%", b"%zz", b"%ff", b"\xff", b"\x00", b"a", b"a=%00", b"client_id", b"client_id=%F0%9F%98%80",
        b"client_id=a&client_id=b", b"client_id=" + b"a" * 9000, b"x" * 100_000, b"grant_type[]=x", b"a=1;b=2",
        b"response_type=code&client_id=laeringsportalen&redirect_uri=%00", b"max_age=1&max_age=2", b"id_token_hint=..",
        b"client_id=laeringsportalen&client_secret=%80", b"code=%F0%9F%98%80&grant_type=authorization_code",
    ]  # fmt: skip
    headers = [
        {},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic Og=="},
        {"Authorization": "\t"},
    ]
    statuses = set()
    for body in bodies:
        for path in ("authorize", "token", "userinfo", "logout"):
            for header in headers:
                for mime in (form, {"Content-Type": "application/json"}, {}):
                    statuses.add(http.post(f"/oidc/{path}", content=body, headers={**header, **mime}).status_code)
        if len(body) < 5000:
            for path in ("authorize", "userinfo", "logout", "jwks"):
                query = as_query(body)
                statuses.add(http.get(f"/oidc/{path}?{query}").status_code)
    assert statuses <= {200, 303, 400, 401}
