# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel: Debian's linux-source built as User-Mode Linux, defconfig and lab/uml.fragment. doc/developer/lab.md says
# which versions and options held and which did not.
#
# shellcheck shell=bash

kernel_key()
{
	hash_of "$(version_of kernel)" "$(version_of kernel_version)" "$(hash_files "$LAB/uml.fragment" "$LAB/kernel-build")"
}

# Where the tree is unpacked and built: in memory where there is room for its 3 GB, which spares slow disks 50,000 files.
kernel_tree() # TMPDIR
{
	if [ "$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)" -ge 8000 ]; then
		echo tmpfs
	else
		mkdir "$1/tree"
		echo "$1/tree"
	fi
}

kernel_make() # TMPDIR
{
	local name version deb work

	name=$(version_of kernel) version=$(version_of kernel_version)
	deb=${name}_${version}_all.deb
	work=$(kernel_tree "$1")
	if [ ! -s "$CACHE/apt/$deb" ]; then
		enter "$ROOTFS" ro "$CACHE/apt:apt" -- sh -c "cd /vl/apt && apt-get download -q $name=$version" ||
			die "$name $version is no longer served: the package lists of the cache are old; ./vpnlab clean, then again"
	fi
	enter "$ROOTFS" ro "$CACHE/apt:apt:ro" "$LAB:lab:ro" "$work:build" "$1:out" "$CACHE/ccache:ccache" -- \
		env CCACHE_DIR=/vl/ccache bash /vl/lab/kernel-build "/vl/apt/$deb" ||
		die "the kernel does not build: $(reason 'error:|Error [0-9]|not set as lab/uml.fragment')"
	rm -rf "$1/tree"
	find "$CACHE/apt" -name 'linux-source-*.deb' ! -name "$deb" -delete
}
