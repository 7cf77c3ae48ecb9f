/* Teams that are given to nobody, as somebody has to act first: told, and no reason for a run. */
#include "tests/sync/delivers.h"
#include "sync/accounts.h"

static struct accounts_team_wait waiting(struct delivers *d, size_t want) {
    struct bed *b = d->w->bed;
    struct accounts_team_wait *list, none = { 0 };
    struct platform p;
    size_t n;
    OK(platform_get(b->st, b->company_id, d->destination_id, b->key, &b->a, &p, &why));
    OK(accounts_waiting_teams(b->st, &p, &b->a, &list, &n, &why));
    assert_int_equal(n, want);
    return n > 0 ? *list : none;
}

/* No run, no call, and people still wait. */
static void is_no_run(struct delivers *d, const char *code) {
    unsigned calls = d->there.calls_n[0];
    for (int i = 0; i < 2; i++) {
        struct run r = delivers_run(d);
        assert_int_equal(r.run_id, 0);
        assert_string_equal(delivers_code(d, "2"), code);
    }
    assert_int_equal(d->there.calls_n[0], calls);
}

/* All are read again. */
static struct run next_day(struct delivers *d) {
    delivers_day(d, 1);
    world_import(d->w);
    return delivers_run(d);
}

static void begin_with_two(struct delivers *d) {
    memory_platform_put_team(&d->there, "Dock", NULL);
    memory_platform_put_team(&d->there, "Dock", NULL);
    delivers_begin(d, 3);
}

static void gets_team(struct delivers *d, struct text id) {
    assert_true(text_equal(delivers_shows(d, "1", "primary_team"), id));
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), id));
    assert_string_equal(delivers_code(d, "2"), "in-step");
    waiting(d, 0);
}

static void several_of_one_name_are_told_and_are_no_reason_for_a_run(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    is_no_run(d, "team-ambiguous");
    assert_says(delivers_row(d, "2").sentence, "several teams on the platform are called Dock;");
    struct accounts_team_wait w = waiting(d, 1);
    assert_true(text_is(w.is.name, "Dock"));
    assert_int_equal(w.people_n, 3);
    assert_string_equal(w.decision.code, "team-ambiguous");
    assert_says(w.decision.sentence, "2 teams on the platform are called Dock");
    assert_says(w.decision.remedy, "the one that is left is linked");
    unsigned writes = delivers_writes(d);
    next_day(d); /* all are read, and it is the same */
    assert_int_equal(delivers_writes(d), writes);
    is_no_run(d, "team-ambiguous");
}

static void the_next_reading_notices_that_one_of_them_was_renamed(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    is_no_run(d, "team-ambiguous");
    d->there.teams[0].is.name = TEXT_LIT("Quay");
    is_no_run(d, "team-ambiguous"); /* nobody has looked */
    next_day(d);
    gets_team(d, d->there.teams[1].is.remote_id);
    assert_int_equal(d->there.teams_n, 2);
    is_no_run(d, "in-step");
}

static void or_that_all_of_them_were_deleted(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    d->there.teams[0].exists = d->there.teams[1].exists = false;
    next_day(d);
    assert_int_equal(d->there.teams_n, 3);
    gets_team(d, d->there.teams[2].is.remote_id);
}

static void another_name_in_hr_is_looked_for_at_once(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    is_no_run(d, "team-ambiguous");
    for (int i = 1; i <= 3; i++)
        world_put(d->w, i == 1 ? "1" : i == 2 ? "2" : "3", "department=Harbour#9");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 3);
    gets_team(d, d->there.teams[2].is.remote_id);
    is_no_run(d, "in-step");
}

static void one_that_no_setting_lets_us_make_or_link_waits_without_runs(void **state) {
    struct delivers *d = *state;
    delivers_policy(d, "{\"create-teams\":\"no\",\"adopt-teams\":\"no\"}");
    delivers_begin(d, 3);
    is_no_run(d, "not-available");
    assert_says(delivers_row(d, "2").sentence, "team Dock is not on the platform and none is made");
    struct accounts_team_wait w = waiting(d, 1);
    assert_string_equal(w.decision.code, "team-not-made");
    assert_says(w.decision.remedy, "create-teams=yes");
    struct text hand = memory_platform_put_team(&d->there, "Dock", NULL);
    next_day(d);
    is_no_run(d, "not-available");
    assert_says(delivers_row(d, "2").sentence, "team Dock on the platform is left alone");
    assert_string_equal(waiting(d, 1).decision.code, "team-taken");
    /* The setting counts at once, and what is remembered links nothing. */
    delivers_policy(d, "{\"create-teams\":\"no\"}");
    waiting(d, 0);
    memory_platform_put_team(&d->there, "Dock", NULL);
    delivers_run(d);
    is_no_run(d, "team-ambiguous");
    d->there.teams[1].exists = false;
    next_day(d);
    gets_team(d, hand);
}

static void what_is_remembered_makes_none(void **state) {
    struct delivers *d = *state;
    delivers_policy(d, "{\"create-teams\":\"no\"}");
    delivers_begin(d, 3);
    is_no_run(d, "not-available");
    assert_string_equal(waiting(d, 1).decision.code, "team-not-made");
    struct text hand = memory_platform_put_team(&d->there, "Dock", NULL);
    delivers_policy(d, "{}");
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 1);
    gets_team(d, hand);
}

static void one_of_another_connector_is_told_and_left_alone(void **state) {
    struct delivers *d = *state;
    memory_platform_put_team(&d->there, "Dock", "other:9");
    delivers_begin(d, 3);
    is_no_run(d, "not-available");
    struct accounts_team_wait w = waiting(d, 1);
    assert_string_equal(w.decision.code, "team-taken");
    assert_says(w.decision.sentence, "another connector's external id");
    d->there.teams[0].is.external_id = (struct text){ 0 };
    next_day(d);
    gets_team(d, d->there.teams[0].is.remote_id);
}

static void a_team_that_hr_states_for_nobody_any_more_is_told_no_more(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    for (int i = 1; i <= 3; i++)
        world_put(d->w, i == 1 ? "1" : i == 2 ? "2" : "3", "department=Quay#10");
    world_import(d->w);
    delivers_run(d);
    waiting(d, 0);
    is_no_run(d, "in-step");
}

static void one_to_be_made_again_waits_as_any_other(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct team_lost *lost;
    struct platform p;
    size_t n;
    delivers_begin(d, 3);
    d->there.teams[0].exists = false;
    next_day(d);
    memory_platform_put_team(&d->there, "Dock", NULL);
    memory_platform_put_team(&d->there, "Dock", NULL);
    OK(platform_get(b->st, b->company_id, d->destination_id, b->key, &b->a, &p, &why));
    OK(accounts_lost_teams(b->st, &p, &b->a, &lost, &n, &why));
    assert_int_equal(n, 1);
    struct accounts_context x = { b->st, b->key, &d->w->company, &p, &d->w->clock, "ann" };
    OK(accounts_resolve_team(&x, lost->is.team_id, ACCOUNTS_CREATE, &why));
    delivers_run(d);
    is_no_run(d, "team-ambiguous");
    assert_int_equal(waiting(d, 1).people_n, 3);
    d->there.teams[2].exists = false;
    next_day(d);
    gets_team(d, d->there.teams[1].is.remote_id);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        DELIVERS_TEST(several_of_one_name_are_told_and_are_no_reason_for_a_run),
        DELIVERS_TEST(the_next_reading_notices_that_one_of_them_was_renamed),
        DELIVERS_TEST(or_that_all_of_them_were_deleted),
        DELIVERS_TEST(another_name_in_hr_is_looked_for_at_once),
        DELIVERS_TEST(one_that_no_setting_lets_us_make_or_link_waits_without_runs),
        DELIVERS_TEST(what_is_remembered_makes_none),
        DELIVERS_TEST(one_of_another_connector_is_told_and_left_alone),
        DELIVERS_TEST(a_team_that_hr_states_for_nobody_any_more_is_told_no_more),
        DELIVERS_TEST(one_to_be_made_again_waits_as_any_other),
    };
    return place_run("delivery_teams", tests, RC_LEN(tests), argc, argv);
}
