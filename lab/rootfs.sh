# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian 13 root file system: the toolchain that builds, and the user space of the lab's guests. It is made with
# debootstrap from the package hosts of the machine's own apt configuration, and never changes once made.
#
# It also fixes the versions: etc/vpnlab/versions lists the FRR, strongSwan and kernel source packages that its package
# lists offered. Sources and kernel are made from these, so the plugin is built for the strongSwan that runs it.
#
# shellcheck shell=bash

SUITE=trixie

packages() { sed 's/#.*//' "$LAB/packages.$1" | xargs; }

rootfs_key()
{
	hash_of "$SUITE" "$(packages build)" "$(packages run)" "$(packages foreign)" \
		"$(declare -f derive_sources derive_apt_conf rootfs_base rootfs_packages rootfs_foreign rootfs_finish)"
}

# apt_uri CODENAME...: the address from which this machine's apt gets one of these suites, or nothing
apt_uri()
{
	local wanted

	for wanted; do
		apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
			awk -v s="$wanted" '$1 == s && $2 == "main" && $3 !~ /^(cdrom|mirror)/ { print $3; exit }'
	done | head -n 1
}

# The three suites' sources, derived from the machine's. Sets URI_MAIN.
derive_sources()
{
	local security backports

	URI_MAIN=$(apt_uri "$HOST_CODENAME" "$SUITE" stable oldstable)
	[ -n "$URI_MAIN" ] ||
		die "this machine's apt sources have no Debian suite $HOST_CODENAME (main) with a plain address: look at /etc/apt/sources.list and sources.list.d"
	security=$(apt_uri "$HOST_CODENAME-security" "$SUITE-security" stable-security oldstable-security)
	[ -n "$security" ] ||
		die "this machine's apt sources have no suite $HOST_CODENAME-security: strongSwan's source is served there; add it to /etc/apt"
	backports=$(apt_uri "$HOST_CODENAME-backports" "$SUITE-backports" stable-backports)
	cat > "$1" <<-EOF
		deb $URI_MAIN $SUITE main
		deb-src $URI_MAIN $SUITE main
		deb $security $SUITE-security main
		deb-src $security $SUITE-security main
		deb ${backports:-$URI_MAIN} $SUITE-backports main
	EOF
}

# What of the machine's apt settings decides whether a download works: proxies, certificates, clocks, retries.
derive_apt_conf()
{
	local root=$1 keep='^Acquire::(http|https|ftp|Check-Valid-Until|Check-Date|Max-ValidTime|Retries|ForceIPv4|ForceIPv6)[: ]'

	apt-config dump | grep -E "$keep" | grep -v ' "";$' > "$root/etc/apt/apt.conf.d/90machine" || true
	cat > "$root/etc/apt/apt.conf.d/91vpnlab" <<-'EOF'
		APT::Install-Recommends "false";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Dpkg::Options:: "--force-unsafe-io";
		Dpkg::Use-Pty "false";
	EOF
	cp -a /etc/apt/auth.conf* "$root/etc/apt/" 2> /dev/null || true
	if [ -s /etc/ssl/certs/ca-certificates.crt ]; then
		cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/apt/machine-ca.crt"
		# only where packages come by https does it matter; the machine's own setting goes first
		grep -q CaInfo "$root/etc/apt/apt.conf.d/90machine" ||
			echo 'Acquire::https::CaInfo "/etc/apt/machine-ca.crt";' >> "$root/etc/apt/apt.conf.d/91vpnlab"
	fi
}

# apt knows the suites whose lists it has: just after an installation, or a change of sources, not all.
suites_known() { [ -n "$(apt_uri "$HOST_CODENAME$1" "$SUITE$1" "stable$1" "oldstable$1")" ]; }

install_debootstrap()
{
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -qy --no-install-recommends debootstrap debian-archive-keyring && return
	apt-get update -q
	apt-get install -qy --no-install-recommends debootstrap debian-archive-keyring ||
		die "cannot install debootstrap with this machine's apt: is its network up? (apt-get install debootstrap)"
}

rootfs_base()
{
	local root=$1 sources

	sources=$(mktemp)
	derive_sources "$sources"
	# in namespaces of its own: all that it starts and mounts ends with us
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc -- \
		debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$root" "$URI_MAIN" ||
		die "debootstrap of $SUITE from $URI_MAIN failed: $(tail -n 1 "$root/debootstrap/debootstrap.log" 2> /dev/null)"
	mv "$sources" "$root/etc/apt/sources.list"
	chmod 644 "$root/etc/apt/sources.list"
	rm -f "$root"/etc/apt/sources.list.d/*
	derive_apt_conf "$root"
	mkdir -p "$root"/{vl,src,lab,sources} "$root/etc/vpnlab"
	printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	printf 'path-exclude /usr/share/%s/*\n' doc man locale info > "$root/etc/dpkg/dpkg.cfg.d/vpnlab"
}

rootfs_update()
{
	local out

	out=$(enter "$1" rw -- apt-get update -q -o APT::Update::Error-Mode=any 2>&1) || {
		printf '%s\n' "$out"
		die "the package host of this machine does not serve all of $SUITE, $SUITE-security, $SUITE-backports with deb-src: $(grep -E '^(E|Err):?' <<< "$out" | head -n 2 | xargs)"
	}
	printf '%s\n' "$out"
}

# newest ROOT PACKAGE Packages|Sources: the newest version in the package lists
newest() { enter "$1" rw -- apt-cache madison "$2" | awk -F' *[|] *' -v k="$3" '$3 ~ k "$" { print $2 }' | sort -rV | head -n 1; }

# The kernel source package: 7.2 held best in soak runs; where it is gone, the newest from 6.19 on.
choose_kernel()
{
	local name version best=

	while read -r name; do
		version=${name#linux-source-}
		dpkg --compare-versions "$version" ge 6.19 || continue
		if [ "$version" = 7.2 ]; then best=$name && break; fi
		if [ -z "$best" ] || dpkg --compare-versions "$version" gt "${best#linux-source-}"; then best=$name; fi
	done < <(enter "$1" rw -- apt-cache pkgnames linux-source- | grep -E '^linux-source-[0-9.]+$')
	[ -n "$best" ] ||
		die "$SUITE-backports has no linux-source of 6.19 or later (User-Mode Linux before it does not start on many machines)"
	echo "$best"
}

rootfs_versions()
{
	local root=$1 kernel frr strongswan

	kernel=$(choose_kernel "$root")
	frr=$(newest "$root" frr Sources)
	strongswan=$(newest "$root" strongswan Sources)
	[ -n "$frr" ] || die "no source package frr in $SUITE: is deb-src served by this machine's package host?"
	[ -n "$strongswan" ] || die "no source package strongswan in $SUITE-security: is deb-src served by this machine's package host?"
	printf '%s\n' "frr=$frr" "strongswan=$strongswan" "kernel=$kernel" \
		"kernel_version=$(newest "$root" "$kernel" Packages)" > "$root/etc/vpnlab/versions"
	cat "$root/etc/vpnlab/versions"
}

rootfs_packages()
{
	local root=$1 kernel running strongswan

	# the largest download runs beside the installation
	kernel=$(sed -n 's/^kernel=//p' "$root/etc/vpnlab/versions")
	enter "$root" rw "$CACHE/apt:apt" -- sh -c "cd /vl/apt && apt-get download -q $kernel" &
	# shellcheck disable=SC2046
	enter "$root" rw -- env DEBIAN_FRONTEND=noninteractive apt-get install -qy $(packages build) $(packages run) ||
		die "installing the packages of lab/packages.build and packages.run failed: $(reason '^E:')"
	wait $! || echo "the kernel source was not downloaded: the kernel's step tries again"
	running=$(enter "$root" rw -- dpkg-query -Wf '${source:Version}' charon-systemd)
	strongswan=$(sed -n 's/^strongswan=//p' "$root/etc/vpnlab/versions")
	[ "$running" = "$strongswan" ] ||
		die "strongSwan's package is $running but its source is $strongswan: the package host is being updated, try again later"
}

# Packages that conflict with ours, as files only.
rootfs_foreign()
{
	# shellcheck disable=SC2046
	enter "$1" rw -- sh -c '
		set -e
		cd "$(mktemp -d)"
		for package; do
			apt-get download -q "$package"
			dpkg-deb -x "$package"_*.deb "/opt/$package"
		done
		rm -r "$PWD"
	' sh $(packages foreign) || die "unpacking the packages of lab/packages.foreign failed: $(reason '^E:')"
}

# Users as Debian's frr package makes them, and what else a guest wants to find.
rootfs_finish()
{
	enter "$1" rw -- sh -c '
		set -e
		apt-get clean
		groupadd --system frr
		groupadd --system frrvty
		useradd --system --gid frr --groups frrvty --home-dir /var/run/frr --no-create-home --shell /usr/sbin/nologin frr
		mkdir -p /var/log/frr /var/lib/frr /etc/frr
		chown frr:frr /var/log/frr /var/lib/frr
		rm -f /etc/machine-id /usr/sbin/policy-rc.d
		echo vpnlab > /etc/hostname
		printf "127.0.0.1 localhost vpnlab\n::1 localhost ip6-localhost\n" > /etc/hosts
	'
}

rootfs_make() # TMPDIR
{
	if ! suites_known '' || ! suites_known -security; then
		apt-get update -q || true
		suites_known '' ||
			die "this machine's apt gets no Debian suite $HOST_CODENAME: does \"apt-get update\" work here (network, proxy), and is the suite in /etc/apt/sources.list or sources.list.d?"
	fi
	command -v debootstrap > /dev/null || install_debootstrap
	rootfs_base "$1"
	rootfs_update "$1"
	rootfs_versions "$1"
	rootfs_packages "$1"
	rootfs_foreign "$1"
	rootfs_finish "$1"
}

version_of() { sed -n "s/^$1=//p" "$ROOTFS/etc/vpnlab/versions"; }
