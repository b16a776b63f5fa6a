# SPDX-License-Identifier: GPL-2.0-or-later
"""
A front end of mgmtd that does one thing: it prints every notification below the
given paths, one JSON document a line, until it is killed.

mgmtd's native messages: a marker, the length of all (4 octets), a header (code,
split of two strings, session, request), fixed fields of the code, strings.
"""
import json
import socket
import struct
import sys

SOCKET = "/var/run/frr/mgmtd_fe.sock"
MARKER = b"\001###"
HEADER = "=H2xIQQ"
SESSION_REQ, SESSION_REPLY = 10, 11
NOTIFY_SELECT, NOTIFY = 9, 4
FIXED = 8  # octets of the fixed fields of all codes used here


def send(sock, code, session, fixed, *strings):
    body = struct.pack(HEADER, code, 0, session, 1) + fixed + b"".join(s.encode() + b"\0" for s in strings)
    sock.sendall(MARKER + struct.pack("=I", len(body) + 8) + body)


def receive_exactly(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError("mgmtd has closed the connection")
        data += more
    return data


def receive(sock):
    "One message: code, session, fixed fields, first string, second string."
    marker, length = struct.unpack("=4sI", receive_exactly(sock, 8))
    assert marker == MARKER, marker
    body = receive_exactly(sock, length - 8)
    size = struct.calcsize(HEADER)
    code, split, session, _ = struct.unpack(HEADER, body[:size])
    strings = body[size + FIXED :]
    return code, session, body[size : size + FIXED], strings[:split], strings[split:].rstrip(b"\0")


def main():
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(SOCKET)
    send(sock, SESSION_REQ, 0, struct.pack("=8x"), "listen")
    code, session, created, _, _ = receive(sock)
    assert code == SESSION_REPLY and created[0], "mgmtd gives no session"
    send(sock, NOTIFY_SELECT, session, struct.pack("=B7x", 1), *sys.argv[1:])
    print(json.dumps({"listening": sys.argv[1:]}), flush=True)
    while True:
        code, _, _, _, data = receive(sock)
        if code == NOTIFY:
            print(json.dumps(json.loads(data)), flush=True)


if __name__ == "__main__":
    main()
