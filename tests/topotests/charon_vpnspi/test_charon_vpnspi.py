# SPDX-License-Identifier: GPL-2.0-or-later
"""
charon's plugin vpnspi between two PEs, without FRR: the test speaks to it in
vpnd's place.

      red 10.1.0.1 ─ i101/o201 ┐                  ┌ i101/o201 ─ 10.2.0.1 red
                               pe1 ──── core ──── pe2
                          10.0.0.1               10.0.0.2

i101 receives (if_id 101), o201 sends (if_id 201).  pe1 receives red on label
300, pe2 on label 400.  Packets are counted exactly, by the SAs and by the kernel's
counters of what it dropped.
"""
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import spilab  # noqa: E402
from spilab import LABEL_IN, LABEL_IN_DEL, LABEL_OUT, SYNC_BEGIN, SYNC_END, Pe, join, vrf_side, wait_for  # noqa: E402

A, B = "10.0.0.1", "10.0.0.2"
IN_A, IN_B = 300, 400
TOP = 0x80000000

UDP_SENDER = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        s.sendto(b"red", ("10.1.0.1", 9))
    except OSError:
        pass  # no SA yet
    time.sleep(0.002)
"""


@pytest.fixture
def pair(tmp_path):
    "pe1 and pe2 with charon and the plugin, configured, nothing negotiated."
    with_pair = Pair(str(tmp_path))
    try:
        with_pair.start()
        yield with_pair
    finally:
        with_pair.remove()


class Pair:
    def __init__(self, directory, a=A, b=B):
        self.a = Pe("pe1", a, directory)
        self.b = Pe("pe2", b, directory)
        self.both = (self.a, self.b)

    def start(self, prefix_len=16, extra="", **load):
        join(self.a, self.b, prefix=64 if ":" in self.a.address else 24)
        vrf_side(self.a, 101, 201, "10.1.0.1", "10.2.0.1")
        vrf_side(self.b, 101, 201, "10.2.0.1", "10.1.0.1")
        for pe in self.both:
            pe.start_charon(extra=extra)
        for pe in self.both:
            pe.connect(prefix_len=prefix_len)
        self.load(**load)

    def load(self, **load):
        self.a.load([self.b.address], **load)
        self.b.load([self.a.address], **load)

    def labels(self, label_len=16):
        "Each receives on its label and sends on the other's."
        self.a.client.label_in(IN_A, 101)
        self.b.client.label_in(IN_B, 101)
        self.a.client.label_out(self.b.address, IN_B, 201, label_len)
        self.b.client.label_out(self.a.address, IN_A, 201, label_len)

    def up(self):
        "Negotiates; both ends send and receive."
        self.labels()
        self.a.initiate()
        self.wait_up()

    def wait_up(self, **values):
        self.a.client.wait_peer(self.b.address, state=1, **values)
        self.b.client.wait_peer(self.a.address, state=1, **values)
        self.a.client.wait_out(self.b.address, IN_B, 1)
        self.b.client.wait_out(self.a.address, IN_A, 1)

    def ping(self, count, interval=0.005):
        "Pings from pe1 to pe2 through red; all must come back."
        out = self.a.run("ping -q -c {} -i {} -W 2 10.2.0.1".format(count, interval), check=False)
        assert "{0} packets transmitted, {0} received, 0% packet loss".format(count) in out, out

    def remove(self):
        dead = [
            "charon of {} has died: {}\n{}".format(pe.name, pe.charon.returncode, pe.log()[-3000:])
            for pe in self.both
            if pe.charon and pe.charon.poll() is not None
        ]
        statuses = [pe.stop_charon() for pe in self.both]
        for pe in self.both:
            pe.remove()
        assert not dead, dead
        assert not any(statuses), statuses


def key_of(sa):
    return re.search(r"(aead|enc|auth-trunc) \S+ (0x[0-9a-f]+)", sa).group(2)


def prefix_of(ike_spi):
    "Of an IKE SPI, as it stands in the wire SPI, and its length."
    length = ike_spi >> 26 & 31
    return (ike_spi << 6 & 0xFFFFFFFF) >> (32 - length) << (32 - length), length


def dropped(pe):
    "XFRM's counters of packets dropped, those that are not 0."
    lines = pe.run("cat /proc/net/xfrm_stat").split("\n")
    counters = {line.split()[0]: int(line.split()[1]) for line in lines if line}
    return {name: count for name, count in counters.items() if count}


def ike_messages(pe):
    return len(re.findall(r"\[ENC\] (?:\S+ )?(?:generating|parsed) (?:IKE_SA_INIT|IKE_AUTH|CREATE_CHILD_SA)", pe.log()))


# ---------------------------------------------------------------- set-up


def test_label_sas(pair):
    "The SAs and policies of one label each way, to the field."
    pair.up()
    a = pair.a.client.last(spilab.PEER_IS, peer=B)
    assert a["generations"] == 1 and a["labels_in"] == 1 and a["labels_out"] == 1
    assert (a["overhead"], a["trailer"], a["block"], a["encap"]) == (20 + 8 + 8, 16, 4, 0)
    assert a["proposal"] == "ESP:AES_GCM_16_256/NO_EXT_SEQ"
    (bits_in, len_in), (bits_out, len_out) = prefix_of(a["prefix_in"]), prefix_of(a["prefix_out"])
    assert len_in == len_out == 16 and bits_in & TOP and bits_out & TOP
    ours, theirs = pair.a.sas(), pair.b.sas()
    assert set(ours) == set(theirs) == {bits_in | IN_A, bits_out | IN_B}
    for spi in ours:
        assert key_of(ours[spi]) == key_of(theirs[spi])
        assert "mode tunnel" in ours[spi] and "flag af-unspec" in ours[spi]
        assert "replay_window 64" in ours[spi]
        assert re.search(r"expire add: soft 0\(sec\), hard 40[56]\d\(sec\)", ours[spi]), ours[spi]
    assert len({key_of(sa) for sa in ours.values()}) == 2
    assert "if_id 0x65" in ours[bits_in | IN_A] and "if_id 0xc9" in ours[bits_out | IN_B]
    reqids = [re.search(r"reqid (\d+)", sa).group(1) for sa in ours.values()]
    assert len(set(reqids)) == 2 and all(int(reqid) & TOP for reqid in reqids)
    # IPv4 and IPv6, for each: in and forward of what is received, out of what is sent
    assert pair.a.counts() == {"sas": 2, "in": 2, "fwd": 2, "out": 2}


def test_traffic_is_counted(pair):
    "Each packet is counted once at both ends, and nothing is dropped."
    pair.up()
    pair.ping(20)
    for pe, peer in ((pair.a, B), (pair.b, A)):
        counters = pe.client.counters(peer)
        assert counters["packets_in"] == counters["packets_out"] == 20
        assert counters["bytes_in"] == counters["bytes_out"] == 20 * 84
        assert dropped(pe) == {}
    listed = pair.a.swanctl("--list-sas")
    assert len(re.findall(r"1680 bytes, +20 packets", listed)) == 2, listed


def test_new_label_costs_no_ike(pair):
    pair.up()
    before = ike_messages(pair.a), ike_messages(pair.b)
    pair.a.client.label_in(301, 102)
    pair.b.client.label_out(A, 301, 202)
    pair.b.client.wait_out(A, 301, 1)
    assert len(pair.a.sas()) == len(pair.b.sas()) == 3
    assert (ike_messages(pair.a), ike_messages(pair.b)) == before
    both = set(pair.a.sas()) & set(pair.b.sas())
    assert len(both) == 3 and all(key_of(pair.a.sas()[s]) == key_of(pair.b.sas()[s]) for s in both)


def test_responder_waits_for_the_initiator(pair):
    """
    pe2, which answers, sends red packets all the time while pe1 negotiates.  pe1 gets none that it has no
    SA for, and pe2 tells vpnd that the peer is up only when pe1 has said something that proves it ready.
    """
    pair.labels()
    # UDP rather than ping, which gives up at the first "unreachable"
    sender = subprocess.Popen(["ip", "netns", "exec", "pe2", sys.executable, "-c", UDP_SENDER])
    pair.a.initiate()
    pair.wait_up()
    # it goes on until some have come through
    wait_for(lambda: pair.a.client.counters(B)["packets_in"] > 100, "100 packets of pe2 at pe1")
    sender.terminate()
    sender.wait(10)
    stats = dropped(pair.a)
    assert not stats.get("XfrmInNoStates") and not stats.get("XfrmInStateProtoError"), stats
    assert pair.a.client.counters(B)["packets_in"] == pair.b.client.counters(A)["packets_out"]


@pytest.mark.parametrize("esp", ["aes256-sha256", "chacha20poly1305", "aes128gcm16-esn", "aes256ctr-sha512"])
def test_algorithms(tmp_path, esp):
    pair = Pair(str(tmp_path))
    try:
        pair.start(esp=esp)
        pair.up()
        pair.ping(10)
        for spi, sa in pair.a.sas().items():
            assert key_of(sa) == key_of(pair.b.sas()[spi])
            assert ("esn" in esp) == ("flag af-unspec esn" in sa), sa
    finally:
        pair.remove()


def test_ipv6_backbone(tmp_path):
    pair = Pair(str(tmp_path), "2001:db8::1", "2001:db8::2")
    try:
        pair.start()
        pair.up()
        pair.ping(10)
        assert pair.a.client.last(spilab.PEER_IS, peer="2001:db8::2")["overhead"] == 40 + 8 + 8
        assert pair.a.counts() == {"sas": 2, "in": 2, "fwd": 2, "out": 2}
    finally:
        pair.remove()


def test_esp_in_udp(tmp_path):
    pair = Pair(str(tmp_path))
    try:
        pair.start(more="encap = yes")
        pair.up()
        pair.ping(10)
        peer = pair.a.client.last(spilab.PEER_IS, peer=B)
        assert peer["encap"] == 1 and peer["overhead"] == 20 + 8 + 8 + 8
        assert all("encap type espinudp sport 4500 dport 4500" in sa for sa in pair.a.sas().values())
    finally:
        pair.remove()


def test_prefix_lengths_differ(pair):
    "Each PE has its own prefix length; the label length that BGP says must fit."
    pair.a.client.config(A, prefix_len=20)
    pair.labels()
    pair.b.client.label_out_del(A, IN_A, 201, 16)
    pair.b.client.label_out(A, IN_A, 201, 12)
    pair.a.initiate()
    pair.wait_up()
    pair.ping(5)
    pair.b.client.label_out(A, 5, 203, 16)
    assert "length" in pair.b.client.wait_out(A, 5, 0)["text"]


# ---------------------------------------------------------------- labels come and go


def test_label_comes_back_with_its_counters(pair):
    "A label that is not wanted any more is parked: wanted again, its sequence numbers go on."
    pair.up()
    pair.ping(5)
    pair.a.client.label_out_del(B, IN_B, 201)
    assert pair.a.counts()["out"] == 0
    out = pair.a.run("ping -q -c 2 -i 0.01 -W 0.2 10.2.0.1", check=False)
    assert "100% packet loss" in out
    pair.b.client.label_in_del(IN_B, 101)
    assert pair.b.counts() == {"sas": 2, "in": 0, "fwd": 0, "out": 2}
    pair.b.client.label_in(IN_B, 101)
    pair.a.client.label_out(B, IN_B, 201)
    pair.ping(5)
    assert pair.a.client.counters(B)["packets_out"] == 10
    assert pair.b.client.counters(A)["packets_in"] == 10
    assert dropped(pair.b) == {}


def test_parked_label_is_received_by_nobody(pair):
    pair.up()
    pair.ping(3)
    pair.b.client.label_in(IN_B + 1, 101)
    pair.b.client.label_in_del(IN_B, 101)
    out = pair.a.run("ping -q -c 3 -i 0.01 -W 0.2 10.2.0.1", check=False)
    assert "100% packet loss" in out
    assert dropped(pair.b) == {"XfrmInNoPols": 3}


def test_one_if_id_for_a_label_to_a_peer(pair):
    "One SA of an SPI has one if_id; a second would repeat sequence numbers."
    pair.up()
    done = pair.a.client.label_out(B, IN_B, 999, error=17)
    assert "201 already" in done["text"]
    done = pair.a.client.label_in(IN_A, 999, error=17)
    assert "101 already" in done["text"]
    pair.ping(3)


def test_sync_changes_nothing_that_did_not_change(pair):
    "A new vpnd says all again: label SAs keep their counters; what it does not say goes."
    pair.up()
    pair.a.client.label_in(777, 102)
    pair.ping(5)
    client = pair.a.connect(config=False)
    assert client.wait_peer(B, state=1)["labels_in"] == 2
    client.config(A)
    before = {spi: key_of(sa) for spi, sa in pair.a.sas().items()}
    client.batch(
        [
            (SYNC_BEGIN, b""),
            (LABEL_IN, client.in_body(IN_A, 101)),
            (LABEL_OUT, client.out_body(B, IN_B, 201)),
            (SYNC_END, b""),
        ]
    )
    assert {spi: key_of(sa) for spi, sa in pair.a.sas().items()} == before
    assert pair.a.counts()["in"] == 2  # of 777 they are gone
    client.wait_out(B, IN_B, 1)
    pair.ping(5)
    assert client.counters(B)["packets_out"] == 10
    assert dropped(pair.a) == {} and dropped(pair.b) == {}


def test_traffic_goes_on_without_vpnd(pair):
    pair.up()
    pair.a.client.close()
    pair.b.client.close()
    pair.ping(20)
    pair.a.swanctl("--rekey --child vpn")
    pair.ping(20)
    client = pair.a.connect(config=False)
    assert client.wait_peer(B, state=1, rekeys=1)


# ---------------------------------------------------------------- rekeying


def one_generation_each(pair):
    pair.a.client.wait_peer(B, generations=1)
    pair.b.client.wait_peer(A, generations=1)
    wait_for(lambda: len(pair.a.sas()) == 2 and len(pair.b.sas()) == 2, "old label SAs gone")


@pytest.mark.parametrize("who", ["initiator", "responder"])
def test_rekey_loses_nothing(pair, who):
    "1,000 packets each way, a rekey in the middle: all arrive."
    pair.up()
    before = set(pair.a.sas())
    rekeyer = pair.a if who == "initiator" else pair.b
    ping = subprocess.Popen(
        "exec ip netns exec pe1 ping -q -c 1000 -i 0.002 -W 2 10.2.0.1", shell=True, stdout=subprocess.PIPE, text=True
    )
    wait_for(lambda: pair.b.client.counters(A)["packets_in"] > 100, "traffic")
    rekeyer.swanctl("--rekey --child vpn")
    pair.wait_up(rekeys=1)
    out = ping.communicate(timeout=60)[0]
    assert "1000 packets transmitted, 1000 received" in out, out
    one_generation_each(pair)
    assert not before & set(pair.a.sas())
    for pe, peer in ((pair.a, B), (pair.b, A)):
        counters = pe.client.counters(peer)
        assert counters["packets_in"] == counters["packets_out"] == 1000
        assert dropped(pe) == {}


def test_rekey_collision(pair):
    "Both rekey at the same moment: one generation is left, nothing is lost."
    pair.up()
    ping = subprocess.Popen(
        "exec ip netns exec pe1 ping -q -c 1000 -i 0.002 -W 2 10.2.0.1", shell=True, stdout=subprocess.PIPE, text=True
    )
    wait_for(lambda: pair.b.client.counters(A)["packets_in"] > 50, "traffic")
    # both requests are on their way before either arrives
    for pe in pair.both:
        pe.run("tc qdisc add dev core root netem delay 150ms")
    rekeys = [
        subprocess.Popen(
            "ip netns exec {0} env STRONGSWAN_CONF={1}/strongswan.conf swanctl --rekey --child vpn --uri unix://{1}/vici".format(
                pe.name, pe.dir
            ),
            shell=True,
            stdout=subprocess.DEVNULL,
        )
        for pe in pair.both
    ]
    for rekey in rekeys:
        assert rekey.wait(20) == 0
    wait_for(lambda: "rekey collision" in pair.a.log() + pair.b.log(), "a collision")
    pair.wait_up()
    out = ping.communicate(timeout=60)[0]
    assert "1000 packets transmitted, 1000 received" in out, out
    for pe in pair.both:
        pe.run("tc qdisc del dev core root")
    one_generation_each(pair)
    for pe in pair.both:
        assert dropped(pe) == {}
    pair.ping(10)


def test_rekey_by_timer(tmp_path):
    "The parent is not in the kernel, the plugin's own timer rekeys: four times and more."
    pair = Pair(str(tmp_path))
    try:
        pair.start(rekey=3, life=60)
        pair.up()
        prefixes = set()

        def rekeyed():
            prefixes.add(pair.a.client.last(spilab.PEER_IS, peer=B)["prefix_in"])
            event = pair.a.client.last(spilab.PEER_IS, peer=B)
            return event["rekeys"] >= 4

        ping = subprocess.Popen(
            "exec ip netns exec pe1 ping -q -i 0.01 -w 60 10.2.0.1", shell=True, stdout=subprocess.PIPE, text=True
        )
        pair.a.client.wait(rekeyed, "4 rekeys", 40)
        ping.send_signal(signal.SIGINT)
        out = ping.communicate(timeout=10)[0]
        sent, received = re.search(r"(\d+) packets transmitted, (\d+) received", out).groups()
        assert sent == received, out
        assert len(prefixes) >= 5, prefixes
        for pe in pair.both:
            assert dropped(pe) == {}
    finally:
        pair.remove()


def test_expire_by_timer(tmp_path):
    "A CHILD_SA that is not rekeyed ends with its life time; charon then makes a new one."
    pair = Pair(str(tmp_path))
    try:
        pair.start(rekey=0, life=4)
        pair.up()
        before = set(pair.a.sas())
        wait_for(lambda: not before & set(pair.a.sas()) and not before & set(pair.b.sas()), "the old label SAs gone")
        assert re.search(r"recreate after hard expire", pair.a.log() + pair.b.log())
        pair.wait_up()
        pair.ping(5)
    finally:
        pair.remove()


def test_packet_limit_rekeys(tmp_path):
    "The kernel says that a label SA has sent enough: the CHILD_SA is rekeyed."
    pair = Pair(str(tmp_path))
    try:
        pair.start(child="rekey_packets = 50\n life_packets = 100000\n rand_packets = 0")
        pair.up()
        pair.ping(60)
        pair.wait_up(rekeys=1)
        assert "has reached a limit" in pair.a.log() + pair.b.log()
        pair.ping(20)
    finally:
        pair.remove()


def test_many_labels(pair):
    "2,000 labels each way: made, rekeyed and removed, in sum exact."
    count = 2000
    for pe, peer in ((pair.a, B), (pair.b, A)):
        pe.client.batch([(LABEL_IN, pe.client.in_body(1000 + i, 5000 + i)) for i in range(count)])
        pe.client.batch([(LABEL_OUT, pe.client.out_body(peer, 1000 + i, 50000 + i)) for i in range(count)])
    pair.up()
    full = {"sas": 2 * (count + 1), "in": 2 * (count + 1), "fwd": 2 * (count + 1), "out": 2 * (count + 1)}
    assert pair.a.counts() == pair.b.counts() == full
    pair.a.swanctl("--rekey --child vpn")
    pair.wait_up(rekeys=1)
    pair.a.client.wait_peer(B, generations=1)
    pair.b.client.wait_peer(A, generations=1)
    wait_for(lambda: pair.a.counts() == full and pair.b.counts() == full, "the old generation's SAs gone")
    pair.ping(10)
    for pe in pair.both:
        pe.stop_charon()
        assert pe.counts() == {"sas": 0, "in": 0, "fwd": 0, "out": 0}


# ---------------------------------------------------------------- ends


def test_terminate_and_again(pair):
    pair.up()
    pair.ping(5)
    for turn in range(3):
        pair.a.swanctl("--terminate --ike vpnd-pe-10-0-0-2")
        pair.a.client.wait_peer(B, state=0)
        pair.b.client.wait_peer(A, state=0)
        wait_for(lambda: not pair.a.sas() and not pair.b.sas(), "label SAs gone")
        assert pair.a.counts() == {"sas": 0, "in": 2, "fwd": 2, "out": 0}
        pair.b.initiate() if turn % 2 else pair.a.initiate()
        pair.wait_up()
        pair.ping(5)
    assert pair.a.client.counters(B)["packets_out"] == 20


def test_stop_removes_all(pair):
    pair.up()
    pair.a.stop_charon()
    assert pair.a.counts() == {"sas": 0, "in": 0, "fwd": 0, "out": 0}


def test_killed_charon_leaves_nothing_for_its_successor(pair):
    pair.up()
    pair.ping(3)
    pair.a.stop_charon(signal.SIGKILL)
    assert pair.a.counts() == {"sas": 2, "in": 2, "fwd": 2, "out": 2}
    # somebody else's SA and policy are left alone
    pair.a.run("ip xfrm state add src 10.9.0.1 dst 10.9.0.2 proto esp spi 0x1234 reqid 7 mode tunnel aead 'rfc4106(gcm(aes))' 0x" + "11" * 20 + " 128 if_id 9")
    pair.a.run("ip xfrm policy add dir out src 10.8.0.0/24 dst 10.7.0.0/24 if_id 9 tmpl proto esp reqid 7 mode tunnel")
    pair.a.start_charon()
    client = pair.a.connect()
    assert pair.a.counts() == {"sas": 1, "in": 0, "fwd": 0, "out": 1}
    assert "removed 2 label SAs and 6 policies of a predecessor" in pair.a.log()
    pair.a.load([B])
    client.label_in(IN_A, 101)
    client.label_out(B, IN_B, 201)
    pair.a.initiate()
    new = client.wait_peer(B, state=1)
    # pe2 has one that is dead and sends on it until it knows that the new one is ready
    pair.b.client.wait_peer(A, state=1, prefix_out=new["prefix_in"])
    client.wait_out(B, IN_B, 1)
    pair.ping(10)


# ---------------------------------------------------------------- what does not work, in words


def nothing_left(pair):
    wait_for(lambda: not pair.a.sas() and not pair.b.sas(), "no label SA")
    for pe in pair.both:
        assert pe.counts()["out"] == 0


def test_wrong_psk(pair):
    pair.labels()
    pair.b.load([A], secret="something else")
    pair.a.initiate(check=False)
    assert pair.a.client.wait_alert("^authentication failed")["peer"] == B
    assert pair.b.client.wait_alert("^authentication failed")["peer"] == A
    nothing_left(pair)


def test_no_answer(pair):
    pair.labels()
    pair.b.stop_charon(signal.SIGKILL)
    pair.a.initiate(check=False)
    assert pair.a.client.wait_alert("no answer from 10.0.0.2")["peer"] == B


def test_no_proposal(pair):
    pair.labels()
    pair.b.load([A], esp="aes128-sha256")
    pair.a.initiate(check=False)
    assert pair.a.client.wait_alert("no proposal chosen: esp")["peer"] == B
    assert pair.b.client.wait_alert("no proposal chosen: esp")["peer"] == A
    nothing_left(pair)


@pytest.mark.parametrize("initiator", ["ours", "theirs"])
def test_peer_without_vpn_spi(pair, initiator):
    "A stock peer answers V=0: no CHILD_SA, and both ends end cleanly."
    pair.labels()
    pair.b.load([A], name="stock-")
    (pair.a if initiator == "ours" else pair.b).initiate(check=False)
    assert "V=0" in pair.a.client.wait_alert("V=0")["text"]
    assert pair.a.client.last(spilab.ALERT)["peer"] == B
    wait_for(lambda: not pair.a.sas() and not pair.b.sas(), "no SA")
    assert "vpn:" not in pair.a.swanctl("--list-sas")
    # the next one, with the plugin, works
    for pe in pair.both:
        pe.swanctl("--terminate --ike {}-10-0-0-{}".format("vpnd-pe" if pe is pair.a else "stock", 2 if pe is pair.a else 1), check=False)
    pair.b.load([A])
    pair.a.initiate()
    pair.wait_up()
    pair.ping(5)


def test_other_connections_are_left_alone(pair):
    "An ordinary connection beside: ordinary SPIs, SAs installed by charon itself."
    for pe, peer in ((pair.a, B), (pair.b, A)):
        pe.load([peer], name="plain-", child="if_id_in = 55\n if_id_out = 55")
    pair.a.initiate()
    found = wait_for(lambda: pair.a.sas(), "SAs")
    assert len(found) == 2 and all(not spi & TOP for spi in found)
    assert pair.a.client.last(spilab.PEER_IS) is None


def test_no_provider_edge(pair):
    pair.labels()
    pair.a.client.config(None, 0)
    pair.a.initiate(check=False)
    pair.a.client.wait_alert("no provider edge is configured")
    nothing_left(pair)


def test_provider_edge_goes(pair):
    "CONFIG without an address ends all CHILD_SAs."
    pair.up()
    pair.a.client.config(None, 0)
    pair.a.client.wait_peer(B, state=0)
    pair.b.client.wait_peer(A, state=0)
    nothing_left(pair)


def test_requests_that_make_no_sense(pair):
    client = pair.a.client
    assert "7 to 26" in client.config(A, prefix_len=6, error=22)["text"]
    assert "7 to 26" in client.config(A, prefix_len=27, error=22)["text"]
    assert "does not fit" in client.label_in(65536, 101, error=34)["text"]
    assert "if_id" in client.label_in(300, 0, error=22)["text"]
    assert "length" in client.label_out(B, 300, 201, label_len=5, error=22)["text"]
    assert "not received" in client.label_in_del(300, 101, error=2)["text"]
    client.label_in(300, 101)


@pytest.mark.parametrize(
    "octets",
    [
        b"\0" * 64,
        spilab.HEADER.pack(12, 99, 0, 1),
        spilab.HEADER.pack(12, spilab.DONE, 0, 1),
        spilab.HEADER.pack(0xFFFFFFFF, spilab.CONFIG, 0, 1) + b"x" * 200,
        spilab.HEADER.pack(11, SYNC_BEGIN, 0, 1),
    ],
    ids=["zeros", "unknown-type", "own-type", "size-too-large", "size-too-small"],
)
def test_malformed_messages(pair, octets):
    "Whoever sends nonsense is disconnected; charon and the label SAs do not mind."
    pair.up()
    client = pair.a.client
    client.send(octets)
    client.wait(lambda: client.closed, "disconnected")
    pair.ping(5)
    assert pair.a.connect(config=False).wait_peer(B, state=1)


def test_second_vpnd_replaces_the_first(pair):
    first = pair.a.client
    pair.a.client = None
    second = pair.a.connect()
    first.wait(lambda: first.closed, "the first is disconnected")
    second.label_in(300, 101)


def test_vpnd_that_does_not_read(pair):
    "It is disconnected when too much waits; charon works on."
    pair.up()
    deaf = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    deaf.connect(pair.a.path("vpnspi"))
    deaf.setblocking(False)
    body = spilab.HEADER.pack(20, LABEL_IN_DEL, 0, 7) + spilab.Client.in_body(1, 1)
    sent = 0
    try:
        for _ in range(3000):
            sent += deaf.send(body * 1000)
    except BlockingIOError:
        pass
    assert sent > 0
    pair.ping(20)
    pair.a.swanctl("--rekey --child vpn")
    pair.b.client.wait_peer(A, rekeys=1)
    pair.ping(20)
    deaf.close()
    assert pair.a.connect().wait_peer(B, state=1)


def test_plugin_of_another_version(pair):
    "In a charon that says it is another version the plugin does not load; charon runs."
    other = pair.a.path("charon-other")
    with open(spilab.CHARON, "rb") as charon:
        text = charon.read()
    assert b"strongSwan 6.0.1" in text
    with open(other, "wb") as charon:
        charon.write(text.replace(b"strongSwan 6.0.1", b"strongSwan 6.0.9"))
    os.chmod(other, 0o755)
    pair.a.stop_charon()
    pair.a.start_charon(charon=other)
    assert "built for strongSwan 6.0.1, but this is 6.0.9" in pair.a.log()
    assert not os.path.exists(pair.a.path("vpnspi"))
    assert "uptime" in pair.a.swanctl("--stats")


def test_vpnd_is_in_charons_group(pair):
    "vpnd runs as user and group frr; charon.group lets it in, others stay out."
    pair.a.stop_charon()
    pair.a.start_charon(extra="group = frr")
    wait_for(lambda: os.path.exists(pair.a.path("vpnspi")), "the plugin's socket")
    name = pair.a.dir
    while name != "/tmp" and name != "/":
        os.chmod(name, 0o755)
        name = os.path.dirname(name)
    attempt = "import socket; socket.socket(socket.AF_UNIX).connect({!r})".format(pair.a.path("vpnspi"))
    for user, status in (("frr", 0), ("nobody", 1)):
        group = "frr" if user == "frr" else "nogroup"
        done = subprocess.run(
            ["setpriv", "--reuid", user, "--regid", group, "--clear-groups", sys.executable, "-c", attempt],
            stderr=subprocess.PIPE,
            check=False,
        )
        assert done.returncode == status, done.stderr


def test_peer_that_was_killed_comes_back(pair):
    "pe2 dies and negotiates anew: pe1 sends on the new generation, the old one goes."
    pair.up()
    pair.b.stop_charon(signal.SIGKILL)
    pair.b.start_charon()
    pair.b.connect()
    pair.b.load([A])
    pair.b.client.label_in(IN_B, 101)
    pair.b.client.label_out(A, IN_A, 201)
    pair.b.initiate()
    new = pair.b.client.wait_peer(A, state=1)
    pair.a.client.wait_peer(B, prefix_out=new["prefix_in"])
    pair.b.client.wait_out(A, IN_A, 1)
    pair.ping(10)
    one_generation_each(pair)
