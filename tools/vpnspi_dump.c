// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vpnspi-dump: captures or reads packets and explains VPN-SPI traffic.
 *
 * For an operator: which VRF is this packet of, did IKE negotiate again, is
 * there anything of a customer that can be read.  For tests: the same as JSON,
 * and an exit status.  The manual page is doc/man/vpnspi-dump.8.
 *
 * It parses what strangers send, so it gives up root as soon as the capture is
 * open, and its memory does not grow with what it sees (tools/summary.c).
 */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include <pcap/pcap.h>

#include "tools/packet.h"
#include "tools/prefix_list.h"
#include "tools/spi_map.h"
#include "tools/summary.h"
#include "wire/spi.h"

#define SNAPLEN	     512 /* headers, nested ones too */
#define BUFFER_SIZE  (16 << 20)
#define MAP_FILE_MAX (16u << 20)

#define EXIT_CLEARTEXT 3

static struct options {
	const char *interface;
	const char *file;
	const char *filter;
	const char *user;
	bool json;
	bool summary_only;
	bool packets; /* packet lines although --json says otherwise */
	bool line_buffered;
	bool assert_no_cleartext;
	uint64_t count; /* packets; 0: no limit */
} options = { .user = "nobody" };

static struct prefix_list customers;
static struct spi_map *map;
static struct summary *summary;
static pcap_t *capture;

static const char usage_text[] =
	"Usage: vpnspi-dump -i INTERFACE | -r FILE [OPTION]... [FILTER]\n"
	"\n"
	"Captures (-i) or reads (-r, - is standard input) packets and explains VPN-SPI\n"
	"traffic: IKE messages, ESP with its SPI taken apart into prefix, label and VRF.\n"
	"\n"
	"  -i, --interface IFACE      capture from it until interrupted\n"
	"  -r, --read FILE            read a capture\n"
	"  -c, --count N              end after N packets\n"
	"  -p, --prefix-length N      SPI prefixes have N bits (0 to 26) where no map says else\n"
	"  -m, --spi-map FILE         JSON of \"show vpn peer\" or \"show vpn spi-label\";\n"
	"                             may be given several times\n"
	"      --customer PREFIX      addresses of customers; may be given several times\n"
	"      --assert-no-cleartext  exit status 3 if a customer's packet was seen in clear\n"
	"  -s, --summary              only the summary, no line for each packet\n"
	"  -j, --json                 the summary as JSON, no lines\n"
	"      --packets              with --json: the lines, too, on standard error\n"
	"  -U, --line-buffered        write each line at once\n"
	"  -Z, --user NAME            whom to become when started by root [nobody]\n"
	"  -h, --help\n"
	"\n"
	"FILTER is pcap's (see pcap-filter(7)).\n";

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list args;

	fputs("vpnspi-dump: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static uint64_t number_option(const char *option, const char *text, uint64_t most)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || number > most)
		die("%s %s: not a number from 0 to %" PRIu64, option, text, most);
	return number;
}

static void read_map(const char *path)
{
	char *text = malloc(MAP_FILE_MAX + 1);
	FILE *file = fopen(path, "re");
	const char *error;
	size_t size;

	if (!text)
		die("no memory");
	if (!file)
		die("--spi-map %s: %s", path, strerror(errno));
	size = fread(text, 1, MAP_FILE_MAX, file);
	if (ferror(file))
		die("--spi-map %s: %s", path, strerror(errno));
	if (size == MAP_FILE_MAX)
		die("--spi-map %s: it is larger than %u octets", path, MAP_FILE_MAX - 1);
	text[size] = '\0';
	fclose(file);
	error = spi_map_add(map, text);
	if (error)
		die("--spi-map %s: %s", path, error);
	free(text);
}

static void add_customer(const char *text)
{
	const char *error = prefix_list_add(&customers, text);

	if (error)
		die("--customer %s: %s", text, error);
}

/* The words of a filter, which may come as several arguments. */
static char *join(char **words)
{
	size_t size = 1;
	char *text;

	for (char **word = words; *word; word++)
		size += strlen(*word) + 1;
	text = calloc(1, size);
	if (!text)
		die("no memory");
	for (; *words; words++) {
		strcat(text, *words);
		if (words[1])
			strcat(text, " ");
	}
	return text;
}

enum long_option {
	OPTION_CUSTOMER = 256,
	OPTION_ASSERT,
	OPTION_PACKETS,
};

static void read_option(int option, const char *value)
{
	switch (option) {
	case 'i':
		options.interface = value;
		break;
	case 'r':
		options.file = value;
		break;
	case 'c':
		options.count = number_option("--count", value, UINT64_MAX / 2);
		break;
	case 'p':
		spi_map_default_length(map, number_option("--prefix-length", value,
							  VPN_SPI_PREFIX_LEN_MAX));
		break;
	case 'm':
		read_map(value);
		break;
	case OPTION_CUSTOMER:
		add_customer(value);
		break;
	case OPTION_ASSERT:
		options.assert_no_cleartext = true;
		break;
	case OPTION_PACKETS:
		options.packets = true;
		break;
	case 's':
		options.summary_only = true;
		break;
	case 'j':
		options.json = true;
		break;
	case 'U':
		options.line_buffered = true;
		break;
	case 'Z':
		options.user = value;
		break;
	case 'h':
		fputs(usage_text, stdout);
		exit(EXIT_SUCCESS);
	default:
		fputs("Try vpnspi-dump --help.\n", stderr);
		exit(EXIT_FAILURE);
	}
}

static void read_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "interface", required_argument, NULL, 'i' },
		{ "read", required_argument, NULL, 'r' },
		{ "count", required_argument, NULL, 'c' },
		{ "prefix-length", required_argument, NULL, 'p' },
		{ "spi-map", required_argument, NULL, 'm' },
		{ "customer", required_argument, NULL, OPTION_CUSTOMER },
		{ "assert-no-cleartext", no_argument, NULL, OPTION_ASSERT },
		{ "summary", no_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "packets", no_argument, NULL, OPTION_PACKETS },
		{ "line-buffered", no_argument, NULL, 'U' },
		{ "user", required_argument, NULL, 'Z' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "i:r:c:p:m:sjUZ:h", longs, NULL)) != -1)
		read_option(option, optarg);
	if (!options.interface == !options.file)
		die("one of -i INTERFACE and -r FILE is needed (see --help)");
	if (options.assert_no_cleartext && !customers.count)
		die("--assert-no-cleartext needs --customer PREFIX: what would be a leak?");
	if (argv[optind])
		options.filter = join(argv + optind);
}

static pcap_t *open_interface(const char *interface)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_create(interface, error);
	int status;

	if (!pcap)
		die("%s: %s", interface, error);
	pcap_set_snaplen(pcap, SNAPLEN);
	pcap_set_promisc(pcap, 0);
	pcap_set_timeout(pcap, 100);
	pcap_set_immediate_mode(pcap, 1);
	pcap_set_buffer_size(pcap, BUFFER_SIZE);
	status = pcap_activate(pcap);
	if (status < 0) {
		const char *more = pcap_geterr(pcap);

		die("%s: %s", interface, *more ? more : pcap_statustostr(status));
	}
	return pcap;
}

static pcap_t *open_file(const char *path)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_open_offline(path, error);

	if (!pcap)
		die("%s", error);
	return pcap;
}

static void set_filter(void)
{
	struct bpf_program program;

	if (!options.filter)
		return;
	if (pcap_compile(capture, &program, options.filter, 1, PCAP_NETMASK_UNKNOWN) < 0 ||
	    pcap_setfilter(capture, &program) < 0)
		die("filter \"%s\": %s", options.filter, pcap_geterr(capture));
	pcap_freecode(&program);
}

/* For good: nothing that is parsed from here on is parsed as root. */
static void drop_privileges(void)
{
	struct passwd *user;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid() != 0)
		return;
	user = getpwnam(options.user);
	if (!user)
		die("--user %s: there is no such user", options.user);
	if (user->pw_uid == 0)
		return;
	if (setgroups(0, NULL) || setgid(user->pw_gid) || setuid(user->pw_uid))
		die("--user %s: %s", options.user, strerror(errno));
}

static void on_signal(int signal_number)
{
	(void)signal_number;
	pcap_breakloop(capture);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void print_time(const struct timeval *when, FILE *out)
{
	struct tm tm;
	char text[16] = "?";

	if (localtime_r(&when->tv_sec, &tm))
		strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fprintf(out, "%s.%06ld", text, (long)when->tv_usec);
}

static void print_ike(const struct packet_ike *ike, FILE *out)
{
	const char *name = packet_ike_exchange_name(ike->version, ike->exchange);

	if (name)
		fprintf(out, " IKE %s", name);
	else
		fprintf(out, " IKE exchange %u", ike->exchange);
	if (ike->version >> 4 == 2)
		fprintf(out, " %s from %s",
			ike->flags & PACKET_IKE_V2_RESPONSE ? "response" : "request",
			ike->flags & PACKET_IKE_V2_INITIATOR ? "initiator" : "responder");
	else
		fprintf(out, "%s", ike->flags & PACKET_IKE_V1_ENCRYPTED ? " encrypted" : "");
	fprintf(out, ", message %" PRIu32 ", SPIs %016" PRIx64 " %016" PRIx64 ", %" PRIu32 " octets",
		ike->message_id, ike->initiator_spi, ike->responder_spi, ike->length);
}

static void print_spi(const struct packet *packet, FILE *out)
{
	const struct packet_ip *ip = &packet->ip[packet->ip_count - 1];
	struct spi_meaning meaning = spi_map_explain(map, &ip->source, &ip->destination,
						     packet->spi);

	fprintf(out, " %s%s SPI 0x%08" PRIx32, packet->kind == PACKET_AH ? "AH" : "ESP",
		packet->udp_encapsulated ? " in UDP" : "", packet->spi);
	if (meaning.known)
		fprintf(out, " = prefix 0x%08" PRIx32 "/%u | label %" PRIu32, meaning.prefix,
			meaning.prefix_len, meaning.label);
	if (meaning.vrf)
		fprintf(out, ", VRF %s", meaning.vrf);
	fprintf(out, ", sequence %" PRIu32, packet->sequence);
}

static void print_packet(const struct pcap_pkthdr *header, const struct packet *packet,
			 bool cleartext, FILE *out)
{
	char source[PACKET_ADDR_SIZE], destination[PACKET_ADDR_SIZE];

	print_time(&header->ts, out);
	for (int i = 0; i < packet->ip_count; i++)
		fprintf(out, "%s %s > %s", i ? " in" : "",
			packet_addr_text(&packet->ip[i].source, source),
			packet_addr_text(&packet->ip[i].destination, destination));
	if (packet->kind == PACKET_IKE)
		print_ike(&packet->ike, out);
	else if (packet->kind == PACKET_ESP || packet->kind == PACKET_AH)
		print_spi(packet, out);
	else if (packet->kind == PACKET_OTHER_IP)
		fprintf(out, " IP protocol %u", packet->ip[packet->ip_count - 1].protocol);
	else
		fprintf(out, " %s", packet_kind_name(packet->kind));
	if (packet->source_port && packet->kind == PACKET_OTHER_IP)
		fprintf(out, " port %u > %u", packet->source_port, packet->destination_port);
	fprintf(out, ", length %u%s\n", header->len, cleartext ? ", CUSTOMER IN CLEAR" : "");
}

static void on_packet(u_char *lines, const struct pcap_pkthdr *header, const u_char *data)
{
	struct packet packet;
	bool cleartext;

	packet_parse(pcap_datalink(capture), data, header->caplen, &packet);
	cleartext = prefix_list_touches(&customers, &packet);
	summary_count(summary, &packet, header->len, cleartext);
	if (lines)
		print_packet(header, &packet, cleartext, (FILE *)lines);
}

/* Where lines of packets go; NULL: nowhere. */
static FILE *lines_out(void)
{
	if (options.json)
		return options.packets ? stderr : NULL;
	return options.summary_only ? NULL : stdout;
}

static void run(void)
{
	struct pcap_stat stat;
	FILE *lines = lines_out();
	uint64_t left = options.count;
	int status = 1;

	if (options.line_buffered && lines)
		setlinebuf(lines);
	while (status > 0 || (status == 0 && options.interface)) {
		int most = left && left < 1000 ? (int)left : 1000;

		status = pcap_dispatch(capture, most, on_packet, (u_char *)lines);
		if (options.count && status > 0) {
			left -= status;
			if (!left)
				break;
		}
	}
	if (status == PCAP_ERROR)
		die("%s: %s", options.file ? options.file : options.interface, pcap_geterr(capture));
	if (options.interface && pcap_stats(capture, &stat) == 0)
		summary_lost(summary, stat.ps_drop);
}

int main(int argc, char **argv)
{
	bool written;
	int status = EXIT_SUCCESS;

	map = spi_map_new();
	summary = summary_new();
	if (!map || !summary)
		die("no memory");
	read_options(argc, argv);
	capture = options.file ? open_file(options.file) : open_interface(options.interface);
	drop_privileges();
	set_filter();
	if (!packet_link_known(pcap_datalink(capture)))
		die("%s: packets of link type %s are not understood",
		    options.file ? options.file : options.interface,
		    pcap_datalink_val_to_name(pcap_datalink(capture)));
	catch_signals();
	if (options.interface)
		fprintf(stderr, "vpnspi-dump: capturing on %s\n", options.interface);
	run();

	written = options.json ? summary_print_json(summary, map, stdout)
			       : summary_print(summary, map, stdout);
	if (!written)
		die("the summary could not be written: %s", strerror(errno));
	if (options.assert_no_cleartext && summary_cleartext(summary)) {
		fprintf(stderr, "vpnspi-dump: %" PRIu64 " customer packets in clear\n",
			summary_cleartext(summary));
		status = EXIT_CLEARTEXT;
	}
	pcap_close(capture);
	summary_free(summary);
	spi_map_free(map);
	return status;
}
