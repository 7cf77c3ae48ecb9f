/* drill.h - a source of people whom the directory knows already, with something wrong on purpose.
 *
 * Shape:  struct drill_source begins with its own ops, so that it opens like any other source and
 *         goes through the same import; it is in no table and speaks to nobody. Left alone it lists
 *         everybody, declares their number and finds everybody by id.
 * Memory: all borrowed; what it lists may be changed between two imports.
 * Threads: as any source. */
#pragma once
#include "source/source.h"

struct drill_person {
    const struct employee *employee;
    bool is_listed, is_found; /* found by id: else HR says that it does not know the id */
};
struct drill_source {
    struct source_ops ops; /* filled by drill_source_init() */
    const struct drill_person *people;
    size_t people_n;
    int64_t declared;                   /* -1: as many as are listed */
    const struct source_rights *rights; /* NULL: tells none */
};
/* like: the source that it stands in for, of which it has the abilities. */
void drill_source_init(struct drill_source *d, const struct source_ops *like);
