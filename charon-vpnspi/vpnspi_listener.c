// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What charon tells its listeners; see vpnspi_listener.h.
 *
 * VICI has no alerts before strongSwan 6.0.3, so they are put into words here.
 * An IKE_SA has its configuration's name only when the peer is known; before
 * that, those that end at the provider edge's address are taken for its, and all
 * for those of tunnel links if there are any: vpnd knows its links' peers.
 *
 * Listeners run with charon's bus locked, kernel listeners with its kernel
 * interface locked.
 */
#include "vpnspi_listener.h"

#include <daemon.h>
#include <encoding/payloads/notify_payload.h>
#include <stdarg.h>

#include "vpnspi_link_switch.h"
#include "vpnspi_peer.h"
#include "vpnspi_socket.h"
#include "vpnspi_state.h"
#include "vpnspi_timer.h"

#define KNOCKS 32 /* of unknown peers that vpnd hears of in a second; a new site may have as many */

static struct vpnspi_state *state;

/* snprintf with strongSwan's own conversions, which the compiler does not know. */
static void put_words(char *buf, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(buf, size, format, args);
	va_end(args);
}

static bool is_unnamed(ike_sa_t *ike_sa)
{
	return streq(ike_sa->get_name(ike_sa), "(unnamed)");
}

static bool is_link(ike_sa_t *ike_sa)
{
	return strpfx(ike_sa->get_name(ike_sa), VPNSPI_LINK_PREFIX) ||
	       (is_unnamed(ike_sa) && vpnspi_links_any(state->links));
}

static bool is_pe(ike_sa_t *ike_sa)
{
	struct vpnspi_addr local;
	bool ours;

	if (strpfx(ike_sa->get_name(ike_sa), VPNSPI_CONN_PREFIX))
		return true;
	if (!is_unnamed(ike_sa))
		return false;
	local = vpnspi_addr_from_host(ike_sa->get_my_host(ike_sa));
	state->mutex->lock(state->mutex);
	ours = state->configured && vpnspi_addr_same(&local, &state->config.local);
	state->mutex->unlock(state->mutex);
	return ours;
}

static void tell(ike_sa_t *ike_sa, const char *why)
{
	struct vpnspi_addr peer = vpnspi_addr_from_host(ike_sa->get_other_host(ike_sa));

	if (is_pe(ike_sa))
		vpnspi_socket_alert(state->socket, &peer, "%s", why);
	if (is_link(ike_sa))
		vpnspi_socket_link_alert(state->socket,
					 is_unnamed(ike_sa) ? "" : ike_sa->get_name(ike_sa), "",
					 &peer, why);
}

/* ---- alerts */

/* Alerts that are a sentence; those that are missing say nothing that vpnd does not hear otherwise. */
static const char *sentence(alert_t alert)
{
	switch (alert) {
	case ALERT_LOCAL_AUTH_FAILED:
		return "authentication failed: the peer refused our credentials, or we have none for it";
	case ALERT_PEER_AUTH_FAILED:
		return "authentication failed: the peer's credentials are not those configured for it";
	case ALERT_PEER_ADDR_FAILED:
		return "the peer's address cannot be resolved";
	case ALERT_HALF_OPEN_TIMEOUT:
		return "the peer began a negotiation and did not finish it";
	case ALERT_TS_MISMATCH:
		return "the peer's traffic selectors are not 0.0.0.0/0 and ::/0";
	case ALERT_UNIQUE_KEEP:
		return "a second IKE_SA with the peer was refused: one is enough";
	case ALERT_AUTHORIZATION_FAILED:
		return "authentication failed: a plugin of charon refused the peer";
	case ALERT_IKE_SA_EXPIRED:
		return "the IKE_SA expired before it could be rekeyed";
	default:
		return NULL;
	}
}

/* What is the matter with a certificate; NULL for other alerts. */
static const char *certificate_fault(alert_t alert)
{
	switch (alert) {
	case ALERT_CERT_EXPIRED:
		return "has expired or is not valid yet";
	case ALERT_CERT_REVOKED:
		return "is revoked";
	case ALERT_CERT_NO_ISSUER:
		return "was issued by a CA that is not configured";
	case ALERT_CERT_UNTRUSTED_ROOT:
		return "comes from a CA that is not trusted";
	case ALERT_CERT_EXCEEDED_PATH_LEN:
	case ALERT_CERT_POLICY_VIOLATION:
		return "violates its CA's constraints";
	default:
		return NULL;
	}
}

/* The IKE_SA whose peer's certificate this thread was told to be bad: what follows of it says less. */
static _Thread_local uint32_t bad_certificate;

static void explain_certificate(ike_sa_t *ike_sa, certificate_t *cert, const char *fault)
{
	char words[VPNSPI_TEXT_SIZE];

	put_words(words, sizeof(words),
		  "authentication failed: certificate \"%Y\" %s (issuer \"%Y\")",
		  cert->get_subject(cert), fault, cert->get_issuer(cert));
	bad_certificate = ike_sa->get_unique_id(ike_sa);
	tell(ike_sa, words);
}

static bool on_alert(listener_t *this, ike_sa_t *ike_sa, alert_t alert, va_list args)
{
	char words[VPNSPI_TEXT_SIZE] = "";

	(void)this;
	if (!ike_sa || !(is_pe(ike_sa) || is_link(ike_sa)))
		return TRUE;
	if (alert == ALERT_TS_MISMATCH && is_link(ike_sa))
		return TRUE; /* vpnspi_link.c says more */
	if (certificate_fault(alert)) {
		explain_certificate(ike_sa, va_arg(args, certificate_t *), certificate_fault(alert));
		return TRUE;
	}
	if (alert == ALERT_PEER_AUTH_FAILED && bad_certificate == ike_sa->get_unique_id(ike_sa))
		return TRUE;
	if (alert == ALERT_RETRANSMIT_SEND_TIMEOUT)
		put_words(words, sizeof(words), "no answer from %H", ike_sa->get_other_host(ike_sa));
	else if (alert == ALERT_PROPOSAL_MISMATCH_IKE)
		put_words(words, sizeof(words), "no proposal chosen: ike: the peer offers %#P",
			  va_arg(args, linked_list_t *));
	else if (alert == ALERT_PROPOSAL_MISMATCH_CHILD)
		put_words(words, sizeof(words), "no proposal chosen: esp: the peer offers %#P",
			  va_arg(args, linked_list_t *));
	else if (sentence(alert))
		put_words(words, sizeof(words), "%s", sentence(alert));
	if (*words)
		tell(ike_sa, words);
	return TRUE;
}

/* ---- messages */

static void explain_notify(ike_sa_t *ike_sa, message_t *message, notify_type_t type)
{
	char words[VPNSPI_TEXT_SIZE];

	switch (type) {
	case INVALID_KE_PAYLOAD: /* charon tries another group */
	case TEMPORARY_FAILURE:	 /* it tries again */
	case CHILD_SA_NOT_FOUND:
		return;
	case NO_PROPOSAL_CHOSEN:
		put_words(words, sizeof(words),
			  message->get_exchange_type(message) == IKE_SA_INIT
				  ? "no proposal chosen: ike: the peer refused what we offer"
				  : "no proposal chosen: esp: the peer refused what we offer, or our VPN-SPI");
		break;
	case AUTHENTICATION_FAILED:
		put_words(words, sizeof(words),
			  "authentication failed: the peer refused our credentials");
		break;
	case INVALID_ID_INFORMATION: /* IKEv1 */
	case TS_UNACCEPTABLE:
		put_words(words, sizeof(words),
			  is_link(ike_sa)
				  ? "the peer refused the link: it has none of this mode, VPN-ID and selectors"
				  : "the peer refused traffic selectors 0.0.0.0/0 and ::/0");
		break;
	default:
		put_words(words, sizeof(words), "the peer answered %N", notify_type_names, type);
		break;
	}
	tell(ike_sa, words);
}

static void explain_errors(ike_sa_t *ike_sa, message_t *message)
{
	enumerator_t *payloads = message->create_payload_enumerator(message);
	payload_t *payload;

	while (payloads->enumerate(payloads, &payload)) {
		notify_payload_t *notify = (notify_payload_t *)payload;
		notify_type_t type;

		if (payload->get_type(payload) != PLV2_NOTIFY &&
		    payload->get_type(payload) != PLV1_NOTIFY)
			continue;
		type = notify->get_notify_type(notify);
		if (type < 16384)
			explain_notify(ike_sa, message, type);
	}
	payloads->destroy(payloads);
}

/*
 * charon refuses a peer whose addresses fit no connection before it has chosen
 * one: the answer goes out on an IKE_SA without a configuration.  Who asks so may
 * ask as often as he likes; vpnd hears of KNOCKS in a second.  (The bus is locked.)
 */
static bool may_knock(void)
{
	static time_t second;
	static unsigned int knocks;
	time_t now = time_monotonic(NULL);

	if (now != second)
		knocks = 0;
	second = now;
	return knocks++ < KNOCKS;
}

static void knock(ike_sa_t *ike_sa, message_t *message)
{
	struct vpnspi_knock body;

	if (message->get_request(message) || !message->get_notify(message, NO_PROPOSAL_CHOSEN) ||
	    ike_sa->get_ike_cfg(ike_sa) || !may_knock())
		return;
	body.peer = vpnspi_addr_from_host(message->get_destination(message));
	body.local = vpnspi_addr_from_host(message->get_source(message));
	vpnspi_socket_send(state->socket, VPNSPI_KNOCK, 0, &body, sizeof(body));
}

static bool on_message(listener_t *this, ike_sa_t *ike_sa, message_t *message, bool incoming,
		       bool plain)
{
	bool request = message->get_request(message);

	(void)this;
	if (!incoming && plain && ike_sa)
		knock(ike_sa, message);
	if (!incoming || !plain || !ike_sa || !(is_pe(ike_sa) || is_link(ike_sa)))
		return TRUE;
	if (is_pe(ike_sa))
		vpnspi_peer_heard(state, ike_sa->get_unique_id(ike_sa), request);
	/* IKEv1 tells errors in exchanges of their own */
	if (!request || message->get_exchange_type(message) == INFORMATIONAL_V1)
		explain_errors(ike_sa, message);
	return TRUE;
}

static bool on_ike_state(listener_t *this, ike_sa_t *ike_sa, ike_sa_state_t to)
{
	(void)this;
	if (to == IKE_DELETING && is_link(ike_sa))
		vpnspi_link_switch_deleted(ike_sa->get_other_host(ike_sa));
	return TRUE;
}

/* ---- the kernel */

static bool on_expire(kernel_listener_t *this, uint8_t protocol, uint32_t spi, host_t *dst,
		      bool hard)
{
	(void)this;
	if (protocol == IPPROTO_ESP)
		vpnspi_timer_kernel_expire(state, spi, dst, hard);
	return TRUE;
}

static listener_t listener = {
	.alert = on_alert,
	.message = on_message,
	.ike_state_change = on_ike_state,
};

static kernel_listener_t kernel_listener = {
	.expire = on_expire,
};

void vpnspi_listener_start(struct vpnspi_state *of)
{
	state = of;
	charon->bus->add_listener(charon->bus, &listener);
	charon->kernel->add_listener(charon->kernel, &kernel_listener);
}

void vpnspi_listener_stop(void)
{
	if (!state)
		return;
	charon->kernel->remove_listener(charon->kernel, &kernel_listener);
	charon->bus->remove_listener(charon->bus, &listener);
	state = NULL;
}
