# SPDX-License-Identifier: GPL-2.0-or-later
#
# vpnlab test: unit tests in the build tree, then the topotests, shared out to labs side by side, and one summary of all
# in pytest's form. The verdict is made from the JUnit files that the runs leave, never from what they print; a share
# whose lab died has left none and is run again in a new lab.
#
# shellcheck shell=bash

TEST_LABS=2		# two labs of one CPU use two CPUs as well as one lab of two, and hold better
TEST_RETRIES=3
TEST_TIMEOUT=${VPNLAB_TEST_TIMEOUT:-3600}
TOPOTESTS=tests/topotests
ASAN_ARGS=--enable-address-sanitizer

command_test()
{
	lab_defaults
	LAB_TIMEOUT=$TEST_TIMEOUT
	setup
	LAB_LAYERS=("$LAYER")
	new_results
	if [ $# -gt 0 ]; then test_chosen "$@"; else test_all; fi
}

# The directory of this run; of the last ones that stay, for the post-mortem, none is one that is being written.
new_results()
{
	local dir fd

	mkdir -p "$CACHE/results"
	find "$CACHE/results" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +20 | cut -d' ' -f2- |
		while read -r dir; do
			exec {fd}< "$dir"
			if flock -xn "$fd"; then rm -rf "$dir"; fi
			exec {fd}<&-
		done
	RESULTS=$(mktemp -d "$CACHE/results/$(date +%Y%m%dT%H%M%S)-XXXX")
	exec {RESULTS_FD}< "$RESULTS"
	flock -s "$RESULTS_FD"
	LAB_BINDS=("$RESULTS")
}

# Files and options of pytest as given, in one lab
test_chosen()
{
	local arg args=() status

	for arg; do args+=("${arg#"$TOPOTESTS/"}"); done
	kernel_args_of "${args[0]%%/*}"
	lab_retry "$TEST_RETRIES" /lab/run-topotests "$RESULTS" chosen "${args[@]}"
	status=$?
	[ "$status" = 0 ] || say "logs of the routers: $RESULTS"
	return $status
}

# A directory of tests may want arguments on the kernel's command line, in its file kernel-args: it gets a lab of its own
kernel_args_of() # DIRECTORY
{
	local file=$TOP/$TOPOTESTS/$1/kernel-args

	LAB_KERNEL_ARGS=()
	[ ! -e "$file" ] || read -ra LAB_KERNEL_ARGS < "$file"
}

test_all()
{
	local start=$SECONDS n pids=()

	start_ticker
	test_lab
	test_unit
	stop_ticker
	share_out
	for n in $(seq 0 $((TEST_LABS - 1))); do
		[ -s "$RESULTS/share$n.files" ] || continue
		spawn test_share "share$n"
		pids+=($!)
	done
	spawn test_others
	pids+=($!)
	[ ${#pids[@]} = 0 ] || wait "${pids[@]}"
	enter "$ROOTFS" ro "$LAB:lab:ro" "$CACHE:cache" -- python3 /vl/lab/test_results.py summary \
		"/vl/cache/results/${RESULTS##*/}" /vl/cache/durations.json "$((SECONDS - start))" "$RESULTS"
}

# The verdict's own tests
test_lab()
{
	enter "$ROOTFS" ro "$TOP:src:ro" "$RESULTS:out" -- python3 -B -m pytest -q -p no:cacheprovider -o junit_family=xunit1 \
		--rootdir=/vl/src/tests --junitxml=/vl/out/lab.xml /vl/src/tests/lab > "$RESULTS/lab.log" 2>&1 < /dev/null
	echo $? > "$RESULTS/lab.status"
}

# A failure here is an item of the summary, it does not keep the topotests from running.
test_unit()
{
	local status=0 start=$SECONDS

	printf '%s\tunit tests\n' "$start" > "$RUN/step/4"
	# shellcheck disable=SC2016
	in_tree "$RESULTS" bash -c '
		rm -f build/check.junit.xml
		make check
		status=$?
		cp build/check.junit.xml /vl/out/unit.xml
		exit $status
	' > "$RESULTS/unit.log" 2>&1 < /dev/null || status=$?
	rm -f "$RUN/step/4"
	clear_line
	echo "$status" > "$RESULTS/unit.status"
	printf '%-59s %s\n' "unit tests: $([ "$status" = 0 ] && echo passed || echo FAILED)" "$(duration $((SECONDS - start)))"
	[ "$status" = 0 ] || { say "the last lines of $RESULTS/unit.log:"; tail -n 30 "$RESULTS/unit.log" | sed 's/^/    /'; }
}

# The topotests' files, a share for each lab, even by how long each took last time
share_out()
{
	local n

	for n in $(seq 0 $((TEST_LABS - 1))); do : > "$RESULTS/share$n.files"; done
	(
		cd "$TOP/$TOPOTESTS" && find . -name 'test_*.py' -printf '%P\n' | sort | while read -r file; do
			[ -e "${file%%/*}/kernel-args" ] || printf '%s\n' "$file"
		done
	) > "$RESULTS/files"
	enter "$ROOTFS" ro "$LAB:lab:ro" "$CACHE:cache" -- python3 /vl/lab/test_results.py share \
		"/vl/cache/results/${RESULTS##*/}" /vl/cache/durations.json "$TEST_LABS"
}

# Beside the shares: what needs another kernel command line or another build
test_others()
{
	test_special
	test_asan
}

# The directories with kernel-args, one lab after the other
test_special()
{
	local file dir

	for file in "$TOP/$TOPOTESTS"/*/kernel-args; do
		[ -e "$file" ] || continue
		dir=${file%/kernel-args}
		dir=${dir##*/}
		kernel_args_of "$dir"
		echo "$dir" > "$RESULTS/$dir.files"
		test_share "$dir"
	done
}

# Some tests once more, with daemons built with AddressSanitizer: those named in the file "asan"
test_asan()
{
	local dirs=$TOP/$TOPOTESTS/asan

	[ -s "$dirs" ] || return
	LAB_KERNEL_ARGS=()
	cp "$dirs" "$RESULTS/asan.files"
	CONFIGURE_ARGS=$ASAN_ARGS
	setup_layer || return
	LAB_LAYERS=("$LAYER")
	test_share asan
}

test_share() # NAME
{
	local name=$1 files line status=0

	mapfile -t files < "$RESULTS/$name.files"
	# whole lines of all labs; the pipe's status is the lab's
	lab_retry "$TEST_RETRIES" /lab/run-topotests "$RESULTS" "$name" -v "${files[@]}" 2>&1 |
		tee "$RESULTS/$name.log" | while IFS= read -r line; do
			case $line in
			*::*\ PASSED* | *::*\ FAILED* | *::*\ ERROR* | *::*\ SKIPPED* | vpnlab:*) printf '%s\n' "${line% \[*}" ;;
			esac
		done
	status=${PIPESTATUS[0]}
	echo "$status" > "$RESULTS/$name.status"
}
