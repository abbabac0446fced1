"""SAML 2.0: one module per specification section, by number and word.

::

    endpoints                        the addresses, and nothing else
    intake                           how a message comes: by Redirect, POST or SOAP, bounded and of one meaning
    engine                           pysaml2, hardened: reads it, and has its signature verified
    refusals                         how a broken rule is told to the service, its owner, and the person who sees a page
    core_3_2_1_requests              what every request must be
    core_3_4_1_authn_request         what an AuthnRequest is refused for: before and after its consumer is trusted
    authn_contexts                   which level it asks for, and in which words it is answered
    name_ids                         who the assertion is about
    profiles_4_1_web_sso             from an AuthnRequest to a login
    profiles_4_1_4_response          from a login to the Response
    core_3_7_logout                  what logout messages are refused for
    profiles_4_4_single_logout       logging out of every service of a session, through the browser
    profiles_4_4_by_soap             the same from machine to machine, and how the worker tells a service
    said, profiles                   what a service is told, and how it is written
    protection                       what is signed and what encrypted
    core_2_3_assertion, core_3_3_3_response, core_3_7_write_logout, core_3_4_1_write_authn_request, canonical
                                     messages of ours, written as canonical text
    bindings_3_4_send_redirect, bindings_3_5_send_post   how they are sent
    core_3_3_read_response           what another identity provider vouches for
    upstream_login                   logging in at one, and our metadata as its service
    metadata_of_providers            what such a provider publishes about itself
    metadata_ours, metadata_4_1_publication   what we publish about ourselves, and where
    metadata_theirs                  what a service publishes about itself
"""

from idp.saml.endpoints import saml_blueprint
from idp.saml.profiles_4_1_4_response import answer
from idp.saml.profiles_4_4_single_logout import leave

__all__ = ["answer", "leave", "saml_blueprint"]
