"""``skolepas upstreams``: identity providers of others that vouch for people of some institutions."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from admin_ui.cli import print_json
from idp.outside.fetch import Unfetchable
from idp.saml.metadata_of_providers import read_provider
from idp.saml.metadata_theirs import LARGEST, MetadataFault, entity_document
from idp.usecases import upstreams as known
from idp.usecases.institutions import institution_id
from idp.usecases.redirect_addresses import fault_of
from idp.usecases.upstreams import NewUpstream, Subject
from policies.upstreams import GIVEN
from policies.vocabulary import Assurance, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from admin_ui.cli import Operator
    from idp.usecases.upstreams import Upstream

_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LEVELS: Final = click.Choice([level.value for level in GIVEN])


@click.group()
def upstreams() -> None:
    """Identity providers of others: a municipality's own (SAML), or a strong identification (OpenID Connect)."""


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that both protocols have."""
    for option in reversed(
        (
            click.option("--name-da", required=True, help="How it is called on the page."),
            click.option("--name-en", help="The same in English."),
            click.option(
                "--institution",
                "institutions",
                multiple=True,
                required=True,
                help="For whose people it vouches, by number; may be given again.",
            ),
            click.option(
                "--subject",
                type=click.Choice([one.value for one in Subject]),
                required=True,
                help="What its name of a person is.",
            ),
            click.option("--attribute", help="The attribute or claim that holds that name; without it NameID or sub."),
            click.option(
                "--level",
                "levels",
                multiple=True,
                metavar="NAME=LEVEL",
                help="What one of its levels is worth here: EnFaktor or ToFaktor; any other is EnFaktor.",
            ),
            click.option(
                "--cap",
                type=_LEVELS,
                default=Assurance.EN_FAKTOR.value,
                show_default=True,
                help="The most it may vouch for.",
            ),
        )
    ):
        command = option(command)
    return command


@upstreams.command("add-saml")
@click.option("--metadata", "file", type=click.File("rb"), required=True, help="Its metadata; - for stdin.")
@click.option("--entity-id", help="Which provider is meant, in a document of several.")
@_shared
@click.pass_obj
def add_saml(operator: Operator, /, *, file: IO[bytes], entity_id: str | None, **told: Any) -> None:  # noqa: ANN401 (options)
    """Register a provider that speaks SAML. Give it our metadata: /saml/upstream/metadata."""
    document = file.read(LARGEST + 1)
    try:
        provider = read_provider(document, entity_id)
    except MetadataFault as fault:
        raise click.ClickException(" ".join(fault.faults)) from None
    if provider.valid_until is not None and provider.valid_until <= operator.system.now():
        raise click.ClickException(f"Its metadata was valid until {provider.valid_until.isoformat()}.")
    _add(
        operator,
        Protocol.SAML,
        provider.entity_id,
        {"address": provider.address, "certificates": [b64encode(each).decode() for each in provider.certificates]},
        told,
        metadata=entity_document(document, entity_id),
    )


@upstreams.command("add-oidc")
@click.option("--issuer", required=True, help="Its issuer; the rest is read from its discovery document.")
@click.option("--client-id", required=True, help="Who we are there.")
@click.option("--secret-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--scope", default="openid", show_default=True)
@_shared
@click.pass_obj
def add_oidc(
    operator: Operator,
    /,
    *,
    issuer: str,
    client_id: str,
    secret_file: Path,
    scope: str,
    **told: Any,  # noqa: ANN401
) -> None:
    """Register a provider that speaks OpenID Connect. Give it our address: /login/elsewhere/callback."""
    try:
        found = operator.system.fetcher.get_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    except Unfetchable as fault:
        raise click.ClickException(f"Its discovery document cannot be fetched: {fault.why}.") from None
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise click.ClickException("Its discovery document names another issuer.")
    missing = [name for name in _ENDPOINTS if not isinstance(found.get(name), str)]
    if missing:
        raise click.ClickException(f"Its discovery document lacks {', '.join(missing)}.")
    open_ = [name for name in _ENDPOINTS if fault_of(found[name]) is not None]
    if open_:
        raise click.ClickException(f"Its discovery document gives no https address: {', '.join(open_)}.")
    registration = {
        "address": found["authorization_endpoint"],
        "token_endpoint": found["token_endpoint"],
        "jwks_uri": found["jwks_uri"],
        "client_id": client_id,
        "scope": scope,
        "names_itself": found.get("authorization_response_iss_parameter_supported") is True,
    }
    secret = secret_file.read_text(encoding="utf-8").strip()
    _add(operator, Protocol.OIDC, issuer, registration, told, secret=secret)


@upstreams.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print every provider, as JSON; never a secret."""
    with operator.system.database.reading() as db:
        print_json([_told(one, numbers) for one, numbers in known.listed(db, operator.system)])


@upstreams.command()
@click.argument("identifier")
@click.option("--why", required=True, help="For the record.")
@click.pass_obj
def disable(operator: Operator, identifier: str, why: str) -> None:
    """Believe the provider IDENTIFIER no more, and end at once every session that it vouched for."""
    with operator.system.database.writing() as db:
        ended = known.disable(db, operator.system, identifier, why)
    if ended is None:
        raise click.ClickException(f"There is no upstream {identifier}.")
    click.echo(f"{identifier} is disabled; {ended} sessions have ended.")


@upstreams.command()
@click.argument("identifier")
@click.pass_obj
def enable(operator: Operator, identifier: str) -> None:
    """Believe the provider IDENTIFIER again."""
    with operator.system.database.writing() as db:
        if not known.enable(db, operator.system, identifier):
            raise click.ClickException(f"There is no upstream {identifier}.")
    click.echo(f"{identifier} is enabled.")


def _add(
    operator: Operator,
    protocol: Protocol,
    identifier: str,
    registration: Mapping[str, Any],
    told: Mapping[str, Any],
    *,
    secret: str | None = None,
    metadata: str | None = None,
) -> None:
    system = operator.system
    new = NewUpstream(
        protocol=protocol,
        identifier=identifier,
        name_da=told["name_da"],
        name_en=told["name_en"] or told["name_da"],
        subject=Subject(told["subject"]),
        attribute=told["attribute"],
        levels=_levels(told["levels"]),
        cap=Assurance(told["cap"]),
        registration=registration,
        secret=secret,
        metadata=metadata,
    )
    with system.database.writing() as db:
        numbers = [_institution(db, number) for number in told["institutions"]]
        try:
            made = known.register(db, system, new, numbers)
        except ValueError as fault:
            raise click.ClickException(str(fault)) from None
    print_json(_told(made, tuple(told["institutions"])))


def _institution(db: Session, number: str) -> int:
    found = institution_id(db, number)
    if found is None:
        raise click.ClickException(f"There is no institution {number}.")
    return found


def _levels(given: tuple[str, ...]) -> dict[str, Assurance]:
    levels = {}
    for each in given:
        said, _, level = each.rpartition("=")
        if not said or level not in {one.value for one in GIVEN}:
            raise click.ClickException(f"--level is NAME=EnFaktor or NAME=ToFaktor, not {each}.")
        levels[said] = Assurance(level)
    return levels


def _told(one: Upstream, institutions: tuple[str, ...]) -> dict[str, Any]:
    kept = {name: value for name, value in one.registration.items() if name != "certificates"}
    return {
        "identifier": one.identifier,
        "protocol": one.protocol.value,
        "name_da": one.name_da,
        "name_en": one.name_en,
        "cap": one.cap.value,
        "institutions": list(institutions),
        "disabled": one.disabled,
        **json.loads(json.dumps(kept)),
    }
