/* Addresses and tokens of webhooks, and what they told: states, duplicates, too many. */
#include "tests/store/bed.h"
#include <stdio.h>
#include <unistd.h>
#include "store/hook.h"
#include "store/hook_event.h"

static struct text changed(struct text t) {
    char *s = mem_str(t.ptr);
    s[t.len - 1] = s[t.len - 1] == '0' ? '1' : '0';
    return text_from(s, t.len);
}

static struct hook made(struct bed *b) {
    struct hook h;
    OK(hook_make(b->st, b->key, b->company_id, b->in.integration_id, T0, &b->a, &h, &why));
    return h;
}

static bool owned(struct bed *b, struct text address, struct hook_owner *ret) {
    bool found = false;
    uint8_t digest[SECRET_DIGEST_BYTES];
    hook_address_digest(b->key, address, digest);
    OK(hook_owner_find(b->st, digest, &b->a, ret, &found, &why));
    return found;
}

static void an_address_is_found_and_a_token_known_until_they_are_renewed(void **state) {
    struct bed *b = *state;
    struct hook h = made(b), again;
    struct hook_owner o;
    assert_int_equal(h.address.len, HOOK_ADDRESS_CHARS);
    assert_int_equal(h.token.len, HOOK_TOKEN_CHARS);
    assert_false(text_equal(h.address, h.token));
    OK(hook_get(b->st, b->key, b->company_id, b->in.integration_id, &b->a, &again, &why));
    assert_true(text_equal(h.address, again.address) && text_equal(h.token, again.token));
    assert_true(owned(b, h.address, &o));
    assert_int_equal(o.company_id, b->company_id);
    assert_int_equal(o.integration_id, b->in.integration_id);
    assert_true(text_equal(o.source, b->in.source));
    assert_true(hook_token_is(b->key, &o, h.token));
    assert_false(hook_token_is(b->key, &o, h.address));
    assert_false(hook_token_is(b->key, &o, TEXT_LIT("")));
    struct text other = changed(h.token), where = changed(h.address);
    assert_false(hook_token_is(b->key, &o, other));
    assert_false(owned(b, where, &o));
    again = made(b);
    assert_false(owned(b, h.address, &o));
    assert_true(owned(b, again.address, &o));
    assert_false(hook_token_is(b->key, &o, h.token));
    mem_free((void *)(uintptr_t)other.ptr);
    mem_free((void *)(uintptr_t)where.ptr);
}

static void what_is_stored_shows_neither_of_them(void **state) {
    struct bed *b = *state;
    struct hook h = made(b);
    struct db_statement *row;
    bool found = false;
    OK(store_row(b->st, &row, &found, &why,
                 "SELECT address_digest, token_digest, secrets FROM webhook WHERE company_id = $1",
                 "i", b->company_id));
    assert_true(found);
    for (int column = 0; column < 3; column++) {
        size_t len = 0;
        const void *bytes = db_blob(row, column, &len);
        assert_null(memmem(bytes, len, h.token.ptr, h.token.len));
        assert_null(memmem(bytes, len, h.address.ptr, h.address.len));
    }
    db_reset(row);
}

static void removed_it_is_nowhere_and_so_it_is_with_its_integration(void **state) {
    struct bed *b = *state;
    struct hook h = made(b);
    struct hook_owner o;
    bool was_there = false;
    OK(hook_remove(b->st, b->company_id, b->in.integration_id, &was_there, &why));
    assert_true(was_there);
    OK(hook_remove(b->st, b->company_id, b->in.integration_id, &was_there, &why));
    assert_false(was_there);
    assert_false(owned(b, h.address, &o));
    assert_int_equal(hook_get(b->st, b->key, b->company_id, b->in.integration_id, &b->a, &h, &why),
                     RC_NOT_FOUND);
    h = made(b);
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, b->company_id, b->in.integration_id, &why));
    OK(db_commit(b->st->db, &why));
    assert_false(owned(b, h.address, &o));
}

/* ---- events ---- */

static struct store *beside(struct bed *b) {
    struct store *st = NULL;
    OK(hook_events_open(b->place->where, &st, &why));
    return st;
}

static void done_beside(struct bed *b, struct store *st) {
    store_close(st);
    if (place_is_sqlite())
        assert_int_equal(unlink(arena_printf(&b->a, "%s.events", b->place->where)), 0);
}

/* On the store of the events, which on SQLite is another one. */
static struct store *usual;

static int make_beside(void **state) {
    int rc = bed_make(state);
    struct bed *b = *state;
    usual = b->st;
    b->st = beside(b);
    return rc;
}

static int remove_beside(void **state) {
    struct bed *b = *state;
    done_beside(b, b->st);
    b->st = usual;
    return bed_remove(state);
}
#define EVENTS_TEST(fn) cmocka_unit_test_setup_teardown(fn, make_beside, remove_beside)

static struct hook_event told(struct bed *b, const char *digest, const char *id, int64_t at_us) {
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .name = TEXT_LIT("person.updated"),
                            .source_id = text_of(id),
                            .occurred_us = T0,
                            .arrived_us = at_us };
    snprintf(e.digest, sizeof e.digest, "%s", digest);
    return e;
}

static void add(struct bed *b, struct hook_event e) {
    const struct hook_event *list[] = { &e };
    OK(hook_event_add(b->st, list, 1, NULL, &why));
}

static struct hook_open open_of(struct bed *b) {
    struct hook_open *list;
    size_t n = 0;
    OK(hook_event_open(b->st, " person.updated ", &b->a, &list, &n, &why));
    assert_true(n <= 1);
    return n == 1 ? list[0] : (struct hook_open){ 0 };
}

static struct hook_tally tally_of(struct bed *b) {
    struct hook_tally t;
    OK(hook_event_tally(b->st, b->company_id, b->in.integration_id, &b->a, &t, &why));
    return t;
}

static void list_them(struct bed *b, int64_t until_us, bool all, int64_t want) {
    int64_t n = 0;
    OK(hook_event_list(b->st, b->company_id, b->in.integration_id, until_us, all,
                       " person.updated ", &n, &why));
    assert_int_equal(n, want);
}

static struct hook_waiting *due_at(struct bed *b, int64_t now_us, size_t want) {
    struct hook_waiting *list;
    size_t n = 0;
    OK(hook_event_due(b->st, b->company_id, b->in.integration_id, now_us, &b->a, &list, &n, &why));
    assert_int_equal(n, want);
    return list;
}

static void settle(struct bed *b, const struct hook_waiting *w, enum hook_end end,
                   int64_t wanted_us) {
    OK(hook_event_settle(b->st, b->company_id, b->in.integration_id, w, end, wanted_us, 7, &why));
}

static void people_are_looked_at_again_or_listed_or_done(void **state) {
    struct bed *b = *state;
    add(b, told(b, "a", "1", T0));
    add(b, told(b, "b", "2", T0 + 5));
    assert_int_equal(open_of(b).new_n, 2);
    assert_int_equal(open_of(b).people_n, 2);
    assert_int_equal(open_of(b).new_us, T0);
    struct hook_waiting *list = due_at(b, T0 + 5, 2);
    assert_true(text_is(list[0].digest, "a") && text_is(list[0].source_id, "1"));
    assert_int_equal(list[0].occurred_us, T0);
    settle(b, &list[0], HOOK_AGAIN, T0 + 300);
    settle(b, &list[1], HOOK_DONE, 0);
    assert_int_equal(open_of(b).again_us, T0 + 300);
    due_at(b, T0 + 299, 0);
    list = due_at(b, T0 + 300, 1);
    assert_int_equal(list[0].tries, 1);
    assert_int_equal(list[0].run_id, 7);
    settle(b, &list[0], HOOK_LIST, 0);
    assert_int_equal(open_of(b).list_n, 1);
    due_at(b, T0 + DAY_US, 0);
    OK(hook_event_expire(b->st, T0 + 6, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), 1);
    OK(hook_event_forget(b->st, b->company_id, b->in.integration_id, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), 0);
}

static void what_is_no_persons_goes_to_a_listing_and_waits_for_it(void **state) {
    struct bed *b = *state;
    struct hook_event nobody = told(b, "n", NULL, T0), odd = told(b, "o", "1", T0);
    struct hook_waiting *list;
    size_t n = 0;
    int64_t c = b->company_id, i = b->in.integration_id;
    odd.name = TEXT_LIT("person.reincarnated");
    add(b, nobody);
    add(b, odd);
    add(b, told(b, "a", "1", T0));
    list_them(b, T0 - 1, false, 0); /* they came later */
    list_them(b, T0, false, 2);
    assert_int_equal(open_of(b).list_n, 2);
    assert_int_equal(open_of(b).new_n, 1);
    OK(hook_event_asked(b->st, c, i, T0 + 100, &why));
    assert_int_equal(open_of(b).list_n, 0);
    assert_int_equal(open_of(b).asked_us, T0 + 100);
    list_them(b, T0, true, 1);
    OK(hook_event_waiting(b->st, c, i, T0 + 99, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    OK(hook_event_waiting(b->st, c, i, T0 + 100, &b->a, &list, &n, &why));
    assert_int_equal(n, 2); /* the third one has not been asked for */
}

static void what_came_once_more_meanwhile_is_not_done(void **state) {
    struct bed *b = *state;
    struct hook_event r = told(b, "r", "1", T0);
    r.repeats = true;
    add(b, r);
    struct hook_waiting *list = due_at(b, T0, 1);
    r.arrived_us = T0 + 9;
    add(b, r);
    settle(b, &list[0], HOOK_DONE, 0);
    assert_int_equal(open_of(b).new_n, 1);
    assert_int_equal(due_at(b, T0 + 9, 1)->tries, 0);
}

static void what_names_a_person_is_told_and_taken_away(void **state) {
    struct bed *b = *state;
    struct hook_event ann = told(b, "a", "1", T0), bob = told(b, "b", "2", T0);
    const struct hook_event *both[] = { &ann, &bob };
    struct json_writer w;
    struct buf out;
    int64_t n = 0, c = b->company_id, i = b->in.integration_id;
    OK(hook_event_add(b->st, both, 2, NULL, &why));
    buf_init(&out, 10000);
    json_begin(&w, &out);
    json_object(&w, NULL);
    OK(hook_event_write(b->st, c, i, TEXT_LIT("1"), &w, &why));
    json_object_end(&w);
    buf_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "{\"webhooks\":[{"));
    assert_null(strstr(out.ptr, "},{"));
    buf_done(&out);
    OK(hook_event_forget_person(b->st, c + 1, i, TEXT_LIT("1"), &n, &why));
    assert_int_equal(n, 0);
    OK(hook_event_forget_person(b->st, c, i, TEXT_LIT("1"), &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), 1);
}

static void what_comes_twice_is_one_row_and_news_only_where_it_repeats(void **state) {
    struct bed *b = *state;
    struct hook_event e = told(b, "a", "1", T0), r = told(b, "r", NULL, T0);
    r.name = r.source_id = TEXT_NONE;
    r.occurred_us = 0;
    r.repeats = true;
    assert_int_equal(tally_of(b).last_us, 0);
    add(b, e);
    add(b, r);
    OK(store_run(b->st, NULL, &why, "UPDATE webhook_event SET state = 'done'", ""));
    e.arrived_us = r.arrived_us = T0 + 9;
    add(b, e);
    assert_int_equal(open_of(b).new_n, 0);
    add(b, r);
    assert_int_equal(open_of(b).new_n, 1);
    assert_int_equal(tally_of(b).deliveries, 4);
    assert_int_equal(tally_of(b).first_us, T0);
    assert_int_equal(tally_of(b).last_us, T0 + 9);
    assert_int_equal(tally_of(b).open_n, 1);
}

static void more_than_are_kept_become_one_that_is_news_each_time(void **state) {
    struct bed *b = *state;
    static struct hook_event all[HOOK_EVENTS_KEPT + 5];
    static const struct hook_event *list[HOOK_EVENTS_KEPT + 5];
    char digest[HOOK_EVENT_DIGEST_BYTES];
    for (size_t i = 0; i < RC_LEN(all); i++) {
        snprintf(digest, sizeof digest, "%zu", i);
        all[i] = told(b, digest, "1", T0);
        list[i] = &all[i];
    }
    OK(hook_event_add(b->st, list, HOOK_EVENTS_KEPT - 1, NULL, &why));
    OK(hook_event_add(b->st, list + HOOK_EVENTS_KEPT - 1, 6, NULL, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), HOOK_EVENTS_KEPT + 1);
    OK(store_run(b->st, NULL, &why, "UPDATE webhook_event SET state = 'done'", ""));
    assert_int_equal(open_of(b).new_n, 0);
    all[0].arrived_us = T0 + 1;
    add(b, all[0]);
    assert_int_equal(open_of(b).new_n, 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), HOOK_EVENTS_KEPT + 1);
}

static void somebody_is_newer_by_when_the_run_began(void **state) {
    struct bed *b = *state;
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v = bed_version(b, 11, 0, "1", "Ana");
    int64_t run_id = 0, began = 0;
    bool newer = false;
    bed_stage(b, &r, &v, 1);
    bed_apply(b, &r);
    OK(hook_last_listing(b->st, b->company_id, b->in.integration_id, &run_id, &began, &why));
    assert_int_equal(run_id, r.run_id);
    assert_int_equal(began, r.started_us);
    const struct {
        const char *id;
        int64_t company_id, since_us;
        bool newer;
    } rows[] = { { "1", b->company_id, r.started_us, true },
                 { "1", b->company_id, r.started_us + 1, false },
                 { "2", b->company_id, 0, false },
                 { "1", b->company_id + 1, 0, false } };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        OK(hook_person_is_newer(b->st, rows[i].company_id, b->in.integration_id,
                                text_of(rows[i].id), rows[i].since_us, &newer, &why));
        assert_int_equal(newer, rows[i].newer);
    }
}

static void how_it_stands_is_told_without_a_key_and_for_each_of_a_company(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct hook_standing *list, one;
    struct hook h;
    size_t n = 0;
    bool found = true;
    OK(hook_standing_find(b->st, b->company_id, b->in.integration_id, &b->a, &one, &found, &why));
    assert_false(found);
    OK(db_begin(b->st->db, &why));
    OK(hook_make(b->st, b->key, b->company_id, other.integration_id, T0, &b->a, &h, &why));
    OK(hook_make(b->st, b->key, b->company_id, b->in.integration_id, T0, &b->a, &h, &why));
    OK(db_commit(b->st->db, &why));
    h.state = HOOK_BY_HAND;
    h.note = TEXT_LIT("it may not");
    h.kept_us = T0 + 1;
    h.failing_us = T0 + 2;
    h.silent_us = T0 + 3;
    OK(hook_save(b->st, &h, &why));
    OK(hook_get(b->st, b->key, b->company_id, b->in.integration_id, &b->a, &h, &why));
    assert_true(h.kept_us == T0 + 1 && h.failing_us == T0 + 2 && h.silent_us == T0 + 3);
    OK(hook_standings(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    OK(hook_standing_find(b->st, b->company_id, b->in.integration_id, &b->a, &one, &found, &why));
    assert_true(found && one.state == HOOK_BY_HAND && text_is(one.note, "it may not"));
    assert_true(one.failing_us == T0 + 2 && one.silent_us == T0 + 3);
    OK(hook_is_heard(b->st, b->company_id, b->in.integration_id, &why));
    OK(hook_standing_find(b->st, b->company_id, b->in.integration_id, &b->a, &one, &found, &why));
    assert_true(one.failing_us == 0 && one.silent_us == 0);
    h.failing_us = h.silent_us = 0;
    OK(hook_save(b->st, &h, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook WHERE failing_at IS NOT NULL"
                                   " OR silent_at IS NOT NULL"),
                     0);
    OK(hook_let_go(b->st, b->company_id, b->in.integration_id,
                   &why)); /* nobody waits for it any more */
    OK(hook_standings(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].integration_id, other.integration_id);
}

static void what_was_missed_has_not_arrived(void **state) {
    struct bed *b = *state;
    struct hook_event came = told(b, "a", "1", T0), missed = told(b, "b", "2", T0 + 50);
    const struct hook_event *list[] = { &came, &missed };
    struct hook_tally t;
    snprintf(missed.digest, sizeof missed.digest, HOOK_EVENT_MISSED "0123");
    OK(hook_event_add(b->st, list, 2, NULL, &why));
    OK(hook_event_tally(b->st, b->company_id, b->in.integration_id, &b->a, &t, &why));
    assert_int_equal(t.deliveries, 1);
    assert_int_equal(t.last_us, T0);
    assert_int_equal(t.open_n, 2);
}

/* One who came, three who changed, one of them by a picture alone, one by a mapping that was activated. */
static void people_whom_listings_have_changed_and_no_event_told_of_are_counted(void **state) {
    struct bed *b = *state;
    int64_t n = -1, first = 0;
    for (int i = 0; i < 4; i++) {
        struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
        struct version v[] = { bed_version(b, 101, first, "1", i % 2 == 0 ? "ann" : "eve"),
                               bed_version(b, 102, first, "2", i % 2 == 0 ? "bob" : "dan") };
        bed_stage(b, &r, v, RC_LEN(v));
        bed_apply(b, &r);
        first = r.run_id;
    }
    place_exec(b->st->db, "DELETE FROM change");
    place_exec(b->st->db,
               "INSERT INTO change (company_id, run_id, user_id, field, class, rule)"
               " SELECT company_id, run_id, 101, 'first_name', 'name', 'x' FROM run"
               " UNION ALL SELECT company_id, run_id, 102, 'avatar', 'other', 'x' FROM run"
               " UNION ALL SELECT company_id, run_id, 103, 'primary_team', 'team', 'x' FROM run"
               " UNION ALL SELECT company_id, run_id, 104, 'primary_location', 'location', 'x'"
               " FROM run");
    OK(hook_untold(b->st, b->company_id, b->in.integration_id, 0, &n, &why));
    assert_int_equal(n, 1); /* a picture is told by nobody, nor that an office was renamed */
    OK(hook_untold(b->st, b->company_id, b->in.integration_id, T0 + DAY_US, &n, &why));
    assert_int_equal(n, 0); /* began before */
    place_exec(b->st->db, "UPDATE run SET mapping_id = 1");
    OK(hook_untold(b->st, b->company_id, b->in.integration_id, 0, &n, &why));
    assert_int_equal(n, 0);
    place_exec(b->st->db, "UPDATE run SET mapping_id = NULL, kind = 'person' WHERE run_id >"
                          " (SELECT MIN(run_id) FROM run)");
    OK(hook_untold(b->st, b->company_id, b->in.integration_id, 0, &n, &why));
    assert_int_equal(n, 0); /* the first import, and what hints have changed */
}

static void events_of_a_file_lie_beside_it_for_everybody_who_opens_it(void **state) {
    struct bed *b = *state;
    struct store *one = NULL, *two = NULL;
    struct hook_event e = told(b, "a", "1", T0);
    const struct hook_event *list[] = { &e };
    struct hook_open *open;
    size_t n = 0;
    OK(hook_events_open(b->place->where, &one, &why));
    OK(hook_event_add(one, list, 1, NULL, &why));
    OK(hook_events_open(b->place->where, &two, &why));
    OK(hook_event_open(two, " person.updated ", &b->a, &open, &n, &why));
    assert_int_equal(n, 1);
    bool is_file = strcmp(db_kind(b->st->db), "sqlite") == 0;
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), is_file ? 0 : 1);
    store_close(one);
    store_close(two);
    if (is_file)
        assert_int_equal(unlink(arena_printf(&b->a, "%s.events", b->place->where)), 0);
}

/* ---- what is taken, and becomes rows later ---- */

static int64_t number(struct store *st, const char *sql) {
    int64_t n = 0;
    OK(store_number(st, &n, &why, sql, ""));
    return n;
}

static int64_t rows_of(struct store *st) {
    return number(st, "SELECT COUNT(*) FROM webhook_event");
}

static struct hook_tally tally_in(struct bed *b, struct store *st) {
    struct hook_tally t;
    OK(hook_event_tally(st, b->company_id, b->in.integration_id, &b->a, &t, &why));
    return t;
}

static int64_t taken(struct store *st, const struct hook_event *const *list, size_t n,
                     struct hook_rooms *rooms, int64_t *known) {
    int64_t rows = 0, k = 0;
    OK(hook_event_take(st, list, n, rooms, &rows, &k, &why));
    assert_int_equal(rows > 0, place_is_sqlite());
    *known += k;
    return rows;
}

static void what_is_taken_is_rows_once_it_is_folded_and_the_same_one_is_one(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0), two = told(b, "b", "2", T0 + 1),
                      late = told(b, "a", "1", T0 + 2);
    const struct hook_event *first[] = { &one, &two, &late }, *second[] = { &late, &one };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0, more = 0;
    int64_t rows = taken(st, first, 3, &rooms, &known);
    if (place_is_sqlite())
        assert_int_equal(rows, 2); /* of three: one came twice */
    taken(st, second, 2, &rooms, &known);
    if (place_is_sqlite())
        assert_int_equal(rows_of(st), 0);
    OK(hook_event_fold(st, &rooms, &more, &why));
    assert_int_equal(known + more, 3);
    assert_int_equal(rows_of(st), 2);
    struct hook_tally t = tally_in(b, st);
    assert_int_equal(t.deliveries, 5);
    assert_int_equal(t.first_us, T0);
    assert_int_equal(t.last_us, T0 + 2);
    OK(hook_event_fold(st, &rooms, &more, &why));
    assert_int_equal(more, 0);
    assert_int_equal(tally_in(b, st).deliveries, 5); /* once */
    done_beside(b, st);
}

static void news_that_repeats_is_news_as_of_its_last_time(void **state) {
    struct bed *b = *state;
    struct hook_event r = told(b, "r", NULL, T0), again = told(b, "r", NULL, T0 + 7);
    const struct hook_event *list[] = { &r }, *later[] = { &again, &again };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0;
    r.repeats = again.repeats = true;
    taken(st, list, 1, &rooms, &known);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    OK(store_run(st, NULL, &why, "UPDATE webhook_event SET state = 'done', tries = 3", ""));
    taken(st, later, 2, &rooms, &known);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(number(st, "SELECT arrived_at FROM webhook_event WHERE state = 'new'"
                                " AND tries = 0 AND times = 3"),
                     T0 + 7);
    done_beside(b, st);
}

/* Whoever asks after a crash finds all that was acknowledged. */
static void what_was_taken_and_never_folded_is_there_for_whoever_asks(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0), two = told(b, "b", "2", T0);
    const struct hook_event *list[] = { &one, &two };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b), *other;
    int64_t known = 0;
    taken(st, list, 2, &rooms, &known);
    taken(st, list, 1, &rooms, &known);
    other = beside(b); /* as another process would, while the first one still is */
    assert_int_equal(tally_in(b, other).deliveries, 3);
    assert_int_equal(rows_of(other), 2);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(tally_in(b, st).deliveries, 3);
    store_close(other);
    done_beside(b, st);
}

static void a_fold_that_is_rolled_back_leaves_everything_for_the_next_one(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0);
    const struct hook_event *list[] = { &one };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0;
    taken(st, list, 1, &rooms, &known);
    OK(db_begin(st->db, &why));
    OK(hook_event_fold(st, &rooms, NULL, &why));
    db_rollback(st->db);
    if (place_is_sqlite())
        assert_int_equal(rows_of(st), 0);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(tally_in(b, st).deliveries, 1);
    done_beside(b, st);
}

static void forgetting_somebody_reaches_what_has_just_arrived(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0), two = told(b, "b", "2", T0);
    const struct hook_event *list[] = { &one, &two };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0, n = 0;
    taken(st, list, 2, &rooms, &known);
    OK(hook_event_forget_person(st, b->company_id, b->in.integration_id, TEXT_LIT("1"), &n, &why));
    assert_int_equal(n, 1);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(tally_in(b, st).deliveries, 1);
    taken(st, list, 1, &rooms, &known);
    OK(hook_event_forget(st, b->company_id, b->in.integration_id, &why));
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(rows_of(st), 0);
    done_beside(b, st);
}

/* Deleted rows are overwritten, and the log that had them is emptied. */
static void somebody_who_was_forgotten_is_in_no_file(void **state) {
    struct bed *b = *state;
    static const char id[] = "forget-me-4711";
    struct hook_event one = told(b, "a", id, T0);
    const struct hook_event *list[] = { &one };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0, n = 0;
    taken(st, list, 1, &rooms, &known);
    OK(hook_event_forget_person(st, b->company_id, b->in.integration_id, text_of(id), &n, &why));
    assert_int_equal(n, 1);
    OK(db_empty_log(st->db, &why)); /* as whoever erases does */
    static const char *const ends[] = { ".events", ".events-wal" };
    for (size_t i = 0; i < RC_LEN(ends) && place_is_sqlite(); i++) {
        FILE *f = fopen(arena_printf(&b->a, "%s%s", b->place->where, ends[i]), "rb");
        static char bytes[1 << 20];
        assert_non_null(f);
        size_t len = fread(bytes, 1, sizeof bytes, f);
        assert_true(len < sizeof bytes);
        assert_null(memmem(bytes, len, id, strlen(id)));
        fclose(f);
    }
    done_beside(b, st);
}

static void where_it_was_full_what_comes_is_one_row_before_it_is_written(void **state) {
    struct bed *b = *state;
    enum { MORE = 300 };
    static struct hook_event all[HOOK_EVENTS_KEPT + MORE];
    static const struct hook_event *list[HOOK_EVENTS_KEPT + MORE];
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    char digest[HOOK_EVENT_DIGEST_BYTES];
    int64_t known = 0;
    for (size_t i = 0; i < RC_LEN(all); i++) {
        snprintf(digest, sizeof digest, "%zu", i);
        all[i] = told(b, digest, "1", T0);
        list[i] = &all[i];
    }
    taken(st, list, HOOK_EVENTS_KEPT + 1, &rooms, &known);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(rows_of(st), HOOK_EVENTS_KEPT + 1);
    int64_t rows = taken(st, list + HOOK_EVENTS_KEPT + 1, MORE - 1, &rooms, &known);
    assert_int_equal(rows, place_is_sqlite() ? 1 : 0);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(rows_of(st), HOOK_EVENTS_KEPT + 1);
    assert_int_equal(tally_in(b, st).deliveries, HOOK_EVENTS_KEPT + MORE);
    assert_int_equal(
        number(st, "SELECT times FROM webhook_event WHERE digest = 'more' AND name IS NULL"), MORE);
    done_beside(b, st);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(an_address_is_found_and_a_token_known_until_they_are_renewed),
        BED_TEST(what_is_stored_shows_neither_of_them),
        BED_TEST(removed_it_is_nowhere_and_so_it_is_with_its_integration),
        EVENTS_TEST(people_are_looked_at_again_or_listed_or_done),
        EVENTS_TEST(what_is_no_persons_goes_to_a_listing_and_waits_for_it),
        EVENTS_TEST(what_came_once_more_meanwhile_is_not_done),
        EVENTS_TEST(what_comes_twice_is_one_row_and_news_only_where_it_repeats),
        BED_TEST(how_it_stands_is_told_without_a_key_and_for_each_of_a_company),
        EVENTS_TEST(what_was_missed_has_not_arrived),
        BED_TEST(people_whom_listings_have_changed_and_no_event_told_of_are_counted),
        EVENTS_TEST(what_names_a_person_is_told_and_taken_away),
        EVENTS_TEST(more_than_are_kept_become_one_that_is_news_each_time),
        BED_TEST(somebody_is_newer_by_when_the_run_began),
        BED_TEST(events_of_a_file_lie_beside_it_for_everybody_who_opens_it),
        BED_TEST(what_is_taken_is_rows_once_it_is_folded_and_the_same_one_is_one),
        BED_TEST(news_that_repeats_is_news_as_of_its_last_time),
        BED_TEST(what_was_taken_and_never_folded_is_there_for_whoever_asks),
        BED_TEST(a_fold_that_is_rolled_back_leaves_everything_for_the_next_one),
        BED_TEST(forgetting_somebody_reaches_what_has_just_arrived),
        BED_TEST(somebody_who_was_forgotten_is_in_no_file),
        BED_TEST(where_it_was_full_what_comes_is_one_row_before_it_is_written),
    };
    return PLACE_RUN(tests, argc, argv);
}
