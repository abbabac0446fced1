"""OpenID Connect: one module per specification section, by number and word.

::

    endpoints                     the addresses, and nothing else
    parameters                    a request's parameters, read once and strictly
    refusals                      how a broken rule is told to the service, its owner, and the person who sees a page
    core_3_1_2_1_request          how an authorization request comes: in an address, as a form, signed, or pushed
    rfc9101_request_object        the signed one
    rfc9126_par                   the endpoint to which a service pushes one
    core_3_1_2_authorization      what it is refused for: two tuples of checks, before and after the target is trusted
    acr_values                    which level a request needs
    core_5_5_claims_parameter     single claims, and a level that is insisted on
    rfc7636_pkce                  S256 for everybody, no downgrade
    rfc9207_issuer                the answer to the service, with the issuer in it
    form_post_1_0                 the same answer as a form that the browser posts
    rfc6749_2_3_client_authentication  who asks, for every endpoint that services themselves speak to
    rfc7523_client_assertion      a client that proves itself with its own key
    rfc6749_3_2_token_endpoint    the token endpoint: who asks, and in which way
    grant_types                   what each grant type is given, and gives back
    rfc6749_4_1_3_token           a code: checks over one look-up, then the code is burned
    rfc6749_6_refresh             a refresh token: used once, and twice ends its family
    rfc6749_5_1_success           what is given when all is well
    rfc8628_device                a screen without a keyboard asks, and a person decides in a browser
    rfc8628_device_code           the screen asks what was decided
    rfc9449_dpop                  tokens that are of use to one key alone
    rfc9068_access_token          opaque access tokens, and those that a service can read
    core_2_id_token               what an ID Token says
    core_5_3_userinfo             the same claims for an access token
    rfc7662_introspection         what a token is worth now, asked with a service's own credentials
    rfc7009_revocation            a service gives its tokens back
    rfc6750_bearer                how an access token is carried
    discovery_1_0_3_metadata      what we are, as precomputed bytes
    rfc7517_jwks                  the keys we sign with
    rfc7591_registration          services that register themselves, where the operator allows it
    rfc7592_management            and manage what they registered
    rp_initiated_logout_1_0       logging out from a service
    back_channel_logout_1_0       the token with which the worker tells a service that a session has ended

The checks are ours and not Authlib's, see ``docs/decisions/0046-our-own-checks.md``.
"""

from idp.oidc.endpoints import answer, oidc_blueprint

__all__ = ["answer", "oidc_blueprint"]
