"""A small HTTPS server for tests. usage: tls_server.py CERTIFICATE KEY [--client-ca FILE] [--slam BYTES] [--once]

Listens on loopback at a port of its own, which it prints, and ends when its standard input does. Every request is answered with `secure` and
the length of its body. --client-ca demands a client certificate of that authority. --slam reads so many bytes and resets the connection,
--once answers one request and resets it then.
"""

import argparse
import os
import socket
import ssl
import struct
import sys
import threading
import time


def read_request(stream):
    """The length of the request's body; None at the end."""
    length, line = 0, stream.readline()
    if not line:
        return None
    while line not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        line = stream.readline()
    left = length
    while left > 0:
        piece = stream.read(min(left, 65536))
        if not piece:
            return None
        left -= len(piece)
    return length


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def serve(context, plain, slam, once):
    try:
        with context.wrap_socket(plain, server_side=True) as connection:
            if slam:
                connection.recv(slam)
                reset(connection)
                return
            stream = connection.makefile("rb")
            while (length := read_request(stream)) is not None:
                body = b"secure %d" % length
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                if once:
                    time.sleep(0.02)  # for the client to read it before the reset
                    stream.close()
                    reset(connection)
                    return
    except OSError:
        pass  # what the client makes of it is what is tested


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("certificate")
    parser.add_argument("key")
    parser.add_argument("--client-ca")
    parser.add_argument("--slam", type=int, default=0)
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.certificate, given.key)
    if given.client_ca:
        context.load_verify_locations(given.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    while True:
        plain, _ = listener.accept()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(context, plain, given.slam, given.once), daemon=True).start()


main()
