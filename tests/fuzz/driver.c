// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small fuzzer, for compilers without libFuzzer.
 *
 * It calls LLVMFuzzerTestOneInput() with each file of the seed corpus and then
 * with inputs that it mutates out of those, under AddressSanitizer and
 * UndefinedBehaviorSanitizer.  The target's objects are compiled with
 * -fsanitize-coverage=trace-pc: an input that reaches a place no input reached
 * before is kept and mutated further.
 *
 * It is deterministic: the same seed, corpus and program give the same inputs
 * (places are counted relative to the target's own address, so that address
 * randomisation does not matter).  With -max_total_time the number of inputs
 * depends on the machine, their order does not.
 *
 *	fuzz_packet [-runs=N] [-seed=N] [-max_len=N] [-max_total_time=S]
 *	            [-artifact_prefix=P] [FILE|DIR]...
 *
 * The options are libFuzzer's.  An input that crashes, leaks at exit, or takes
 * longer than HANG_SECONDS is written to Pcrash-input, and the exit status is
 * not 0.  Limits: one thread, no dictionary, no minimising.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>

#define MAP_SIZE     (1u << 16)
#define CORPUS_MAX   4096
#define HANG_SECONDS 20
#define INPUT_MAX    (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
void __sanitizer_cov_trace_pc(void);

struct input {
	uint8_t *data;
	size_t size;
};

static struct options {
	uint64_t runs;
	bool runs_given;
	uint64_t seed;
	size_t max_len;
	unsigned int seconds; /* 0: no limit */
	const char *artifact_prefix;
} options = { .runs = 20000, .seed = 1, .max_len = 4096, .artifact_prefix = "./" };

static struct input corpus[CORPUS_MAX];
static size_t corpus_size;

/* Places that any input reached, and a mark that the current one found a new one. */
static uint8_t reached[MAP_SIZE];
static bool found_new;

/* For those who look in from outside: a signal handler, the sanitizer's last words. */
static const struct input *volatile current;
static volatile uint64_t run_count;

void __sanitizer_cov_trace_pc(void)
{
	uintptr_t pc = (uintptr_t)__builtin_return_address(0) - (uintptr_t)LLVMFuzzerTestOneInput;
	uint32_t place = (uint32_t)(pc * 2654435761u) >> 16;

	if (!reached[place]) {
		reached[place] = 1;
		found_new = true;
	}
}

/* xorshift64*: small, and the same everywhere. */
static uint64_t random_state;

static uint64_t random_next(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(2685821657736338717);
}

/* A number below limit, which must not be 0. */
static size_t random_below(size_t limit)
{
	return (random_next() >> 16) % limit;
}

/* Called once, in a dying process: only system calls. */
static void save_current(void)
{
	const struct input *input = current;
	char path[4096];
	ssize_t done;
	int fd;

	if (!input)
		return;
	current = NULL;
	snprintf(path, sizeof(path), "%scrash-input", options.artifact_prefix);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	done = write(fd, input->data, input->size);
	close(fd);
	fprintf(stderr, "input %" PRIu64 " (%zu octets) is in %s%s\n", run_count, input->size, path,
		done == (ssize_t)input->size ? "" : ", incomplete");
}

static void on_abort(int signal_number)
{
	save_current();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void on_tick(int signal_number)
{
	static uint64_t seen;
	static unsigned int ticks;
	static const char words[] = "this input takes too long: a loop?\n";

	(void)signal_number;
	ticks = seen == run_count ? ticks + 1 : 0;
	seen = run_count;
	if (ticks < HANG_SECONDS) {
		alarm(1);
		return;
	}
	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		_exit(2);
	abort();
}

static void run(const struct input *input)
{
	/* a copy of exactly this size: reading past its end is seen */
	struct input copy = { .data = malloc(input->size ? input->size : 1), .size = input->size };

	if (!copy.data)
		abort();
	memcpy(copy.data, input->data, input->size);
	run_count++;
	found_new = false;
	current = &copy;
	LLVMFuzzerTestOneInput(copy.data, copy.size);
	current = NULL;
	free(copy.data);
}

static void keep(const struct input *input)
{
	size_t slot = corpus_size < CORPUS_MAX ? corpus_size++ : random_below(CORPUS_MAX);
	uint8_t *data = malloc(input->size ? input->size : 1);

	if (!data)
		abort();
	memcpy(data, input->data, input->size);
	free(corpus[slot].data);
	corpus[slot] = (struct input){ .data = data, .size = input->size };
}

/* One small change to input, which has room for options.max_len octets. */
static void mutate(struct input *input)
{
	static const uint32_t edges[] = { 0,	      1,	  0x7f,	     0x80,   0xff,
					  0x100,      0x7fff,	  0x8000,    0xffff, 0x10000,
					  0x7fffffff, 0x80000000, 0xffffffff };
	const struct input *other = &corpus[random_below(corpus_size)];
	size_t room = options.max_len - input->size, at, len;
	uint32_t edge = edges[random_below(sizeof(edges) / sizeof(edges[0]))];

	at = input->size ? random_below(input->size) : 0;
	switch (random_below(9)) {
	case 0: /* a bit */
		if (input->size)
			input->data[at] ^= 1u << random_below(8);
		break;
	case 1: /* an octet */
		if (input->size)
			input->data[at] = random_next() >> 24;
		break;
	case 2: /* a number near an edge, 1, 2 or 4 octets, in network order */
		len = (size_t)1 << random_below(3);
		edge += random_below(3) - 1;
		for (size_t i = 0; i < len && at + i < input->size; i++)
			input->data[at + i] = edge >> 8 * (len - 1 - i);
		break;
	case 3: /* one more or one less, for lengths and counts */
		if (input->size)
			input->data[at] += random_below(2) ? 1 : -1;
		break;
	case 4: /* cut */
		input->size = at;
		break;
	case 5: /* remove some octets */
		len = input->size ? random_below(input->size - at) + 1 : 0;
		memmove(input->data + at, input->data + at + len, input->size - at - len);
		input->size -= len;
		break;
	case 6: /* insert some of another input */
		len = other->size ? random_below(other->size) + 1 : 0;
		if (len > room)
			len = room;
		memmove(input->data + at + len, input->data + at, input->size - at);
		memcpy(input->data + at, other->data + random_below(other->size - len + 1), len);
		input->size += len;
		break;
	case 7: /* replace the tail by that of another input */
		len = other->size > at ? other->size - at : 0;
		if (at + len > options.max_len)
			len = options.max_len - at;
		memcpy(input->data + at, other->data + (len ? at : 0), len);
		input->size = at + len;
		break;
	case 8: /* insert some that no input has */
		len = random_below(16) + 1;
		if (len > room)
			len = room;
		memmove(input->data + at + len, input->data + at, input->size - at);
		for (size_t i = 0; i < len; i++)
			input->data[at + i] = random_next() >> 24;
		input->size += len;
		break;
	}
}

static bool time_is_up(time_t start)
{
	return options.seconds && run_count % 64 == 0 &&
	       time(NULL) - start >= (time_t)options.seconds;
}

static void explore(void)
{
	struct input input = { .data = malloc(options.max_len + 1) };
	time_t start = time(NULL);
	uint64_t end = run_count + options.runs;

	if (!input.data)
		abort();
	while (run_count < end && !time_is_up(start)) {
		const struct input *base = &corpus[random_below(corpus_size)];

		input.size = base->size < options.max_len ? base->size : options.max_len;
		memcpy(input.data, base->data, input.size);
		for (size_t changes = 1 + random_below(5); changes; changes--)
			mutate(&input);
		run(&input);
		if (found_new)
			keep(&input);
	}
	free(input.data);
}

static bool read_file(const char *path)
{
	struct input input = { .data = malloc(INPUT_MAX) };
	FILE *file = fopen(path, "rb");

	if (!input.data)
		abort();
	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		free(input.data);
		return false;
	}
	input.size = fread(input.data, 1, INPUT_MAX, file);
	fclose(file);
	keep(&input);
	run(&input);
	free(input.data);
	return true;
}

static bool read_folder(const char *path)
{
	struct dirent **entries;
	char file[4096];
	int count = scandir(path, &entries, NULL, alphasort);
	bool ok = count >= 0;

	for (int i = 0; i < count; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && !read_file(file))
			ok = false;
		free(entries[i]);
	}
	if (count < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	else
		free(entries);
	return ok;
}

static bool read_path(const char *path)
{
	struct stat info;

	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return read_folder(path);
	return read_file(path);
}

/* libFuzzer's options; one that is not known is ignored, as there. */
static void take_option(const char *arg)
{
	const char *value = strchr(arg, '=');
	unsigned long long number = value ? strtoull(value + 1, NULL, 10) : 0;

	if (!value)
		return;
	if (!strncmp(arg, "-runs=", 6)) {
		options.runs = number;
		options.runs_given = true;
	} else if (!strncmp(arg, "-seed=", 6))
		options.seed = number;
	else if (!strncmp(arg, "-max_len=", 9) && number > 0 && number <= INPUT_MAX)
		options.max_len = number;
	else if (!strncmp(arg, "-max_total_time=", 16)) {
		options.seconds = number;
		if (!options.runs_given)
			options.runs = UINT64_MAX / 2;
	} else if (!strncmp(arg, "-artifact_prefix=", 17))
		options.artifact_prefix = value + 1;
}

int main(int argc, char **argv)
{
	static const struct input nothing = { .data = (uint8_t *)"", .size = 0 };
	size_t places = 0;
	bool ok = true;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-')
			take_option(argv[i]);
	random_state = options.seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	__sanitizer_set_death_callback(save_current);
	signal(SIGABRT, on_abort);
	signal(SIGALRM, on_tick);
	alarm(1);

	run(&nothing);
	keep(&nothing);
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-' && !read_path(argv[i]))
			ok = false;
	explore();

	for (size_t i = 0; i < MAP_SIZE; i++)
		places += reached[i];
	printf("%" PRIu64 " inputs, %zu places reached, %zu inputs kept\n", run_count, places,
	       corpus_size);
	for (size_t i = 0; i < corpus_size; i++)
		free(corpus[i].data);
	return ok ? 0 : 1;
}
