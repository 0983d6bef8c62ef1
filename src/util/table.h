/*
 * table: finds records by a hash of their key.
 * It holds hashes and numbers of records.  The caller owns the records, and compares their keys.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Zero-initialise before first use. */
struct table {
	struct table_slot *slots;
	size_t n, room; /* room is a power of two, or 0 */
};

/* The hash of any bytes.  A number that is a key can be its own hash. */
uint64_t table_hash(const void *key, size_t len);

/* Add a record; several may have the same hash. */
void table_add(struct table *t, uint64_t hash, size_t record);

/*
 * The number of the next record with this hash, which the caller may change; NULL: there are no
 * more.  Set *at to 0 before the first call; it counts the slots that were visited.
 */
size_t *table_next(const struct table *t, uint64_t hash, size_t *at);

void table_done(struct table *t);
