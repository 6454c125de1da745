"""A relay that is broken in one place, at 127.0.0.2: what a desktop meets there, while the phone uses the real relay at 127.0.0.1."""

import datetime
import os
import socket
import ssl
import struct
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PLACE = ("127.0.0.2", 443)
HOME = os.environ["HOME"]


def certificate(names, days=(-1, 30), trusted=True):
    """Files with a chain and a key; the authority beside them in ca.pem when it is to be trusted."""
    now = datetime.datetime.now(datetime.timezone.utc)
    at = [now + datetime.timedelta(days=day) for day in days]
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab authority" if trusted else "Inspecting Proxy")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    root = (
        x509.CertificateBuilder().subject_name(issuer).issuer_name(issuer).public_key(authority.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60)).not_valid_after(now + datetime.timedelta(days=60))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(authority, hashes.SHA256())
    )
    leaf = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(at[0]).not_valid_after(at[1])
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).sign(authority, hashes.SHA256())
    )
    folder = HOME + "/broken"
    os.makedirs(folder, exist_ok=True)
    pem = serialization.Encoding.PEM
    with open(folder + "/chain.pem", "wb") as chain:
        chain.write(leaf.public_bytes(pem) + root.public_bytes(pem))
    with open(folder + "/key.pem", "wb") as file:
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    with open(folder + "/ca.pem", "wb") as ca:
        ca.write(root.public_bytes(pem))
    return folder + "/chain.pem", folder + "/key.pem", folder + "/ca.pem"


def good_certificate():
    return HOME + "/chain.pem", HOME + "/key.pem"


class Relay:
    """Listens until it is closed; `serve` gets each connection."""

    def __init__(self, serve):
        self.serve = serve
        self.listener = socket.create_server(PLACE)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.quietly, args=(connection,), daemon=True).start()

    def quietly(self, connection):
        try:
            self.serve(connection)
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Names:
    """A name server at 127.0.0.2 that answers every question with this code (2 SERVFAIL, 3 NXDOMAIN), or not at all."""

    def __init__(self, code):
        self.code = code
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.2", 53))
        self.socket.settimeout(0.1)
        self.closed = threading.Event()
        self.thread = threading.Thread(target=self.answer, daemon=True)
        self.thread.start()

    def answer(self):
        while not self.closed.is_set():
            try:
                question, asker = self.socket.recvfrom(512)
            except TimeoutError:
                continue
            if self.code is not None and question:
                self.socket.sendto(question[:2] + bytes([0x81, 0x80 | self.code]) + question[4:6] + bytes(6) + question[12:], asker)

        self.socket.close()

    def close(self):
        self.closed.set()
        self.thread.join()


def tls(connection, chain, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(connection, server_side=True)


def head(stream):
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(4096)
        if not more:
            raise OSError("closed")
        data += more
    return data


def answers(text, files=None):
    """TLS, then this in place of an answer, and the end; or silence."""

    def serve(connection):
        with tls(connection, *(files or good_certificate())) as stream:
            head(stream)
            if text is not None:
                stream.sendall(text)
            stream.recv(1 if text is None else 0)

    return serve


def status(line, *headers, body=b""):
    lines = [f"HTTP/1.1 {line}", *headers, f"Content-Length: {len(body)}", "", ""]
    return answers("\r\n".join(lines).encode() + body)


def shakes(files):
    """TLS with this certificate; Chromium is not expected to get past it."""
    return answers(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", files)


def hangs_up(connection):
    """Reset at the TLS hello."""
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def closes(connection):
    """Closed at the TLS hello."""
    connection.recv(4096)
    connection.close()


def silent(connection):
    """Says nothing at all."""
    while connection.recv(4096):
        pass


def plain_http(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    connection.close()


def passes_on(change_answer=lambda answer: answer, after=None):
    """Between Chromium and the real relay: the answer to the request can be changed, and after it `after(stream, real)` can do what it wants."""

    def serve(connection):
        context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
        with tls(connection, *good_certificate()) as stream:
            request = head(stream)
            real = context.wrap_socket(socket.create_connection(("127.0.0.1", 443)), server_hostname="cable.ua5v.com")
            real.sendall(request)
            stream.sendall(change_answer(head(real)))
            if after:
                after(stream, real)
                return
            up = threading.Thread(target=copy, args=(stream, real), daemon=True)
            up.start()
            copy(real, stream)

    return serve


def copy(source, target):
    while data := source.recv(65536):
        target.sendall(data)


def frame(kind, payload):
    """A whole WebSocket message of a server, shorter than 126 bytes."""
    return bytes([0x80 | kind, len(payload)]) + payload


def says(message):
    """This after 101, and nothing else."""

    def after(stream, _real):
        stream.recv(4096)
        stream.sendall(message)
        stream.settimeout(30)
        try:
            stream.recv(4096)
        except TimeoutError:
            pass

    return after


def drops(stream, _real):
    """The connection breaks after 101."""
    stream.recv(4096)
    raw = stream.detach()
    with socket.socket(fileno=raw) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
