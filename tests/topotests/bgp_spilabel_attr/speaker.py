#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
A BGP speaker that says what it is told, right or wrong.

    speaker.py LOCAL REMOTE AS FIFO LOG

It opens one session from LOCAL to REMOTE (iBGP, AS) for IPv4 unicast and the
unlabeled VPN SAFI, keeps it alive, sends each line of FIFO (hex, the body of an
UPDATE) and writes a line of LOG for each thing that happens:

    established
    sent N                       the Nth UPDATE is in the kernel's hands
    update HEX                   an UPDATE came
    notification CODE SUBCODE
    closed                       the session is over, and so is the speaker
"""
import os
import select
import socket
import struct
import sys
import time

MARKER = b"\xff" * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE = 1, 2, 3, 4
AFI_IP, SAFI_UNICAST = 1, 1
SAFI_UNLABELED_VPN = 241  # wire/codepoints.h
HOLD_TIME = 90


def message(kind, body=b""):
    return MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def capability(code, value):
    return bytes((2, 2 + len(value), code, len(value))) + value


def open_body(asn, router_id):
    options = (
        capability(1, struct.pack("!HBB", AFI_IP, 0, SAFI_UNICAST))
        + capability(1, struct.pack("!HBB", AFI_IP, 0, SAFI_UNLABELED_VPN))
        + capability(65, struct.pack("!I", asn))
    )
    return struct.pack("!BHH", 4, asn, HOLD_TIME) + socket.inet_aton(router_id) + bytes((len(options),)) + options


class Speaker:
    def __init__(self, local, remote, asn, fifo, log):
        self.log_file = open(log, "a", buffering=1, encoding="ascii")
        self.sock = self.connect(local, remote, message(OPEN, open_body(asn, local)))
        # opened for writing too, so that it never reads as at its end
        self.fifo = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        self.received = self.lines = b""
        self.sent = 0
        self.keepalive_at = time.monotonic() + HOLD_TIME / 3

    @staticmethod
    def connect(local, remote, opening):
        "bgpd may not listen yet, or may not know us yet: until it answers our OPEN."
        end = time.monotonic() + 60
        while True:
            try:
                sock = socket.create_connection((remote, 179), 5, (local, 0))
                sock.sendall(opening)
                if sock.recv(1, socket.MSG_PEEK):
                    sock.settimeout(None)
                    return sock
                sock.close()
            except OSError:
                pass
            if time.monotonic() > end:
                raise TimeoutError(remote + " does not answer an OPEN")
            time.sleep(0.2)

    def log(self, *words):
        self.log_file.write(" ".join(str(w) for w in words) + "\n")

    def handle(self, kind, body):
        if kind == OPEN:
            self.sock.sendall(message(KEEPALIVE))
        elif kind == KEEPALIVE and not self.sent:
            self.sent = 1
            self.log("established")
        elif kind == UPDATE:
            self.log("update", body.hex())
        elif kind == NOTIFICATION:
            self.log("notification", body[0], body[1])

    def read_session(self):
        data = self.sock.recv(65536)
        self.received += data
        while len(self.received) >= 19:
            length, kind = struct.unpack("!HB", self.received[16:19])
            if len(self.received) < length:
                break
            self.handle(kind, self.received[19:length])
            self.received = self.received[length:]
        return bool(data)

    def read_fifo(self):
        self.lines += os.read(self.fifo, 65536)
        while b"\n" in self.lines:
            line, self.lines = self.lines.split(b"\n", 1)
            self.sock.sendall(message(UPDATE, bytes.fromhex(line.decode())))
            self.log("sent", self.sent)
            self.sent += 1

    def run(self):
        try:
            while True:
                ready = select.select([self.sock, self.fifo], [], [], 1)[0]
                if self.sock in ready and not self.read_session():
                    break
                if self.fifo in ready:
                    self.read_fifo()
                if time.monotonic() > self.keepalive_at:
                    self.sock.sendall(message(KEEPALIVE))
                    self.keepalive_at = time.monotonic() + HOLD_TIME / 3
        except OSError as error:
            self.log("error", error)
        self.log("closed")


if __name__ == "__main__":
    Speaker(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]).run()
