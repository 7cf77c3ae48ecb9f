#include <stdio.h>
#include "tests/store/bed.h"
#include "base/rng.h"

static struct run new_run(struct bed *b) {
    return bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
}

static struct version_change changed(int64_t user_id, const char *field, enum change_class class) {
    return (struct version_change){ user_id,         text_of(field), TEXT_LIT("old"),
                                    TEXT_LIT("new"), class,          "hr-states" };
}

static void stage_changes(struct bed *b, const struct run *r, const struct version_change *c,
                          size_t n) {
    OK(db_begin(b->st->db, &why));
    OK(version_add_changes(b->st, b->company_id, r->run_id, c, n, &why));
    OK(db_commit(b->st->db, &why));
}

/* Three people, ids 101 to 103, source ids "1" to "3", applied by the run that is returned. */
static struct run three_people(struct bed *b) {
    struct run r = new_run(b);
    struct version v[] = { bed_version(b, 101, 0, "1", "ann"), bed_version(b, 102, 0, "2", "bob"),
                           bed_version(b, 103, 0, "3", "cid") };
    bed_stage(b, &r, v, 3);
    bed_apply(b, &r);
    return r;
}

static struct person person(struct bed *b, const char *source_id) {
    struct person p;
    OK(directory_find(b->st, b->company_id, b->in.integration_id, text_of(source_id), &b->a, &p,
                      &why));
    return p;
}

static bool is_called(const struct person *p, const char *name) {
    return memmem(p->user.ptr, p->user.len, name, strlen(name)) != NULL;
}

static void what_is_staged_is_current_for_nobody(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version v = bed_version(b, 101, first.run_id, "1", "anna");
    char *before = bed_people(b, b->company_id, 0, 0);
    bed_stage(b, &r, &v, 1);
    assert_string_equal(bed_people(b, b->company_id, 0, 0), before);
}

static void applying_joins_and_moves(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "anna"),
                           bed_version(b, 110, 0, "9", "dan") };
    v[0].presence = PRESENCE_GONE;
    v[0].has_left = true;
    v[0].problems = 5;
    v[0].read_us = T0 + 77;
    bed_stage(b, &r, v, 2);
    struct version_applied done = bed_apply(b, &r);
    assert_int_equal(done.joined, 1);
    assert_int_equal(done.moved, 1);
    assert_int_equal(done.left_out, 0);
    struct person ann = person(b, "1"), bob = person(b, "2"), dan = person(b, "9");
    assert_int_equal(ann.run_id, r.run_id);
    assert_int_equal(ann.presence, PRESENCE_GONE);
    assert_int_equal(ann.problems, 5);
    assert_int_equal(ann.read_us, T0 + 77);
    assert_true(is_called(&ann, "anna"));
    assert_memory_equal(&ann.user_digest, &v[0].user_digest, sizeof ann.user_digest);
    assert_int_equal(bob.run_id, first.run_id);
    assert_int_equal(dan.user_id, 110);
    assert_true(is_called(&dan, "dan"));
    int64_t population;
    OK(directory_population(b->st, b->company_id, b->in.integration_id, &population, &why));
    assert_int_equal(population, 3);
}

/* Whatever differs in a version, or ends or begins to be there, the directory has after it. */
static void the_directory_has_what_the_version_says_whatever_differs(void **state) {
    static const char as_versions[] =
        "SELECT COUNT(*) FROM \"user\" AS u JOIN version AS v ON v.company_id = u.company_id"
        " AND v.run_id = u.run_id AND v.user_id = u.user_id WHERE u.presence = v.presence"
        " AND u.employee_digest = v.employee_digest AND u.user_digest = v.user_digest"
        " AND u.read_at = v.read_at AND u.problems = v.problems AND u.has_left = v.has_left"
        " AND u.email IS NOT DISTINCT FROM v.email AND u.manager IS NOT DISTINCT FROM v.manager"
        " AND u.team IS NOT DISTINCT FROM v.team";
    enum { PEOPLE = 9, ROUNDS = 6 };
    struct bed *b = *state;
    int64_t run_id = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct run r = new_run(b);
        struct version v[PEOPLE];
        for (int i = 0; i < PEOPLE; i++) {
            const char *id = arena_printf(&b->a, "%d", i);
            v[i] = bed_version(b, 101 + i, run_id, id, arena_printf(&b->a, "p%d", i));
            v[i].read_us = T0 + round;
            if (round % 2 == 0)
                continue;
            switch (i) { /* and the eighth and ninth in nothing that is found by an index */
            case 0: v[i].email = TEXT_LIT("other@x.org"); break;
            case 1: v[i].email = (struct text){ 0 }; break;
            case 2: v[i].manager = TEXT_LIT("2"); break;
            case 3: v[i].manager = (struct text){ 0 }; break;
            case 4: v[i].problems = 1u << round; break;
            case 5: v[i].presence = PRESENCE_MISSING; break;
            case 6: v[i].has_left = true; break;
            case 7: v[i].team = TEXT_LIT("department:10"); break;
            }
        }
        bed_stage(b, &r, v, PEOPLE);
        struct version_applied done = bed_apply(b, &r);
        assert_int_equal(done.joined + done.moved, PEOPLE);
        assert_int_equal(done.left_out, 0);
        assert_int_equal(bed_number(b, as_versions), PEOPLE);
        run_id = r.run_id;
    }
}

static void who_has_moved_on_is_left_out_with_their_changes(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), slow = new_run(b);
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "slow-ann"),
                           bed_version(b, 102, first.run_id, "2", "slow-bob"),
                           bed_version(b, 110, 0, "9", "slow-dan") };
    struct version_change c[] = { changed(101, "last_name", CHANGE_NAME),
                                  changed(102, "last_name", CHANGE_NAME),
                                  changed(110, "*", CHANGE_JOINS) };
    bed_stage(b, &slow, v, 3);
    stage_changes(b, &slow, c, 3);
    slow.state = RUN_HELD;
    OK(run_save(b->st, &slow, &why));
    struct run quick = new_run(b); /* comes in between: ann moves on, dan is there already */
    struct version w[] = { bed_version(b, 101, first.run_id, "1", "quick-ann"),
                           bed_version(b, 111, 0, "9", "quick-dan") };
    bed_stage(b, &quick, w, 2);
    bed_apply(b, &quick);
    struct version_applied done = bed_apply(b, &slow);
    assert_int_equal(done.joined, 0);
    assert_int_equal(done.moved, 1);
    assert_int_equal(done.left_out, 2);
    struct person ann = person(b, "1"), bob = person(b, "2"), dan = person(b, "9");
    assert_true(is_called(&ann, "quick-ann"));
    assert_true(is_called(&bob, "slow-bob"));
    assert_true(is_called(&dan, "quick-dan") && dan.user_id == 111);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version WHERE left_out = 1"), 2);
    assert_int_equal(bed_number(b, "SELECT user_id FROM change"), 102); /* the only one */
}

static void teams_are_written_and_renamed_when_applied(void **state) {
    struct bed *b = *state;
    struct run r = new_run(b);
    struct version_team dock = { TEXT_LIT("department:9"), TEXT_LIT("department"), TEXT_LIT("9"),
                                 TEXT_LIT("Dock"), 0 },
                        *list;
    size_t n;
    OK(version_add_team(b->st, b->company_id, r.run_id, &dock, &why));
    OK(team_list(b->st, b->company_id, b->in.integration_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    bed_apply(b, &r);
    OK(team_list(b->st, b->company_id, b->in.integration_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].name, "Dock") && text_is(list[0].hr_id, "9"));
    int64_t id = list[0].team_id;
    r = new_run(b);
    dock.team_id = id;
    dock.name = TEXT_LIT("Harbour");
    OK(version_add_team(b->st, b->company_id, r.run_id, &dock, &why));
    dock.name = TEXT_LIT("Port"); /* renamed again while the list was read */
    OK(version_add_team(b->st, b->company_id, r.run_id, &dock, &why));
    bed_apply(b, &r);
    OK(team_list(b->st, b->company_id, b->in.integration_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].name, "Port"));
    assert_int_equal(list[0].team_id, id);
}

static void dropping_takes_a_person_or_the_whole_stage(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "x"),
                           bed_version(b, 102, first.run_id, "2", "y") };
    struct version_change c[] = { changed(101, "last_name", CHANGE_NAME),
                                  changed(101, "email", CHANGE_EMAIL),
                                  changed(102, "last_name", CHANGE_NAME) };
    struct version_team team = { TEXT_LIT("t"), TEXT_LIT("team"), TEXT_NONE, TEXT_LIT("T"), 0 };
    bed_stage(b, &r, v, 2);
    stage_changes(b, &r, c, 3);
    OK(version_add_team(b->st, b->company_id, r.run_id, &team, &why));
    OK(version_drop(b->st, b->company_id, r.run_id, 101, &why));
    OK(version_drop(b->st, b->company_id, r.run_id, 101, &why)); /* nobody there: fine */
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version"), 3 + 1);
    assert_int_equal(bed_number(b, "SELECT user_id FROM change"), 102);
    OK(version_drop_all(b->st, b->company_id, r.run_id, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version"), 3);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM change"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_version"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM \"user\""), 3);
}

static void a_large_stage_is_dropped_in_parts(void **state) {
    enum { MANY = 5001 };
    struct bed *b = *state;
    struct run r = new_run(b);
    struct version *v = ARENA_NEW(&b->a, struct version, MANY);
    struct version one = bed_version(b, 0, 0, "x", "x");
    for (int i = 0; i < MANY; i++) {
        v[i] = one;
        v[i].user_id = 1000 + i;
        v[i].source_id = text_of(arena_printf(&b->a, "s%d", i));
    }
    bed_stage(b, &r, v, MANY);
    OK(version_drop_all(b->st, b->company_id, r.run_id, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM version"), 0);
}

static void the_missing_are_read_in_pages_and_the_known_missing_go_away_again(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), second = new_run(b), r;
    struct version v = bed_version(b, 103, first.run_id, "3", "cid"), *list;
    size_t n;
    v.presence = PRESENCE_MISSING;
    bed_stage(b, &second, &v, 1);
    bed_apply(b, &second); /* cid is absent by now */
    r = new_run(b);
    struct version w[] = { bed_version(b, 101, first.run_id, "1", "ann"),
                           bed_version(b, 102, first.run_id, "2", "bob"),
                           bed_version(b, 103, second.run_id, "3", "cid") };
    struct version_change c[] = { changed(101, "lifecycle", CHANGE_LEAVERS),
                                  changed(102, "lifecycle", CHANGE_LEAVERS),
                                  changed(103, "lifecycle", CHANGE_OTHER) };
    w[0].presence = w[2].presence = PRESENCE_MISSING;
    w[1].presence = PRESENCE_GONE;
    bed_stage(b, &r, w, 3);
    stage_changes(b, &r, c, 3);
    OK(version_missing(b->st, b->company_id, r.run_id, 0, 1, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].user_id, 101);
    assert_int_equal(list[0].base_run_id, first.run_id);
    assert_true(text_is(list[0].source_id, "1"));
    assert_true(text_equal(list[0].person, w[0].person));
    OK(version_missing(b->st, b->company_id, r.run_id, 101, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].user_id, 103);
    OK(version_not_listed(b->st, b->company_id, r.run_id, 0, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(list[1].presence, PRESENCE_GONE);
    assert_memory_equal(&list[1].user_digest, &w[1].user_digest, sizeof list[1].user_digest);
    OK(version_drop_still_missing(b->st, b->company_id, r.run_id, &why));
    OK(version_not_listed(b->st, b->company_id, r.run_id, 0, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM change WHERE user_id = 103"), 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM change"), 2);
}

static void a_stage_is_counted_by_class_and_field(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "x"),
                           bed_version(b, 102, first.run_id, "2", "y"),
                           bed_version(b, 103, first.run_id, "3", "z") };
    struct version_change c[] = { changed(101, "last_name", CHANGE_NAME),
                                  changed(101, "email", CHANGE_EMAIL),
                                  changed(102, "email", CHANGE_EMAIL),
                                  changed(103, "lifecycle", CHANGE_LEAVERS) };
    struct version_tally t;
    v[1].presence = PRESENCE_MISSING;
    v[2].presence = PRESENCE_GONE;
    bed_stage(b, &r, v, 3);
    stage_changes(b, &r, c, 4);
    OK(version_count(b->st, b->company_id, r.run_id, true, &b->a, &t, &why));
    assert_int_equal(t.classes[CHANGE_NAME], 1);
    assert_int_equal(t.classes[CHANGE_EMAIL], 2);
    assert_int_equal(t.classes[CHANGE_LEAVERS], 1);
    assert_int_equal(t.fields[USER_EMAIL], 2);
    assert_int_equal(t.fields[USER_FIELDS_N], 1);
    assert_int_equal(t.absent, 1);
    assert_int_equal(t.gone, 1);
}

static void a_person_counts_once_in_each_class_whatever_the_number_of_fields(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "x"),
                           bed_version(b, 102, first.run_id, "2", "y"),
                           bed_version(b, 110, 0, "9", "z"), bed_version(b, 111, 0, "8", "w"),
                           bed_version(b, 112, 0, "7", "left") };
    struct version_change c[] = { changed(101, "first_name", CHANGE_NAME),
                                  changed(101, "last_name", CHANGE_NAME),
                                  changed(101, "manager", CHANGE_CLEARED),
                                  changed(101, "primary_team", CHANGE_CLEARED),
                                  changed(101, "job_title", CHANGE_CLEARED),
                                  changed(101, "hire_date", CHANGE_OTHER),
                                  changed(101, "status", CHANGE_OTHER),
                                  changed(101, "lifecycle", CHANGE_OTHER),
                                  changed(102, "last_name", CHANGE_NAME),
                                  changed(102, "manager", CHANGE_MANAGER),
                                  changed(102, "primary_team", CHANGE_CLEARED),
                                  changed(102, "lifecycle", CHANGE_JOINS),
                                  changed(110, "*", CHANGE_JOINS),
                                  changed(111, "*", CHANGE_JOINS),
                                  changed(112, "*", CHANGE_OTHER),
                                  changed(103, "lifecycle", CHANGE_UNANNOUNCED),
                                  changed(104, "lifecycle", CHANGE_LEAVERS) };
    static const int64_t want[CHANGE_CLASSES_N] = {
        [CHANGE_NAME] = 2,  [CHANGE_CLEARED] = 2,     [CHANGE_MANAGER] = 1, [CHANGE_JOINS] = 3,
        [CHANGE_OTHER] = 2, [CHANGE_UNANNOUNCED] = 1, [CHANGE_LEAVERS] = 2
    };
    struct version_tally t;
    bed_stage(b, &r, v, RC_LEN(v));
    stage_changes(b, &r, c, RC_LEN(c));
    OK(version_count(b->st, b->company_id, r.run_id, false, &b->a, &t, &why));
    for (int k = 0; k < CHANGE_CLASSES_N; k++)
        if (t.classes[k] != want[k])
            fail_msg("%s: %lld", change_class_name((enum change_class)k), (long long)t.classes[k]);
    assert_int_equal(t.fields[USER_FIRST_NAME], 1); /* fields are told one by one */
    assert_int_equal(t.fields[USER_LAST_NAME], 2);
    assert_int_equal(t.fields[USER_PRIMARY_TEAM], 2);
    assert_int_equal(t.fields[USER_FIELDS_N], 4);
    assert_int_equal(t.custom_n, 0);
}

static void custom_fields_are_counted_by_their_names(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "x"),
                           bed_version(b, 102, first.run_id, "2", "y") };
    struct version_change c[] = { changed(101, "custom.zone", CHANGE_OTHER),
                                  changed(101, "custom.badge", CHANGE_OTHER),
                                  changed(102, "custom.badge", CHANGE_CLEARED) };
    struct version_tally t;
    bed_stage(b, &r, v, 2);
    stage_changes(b, &r, c, 3);
    OK(version_count(b->st, b->company_id, r.run_id, false, &b->a, &t, &why));
    assert_int_equal(t.custom_n, 2);
    assert_string_equal(t.custom[0].name, "custom.badge");
    assert_int_equal(t.custom[0].people, 2);
    assert_string_equal(t.custom[1].name, "custom.zone");
    assert_int_equal(t.custom[1].people, 1);
    assert_int_equal(t.classes[CHANGE_OTHER], 1);
}

static void changes_are_shown_with_names_leavers_first(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "ann"),
                           bed_version(b, 102, first.run_id, "2", "bob"),
                           bed_version(b, 103, first.run_id, "3", "cat"),
                           bed_version(b, 110, 0, "9", "dan") };
    struct version_change c[] = { changed(101, "job_title", CHANGE_OTHER),
                                  changed(101, "email", CHANGE_EMAIL),
                                  changed(102, "lifecycle", CHANGE_LEAVERS),
                                  changed(103, "lifecycle", CHANGE_UNANNOUNCED),
                                  changed(110, "*", CHANGE_JOINS) };
    struct version_change_row *list;
    static const int64_t order[] = { 103, 102, 110, 101, 101 };
    size_t n;
    bed_stage(b, &r, v, 4);
    stage_changes(b, &r, c, 5);
    OK(version_changes(b->st, b->company_id, r.run_id, 100, &b->a, &list, &n, &why));
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].user_id, order[i]);
    assert_int_equal(list[0].class, CHANGE_UNANNOUNCED);
    assert_int_equal(list[1].class, CHANGE_LEAVERS);
    assert_true(text_is(list[1].name, "bob") && text_is(list[1].source_id, "2"));
    assert_true(text_is(list[3].field, "email") && text_is(list[3].old, "old") &&
                text_is(list[3].new, "new") && text_is(list[3].rule, "hr-states"));
    OK(version_changes(b->st, b->company_id, r.run_id, 1, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
}

static void two_stages_are_compared_by_person(void **state) {
    struct bed *b = *state;
    struct run first = three_people(b), r = new_run(b);
    struct version_difference d;
    struct version v[] = { bed_version(b, 101, first.run_id, "1", "same"),
                           bed_version(b, 102, first.run_id, "2", "one"),
                           bed_version(b, 103, first.run_id, "3", "only") };
    bed_stage(b, &r, v, 3);
    r.state = RUN_HELD;
    OK(run_save(b->st, &r, &why));
    struct run s = new_run(b);
    v[1] = bed_version(b, 102, first.run_id, "2", "two");
    v[2] = bed_version(b, 120, 0, "7", "new");
    struct version w[] = { v[0], v[1], v[2], bed_version(b, 121, 0, "8", "newer") };
    bed_stage(b, &s, w, 4);
    OK(version_compare(b->st, b->company_id, r.run_id, s.run_id, &d, &why));
    assert_int_equal(d.only_first, 1);
    assert_int_equal(d.only_second, 2);
    assert_int_equal(d.otherwise, 1);
    OK(version_compare(b->st, b->company_id, s.run_id, s.run_id, &d, &why));
    assert_int_equal(d.only_first + d.only_second + d.otherwise, 0);
}

/* ---- the overlay before apply is the directory after ---- */

enum { PEOPLE = 20 };
struct world {
    int64_t user_id[PEOPLE], current[PEOPLE]; /* run; 0: nobody with this source id yet */
    int64_t next_id;
};

/* Random people in random states: joiners, known ones, some compared with a version that is not
 * current any more, some joiners who are there by now. */
static void stage_random(struct bed *b, struct rng *rng, const struct run *r, struct world *w,
                         bool stale) {
    struct version v[PEOPLE];
    size_t n = 0;
    for (int i = 0; i < PEOPLE; i++) {
        char source_id[16], name[32];
        if (rng_below(rng, 2) == 0)
            continue;
        snprintf(source_id, sizeof source_id, "s%d", i);
        snprintf(name, sizeof name, "name%u", rng_below(rng, 1000));
        bool joins = w->current[i] == 0 || (stale && rng_below(rng, 4) == 0);
        int64_t base = stale && rng_below(rng, 3) == 0 ? 9999 : w->current[i];
        v[n] =
            bed_version(b, joins ? w->next_id++ : w->user_id[i], joins ? 0 : base, source_id, name);
        v[n].presence = (enum presence)(1 + rng_below(rng, 3));
        v[n].problems = rng_below(rng, 8);
        v[n].has_left = rng_below(rng, 2) == 0;
        v[n++].read_us = T0 + rng_below(rng, 1000);
        if (!stale && joins)
            w->user_id[i] = v[n - 1].user_id;
        if (!stale)
            w->current[i] = r->run_id;
    }
    bed_stage(b, r, v, n);
}

static void the_overlay_before_apply_is_the_directory_after(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run o = bed_run(b, b->company_id, other.integration_id, RUN_PASSED);
    struct world elsewhere = { .next_id = 5000 }; /* the same source ids through somebody else */
    struct rng rng;
    rng_init(&rng, 0, 7);
    stage_random(b, &rng, &o, &elsewhere, false);
    bed_apply(b, &o);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct world w = { .next_id = (int64_t)seed * 10000 };
        char key[16];
        rng_init(&rng, seed, 7);
        snprintf(key, sizeof key, "in%d", (int)seed);
        struct integration in = bed_integration(b, b->company_id, key);
        for (int i = 0; i < 3; i++) {
            struct run r = bed_run(b, b->company_id, in.integration_id, RUN_PASSED);
            bool stale = i == 2;
            stage_random(b, &rng, &r, &w, stale);
            char *before = bed_people(b, b->company_id, in.integration_id, 0);
            char *overlay = bed_people(b, b->company_id, in.integration_id, r.run_id);
            char *all = bed_people(b, b->company_id, 0, r.run_id);
            assert_string_not_equal(before, overlay);
            struct version_applied done = bed_apply(b, &r);
            assert_true(stale || done.left_out == 0);
            assert_string_equal(bed_people(b, b->company_id, in.integration_id, 0), overlay);
            assert_string_equal(bed_people(b, b->company_id, 0, 0), all);
        }
    }
}

static const struct CMUnitTest tests[] = {
    BED_TEST(what_is_staged_is_current_for_nobody),
    BED_TEST(applying_joins_and_moves),
    BED_TEST(the_directory_has_what_the_version_says_whatever_differs),
    BED_TEST(who_has_moved_on_is_left_out_with_their_changes),
    BED_TEST(teams_are_written_and_renamed_when_applied),
    BED_TEST(dropping_takes_a_person_or_the_whole_stage),
    BED_TEST(a_large_stage_is_dropped_in_parts),
    BED_TEST(the_missing_are_read_in_pages_and_the_known_missing_go_away_again),
    BED_TEST(a_stage_is_counted_by_class_and_field),
    BED_TEST(a_person_counts_once_in_each_class_whatever_the_number_of_fields),
    BED_TEST(custom_fields_are_counted_by_their_names),
    BED_TEST(changes_are_shown_with_names_leavers_first),
    BED_TEST(two_stages_are_compared_by_person),
    BED_TEST(the_overlay_before_apply_is_the_directory_after),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
