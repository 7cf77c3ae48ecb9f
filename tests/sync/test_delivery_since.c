/* What has changed on the platform since all accounts were read: it is seen before anything is sent, or in the
 * answer to what was. */
#include "store/directory.h"
#include "tests/sync/hands.h"

static void an_address_taken_since_the_inventory_is_looked_up_and_told(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    memory_platform_put(&d->there, (const char *const[]){ "first_name=Some", "last_name=Body",
                                                          "email=taken@x.org", NULL });
    world_put(d->w, "2", "email=taken@x.org");
    world_put(d->w, "2", "job_title=Foreman");
    world_import(d->w);
    delivers_run(d);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "email-taken");
    assert_true(text_is(delivers_shows(d, "2", "email"), "p2@x.org"));
    assert_true(text_is(delivers_shows(d, "2", "job_title"), "Foreman"));
}

/* The account was listed in the morning; what it has become by the afternoon is seen before anything
 * is sent to it. */
static const struct other_row {
    const char *name, *status, *email, *external_id, *role;
    const char *code, *effect;
} other_rows[] = {
    { "who has got another address is not linked by the old one", "active", "bob@x.org", NULL, NULL,
      "in-step", "create 4 done\n" },
    { "whom another connector looks after by now is left alone", "active", NULL, "okta:1", NULL,
      "other-connector", "" },
    { "who has become an admin is asked about", "active", NULL, NULL, "admin", "adopt-protected",
      "" },
    { "who has another role, and none that is protected, is linked the next time", "active", NULL,
      NULL, "curator", "in-step", "adopt 4 done\n" },
    { "who is to be opened first is looked at before", "deactivated", "bob@x.org", NULL, NULL,
      "in-step", "create 4 done\n" },
};

static void who_is_another_since_the_inventory_is_not_linked(void **state) {
    struct delivers *d = *state;
    const struct other_row *row = d->row;
    delivers_begin(d, 3);
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){
                       "first_name=First4", "last_name=Last4", "email=p4@x.org", "role=viewer",
                       arena_printf(&d->w->bed->a, "status=%s", row->status), NULL });
    struct account *is = &memory_platform_find(&d->there, id)->is;
    enum account_status was = is->status;
    delivers_day(d, 1);
    delivers_run(d);
    world_add(d->w, "4");
    world_import(d->w);
    if (was == ACCOUNT_DEACTIVATED) {
        delivers_run(d);
        assert_string_equal(delivers_code(d, "4"), "adopt-deactivated");
        hands_answer(d, "4", ACCOUNTS_APPROVE);
    }
    is->fields[USER_EMAIL].known =
        row->email != NULL ? text_of(row->email) : is->fields[USER_EMAIL].known;
    is->external_id = text_of(row->external_id);
    is->role = row->role != NULL ? text_of(row->role) : is->role;
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "adopt 4 failed\n");
    assert_true(text_is(is->external_id, row->external_id) || row->external_id == NULL);
    assert_false(text_is(is->external_id, "rc:hr:4"));
    assert_int_equal(is->status, was);
    r = delivers_run(d);
    assert_string_equal(r.run_id != 0 ? delivers_effects(d, r.run_id) : "", row->effect);
    assert_string_equal(delivers_code(d, "4"), row->code);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    delivers_day(d, 1);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
    assert_string_equal(delivers_code(d, "4"), row->code);
}

/* Linked under another name by somebody's word, which was given before anybody knew that it is an admin's. */
static void a_yes_from_before_an_account_was_protected_is_asked_for_again(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=Other", "last_name=Body", "email=p4@x.org",
                                          "role=viewer", "status=active", NULL });
    struct account *is = &memory_platform_find(&d->there, id)->is;
    delivers_day(d, 1);
    delivers_run(d);
    world_add(d->w, "4");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "adopt-other-name");
    hands_answer(d, "4", ACCOUNTS_APPROVE);
    is->role = TEXT_LIT("admin");
    delivers_day(d, 1);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "adopt-protected");
    assert_int_equal(delivers_writes(d), writes);
    assert_int_equal(is->external_id.state == TEXT_SET, false);
    hands_answer(d, "4", ACCOUNTS_APPROVE);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "4"), "in-step");
    assert_true(text_is(is->external_id, "rc:hr:4"));
    assert_true(text_is(is->role, "admin"));
}

static const struct role_row {
    const char *name, *put, *role;
    bool closes, moves; /* at once */
    const char *code;   /* afterwards */
} role_rows[] = {
    { "who has become an admin since all were read stays open", "status=inactive", "admin", false,
      false, "protected" },
    { "who has another role that protects nobody is closed", "status=inactive", "curator", true,
      false, "closed" },
    { "who has become an admin keeps the address until somebody says so", "email=p2@new.org",
      "admin", false, false, "email-protected" },
    { "who has another role, and none that is protected, has the new address the next time",
      "email=p2@new.org", "curator", false, true, "in-step" },
};

static void a_role_given_since_the_inventory_protects(void **state) {
    struct delivers *d = *state;
    const struct role_row *row = d->row;
    delivers_begin(d, 20);
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "2"))->is;
    is->role = text_of(row->role);
    world_put(d->w, "2", row->put);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(is->status, row->closes ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    assert_true(text_is(is->fields[USER_EMAIL].known, "p2@x.org"));
    delivers_run(d);
    assert_int_equal(is->status, row->closes ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE);
    assert_true(text_is(is->fields[USER_EMAIL].known, row->moves ? "p2@new.org" : "p2@x.org"));
    assert_string_equal(delivers_code(d, "2"), row->code);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
}

/* The answer to a change shows it; else they would be sent changes until the next inventory. */
static void
who_was_closed_since_the_inventory_is_left_alone_from_the_first_answer_on(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    struct account *is = &memory_platform_find(&d->there, delivers_id(d, "3"))->is;
    is->status = ACCOUNT_DEACTIVATED;
    world_put(d->w, "3", "job_title=Foreman");
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "deactivated-by-hand");
    world_put(d->w, "3", "job_title=Cook");
    world_import(d->w);
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
    assert_int_equal(is->status, ACCOUNT_DEACTIVATED);
    is->status = ACCOUNT_ACTIVE; /* by hand too */
    delivers_day(d, 1);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_true(text_is(delivers_shows(d, "3", "job_title"), "Cook"));
}

/* Another customer's platform: the same ids, and whoever they are of there. */
static void is_elsewhere(struct delivers *d) {
    struct platform p = delivers_platform(d);
    p.is_elsewhere = true;
    OK(platform_save(d->w->bed->st, NULL, &p, &why));
}

static void move_elsewhere(struct delivers *d) {
    is_elsewhere(d);
    for (size_t i = 0; i < d->there.accounts_n; i++) {
        struct account *is = &d->there.accounts[i].is;
        is->external_id = (struct text){ 0 };
        is->fields[USER_EMAIL].known =
            text_of(arena_printf(&d->w->bed->a, "elsewhere%zu@y.org", i));
    }
}

static void on_another_customers_platform_nothing_is_done(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "status=inactive");
    world_put(d->w, "4", "last_name=Married");
    world_add(d->w, "6");
    world_import(d->w);
    struct run before = delivers_preview(d, 0);
    assert_state(&before, RUN_PREVIEWED);
    move_elsewhere(d);
    unsigned writes = delivers_writes(d);
    delivers_fails(d, RC_INVALID);
    assert_string_equal(d->err.name, "destination.another");
    struct delivery_options o = delivers_options(d);
    struct run r;
    assert_int_equal(delivery_approve(d->w->bed->st, d->w->bed->key, &d->w->company, before.run_id,
                                      "it is right", &o, &d->w->bed->a, &r, &d->err),
                     RC_INVALID);
    assert_string_equal(d->err.name, "destination.another");
    assert_int_equal(delivers_writes(d), writes);
    assert_true(text_is(delivers_row(d, "3").is.fields[USER_EMAIL].known, "p3@x.org"));
    place_exec(d->w->bed->st->db, "UPDATE destination SET restored_at = 1");
    delivers_fails(d, RC_INVALID);
    assert_non_null(strstr(d->err.text, "put back from a backup"));
}

/* A key that is renewed is everyday business, also when somebody has tidied up there meanwhile. */
static void the_same_platform_at_another_address_is_gone_on_with(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    is_elsewhere(d);
    memory_platform_find(&d->there, delivers_id(d, "2"))->exists = false;
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
    assert_int_equal(delivers_status(d, "2"), ACCOUNT_DELETED);
}

/* Of most whom it has ever had nothing is left there by which they could be known. */
static void whoever_left_says_nothing_of_whether_it_is_the_same(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 8);
    for (int i = 2; i < 8; i++)
        world_put(d->w, arena_printf(&d->w->bed->a, "%d", i), "status=inactive");
    world_import(d->w);
    delivers_run(d);
    for (size_t i = 0; i < d->there.accounts_n; i++) {
        struct account *is = &d->there.accounts[i].is;
        if (is->status != ACCOUNT_DEACTIVATED)
            continue;
        is->status = ACCOUNT_ANONYMISED;
        is->external_id = is->fields[USER_EMAIL].known = (struct text){ 0 };
    }
    delivers_day(d, 1);
    delivers_run(d);
    is_elsewhere(d);
    world_put(d->w, "8", "status=inactive");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "8"), ACCOUNT_DEACTIVATED);
    move_elsewhere(d);
    delivers_fails(d, RC_INVALID);
    assert_string_equal(d->err.name, "destination.another");
}

/* By hand the address need not be theirs; a role since then protects it all the same. */
static void who_was_linked_by_hand_and_has_become_an_admin_keeps_what_they_have(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 3);
    struct text id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First4", "last_name=Last4",
                                          "email=other@x.org", "role=viewer", NULL });
    delivers_day(d, 1);
    delivers_run(d);
    world_add(d->w, "4");
    world_import(d->w);
    hands_link(d, id, "4");
    memory_platform_find(&d->there, id)->is.role = text_of("admin");
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "adopt 4 failed\n");
    assert_true(text_is(memory_platform_field(&d->there, id, "email"), "other@x.org"));
}

/* Each is linked before the other's manager is looked at, who was there all along. */
static void a_manager_whom_an_account_shows_already_is_no_news(void **state) {
    struct delivers *d = *state;
    struct arena *a = &d->w->bed->a;
    struct effect *list;
    size_t n = 0, seen = 0;
    struct text boss = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First1", "last_name=Last1", "email=p1@x.org",
                                          "role=viewer", "status=active", NULL });
    memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First2", "last_name=Last2", "email=p2@x.org",
                                          "role=viewer", "status=active",
                                          arena_printf(a, "manager=%.*s", TEXT_ARG(boss)), NULL });
    world_begin(d->w, 3);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD);
    r = delivers_approve(d, r.run_id);
    OK(effect_list(d->w->bed->st, d->w->bed->company_id, r.run_id, 0, 100, a, &list, &n, &why));
    for (size_t i = 0; i < n; i++)
        if (list[i].pass == EFFECT_REFERENCES && list[i].state == EFFECT_DROPPED) {
            assert_true(text_is(list[i].answer, "it is so already"));
            seen++;
        }
    assert_int_equal(seen, 1);
    assert_true(text_equal(delivers_shows(d, "2", "manager"), boss));
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[17] = {
        DELIVERS_TEST(an_address_taken_since_the_inventory_is_looked_up_and_told),
        DELIVERS_TEST(who_was_closed_since_the_inventory_is_left_alone_from_the_first_answer_on),
        DELIVERS_TEST(a_yes_from_before_an_account_was_protected_is_asked_for_again),
        DELIVERS_TEST(on_another_customers_platform_nothing_is_done),
        DELIVERS_TEST(the_same_platform_at_another_address_is_gone_on_with),
        DELIVERS_TEST(whoever_left_says_nothing_of_whether_it_is_the_same),
        DELIVERS_TEST(who_was_linked_by_hand_and_has_become_an_admin_keeps_what_they_have),
        DELIVERS_TEST(a_manager_whom_an_account_shows_already_is_no_news),
    };
    size_t n = CHECK_LISTED(tests);
    DELIVERS_ROWS(tests, n, other_rows, who_is_another_since_the_inventory_is_not_linked);
    DELIVERS_ROWS(tests, n, role_rows, a_role_given_since_the_inventory_protects);
    return place_run("delivery since", tests, n, argc, argv);
}
