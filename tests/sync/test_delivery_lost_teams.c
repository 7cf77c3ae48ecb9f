/* Teams that somebody has deleted on the platform: asked about, and made again only when somebody says so. */
#include "tests/sync/hands.h"

/* Everybody's team is gone there, and they are told so; what is asked about it. */
static struct team_lost lose_team(struct delivers *d, struct platform *p) {
    struct bed *b = d->w->bed;
    struct team_lost *lost;
    size_t n;
    delivers_begin(d, 3);
    d->there.teams[0].exists = false;
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "2"), "team-deleted-there");
    *p = delivers_platform(d);
    OK(accounts_lost_teams(b->st, p, &b->a, &lost, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(lost->is.name, "Dock"));
    assert_int_equal(lost->people_n, 3);
    return *lost;
}

static size_t lost_n(struct delivers *d, const struct platform *p) {
    struct team_lost *lost;
    size_t n;
    OK(accounts_lost_teams(d->w->bed->st, p, &d->w->bed->a, &lost, &n, &why));
    return n;
}

static void is_quiet(struct delivers *d) {
    unsigned writes = delivers_writes(d);
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
}

static void a_deleted_team_is_made_again_when_somebody_says_so(void **state) {
    struct delivers *d = *state;
    struct platform p;
    struct team_lost lost = lose_team(d, &p);
    struct accounts_context x = hands_context(d);
    is_quiet(d);
    assert_int_equal(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_LINK, &why), RC_INVALID);
    assert_string_equal(why.name, "account.answer");
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_CREATE, &why));
    assert_int_equal(lost_n(d, &p), 0);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    for (int i = 1; i <= 3; i++)
        assert_true(text_equal(delivers_shows(d,
                                              i == 1   ? "1"
                                              : i == 2 ? "2"
                                                       : "3",
                                              "primary_team"),
                               d->there.teams[1].is.remote_id));
    is_quiet(d);
    assert_int_equal(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_CREATE, &why), RC_INVALID);
    /* The word is used up. */
    d->there.teams[1].exists = false;
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    assert_int_equal(lost_n(d, &p), 1);
}

static void a_team_whose_making_again_got_lost_is_not_made_twice(void **state) {
    struct delivers *d = *state;
    struct memory_platform_fault fault = { MEMORY_PLATFORM_TEAM_CREATE, 0, RC_UNSURE, NULL, true };
    struct platform p;
    struct team_lost lost = lose_team(d, &p);
    struct accounts_context x = hands_context(d);
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_APPROVE, &why));
    d->there.faults = &fault;
    d->there.faults_n = 1;
    delivers_run(d);
    d->there.faults_n = 0;
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    assert_true(text_equal(delivers_shows(d, "2", "primary_team"), d->there.teams[1].is.remote_id));
    is_quiet(d);
}

static void a_deleted_team_stays_so_when_somebody_says_no(void **state) {
    struct delivers *d = *state;
    struct platform p;
    struct team_lost lost = lose_team(d, &p);
    struct accounts_context x = hands_context(d);
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_IGNORE, &why));
    assert_int_equal(lost_n(d, &p), 0);
    is_quiet(d);
    assert_int_equal(d->there.teams_n, 1);
    assert_int_equal(lost_n(d, &p), 0);
    OK(accounts_resolve_team(&x, lost.is.team_id, ACCOUNTS_APPROVE, &why)); /* after all */
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
}

static void one_made_by_hand_takes_the_place_of_a_deleted_team(void **state) {
    struct delivers *d = *state;
    struct platform p;
    lose_team(d, &p);
    world_put(d->w, "3", "email=p2@x.org"); /* waits for something else besides */
    world_import(d->w);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "3"), "email-claimed");
    struct text hand = memory_platform_put_team(&d->there, "Dock", NULL);
    delivers_day(d, 1);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 2);
    assert_true(text_equal(delivers_shows(d, "1", "primary_team"), hand));
    delivers_run(d);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), hand));
    assert_int_equal(lost_n(d, &p), 0);
    is_quiet(d);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_deleted_team_is_made_again_when_somebody_says_so),
        DELIVERS_TEST(a_team_whose_making_again_got_lost_is_not_made_twice),
        DELIVERS_TEST(a_deleted_team_stays_so_when_somebody_says_no),
        DELIVERS_TEST(one_made_by_hand_takes_the_place_of_a_deleted_team),
    };
    return place_run("delivery_lost_teams", tests, RC_LEN(tests), argc, argv);
}
