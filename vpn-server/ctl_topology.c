// SPDX-License-Identifier: GPL-2.0-or-later
/* vpnctl topology set | show, as text, JSON, Graphviz's dot, or a drawing in SVG */
#include "vpn-server/ctl.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
	struct site site;
	double x, y;
};

struct graph {
	struct node *nodes; /* by site's id */
	size_t count, hubs;
};

static int set(const struct ctl *ctl)
{
	struct vpn vpn;

	if (!db_begin(ctl->db))
		return ctl_done(ctl);
	if (vpn_find(ctl->db, ctl->words[0], &vpn))
		topology_set(ctl->db, &vpn, ctl->words[1], ctl->words + 2);
	return ctl_commit(ctl);
}

static struct graph read_graph(struct db *db, const struct vpn *vpn)
{
	struct graph graph = { 0 };
	struct db_rows *rows = db_query(db, "SELECT id FROM site WHERE vpn = $1 ORDER BY id", "i",
					vpn->id);

	while (db_next(rows)) {
		struct node *grown = realloc(graph.nodes, (graph.count + 1) * sizeof(*grown));

		if (!grown)
			abort();
		graph.nodes = grown;
		grown[graph.count] = (struct node){ 0 };
		if (!site_by_id(db, db_int(rows, 0), &grown[graph.count].site))
			continue;
		graph.hubs += grown[graph.count++].site.hub;
	}
	db_end(rows);
	return graph;
}

static struct node *node_of(const struct graph *graph, int64_t id)
{
	size_t low = 0, high = graph->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (graph->nodes[middle].site.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < graph->count && graph->nodes[low].site.id == id ? &graph->nodes[low] : NULL;
}

/* Each link once. */
static void each_link(struct db *db, const struct vpn *vpn, const struct graph *graph,
		      void (*link)(const struct node *a, const struct node *b, void *arg), void *arg)
{
	for (size_t i = 0; i < graph->count; i++) {
		const struct node *a = &graph->nodes[i], *b;
		size_t count;
		int64_t *peers = topology_neighbours(db, vpn, &a->site, &count);

		for (size_t p = 0; p < count; p++) {
			b = node_of(graph, peers[p]);
			if (b && a->site.id < b->site.id)
				link(a, b, arg);
		}
		free(peers);
	}
}

static void text_link(const struct node *a, const struct node *b, void *arg)
{
	(void)arg;
	printf("  %s - %s\n", a->site.ce_name, b->site.ce_name);
}

static void json_link(const struct node *a, const struct node *b, void *arg)
{
	struct json_object *pair = json_object_new_array();

	json_object_array_add(pair, json_object_new_string(a->site.ce_name));
	json_object_array_add(pair, json_object_new_string(b->site.ce_name));
	json_object_array_add(arg, pair);
}

static void dot_link(const struct node *a, const struct node *b, void *arg)
{
	(void)arg;
	printf("\t\"%s\" -- \"%s\";\n", a->site.ce_name, b->site.ce_name);
}

static void svg_link(const struct node *a, const struct node *b, void *arg)
{
	(void)arg;
	printf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", a->x, a->y, b->x, b->y);
}

static void show_dot(struct db *db, const struct vpn *vpn, const struct graph *graph)
{
	printf("graph \"%s\" {\n", vpn->name);
	for (size_t i = 0; i < graph->count; i++)
		printf("\t\"%s\"%s;\n", graph->nodes[i].site.ce_name,
		       graph->nodes[i].site.hub ? " [shape=doublecircle]" : "");
	each_link(db, vpn, graph, dot_link, NULL);
	printf("}\n");
}

/* Sites on a circle; hubs on a smaller one inside. Names are letters and digits: nothing to escape. */
static double place(struct graph *graph)
{
	size_t outer = graph->count - graph->hubs, at[2] = { 0, 0 };
	double radius = outer * 9.0 > 150 ? outer * 9.0 : 150, centre = radius + 90;

	for (size_t i = 0; i < graph->count; i++) {
		struct node *node = &graph->nodes[i];
		bool hub = node->site.hub;
		double r = !hub ? radius : graph->hubs == 1 ? 0 : radius / 3;
		double angle = 2 * M_PI * (double)at[hub]++ / (double)(hub ? graph->hubs : outer);

		node->x = centre + r * sin(angle);
		node->y = centre - r * cos(angle);
	}
	return 2 * centre;
}

static void show_svg(struct db *db, const struct vpn *vpn, struct graph *graph)
{
	double size = place(graph);

	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
	       "font-family=\"sans-serif\" font-size=\"12\" text-anchor=\"middle\">\n"
	       "<title>VPN %s</title>\n<g stroke=\"#888\">\n",
	       size, size, vpn->name);
	each_link(db, vpn, graph, svg_link, NULL);
	printf("</g>\n");
	for (size_t i = 0; i < graph->count; i++)
		printf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"/>"
		       "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
		       graph->nodes[i].x, graph->nodes[i].y, graph->nodes[i].site.hub ? 9 : 6,
		       graph->nodes[i].site.hub ? "#c33" : "#36c", graph->nodes[i].x,
		       graph->nodes[i].y - 12, graph->nodes[i].site.ce_name);
	printf("</svg>\n");
}

static void show_json(struct db *db, const struct vpn *vpn, const struct graph *graph)
{
	struct json_object *json = json_object_new_object(), *links = json_object_new_array(),
			   *hubs = json_object_new_array(), *sites = json_object_new_array();

	ctl_put(json, "vpn", vpn->name);
	ctl_put(json, "topology", vpn->topology);
	for (size_t i = 0; i < graph->count; i++) {
		json_object_array_add(sites, json_object_new_string(graph->nodes[i].site.ce_name));
		if (graph->nodes[i].site.hub)
			json_object_array_add(hubs,
					      json_object_new_string(graph->nodes[i].site.ce_name));
	}
	each_link(db, vpn, graph, json_link, links);
	json_object_object_add(json, "sites", sites);
	json_object_object_add(json, "hubs", hubs);
	json_object_object_add(json, "links", links);
	ctl_print(json);
}

static int show(const struct ctl *ctl)
{
	struct graph graph;
	struct vpn vpn;

	if (!vpn_find(ctl->db, ctl->words[0], &vpn))
		return ctl_done(ctl);
	graph = read_graph(ctl->db, &vpn);
	if (ctl->option("dot"))
		show_dot(ctl->db, &vpn, &graph);
	else if (ctl->option("svg"))
		show_svg(ctl->db, &vpn, &graph);
	else if (ctl->json)
		show_json(ctl->db, &vpn, &graph);
	else {
		printf("VPN %s: %s, %zu sites\n", vpn.name, vpn.topology, graph.count);
		each_link(ctl->db, &vpn, &graph, text_link, NULL);
	}
	free(graph.nodes);
	return ctl_done(ctl);
}

const struct ctl_command ctl_topology_commands[] = {
	{ "topology set", "VPN full-mesh | hub-and-spoke HUB... | graph CE:CE...", " ", 2, -1, set,
	  "who is linked with whom; only links that differ are touched" },
	{ "topology show", "VPN [--dot | --svg]", " dot svg ", 1, 1, show,
	  "the links, or a drawing" },
	{ 0 },
};
