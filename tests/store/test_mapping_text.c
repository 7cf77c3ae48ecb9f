#include "tests/store/bed.h"
#include "store/mapping_text.h"

static int64_t draft(struct bed *b, const char *source) {
    struct mapping_text m = { .source = text_of(source),
                              .made_by = TEXT_LIT("ana"),
                              .note = TEXT_LIT("why not"),
                              .made_us = T0 };
    int64_t id = 0;
    OK(mapping_text_add(b->st, b->company_id, b->in.integration_id, &m, &id, &why));
    return id;
}

static struct mapping_text get(struct bed *b, int64_t id) {
    struct mapping_text m;
    OK(mapping_text_get(b->st, b->company_id, b->in.integration_id, id, &b->a, &m, &why));
    return m;
}

static void activate(struct bed *b, int64_t id, int64_t now_us) {
    OK(db_begin(b->st->db, &why));
    OK(mapping_text_activate(b->st, b->company_id, b->in.integration_id, id, now_us, &why));
    OK(db_commit(b->st->db, &why));
}

static void drafts_are_numbered_and_found_as_they_were_written(void **state) {
    struct bed *b = *state;
    assert_int_equal(draft(b, "language = \"de\"\n"), 1);
    assert_int_equal(draft(b, ""), 2);
    struct mapping_text one = get(b, 1), two = get(b, 2);
    assert_int_equal(one.state, MAPPING_TEXT_DRAFT);
    assert_true(text_is(one.source, "language = \"de\"\n"));
    assert_true(text_is(one.made_by, "ana"));
    assert_true(text_is(one.note, "why not"));
    assert_int_equal(one.made_us, T0);
    assert_int_equal(one.activated_us, 0);
    assert_int_equal(two.source.state, TEXT_EMPTY);
}

static void at_most_one_is_active_and_the_others_retire(void **state) {
    struct bed *b = *state;
    struct mapping_text m;
    struct rc_error err;
    draft(b, "a");
    draft(b, "b");
    assert_int_equal(
        mapping_text_active(b->st, b->company_id, b->in.integration_id, &b->a, &m, &err),
        RC_NOT_FOUND);
    activate(b, 1, T0 + 1);
    activate(b, 2, T0 + 2);
    OK(mapping_text_active(b->st, b->company_id, b->in.integration_id, &b->a, &m, &why));
    assert_int_equal(m.mapping_id, 2);
    assert_int_equal(m.activated_us, T0 + 2);
    assert_int_equal(get(b, 1).state, MAPPING_TEXT_RETIRED);
    activate(b, 1, T0 + 3); /* taken back */
    assert_int_equal(get(b, 1).state, MAPPING_TEXT_ACTIVE);
    assert_int_equal(get(b, 2).state, MAPPING_TEXT_RETIRED);
    activate(b, 0, T0 + 4); /* the default */
    assert_int_equal(get(b, 1).state, MAPPING_TEXT_RETIRED);
    assert_int_equal(
        mapping_text_active(b->st, b->company_id, b->in.integration_id, &b->a, &m, &err),
        RC_NOT_FOUND);
    OK(db_begin(b->st->db, &why));
    assert_int_equal(mapping_text_activate(b->st, b->company_id, b->in.integration_id, 9, T0, &err),
                     RC_NOT_FOUND);
    db_rollback(b->st->db);
}

static void only_a_draft_is_changed_or_thrown_away(void **state) {
    struct bed *b = *state;
    struct rc_error err;
    struct mapping_text m;
    draft(b, "a");
    draft(b, "b");
    m = get(b, 2);
    m.source = TEXT_LIT("c");
    OK(mapping_text_save(b->st, b->company_id, b->in.integration_id, &m, &why));
    assert_true(text_is(get(b, 2).source, "c"));
    activate(b, 1, T0);
    m.mapping_id = 1;
    for (int retired = 0; retired < 2; retired++) {
        assert_int_equal(mapping_text_save(b->st, b->company_id, b->in.integration_id, &m, &err),
                         RC_CONFLICT);
        assert_string_equal(err.name, "mapping.not-a-draft");
        assert_int_equal(mapping_text_remove(b->st, b->company_id, b->in.integration_id, 1, &err),
                         RC_CONFLICT);
        activate(b, 2, T0);
    }
    assert_true(text_is(get(b, 1).source, "a"));
    assert_int_equal(mapping_text_remove(b->st, b->company_id, b->in.integration_id, 7, &err),
                     RC_NOT_FOUND);
    assert_string_equal(err.name, "mapping.unknown");
    int64_t id = draft(b, "d");
    OK(mapping_text_remove(b->st, b->company_id, b->in.integration_id, id, &why));
    assert_int_equal(
        mapping_text_get(b->st, b->company_id, b->in.integration_id, id, &b->a, &m, &err),
        RC_NOT_FOUND);
}

static void they_are_listed_newest_first(void **state) {
    struct bed *b = *state;
    struct mapping_text *list;
    size_t n;
    for (int i = 0; i < 4; i++)
        draft(b, "x");
    OK(mapping_text_list(b->st, b->company_id, b->in.integration_id, 3, &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(list[0].mapping_id, 4);
    assert_int_equal(list[2].mapping_id, 2);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(drafts_are_numbered_and_found_as_they_were_written),
    BED_TEST(at_most_one_is_active_and_the_others_retire),
    BED_TEST(only_a_draft_is_changed_or_thrown_away),
    BED_TEST(they_are_listed_newest_first),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
