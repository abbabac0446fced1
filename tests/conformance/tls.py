"""TLS for the tests: an authority of our own, one certificate for this machine, and the proxy that ends TLS for the provider.

The provider stands behind the proxy as in production: it believes the forwarded headers of one proxy (decision 17).
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from socket import socket

_HOP_BY_HOP: Final = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True)
class Authority:
    """The files of the authority's certificate, and of the certificate that it gave to ``localhost``."""

    certificate: Path
    leaf: Path

    @property
    def trusting(self) -> ssl.SSLContext:
        """How a client trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def serving(self) -> ssl.SSLContext:
        """How a server on this machine shows its certificate: TLS 1.2 and 1.3, the ciphers of BCP 195."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE+AESGCM")
        context.load_cert_chain(self.leaf)
        return context


def make_authority(folder: Path) -> Authority:
    """Make an authority and a certificate for ``localhost``, good for a year on both sides of now: tests move the clock."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Conformance test authority")])
    ca = (
        _certificate(ca_name, ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    leaf = (
        _certificate(name, ca_name, key.public_key())
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    authority = Authority(folder / "authority.pem", folder / "localhost.pem")
    authority.certificate.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority.leaf.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    authority.leaf.chmod(0o600)
    return authority


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _YEAR)
        .not_valid_after(now + _YEAR)
    )


class TlsServer(ThreadingHTTPServer):
    """An HTTPS server on loopback. The handshake is the business of each connection's own thread."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], authority: Authority) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._context = authority.serving

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (as the base class has it)
        """Shake hands, then answer."""
        try:
            wrapped = self._context.wrap_socket(request, server_side=True)
        except OSError:
            return  # a client that does not trust us, or wants a TLS we do not speak
        with wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:  # noqa: ANN401
        """Say nothing: clients close connections as they like."""

    @contextmanager
    def running(self) -> Iterator[int]:
        """Listen in a thread; yields the port."""
        thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self.port
        finally:
            self.shutdown()
            self.server_close()
            thread.join()


def tls_proxy(authority: Authority, port: int) -> TlsServer:
    """A proxy that ends TLS and passes every request on to the HTTP server on ``port``."""

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.behind = HTTPConnection("127.0.0.1", port, timeout=30)

        def finish(self) -> None:
            self.behind.close()
            super().finish()

        def log_message(self, *_: object) -> None:
            pass

        def pass_on(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            self.behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _HOP_BY_HOP and not name.lower().startswith("x-forwarded"):
                    self.behind.putheader(name, value)
            self.behind.putheader("X-Forwarded-For", self.client_address[0])
            self.behind.putheader("X-Forwarded-Proto", "https")
            self.behind.putheader("Content-Length", str(length))
            self.behind.endheaders(body)
            answer = self.behind.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = pass_on  # noqa: N815

    return TlsServer(Passing, authority)
