/* Tenants are walls (invariant 9): two companies with the same keys, numbers and people; whatever
 * is asked or done in the name of the first neither shows nor touches a row of the second. */
#include "tests/store/bed.h"
#include "store/audit.h"
#include "store/account.h"
#include "store/effect.h"
#include "store/history.h"
#include "store/mapping_text.h"
#include "store/pin.h"
#include "store/platform.h"
#include "store/team_link.h"
#include "store/unsettled.h"

struct pair {
    int64_t second;
    struct integration theirs;
    struct platform academy; /* of the first company, fed by it */
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

static struct account shown(const char *remote_id, const char *name) {
    struct account a = { .remote_id = text_of(remote_id),
                         .external_id = TEXT_LIT("rc:hr:2"),
                         .status = ACCOUNT_ACTIVE,
                         .invited_on = DATE_NONE };
    a.fields[USER_LAST_NAME].known = text_of(name);
    a.fields[USER_EMAIL].known = TEXT_LIT("same@x.org");
    return a;
}

/* A platform with two people, two accounts of nobody, a team and a delivery of one effect. */
static struct platform fill_platform(struct bed *b, int64_t company_id, int64_t integration_id,
                                     const char *name) {
    struct platform p = { .company_id = company_id,
                          .key = TEXT_LIT("academy"),
                          .adapter = TEXT_LIT("learnamp"),
                          .prefix = TEXT_LIT("rc"),
                          .settings = text_of(name),
                          .feeds = &integration_id,
                          .feeds_n = 1 };
    struct team_row team = {
        .team_id = 50, .origin = TEAM_OURS, .remote_id = TEXT_LIT("t"), .remote_name = text_of(name)
    };
    struct account shows[] = { shown("a", name), shown("b", name) };
    struct account_seen seen = { 0 };
    struct account_row row;
    int64_t n, m;
    OK(platform_add(b->st, b->key, &p, &why));
    p.feeds = NULL;
    p.feeds_n = 0;
    struct run r = { .company_id = company_id,
                     .destination_id = p.destination_id,
                     .kind = RUN_DELIVERY,
                     .state = RUN_HELD,
                     .started_us = T0 };
    OK(run_add(b->st, &r, &why));
    struct effect e = { .run_id = r.run_id,
                        .effect_id = 1,
                        .pass = EFFECT_PEOPLE,
                        .user_id = 11,
                        .verb = TEXT_LIT("update"),
                        .sentence = text_of(name),
                        .state = EFFECT_PLANNED };
    OK(db_begin(b->st->db, &why));
    OK(effect_add(b->st, company_id, &e, 1, &why));
    OK(account_enrol(b->st, company_id, p.destination_id, &n, &why));
    OK(account_show(b->st, company_id, p.destination_id, r.run_id, TEXT_LIT("rc"), shows, 2, &seen,
                    &n, &m, &why));
    OK(team_link_save(b->st, company_id, p.destination_id, &team, &why));
    const struct team_sought sought = { text_of(name), 2, { 0 }, false };
    OK(team_link_sought(b->st, company_id, p.destination_id, team.team_id, &sought, &why));
    const struct team_row said = { .team_id = team.team_id,
                                   .word = TEAM_WORD_LINK,
                                   .chosen_id = text_of(name),
                                   .refused = { text_of(name), { 0 }, text_of(name) } };
    OK(team_link_word(b->st, company_id, p.destination_id, &said, &why));
    const struct pin pin = { 12, TEXT_LIT("job_title"), text_of(name), r.run_id, T0 };
    OK(pin_add(b->st, company_id, p.destination_id, &pin, &why));
    OK(account_of_user(b->st, company_id, p.destination_id, 11, &b->a, &row, &why));
    row.sentence = text_of(name);
    row.waits = TEXT_LIT("approval");
    row.approval = ACCOUNT_APPROVAL_INVITE;
    row.due_on = 5;
    row.dirty = false;
    OK(account_save(b->st, company_id, p.destination_id, &row, &why));
    OK(db_commit(b->st->db, &why));
    account_seen_done(&seen);
    place_exec(b->st->db, "UPDATE account SET dirty = 0");
    return p;
}

static struct pair two_companies(struct bed *b) {
    struct pair p;
    struct platform theirs;
    OK(company_add(b->st, "second", "Second", "UTC", T0, &p.second, &why));
    p.theirs = bed_integration(b, p.second, "hr");
    assert_int_equal(p.theirs.integration_id, b->in.integration_id);
    fill(b, b->company_id, b->in.integration_id, "mine");
    fill(b, p.second, p.theirs.integration_id, "theirs");
    p.academy = fill_platform(b, b->company_id, b->in.integration_id, "mine");
    theirs = fill_platform(b, p.second, p.theirs.integration_id, "theirs");
    assert_int_equal(p.academy.destination_id, theirs.destination_id);
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
        "SELECT " T("key") T("settings") T("policy") T("paused_by") T("listed_at")
            T("delivered_at") "prefix FROM destination WHERE company_id = 2",
        "SELECT " T("integration_id") "place FROM feed WHERE company_id = 2",
        "SELECT " T("account_id") T("user_id") T("remote_id") T("external_id") T("email") T(
            "tie") T("status") T("state") T("dirty") T("due_on") T("listed_run")
            T("sentence") "COALESCE(approval, '-') FROM account WHERE company_id = 2 ORDER BY account_id",
        "SELECT " T("team_id") T("name") "remote_id FROM team_link WHERE company_id = 2",
        "SELECT " T("team_id") T("found") "name FROM team_namesake WHERE company_id = 2",
        "SELECT " T("team_id") T("word")
            T("refused_name") "chosen_id FROM team_word WHERE company_id = 2",
        "SELECT " T("subject_id") T("field") T("value") "run_id FROM pin WHERE company_id = 2",
        "SELECT " T("effect_id") T("state") T("answer") "sentence FROM effect WHERE company_id = 2",
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

/* Everything that is written about a platform and its accounts. */
static void do_all_of_a_platform(struct bed *b, int64_t c, struct platform *p) {
    struct account other = shown("a", "renamed"), third = shown("c", "third");
    struct account_seen seen = { 0 };
    struct account_row row;
    struct effect e = { .run_id = 3, .effect_id = 1, .state = EFFECT_FAILED };
    struct team_row team = { .team_id = 50, .origin = TEAM_ADOPTED, .remote_id = TEXT_LIT("u") };
    int64_t n, m, d = p->destination_id;
    p->settings = TEXT_LIT("{}");
    p->policy = TEXT_LIT("{\"mine\":1}");
    p->paused_by = TEXT_LIT("ann");
    OK(platform_save(b->st, b->key, p, &why));
    OK(platform_listed(b->st, c, d, p->settings, T0, &why));
    OK(platform_delivered(b->st, c, d, T0, &why));
    OK(account_mark_all(b->st, c, d, &why));
    OK(account_mark_run(b->st, c, 1, &why));
    OK(db_begin(b->st->db, &why));
    OK(account_show(b->st, c, d, 3, TEXT_LIT("rc"), &other, 1, &seen, &n, &m, &why));
    assert_int_equal(m, 1);
    OK(account_show(b->st, c, d, 3, TEXT_LIT("rc"), &third, 1, &seen, &n, &m, &why));
    int64_t after = 0;
    struct account_unseen *unseen;
    size_t unseen_n;
    bool more;
    OK(account_unseen(b->st, c, d, &seen, &after, &b->a, &unseen, &unseen_n, &more, &why));
    assert_int_equal(unseen_n, 1);
    OK(account_end_show(b->st, c, d, 3, &seen, &n, &why));
    assert_int_equal(n, 1);
    OK(account_of_user(b->st, c, d, 12, &b->a, &row, &why));
    OK(account_drop(b->st, c, d, row.account_id, &why));
    OK(account_enrol(b->st, c, d, &n, &why));
    OK(team_link_save(b->st, c, d, &team, &why));
    OK(team_link_sought(b->st, c, d, team.team_id, &(struct team_sought){ TEXT_LIT("x"), 3 },
                        &why));
    OK(team_link_retry(b->st, c, d, &why));
    OK(team_link_word(b->st, c, d,
                      &(struct team_row){ .team_id = team.team_id, .word = TEAM_WORD_IGNORE },
                      &why));
    OK(effect_save(b->st, c, &e, &why));
    OK(effect_move(b->st, c, 3, EFFECT_FAILED, EFFECT_DONE, "x", T0, NULL, &why));
    OK(effect_hand_out(b->st, c, 3, EFFECT_LEAVERS, 1, &why));
    OK(effect_doubt(b->st, c, 3, "x", T0, &why));
    OK(effect_undone(b->st, c, 3, 11, 0, "undone", T0, &why));
    OK(pin_add(b->st, c, d, &(struct pin){ 12, TEXT_LIT("job_title"), TEXT_NONE, 3, 1 }, &why));
    OK(pin_drop(b->st, c, d, 12, (struct text){ 0 }, 0, &n, &why));
    assert_int_equal(n, 1);
    OK(pin_add(b->st, c, d, &(struct pin){ 12, TEXT_LIT("job_title"), TEXT_NONE, 3, 1 }, &why));
    OK(db_commit(b->st->db, &why));
    account_seen_done(&seen);
}

static void nothing_done_in_one_company_touches_another(void **state) {
    struct bed *b = *state;
    struct pair pair = two_companies(b);
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
    do_all_of_a_platform(b, c, &pair.academy);
    assert_string_equal(dump(b), before);
    OK(db_begin(b->st->db, &why));
    OK(integration_remove(b->st, c, i, &why));
    OK(platform_remove(b->st, c, pair.academy.destination_id, &why));
    OK(db_commit(b->st->db, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM account WHERE company_id = 1"), 0);
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

static void assert_mine_alone(const struct account_row *list, size_t n, size_t want) {
    assert_int_equal(n, want);
    for (size_t i = 0; i < n; i++) {
        if (list[i].sentence.state == TEXT_SET)
            assert_mine(list[i].sentence);
        if (list[i].is.fields[USER_LAST_NAME].known.state == TEXT_SET)
            assert_mine(list[i].is.fields[USER_LAST_NAME].known);
    }
}

static void nothing_of_a_platform_shows_another(struct bed *b, int64_t c, int64_t d) {
    struct platform p, *platforms;
    struct account_row row, *rows;
    struct team_row *teams;
    struct effect *effects;
    struct effect_tally tally;
    size_t n;
    int64_t count;
    OK(platform_find(b->st, c, "academy", NULL, &b->a, &p, &why));
    assert_mine(p.settings);
    OK(platform_get(b->st, c, d, NULL, &b->a, &p, &why));
    assert_mine(p.settings);
    assert_int_equal(p.feeds_n, 1);
    OK(platform_list(b->st, c, &b->a, &platforms, &n, &why));
    assert_int_equal(n, 1);
    OK(account_of_user(b->st, c, d, 11, &b->a, &row, &why));
    assert_mine(row.sentence);
    OK(account_get(b->st, c, d, row.account_id, &b->a, &row, &why));
    assert_mine(row.sentence);
    OK(account_by_remote(b->st, c, d, TEXT_LIT("a"), &b->a, &row, &why));
    assert_mine_alone(&row, 1, 1);
    OK(account_by_external(b->st, c, d, TEXT_LIT("rc:hr:2"), &b->a, &row, &why));
    assert_mine_alone(&row, 1, 1);
    OK(account_by_email(b->st, c, d, TEXT_LIT("same@x.org"), 9, &b->a, &rows, &n, &why));
    assert_mine_alone(rows, n, 2);
    OK(account_candidates(b->st, c, d, 9, false, 0, 9, &b->a, &rows, &n, &why));
    assert_mine_alone(rows, n, 1);
    OK(account_candidates(b->st, c, d, 9, true, 0, 9, &b->a, &rows, &n, &why));
    assert_mine_alone(rows, n, 2);
    OK(account_list(b->st, c, d, ACCOUNT_ALL, 0, 9, &b->a, &rows, &n, &why));
    assert_mine_alone(rows, n, 4);
    OK(account_calendar(b->st, c, d, 9, 9, &b->a, &rows, &n, &why));
    assert_mine_alone(rows, n, 1);
    OK(account_count(b->st, c, d, ACCOUNT_UNMATCHED, &count, &why));
    assert_int_equal(count, 2);
    OK(team_link_list(b->st, c, d, &b->a, &teams, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(teams[0].remote_name);
    OK(effect_list(b->st, c, 3, 0, 9, &b->a, &effects, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(effects[0].sentence);
    OK(effect_planned(b->st, c, 3, EFFECT_PEOPLE, 0, 9, &b->a, &effects, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(effects[0].sentence);
    OK(effect_of_user(b->st, c, d, 11, 9, &b->a, &effects, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(effects[0].sentence);
    OK(effect_count(b->st, c, 3, &tally, &why));
    assert_int_equal(tally.of[EFFECT_PLANNED], 1);
}

static void nothing_asked_in_one_company_shows_another(void **state) {
    struct bed *b = *state;
    struct pair pair = two_companies(b);
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
    OK(directory_count(b->st, c, i, &count, &why));
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
    OK(version_count(b->st, c, 2, true, &b->a, &tally, &why));
    assert_int_equal(tally.classes[CHANGE_NAME], 1);
    assert_int_equal(tally.absent, 1);
    OK(version_compare(b->st, c, 1, 2, &d, &why));
    assert_int_equal(d.otherwise, 1);
    nothing_of_history_shows_another(b, c, i);
    OK(team_list(b->st, c, i, &b->a, &teams, &n, &why));
    assert_int_equal(n, 1);
    assert_mine(teams[0].name);
    nothing_of_a_platform_shows_another(b, c, pair.academy.destination_id);
    OK(run_list(b->st, c, 0, 10, &b->a, &runs, &n, &why));
    assert_int_equal(n, 3);
    OK(run_newest_whole(b->st, c, i, &b->a, &runs[0], &why));
    assert_int_equal(runs[0].company_id, c);
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
    struct platform p2;
    struct account_row row;
    int64_t empty;
    struct pair pair = two_companies(b);
    int64_t d = pair.academy.destination_id;
    OK(company_add(b->st, "empty", "Empty", "UTC", T0, &empty, &why));
    bool any;
    OK(directory_has_any(b->st, empty, b->in.integration_id, &any, &why));
    assert_false(any);
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
    assert_int_equal(platform_find(b->st, empty, "academy", b->key, &b->a, &p2, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(platform_get(b->st, empty, d, b->key, &b->a, &p2, NULL), RC_NOT_FOUND);
    assert_int_equal(account_of_user(b->st, empty, d, 11, &b->a, &row, NULL), RC_NOT_FOUND);
    assert_int_equal(account_by_remote(b->st, empty, d, TEXT_LIT("a"), &b->a, &row, NULL),
                     RC_NOT_FOUND);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(nothing_done_in_one_company_touches_another),
    BED_TEST(nothing_asked_in_one_company_shows_another),
    BED_TEST(another_companys_number_is_not_found),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
