# SPDX-License-Identifier: GPL-2.0-or-later
#
# vpnlab soak: does the lab itself hold? Labs are booted again and again until the time is up, two side by side, each
# under load (soak-load): namespaces, VRFs, IPsec traffic, FRR daemons, forks. What counts is the lab, not the load's
# own findings; a load that fails is a failure too, for a broken kernel may show itself so.
#
# shellcheck shell=bash

command_soak()
{
	local minutes=${1:-10} n pids=() labs boots died failed complained

	[[ $minutes =~ ^[1-9][0-9]*$ ]] || usage_error "soak wants minutes, not \"$minutes\""
	lab_defaults
	LAB_TIMEOUT=600
	setup
	LAB_LAYERS=("$LAYER")
	labs=${VPNLAB_SOAK_LABS:-2}
	SOAK_END=$((SECONDS + minutes * 60))
	say "soak: $labs labs side by side for $minutes minutes"
	for n in $(seq "$labs"); do
		: > "$RUN/soak$n"
		spawn soak_lab "$n"
		pids+=($!)
	done
	wait "${pids[@]}"

	boots=$(cat "$RUN"/soak? | wc -l)
	died=$(grep -c '^died' < <(cat "$RUN"/soak?))
	failed=$(grep -c '^failed' < <(cat "$RUN"/soak?))
	complained=$(grep -c '^complained' < <(cat "$RUN"/soak?))
	echo "soak: kernel $(version_of kernel_version), $labs labs side by side, $minutes minutes:" \
		"$boots boots, $died panics or hangs, $complained kernel warnings, $failed failed loads"
	cat "$RUN"/soak? | grep -v '^held' | sort | uniq -c
	[ "$boots" -gt 0 ] && [ "$died$failed$complained" = 000 ]
}

# One place: a lab after the other, with one CPU and with two in turn. A line for each in RUN/soakN.
soak_lab() # N
{
	local n=$1 turn=0 status log

	while [ "$SECONDS" -lt "$SOAK_END" ]; do
		LAB_DEATH='' LAB_COMPLAINT='' status=0 log=$CACHE/log/soak$n.log
		LAB_CPUS=$((1 + turn % ${VPNLAB_SOAK_CPUS:-2}))
		turn=$((turn + 1))
		lab_run /lab/soak-load "$(((SOAK_END - SECONDS) < 40 ? (SOAK_END - SECONDS) : 40))" > "$log" 2>&1 || status=$?
		if [ -n "$LAB_DEATH" ]; then
			echo "died ($LAB_CPUS CPU) $LAB_DEATH" >> "$RUN/soak$n"
			lab_obituary
		elif [ "$status" != 0 ]; then
			echo "failed ($LAB_CPUS CPU) $(tail -n 1 "$log")" >> "$RUN/soak$n"
			say "soak: the load failed with exit status $status:"
			tail -n 5 "$log" | sed 's/^/    /' >&2
		elif [ -n "$LAB_COMPLAINT" ]; then
			echo "complained ($LAB_CPUS CPU) $LAB_COMPLAINT" >> "$RUN/soak$n"
		else
			echo "held ($LAB_CPUS CPU)" >> "$RUN/soak$n"
			[ ! -t 2 ] || printf '\rsoak: %s boots ' "$(cat "$RUN"/soak? | wc -l)" >&2
		fi
	done
}
