"""SAML: what signing an assertion costs, what a whole single sign-on does, beside pysaml2 as it comes, and whether memory grows.

The goals: signing at most 1.5 times the bare RSA-2048 signature; the CPU of a whole single sign-on with a live session, on
PostgreSQL, at most 2.8 times one such signature plus one request to an empty Flask application; at least 15 times cheaper than
pysaml2 as an identity provider by its defaults; and memory within 5 % over 100,000 responses.
"""

from __future__ import annotations

import http.client
import os
import resource
import shutil
import subprocess
import sys
import time
import warnings
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.outside.certificates import self_signed
from idp.outside.jose import make_key
from idp.saml.core_3_3_3_response import Protection, write_response
from idp.saml.metadata_theirs import read_metadata
from idp.usecases.saml_registration import register_saml
from idp.usecases.service_providers import SamlOptions
from policies.vocabulary import ReleasePackage
from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.load import closed_loop
from tests.benchmarks.processes import pss_mib
from tests.benchmarks.single_sign_on import logged_in
from tests.benchmarks.site import a_site, free_port, populate, serving, stop
from tests.benchmarks.visitor import LostTheWay, Visitor
from tests.benchmarks.yardsticks import Machine
from tests.house.answers import family
from tests.opponents.saml_service import SamlService
from tests.saml.written import keys, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.plan import Plan
    from tests.benchmarks.site import Site

BARE: Final = "one RSA-2048 signature"
FLOOR: Final = "that and one request to an empty Flask application"
SERVICE: Final = SamlService()
POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
MANY: Final = 100_000
_FLASK: Final = Path(__file__).parent / "peer"


def saml(plan: Plan) -> Result:
    """Everything but the memory."""
    site = a_site(plan.databases, "saml", workers=plan.workers)
    people = populate(site, pupils=plan.visitors)
    register(site)
    machine = Machine()
    bare, floor, cpu, alone, signing, theirs = [], [], [], [], [], []
    with ExitStack() as stack:
        empty_port, empty = stack.enter_context(an_empty_flask(plan.workers))
        server = stack.enter_context(serving(site))
        visitors = logged_in(site, people)
        journeys = [one_sso(visitor, site) for visitor in visitors]
        nothing = [one_request(empty_port) for _ in visitors]
        for journey in (*journeys, *nothing):
            journey()  # warm
        for _ in range(plan.repetitions):
            bare.append(machine.rsa_ms())
            signing.append(one_signed_assertion_ms())
            flask = closed_loop(nothing, empty, seconds=plan.seconds / 2)
            floor.append(bare[-1] + flask.cpu_ms)
            many = closed_loop(journeys, server, seconds=plan.seconds)
            cpu.append(many.cpu_ms)
            alone += closed_loop(journeys[:1], server, seconds=plan.seconds / 2).milliseconds
            if shutil.which("xmlsec1"):
                theirs.append(pysaml2_ms(plan))
    ratio = (
        f"; pysaml2 spends {sorted(theirs)[len(theirs) // 2] / sorted(cpu)[len(cpu) // 2]:.0f} times as much"
        if theirs
        else ""
    )
    return Result(
        "saml",
        f"single sign-on by AuthnRequest and Response over HTTP, {plan.databases.kind}, {plan.workers} processes",
        (
            Figure("CPU of the server for one single sign-on", "ms", tuple(cpu), FLOOR),
            Figure("an assertion, written and signed", "ms", tuple(signing), BARE),
            Figure("time of one, nobody else there", "ms", tuple(alone), BARE),
            *((Figure("pysaml2 by its defaults, CPU for one", "ms", tuple(theirs), FLOOR),) if theirs else ()),
        ),
        (Figure(BARE, "ms", tuple(bare)), Figure(FLOOR, "ms", tuple(floor))),
        (f"goals: 2.8 times, 1.5 times{ratio}",),
    )


def saml_memory(plan: Plan) -> Result:
    """The server after some responses, and after many times as many."""
    few = max(plan.single_sign_ons[0], 500)
    many = MANY if plan.repetitions > 2 else few * 4
    site = a_site(plan.databases, "samlmemory", workers=plan.workers)
    people = populate(site, pupils=plan.visitors)
    register(site)
    with serving(site) as server:
        workers = sorted(family(server) - {server})
        journeys = [one_sso(visitor, site) for visitor in logged_in(site, people)]
        _repeat(journeys, few)
        before = _largest(workers)
        _repeat(journeys, many - few)
        after = _largest(workers)
    grown = (sum(after) / sum(before) - 1) * 100
    return Result(
        "saml-memory",
        f"memory that each process of the server holds (PSS), {plan.databases.kind}",
        (
            Figure(f"a worker, after {few:,} responses", "MiB", before),
            Figure(f"a worker, after {many:,}", "MiB", after),
        ),
        (),
        (f"{grown:+.1f} %; goal: within 5 %",),
    )


def register(site: Site) -> None:
    """A service that takes unsigned requests, with an agreement for everybody."""
    document, system = SERVICE.metadata(), site.system()
    with closing(system.database), system.database.writing() as db:
        register_saml(
            db, system, document, read_metadata(document.encode()), SamlOptions(), package=ReleasePackage.SMALL
        )


def one_sso(visitor: Visitor, site: Site) -> Callable[[], object]:
    """A journey: a fresh request of the service, and the page that posts the Response."""
    here = f"http://localhost:{site.port}/saml/sso"

    def go() -> None:
        request = SERVICE.authn_request(now=datetime.now(UTC), destination=here)
        answer = visitor.get(SERVICE.by_redirect(request, at="/saml/sso"))
        if answer.status != 200 or b"SAMLResponse" not in answer.body:
            raise LostTheWay(f"no single sign-on: {answer.status} {answer.location or answer.body[:300]!r}")

    return go


def one_request(port: int) -> Callable[[], object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def go() -> None:
        connection.request("GET", "/")
        connection.getresponse().read()

    return go


@contextmanager
def an_empty_flask(workers: int) -> Iterator[tuple[int, int]]:
    """The port and the process of an empty Flask application, served as ours is."""
    port = free_port()
    granian = str(Path(sys.executable).with_name("granian"))
    command = [
        granian,
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
        "flask_app:app",
    ]
    server = subprocess.Popen(command, cwd=_FLASK, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        patience = time.monotonic() + 30
        while True:
            try:
                one_request(port)()
                break
            except OSError:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.05)
        yield port, server.pid
    finally:
        stop(server)


def one_signed_assertion_ms(times: int = 200) -> float:
    """Write a Response with a signed assertion, the mean of some."""
    what, how = told(), Protection(signer=keys().signer)
    write_response(what, how)
    begun = time.thread_time()
    for _ in range(times):
        write_response(what, how)
    return (time.thread_time() - begun) * 1000 / times


def pysaml2_ms(plan: Plan) -> float:
    """What pysaml2 spends as an identity provider by its defaults: read a request and answer it, with xmlsec1's processes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from saml2 import BINDING_HTTP_REDIRECT  # noqa: PLC0415 (slow, and only here)
        from saml2.config import IdPConfig  # noqa: PLC0415
        from saml2.server import Server  # noqa: PLC0415

        folder = plan.folder / "pysaml2"
        folder.mkdir(exist_ok=True)
        if not (folder / "key.pem").exists():
            made = make_key("RS256")
            (folder / "key.pem").write_bytes(made.private)
            pem = self_signed(made.private, name="peer", now=datetime.now(UTC))
            certificate = x509.load_pem_x509_certificate(pem.encode())
            (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        at = "https://peer.example/sso"
        server = Server(
            config=IdPConfig().load(
                {
                    "entityid": "https://peer.example",
                    "key_file": str(folder / "key.pem"),
                    "cert_file": str(folder / "certificate.pem"),
                    "xmlsec_binary": shutil.which("xmlsec1"),
                    "metadata": {"inline": [SERVICE.metadata()]},
                    "service": {
                        "idp": {
                            "endpoints": {"single_sign_on_service": [(at, BINDING_HTTP_REDIRECT)]},
                            "sign_assertion": True,
                        }
                    },
                }
            )
        )
        times, begun = 10, _cpu()
        for _ in range(times):
            message = SERVICE.authn_request(now=datetime.now(UTC), destination=at)
            packed = dict(SERVICE.by_post(message))["SAMLRequest"]
            asked = server.parse_authn_request(packed, POST)
            server.create_authn_response(
                {"uid": ["asta1234"]}, asked.message.id, SERVICE.consumer, SERVICE.entity_id, sign_assertion=True,
                userid="asta1234", name_id_policy=None, authn={"class_ref": "urn:x", "authn_auth": "https://peer.example"},
            )  # fmt: skip
        return (_cpu() - begun) * 1000 / times


def _cpu() -> float:
    """Seconds of this process and of those that it started and that have ended."""
    ours, others = os.times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours.user + ours.system + others.ru_utime + others.ru_stime


def _repeat(journeys: list[Callable[[], object]], times: int) -> None:
    for n in range(times):
        journeys[n % len(journeys)]()


def _largest(workers: list[int]) -> tuple[float, ...]:
    return tuple(size for size in map(pss_mib, workers) if size > 20)
