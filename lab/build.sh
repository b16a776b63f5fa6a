# SPDX-License-Identifier: GPL-2.0-or-later
#
# The project itself: FRR's and strongSwan's sources, and the build of the checkout as a layer to lay over the root.
#
# One build tree per configuration stays in the cache and is brought up to date from the checkout, file by file, so that
# only what changed is compiled. Checkouts take turns in it; each gets a layer of its own, keyed by its contents.
#
# shellcheck shell=bash

# Configure options beside the sources, such as --enable-address-sanitizer
CONFIGURE_ARGS=${VPNLAB_CONFIGURE:-}

sources_key() { hash_of "$(version_of frr)" "$(version_of strongswan)" 1; }

sources_make() # TMPDIR
{
	local frr strongswan

	frr=$(version_of frr) strongswan=$(version_of strongswan)
	enter "$ROOTFS" ro "$1:out" -- sh -ec "
		cd /vl/out
		apt-get source -q frr=$frr
		apt-get source -q strongswan=$strongswan
		rm -f *.tar.* *.dsc
		mv frr-* frr
		mv strongswan-* strongswan
	" || die "the sources of frr $frr and strongswan $strongswan cannot be fetched: $(reason '^E:')"
}

# What the build does not read; it is left out of the layer's key.
BUILD_IGNORES=(.git .ci lab vpnlab doc README.md bench tests build Makefile)

layer_key()
{
	local args=() name

	for name in "${BUILD_IGNORES[@]}"; do args+=(-path "./$name" -prune -o); done
	(
		cd "$TOP" && find . "${args[@]}" -type f -printf '%m %p\n' | LC_ALL=C sort
		find . "${args[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum
	) | cat - <(tree_key) | sha256sum | cut -c1-16
}

# Patches of libfrr's headers count: checkouts that differ in one would have each other compile all of FRR anew.
tree_key()
{
	hash_of "$(rootfs_key)" "$(sources_key)" "$CONFIGURE_ARGS" \
		"$(grep -l '^+++ b/lib/.*\.h' "$TOP"/patches/*/*.patch | xargs cat)"
}

# in_tree CMD...: CMD in the build tree, brought up to date from the checkout, with /vl/out for results
in_tree() # OUT CMD...
{
	local out=$1 tree fd
	shift

	tree=$CACHE/tree-$(tree_key)
	exec {fd}> "$CACHE/lock/${tree##*/}"
	flock -xn "$fd" || { say "another vpnlab is building: waiting for it"; flock -x "$fd"; }
	mkdir -p "$tree/src" "$tree/obj"
	touch "$tree.used"
	enter "$ROOTFS" ro "$TOP:src:ro" "$SOURCES:sources:ro" "$tree:tree" "$out:out" "$CACHE/ccache:ccache" -- \
		env CCACHE_DIR=/vl/ccache CCACHE_MAXSIZE=2G CONFIGURE_ARGS="$CONFIGURE_ARGS" bash -euc '
			rsync -rlp --checksum --delete --exclude=/.git --exclude=/build --exclude=/Makefile /vl/src/ /vl/tree/src/
			cd /vl/tree/obj
			wanted="--with-frr-source=/vl/sources/frr --with-strongswan-source=/vl/sources/strongswan $CONFIGURE_ARGS"
			have=$(cat configured 2> /dev/null || true)
			if [ "$have" != "$wanted" ] || [ ! -e Makefile ]; then
				/vl/tree/src/configure $wanted
				echo "$wanted" > configured
			fi
			exec "$@"
		' - "$@" || { exec {fd}>&-; return 1; }
	exec {fd}>&-
}

layer_make() # TMPDIR KEY
{
	[ -x "$TOP/configure" ] || die "no configure in $TOP: is this checkout complete?"
	in_tree "$1" bash -euc 'make -j"$(nproc)" && make install DESTDIR=/vl/out' ||
		die "the project does not build: $(reason 'error:|^configure: [^d]|\*\*\* ')"
	[ "$(layer_key)" = "$2" ] || touch "$1/.mixed"
}
