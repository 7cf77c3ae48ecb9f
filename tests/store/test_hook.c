/* Addresses and tokens of webhooks, and how each stands. */
#include "store/hook.h"
#include "tests/store/bed.h"

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

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(an_address_is_found_and_a_token_known_until_they_are_renewed),
        BED_TEST(what_is_stored_shows_neither_of_them),
        BED_TEST(removed_it_is_nowhere_and_so_it_is_with_its_integration),
        BED_TEST(how_it_stands_is_told_without_a_key_and_for_each_of_a_company),
        BED_TEST(people_whom_listings_have_changed_and_no_event_told_of_are_counted),
    };
    return PLACE_RUN(tests, argc, argv);
}
