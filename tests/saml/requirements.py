"""The requirements of two profiles on identity providers, each with what shows that it is met, or why it is not.

saml2int: SAML V2.0 Deployment Profile for Federation Interoperability 2.0 (Kantara), its common and identity provider parts.
IIP: SAML V2.0 Implementation Profile for Federation Interoperability 1.1 (Kantara, 2019-12-18), its common and identity provider
parts. In our own words. ``./do test tests/saml/test_requirements.py`` holds the table against the tests, and the page against the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """How a requirement is met."""

    MET = "met"
    NOT_OFFERED = "not offered"
    DIVERGES = "diverges"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """``shown_by`` are tests, as ``file::test``; of one that is not met ``why`` says why."""

    id: str
    asks: str
    shown_by: tuple[str, ...] = ()
    state: State = State.MET
    why: str = ""


def met(identifier: str, asks: str, *shown_by: str, why: str = "") -> Requirement:
    return Requirement(id=identifier, asks=asks, shown_by=shown_by, why=why)


def diverges(identifier: str, asks: str, why: str, *shown_by: str) -> Requirement:
    return Requirement(id=identifier, asks=asks, shown_by=shown_by, state=State.DIVERGES, why=why)


def not_offered(identifier: str, asks: str, why: str) -> Requirement:
    return Requirement(id=identifier, asks=asks, state=State.NOT_OFFERED, why=why)


_SSO = "test_profiles_4_1_web_sso.py::test_"
_SLO = "test_profiles_4_4_single_logout.py::test_"
_LEVEL = "test_authn_contexts.py::test_"
_NAME = "test_name_ids.py::test_"
_OURS = "test_metadata_ours.py::test_"
_THEIRS = "test_metadata_theirs.py::test_"
_FETCHED = "test_metadata_fetched.py::test_"
_RESPONSE = "test_core_3_3_3_response.py::test_"
_SECURITY = "test_xml_security.py::test_"
_PROFILE = "test_profiles.py::test_"
_DEVIATION = "test_deviations.py::test_"
_PROTECTION = "test_protection.py::test_"

SAML2INT: Final = (
    met("SDP-G01", "Clocks may be three to five minutes off, both ways.", f"{_SSO}a_clock_may_be_four_minutes_off", f"{_SSO}a_request_that_is_not_in_order_is_shown_to_the_person"),
    met("SDP-G02", "What we write in an element or attribute is at most 256 characters long.", f"{_PROFILE}a_value_of_more_than_256_characters_is_left_out_and_not_cut", why="For services of the profile saml2int; keys, signatures and what is encrypted are longer, as they must be."),
    met("SDP-G03", "No DTD is sent.", "test_canonical.py::test_every_message_of_ours_is_canonical_and_has_no_document_type", "hostile/test_doctype.py::test_a_doctype_is_refused_whatever_stands_in_it"),
    met("SDP-G04", "An entityID is an absolute URI of at most 256 characters.", f"{_THEIRS}what_cannot_be_used_is_refused_and_named"),
    met("SDP-MD01", "Metadata is fetched and applied again and again.", f"{_FETCHED}a_service_is_registered_from_an_address_and_follows_what_stands_there"),
    met("SDP-MD02", "Fetched metadata counts by its signature alone, and the key that it is trusted by is none of those in it.", f"{_FETCHED}what_does_not_hold_registers_nobody_and_changes_nobody", f"{_FETCHED}an_address_needs_somebody_whose_signature_counts", f"{_OURS}the_key_that_signs_our_metadata_is_none_of_those_in_it", f"{_OURS}the_keys_in_our_metadata_change_and_the_one_that_signs_it_stays"),
    met("SDP-MD03", "Metadata without validUntil, or valid for too long, is refused.", f"{_FETCHED}what_does_not_hold_registers_nobody_and_changes_nobody", why="Where it is fetched; a file is the operator's own to judge."),
    met("SDP-MD04", "Metadata says what is supported, and no more.", f"{_OURS}our_metadata_is_signed_and_says_where_everything_is"),
    met("SDP-MD05", "Keys are published as certificates in KeyDescriptors.", f"{_OURS}the_next_keys_stand_beside_the_current_ones_and_one_key_to_encrypt_to"),
    met("SDP-MD06", "RSA keys have at least 2048 bits.", f"{_THEIRS}a_weak_key_is_refused", "test_saml_keys.py::test_there_is_a_key_of_each_kind_in_use_and_one_that_comes_next"),
    met("SDP-MD07", "EC keys have at least 256 bits.", f"{_THEIRS}a_weak_key_is_refused"),
    met("SDP-MD08", "An identity provider publishes a key to sign.", f"{_OURS}the_next_keys_stand_beside_the_current_ones_and_one_key_to_encrypt_to"),
    met("SDP-MD09", "Metadata has UIInfo with a name and a logo.", f"{_OURS}our_metadata_is_signed_and_says_where_everything_is", f"{_OURS}the_logo_in_our_metadata_can_be_fetched"),
    met("SDP-MD10", "The logo is an https address or stands in the metadata.", f"{_OURS}the_logo_in_our_metadata_can_be_fetched", why="Where site.issuer is https; doctor says where it is not."),
    met("SDP-MD11", "Metadata names a technical contact.", f"{_OURS}contacts_are_those_that_the_operator_named", f"{_DEVIATION}without_services_only_the_settings_can_be_other", why="That of saml.technical_contact; doctor says where it names nobody."),
    met("SDP-MD12", "An identity provider's metadata has errorURL, a page for people.", f"{_OURS}our_metadata_is_signed_and_says_where_everything_is", f"{_OURS}who_is_sent_to_us_by_a_service_that_could_not_use_the_login_is_told_what_to_do"),
    met("SDP-ALG01", "AES-GCM and RSA-OAEP with SHA-256 encrypt.", f"{_RESPONSE}a_service_of_a_federation_gets_sha_256_with_the_default_mask", f"{_SECURITY}what_is_encrypted_to_any_of_our_keys_is_read"),
    met("SDP-IDP01", "The Web Browser SSO profile.", f"{_SSO}a_pupil_logs_in_at_a_service_and_the_service_is_told"),
    met("SDP-IDP02", "AuthnRequests are taken by HTTP-Redirect.", f"{_SSO}a_pupil_logs_in_at_a_service_and_the_service_is_told"),
    met("SDP-IDP03", "AuthnRequests are received over TLS.", f"{_DEVIATION}without_services_only_the_settings_can_be_other", why="TLS ends in front of us (docs/operator.md); doctor names an address that is not https."),
    met("SDP-IDP04", "An unsigned request of a service that signs is refused; others need no signature.", f"{_SSO}a_service_that_signs_is_never_believed_without_a_signature"),
    met("SDP-IDP05", "A signature that is there is verified.", f"{_SSO}a_signature_that_nobody_demanded_must_be_good_all_the_same"),
    met("SDP-IDP06", "The consumer's address is one of the metadata, as it stands there; without one the default.", f"{_SSO}nobody_is_sent_to_an_address_that_the_metadata_does_not_name", f"{_SSO}the_answer_goes_to_an_address_of_the_metadata_by_url_by_index_or_by_default"),
    met("SDP-IDP07", "ForceAuthn is a real challenge, told by a fresh AuthnInstant.", f"{_LEVEL}force_authn_asks_for_the_code_again_and_says_when"),
    met("SDP-IDP08", "Responses go by HTTP-POST.", f"{_SSO}a_pupil_logs_in_at_a_service_and_the_service_is_told"),
    met("SDP-IDP09", "The Response is signed.", f"{_PROTECTION}each_profile_signs_in_its_own_way_and_encrypts_where_there_is_a_key", why="For services of the profile saml2int; other profiles sign as their own rules say."),
    met("SDP-IDP10", "One assertion with one AuthnStatement.", f"{_RESPONSE}an_assertion_says_who_for_whom_until_when_and_how"),
    met("SDP-IDP11", "Assertions that are posted are encrypted.", f"{_SSO}an_assertion_is_encrypted_where_the_service_can_read_it", f"{_SSO}a_service_that_must_get_it_encrypted_and_cannot_gets_none"),
    met("SDP-IDP12", "The NameID is transient.", f"{_NAME}a_service_of_a_federation_gets_a_transient_name_whatever_its_metadata_lists", why="For services of the profile saml2int, unless a request or the registration asks for another; doctor names the latter."),
    met("SDP-IDP13", "subject-id or pairwise-id tells who it is.", f"{_PROFILE}a_service_gets_the_identifier_that_it_signals"),
    met("SDP-IDP14", "The metadata names the scopes of these identifiers, none as a regular expression.", f"{_OURS}our_metadata_names_the_scope_that_our_identifiers_have"),
    met("SDP-IDP15", "The service's sign in its metadata says which.", f"{_PROFILE}a_service_gets_the_identifier_that_it_signals"),
    met("SDP-IDP16", "What a service signals and cannot get may be left out, or be an error.", f"{_PROFILE}a_service_that_needs_the_identifier_that_nobody_agreed_to_gets_no_assertion", why="It is an error here, told by a status."),
    met("SDP-IDP17", "A service that signals nothing may get either, both or neither.", f"{_PROFILE}a_service_gets_the_identifier_that_it_signals", why="It gets neither, unless it asks for one as an attribute."),
    met("SDP-IDP18", "Attributes have the NameFormat uri.", f"{_PROFILE}a_service_of_unilogin_gets_the_long_names_and_each_of_several_values_by_itself"),
    met("SDP-IDP19", "Values are simple text.", "test_canonical.py::test_whatever_is_told_arrives_as_it_was_and_the_text_is_its_own_canonical_form"),
    met("SDP-IDP20", "Each of several values is an element of its own.", f"{_PROFILE}a_service_of_unilogin_gets_the_long_names_and_each_of_several_values_by_itself"),
    met("SDP-IDP21", "The Single Logout profile.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    not_offered("SDP-IDP22", "A person may keep the provider's session.", "Whoever logs out on a shared tablet is logged out. The profile leaves it open."),
    met("SDP-IDP23", "A logout may be told to other services.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    met("SDP-IDP24", "LogoutRequests go out by HTTP-Redirect.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so", why="A service that takes posts alone is posted to; doctor names it."),
    met("SDP-IDP25", "LogoutRequests come in by HTTP-Redirect.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    met("SDP-IDP26", "LogoutRequests are signed, ours and theirs.", f"{_SLO}a_request_that_is_not_in_order_ends_nothing", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    met("SDP-IDP27", "The NameID of a LogoutRequest is not encrypted.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    met("SDP-IDP28", "LogoutResponses go out by HTTP-Redirect.", f"{_SLO}a_service_of_a_federation_is_answered_by_redirect_however_it_asked", why="To services of the profile saml2int; others are answered as they asked."),
    met("SDP-IDP29", "LogoutResponses come in by HTTP-Redirect.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    met("SDP-IDP30", "LogoutResponses are signed, ours and theirs.", f"{_SLO}an_answer_that_nobody_asked_for_or_that_another_gives_is_refused", f"{_SLO}a_dead_service_holds_nobody_up_and_is_not_said_to_be_told"),
    met("SDP-IDP31", "The status says truly whether the session has ended.", f"{_SLO}a_dead_service_holds_nobody_up_and_is_not_said_to_be_told", f"{_SLO}a_request_of_another_service_or_about_nobody_ends_nothing"),
    met("SDP-IDP32", "Any of several certificates of a service may have signed.", f"{_SECURITY}any_of_the_senders_keys_may_have_signed", f"{_THEIRS}a_key_without_a_use_is_for_both_and_there_may_be_any_number"),
    met("SDP-IDP33", "Metadata has endpoints for login and logout, a key to sign, UIInfo, errorURL, scope and technical contact.", f"{_OURS}our_metadata_is_signed_and_says_where_everything_is", f"{_OURS}our_metadata_names_the_scope_that_our_identifiers_have", f"{_OURS}contacts_are_those_that_the_operator_named"),
)  # fmt: skip

IIP: Final = (
    met("IIP-G01", "Clocks may be off by some minutes.", f"{_SSO}a_clock_may_be_four_minutes_off"),
    met("IIP-G02", "Texts up to 256 characters are taken.", f"{_PROFILE}a_value_of_more_than_256_characters_is_left_out_and_not_cut"),
    met("IIP-G03", "A document type is never sent, and can be refused.", "hostile/test_doctype.py::test_a_doctype_is_refused_whatever_stands_in_it"),
    met("IIP-MD01", "Metadata by the Metadata Query Protocol.", f"{_FETCHED}a_query_finds_a_service_by_its_entity_id", why="Of services that an operator named."),
    diverges("IIP-MD02", "Metadata of one entity or many is fetched on a schedule, and redirects are followed.", "Redirects are not followed: an address that moves is given anew.", f"{_FETCHED}a_service_is_registered_from_an_address_and_follows_what_stands_there", f"{_FETCHED}of_an_aggregate_the_services_that_are_named_are_registered_and_follow_it"),
    met("IIP-MD03", "The root's signature, by a key that was given otherwise and counts at one source only.", f"{_FETCHED}what_does_not_hold_registers_nobody_and_changes_nobody", f"{_FETCHED}an_address_needs_somebody_whose_signature_counts"),
    met("IIP-MD04", "validUntil missing, past or too far away refuses the document.", f"{_FETCHED}what_does_not_hold_registers_nobody_and_changes_nobody"),
    met("IIP-MD05", "Metadata, with entity attributes, algorithm support and UI elements; other extensions do no harm.", f"{_THEIRS}all_that_is_asked_for_is_read"),
    diverges("IIP-MD06", "Any service in metadata works without further settings.", "An operator names each service, and an agreement what it is told: nothing configured means no. Keys, endpoints and algorithms come from the metadata alone.", f"{_FETCHED}a_service_is_registered_from_an_address_and_follows_what_stands_there"),
    met("IIP-MD07", "Any number of signing keys, each is tried.", f"{_SECURITY}any_of_the_senders_keys_may_have_signed"),
    met("IIP-MD08", "Any number of encryption keys.", f"{_RESPONSE}the_first_key_that_can_be_used_is_used"),
    met("IIP-MD09", "Our own algorithms can be published.", f"{_OURS}our_metadata_is_signed_and_says_where_everything_is"),
    met("IIP-MD10", "Algorithms that a service's metadata names bound ours.", f"{_PROTECTION}a_service_is_signed_for_with_what_it_can_verify_and_the_key_it_is_held_at", f"{_RESPONSE}a_service_that_can_do_only_what_is_broken_gets_nothing"),
    met("IIP-MD11", "A key without a use is for both.", f"{_THEIRS}a_key_without_a_use_is_for_both_and_there_may_be_any_number"),
    met("IIP-MD12", "Expired and self-signed certificates are taken for their key.", f"{_THEIRS}a_key_without_a_use_is_for_both_and_there_may_be_any_number"),
    met("IIP-SSO01", "The Web Browser SSO profile.", f"{_SSO}a_pupil_logs_in_at_a_service_and_the_service_is_told"),
    met("IIP-SSO02", "Requests by HTTP-Redirect and HTTP-POST.", f"{_SSO}a_pupil_logs_in_at_a_service_and_the_service_is_told", f"{_SSO}a_posted_request_comes_by_a_get_of_ours_so_that_cookies_are_sent"),
    met("IIP-SSO03", "Responses and errors by HTTP-POST.", f"{_SSO}what_we_do_not_do_is_answered_with_a_status"),
    met("IIP-SSO04", "Assertion and response signed, together and each alone.", f"{_RESPONSE}what_is_to_be_signed_is_signed_and_nothing_else"),
    met("IIP-SSO05", "Persistent and transient NameIDs.", f"{_NAME}a_persistent_name_is_the_same_each_time_and_a_transient_one_never"),
    met("IIP-SSO06", "What metadata says of a service needs no other setting.", f"{_PROTECTION}a_service_that_wants_signed_assertions_gets_them_whatever_was_registered"),
    met("IIP-SSO07", "Optional content is read over or answered.", f"{_SSO}scoping_conditions_and_extensions_are_read_over"),
    met("IIP-EXT01", "Extensions never fail.", f"{_SSO}scoping_conditions_and_extensions_are_read_over"),
    met("IIP-ALG01", "SHA-256 as digest.", f"{_SECURITY}any_of_the_senders_keys_may_have_signed", f"{_RESPONSE}what_is_to_be_signed_is_signed_and_nothing_else"),
    met("IIP-ALG02", "RSA with SHA-256.", f"{_SECURITY}any_of_the_senders_keys_may_have_signed", f"{_RESPONSE}what_is_to_be_signed_is_signed_and_nothing_else"),
    met("IIP-ALG03", "ECDSA with SHA-256.", f"{_SECURITY}any_of_the_senders_keys_may_have_signed"),
    met("IIP-ALG04", "AES-GCM with 128 and 256 bits.", f"{_SECURITY}what_is_encrypted_to_any_of_our_keys_is_read", f"{_RESPONSE}an_assertion_is_encrypted_with_the_best_that_the_service_names"),
    not_offered("IIP-ALG05", "AES in CBC, which is allowed for old services.", "CBC tells an attacker about the padding."),
    met("IIP-ALG06", "RSA-OAEP in both its names.", f"{_SECURITY}what_is_encrypted_to_any_of_our_keys_is_read", f"{_RESPONSE}an_assertion_is_encrypted_with_the_best_that_the_service_names"),
    not_offered("IIP-ALG07", "What is known of attacks on TLS is heeded.", "TLS ends in front of us: docs/operator.md."),
    diverges("IIP-ALG08", "Algorithms can be forbidden, those that are broken from the start.", "What is allowed is a short list that nobody can widen; MD5, SHA-1 and RSA 1.5 are not on it.", f"{_SECURITY}a_signature_of_another_shape_is_none", f"{_SECURITY}what_is_encrypted_otherwise_is_not"),
    diverges("IIP-IDP01", "Attributes of any name and NameFormat.", "Names are those of the four profiles; NameFormat is uri.", f"{_PROFILE}a_service_of_unilogin_gets_the_long_names_and_each_of_several_values_by_itself"),
    met("IIP-IDP02", "What is released follows the service.", f"{_SSO}without_an_agreement_no_attribute_leaves"),
    diverges("IIP-IDP03", "What is released can follow entity attributes.", "They choose the identifier; all else follows the agreement, which a service's own metadata cannot widen.", f"{_PROFILE}a_service_gets_the_identifier_that_it_signals"),
    met("IIP-IDP04", "What is released can follow RequestedAttribute.", f"{_PROFILE}what_a_service_asks_for_in_its_metadata_narrows_what_is_agreed"),
    met("IIP-IDP05", "Errors are Responses with a status where the address is known.", f"{_SSO}what_we_do_not_do_is_answered_with_a_status", f"{_LEVEL}a_level_that_cannot_be_met_in_silence_is_answered_with_a_status"),
    met("IIP-IDP06", "ForceAuthn.", f"{_LEVEL}force_authn_asks_for_the_code_again_and_says_when"),
    met("IIP-IDP07", "IsPassive.", f"{_LEVEL}is_passive_shows_nobody_a_page"),
    met("IIP-IDP08", "RequestedAuthnContext, exact.", f"{_LEVEL}the_level_is_told_in_the_words_that_were_asked"),
    met("IIP-IDP09", "Assertions can be encrypted.", f"{_SSO}an_assertion_is_encrypted_where_the_service_can_read_it"),
    met("IIP-IDP10", "NameIDPolicy.", f"{_NAME}a_persistent_name_is_the_same_each_time_and_a_transient_one_never", f"{_NAME}a_name_that_nobody_gets_is_answered_with_a_status"),
    not_offered("IIP-IDP11", "Assertions without a NameID.", "Logout needs one; a service that wants none to know people by asks for a transient one."),
    met("IIP-IDP12", "The consumer is chosen by address, binding or index.", f"{_SSO}the_answer_goes_to_an_address_of_the_metadata_by_url_by_index_or_by_default", f"{_SSO}nobody_is_sent_to_an_address_that_the_metadata_does_not_name"),
    not_offered("IIP-IDP13", "Enhanced Client or Proxy.", "Pupils log in in browsers."),
    not_offered("IIP-IDP14", "HTTP Basic authentication for ECP.", "No ECP."),
    not_offered("IIP-IDP15", "A random key for ECP.", "No ECP."),
    not_offered("IIP-IDP16", "Metadata of ECP.", "No ECP."),
    diverges("IIP-IDP17", "Single logout, and the asynchronous extension.", "The extension is read over: whoever asks is answered.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    met("IIP-IDP18", "Logout by HTTP-Redirect.", f"{_SLO}logging_out_at_one_service_logs_out_of_all_three_and_says_so"),
    not_offered("IIP-IDP19", "EncryptedID in logout requests.", "saml2int (SDP-IDP27) has it in the clear; a request with one is refused by name."),
    met("IIP-IDP20", "Logout endpoints come from metadata.", f"{_SLO}a_service_that_takes_posts_is_posted_to"),
    diverges("IIP-IDP21", "Persistent names can be had that never differ in case alone.", "They are 256 pseudorandom bits in base64, of which no two are alike but for case; hexadecimal ones are those of OIOSAML.", f"{_NAME}a_persistent_name_is_the_same_each_time_and_a_transient_one_never"),
)  # fmt: skip

TABLES: Final = (
    ("saml2int 2.0", "The SAML V2.0 Deployment Profile for Federation Interoperability (Kantara), common and identity provider parts.", SAML2INT),
    ("Implementation profile (IIP) 1.1", "The SAML V2.0 Implementation Profile for Federation Interoperability (Kantara, 2019-12-18), common and identity provider parts.", IIP),
)  # fmt: skip
_HEAD: Final = """\
# SAML requirements

What is met of two profiles on identity providers, requirement by requirement and in our own words. "Met" means: built, and shown by the
test beside it; "not offered" that it is left out on purpose; "diverges" that something else is done, and why. Two services of other
people, Shibboleth and node-saml, log in and out in `./do interop`.

This page is written by `./do test tests/saml/test_requirements.py`, which fails when it is not what the table says and leaves the new
text in `build/saml-requirements.md`.
"""


def page() -> str:
    """The page docs/saml-requirements.md."""
    lines = [_HEAD]
    for title, about, table in TABLES:
        counted = ", ".join(f"{sum(one.state is state for one in table)} {state}" for state in State)
        lines += [f"## {title}\n", f"{about} {len(table)} requirements: {counted}.\n"]
        lines += ["| Id | Asks | State | Shown by, or why not |", "| --- | --- | --- | --- |"]
        lines += [f"| {one.id} | {one.asks} | {one.state} | {_told(one)} |" for one in table]
        lines.append("")
    return "\n".join(lines)


def _told(one: Requirement) -> str:
    shown = "; ".join(f"`{name.partition('::')[2].removeprefix('test_').replace('_', ' ')}`" for name in one.shown_by)
    return " ".join(part for part in (one.why, shown) if part)
