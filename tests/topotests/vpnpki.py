# SPDX-License-Identifier: GPL-2.0-or-later
"""
Keys and certificates for tests, made by openssl(1).
"""
import os

OPENSSL_CNF = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[authority]
database = index.txt
crlnumber = number
default_md = sha256
crl_extensions = list
[list]
authorityKeyIdentifier = keyid:always
[host]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectAltName = IP:${ENV::ADDRESS}
"""


class Pki:
    "A directory of keys and certificates, on the machine that all routers share."

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        with open(directory + "/openssl.cnf", "w", encoding="ascii") as file:
            file.write(OPENSSL_CNF)

    def certificate(self, router, name, extensions, *options, address="0.0.0.0"):
        router.net.cmd_raises(
            "cd {} && ADDRESS={} openssl req -config openssl.cnf -extensions {} -x509 -days 2 -subj /CN={} -noenc "
            "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout {}.key -out {}.pem {} && chown frr {}.key".format(
                self.directory, address, extensions, name, name, name, " ".join(options), name
            )
        )

    def authority(self, router, name):
        "A CA; the files are NAME.pem and NAME.key."
        self.certificate(router, name, "ca")

    def host(self, router, name, authority, address):
        "A certificate of that CA for an address."
        self.certificate(router, name, "host", "-CA", authority + ".pem", "-CAkey", authority + ".key", address=address)

    def ended_list(self, router, authority, *revoked):
        "AUTHORITY.crl: a list with the certificates of these names, which ended a day ago."
        command = "ADDRESS=0.0.0.0 openssl ca -config openssl.cnf -name authority -keyfile {0}.key -cert {0}.pem ".format(authority)
        router.net.cmd_raises(
            "cd {} && : > index.txt && echo 01 > number && {} && {} -gencrl -out {}.crl -crl_lastupdate $(date -u -d '2 days ago' +%Y%m%d%H%M%SZ) "
            "-crl_nextupdate $(date -u -d '1 day ago' +%Y%m%d%H%M%SZ)".format(
                self.directory, " && ".join("{} -revoke {}.pem".format(command, name) for name in revoked), command, authority
            )
        )
