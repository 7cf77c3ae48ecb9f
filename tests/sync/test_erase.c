/* Somebody is forgotten while somebody else reads an older state: the receipt says what is not done yet, and it is done later. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/store/bed.h"
#include "store/hook_event.h"
#include "sync/erase.h"

static struct company acme;
static struct clock_fake fake;
static struct clock_source now;

/* What somebody holds open: a state of before. */
struct looker {
    struct store *st;
    struct db_statement *row;
};

static void look(struct looker *l, const char *sql) {
    bool has_row;
    OK(db_prepare(l->st->db, sql, &l->row, &why));
    OK(db_step(l->row, &has_row, &why));
    assert_true(has_row);
}

static void look_away(struct looker *l) {
    db_statement_close(RC_TAKE(l->row));
    store_close(RC_TAKE(l->st));
}

struct house {
    struct bed *b;
    struct store *events;
    bool has_logs; /* PostgreSQL's are none of its clients' */
};

static void hint(struct house *h, const char *source_id) {
    struct hook_event e = { .company_id = h->b->company_id,
                            .integration_id = h->b->in.integration_id,
                            .name = TEXT_LIT("person.updated"),
                            .source_id = text_of(source_id),
                            .arrived_us = T0 };
    const struct hook_event *one[] = { &e };
    snprintf(e.digest, sizeof e.digest, "digest of %s", source_id);
    OK(hook_event_add(h->events, one, 1, NULL, &why));
}

static void house_open(struct house *h, void **state) {
    struct bed *b = *state;
    *h = (struct house){ .b = b, .has_logs = strcmp(db_kind(b->st->db), "sqlite") == 0 };
    OK(hook_events_open(b->place->where, &h->events, &why));
    OK(company_find(b->st, "acme", &b->a, &acme, &why));
    fake = (struct clock_fake){ .now_us = T0 };
    now = clock_fake_source(&fake);
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v[] = { bed_version(b, 301, 0, "4711", "Quittung"),
                           bed_version(b, 302, 0, "4712", "bob") };
    bed_stage(b, &r, v, RC_LEN(v));
    bed_apply(b, &r);
    hint(h, "4711");
    hint(h, "4712");
    /* else it would take five seconds until it is given up */
    OK(db_set_wait_ms(b->st->db, 50, &why));
    OK(db_set_wait_ms(h->events->db, 50, &why));
}

static void house_close(struct house *h) {
    store_close(h->events);
    if (h->has_logs)
        for (const char *const *end = (const char *const[]){ "", "-wal", "-shm", NULL };
             *end != NULL; end++)
            (void)unlink(arena_printf(&h->b->a, "%s.events%s", h->b->place->where, *end));
}
#define HOUSE(state)                                                                               \
    __attribute__((cleanup(house_close))) struct house h;                                          \
    house_open(&h, state)

static struct erasure erased(struct house *h, const char *source_id) {
    const struct erase_options o = {
        .who = "ann", .reason = "asked by letter", .insists = true, .clock = &now
    };
    struct subject *s;
    struct erasure e;
    size_t n;
    OK(subject_find(h->b->st, h->b->company_id, h->b->in.integration_id, text_of(source_id), 2,
                    &h->b->a, &s, &n, &why));
    assert_int_equal(n, 1);
    OK(erase_person(h->b->st, h->events, h->b->key, &acme, &s[0], &o, &h->b->a, &e, &why));
    return e;
}

static int64_t told(struct house *h, int64_t erasure_id) {
    struct erasure *list;
    size_t n;
    OK(erasure_list(h->b->st, h->b->company_id, NULL, 10, &h->b->a, &list, &n, &why));
    for (size_t i = 0; i < n; i++)
        if (list[i].erasure_id == erasure_id)
            return list[i].logs_us;
    fail_msg("there is no such receipt");
    return -1;
}

static int64_t tried(struct house *h) {
    int64_t n = -1;
    OK(erase_logs(h->b->st, NULL, h->b->place->where, fake.now_us, &n, &why));
    return n;
}

static int64_t bytes_of(struct house *h, const char *end) {
    struct stat st;
    const char *path = arena_printf(&h->b->a, "%s%s", h->b->place->where, end);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static void with_nobody_about_it_is_done_at_once_and_the_receipt_says_so(void **state) {
    HOUSE(state);
    struct erasure e = erased(&h, "4711");
    assert_int_equal(e.logs_us, T0);
    assert_int_equal(told(&h, e.erasure_id), T0);
    assert_int_equal(tried(&h), 0);
    assert_int_equal(bed_number(h.b, "SELECT COUNT(*) FROM \"user\""), 1);
}

/* Until the reader has gone it is said and tried, again and again; then it is done, once for all receipts. */
static void it_waits_for_a_reader(void **state, bool beside) {
    HOUSE(state);
    const char *end = beside ? ".events-wal" : "-wal";
    struct looker l = { 0 };
    if (!beside)
        l.st = bed_connect(h.b);
    else
        OK(hook_events_open(h.b->place->where, &l.st, &why));
    look(&l, beside ? "SELECT digest FROM webhook_event" : "SELECT run_id FROM version");
    struct erasure e = erased(&h, "4711"), f = erased(&h, "4712");
    assert_int_equal(e.logs_us, h.has_logs ? 0 : T0);
    assert_int_equal(f.logs_us, h.has_logs ? 0 : T0);
    fake.now_us += DAY_US;
    assert_int_equal(tried(&h), 0);
    assert_int_equal(told(&h, e.erasure_id), h.has_logs ? 0 : T0);
    assert_true(!h.has_logs || bytes_of(&h, end) > 0);
    look_away(&l);
    assert_int_equal(tried(&h), h.has_logs ? 2 : 0);
    assert_int_equal(told(&h, e.erasure_id), h.has_logs ? T0 + DAY_US : T0);
    assert_int_equal(told(&h, f.erasure_id), h.has_logs ? T0 + DAY_US : T0);
    assert_int_equal(tried(&h), 0);
}

static void a_log_that_a_reader_held_is_emptied_later_and_the_receipt_says_when(void **state) {
    it_waits_for_a_reader(state, false);
}

static void so_is_the_log_of_what_webhooks_told(void **state) {
    it_waits_for_a_reader(state, true);
}

static void an_earlier_receipt_is_dated_with_the_next_emptying(void **state) {
    HOUSE(state);
    struct erasure e = erased(&h, "4711");
    place_exec(h.b->st->db, "UPDATE erasure SET logs_at = NULL"); /* of an older program */
    fake.now_us += DAY_US;
    assert_int_equal(tried(&h), 1);
    assert_int_equal(told(&h, e.erasure_id), T0 + DAY_US);
}

/* A process may end anywhere: who is no longer known here has no hints either. */
static void nobody_goes_whose_hints_stay(void **state) {
    HOUSE(state);
    const struct erase_options o = {
        .who = "ann", .reason = "asked by letter", .insists = true, .clock = &now
    };
    struct subject *s;
    struct erasure e;
    size_t n;
    OK(subject_find(h.b->st, h.b->company_id, h.b->in.integration_id, TEXT_LIT("4711"), 2, &h.b->a,
                    &s, &n, &why));
    place_exec(h.events->db, "ALTER TABLE webhook_event RENAME TO elsewhere");
    assert_int_not_equal(
        erase_person(h.b->st, h.events, h.b->key, &acme, &s[0], &o, &h.b->a, &e, NULL), RC_OK);
    place_exec(h.events->db, "ALTER TABLE elsewhere RENAME TO webhook_event");
    assert_int_equal(bed_number(h.b, "SELECT COUNT(*) FROM \"user\""), 2);
    assert_int_equal(bed_number(h.b, "SELECT COUNT(*) FROM erasure"), 0);
    erased(&h, "4711");
    struct hook_tally t;
    OK(hook_event_tally(h.events, h.b->company_id, h.b->in.integration_id, &h.b->a, &t, &why));
    assert_int_equal(t.deliveries, 1); /* of the other one */
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        BED_TEST(with_nobody_about_it_is_done_at_once_and_the_receipt_says_so),
        BED_TEST(a_log_that_a_reader_held_is_emptied_later_and_the_receipt_says_when),
        BED_TEST(so_is_the_log_of_what_webhooks_told),
        BED_TEST(an_earlier_receipt_is_dated_with_the_next_emptying),
        BED_TEST(nobody_goes_whose_hints_stay),
    };
    return PLACE_RUN(tests, argc, argv);
}
