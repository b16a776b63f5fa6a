# SPDX-License-Identifier: GPL-2.0-or-later
#
# Setting up all that is missing: the order of the steps, and which run beside each other.
#
# shellcheck shell=bash

# MiB of disk; seen: root 1100, kernel's package 160, its tree 2600 (where not in memory), sources 160, build tree and
# layer 1500, ccache 300
DISK_FIRST=8000
DISK_KERNEL=3500
DISK_BUILD=1500

# setup [nobuild]: sets ROOTFS, KERNEL, SOURCES and, unless nobuild, LAYER; ends us in words when it cannot.
setup()
{
	local start=$SECONDS said='' kernel

	LAYER=
	ROOTFS=$CACHE/rootfs-$(rootfs_key)
	if ! have rootfs "$(rootfs_key)"; then
		need_disk "$DISK_FIRST" "root, kernel and build"
		say "setting up the lab in $CACHE: about 10 minutes this first time; logs are in $CACHE/log"
		said=1
		start_ticker
		step 1 "Debian $SUITE with toolchain and test tools" rootfs make_product rootfs "$(rootfs_key)" rootfs_make || exit 1
	fi
	start_ticker
	KERNEL=$CACHE/kernel-$(kernel_key)
	SOURCES=$CACHE/sources-$(sources_key)
	spawn setup_kernel
	kernel=$!
	setup_sources || exit 1
	if [ "${1:-}" != nobuild ]; then setup_layer || exit 1; fi
	wait "$kernel" || exit 1
	stop_ticker

	have rootfs "$(rootfs_key)" && have kernel "$(kernel_key)" && have sources "$(sources_key)" ||
		die "a product is missing in $CACHE: did somebody else remove it?"
	prune rootfs 2
	prune kernel 2
	prune sources 2
	prune layer 6
	prune tree 5
	[ -z "$said" ] || say "the lab is set up, in $(duration $((SECONDS - start)))"
}

setup_kernel()
{
	have kernel "$(kernel_key)" && return
	need_disk "$DISK_KERNEL" "building the kernel"
	step 3 "kernel $(version_of kernel_version) (User-Mode Linux)" kernel make_product kernel "$(kernel_key)" kernel_make
}

setup_sources()
{
	have sources "$(sources_key)" && return
	step 2 "sources of FRR and strongSwan" sources make_product sources "$(sources_key)" sources_make
}

setup_layer()
{
	local key

	key=$(layer_key)
	LAYER=$CACHE/layer-$key
	# built while somebody edited the checkout: good for that one run only
	[ ! -e "$LAYER/.mixed" ] || drop_product layer "$key"
	have layer "$key" && return
	need_disk "$DISK_BUILD" "building the project"
	step 4 "FRR, vpnd, plugin, tools" build make_product layer "$key" layer_make "$key" || return 1
	have layer "$key" || die "the build in $CACHE is gone: did somebody else remove it?"
	[ ! -e "$LAYER/.mixed" ] || say "note: the checkout was changed while it was being built"
}
