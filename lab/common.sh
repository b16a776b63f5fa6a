# SPDX-License-Identifier: GPL-2.0-or-later
#
# Words, cache, steps: what every part of the lab stands on. Sourced by ../vpnlab.
#
# The cache holds products: directories KIND-KEY, where KEY is a hash of all that the product was made from. A product
# is made in tmp/ and renamed when complete, so one that is there is whole. Making it is under an exclusive lock, using
# it under a shared one (held until we exit), so any number of vpnlab runs go side by side and nobody removes what
# another still uses.
#
# shellcheck shell=bash

LAB=$TOP/lab
CACHE=${VPNLAB_CACHE:-/var/cache/frr-vpnd}
STEPS=4
exec {TELL_FD}>&2

say() { printf 'vpnlab: %s\n' "$*" >&2; }

# The same, past a step's log to the person in front
tell() { printf 'vpnlab: %s\n' "$*" >&"$TELL_FD"; }

# Ends this (sub)shell with the reason in words. Inside a step the reason is also kept for the person in front.
die()
{
	printf 'vpnlab: %s\n' "$*" >&2
	[ -z "${REASON_FILE:-}" ] || printf '%s\n' "$*" > "$REASON_FILE"
	exit 1
}

# hash_of TEXT... and hash_files FILE...: 16 hex digits
hash_of() { printf '%s\0' "$@" | sha256sum | cut -c1-16; }
hash_files() { cat -- "$@" | sha256sum | cut -c1-16; }

duration()
{
	if [ "$1" -ge 60 ]; then printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); else printf '%ds' "$1"; fi
}

# ---- the machine --------------------------------------------------------------------------------------------------

check_machine()
{
	local id='' codename=''

	[ "$(id -u)" = 0 ] || die "must be root: the lab mounts file systems and installs a Debian root (sudo ./vpnlab …)"
	[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
		die "needs Linux on amd64, this is $(uname -s) on $(uname -m): User-Mode Linux runs on nothing else"
	if [ -r /etc/os-release ]; then
		# shellcheck disable=SC1091
		id=$(. /etc/os-release && echo "$ID") codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	fi
	[ "$id" = debian ] ||
		die "needs Debian 12 or 13, /etc/os-release says \"${id:-nothing}\": packages come from the machine's apt sources"
	case $codename in
	bookworm | trixie) ;;
	*) say "this is Debian \"$codename\"; the lab is tested on bookworm and trixie only" ;;
	esac
	HOST_CODENAME=$codename
	unshare --mount --pid --fork true 2> /dev/null ||
		die "this machine does not let root make mount and pid namespaces (a container without CAP_SYS_ADMIN?): unshare failed"
}

# need_disk MIB WHAT
need_disk()
{
	local free

	free=$(df --output=avail -m "$CACHE" | tail -n 1)
	[ "$free" -ge "$1" ] ||
		die "not enough disk for $2: needs $1 MiB, there are $((free)) MiB in $CACHE (VPNLAB_CACHE=DIR puts it elsewhere)"
}

# ---- the cache ----------------------------------------------------------------------------------------------------

open_cache()
{
	if [ -d "$CACHE" ] && [ ! -e "$CACHE/.frr-vpnd-cache" ] && [ -n "$(ls -A "$CACHE")" ]; then
		die "$CACHE is not empty and not a cache of vpnlab (no .frr-vpnd-cache in it): set VPNLAB_CACHE to another directory"
	fi
	mkdir -p "$CACHE" || die "cannot make the cache directory $CACHE"
	CACHE=$(cd "$CACHE" && pwd -P)
	: > "$CACHE/.frr-vpnd-cache" || die "cannot write in the cache directory $CACHE"
	mkdir -p "$CACHE"/{lock,tmp,log,run,ccache,apt}
	exec {CACHE_FD}> "$CACHE/lock/cache"
	flock -sn "$CACHE_FD" || die "the cache $CACHE is being removed by another vpnlab clean"

	sweep_runs
	find "$CACHE/log" -type f -mtime +7 -delete
	RUN=$(mktemp -d "$CACHE/run/XXXXXX")
	exec {RUN_FD}> "$RUN/lock"
	flock -x "$RUN_FD"
	mkdir "$RUN/step"
	trap 'close_cache' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# What killed and failed runs left behind: run directories and half-made products that nobody has locked.
sweep_runs()
{
	local dir fd

	for dir in "$CACHE"/tmp/*/; do
		[ -d "$dir" ] || continue
		dir=${dir%/}
		exec {fd}> "$CACHE/lock/${dir##*/}"
		if flock -xn "$fd"; then rm -rf --one-file-system "$dir"; fi
		exec {fd}>&-
	done

	for dir in "$CACHE"/run/*/; do
		[ -e "$dir/lock" ] || continue
		exec {fd}> "$dir/lock"
		if flock -xn "$fd"; then rm -rf "$dir"; fi
		exec {fd}>&-
	done
}

close_cache()
{
	local status=$? pid

	trap - EXIT
	trap '' HUP INT TERM
	# KILL: unshare does not heed TERM while its command runs
	{
		for pid in "${SPAWNED[@]}"; do kill -KILL -- "-$pid"; done
		for pid in $(jobs -p); do kill -KILL "$pid"; done
		wait
	} 2> /dev/null
	[ -z "${SAVED_STTY:-}" ] || stty "$SAVED_STTY" < /dev/tty
	rm -rf "$RUN"
	exit "$status"
}

clean_cache()
{
	local fd

	[ -d "$CACHE" ] || { say "no cache at $CACHE"; return 0; }
	[ -e "$CACHE/.frr-vpnd-cache" ] || die "$CACHE is not a cache of vpnlab (no .frr-vpnd-cache in it): not touched"
	exec {fd}> "$CACHE/lock/cache"
	flock -xn "$fd" || die "another vpnlab is using $CACHE: nothing removed"
	rm -rf --one-file-system "$CACHE"
	say "removed $CACHE"
}

# spawn CMD...: CMD in the background as $!, in a process group of its own, so that all of it ends when we do. Within
# what was spawned it is just the background.
SPAWNED=()
spawn()
{
	if [ "$BASH_SUBSHELL" -gt 0 ]; then
		"$@" &
		return
	fi
	set -m
	"$@" < /dev/null &
	set +m
	SPAWNED+=($!)
}

# have KIND KEY: true and the product held for us when it is there
have()
{
	local dir=$CACHE/$1-$2 fd

	exec {fd}> "$CACHE/lock/$1-$2"
	if ! flock -sn "$fd"; then
		tell "another vpnlab is making $1-$2: waiting for it"
		flock -s "$fd"
	fi
	if [ -d "$dir" ]; then
		touch "$dir.used"
		return 0
	fi
	exec {fd}>&-
	return 1
}

# make_product KIND KEY FUNCTION ARG...: FUNCTION TMPDIR ARG... fills TMPDIR, which then becomes the product.
make_product()
{
	local kind=$1 key=$2 make=$3 fd tmp
	shift 3

	exec {fd}> "$CACHE/lock/$kind-$key"
	if ! flock -xn "$fd"; then
		tell "another vpnlab is making $kind-$key: waiting for it"
		flock -x "$fd"
	fi
	if [ ! -d "$CACHE/$kind-$key" ]; then
		rm -rf --one-file-system "$CACHE/tmp/$kind-$key"
		tmp=$CACHE/tmp/$kind-$key
		mkdir "$tmp"
		"$make" "$tmp" "$@"
		mv -T "$tmp" "$CACHE/$kind-$key"
	fi
	touch "$CACHE/$kind-$key.used"
	exec {fd}>&-
}

# drop_product KIND KEY: away with it, unless it is in use
drop_product()
{
	local fd

	exec {fd}> "$CACHE/lock/$1-$2"
	if flock -xn "$fd"; then rm -rf --one-file-system "$CACHE/$1-$2" "$CACHE/$1-$2.used"; fi
	exec {fd}>&-
}

# prune KIND KEEP: of the products of a kind, the KEEP used last stay, and those in use.
prune()
{
	local kind=$1 keep=$2 used name

	while read -r used; do
		name=${used##*/}
		name=${name%.used}
		drop_product "$kind" "${name#*-}"
	done < <(ls -1td "$CACHE/$kind"-*.used 2> /dev/null | tail -n +$((keep + 1)))
}

# ---- steps --------------------------------------------------------------------------------------------------------

clear_line() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

# step N TITLE NAME FUNCTION ARG...: runs FUNCTION with its output in a log of that name, says how long it took; on
# failure says why, shows the log's last lines and fails. May run in the background, beside other steps.
step()
{
	local n=$1 title=$2 start=$SECONDS status=0 log
	log=$CACHE/log/$(date +%Y%m%dT%H%M%S)-${RUN##*/}-$3.log
	shift 3

	printf '%s\t%s\n' "$start" "$title" > "$RUN/step/$n"
	spawn step_body "$n" "$log" "$@"
	wait $! || status=$?
	rm -f "$RUN/step/$n"
	clear_line
	if [ "$status" = 0 ]; then
		printf '[%2d/%d] %-52s %s\n' "$n" "$STEPS" "$title" "$(duration $((SECONDS - start)))" >&2
		return 0
	fi
	printf '[%2d/%d] %-52s FAILED after %s\n' "$n" "$STEPS" "$title" "$(duration $((SECONDS - start)))" >&2
	if [ -s "$RUN/step/$n.reason" ]; then
		say "$title: $(cat "$RUN/step/$n.reason")"
	fi
	say "the last lines of $log:"
	tail -n 20 "$log" | sed 's/^/    /' >&2
	return 1
}

step_body() # N LOG FUNCTION ARG...
{
	REASON_FILE=$RUN/step/$1.reason STEP_LOG=$2
	shift 2
	set -euo pipefail
	"$@" > "$STEP_LOG" 2>&1 < /dev/null
}

# A line that is rewritten every second with the steps under way, on a terminal only.
start_ticker()
{
	[ -t 2 ] || return 0
	(
		trap - EXIT
		while sleep 1; do
			line=
			for f in "$RUN"/step/?; do
				IFS=$'\t' read -r start title < "$f" || continue
				line+="[${f##*/}/$STEPS] $title … $(duration $((SECONDS - start)))   "
			done 2> /dev/null
			[ -z "$line" ] || printf '\r\033[K%s' "${line:0:${COLUMNS:-100}}" >&2
		done
	) &
	TICKER=$!
}

stop_ticker()
{
	[ -n "${TICKER:-}" ] || return 0
	kill "$TICKER" 2> /dev/null
	wait "$TICKER" 2> /dev/null
	TICKER=
	clear_line
}

# reason PATTERN: the first lines of the step's log so far that match, as words for die
reason() { grep -ah -m2 -E "$1" "$STEP_LOG" | xargs -d '\n' | cut -c1-300; }

# ---- inside a root ------------------------------------------------------------------------------------------------

# enter ROOT ro|rw [SRC:NAME[:ro]]... -- CMD...: CMD in ROOT, in private mount and pid namespaces, SRC bound at /vl/NAME.
# All that CMD starts and mounts is gone when it ends, or when we are killed.
enter()
{
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private -- \
		bash "$LAB/enter" "$@"
}
