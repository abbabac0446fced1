"""The provider as a real process behind TLS, with its clock in our hand, one school, two pupils, and the clients of the plans."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import httpx
from sqlalchemy import update

from idp.bootstrap import wire
from idp.keyring import make_keyring, write_keyring
from idp.settings import load_settings
from idp.store.people import SchoolRecord
from idp.usecases.services import register_oidc
from policies.vocabulary import Level, ReleasePackage
from tests.benchmarks.site import Databases, Site, free_port, serving
from tests.conformance.receiving import Inbox, receiver
from tests.conformance.tls import make_authority, tls_proxy
from tests.conformance.verdict import Failed
from tests.recipes import a_pupil, a_school

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from idp.usecases.services import Registered
    from idp.usecases.system import System
    from tests.conformance.tls import Authority
    from tests.recipes import Someone

_SETTINGS: Final = """
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
memory_kib = 64
passes = 1
straight_on_seconds = 600
[oidc]
registration = "initial-access-token"
[fetch]
private_networks = true
ca_file = "{ca_file}"
[proving]
clock_file = "clock"
"""


@dataclass
class Clock:
    """The provider's time: this machine's, and as many seconds more as we have waited."""

    file: Path
    waited: float = 0.0

    def now(self) -> datetime:
        """The time as the provider has it."""
        return datetime.now(UTC) + timedelta(seconds=self.waited)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.waited += seconds
        beside = self.file.with_suffix(".new")
        beside.write_text(str(self.waited), encoding="ascii")
        beside.replace(self.file)  # at once: the server reads it at every question


@dataclass
class Provider:
    """The running provider as its tests need it."""

    issuer: str
    rp: str
    """Where the relying party's addresses begin."""
    authority: Authority
    inbox: Inbox
    clock: Clock
    site: Site
    system: System
    people: tuple[Someone, Someone]
    registered: dict[str, Registered] = field(default_factory=dict)
    registered_themselves: dict[str, dict[str, Any]] = field(default_factory=dict)

    def client(self, name: str, metadata: Mapping[str, Any]) -> Registered:
        """The client of this name; it is registered by the operator when a module first asks for it."""
        if name not in self.registered:
            with self.system.database.writing() as db:
                self.registered[name] = register_oidc(
                    db, self.system, {"client_name": name, **metadata}, package=ReleasePackage.FULL
                )
        return self.registered[name]

    def register(self, metadata: Mapping[str, Any]) -> httpx.Response:
        """Register a client at the registration endpoint, with an initial access token of the operator's."""
        with httpx.Client(verify=self.authority.trusting, timeout=30) as http:
            discovery = http.get(f"{self.issuer}/.well-known/openid-configuration").json()
            if "registration_endpoint" not in discovery:
                raise Failed("discovery names no registration_endpoint")
            token = {"Authorization": f"Bearer {self._initial_access_token}"}
            return http.post(discovery["registration_endpoint"], json=dict(metadata), headers=token)

    @cached_property
    def _initial_access_token(self) -> str:
        made = self.command(
            "services", "registration-token", "--note", "conformance", "--minutes", "10080", "--uses", "100"
        )
        return str(json.loads(made)["registration_token"])

    def command(self, *arguments: str) -> str:
        """Run an operator's command on this installation and return what it prints."""
        done = subprocess.run(self.site.command(*arguments), check=True, capture_output=True, text=True)
        return done.stdout


@contextmanager
def a_provider(folder: Path) -> Iterator[Provider]:
    """Start everything, and stop it afterwards."""
    with ExitStack() as stack:
        authority, inbox, port = make_authority(folder), Inbox(), free_port()
        front = stack.enter_context(tls_proxy(authority, port).running())
        rp = stack.enter_context(receiver(authority, inbox).running())
        site = Site(folder, Databases(folder).new("provider"), port)
        issuer = f"https://localhost:{front}"
        site.settings_file.write_text(
            _SETTINGS.format(issuer=issuer, database=site.url, port=port, ca_file=authority.certificate),
            encoding="utf-8",
        )
        write_keyring(make_keyring(), folder / "secrets.toml")
        clock = Clock(folder / "clock")
        clock.wait(0)
        system = wire(load_settings(site.settings_file))
        stack.callback(system.database.close)
        provider = Provider(
            issuer=issuer,
            rp=f"https://localhost:{rp}",
            authority=authority,
            inbox=inbox,
            clock=clock,
            site=site,
            system=system,
            people=_people(system),
        )
        stack.enter_context(serving(site, "--with-worker"))
        yield provider


def _people(system: System) -> tuple[Someone, Someone]:
    with system.database.writing() as db:
        school = a_school(db, system)
        first, second = (
            a_pupil(db, system, school, level=Level.G5, code=f"rolig hest {n}", first_name=name)
            for n, name in enumerate(("Asta", "Bo"))
        )
        for someone, address in ((first, "asta@example.com"), (second, "bo@example.com")):
            known = {"email": address, "birth_date": date(2010, 5, 1)}  # old enough to be asked for consent
            db.execute(update(SchoolRecord).where(SchoolRecord.id == someone.record_id).values(known))
    return first, second
