#include <stdio.h>
#include "tests/sync/world.h"

/* ---- first imports and imports without a change ---- */

static void a_first_import_is_held_and_then_approved(void **state) {
    struct world *w = *state;
    world_fill(w, 30);
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_says(r.reason, "a first import has its own approval: 30 people would join");
    assert_string_equal(world_directory(w), "");
    assert_int_equal(r.counts.joiners, 30);
    assert_int_equal(r.population, 0);
    assert_int_equal(world_changes(w, r.run_id, "*"), 30);
    assert_int_equal(world_changes(w, r.run_id, NULL), 30);
    r = world_approve(w, r.run_id);
    assert_state(&r, RUN_APPLIED);
    assert_true(r.approved && text_is(r.decided_by, "mira"));
    assert_string_equal(world_lifecycle(w, "30"), "active");
    assert_true(text_is(world_user(w, "30", USER_EMAIL), "p30@x.org"));
    assert_true(text_is(world_user(w, "30", USER_PRIMARY_TEAM), "department:9"));
    assert_true(text_is(world_user(w, "30", USER_MANAGER), "1"));
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM team"), 1);
    assert_int_equal(w->hr.gets_n, 0);
}

static void nothing_changed_nothing_written(void **state) {
    struct world *w = *state;
    world_begin(w, 30);
    char *before = bed_people(w->bed, w->bed->company_id, 0, 0);
    assert_int_equal(world_writes(w), 0);
    for (int i = 0; i < 3; i++) {
        struct run r = world_import(w);
        assert_state(&r, RUN_APPLIED);
        assert_int_equal(r.counts.read, 30);
        assert_int_equal(r.counts.unchanged, 30);
        assert_int_equal(world_writes(w), 0);
    }
    assert_string_equal(bed_people(w->bed, w->bed->company_id, 0, 0), before);
    world_put(w, "7", "last_name=Other"); /* the watch does see what is written */
    world_import(w);
    assert_int_equal(world_writes(w), 3); /* a version, a change, a user */
}

static void an_empty_company_is_none(void **state) {
    struct world *w = *state;
    struct run r = world_import_fails(w, RC_INVALID);
    assert_string_equal(w->err.name, "listing.nobody");
    r = world_run(w, r.run_id);
    assert_state(&r, RUN_FAILED);
    assert_int_equal(r.counts.read, 0);
}

static void who_arrives_already_gone_is_no_joiner_for_the_guard(void **state) {
    struct world *w = *state;
    world_begin(w, 5);
    world_add(w, "6");
    world_put(w, "6", "status=inactive");
    struct run r = world_import(w);
    assert_int_equal(r.counts.joiners, 1);
    assert_int_equal(r.counts.arrived_left, 1);
    assert_int_equal(r.counts.classes[CHANGE_JOINS], 0);
    assert_string_equal(world_lifecycle(w, "6"), "left");
    r = world_import(w); /* who has left is none of those whom the guard's percentages are of */
    assert_int_equal(world_run(w, r.run_id).population, 5);
    assert_int_equal(world_import_person(w, "1").population, 5);
}

/* ---- one change ---- */

static const struct change_row {
    const char *name, *put, *field, *want;
    enum change_class class;
} changes[] = {
    { "first name", "first_name=Mira", "first_name", "Mira", CHANGE_NAME },
    { "last name", "last_name=Okafor", "last_name", "Okafor", CHANGE_NAME },
    { "email", "email=New@X.org", "email", "new@x.org", CHANGE_EMAIL },
    { "job title", "job_title=Nurse", "job_title", "Nurse", CHANGE_OTHER },
    { "avatar", "avatar=/q", "avatar", "/q", CHANGE_OTHER },
    { "location", "office=Kiel#6", "primary_location", "Kiel", CHANGE_LOCATION },
    { "team", "department=Yard#10", "primary_team", "department:10", CHANGE_TEAM },
    { "manager", "supervisor=2", "manager", "2", CHANGE_MANAGER },
    { "hire date", "hire_date=2020-02-01", "hire_date", "2020-02-01", CHANGE_OTHER },
    { "a cleared title", "job_title=", "job_title", "", CHANGE_CLEARED },
    { "a cleared manager", "supervisor=", "manager", "", CHANGE_CLEARED },
    { "a cleared location", "office=", "primary_location", "", CHANGE_CLEARED },
    { "a cleared team", "department=", "primary_team", "", CHANGE_CLEARED },
    { "a cleared hire date", "hire_date=", "hire_date", "", CHANGE_CLEARED },
};

static void a_changed_field_is_exactly_one_change(void **state) {
    struct world *w = *state;
    const struct change_row *row = w->row;
    struct version_change_row *list;
    size_t n;
    world_begin(w, 8);
    world_put(w, "5", row->put);
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.changed, 1);
    assert_int_equal(r.counts.unchanged, 7);
    OK(version_changes(w->bed->st, w->bed->company_id, r.run_id, 100, &w->bed->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].source_id, "5"));
    assert_true(text_is(list[0].field, row->field));
    assert_true(row->want[0] == '\0' ? list[0].new.state == TEXT_MISSING
                                     : text_is(list[0].new, row->want));
    assert_string_equal(change_class_name(list[0].class), change_class_name(row->class));
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (strcmp(user_field_name((enum user_field)f), row->field) == 0)
            assert_true(text_equal(world_user(w, "5", (enum user_field)f), text_of(row->want)));
    r = world_import(w);
    assert_int_equal(r.counts.unchanged, 8);
}

/* Fields that move the lifecycle with them. */
static const struct life_row {
    const char *name, *put, *lifecycle;
    int64_t changes;
    enum change_class class;
} lives[] = {
    { "an end date ahead", "termination_date=2026-12-31", "leaving", 2, CHANGE_LEAVE_DATE },
    { "an end date behind", "termination_date=2026-09-01", "left", 2, CHANGE_LEAVERS },
    { "inactive", "status=inactive", "left", 2, CHANGE_LEAVERS },
    { "on leave", "status=leave", "leave", 2, CHANGE_OTHER },
    { "not before next year", "hire_date=2027-01-01", "expected", 2, CHANGE_LEAVERS },
};

static void a_lifecycle_follows_from_the_fields(void **state) {
    struct world *w = *state;
    const struct life_row *row = w->row;
    world_begin(w, 30);
    world_put(w, "5", row->put);
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(world_changes(w, r.run_id, NULL), row->changes);
    assert_int_equal(world_changes(w, r.run_id, "lifecycle"), 1);
    assert_int_equal(r.counts.classes[row->class], 1); /* once, be it in two fields */
    assert_string_equal(world_lifecycle(w, "5"), row->lifecycle);
}

/* ---- missing, empty, bad ---- */

static const struct key_row {
    const char *name;
    enum user_field field;
    bool empty_keeps;
} keys[] = {
    { "first_name", USER_FIRST_NAME, true },
    { "last_name", USER_LAST_NAME, true },
    { "email", USER_EMAIL, true },
    { "job_title", USER_JOB_TITLE, false },
    { "avatar", USER_AVATAR, false },
    { "office", USER_PRIMARY_LOCATION, false },
    { "department", USER_PRIMARY_TEAM, false },
    { "supervisor", USER_MANAGER, false },
    { "hire_date", USER_HIRE_DATE, false },
    { "status", USER_STATUS, true },
};

static void a_missing_key_keeps_what_is_known_for_everybody(void **state) {
    struct world *w = *state;
    const struct key_row *row = w->row;
    char id[16];
    world_begin(w, 10);
    char *before = world_directory(w);
    for (int i = 1; i <= 10; i++) { /* a right was withdrawn */
        snprintf(id, sizeof id, "%d", i);
        world_unset(w, id, row->name);
    }
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
    assert_int_equal(r.counts.vanished[row->field], row->field == USER_MANAGER ? 9 : 10);
    assert_string_equal(world_directory(w), before);
    r = world_import(w); /* and the next one does not take it for empty either */
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
    assert_string_equal(world_directory(w), before);
}

static void an_empty_value_follows_its_rule(void **state) {
    struct world *w = *state;
    const struct key_row *row = w->row;
    world_begin(w, 10);
    struct text before = world_user(w, "5", row->field);
    world_put(w, "5", arena_printf(&w->bed->a, "%s=", row->name));
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    struct text after = world_user(w, "5", row->field);
    assert_true(row->empty_keeps ? text_equal(after, before) : after.state == TEXT_EMPTY);
    assert_int_equal(world_changes(w, r.run_id, NULL), !row->empty_keeps);
    assert_int_equal(r.counts.classes[CHANGE_CLEARED], !row->empty_keeps);
}

static void a_value_that_cannot_be_used_keeps_what_is_known(void **state) {
    struct world *w = *state;
    const struct key_row *row = w->row;
    struct person p;
    world_begin(w, 10);
    struct text before = world_user(w, "5", row->field);
    world_put(w, "5", arena_printf(&w->bed->a, "%s!", row->name));
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
    assert_true(text_equal(world_user(w, "5", row->field), before));
    OK(directory_find(w->bed->st, w->bed->company_id, w->bed->in.integration_id, TEXT_LIT("5"),
                      &w->bed->a, &p, &why));
    assert_true(p.problems != 0);
}

static void a_renamed_department_is_one_write_and_no_change_of_people(void **state) {
    struct world *w = *state;
    char id[16];
    world_begin(w, 20);
    assert_int_equal(world_writes(w), 0);
    for (int i = 1; i <= 20; i++) {
        snprintf(id, sizeof id, "%d", i);
        world_put(w, id, "department=Harbour#9");
    }
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.unchanged, 20);
    assert_int_equal(r.counts.teams_renamed, 1);
    assert_int_equal(world_writes(w), 2); /* staged, applied */
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM team WHERE name = 'Harbour'"), 1);
}

/* ---- what is no listing ---- */

static void an_incomplete_listing_is_read_again_and_then_given_up(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    char *before = world_directory(w);
    world_put(w, "3", "last_name=Changed");
    world_drop(w, "20");
    w->hr.total_scripted = true;
    w->hr.total = 20;
    unsigned lists = w->hr.lists_n;
    struct run r = world_import_fails(w, RC_RETRY);
    assert_string_equal(w->err.name, "listing.incomplete");
    assert_int_equal(w->hr.lists_n - lists, 3);
    r = world_run(w, r.run_id);
    assert_state(&r, RUN_FAILED);
    assert_says(r.proof, "\"complete\":false");
    assert_says(r.reason, "20 people are declared, but 19 came");
    assert_string_equal(world_directory(w), before);
    assert_int_equal(world_changes(w, r.run_id, NULL), 0); /* its stage is gone */
    assert_int_equal(import_approve(w->bed->st, w->bed->key, &w->company, r.run_id, "mira", "",
                                    &w->clock, &w->bed->a, &r, &w->err),
                     RC_CONFLICT);
    assert_string_equal(w->err.name, "run.not-waiting");
}

static enum rc_code (*list_begin)(struct source *s, int64_t since_us, struct rc_error *err);

/* The list moves while it is read for the first time: one more is declared than comes. */
static enum rc_code one_short_at_first(struct source *s, int64_t since_us, struct rc_error *err) {
    struct memory_source *m = (struct memory_source *)(uintptr_t)s->ops;
    m->total_scripted = !m->total_scripted;
    m->total = (int64_t)m->people_n + 1;
    return list_begin(s, since_us, err);
}

static void a_listing_that_is_complete_the_second_time_is_complete(void **state) {
    struct world *w = *state;
    world_begin(w, 20);
    world_put(w, "3", "last_name=Changed");
    world_drop(w, "20");
    unsigned lists = w->hr.lists_n;
    list_begin = w->hr.ops.list_begin;
    w->hr.ops.list_begin = one_short_at_first;
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(w->hr.lists_n - lists, 2);
    assert_int_equal(world_changes(w, r.run_id, "last_name"), 1); /* staged once, not twice */
    assert_int_equal(r.counts.read, 19);
    assert_string_equal(world_lifecycle(w, "20"), "left");
}

/* In the order in which we know people, backwards, or mixed; who is known is read from the directory
 * meanwhile, some hundreds after some hundreds. */
static void the_order_of_a_list_does_not_matter(void **state) {
    struct world *w = *state;
    world_begin(w, 390);
    world_drop(w, "390"); /* of the last, one is gone, and one of the first */
    world_drop(w, "2");
    world_add(w, "new");
    world_put(w, "200", "last_name=Changed");
    world_limits(w, WORLD_NO_LIMITS);
    for (int order = 0; order < 3; order++) {
        size_t n = w->hr.people_n;
        for (size_t i = 0; i < n / 2 && order == 1; i++) {
            struct memory_person p = w->people[i];
            w->people[i] = w->people[n - 1 - i];
            w->people[n - 1 - i] = p;
        }
        for (size_t i = 0; i < n && order == 2; i++) {
            size_t j = i * 7919 % n;
            struct memory_person p = w->people[i];
            w->people[i] = w->people[j];
            w->people[j] = p;
        }
        struct run r = world_import(w);
        assert_state(&r, RUN_APPLIED);
        assert_int_equal(r.counts.read, 389);
        assert_int_equal(r.counts.joiners, order == 0);
        assert_int_equal(r.counts.changed, order == 0);
        assert_int_equal(r.counts.unchanged, order == 0 ? 387 : 389);
        assert_int_equal(r.population, order == 0 ? 390 : 389);
        assert_string_equal(world_lifecycle(w, "390"), "left");
        assert_string_equal(world_lifecycle(w, "2"), "left");
        assert_string_equal(world_lifecycle(w, "new"), "active");
    }
}

/* The first list is short, and who is known is read anew for the second. */
static void whoever_came_on_a_short_list_only_is_missing_on_the_next(void **state) {
    struct world *w = *state;
    world_begin(w, 390);
    world_drop(w, "300");
    list_begin = w->hr.ops.list_begin;
    w->hr.ops.list_begin = one_short_at_first;
    struct run r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.counts.read, 389);
    assert_int_equal(r.counts.unchanged, 389);
    assert_int_equal(r.population, 390);
    assert_string_equal(world_lifecycle(w, "300"), "left");
}

static const struct fault_row {
    const char *name;
    enum rc_code code;
    int where; /* 0 listing, first page; 1 listing, third page; 2 rights */
} faults[] = {
    { "a first page that cannot be had", RC_RETRY, 0 },
    { "a third page that cannot be had", RC_RETRY, 1 },
    { "a third page that is refused", RC_AUTH, 1 },
    { "a third page that is no answer", RC_INVALID, 1 },
    { "rights that cannot be asked for", RC_RETRY, 2 },
    { "credentials that are refused", RC_AUTH, 2 },
};

static void a_fault_of_the_remote_changes_nothing(void **state) {
    struct world *w = *state;
    const struct fault_row *row = w->row;
    world_begin(w, 20);
    char *before = world_directory(w);
    world_put(w, "1", "last_name=Changed");
    struct memory_fault fault = { .code = row->code, .name = "memory.scripted" };
    fault.after =
        row->where == 2 ? w->hr.rights_n : w->hr.pages_asked_n + (row->where == 1 ? 2 : 0);
    *(row->where == 2 ? &w->hr.rights_fault : &w->hr.list_fault) = fault;
    struct run r = world_import_fails(w, row->code);
    assert_string_equal(w->err.name, "memory.scripted");
    assert_string_equal(world_directory(w), before);
    r = world_run(w, r.run_id); /* one that was refused at the door is a failed run too */
    assert_state(&r, RUN_FAILED);
    assert_int_equal(r.population, 20);
    assert_int_equal(world_changes(w, r.run_id, NULL), 0);
    w->hr.rights_fault.code = w->hr.list_fault.code = RC_OK;
    r = world_import(w);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(world_changes(w, r.run_id, "last_name"), 1);
}

static void a_source_that_cannot_be_opened_is_an_error_and_no_more(void **state) {
    struct world *w = *state;
    struct bed *b = w->bed;
    struct import_options o = { .clock = &w->clock };
    struct run r;
    assert_int_equal(import_run(b->st, b->key, &w->company, &b->in, &o, &b->a, &r, &w->err),
                     RC_INVALID); /* csv without a file */
    r = world_run(w, r.run_id);
    assert_state(&r, RUN_FAILED);
    place_exec(b->st->db, "UPDATE integration SET source = 'telepathy'");
    assert_int_equal(import_run(b->st, b->key, &w->company, &b->in, &o, &b->a, &r, &w->err),
                     RC_FATAL);
    assert_non_null(strstr(w->err.text, "telepathy"));
    world_fill(w, 3);
    struct run fine = world_import(w); /* the lease was given back */
    assert_state(&fine, RUN_HELD);
}

static void two_imports_at_once_are_one(void **state) {
    struct world *w = *state;
    char subject[64];
    struct lease l;
    world_fill(w, 3);
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)w->bed->company_id,
             (long long)w->bed->in.integration_id);
    OK(lease_take(w->bed->st, "import", subject, w->fake.now_us + DAY_US, &l, &why));
    world_import_fails(w, RC_CONFLICT);
    assert_string_equal(w->err.name, "busy");
    assert_int_equal(w->hr.lists_n, 0);
    lease_release(w->bed->st, &l);
    world_import(w);
}

static void limits_that_cannot_be_read_stop_an_import_before_it_begins(void **state) {
    struct world *w = *state;
    world_limits(w, "{\"leavers\":{\"run\":3}}");
    world_import_fails(w, RC_INVALID);
    assert_int_equal(w->hr.rights_n, 0);
}

/* ---- one person ---- */

static void a_person_run_reads_one_person_only(void **state) {
    struct world *w = *state;
    world_begin(w, 10);
    world_put(w, "4", "last_name=Four");
    world_put(w, "5", "last_name=Five");
    unsigned lists = w->hr.lists_n;
    struct run r = world_import_person(w, "5");
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(r.kind, RUN_PERSON);
    assert_int_equal(w->hr.lists_n, lists);
    assert_true(text_is(world_user(w, "5", USER_LAST_NAME), "Five"));
    assert_true(text_is(world_user(w, "4", USER_LAST_NAME), "Last4"));
    world_add(w, "11");
    r = world_import_person(w, "11");
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(world_lifecycle(w, "11"), "active");
    r = world_import(w); /* the rest, and nothing twice */
    assert_int_equal(world_changes(w, r.run_id, NULL), 1);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM \"user\""), 11);
}

static void a_person_whom_nobody_knows_is_not_found(void **state) {
    struct world *w = *state;
    struct import_options o = { .person = "404", .clock = &w->clock, .source = &w->hr.ops };
    struct run r;
    world_begin(w, 10);
    assert_int_equal(
        import_run(w->bed->st, w->bed->key, &w->company, &w->bed->in, &o, &w->bed->a, &r, &w->err),
        RC_NOT_FOUND);
    assert_string_equal(w->err.name, "person.unknown");
}

int main(int argc, char **argv) {
    static struct CMUnitTest tests[200];
    size_t n = 0;
    static const struct CMUnitTest plain[] = {
        WORLD_TEST(a_first_import_is_held_and_then_approved),
        WORLD_TEST(nothing_changed_nothing_written),
        WORLD_TEST(an_empty_company_is_none),
        WORLD_TEST(who_arrives_already_gone_is_no_joiner_for_the_guard),
        WORLD_TEST(a_renamed_department_is_one_write_and_no_change_of_people),
        WORLD_TEST(an_incomplete_listing_is_read_again_and_then_given_up),
        WORLD_TEST(a_listing_that_is_complete_the_second_time_is_complete),
        WORLD_TEST(the_order_of_a_list_does_not_matter),
        WORLD_TEST(whoever_came_on_a_short_list_only_is_missing_on_the_next),
        WORLD_TEST(a_source_that_cannot_be_opened_is_an_error_and_no_more),
        WORLD_TEST(two_imports_at_once_are_one),
        WORLD_TEST(limits_that_cannot_be_read_stop_an_import_before_it_begins),
        WORLD_TEST(a_person_run_reads_one_person_only),
        WORLD_TEST(a_person_whom_nobody_knows_is_not_found),
    };
    for (; n < RC_LEN(plain); n++)
        tests[n] = plain[n];
    WORLD_ROWS(tests, n, changes, a_changed_field_is_exactly_one_change);
    WORLD_ROWS(tests, n, lives, a_lifecycle_follows_from_the_fields);
    WORLD_ROWS(tests, n, keys, a_missing_key_keeps_what_is_known_for_everybody);
    WORLD_ROWS(tests, n, keys, an_empty_value_follows_its_rule);
    WORLD_ROWS(tests, n, keys, a_value_that_cannot_be_used_keeps_what_is_known);
    WORLD_ROWS(tests, n, faults, a_fault_of_the_remote_changes_nothing);
    return place_run("import", tests, n, argc, argv);
}
