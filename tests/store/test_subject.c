/* Everything that is held of a person: told whole, taken away whole. */
#include "tests/store/accounts.h"
#include "store/audit.h"
#include "people/stored_account.h"
#include "store/effect.h"
#include "store/pin.h"
#include "store/subject.h"
#include "store/unsettled.h"

struct scene {
    struct platform p;
    struct run first, held, delivery;
};

static struct account shown(const char *remote_id, const char *email) {
    struct account a = { .remote_id = text_of(remote_id),
                         .status = ACCOUNT_ACTIVE,
                         .invited_on = DATE_NONE };
    a.fields[USER_EMAIL].known = text_of(email);
    return a;
}

/* Person 2 (bob) has a row in every table there is about people; person 1 too, in most. */
static struct scene filled(struct bed *b) {
    struct scene s = { .p = platform(b, "la"), .first = three_people(b) };
    int64_t n, m, since;
    struct account there[] = { shown("r1", "ann@x.org"), shown("r2", "bob@x.org"),
                               shown("r9", "bob@x.org") };
    struct version_change c = {
        102,        TEXT_LIT("last_name"), TEXT_LIT("old"), TEXT_LIT("secret-name"), CHANGE_NAME,
        "hr-states"
    };
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_REJECTED);
    struct version v =
        bed_version(b, 777, 0, "2", "bob-as-new"); /* as a stage saw them, under another id */
    bed_stage(b, &r, &v, 1);
    s.held = r;
    s.delivery = (struct run){ .company_id = b->company_id,
                               .destination_id = s.p.destination_id,
                               .kind = RUN_DELIVERY,
                               .state = RUN_APPLIED,
                               .started_us = T0,
                               .ended_us = T0 + 1 };
    OK(run_add(b->st, &s.delivery, &why));
    enrol(b, &s.p);
    OK(db_begin(b->st->db, &why));
    OK(version_add_changes(b->st, b->company_id, s.first.run_id, &c, 1, &why));
    OK(account_show(b->st, b->company_id, s.p.destination_id, s.delivery.run_id, TEXT_LIT("rc"),
                    there, 3, NULL, &n, &m, &why));
    for (int64_t user = 101; user <= 102; user++) {
        struct effect e = { .run_id = s.delivery.run_id,
                            .effect_id = user,
                            .pass = EFFECT_PEOPLE,
                            .user_id = user,
                            .verb = TEXT_LIT("update"),
                            .sentence = TEXT_LIT("so"),
                            .plan = TEXT_LIT("{}"),
                            .state = EFFECT_DONE,
                            .at_us = T0 };
        const struct pin pin = { user, TEXT_LIT("job_title"), TEXT_LIT("Chef"), s.delivery.run_id,
                                 T0 };
        OK(effect_add(b->st, b->company_id, &e, 1, &why));
        OK(pin_add(b->st, b->company_id, s.p.destination_id, &pin, &why));
        OK(unsettled_note(b->st, b->company_id, b->in.integration_id, user, s.first.run_id, T0,
                          &since, &why));
    }
    OK(db_commit(b->st->db, &why));
    OK(audit_add(b->st, b->company_id, T0, "mira", "destination la: person #102: approve", &why));
    OK(audit_add(b->st, b->company_id, T0, "mira", "destination la: person #1021: approve", &why));
    return s;
}

static struct subject bob(struct bed *b) {
    struct subject *list;
    size_t n = 0;
    OK(subject_find(b->st, b->company_id, 0, TEXT_LIT("2"), 5, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    return list[0];
}

static const char *told(struct bed *b, const struct subject *s, int64_t counts[SUBJECT_PARTS_N]) {
    struct json_writer w;
    struct buf out;
    buf_init(&out, 1 << 20);
    json_begin(&w, &out);
    json_object(&w, NULL);
    OK(subject_write(b->st, s, &w, counts, &why));
    json_object_end(&w);
    const char *t = arena_str(&b->a, out.ptr, out.len);
    buf_done(&out);
    return t;
}

static void everything_is_told_once_under_whichever_of_our_numbers_it_is(void **state) {
    struct bed *b = *state;
    int64_t counts[SUBJECT_PARTS_N];
    filled(b);
    struct subject s = bob(b);
    assert_int_equal(s.user_id, 102);
    assert_int_equal(s.user_ids_n, 2);
    const char *t = told(b, &s, counts);
    static const int64_t want[SUBJECT_PARTS_N] = {
        [SUBJECT_DIRECTORY] = 1, [SUBJECT_VERSIONS] = 2, [SUBJECT_CHANGES] = 1,
        [SUBJECT_ACCOUNTS] = 1,  [SUBJECT_EFFECTS] = 1,  [SUBJECT_PINS] = 1,
        [SUBJECT_UNSETTLED] = 1, [SUBJECT_AUDIT] = 1,    [SUBJECT_SAME_ADDRESS] = 2
    };
    for (int p = 0; p < SUBJECT_PARTS_N; p++)
        if (counts[p] != want[p])
            fail_msg("%s: %lld rows", subject_part_name((enum subject_part)p),
                     (long long)counts[p]);
    static const char *const words[] = {
        "secret-name",       "bob-as-new", "bob@x.org", "person #102:", "\"state\":\"rejected\"",
        "\"value\":\"Chef\""
    };
    for (size_t i = 0; i < RC_LEN(words); i++)
        if (strstr(t, words[i]) == NULL)
            fail_msg("%s is not told: %s", words[i], t);
    assert_null(strstr(t, "ann@x.org"));
    assert_null(strstr(t, "#1021"));
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    json doc;
    OK(json_parse_copy(r, t, strlen(t), &doc, &why));
}

static int64_t rows_of(struct bed *b, const char *where) {
    static const char *const tables[] = {
        "\"user\" AS t WHERE t.user_id", "version AS t WHERE t.user_id",
        "change AS t WHERE t.user_id",   "account AS t WHERE t.user_id",
        "effect AS t WHERE t.user_id",   "pin AS t WHERE t.subject_id",
        "unsettled AS t WHERE t.user_id"
    };
    int64_t n = 0;
    for (size_t i = 0; i < RC_LEN(tables); i++)
        n += bed_number(b, arena_printf(&b->a, "SELECT COUNT(*) FROM %s %s", tables[i], where));
    return n;
}

static void erasing_leaves_nothing_of_theirs_and_everything_of_others(void **state) {
    struct bed *b = *state;
    int64_t counts[SUBJECT_PARTS_N], again[SUBJECT_PARTS_N], left = -1;
    filled(b);
    struct subject s = bob(b);
    int64_t others = rows_of(b, "NOT IN (102, 777)");
    assert_true(others > 8);
    OK(db_begin(b->st->db, &why));
    OK(subject_erase(b->st, &s, counts, &left, &why));
    OK(db_commit(b->st->db, &why));
    assert_int_equal(rows_of(b, "IN (102, 777)"), 0);
    assert_int_equal(rows_of(b, "NOT IN (102, 777)"), others);
    assert_int_equal(counts[SUBJECT_VERSIONS], 2);
    assert_int_equal(counts[SUBJECT_DIRECTORY], 1);
    told(b, &s, again);
    for (int p = 0; p < SUBJECT_AUDIT; p++)
        assert_int_equal(again[p], 0);
    struct subject *list;
    size_t n = 0;
    OK(subject_find(b->st, b->company_id, 0, TEXT_LIT("2"), 5, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

static void an_account_that_is_there_is_let_go_of_and_one_that_is_gone_goes(void **state) {
    struct bed *b = *state;
    int64_t counts[SUBJECT_PARTS_N], left = -1;
    struct scene sc = filled(b);
    struct account_row row = of_user(b, &sc.p, 102);
    struct subject s = bob(b);
    row.is.remote_id = TEXT_LIT("r5");
    row.is.external_id = TEXT_LIT("rc:hr:2");
    row.is.tie = ACCOUNT_LINKED;
    row.is.status = ACCOUNT_ACTIVE;
    save(b, &sc.p, &row);
    OK(db_begin(b->st->db, &why));
    OK(subject_erase(b->st, &s, counts, &left, &why));
    assert_int_equal(left, 1);
    db_rollback(b->st->db);
    row = of_user(b, &sc.p, 102);
    row.is.status = ACCOUNT_DELETED;
    save(b, &sc.p, &row);
    OK(db_begin(b->st->db, &why));
    OK(subject_erase(b->st, &s, counts, &left, &why));
    OK(db_commit(b->st->db, &why));
    assert_int_equal(left, 0);
    assert_int_equal(counts[SUBJECT_ACCOUNTS], 1);
}

static void what_speaks_against_it_is_found(void **state) {
    struct bed *b = *state;
    struct scene sc = filled(b);
    struct subject s = bob(b);
    struct subject_obstacles o;
    OK(subject_look(b->st, &s, &o, &why));
    assert_true(o.is_listed);
    assert_int_equal(o.accounts + o.in_doubt + o.waiting_run_id, 0);
    place_exec(b->st->db, "UPDATE \"user\" SET presence = 'gone' WHERE user_id = 102");
    place_exec(b->st->db, "UPDATE effect SET state = 'unsure' WHERE user_id = 102");
    struct account_row row = of_user(b, &sc.p, 102);
    row.is.remote_id = TEXT_LIT("r5");
    row.is.status = ACCOUNT_DEACTIVATED;
    save(b, &sc.p, &row);
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_HELD);
    struct version v = bed_version(b, 102, sc.first.run_id, "2", "bobby");
    bed_stage(b, &r, &v, 1);
    OK(subject_look(b->st, &s, &o, &why));
    assert_false(o.is_listed);
    assert_int_equal(o.accounts, 1);
    assert_int_equal(o.in_doubt, 1);
    assert_int_equal(o.waiting_run_id, r.run_id);
}

/* Whoever adds a table, or a column, about people is told here that it has to be told and taken away. */
static void no_table_about_people_is_forgotten(void **state) {
    static const char sqlite[] =
        "SELECT m.name || '.' || c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND c.name IN ('user_id', 'subject_id', 'source_id', 'email',"
        " 'person', 'employee', 'account_id', 'remote_id') ORDER BY 1";
    static const char postgres[] =
        "SELECT table_name || '.' || column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND column_name IN ('user_id', 'subject_id',"
        " 'source_id', 'email', 'person', 'employee', 'account_id', 'remote_id')"
        " ORDER BY 1";
    static const char *const known[] = {
        "alert.subject_id",        "alert_mail.subject_id",
        "trouble.subject_id", /* as of jobs */
        "account.account_id",      "account.email",
        "account.remote_id",       "account.user_id",
        "change.user_id",          "effect.account_id",
        "effect.remote_id",        "effect.user_id",
        "erasure.person",                            /* a digest */
        "errand.subject_id",                         /* an integration, a destination or a run */
        "job.subject_id",                            /* an integration or a destination */
        "pin.subject_id",          "run.subject_id", /* likewise */
        "team_link.remote_id",     "underway.subject_id", /* likewise */
        "unsettled.user_id",       "user.email",
        "user.source_id",          "user.user_id",
        "version.email",           "version.employee",
        "version.person",          "version.source_id",
        "version.user_id",         "webhook.remote_id", /* a webhook in HR: nobody's */
        "webhook_event.source_id", /* hook_event_write(), hook_event_forget_person() */
    };
    struct bed *b = *state;
    RC_CLEANUP(db_statement_closep) struct db_statement *rows = NULL;
    bool row = false;
    size_t n = 0;
    OK(db_prepare(b->st->db, place_is_sqlite() ? sqlite : postgres, &rows, &why));
    for (;;) {
        OK(db_step(rows, &row, &why));
        if (!row)
            break;
        bool is_known = false;
        for (size_t i = 0; i < RC_LEN(known); i++)
            is_known |= text_is(db_text(rows, 0), known[i]);
        struct text t = db_text(rows, 0);
        if (!is_known)
            fail_msg("%.*s: is it in subject_write() and subject_erase()?", TEXT_ARG(t));
        n++;
    }
    assert_int_equal(n, RC_LEN(known));
}

static void receipts_are_found_by_whom_they_are_about(void **state) {
    struct bed *b = *state;
    struct erasure e = { .at_us = T0,
                         .who = TEXT_LIT("mira"),
                         .reason = TEXT_LIT("asked"),
                         .counts = TEXT_LIT("{}"),
                         .kept = TEXT_LIT("[]"),
                         .person = { 1, 2 },
                         .removed = { 3 } },
                   *list;
    uint8_t other[SUBJECT_DIGEST_BYTES] = { 9 };
    size_t n = 0;
    OK(erasure_add(b->st, b->company_id, &e, &why));
    OK(erasure_list(b->st, b->company_id, NULL, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_memory_equal(list[0].removed, e.removed, SUBJECT_DIGEST_BYTES);
    OK(erasure_list(b->st, b->company_id, e.person, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    OK(erasure_list(b->st, b->company_id, other, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        BED_TEST(everything_is_told_once_under_whichever_of_our_numbers_it_is),
        BED_TEST(erasing_leaves_nothing_of_theirs_and_everything_of_others),
        BED_TEST(an_account_that_is_there_is_let_go_of_and_one_that_is_gone_goes),
        BED_TEST(what_speaks_against_it_is_found),
        BED_TEST(no_table_about_people_is_forgotten),
        BED_TEST(receipts_are_found_by_whom_they_are_about),
    };
    return PLACE_RUN(tests, argc, argv);
}
