// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between charon and its kernel interface; see vpnspi_kernel.h.
 *
 * The wrappers run in the thread that works on an IKE_SA, which charon's bus
 * names; that it is one of ours its configuration's name says.
 */
#include "vpnspi_kernel.h"

#include <daemon.h>

#include "vpnspi_link_kernel.h"
#include "vpnspi_link_switch.h"
#include "vpnspi_peer.h"
#include "vpnspi_state.h"

/* Generations of a peer at a time are few. */
#define CONCLUDED_MAX 64

static struct vpnspi_state *ours;
static kernel_interface_t before;

/* The IKE_SA at work in this thread, if it is one of vpnd's. */
static ike_sa_t *vpn_ike_sa(void)
{
	ike_sa_t *ike_sa = charon->bus->get_sa(charon->bus);

	if (!ike_sa || !strpfx(ike_sa->get_name(ike_sa), VPNSPI_CONN_PREFIX))
		return NULL;
	return ike_sa;
}

static bool at_work_on_a_link(void)
{
	ike_sa_t *ike_sa = charon->bus->get_sa(charon->bus);

	return ike_sa && ike_sa->get_version(ike_sa) == IKEV2 &&
	       strpfx(ike_sa->get_name(ike_sa), VPNSPI_LINK_PREFIX);
}

static struct vpnspi_ike describe(ike_sa_t *ike_sa)
{
	struct vpnspi_ike ike = {
		.id = ike_sa->get_unique_id(ike_sa),
		.prf = PRF_UNDEFINED,
		.v2 = ike_sa->get_version(ike_sa) == IKEV2,
	};
	proposal_t *proposal = ike_sa->get_proposal(ike_sa);

	if (proposal)
		proposal->get_algorithm(proposal, PSEUDO_RANDOM_FUNCTION, &ike.prf, NULL);
	return ike;
}

static status_t get_spi(kernel_interface_t *this, host_t *src, host_t *dst, uint8_t protocol,
			uint32_t *spi)
{
	ike_sa_t *ike_sa = vpn_ike_sa();
	struct vpnspi_ike ike;

	if (!ike_sa)
		return before.get_spi(this, src, dst, protocol, spi);
	ike = describe(ike_sa);
	return vpnspi_peer_get_spi(ours, &ike, src, dst, protocol, spi) == VPNSPI_TAKEN ? SUCCESS
											: FAILED;
}

static status_t add_sa(kernel_interface_t *this, kernel_ipsec_sa_id_t *id,
		       kernel_ipsec_add_sa_t *data)
{
	ike_sa_t *ike_sa = vpn_ike_sa();
	kernel_ipsec_add_sa_t link_sa;
	struct vpnspi_ike ike;

	if (!ike_sa) {
		link_sa = *data;
		vpnspi_link_kernel_sa(id, &link_sa);
		vpnspi_link_switch_sa(id, data);
		return before.add_sa(this, id, &link_sa);
	}
	ike = describe(ike_sa);
	return vpnspi_peer_add_sa(ours, &ike, id, data) == VPNSPI_TAKEN ? SUCCESS : FAILED;
}

/* NOT_SUPPORTED makes charon rekey the CHILD_SA, with the new addresses. */
static status_t update_sa(kernel_interface_t *this, kernel_ipsec_sa_id_t *id,
			  kernel_ipsec_update_sa_t *data)
{
	if (vpnspi_peer_owns(ours, id->spi, id->dst))
		return NOT_SUPPORTED;
	return before.update_sa(this, id, data);
}

static status_t query_sa(kernel_interface_t *this, kernel_ipsec_sa_id_t *id,
			 kernel_ipsec_query_sa_t *data, uint64_t *bytes, uint64_t *packets,
			 time_t *time)
{
	switch (vpnspi_peer_query_sa(ours, id, bytes, packets, time)) {
	case VPNSPI_TAKEN:
		return SUCCESS;
	case VPNSPI_REFUSED:
		return FAILED;
	case VPNSPI_NOT_OURS:
		break;
	}
	return before.query_sa(this, id, data, bytes, packets, time);
}

/* Inbound SPIs of the CHILD_SAs whose outbound half charon has put to use. */
static unsigned int find_concluded(uint32_t *spis)
{
	ike_sa_t *ike_sa = vpn_ike_sa();
	enumerator_t *children;
	child_sa_t *child_sa;
	unsigned int count = 0;

	if (!ike_sa)
		return 0;
	children = ike_sa->create_child_sa_enumerator(ike_sa);
	while (children->enumerate(children, &child_sa)) {
		if (child_sa->get_outbound_state(child_sa) == CHILD_OUTBOUND_INSTALLED &&
		    count < CONCLUDED_MAX)
			spis[count++] = child_sa->get_spi(child_sa, TRUE);
	}
	children->destroy(children);
	return count;
}

static status_t del_sa(kernel_interface_t *this, kernel_ipsec_sa_id_t *id,
		       kernel_ipsec_del_sa_t *data)
{
	uint32_t concluded[CONCLUDED_MAX];
	unsigned int count = find_concluded(concluded);

	if (vpnspi_peer_del_sa(ours, id, concluded, count) == VPNSPI_TAKEN)
		return SUCCESS;
	return before.del_sa(this, id, data);
}

/* With "policies = no" charon does not ask for these at all. */
static bool owns_policy(const kernel_ipsec_manage_policy_t *data)
{
	host_t *dst = data->dst;

	return data->sa && data->sa->esp.use && vpnspi_peer_owns(ours, data->sa->esp.spi, dst);
}

static status_t install_policy(kernel_interface_t *this, kernel_ipsec_policy_id_t *id,
			       kernel_ipsec_manage_policy_t *data)
{
	status_t status;

	if (vpnspi_link_kernel_add_policy(this, id, data, &status))
		return status;
	return owns_policy(data) ? SUCCESS : before.add_policy(this, id, data);
}

static status_t add_policy(kernel_interface_t *this, kernel_ipsec_policy_id_t *id,
			   kernel_ipsec_manage_policy_t *data)
{
	if (at_work_on_a_link() && vpnspi_link_switch_hold(id, data))
		return SUCCESS;
	return install_policy(this, id, data);
}

static status_t del_policy(kernel_interface_t *this, kernel_ipsec_policy_id_t *id,
			   kernel_ipsec_manage_policy_t *data)
{
	status_t status;

	if (vpnspi_link_switch_forget(id, data))
		return SUCCESS;
	if (vpnspi_link_kernel_del_policy(this, id, data, &status))
		return status;
	return owns_policy(data) ? SUCCESS : before.del_policy(this, id, data);
}

static status_t query_policy(kernel_interface_t *this, kernel_ipsec_policy_id_t *id,
			     kernel_ipsec_query_policy_t *data, time_t *use_time)
{
	status_t status;

	if (vpnspi_link_kernel_query_policy(this, id, data, use_time, &status))
		return status;
	return before.query_policy(this, id, data, use_time);
}

void vpnspi_kernel_hook(struct vpnspi_state *state)
{
	kernel_interface_t *kernel = charon->kernel;

	ours = state;
	before = *kernel;
	vpnspi_link_kernel_start(state, kernel);
	vpnspi_link_switch_start(install_policy);
	kernel->get_spi = get_spi;
	kernel->add_sa = add_sa;
	kernel->update_sa = update_sa;
	kernel->query_sa = query_sa;
	kernel->del_sa = del_sa;
	kernel->add_policy = add_policy;
	kernel->del_policy = del_policy;
	kernel->query_policy = query_policy;
}

void vpnspi_kernel_unhook(void)
{
	kernel_interface_t *kernel = charon->kernel;

	if (!ours)
		return;
	kernel->get_spi = before.get_spi;
	kernel->add_sa = before.add_sa;
	kernel->update_sa = before.update_sa;
	kernel->query_sa = before.query_sa;
	kernel->del_sa = before.del_sa;
	kernel->add_policy = before.add_policy;
	kernel->del_policy = before.del_policy;
	kernel->query_policy = before.query_policy;
	vpnspi_link_switch_stop();
	vpnspi_link_kernel_stop();
	ours = NULL;
}
