/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is it up?  The one place where that is decided, from observations only.
 *
 * PENDING is not DOWN.  It means "not known yet": after a restart of vpnd, while
 * charon's plugin is being connected to again, while the kernel works.  What
 * bgpd was told stays as it was while the verdict is PENDING, so that no route
 * is lost because vpnd does not know yet what stands.
 */
#ifndef VPND_VPN_VERDICT_H
#define VPND_VPN_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

/* Where a request to charon's plugin stands, on the connection that is open now. */
enum vpn_request {
	VPN_REQUEST_NONE = 0, /* not said */
	VPN_REQUEST_SENT,     /* said, not yet answered */
	VPN_REQUEST_DONE,     /* carried out */
	VPN_REQUEST_FAILED,   /* refused; the reason is with the object */
};

enum vpn_verdict {
	VPN_PENDING = 0,
	VPN_DOWN,
	VPN_UP,
};

/* What is observed of a label or a use.  Every reason is in words and must outlive the call. */
struct vpn_view {
	bool config_arrived;
	const char *blocked; /* why no provider edge runs; NULL: it does */
	const char *refused; /* why this object has no number; NULL: it has one */

	const char *vrf_missing; /* why there is no VRF; NULL: there is one */
	bool interface_there;
	const char *interface_error; /* NULL: none */

	bool plugin_ready;	   /* connected, configured, all peers told */
	const char *plugin_failed; /* why it cannot be reached; NULL: not known that it cannot */

	enum vpn_request request;
	const char *request_error; /* of a failed one */

	/* of uses only */
	bool peer_up;
	const char *peer_reason; /* when it is not */
	bool out_said;		 /* the plugin has spoken of this use */
	bool out_up;
	const char *out_reason; /* when it is not; "": the plugin gave none */
	bool zebra_ready;	/* zebra knows the interface in the VRF, operative */
};

/* The verdict, and in *reason why it is not UP (NULL if it is). */
enum vpn_verdict vpn_label_verdict(const struct vpn_view *view, const char **reason);
enum vpn_verdict vpn_use_verdict(const struct vpn_view *view, const char **reason);

#endif /* VPND_VPN_VERDICT_H */
