/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Callbacks of the module frr-vpnd; which node has which is in vpn_nb.c. */
#ifndef VPND_VPN_NB_H
#define VPND_VPN_NB_H

#include "lib/northbound.h"

#include "vpnd/vpn_peer.h"

extern const struct frr_yang_module_info frr_vpnd_info;	    /* in vpnd */
extern const struct frr_yang_module_info frr_vpnd_cli_info; /* in mgmtd, vpn_cli.c */

/*
 * Connects to mgmtd as a backend, and has alarms sent to it as notifications.
 * After this, vpn_config changes whenever a commit was applied.
 */
extern void vpn_nb_init(struct event_loop *loop);
extern void vpn_nb_terminate(void);

/* Configuration (vpn_nb_config.c) */
extern int vpn_nb_create(struct nb_cb_create_args *args);
extern int vpn_nb_modify(struct nb_cb_modify_args *args);
extern int vpn_nb_destroy(struct nb_cb_destroy_args *args);
extern int vpn_nb_move(struct nb_cb_move_args *args);
extern int vpn_nb_profile_validate(struct nb_cb_pre_validate_args *args);
extern int vpn_nb_pe_validate(struct nb_cb_pre_validate_args *args);
extern int vpn_nb_ce_validate(struct nb_cb_pre_validate_args *args);
extern int vpn_nb_tunnels_validate(struct nb_cb_pre_validate_args *args);

/* Has commits read into vpn_config when they are over; and no more. */
extern void vpn_nb_config_init(struct event_loop *loop);
extern void vpn_nb_config_terminate(void);

/* mgmtd came or went. */
struct mgmt_be_client;
extern void vpn_nb_connect_notify(struct mgmt_be_client *client, uintptr_t data, bool connected);

/* State (vpn_nb_state.c) */
extern const void *vpn_nb_peer_get_next(struct nb_cb_get_next_args *args);
extern int vpn_nb_peer_get_keys(struct nb_cb_get_keys_args *args);
extern const void *vpn_nb_peer_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern const void *vpn_nb_label_get_next(struct nb_cb_get_next_args *args);
extern int vpn_nb_label_get_keys(struct nb_cb_get_keys_args *args);
extern const void *vpn_nb_label_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern const void *vpn_nb_use_get_next(struct nb_cb_get_next_args *args);
extern int vpn_nb_use_get_keys(struct nb_cb_get_keys_args *args);
extern const void *vpn_nb_use_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern const void *vpn_nb_alarm_get_next(struct nb_cb_get_next_args *args);
extern int vpn_nb_alarm_get_keys(struct nb_cb_get_keys_args *args);
extern const void *vpn_nb_alarm_lookup_entry(struct nb_cb_lookup_entry_args *args);

extern struct yang_data *vpn_nb_peer_get(struct nb_cb_get_elem_args *args);
extern struct yang_data *vpn_nb_label_get(struct nb_cb_get_elem_args *args);
extern struct yang_data *vpn_nb_use_get(struct nb_cb_get_elem_args *args);
extern struct yang_data *vpn_nb_alarm_get(struct nb_cb_get_elem_args *args);

extern const void *vpn_nb_tunnel_get_next(struct nb_cb_get_next_args *args);
extern int vpn_nb_tunnel_get_keys(struct nb_cb_get_keys_args *args);
extern const void *vpn_nb_tunnel_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern struct yang_data *vpn_nb_tunnel_get(struct nb_cb_get_elem_args *args);

/* A customer edge (vpn_nb_ce.c): its state, and what netconfd tells and is told. */
extern struct yang_data *vpn_nb_ce_get(struct nb_cb_get_elem_args *args);
extern int vpn_nb_ce_contact(struct nb_cb_rpc_args *args);

/* Tells netconfd that a server is to be called now, and why. */
extern int vpn_nb_ce_wanted(const char *why);

extern const void *vpn_nb_template_get_next(struct nb_cb_get_next_args *args);
extern int vpn_nb_template_get_keys(struct nb_cb_get_keys_args *args);
extern const void *vpn_nb_template_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern struct yang_data *vpn_nb_template_get(struct nb_cb_get_elem_args *args);

/*
 * What getters share: the leaf that a path names, and its data, NULL if it does
 * not apply: a wall clock time of 0, the reason of what is up, no counter.
 */
extern const char *vpn_nb_leaf(const char *xpath);
extern struct yang_data *vpn_nb_time(const char *xpath, time_t when);
extern struct yang_data *vpn_nb_state(const char *xpath, enum vpn_peer_state state);
extern struct yang_data *vpn_nb_reason(const char *xpath, enum vpn_peer_state state,
				       const char *reason);
extern struct yang_data *vpn_nb_counter(const char *xpath, const char *leaf,
					const struct vpn_counters *sum);

extern int vpn_nb_clear_peer_rpc(struct nb_cb_rpc_args *args);
extern int vpn_nb_clear_tunnel_link_rpc(struct nb_cb_rpc_args *args);

/* Sends vpn-alarm. */
struct vpn_alarm;
extern int vpn_nb_alarm_notify(const struct vpn_alarm *alarm, bool raised);

#endif /* VPND_VPN_NB_H */
