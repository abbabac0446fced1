"""Other people's clients as processes: each runs the service of the page with its own library."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from joserfc.jwk import ECKey

from tests.benchmarks.site import free_port, stop
from tests.conformance.tls import tls_proxy
from tests.interop.page import ROOT, changed, examples
from tests.interop.visitor import Lost, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.interop.site import Provider
    from tests.interop.visitor import Visitor

PATIENCE_SECONDS: Final = 30
APACHES_OWN: Final = "/skole/oidc"
"""``OIDCRedirectURI``."""
FAPI_2: Final[dict[str, Any]] = {"fapi_2_profile": True, "token_endpoint_auth_method": None}
APACHE_MODULES: Final = (
    "mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "auth_openidc",
)  # fmt: skip
APACHE: Final = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog {folder}/log
LogLevel warn auth_openidc:info
{modules}
TypesConfig /dev/null
DocumentRoot {folder}/pages
DirectoryIndex index.json
OIDCCABundlePath {authority}
OIDCXForwardedHeaders X-Forwarded-Proto
Include {folder}/skolepas.conf
"""


@dataclass(frozen=True)
class Service:
    """A running service: where it is, and what its pages are called."""

    here: str
    client_id: str
    log: Path
    login: str

    def claims(self, visitor: Visitor) -> Mapping[str, str]:
        """What the ID Token said, as the service shows it; empty when nobody is logged in."""
        told = visitor.open(f"{self.here}/").json()
        return {} if told.get("nobody") else told

    def userinfo(self, visitor: Visitor) -> Mapping[str, str]:
        return visitor.open(f"{self.here}/userinfo").json()

    def refresh(self, visitor: Visitor) -> str:
        """Get new tokens; what shows that they are new, if the service tells."""
        return f"for {visitor.press(f'{self.here}/refresh').json()['expires_in']} s"

    def log_out(self, visitor: Visitor) -> Page:
        return visitor.press(f"{self.here}/logout")


class ApacheService(Service):
    """mod_auth_openidc tells what it knows at its own address (``OIDCInfoHook``) and takes its orders there."""

    def claims(self, visitor: Visitor) -> Mapping[str, str]:
        told = visitor.open(self._own(info="json"))
        return dict(told.json()["id_token"]) if told.status == 200 else {}

    def userinfo(self, visitor: Visitor) -> Mapping[str, str]:
        return dict(visitor.open(self._own(info="json")).json()["userinfo"])

    def refresh(self, visitor: Visitor) -> str:
        before = visitor.open(self._own(info="json")).json()["access_token"]
        back = visitor.open(self._own(refresh=f"{self.here}/", access_token=before))
        after = visitor.open(self._own(info="json")).json()["access_token"]
        if back.address != f"{self.here}/" or before == after:
            raise Lost(f"not refreshed: {back.said}")
        return "another access token"

    def log_out(self, visitor: Visitor) -> Page:
        return visitor.open(self._own(logout=f"{self.here}/"))

    def _own(self, **asked: str) -> str:
        return f"{self.here}{APACHES_OWN}?{urlencode(asked)}"


@dataclass(frozen=True)
class Kind:
    """A client: how it is named, what is missing for it on this machine, and how it is started."""

    name: str
    missing: Callable[[], str | None]
    command: Callable[[Path, int, Path], list[str]]
    file: str
    """What of the page it runs."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Where its addresses are not those of the page's service."""
    diff: str | None = None
    """What of the page changes that file."""
    own_key: bool = False
    """Whether it proves itself with a key of its own, by the FAPI 2.0 Security Profile."""
    make: type[Service] = Service
    login: str = "/login"
    trusts_through: tuple[str, ...] = ()
    """The variables that tell the library whose certificates it believes."""

    @contextmanager
    def running(self, provider: Provider, folder: Path) -> Iterator[Service]:
        """Register the service, start it, and stop it afterwards."""
        folder.mkdir()
        port = free_port()
        with ExitStack() as stack:
            front = stack.enter_context(tls_proxy(provider.authority, port).running())
            here = f"https://localhost:{front}"
            private, public = _key()
            authority = str(provider.authority.certificate)
            around = {
                **provider.register(here, self.paths, FAPI_2 | {"jwks": {"keys": [public]}} if self.own_key else {}),
                "PRIVATE_KEY": private,
                **dict.fromkeys(self.trusts_through, authority),
                "PORT": str(port),
            }
            text = examples()[self.file] if self.diff is None else changed(self.file, self.diff)
            (folder / self.file).write_text(text, encoding="utf-8")
            log = folder / "log"
            said = stack.enter_context(log.open("ab"))
            command = self.command(folder, port, provider.authority.certificate)
            process = subprocess.Popen(command, cwd=folder, env=around, stdout=said, stderr=said)
            stack.callback(stop, process)
            _wait_for(port, process, log)
            yield self.make(here, around["CLIENT_ID"], log, self.login)


def _key() -> tuple[str, dict[str, Any]]:
    """A new key as the service has it, and the half that it registers."""
    made = ECKey.generate_key("P-256", {"kid": "1", "alg": "ES256", "use": "sig"}, private=True)
    return json.dumps(made.as_dict(private=True)), made.as_dict(private=False)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    patience = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or monotonic() > patience:
                raise Lost(f"the service did not start: {log.read_text(encoding='utf-8')}") from None
            sleep(0.02)
        else:
            return


def _node(folder: Path, _port: int, _authority: Path) -> list[str]:
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return [str(_node_program()), "service.mjs"]


def _node_program() -> Path | None:
    """Node.js from the machine, or the one that ./do put into the virtual environment."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    return Path(found) if found else None


def _node_missing() -> str | None:
    if _node_program() is None:
        return "Node.js is not installed"
    there = (ROOT / "node_modules/openid-client").is_dir()
    return None if there else "openid-client is not in node_modules (npm ci)"


def _flask(_folder: Path, port: int, _authority: Path) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "service", "run", "--host", "localhost", "--port", str(port)]


def _apache(folder: Path, port: int, authority: Path) -> list[str]:
    pages = folder / "pages/skole"
    pages.mkdir(parents=True)
    (pages / "index.json").write_text('{"inside": true}', encoding="utf-8")
    (pages.parent / "index.json").write_text('{"nobody": true}', encoding="utf-8")
    modules = Path("/usr/lib/apache2/modules")
    loaded = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in APACHE_MODULES]
    if os.geteuid() == 0:  # Apache lends its work to somebody else, who must be able to read the folder
        loaded.append("User www-data\nGroup www-data")
        for place in (folder, folder.parent):  # both made for this run
            place.chmod(0o755)
    (folder / "httpd.conf").write_text(
        APACHE.format(folder=folder, port=port, modules="\n".join(loaded), authority=authority), encoding="utf-8"
    )
    return [str(_apache_program()), "-f", str(folder / "httpd.conf"), "-D", "FOREGROUND"]


def _apache_program() -> Path | None:
    """Debian keeps it outside other people's path."""
    found = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(found) if found else None


def _apache_missing() -> str | None:
    module = Path("/usr/lib/apache2/modules/mod_auth_openidc.so")
    if _apache_program() is None or not module.is_file():
        return "not installed: apt-get install apache2 libapache2-mod-auth-openidc"
    return None


CLIENTS: Final = (
    Kind(
        "openid-client", _node_missing, _node, file="service.mjs",
        trusts_through=("NODE_EXTRA_CA_CERTS",),
    ),
    Kind(
        "openid-client FAPI", _node_missing, _node, file="service.mjs", diff="fapi.diff", own_key=True,
        trusts_through=("NODE_EXTRA_CA_CERTS",),
    ),
    Kind("Authlib", lambda: None, _flask, file="service.py", trusts_through=("REQUESTS_CA_BUNDLE",)),
    Kind(
        "mod_auth_openidc", _apache_missing, _apache, file="skolepas.conf",
        paths={"/callback": APACHES_OWN, "/backchannel-logout": f"{APACHES_OWN}?logout=backchannel"},
        login="/skole/", make=ApacheService,
    ),
)  # fmt: skip
