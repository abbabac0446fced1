"""What the operator decides: one frozen tree, every field documented, all faults reported together.

Settings come from a TOML file (``--settings FILE``, else ``SKOLEPAS_SETTINGS``). Every field has a default that
works with yesterday's file. Secrets are never in this file: ``secrets.file`` names where they are.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from idp.errors import ConfigurationFault
from idp.settings_checks import LOOPBACK_HOSTS as LOOPBACK_HOSTS  # noqa: PLC0414 (known to others by this module)
from idp.settings_checks import checks

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT_VARIABLE = "SKOLEPAS_SETTINGS"


def _setting(default: Any, doc: str) -> Any:  # noqa: ANN401 (dataclasses.field has no narrower type)
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """Who we are, towards people and services."""

    issuer: str = _setting(
        "http://localhost:8080",
        "Public address of the identity provider, without a slash at the end; https except on localhost.",
    )
    name: str = _setting("Skolepas", "The name people see on the pages.")
    default_language: str = _setting("da", "Language when neither service, person nor browser asks for one: da or en.")
    trusted_proxies: int = _setting(
        0, "How many proxies in front of us set X-Forwarded-For and -Proto; 0 ignores those headers (decision 17)."
    )
    time_zone: str = _setting("Europe/Copenhagen", "The zone in which times are shown.")

    @property
    def entity_id(self) -> str:
        """Our name in SAML, which is where our metadata is (SAML Metadata 4.1)."""
        return f"{self.issuer}/saml/metadata"

    @property
    def scope(self) -> str:
        """Our domain, which stands behind the @ of scoped identifiers (SAML Subject Identifier Attributes Profile 1.0)."""
        return urlsplit(self.issuer).hostname or ""


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """Where everything that must be remembered lies."""

    url: str = _setting(
        "sqlite:///var/skolepas.sqlite3",
        "SQLAlchemy address: sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE.",
    )
    pool_size: int = _setting(5, "Connections that each process keeps open (PostgreSQL).")


@dataclass(frozen=True, kw_only=True)
class SecretsSettings:
    """Where the keys lie that must never be in the database."""

    file: str = _setting("var/secrets.toml", "The secrets file, readable by its owner alone (0600).")


@dataclass(frozen=True, kw_only=True)
class HashingSettings:
    """Argon2id for codes (RFC 9106; OWASP's parameters by default)."""

    memory_kib: int = _setting(19456, "Argon2id memory for one hash, in KiB.")
    passes: int = _setting(2, "Argon2id passes.")
    queue: int = _setting(
        8,
        "How many codes may wait to be hashed in one process, each in a thread beside `server.threads`; one more is typed "
        "again.",
    )
    straight_on_seconds: int = _setting(
        2, "Whose turn comes within so many seconds is asked for the code at once; others get the waiting page first."
    )
    longest_wait_seconds: int = _setting(
        600, "How long the queue for logins may get in one process; beyond it people are told to come back later."
    )


@dataclass(frozen=True, kw_only=True)
class PolicySettings:
    """Which codes people must have, and for how long: the national policy, the norms', or the operator's own."""

    follow: str = _setting(
        "national",
        "`national` or `norm`: whose rule holds where the national policy and the norms clash (`norm.toml`).",
    )
    folder: str = _setting(
        "",
        "A folder with policy files of your own; each replaces the one of its name in `policies/data`. Empty: none.",
    )


@dataclass(frozen=True, kw_only=True)
class LoginSettings:
    """The login pages."""

    attempt_seconds: int = _setting(1800, "How long a login may take from the service's request to its answer.")
    nsis_notified: str = _setting(
        "", "The NSIS level notified for this site: `Low` or `Substantial`. Empty: none is given."
    )
    allow_code_issue: bool = _setting(
        default=False,
        doc="Whether `skolepas codes issue` may assign a code and print it. For demos and tests; off by default.",
    )


@dataclass(frozen=True, kw_only=True)
class OidcSettings:
    """OpenID Connect."""

    code_seconds: int = _setting(60, "Life of an authorization code.")
    token_seconds: int = _setting(300, "Life of access tokens and ID Tokens.")
    dpop_nonce_seconds: int = _setting(
        300,
        "How long a nonce for DPoP proofs is good; 0 demands none. Proofs made in advance are then good for a minute.",
    )
    pushed_request_seconds: int = _setting(
        90, "How long a pushed authorization request waits for the browser (RFC 9126); 600 at the most (FAPI 2.0)."
    )
    refresh_idle_seconds: int = _setting(1800, "How long a refresh token waits to be used.")
    refresh_seconds: int = _setting(
        43200, "When a login's refresh tokens end, used or not; with the session at the latest."
    )
    offline_idle_seconds: int = _setting(604800, "How long one with `offline_access` waits to be used.")
    offline_seconds: int = _setting(
        2592000, "When those with `offline_access` end, used or not; they outlive the session."
    )
    registration: str = _setting(
        "closed",
        "`closed`, or `initial-access-token`: whether programs may register services with a token that "
        "`skolepas services registration-token` makes.",
    )
    device_seconds: int = _setting(
        600, "How long a screen without a keyboard waits for its code to be typed elsewhere."
    )


@dataclass(frozen=True, kw_only=True)
class SamlSettings:
    """SAML 2.0."""

    metadata_days: int = _setting(14, "For how long our metadata is valid from when it is read.")
    refresh_minutes: int = _setting(60, "How often metadata of services is fetched anew, where it is fetched.")
    longest_validity_days: int = _setting(
        30, "Fetched metadata that says it is valid for longer is refused (saml2int SDP-MD03)."
    )
    technical_contact: str = _setting(
        "", "The e-mail address in our metadata for those who run services; empty for none."
    )
    support_contact: str = _setting("", "The same for their users; empty for none.")


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    """How we speak to addresses that services name: their keys, their sectors, their logout addresses."""

    seconds: int = _setting(5, "How long one exchange with a service may take in all.")
    private_networks: bool = _setting(
        default=False,
        doc="Whether a service may lie on a private network or this machine, and there speak plain http. Off: the public "
        "internet over https alone.",
    )
    ca_file: str = _setting(
        "",
        "A file with certificates (PEM) that are trusted beside the system's own, for services of your own. Empty: none.",
    )


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """The HTTP server that `skolepas serve` starts."""

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8080, "Port to listen on.")
    workers: int = _setting(1, "Processes; one per core in production.")
    threads: int = _setting(4, "Threads that answer requests in each process, beside those in which codes wait.")
    metrics_networks: str = _setting(
        "",
        "Networks that may read `/metrics` beside this machine itself, with spaces between: `10.1.0.0/16 fd00::/8`.",
    )


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """The record of what was done."""

    head_file: str = _setting(
        "",
        "The file to which the worker appends the head of the audit record, so that a cut-off end is noticed; best on "
        "another machine. Empty: none.",
    )


@dataclass(frozen=True, kw_only=True)
class ProvingSettings:
    """Only for demos and tests."""

    clock_file: str = _setting(
        "", "A file holding a number of seconds to add to the clock, so that tests need not wait. Empty: the real time."
    )
    demo_services_file: str = _setting(
        "", "The file in which `skolepas demo` keeps its two learning services. Empty: they are not served."
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole tree. Each field is a table in the TOML file."""

    site: SiteSettings = field(default_factory=SiteSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    secrets: SecretsSettings = field(default_factory=SecretsSettings)
    hashing: HashingSettings = field(default_factory=HashingSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    login: LoginSettings = field(default_factory=LoginSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    saml: SamlSettings = field(default_factory=SamlSettings)
    fetch: FetchSettings = field(default_factory=FetchSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
    proving: ProvingSettings = field(default_factory=ProvingSettings)

    @property
    def secure(self) -> bool:
        """Whether the public address is https, and cookies therefore ``Secure`` with a ``__Host-`` name."""
        return self.site.issuer.startswith("https://")


def settings_named_by_environment() -> bool:
    """Whether ``SKOLEPAS_SETTINGS`` names a file."""
    return bool(os.environ.get(ENVIRONMENT_VARIABLE))


def hand_down_settings(path: Path | None) -> None:
    """Name the settings file to the processes that we start."""
    if path is not None:
        os.environ[ENVIRONMENT_VARIABLE] = str(path.resolve())


def load_settings(path: Path | None = None) -> Settings:
    """Settings from ``path``, else from the file that ``SKOLEPAS_SETTINGS`` names, else the defaults.

    Relative paths in the file (database, secrets, clock) are relative to the folder of the file, the defaults' to the
    current folder, and come back absolute: the web application and the command line must mean the same database.

    Raises :class:`idp.errors.ConfigurationFault` with every fault found.
    """
    named = path or (Path(os.environ[ENVIRONMENT_VARIABLE]) if os.environ.get(ENVIRONMENT_VARIABLE) else None)
    if named is None:
        return read_settings({}, folder=Path.cwd())
    try:
        tree = tomllib.loads(named.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationFault([f"{named}: there is no such settings file."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigurationFault([f"{named}: not TOML: {fault}."]) from None
    return read_settings(tree, folder=named.resolve().parent)


def read_settings(tree: Mapping[str, Any], *, folder: Path | None = None) -> Settings:
    """Check a parsed TOML tree. Raises :class:`ConfigurationFault` naming every unknown, mistyped or wrong field."""
    faults: list[str] = []
    sections: dict[str, Any] = {}
    hints = get_type_hints(Settings)
    for section in fields(Settings):
        given = tree.get(section.name, {})
        if not isinstance(given, dict):
            faults.append(f"[{section.name}] must be a table.")
            continue
        sections[section.name] = _read_section(section.name, hints[section.name], given, faults)
    faults += [f"[{name}] is not a known table." for name in sorted(set(tree) - set(hints))]
    if faults:
        raise ConfigurationFault(faults)
    settings = _anchored(Settings(**sections), folder)
    faults = [sentence for wrong, sentence in checks(settings) if wrong]
    if faults:
        raise ConfigurationFault(faults)
    return settings


def masked(settings: Settings) -> dict[str, dict[str, Any]]:
    """The tree as it may be shown: a password inside the database address becomes ``***``."""
    shown = {part.name: {f.name: getattr(getattr(settings, part.name), f.name) for f in fields(part.default_factory)}  # type: ignore[arg-type]
             for part in fields(Settings)}  # fmt: skip
    url = urlsplit(settings.database.url)
    if url.password:
        shown["database"]["url"] = settings.database.url.replace(f":{url.password}@", ":***@")
    return shown


def _read_section(name: str, kind: Any, given: Mapping[str, Any], faults: list[str]) -> Any:  # noqa: ANN401
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in hints:
            faults.append(f"{name}.{key} is not a known setting.")
        elif not _fits(value, hints[key]):
            faults.append(f"{name}.{key} must be of type {_type_name(hints[key])}, not {type(value).__name__}.")
        else:
            values[key] = value
    missing = [f.name for f in fields(kind) if f.default is MISSING and f.name not in values]
    faults += [f"{name}.{key} is missing." for key in missing]
    return None if missing else kind(**values)


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401
    if get_origin(hint) is UnionType:
        return any(_fits(value, part) for part in get_args(hint))
    return type(value) is hint


def _type_name(hint: Any) -> str:  # noqa: ANN401
    return getattr(hint, "__name__", str(hint))


def _anchored(settings: Settings, folder: Path | None) -> Settings:
    if folder is None:
        return settings
    url = settings.database.url
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(f"{prefix}/"):
        url = f"{prefix}{folder / url.removeprefix(prefix)}"
    return replace(
        settings,
        database=replace(settings.database, url=url),
        secrets=replace(settings.secrets, file=str(folder / settings.secrets.file)),
        policy=replace(settings.policy, folder=str(folder / settings.policy.folder) if settings.policy.folder else ""),
        fetch=replace(settings.fetch, ca_file=str(folder / settings.fetch.ca_file) if settings.fetch.ca_file else ""),
        audit=AuditSettings(head_file=str(folder / settings.audit.head_file) if settings.audit.head_file else ""),
        proving=ProvingSettings(
            **{name: str(folder / file) if file else "" for name, file in asdict(settings.proving).items()}
        ),
    )
