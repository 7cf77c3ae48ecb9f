/* hooks.h - what the tests of webhooks' events begin with: the store that has them, and one that has come. */
#pragma once
#include <stdio.h>
#include <unistd.h>

#include "store/hook_event.h"
#include "tests/store/bed.h"

/* The store of the events; on SQLite it is another one, which is done with its file. */
static inline struct store *beside(struct bed *b) {
    struct store *st = NULL;
    OK(hook_events_open(b->place->where, &st, &why));
    return st;
}

static inline void done_beside(struct bed *b, struct store *st) {
    store_close(st);
    if (place_is_sqlite())
        assert_int_equal(unlink(arena_printf(&b->a, "%s.events", b->place->where)), 0);
}

static inline struct hook_event told(struct bed *b, const char *digest, const char *id,
                                     int64_t at_us) {
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .name = TEXT_LIT("person.updated"),
                            .source_id = text_of(id),
                            .occurred_us = T0,
                            .arrived_us = at_us };
    snprintf(e.digest, sizeof e.digest, "%s", digest);
    return e;
}

static inline struct hook_tally tally_in(struct bed *b, struct store *st) {
    struct hook_tally t;
    OK(hook_event_tally(st, b->company_id, b->in.integration_id, &b->a, &t, &why));
    return t;
}
