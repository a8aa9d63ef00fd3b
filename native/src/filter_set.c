/* Entries of the filter program's maps: add, remove, and replace all without a gap. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/maps.h"
#include "error.h"
#include "filter.h"
#include "lbqueue.h"

/* The maps, one per kind; prefixes have one per family. */
static const char prefix4[] = "prefix4";
static const char prefix6[] = "prefix6";
static const char prefix_port[] = "prefix_port";
static const char node_port[] = "node_port";
static const char nat_source[] = "nat_source";
static const char nat_address[] = "nat_address";

/* Every key and value fits into these, zero-padded so that whole blocks can be compared. */
struct item {
	_Alignas(8) uint8_t key[32];
	_Alignas(8) uint8_t value[8];
};

struct items {
	struct item *item;
	uint32_t n;
};

static const char *map_of(uint32_t kind, uint8_t family)
{
	switch (kind) {
	case LBQ_FILTER_PREFIX:
		return family == 4 ? prefix4 : prefix6;
	case LBQ_FILTER_PREFIX_PORT:
		return prefix_port;
	case LBQ_FILTER_NODE_PORT:
		return node_port;
	case LBQ_FILTER_NAT_SOURCE:
		return nat_source;
	default:
		return nat_address;
	}
}

static int32_t check_entry(uint32_t kind, const struct lbq_filter_entry *entry, uint32_t index)
{
	if (kind != LBQ_FILTER_PREFIX_PORT && entry->family != 4 && entry->family != 6)
		return lbq_fail(LBQ_E_ARGUMENT, "filter entry %u: family %u: 4 or 6 is accepted", index, entry->family);
	if (kind == LBQ_FILTER_PREFIX && entry->prefix_length > (entry->family == 4 ? 32 : 128))
		return lbq_fail(LBQ_E_ARGUMENT, "filter entry %u: prefix_length %u: 0 to %d is accepted", index, entry->prefix_length,
				entry->family == 4 ? 32 : 128);
	if (kind == LBQ_FILTER_PREFIX && entry->flags > LBQ_PREFIX_KERNEL)
		return lbq_fail(LBQ_E_ARGUMENT, "filter entry %u: flags %u: 0, LBQ_PREFIX_PORTS_ONLY or LBQ_PREFIX_KERNEL is accepted",
				index, entry->flags);
	return 0;
}

static void fill(uint32_t kind, const struct lbq_filter_entry *entry, struct item *item)
{
	size_t address_bytes = entry->family == 4 ? 4 : 16;
	struct lbq_prefix_value *value = (struct lbq_prefix_value *)item->value;

	memset(item, 0, sizeof(*item));
	if (kind == LBQ_FILTER_PREFIX) {
		uint32_t bits = entry->prefix_length;
		uint8_t *address = item->key + sizeof(bits);

		memcpy(item->key, &bits, sizeof(bits));
		memcpy(address, entry->address, address_bytes);
		/* The kernel ignores host bits but keeps them, so one prefix could show up under two keys. */
		for (uint32_t bit = bits; bit < address_bytes * 8; bit++)
			address[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
		*value = (struct lbq_prefix_value){ entry->flags, entry->group };
	} else if (kind == LBQ_FILTER_PREFIX_PORT) {
		*(struct lbq_port_key *)item->key =
			(struct lbq_port_key){ .group = entry->group, .port = entry->port, .protocol = entry->protocol };
	} else if (kind == LBQ_FILTER_NAT_ADDRESS) {
		struct lbq_address_key *key = (struct lbq_address_key *)item->key;

		memcpy(key->address, entry->address, address_bytes);
		key->family = entry->family;
	} else {
		struct lbq_endpoint_key *key = (struct lbq_endpoint_key *)item->key;

		memcpy(key->address, entry->address, address_bytes);
		key->port = entry->port;
		key->protocol = entry->protocol;
		key->family = entry->family;
	}
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct item *)a)->key, ((const struct item *)b)->key, sizeof(((const struct item *)a)->key));
}

static int contains(const struct items *items, const struct item *item)
{
	return items->n && bsearch(item, items->item, items->n, sizeof(*item), compare) != NULL;
}

/* By key, and each key once. */
static void sort(struct items *items)
{
	uint32_t kept = 0;

	if (items->n)
		qsort(items->item, items->n, sizeof(*items->item), compare);
	for (uint32_t i = 0; i < items->n; i++) {
		if (i == 0 || compare(&items->item[i], &items->item[kept - 1]) != 0)
			items->item[kept++] = items->item[i];
	}
	items->n = kept;
}

/* All keys of a map, sorted. */
static int32_t read_all(int map, struct items *items)
{
	uint32_t room = 0;
	struct item last = { 0 }, next = { 0 };
	const void *at = NULL;

	while (bpf_map_get_next_key(map, at, next.key) == 0) {
		if (items->n == room) {
			struct item *more = realloc(items->item, (room = room ? room * 2 : 64) * sizeof(*more));

			if (!more)
				return lbq_fail_errno(ENOMEM, "realloc", "");
			items->item = more;
		}
		items->item[items->n++] = next;
		last = next;
		at = last.key;
	}
	sort(items);
	return 0;
}

static int32_t remove_each(int map, const struct items *these, const struct items *unless)
{
	int32_t removed = 0;

	for (uint32_t i = 0; i < these->n; i++) {
		if (unless && contains(unless, &these->item[i]))
			continue;
		if (bpf_map_delete_elem(map, these->item[i].key) == 0)
			removed++;
		else if (errno != ENOENT)
			return lbq_fail_errno(errno, "bpf_map_delete_elem", "");
	}
	return removed;
}

/* Adds all or, as far as new keys go, none. */
static int32_t add_each(int map, const struct items *these, const struct items *before, const char *name)
{
	int32_t added = 0;

	for (uint32_t i = 0; i < these->n; i++) {
		if (bpf_map_update_elem(map, these->item[i].key, these->item[i].value, BPF_ANY) < 0) {
			int error = errno;
			struct items done = { these->item, i };

			remove_each(map, &done, before);
			return lbq_fail_errno(error, "bpf_map_update_elem", name);
		}
		if (!contains(before, &these->item[i]))
			added++;
	}
	return added;
}

static int32_t apply(struct lbq_filter *filter, const char *name, uint32_t operation, struct items *these)
{
	int map = bpf_object__find_map_fd_by_name(filter->program, name);
	struct items before = { 0 };
	int32_t changed, removed = 0;

	sort(these);
	if (operation == LBQ_FILTER_REMOVE)
		return remove_each(map, these, NULL);
	changed = read_all(map, &before);
	if (changed == 0)
		changed = add_each(map, these, &before, name);
	if (changed >= 0 && operation == LBQ_FILTER_REPLACE)
		removed = remove_each(map, &before, these);
	free(before.item);
	return removed < 0 ? removed : changed < 0 ? changed : changed + removed;
}

/* The entries of one map out of those given. */
static int32_t apply_to(struct lbq_filter *filter, const char *name, uint32_t kind, uint32_t operation,
			const struct lbq_filter_entry *entries, uint32_t count)
{
	struct items these = { calloc(count ? count : 1, sizeof(struct item)), 0 };
	int32_t result;

	if (!these.item)
		return lbq_fail_errno(ENOMEM, "calloc", "");
	for (uint32_t i = 0; i < count; i++) {
		if (map_of(kind, entries[i].family) == name)
			fill(kind, &entries[i], &these.item[these.n++]);
	}
	result = apply(filter, name, operation, &these);
	free(these.item);
	return result;
}

static int32_t set(struct lbq_filter *filter, uint32_t kind, uint32_t operation, const struct lbq_filter_entry *entries,
		   uint32_t count)
{
	int32_t result = 0, more;

	for (uint32_t i = 0; i < count; i++) {
		result = check_entry(kind, &entries[i], i);
		if (result < 0)
			return result;
	}
	result = apply_to(filter, map_of(kind, 4), kind, operation, entries, count);
	if (result < 0 || kind != LBQ_FILTER_PREFIX)
		return result;
	more = apply_to(filter, prefix6, kind, operation, entries, count);
	return more < 0 ? more : result + more;
}

int32_t lbq_filter_set(int32_t handle, uint32_t kind, uint32_t operation, const struct lbq_filter_entry *entries, uint32_t count)
{
	struct lbq_filter *filter;
	int32_t result;

	if (kind < LBQ_FILTER_PREFIX || kind > LBQ_FILTER_NAT_ADDRESS)
		return lbq_fail(LBQ_E_ARGUMENT, "filter kind %u: LBQ_FILTER_PREFIX to LBQ_FILTER_NAT_ADDRESS is accepted", kind);
	if (operation < LBQ_FILTER_ADD || operation > LBQ_FILTER_REPLACE || (count && !entries))
		return lbq_fail(LBQ_E_ARGUMENT, "filter operation %u: LBQ_FILTER_ADD, _REMOVE or _REPLACE with entries is accepted",
				operation);
	filter = (struct lbq_filter *)lbq_enter(handle, LBQ_OBJECT_FILTER);
	if (!filter)
		return -LBQ_E_HANDLE;
	pthread_mutex_lock(&filter->lock);
	result = set(filter, kind, operation, entries, count);
	pthread_mutex_unlock(&filter->lock);
	lbq_leave(&filter->object);
	return result;
}
