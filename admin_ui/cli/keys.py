"""``skolepas keys``: the keys that ID Tokens, SAML messages and our metadata are signed with, and the pepper under the codes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import click

from admin_ui.cli import print_json
from idp.keyring import rotate_pepper
from idp.outside.certificates import fingerprint_of, pem_of
from idp.saml.metadata_ours import address_for
from idp.usecases import metadata_fetches, saml_keys, signing_keys
from idp.usecases.peppers import peppers_in_use
from idp.usecases.service_providers import SignatureAlgorithm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from admin_ui.cli import Operator
    from idp.usecases.rotating_keys import RotatingKeys

_USES: Final[Mapping[str, RotatingKeys[Any]]] = {
    kind.use: kind
    for kind in (signing_keys.KEYS, saml_keys.SIGNING_KEYS, saml_keys.ENCRYPTION_KEYS, saml_keys.METADATA_KEYS)
}
_PINNED: Final = {kind.use: kind for kind in (saml_keys.SIGNING_KEYS, saml_keys.METADATA_KEYS)}
"""Those whose certificates services are given by hand."""


@click.group()
def keys() -> None:
    """The keys that ID Tokens, SAML messages and our metadata are signed with, and the pepper under the codes."""


@keys.command()
@click.option(
    "--use",
    type=click.Choice(list(_USES)),
    default=signing_keys.KEYS.use,
    show_default=True,
    help="oidc: ID Tokens. saml: SAML messages. saml-enc: what others encrypt to us with. saml-md: our metadata.",
)
@click.option(
    "--at-once", is_flag=True, help="Whether services have read the next keys or not: a key is in wrong hands."
)
@click.pass_obj
def rotate(operator: Operator, *, use: str, at_once: bool) -> None:
    """Sign with the next keys from now on, keep the ones in use published as previous, and make new next ones.

    No login fails at services that read our keys where we publish them: the next ones must have been there for an hour,
    those of SAML for as long as our metadata is valid (saml.metadata_days).

    A service that was given a certificate by hand must be given the next one first: `skolepas keys certificate`. Of SAML
    messages that is who pins one; the key of our metadata (saml-md) is published nowhere, and everybody pins it.
    """
    system, kind = operator.system, _USES[use]
    with system.database.writing() as db:
        read_from = kind.next_is_read_from(db, system)
        if read_from is not None and system.now() < read_from and not at_once:
            until = read_from.astimezone(ZoneInfo(system.settings.site.time_zone))
            when = f"{until:%H:%M}" if until - system.now() < timedelta(hours=12) else f"{until:%Y-%m-%d %H:%M}"
            raise click.ClickException(f"Services may not know the next keys before {when}. Or: --at-once.")
        listed = kind.rotate(db, system)
    print_json([asdict(key) for key in listed if key.status != "retired"])


# A key's name is drawn, and one in 64 begins with what begins an option.
@keys.command(context_settings={"ignore_unknown_options": True})
@click.argument("kid")
@click.pass_obj
def revoke(operator: Operator, kid: str) -> None:
    """Take the key KID, which is in wrong hands, out of use and out of what is published, at once.

    Where it was in use, the next one is used from now on. Services keep what they read for five minutes.
    """
    system = operator.system
    with system.database.writing() as db:
        if not any(kind.revoke(db, system, kid) for kind in _USES.values()):
            raise click.ClickException(f"There is no key {kid}, or it is revoked.")
    click.echo(f"{kid} is revoked.")


@keys.command()
@click.pass_obj
def rollover(operator: Operator) -> None:
    """Print, as JSON, which SAML service has read which of our keys, and which key each is signed for with.

    A service is seen to read them at the address of its own that `services add-saml` printed.
    """
    system = operator.system
    with system.database.writing() as db:
        ring = saml_keys.saml_key_ring(db, system)
        found = [
            {**asdict(one), "metadata_url": address_for(system, one.service_id)}
            for one in metadata_fetches.rollover(db, ring.published)
        ]
    keys_now = [{"kid": one.kid, "algorithm": one.algorithm, "status": one.status} for one in ring.published]
    waiting = [
        one["entity_id"]
        for one in found
        if not all(one["read"][key["kid"]] for key in keys_now if key["status"] == "next")
    ]
    print_json({"keys": keys_now, "services": found, "have_not_read_the_next": waiting})


@keys.command("sign-with")
@click.argument("entity_id")
@click.option("--kid", help="One of our published SAML keys; left out, the service follows the current one again.")
@click.pass_obj
def sign_with(operator: Operator, entity_id: str, kid: str | None) -> None:
    """Sign for one SAML service with the key KID from now on, before everybody else or after: the next, or the previous.

    Without --kid it follows the current key again.
    """
    system = operator.system
    with system.database.writing() as db:
        published = {one.kid for one in saml_keys.saml_key_ring(db, system).published}
        if kid is not None and kid not in published:
            raise click.ClickException(f"There is no key {kid} among those that are published for SAML.")
        if not metadata_fetches.sign_with(db, system, entity_id, kid):
            raise click.ClickException(f"There is no SAML service {entity_id}.")
    click.echo(f"{entity_id} is signed for with {kid or 'the current key'} from now on.")


@keys.command()
@click.option(
    "--use",
    type=click.Choice(list(_PINNED)),
    required=True,
    help="saml: SAML messages. saml-md: our metadata.",
)
@click.option("--kid", help="Another than the current RSA key: the next one, say; `skolepas keys list` has them.")
@click.pass_obj
def certificate(operator: Operator, *, use: str, kid: str | None) -> None:
    """Print a key's certificate in PEM, for a service that pins it; on standard error its SHA-256 fingerprint.

    So the output may become a file as it is, and the fingerprint is still seen. Tell the service the fingerprint by another
    way than the certificate.
    """
    system = operator.system
    with system.database.writing() as db:
        ring = _PINNED[use].ring(db, system)
    wanted = kid or ring.signer_for(SignatureAlgorithm.RSA_SHA256).kid
    found = next((one for one in ring.published if one.kid == wanted), None)
    if found is None:
        raise click.ClickException(f"There is no key {kid} among the next, current and previous ones of {use}.")
    click.echo(pem_of(found.certificate), nl=False)
    click.echo(f"{use} {found.kid} ({found.algorithm}, {found.status})", err=True)
    click.echo(f"SHA-256 {fingerprint_of(found.certificate)}", err=True)


@keys.command("list")
@click.pass_obj
def list_(operator: Operator) -> None:
    """Print every key, as JSON; never a private one."""
    with operator.system.database.reading() as db:
        print_json([asdict(key) for kind in _USES.values() for key in kind.listed(db)])


@keys.command()
@click.pass_obj
def peppers(operator: Operator) -> None:
    """Print what lies under each pepper, as JSON. One with nothing live under it may leave the secrets file.

    Earlier codes under a pepper that is gone can no longer be told from new ones; nothing else is lost with them.
    """
    system = operator.system
    with system.database.reading() as db:
        print_json([asdict(pepper) for pepper in peppers_in_use(db, system)])


@keys.command("rotate-pepper")
@click.pass_obj
def rotate_pepper_command(operator: Operator) -> None:
    """Put a new pepper into the secrets file; run again, after every process has been restarted, to use it.

    Each code moves to the new pepper when its owner next logs in.
    """
    step = rotate_pepper(Path(operator.settings.secrets.file))
    if step.in_use:
        click.echo(
            f"Pepper {step.name} is used from the next start on. Restart every process. Codes move to it at login;"
        )
        click.echo("skolepas keys peppers tells how many have not. Keep the old one until none has.")
        return
    click.echo(f"Pepper {step.name} is in the secrets file, and not used yet. Bring the file to every machine, restart")
    click.echo("every process, and run this again.")
