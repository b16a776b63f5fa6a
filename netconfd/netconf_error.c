// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * <rpc-error> (RFC 6241, 4.3): a tag for the client's program, words for its
 * user, and a path for both.
 *
 * mgmtd answers with an errno and words, its own or a backend's. The words go on
 * as they are; the tag comes from the errno. libyang ends its messages with the
 * path they are about, "... (/frr-vpnd:vpn/...)": that becomes the error's path.
 */
#include <zebra.h>

#include "lib/memory.h"
#include "lib/printfrr.h"

#include "netconfd/netconf_error.h"
#include "netconfd/netconf_mgmt.h"
#include "netconfd/netconf_session.h"

static const struct ly_ctx *context(struct netconf_session *session)
{
	return nc_session_get_ctx(session->nc);
}

/* Completes an error by a path and words. */
static struct nc_server_reply *finish(struct lyd_node *err, const char *path, const char *format,
				      va_list ap)
{
	char *words = vasprintfrr(MTYPE_TMP, format, ap);

	nc_err_set_msg(err, words, "en");
	XFREE(MTYPE_TMP, words);
	if (path && path[0])
		nc_err_set_path(err, path);
	return nc_server_reply_err(err);
}

struct nc_server_reply *netconf_error(struct netconf_session *session, NC_ERR tag, const char *path,
				      const char *format, ...)
{
	NC_ERR_TYPE type = tag == NC_ERR_OP_NOT_SUPPORTED ? NC_ERR_TYPE_PROT : NC_ERR_TYPE_APP;
	struct nc_server_reply *reply;
	va_list ap;

	va_start(ap, format);
	reply = finish(nc_err(context(session), tag, type), path, format, ap);
	va_end(ap);
	return reply;
}

struct nc_server_reply *netconf_error_element(struct netconf_session *session, NC_ERR tag,
					      const char *element, const char *ns, const char *path,
					      const char *format, ...)
{
	struct nc_server_reply *reply;
	struct lyd_node *err;
	va_list ap;

	if (tag == NC_ERR_UNKNOWN_NS)
		err = nc_err(context(session), tag, NC_ERR_TYPE_APP, element, ns);
	else
		err = nc_err(context(session), tag, NC_ERR_TYPE_APP, element);
	va_start(ap, format);
	reply = finish(err, path, format, ap);
	va_end(ap);
	return reply;
}

struct nc_server_reply *netconf_error_attribute(struct netconf_session *session, NC_ERR tag,
						const char *attribute, const char *element,
						const char *path, const char *format, ...)
{
	struct nc_server_reply *reply;
	va_list ap;

	va_start(ap, format);
	reply = finish(nc_err(context(session), tag, NC_ERR_TYPE_APP, attribute, element), path,
		       format, ap);
	va_end(ap);
	return reply;
}

struct nc_server_reply *netconf_error_lock(struct netconf_session *session, uint32_t id,
					   const char *datastore)
{
	struct lyd_node *err = nc_err(context(session), NC_ERR_LOCK_DENIED, id);
	char words[128];

	if (id)
		snprintfrr(words, sizeof(words), "%s is locked by session %u", datastore, id);
	else
		snprintfrr(words, sizeof(words),
			   "%s is locked by somebody else: vtysh in configuration mode, or a daemon that starts",
			   datastore);
	nc_err_set_msg(err, words, "en");
	return nc_server_reply_err(err);
}

static NC_ERR tag_of_errno(int error)
{
	switch (error) {
	case EEXIST:
		return NC_ERR_DATA_EXISTS;
	case ENOENT:
		return NC_ERR_DATA_MISSING;
	case EBUSY:
		return NC_ERR_IN_USE;
	case ENOMEM:
		return NC_ERR_RES_DENIED;
	default:
		return NC_ERR_OP_FAILED;
	}
}

/* The path at the end of libyang's words, in path; false if there is none. */
static bool path_in_words(const char *words, char *path, size_t size)
{
	const char *begin = NULL, *end;

	for (const char *at = words; (at = strstr(at, "(/")) != NULL; at++)
		begin = at + 1;
	for (const char *at = words; (at = strstr(at, "path: /")) != NULL; at++)
		begin = at + strlen("path: ");
	if (!begin)
		return false;
	/* a closing parenthesis may be part of a key's value: the last one ends it */
	end = begin[-1] == '(' ? strrchr(begin, ')') : begin + strcspn(begin, " \n,)");
	if (!end || (size_t)(end - begin) >= size)
		return false;
	memcpy(path, begin, end - begin);
	path[end - begin] = '\0';
	return true;
}

struct nc_server_reply *netconf_error_mgmt(struct netconf_session *session,
					   const struct netconf_reply *reply, const char *path)
{
	char found[1024], words[4096];
	size_t len;

	netconf_session_heed(session, reply);
	strlcpy(words, reply->words ? reply->words : "no reason is given", sizeof(words));
	len = strlen(words);
	while (len && isspace((unsigned char)words[len - 1]))
		words[--len] = '\0';
	if (!path && path_in_words(words, found, sizeof(found)))
		path = found;
	return netconf_error(session, tag_of_errno(reply->error), path, "%s", words);
}

struct nc_server_reply *netconf_error_add(struct nc_server_reply *reply,
					  struct nc_server_reply *more)
{
	const struct lyd_node *err;
	struct lyd_node *copy = NULL;

	if (!reply || !more)
		return reply ? reply : more;
	err = nc_server_reply_get_last_err(more);
	if (err && lyd_dup_single(err, NULL, LYD_DUP_RECURSIVE, &copy) == LY_SUCCESS &&
	    nc_server_reply_add_err(reply, copy))
		lyd_free_tree(copy);
	nc_server_reply_free(more);
	return reply;
}
