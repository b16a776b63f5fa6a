# SPDX-License-Identifier: GPL-2.0-or-later
#
# Booting a lab and watching over it. A lab ends in one of two ways, never to be mixed up: the guest's command ended and
# left its exit status, or the lab itself died (panic, hang, killed, no start) and no status is there.
#
# shellcheck shell=bash

LAB_DIED=125
TIME_IS_UP='was still running at its time limit of'

# Settings of the next lab_run; every command sets what it needs.
lab_defaults()
{
	LAB_CPUS=1
	LAB_MEMORY=$(default_memory)
	LAB_TIMEOUT=0	# seconds for all of it, 0: none
	LAB_KERNEL_ARGS=()	# for the kernel's command line
	LAB_TERMINAL=	# 1: the command gets our terminal
	LAB_BINDS=()	# directories, each writable in the guest at its own path
	LAB_ENV=()	# names of variables that pass through, beside VPNLAB_*
	LAB_LAYERS=()	# installed trees over the root, the last on top
}

# MiB: two labs shall fit beside all else; a lab's memory is sparse, it takes what it uses.
default_memory()
{
	local available

	available=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
	if [ "$available" -ge 15000 ]; then echo 6144; else echo $((available * 2 / 5)); fi
}

# The command as a script: no quoting is lost on its way in.
lab_script() # CMD...
{
	local name

	printf 'cd /src 2> /dev/null || cd /\nexport HOME=/root LANG=C.UTF-8 USER=root LOGNAME=root SHELL=/bin/bash\n'
	for name in $(compgen -e | grep '^VPNLAB_') TERM PYTEST_ADDOPTS "${LAB_ENV[@]}"; do
		case $name in VPNLAB_CACHE) continue ;; esac
		[ -z "${!name+set}" ] || printf 'export %s=%q\n' "$name" "${!name}"
	done
	[ ! -d "$SOURCES" ] || printf 'export VPNLAB_FRR_TOPOTESTS=%q\n' "/sources/frr/tests/topotests"
	printf 'exec'
	printf ' %q' "$@"
	printf '\n'
}

# lab_run CMD...: boots a lab, runs CMD in it. Returns CMD's exit status, or LAB_DIED with the reason in LAB_DEATH and
# the console kept in LAB_CONSOLE.
lab_run()
{
	local ctl pid relay=() relay_in='' watch n=0 dir binds=()

	ctl=$(mktemp -d "$RUN/lab.XXXXXX")
	mkfifo "$ctl/in" "$ctl/out" "$ctl/err" "$ctl/con"
	mkdir "$ctl/guest"
	lab_script "$@" > "$ctl/guest/run"
	: | tee "$ctl/guest/layers" "$ctl/guest/trees" > "$ctl/guest/binds"
	lab_bind_tree() { echo "$2" >> "$ctl/guest/trees"; binds+=("$1:$2:ro"); }
	lab_bind_tree "$TOP" src
	[ ! -d "$SOURCES" ] || lab_bind_tree "$SOURCES" sources
	for dir in "$KERNEL/root" "${LAB_LAYERS[@]}"; do
		echo "$n" >> "$ctl/guest/layers"
		binds+=("$dir:layer$n:ro")
		n=$((n + 1))
	done
	for dir in "${LAB_BINDS[@]}"; do
		printf '%s\n' "$dir" >> "$ctl/guest/binds"
		binds+=("$dir:bind$dir")
	done

	# the guest never holds our own descriptors: it would make them non-blocking for all who share them
	cat "$ctl/con" > "$ctl/console" & relay+=($!)
	cat "$ctl/out" & relay+=($!)
	cat "$ctl/err" >&2 & relay+=($!)
	if [ -n "$LAB_TERMINAL" ]; then
		stty size < /dev/tty | awk '{ print "rows", $1, "cols", $2 }' > "$ctl/guest/terminal"
		SAVED_STTY=$(stty -g < /dev/tty)
		stty raw -echo < /dev/tty
		cat /dev/tty > "$ctl/in" & relay_in=$!
	fi
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private -- \
		bash "$LAB/instance" "$ROOTFS" "$KERNEL" "$ctl/guest" "$LAB_MEMORY" "$LAB_CPUS" "${LAB_KERNEL_ARGS[*]}" \
		"${binds[@]}" \
		< /dev/null > "$ctl/con" 2>&1 7<> "$ctl/in" 8> "$ctl/out" 9> "$ctl/err" &
	pid=$!
	lab_watch "$pid" "$ctl" &
	watch=$!
	wait "$pid" 2> /dev/null
	kill "$watch" ${relay_in:+"$relay_in"} 2> /dev/null
	wait "${relay[@]}" 2> /dev/null
	wait "$watch" 2> /dev/null
	if [ -n "$LAB_TERMINAL" ]; then
		stty "$SAVED_STTY" < /dev/tty
		SAVED_STTY=
	fi
	lab_verdict "$ctl"
}

# Kills the lab when it hangs or its time is up, with the reason in CTL/death.
lab_watch() # PID CTL
{
	local pid=$1 ctl=$2 beat last=none since=$SECONDS start=$SECONDS limit=${VPNLAB_BOOT_TIMEOUT:-90} fifo

	trap - EXIT
	exec > /dev/null 2>&1
	mkfifo "$ctl/never"
	exec {fifo}<> "$ctl/never"
	while ! read -rt 2 -u "$fifo" && kill -0 "$pid"; do
		beat=$(stat -c %s "$ctl/guest/heartbeat" 2> /dev/null || echo none)
		if [ "$beat" != "$last" ]; then
			last=$beat since=$SECONDS limit=${VPNLAB_HANG_TIMEOUT:-120}
		elif [ $((SECONDS - since)) -ge "$limit" ]; then
			if [ "$last" = none ]; then
				echo "did not come up within $limit s"
			else
				echo "hung: no sign of life for $limit s"
			fi > "$ctl/death"
		fi
		if [ "$LAB_TIMEOUT" -gt 0 ] && [ $((SECONDS - start)) -ge "$LAB_TIMEOUT" ]; then
			echo "$TIME_IS_UP $LAB_TIMEOUT s" > "$ctl/death"
		fi
		[ ! -e "$ctl/death" ] || kill -KILL "$pid"
	done
}

lab_verdict() # CTL
{
	local ctl=$1 status

	if [ -s "$ctl/guest/status" ] && [ ! -e "$ctl/death" ]; then
		status=$(cat "$ctl/guest/status")
		LAB_COMPLAINT=$(grep -aoE -m1 'BUG: .*|WARNING: .*|Oops.*|rcu: INFO: .* stall.*' "$ctl/console") && keep_console "$ctl" &&
			say "note: the lab's kernel complained ($LAB_COMPLAINT); its console is $LAB_CONSOLE"
		rm -rf "$ctl"
		return "$status"
	fi
	LAB_DEATH=$(cat "$ctl/death" 2> /dev/null ||
		{ printf 'died: ' && grep -aoE -m1 'Kernel panic.*|bad: scheduling from the idle.*|lab: .*giving up|BUG: .*' "$ctl/console"; } ||
		echo "it ended without a result")
	keep_console "$ctl"
	rm -rf "$ctl"
	return "$LAB_DIED"
}

keep_console() # CTL
{
	LAB_CONSOLE=$CACHE/log/$(date +%Y%m%dT%H%M%S)-console-${1##*.}
	mv "$1/console" "$LAB_CONSOLE"
}

# Says how the lab died, with the console's last lines.
lab_obituary()
{
	case $LAB_DEATH in
	"$TIME_IS_UP"*) say "the lab $LAB_DEATH and was ended" ;;
	*) say "the lab itself failed (this is no verdict on the command): it $LAB_DEATH" ;;
	esac
	say "the last lines of its console, $LAB_CONSOLE:"
	tail -n 15 "$LAB_CONSOLE" | sed 's/^/    /' >&2
}

# lab_retry N CMD...: lab_run, and again up to N times when the lab dies.
lab_retry()
{
	local left=$1 status
	shift

	while :; do
		LAB_DEATH=
		status=0
		lab_run "$@" || status=$?
		[ -n "$LAB_DEATH" ] || return "$status"
		lab_obituary
		# a command that takes too long would do so again
		case $LAB_DEATH in "$TIME_IS_UP"*) return "$LAB_DIED" ;; esac
		[ "$left" -gt 0 ] || return "$LAB_DIED"
		left=$((left - 1))
		say "starting it again in a new lab"
	done
}
