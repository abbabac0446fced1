"""Debian's Shibboleth and npm's node-saml as processes, with the files of the page for engineers of SAML services."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

import httpx

from idp.outside.certificates import self_signed
from idp.outside.clock import SystemClock
from idp.outside.jose import make_key
from tests.benchmarks.site import free_port, stop
from tests.conformance.tls import tls_proxy
from tests.interop.clients import ROOT, _apache_program, _node_program, _wait_for
from tests.interop.saml_page import PLACE, PROVIDER, SERVICE, SOCKET, examples
from tests.interop.visitor import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.interop.site import Provider
    from tests.interop.visitor import Page, Visitor

APACHE_MODULES: Final = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime")
APACHE: Final = """
ServerRoot {folder}
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog {folder}/log
LogLevel warn
{modules}
LoadModule mod_shib /usr/lib/apache2/modules/mod_shib.so
TypesConfig /dev/null
DocumentRoot {folder}/pages
DirectoryIndex index.json
Include {folder}/laering.conf
"""
DEBIANS_USER: Final = "www-data"
"""Whom Apache lends its work to; shibd runs as the same here, so that both may use its socket."""


@dataclass(frozen=True)
class SamlService:
    """A running service: where it is, and what its pages are called."""

    here: str
    entity_id: str
    log: Path
    login: str
    login_again: str
    logout: str

    def told(self, visitor: Visitor) -> Mapping[str, Any]:
        """What the assertion said, as the service shows it; empty when nobody is logged in."""
        told = visitor.open(f"{self.here}/").json()
        return {} if told.get("nobody") else told

    def uniid(self, visitor: Visitor) -> str | None:
        found = self.told(visitor).get("attributes", {}).get("dk:unilogin:uniid")
        return str(found) if found else None

    def log_out(self, visitor: Visitor) -> Page:
        return visitor.open(f"{self.here}{self.logout}")


class ShibbolethService(SamlService):
    """Shibboleth tells of its session at an address of its own."""

    def told(self, visitor: Visitor) -> Mapping[str, Any]:
        found = visitor.open(f"{self.here}/Shibboleth.sso/Session")
        return found.json() if found.body.startswith("{") and "attributes" in found.body else {}

    def uniid(self, visitor: Visitor) -> str | None:
        for attribute in self.told(visitor).get("attributes", []):
            if attribute["name"] == "uniid":
                return str(attribute["values"][0])
        return None


@dataclass(frozen=True)
class SamlKind:
    """A service provider: how it is named, what is missing for it on this machine, how it is started and registered."""

    name: str
    missing: Callable[[], str | None]
    start: Callable[[Path, int, ExitStack, Mapping[str, str]], subprocess.Popen[bytes]]
    files: tuple[str, ...]
    metadata: str
    options: Mapping[str, Any]
    make: type[SamlService]
    login: str
    login_again: str
    logout: str

    @contextmanager
    def running(self, provider: Provider, folder: Path) -> Iterator[SamlService]:
        """Start the service, register what it publishes about itself, and stop it afterwards."""
        folder.mkdir()
        port = free_port()
        with ExitStack() as stack:
            front = stack.enter_context(tls_proxy(provider.authority, port).running())
            here = f"https://localhost:{front}"
            _keys(provider, folder)
            for name in self.files:
                text = examples()[name].replace(SERVICE, here).replace(PROVIDER, provider.issuer)
                (folder / name).write_text(text.replace(PLACE, str(folder)).replace(SOCKET, f"{folder}/shibd.sock"))
            around = {
                **os.environ,
                "HERE": here,
                "ISSUER": provider.issuer,
                "PORT": str(port),
                "NODE_EXTRA_CA_CERTS": str(provider.authority.certificate),
            }
            process = self.start(folder, port, stack, around)
            _wait_for(port, process, folder / "log")
            published = _fetched(provider, f"{here}{self.metadata}")
            (folder / "metadata.xml").write_text(published, encoding="utf-8")
            registered = provider.command(
                "services", "add-saml", "--metadata", folder / "metadata.xml", "--agreement", "small",
                "--options", json.dumps(dict(self.options)),
            )  # fmt: skip
            entity_id = registered["entity_id"]
            yield self.make(here, entity_id, folder / "log", self.login, self.login_again, self.logout)


def _fetched(provider: Provider, address: str) -> str:
    answer = httpx.get(address, verify=provider.authority.trusting)
    if answer.status_code != 200:
        raise Lost(f"no metadata: {answer.status_code} {answer.text[:300]}")
    return answer.text


def _keys(provider: Provider, folder: Path) -> None:
    """Write the service's key pair, and our certificates as its operator was given them."""
    made = make_key("RS256")
    (folder / "key.pem").write_bytes(made.private)
    (folder / "certificate.pem").write_text(self_signed(made.private, name=folder.name, now=SystemClock().now()))
    for use, name in (("saml", "skolepas-signing.pem"), ("saml-md", "skolepas-metadata.pem")):
        (folder / name).write_text(provider.printed("keys", "certificate", "--use", use))


def _node(folder: Path, _port: int, stack: ExitStack, around: Mapping[str, str]) -> subprocess.Popen[bytes]:
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return _process([str(_node_program()), "service.mjs"], folder, stack, around)


def _process(command: list[str], folder: Path, stack: ExitStack, around: Mapping[str, str]) -> subprocess.Popen[bytes]:
    said = stack.enter_context((folder / "log").open("ab"))
    process = subprocess.Popen(command, cwd=folder, env=dict(around), stdout=said, stderr=said)
    stack.callback(stop, process)
    return process


def _shibboleth(folder: Path, port: int, stack: ExitStack, around: Mapping[str, str]) -> subprocess.Popen[bytes]:
    pages = folder / "pages/skole"
    pages.mkdir(parents=True)
    (pages / "index.json").write_text('{"inside": true}', encoding="utf-8")
    (pages.parent / "index.json").write_text('{"nobody": true}', encoding="utf-8")
    modules = Path("/usr/lib/apache2/modules")
    loaded = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in APACHE_MODULES]
    (folder / "shibd.logger").write_text(Path("/etc/shibboleth/console.logger").read_text())
    lent: list[str] = []
    if os.geteuid() == 0:
        loaded.append(f"User {DEBIANS_USER}\nGroup {DEBIANS_USER}")
        lent = ["-u", DEBIANS_USER, "-g", DEBIANS_USER]
        folder.parent.chmod(0o755)
        for place in (folder, *folder.iterdir()):
            shutil.chown(place, DEBIANS_USER, DEBIANS_USER)
        folder.chmod(0o755)
    (folder / "httpd.conf").write_text(APACHE.format(folder=folder, port=port, modules="\n".join(loaded)))
    command = ["/usr/sbin/shibd", "-F", "-f", "-c", f"{folder}/shibboleth2.xml", "-p", f"{folder}/shibd.pid", *lent]
    log = {**around, "SHIBSP_LOGGING": str(folder / "shibd.logger")}
    daemon = _process(command, folder, stack, log)
    _until_there(folder / "shibd.sock", daemon, folder / "log")
    return _process([str(_apache_program()), "-f", f"{folder}/httpd.conf", "-D", "FOREGROUND"], folder, stack, around)


def _until_there(file: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    patience = monotonic() + 30
    while not file.exists():
        if process.poll() is not None or monotonic() > patience:
            raise Lost(f"shibd did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        sleep(0.05)


def _shibboleth_missing() -> str | None:
    if _apache_program() is None or not Path("/usr/lib/apache2/modules/mod_shib.so").is_file():
        return "not installed: apt-get install apache2 libapache2-mod-shib"
    return None


def _node_missing() -> str | None:
    if _node_program() is None:
        return "Node.js is not installed"
    there = (ROOT / "node_modules/@node-saml/node-saml").is_dir()
    return None if there else "@node-saml/node-saml is not in node_modules (npm ci)"


SAML_KINDS: Final = (
    SamlKind(
        "Shibboleth", _shibboleth_missing, _shibboleth,
        files=("shibboleth2.xml", "attribute-map.xml", "laering.conf"), metadata="/Shibboleth.sso/Metadata",
        options={"profile": "unilogin", "encrypt_assertion": True}, make=ShibbolethService,
        login="/Shibboleth.sso/Login?target=/", login_again="/Shibboleth.sso/Login?forceAuthn=true&target=/",
        logout="/Shibboleth.sso/Logout",
    ),
    SamlKind(
        "node-saml", _node_missing, _node,
        files=("service.mjs",), metadata="/metadata",
        options={"sign_response": True, "sign_assertion": True, "encrypt_assertion": True}, make=SamlService,
        login="/login", login_again="/login-again", logout="/logout",
    ),
)  # fmt: skip
