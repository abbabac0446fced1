"""The provider as a real process behind TLS, with one pupil, and the services that stand on the page."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.bootstrap import wire
from idp.keyring import make_keyring, write_keyring
from idp.settings import load_settings
from policies.vocabulary import Level
from tests.benchmarks.site import Databases, Site, free_port, serving
from tests.conformance.tls import make_authority, tls_proxy
from tests.interop.page import SERVICE, examples
from tests.recipes import a_pupil, a_school

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.conformance.tls import Authority
    from tests.recipes import Someone

SETTINGS: Final = """
[site]
issuer = "{issuer}"
trusted_proxies = 1
[database]
url = "{database}"
[secrets]
file = "secrets.toml"
[server]
port = {port}
[hashing]
straight_on_seconds = 600
[fetch]
private_networks = true
ca_file = "authority.pem"
"""


@dataclass(frozen=True)
class Provider:
    """The running provider."""

    issuer: str
    authority: Authority
    site: Site
    pupil: Someone

    def command(self, *arguments: str | Path) -> Any:  # noqa: ANN401 (whatever it prints)
        """Run an operator's command and return the JSON that it prints."""
        return json.loads(self.printed(*arguments))

    def printed(self, *arguments: str | Path) -> str:
        """Run an operator's command and return what it prints."""
        return subprocess.run(self.site.command(*arguments), check=True, capture_output=True, text=True).stdout

    def register(self, here: str, paths: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, str]:
        """Register the service of the page at its own address; what it finds around it.

        ``paths`` stand in the place of the page's; ``changes`` are other members, or None for one that is left out.
        """
        metadata = examples()["service.json"]
        for on_the_page, path in paths.items():
            metadata = metadata.replace(f'"{SERVICE}{on_the_page}"', f'"{SERVICE}{path}"')
        members = {**json.loads(metadata.replace(SERVICE, here)), **changes}
        file = self.site.folder / "service.json"
        file.write_text(json.dumps({name: value for name, value in members.items() if value is not None}))
        registered = self.command("services", "add-oidc", "--metadata", file, "--agreement", "small")
        return {
            **os.environ,
            "ISSUER": self.issuer,
            "HERE": here,
            "CLIENT_ID": registered["client_id"],
            "CLIENT_SECRET": registered.get("client_secret", ""),
            "SESSION_KEY": "long and random, and kept where only the service can read it",
        }


@contextmanager
def a_provider(folder: Path) -> Iterator[Provider]:
    """Start everything, and stop it afterwards."""
    with ExitStack() as stack:
        authority, port = make_authority(folder), free_port()
        front = stack.enter_context(tls_proxy(authority, port).running())
        issuer = f"https://localhost:{front}"
        site = Site(folder, Databases(folder).new("provider"), port)
        site.settings_file.write_text(SETTINGS.format(issuer=issuer, database=site.url, port=port), encoding="utf-8")
        write_keyring(make_keyring(), folder / "secrets.toml")
        stack.enter_context(serving(site, "--with-worker"))
        yield Provider(issuer, authority, site, _pupil(site))


def _pupil(site: Site) -> Someone:
    system = wire(load_settings(site.settings_file))
    with closing(system.database), system.database.writing() as db:
        return a_pupil(db, system, a_school(db, system), level=Level.G5, code="rolig hest 47")
