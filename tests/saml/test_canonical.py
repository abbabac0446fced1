"""Our text is exclusive canonical XML as it stands, whatever is put into it."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from idp.saml.canonical import NotXml, attribute, instant, new_id, text, without_illegal
from idp.saml.core_2_3_assertion import Attribute, NameId, write_assertion
from idp.saml.core_3_3_3_response import Protection, Status, error_response, write_response
from idp.saml.core_3_4_1_write_authn_request import Asking, write_authn_request
from idp.saml.core_3_7_write_logout import write_logout_request, write_logout_response
from tests.conftest import START
from tests.opponents.saml_reader import read_message
from tests.saml.written import CONSUMER, ISSUER, SERVICE, keys, told

LEGAL = st.text(
    st.one_of(
        st.sampled_from("\t\n\r\"'&<>]é\U0001f600\ufffd\u2028\x85\x7f"),
        st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"),
    ),
    max_size=40,
)
NAMED = NameId(value="6f1c", format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")


def canonical(document: bytes) -> bytes:
    return etree.tostring(etree.fromstring(document), method="c14n", exclusive=True)


@given(value=LEGAL, other=LEGAL, name=LEGAL)
def test_whatever_is_told_arrives_as_it_was_and_the_text_is_its_own_canonical_form(
    value: str, other: str, name: str
) -> None:
    said = told(
        name_id=NameId(value=value, format=other, name_qualifier=name, sp_name_qualifier=value),
        attributes=(Attribute(name=name, values=(value, other), friendly=other, name_format=value),),
        audience=value, in_response_to=other, session_index=name, authenticated_by=(value,),
        session_not_on_or_after=START,
    )  # fmt: skip
    document = write_response(said, Protection(signer=keys("ES256").signer, sign_response=True))
    assert canonical(document) == document
    read = read_message(document, certificates=[keys("ES256").certificate]).assertion
    assert read is not None
    assert read.name_id is not None
    assert (read.name_id.value, read.name_id.format, read.name_id.name_qualifier) == (value, other, name)
    assert read.attributes == {name: (value, other)}
    assert (read.friendly_names, read.name_formats) == ({name: other}, {name: value})
    assert (read.audiences, read.in_response_to, read.session_index) == ((value,), other, name)
    assert read.authorities == (value,)


@given(st.text())
def test_a_text_is_either_written_so_that_it_comes_back_or_not_at_all(value: str) -> None:
    kept = without_illegal(value)
    if kept == value:
        assert etree.fromstring(f"<a>{text(value)}</a>".encode()).text == (value or None)
        assert etree.fromstring(f'<a b="{attribute(value)}"></a>'.encode()).get("b") == value
        return
    for write in (text, attribute):
        with pytest.raises(NotXml):
            write(value)
    text(kept)
    attribute(kept)


@pytest.mark.parametrize("illegal", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_no_xml_can_carry_is_refused_and_never_written(illegal: str) -> None:
    with pytest.raises(NotXml):
        write_assertion(told(name_id=NameId(value=f"a{illegal}b", format=NAMED.format)))
    with pytest.raises(NotXml):
        write_assertion(told(in_response_to=f"_{illegal}"))


@pytest.mark.spec("saml2int", "SDP-G03")
def test_every_message_of_ours_is_canonical_and_has_no_document_type() -> None:
    signer, refused = keys("ES256").signer, Status(code="urn:a", second="urn:b", message="Fejl & <mangel>")
    asking = Asking(
        issuer=ISSUER, destination=SERVICE, consumer=CONSUMER, now=START, identifier=new_id(), force_authn=True,
        is_passive=True, name_id_format=NAMED.format, subject=NAMED, contexts=("urn:x", "urn:y"), comparison="minimum",
    )  # fmt: skip
    answer = {"issuer": ISSUER, "in_response_to": "_1", "now": START}
    for by in (signer, None):
        messages = [
            write_response(told(), Protection(signer=signer, sign_response=by is not None)),
            error_response(refused, destination=CONSUMER, signer=by, **answer),
            write_logout_response(refused, destination=None, signer=by, **answer),
            write_logout_request(
                issuer=ISSUER, destination=SERVICE, named=NAMED, session_indexes=("_s", "_t"), now=START,
                not_on_or_after=START + timedelta(minutes=5), signer=by, reason="urn:oasis:names:tc:SAML:2.0:logout:user",
            ),
            write_authn_request(asking, signer=by),
        ]  # fmt: skip
        for message in messages:
            assert canonical(message) == message
            assert b"<!" not in message
            assert b"<?" not in message
            assert read_message(message, certificates=[keys("ES256").certificate]).signed is (by is not None)


@pytest.mark.spec("SAML Core", "1.3.4")
def test_an_id_is_a_name_of_160_random_bits() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(each) for each in ids} == {41}
    assert all(each.startswith("_") for each in ids)


@pytest.mark.spec("SAML Core", "1.3.3")
def test_a_time_is_told_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    assert instant(START.astimezone(summer).replace(microsecond=999_999)) == "2026-11-23T08:00:00Z"
