/* Tenants are walls (invariant 9): two companies with the same keys, numbers and people; whatever
 * is asked or done in the name of the first neither shows nor touches a row of the second. */
#include "tests/store/bed.h"
#include "store/history.h"
#include "store/mapping_text.h"
#include "store/unsettled.h"

struct pair {
    int64_t second;
    struct integration theirs;
};

static struct version_team dock(const char *name) {
    return (struct version_team){ TEXT_LIT("department:9"), TEXT_LIT("department"), TEXT_LIT("9"),
                                  text_of(name), 50 };
}

/* An applied and a held run with the same numbers in each company; only names differ. */
static void fill(struct bed *b, int64_t company_id, int64_t integration_id, const char *name) {
    struct run r = bed_run(b, company_id, integration_id, RUN_PASSED);
    struct version v[] = { bed_version(b, 11, 0, "1", name), bed_version(b, 12, 0, "2", name) };
    struct version_change c = {
        11, TEXT_LIT("last_name"), TEXT_LIT("old"), text_of(name), CHANGE_NAME, "hr-states"
    };
    struct version_team team = dock(name);
    struct mapping_text m = { .source = text_of(name), .made_us = T0 };
    int64_t since, mapping_id;
    bed_stage(b, &r, v, 2);
    OK(version_add_team(b->st, company_id, r.run_id, &team, &why));
    bed_apply(b, &r);
    r = bed_run(b, company_id, integration_id, RUN_HELD);
    v[0].base_run_id = v[1].base_run_id = 1;
    v[1].presence = PRESENCE_MISSING;
    bed_stage(b, &r, v, 2);
    OK(db_begin(b->st->db, &why));
    OK(version_add_changes(b->st, company_id, r.run_id, &c, 1, &why));
    OK(db_commit(b->st->db, &why));
    OK(unsettled_note(b->st, company_id, integration_id, 12, r.run_id, T0, &since, &why));
    OK(audit_add(b->st, company_id, T0, name, "filled", &why));
    OK(mapping_text_add(b->st, company_id, integration_id, &m, &mapping_id, &why));
    OK(mapping_text_activate(b->st, company_id, integration_id, mapping_id, T0, &why));
    OK(mapping_text_add(b->st, company_id, integration_id, &m, &mapping_id, &why));
}

static struct pair two_companies(struct bed *b) {
    struct pair p;
    OK(company_add(b->st, "second", "Second", "UTC", T0, &p.second, &why));
    p.theirs = bed_integration(b, p.second, "hr");
    assert_int_equal(p.theirs.integration_id, b->in.integration_id);
    fill(b, b->company_id, b->in.integration_id, "mine");
    fill(b, p.second, p.theirs.integration_id, "theirs");
    return p;
}

/* Every row of the second company. */
static char *dump(struct bed *b) {
#define T(column) "COALESCE(CAST(" column " AS TEXT), '-') || '|' || "
    static const char *const tables[] = {
        "SELECT " T("key") T("name") T("next_id") "next_run FROM company WHERE company_id = 2",
        "SELECT " T("key") T("settings") T("rights")
            T("listed_at") "integration_id FROM"
                           " integration WHERE company_id = 2",
        "SELECT " T("run_id") T("state") T("applied_at")
            T("counts") "kind FROM run"
                        " WHERE company_id = 2 ORDER BY run_id",
        "SELECT " T("run_id") T("user_id") T("person")
            T("left_out") "presence FROM version"
                          " WHERE company_id = 2 ORDER BY run_id, user_id",
        "SELECT " T("user_id") T("run_id") T("presence")
            T("email") "source_id FROM \"user\""
                       " WHERE company_id = 2 ORDER BY user_id",
        "SELECT " T("run_id") T("user_id") T("new_value") "field FROM change WHERE company_id = 2",
        "SELECT " T("team_id") T("key") "name FROM team WHERE company_id = 2",
        "SELECT " T("run_id") T("key") "name FROM team_version WHERE company_id = 2",
        "SELECT " T("audit_id") "who FROM audit WHERE company_id = 2",
        "SELECT " T("user_id") T("run_id") "since_us FROM unsettled WHERE company_id = 2",
        "SELECT " T("mapping_id") T("state") "source FROM mapping WHERE company_id = 2",
    };
#undef T
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < RC_LEN(tables); i++) {
        struct db_statement *rows = NULL;
        bool row = false;
        size_t n = 0;
        OK(db_prepare(b->st->db, tables[i], &rows, &why));
        for (;; n++) {
            OK(db_step(rows, &row, &why));
            if (!row)
                break;
            struct text t = db_text(rows, 0);
            buf_printf(&out, "%.*s\n", TEXT_ARG(t));
        }
        db_statement_close(rows);
        assert_true(n > 0);
    }
    char *s = arena_str(&b->a, out.ptr, out.len);
    buf_done(&out);
    return s;
}

static void nothing_done_in_one_company_touches_another(void **state) {
    struct bed *b = *state;
    two_companies(b);
    char *before = dump(b);
    int64_t c = b->company_id, i = b->in.integration_id, first;
    struct run held;
    struct version_team team = dock("renamed");
    OK(run_get(b->st, c, 2, &b->a, &held, &why));
    OK(company_take_ids(b->st, c, 10, &first, &why));
    OK(integration_listed(b->st, &b->in, T0, 1, TEXT_LIT("{}"), &why));
    b->in.settings = TEXT_LIT("{\"mine\":1}");
    OK(integration_save(b->st, b->key, &b->in, &why));
    OK(version_add_team(b->st, c, 2, &team, &why));
    OK(version_drop_still_missing(b->st, c, 2, &why));
    bed_apply(b, &held);
    OK(version_drop(b->st, c, 2, 11, &why));
    OK(version_drop_all(b->st, c, 2, &why));
    bed_run(b, c, i, RUN_LISTING);
    OK(unsettled_note(b->st, c, i, 12, 3, T0 + 5, &first, &why));
    assert_int_equal(first, T0); /* since when: as first noted */
    OK(unsettled_forget_others(b->st, c, i, 99, &why));
    OK(unsettled_count(b->st, c, i, &first, &why));
    assert_int_equal(first, 0);
    OK(mapping_text_save(b->st, c, i, &(struct mapping_text){ .mapping_id = 2 }, &why));
    OK(mapping_text_activate(b->st, c, i, 2, T0, &why));
    OK(mapping_text_activate(b->st, c, i, 0, T0, &why));
    OK(mapping_text_add(b->st, c, i, &(struct mapping_text){ .made_us = T0 }, &first, &why));
    OK(mapping_text_remove(b->st, c, i, first, &why));
    assert_string_equal(dump(b), before);
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, c, i, &why));
    OK(db_commit(b->st->db, &why));
    assert_string_equal(dump(b), before);
    assert_string_equal(bed_people(b, c, 0, 0), "");
}

static void assert_mine(struct text t) {
    assert_non_null(memmem(t.ptr, t.len, "mine", 4));
    assert_null(memmem(t.ptr, t.len, "theirs", 6));
}

static void nothing_of_history_shows_another(struct bed *b, int64_t c, int64_t i) {
    struct history_change *changes;
    struct history_difference *differences;
    struct history_version version;
    struct history_wait *waits;
    struct version_team *teams;
    int64_t *runs;
    size_t n;
    OK(history_changes(b->st, c, 2, 10, &b->a, &changes, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(changes[0].new);
    assert_mine(changes[0].name);
    OK(history_changes_of(b->st, c, 2, 11, &b->a, &changes, &n, &why));
    assert_int_equal(n, 1);
    OK(history_differences(b->st, c, 1, 2, 10, &b->a, &differences, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(differences[0].name);
    OK(history_teams(b->st, c, i, 1, &b->a, &teams, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(teams[0].name);
    OK(history_version(b->st, c, 2, 11, &b->a, &version, &why));
    assert_mine(version.user);
    OK(history_runs_of(b->st, c, 11, 10, &b->a, &runs, &n, &why));
    assert_int_equal(n, 1);
    OK(history_waiting(b->st, c, 0, TEXT_LIT("1"), &b->a, &waits, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(waits[0].name);
}

static void nothing_asked_in_one_company_shows_another(void **state) {
    struct bed *b = *state;
    two_companies(b);
    int64_t c = b->company_id, i = b->in.integration_id, count;
    struct person p, *list;
    struct version *versions;
    struct version_change_row *changes;
    struct version_team *teams;
    struct version_tally tally;
    struct version_difference d;
    struct directory_problems *problems;
    struct run *runs;
    struct run_past *past;
    struct integration *ins;
    size_t n;
    OK(directory_find(b->st, c, i, TEXT_LIT("1"), &b->a, &p, &why));
    assert_mine(p.user);
    OK(directory_get(b->st, c, 11, &b->a, &p, &why));
    assert_mine(p.user);
    for (int64_t overlay = 0; overlay <= 2; overlay += 2) {
        OK(directory_list(b->st, c, 0, overlay, 0, 10, &b->a, &list, &n, &why));
        assert_int_equal(n, 2);
        assert_mine(list[0].user);
    }
    OK(directory_known(b->st, c, i, 0, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    OK(directory_count(b->st, c, 0, &count, &why));
    assert_int_equal(count, 2);
    OK(directory_population(b->st, c, i, &count, &why));
    assert_int_equal(count, 2);
    OK(directory_search(b->st, c, TEXT_LIT("theirs@x.org"), 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    OK(directory_search(b->st, c, TEXT_LIT("#11"), 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    OK(directory_shared_emails(b->st, c, &count, &why));
    assert_int_equal(count, 1);
    OK(directory_unknown_managers(b->st, c, i, &count, &why));
    assert_int_equal(count, 0);
    OK(directory_problems(b->st, c, i, &b->a, &problems, &n, &why));
    assert_int_equal(n, 0);
    OK(version_missing(b->st, c, 2, 0, 10, &b->a, &versions, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(versions[0].person);
    OK(version_not_listed(b->st, c, 2, 0, 10, &b->a, &versions, &n, &why));
    assert_int_equal(n, 1);
    OK(version_changes(b->st, c, 2, 10, &b->a, &changes, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(changes[0].new);
    OK(version_count(b->st, c, 2, true, &tally, &why));
    assert_int_equal(tally.classes[CHANGE_NAME], 1);
    assert_int_equal(tally.absent, 1);
    OK(version_compare(b->st, c, 1, 2, &d, &why));
    assert_int_equal(d.otherwise, 1);
    nothing_of_history_shows_another(b, c, i);
    OK(team_list(b->st, c, i, &b->a, &teams, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(teams[0].name);
    OK(run_list(b->st, c, 0, 10, &b->a, &runs, &n, &why));
    assert_int_equal(n, 2);
    OK(run_applied_since(b->st, c, i, 0, &b->a, &past, &n, &why));
    assert_int_equal(n, 1);
    OK(unsettled_count(b->st, c, i, &count, &why));
    assert_int_equal(count, 1);
    OK(integration_list(b->st, c, &b->a, &ins, &n, &why));
    assert_int_equal(n, 1);
}

static void another_companys_number_is_not_found(void **state) {
    struct bed *b = *state;
    struct person p;
    struct run r;
    struct integration in;
    int64_t empty;
    two_companies(b);
    OK(company_add(b->st, "empty", "Empty", "UTC", T0, &empty, &why));
    assert_int_equal(directory_get(b->st, empty, 11, &b->a, &p, NULL), RC_NOT_FOUND);
    assert_int_equal(
        directory_find(b->st, empty, b->in.integration_id, TEXT_LIT("1"), &b->a, &p, NULL),
        RC_NOT_FOUND);
    assert_int_equal(run_get(b->st, empty, 1, &b->a, &r, NULL), RC_NOT_FOUND);
    assert_int_equal(run_in_state(b->st, empty, b->in.integration_id, RUN_HELD, &b->a, &r, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(integration_get(b->st, empty, b->in.integration_id, b->key, &b->a, &in, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(integration_find(b->st, empty, "hr", b->key, &b->a, &in, NULL), RC_NOT_FOUND);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(nothing_done_in_one_company_touches_another),
    BED_TEST(nothing_asked_in_one_company_shows_another),
    BED_TEST(another_companys_number_is_not_found),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
