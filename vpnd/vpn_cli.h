/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration commands of vpnd, in mgmtd. */
#ifndef VPND_VPN_CLI_H
#define VPND_VPN_CLI_H

#include <stdbool.h>
#include <stddef.h>

struct lyd_node;
struct vty;

#define VPN_XPATH "/frr-vpnd:vpn"

/* Names of what a provider's server has configured begin with it. */
#define VPN_CE_PREFIX "vpn:"

/* Installs all of them. */
extern void vpn_cli_init(void);

/*
 * Does this candidate, all daemons' configuration, contradict itself where
 * vpnd alone could not tell?  If so, why is in words (vpn_cli_check.c).
 */
extern bool vpn_cli_candidate_check(const struct lyd_node *root, char *why, size_t size);

/*
 * nb_cli_apply_changes(), but for what is the server's of a customer edge: then
 * it says so, and does nothing (vpn_cli_ce.c).  All changes are of base, if it
 * is not NULL; otherwise their paths say what they are of.
 */
extern int vpn_cli_apply(struct vty *vty);
extern int vpn_cli_apply_at(struct vty *vty, const char *base);

/*
 * The same for static routes, whose commands are staticd's: does a command to
 * make or remove a route over this interface (NULL: over none) touch what is the
 * server's?  Then it is told so, and has to fail.
 */
extern bool vpn_cli_route_refused(struct vty *vty, const char *interface, bool remove);

/* Those of a customer edge (vpn_cli_ce.c), and of tunnel links (vpn_cli_tunnel.c); for vpn_cli.c, as is all below. */
extern void vpn_cli_ce_init(void);
extern void vpn_cli_tunnel_init(void);

/* Each writes what a data node stands for as a command. */
#define VPN_CLI_SHOW(name)                                                                         \
	extern void name(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)

VPN_CLI_SHOW(vpn_ce_cli_show);
VPN_CLI_SHOW(vpn_ce_identity_cli_show);
VPN_CLI_SHOW(vpn_ce_address_cli_show);
VPN_CLI_SHOW(vpn_ce_interface_cli_show);
VPN_CLI_SHOW(vpn_ce_server_cli_show);
VPN_CLI_SHOW(vpn_ce_certificate_cli_show);
VPN_CLI_SHOW(vpn_ce_interval_cli_show);
VPN_CLI_SHOW(vpn_ce_retain_cli_show);
VPN_CLI_SHOW(vpn_ce_internet_cli_show);

VPN_CLI_SHOW(vpn_link_cli_show);
VPN_CLI_SHOW(vpn_link_local_cli_show);
VPN_CLI_SHOW(vpn_link_remote_cli_show);
VPN_CLI_SHOW(vpn_link_encap_cli_show);
VPN_CLI_SHOW(vpn_link_profile_cli_show);
VPN_CLI_SHOW(vpn_link_no_ipsec_cli_show);
VPN_CLI_SHOW(vpn_link_local_id_cli_show);
VPN_CLI_SHOW(vpn_link_remote_id_cli_show);
VPN_CLI_SHOW(vpn_link_vpn_id_cli_show);
VPN_CLI_SHOW(vpn_link_signal_cli_show);
VPN_CLI_SHOW(vpn_link_establish_cli_show);
VPN_CLI_SHOW(vpn_link_address_cli_show);
VPN_CLI_SHOW(vpn_link_address6_cli_show);
VPN_CLI_SHOW(vpn_link_unnumbered_cli_show);
VPN_CLI_SHOW(vpn_link_mtu_cli_show);
VPN_CLI_SHOW(vpn_template_cli_show);
VPN_CLI_SHOW(vpn_template_encap_cli_show);
VPN_CLI_SHOW(vpn_template_limit_cli_show);
VPN_CLI_SHOW(vpn_template_forget_cli_show);

#endif /* VPND_VPN_CLI_H */
