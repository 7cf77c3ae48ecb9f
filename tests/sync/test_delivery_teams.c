/* Teams that are given to nobody, as somebody has to act or answer first: told, and no reason for a run; what a person
 * answers about them, and what the platform refuses. */
#include <string.h>
#include "tests/sync/hands.h"
#include "tests/sync/undoes.h"

static struct accounts_team_wait waiting(struct delivers *d, size_t want) {
    struct bed *b = d->w->bed;
    struct accounts_team_wait *list, none = { 0 };
    struct platform p = delivers_platform(d);
    size_t n;
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
    size_t n;
    delivers_begin(d, 3);
    d->there.teams[0].exists = false;
    next_day(d);
    memory_platform_put_team(&d->there, "Dock", NULL);
    memory_platform_put_team(&d->there, "Dock", NULL);
    struct platform p = delivers_platform(d);
    OK(accounts_lost_teams(b->st, &p, &b->a, &lost, &n, &why));
    assert_int_equal(n, 1);
    struct accounts_context x = hands_context(d);
    OK(accounts_resolve_team(&x, lost->is.team_id, ACCOUNTS_CREATE, &why));
    delivers_run(d);
    is_no_run(d, "team-ambiguous");
    assert_int_equal(waiting(d, 1).people_n, 3);
    d->there.teams[2].exists = false;
    next_day(d);
    gets_team(d, d->there.teams[1].is.remote_id);
}

/* ---- what a person says about one ---- */

static int64_t team_of(struct delivers *d, const char *name) {
    struct bed *b = d->w->bed;
    struct team_row *rows;
    int64_t found = 0;
    size_t n;
    OK(team_link_list(b->st, b->company_id, d->destination_id, &b->a, &rows, &n, &why));
    for (size_t i = 0; i < n; i++)
        if (text_is(rows[i].name, name) || text_is(rows[i].key, name))
            found = rows[i].team_id;
    assert_true(found != 0);
    return found;
}

static enum rc_code answer(struct delivers *d, const char *team, enum accounts_answer a) {
    struct accounts_context x = hands_context(d);
    return accounts_resolve_team(&x, team_of(d, team), a, &why);
}

static enum rc_code choose(struct delivers *d, const char *team, struct text id,
                           struct text *ret_overwrites) {
    struct accounts_context x = hands_context(d);
    return accounts_link_team(&x, team_of(d, team), id, &d->w->bed->a, ret_overwrites, &why);
}

static struct text id_of(const struct delivers *d, size_t i) {
    return d->there.teams[i].is.remote_id;
}

static bool is_linked(const struct delivers *d, size_t i) {
    struct text id = d->there.teams[i].is.external_id;
    return id.state == TEXT_SET && id.len > 3 && memcmp(id.ptr, "rc:", 3) == 0;
}

static void is_refused(enum rc_code rc, enum rc_code want, const char *name, const char *says) {
    assert_int_equal(rc, want);
    assert_string_equal(why.name, name);
    assert_says(text_of(why.text), says);
}

static void the_one_that_a_person_names_is_linked(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    next_day(d);
    struct accounts_team_wait w = waiting(d, 1);
    assert_int_equal(w.candidates_n, 2);
    assert_true(text_equal(w.candidates[1].id, id_of(d, 1)));
    assert_int_equal(w.candidates[1].members_n, 0);
    OK(choose(d, "Dock", id_of(d, 1), NULL));
    OK(choose(d, "Dock", id_of(d, 1), NULL)); /* again */
    waiting(d, 0);
    unsigned writes = delivers_writes(d);
    struct run r = delivers_preview(d, 0);
    assert_int_equal(delivers_writes(d), writes);
    assert_string_equal(
        delivers_effects(d, r.run_id),
        "team adopt planned\nupdate 1 planned\nupdate 2 planned\nupdate 3 planned\n");
    r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    gets_team(d, id_of(d, 1));
    assert_true(is_linked(d, 1));
    assert_false(is_linked(d, 0));
    assert_int_equal(bed_number(d->w->bed, "SELECT COUNT(*) FROM team_word"), 0);
    assert_int_equal(d->there.teams_n, 2);
    is_no_run(d, "in-step");
    is_refused(answer(d, "Dock", ACCOUNTS_CREATE), RC_INVALID, "account.answer",
               "nothing is asked about this team");
    next_day(d);
    gets_team(d, id_of(d, 1));
}

static void one_that_is_gone_since_is_told_and_nothing_is_sent(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    OK(choose(d, "Dock", id_of(d, 1), NULL));
    d->there.teams[1].exists = false;
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
    is_no_run(d, "not-available");
    struct accounts_team_wait w = waiting(d, 1);
    assert_string_equal(w.decision.code, "team-choice-gone");
    assert_int_equal(w.candidates_n, 1);
    next_day(d); /* the only one left is not what was chosen */
    assert_int_equal(delivers_writes(d), writes);
    OK(choose(d, "Dock", id_of(d, 0), NULL));
    delivers_run(d);
    gets_team(d, id_of(d, 0));
    is_no_run(d, "in-step");
}

static void one_that_is_called_otherwise_by_now_is_left(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    OK(choose(d, "Dock", id_of(d, 1), NULL));
    d->there.teams[1].is.name = TEXT_LIT("Quay");
    unsigned writes = delivers_writes(d);
    delivers_run(d);
    assert_int_equal(delivers_writes(d), writes);
    assert_string_equal(waiting(d, 1).decision.code, "team-choice-gone");
    is_no_run(d, "not-available");
    world_put(d->w, "3", "department=Quay#10"); /* whose it is by now, by its name */
    world_import(d->w);
    delivers_run(d);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), id_of(d, 1)));
    assert_int_equal(d->there.teams_n, 2);
}

static void one_that_is_back_as_it_was_chosen_is_linked(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    OK(choose(d, "Dock", id_of(d, 1), NULL));
    d->there.teams[1].is.name = TEXT_LIT("Quay");
    delivers_run(d);
    is_no_run(d, "not-available");
    d->there.teams[1].is.name = TEXT_LIT("Dock");
    next_day(d);
    gets_team(d, id_of(d, 1));
}

static void what_cannot_be_meant_is_refused_at_once(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    is_refused(choose(d, "Dock", TEXT_LIT("77"), NULL), RC_NOT_FOUND, "team.not-there",
               "no team 77 was called Dock there");
    is_refused(answer(d, "Dock", ACCOUNTS_LINK), RC_INVALID, "account.answer",
               "say which team there it is");
    is_refused(answer(d, "Dock", ACCOUNTS_APPROVE), RC_INVALID, "account.answer",
               "say link and which team");
    world_put(d->w, "3", "department=Dock#10"); /* HR has two of the name as well */
    world_import(d->w);
    delivers_run(d);
    OK(choose(d, "department:9", id_of(d, 0), NULL));
    is_refused(choose(d, "department:10", id_of(d, 0), NULL), RC_CONFLICT, "team.linked",
               "is to be linked to HR's team department:9 already");
    delivers_run(d); /* which leaves one for the other */
    assert_true(text_equal(delivers_shows(d, "1", "primary_team"), id_of(d, 0)));
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), id_of(d, 1)));
    assert_int_equal(d->there.teams_n, 2);
}

/* Whatever the order: what is chosen for one team is not taken for another one's by its name. */
static void what_is_chosen_for_one_is_not_linked_to_another(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    world_put(d->w, "3", "department=Dock#10");
    world_import(d->w);
    delivers_run(d);
    waiting(d, 2);
    OK(choose(d, "department:10", id_of(d, 0), NULL));
    delivers_run(d);
    assert_true(text_equal(delivers_shows(d, "3", "primary_team"), id_of(d, 0)));
    assert_true(text_equal(delivers_shows(d, "1", "primary_team"), id_of(d, 1)));
    waiting(d, 0);
    delivers_run(d);
    is_no_run(d, "in-step");
}

static void another_connectors_external_id_is_overwritten_and_said(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct text overwrites = { 0 };
    struct effect *list;
    size_t n;
    memory_platform_put_team(&d->there, "Dock", "other:9");
    delivers_begin(d, 3);
    assert_true(text_is(waiting(d, 1).candidates[0].external_id, "other:9"));
    OK(choose(d, "Dock", id_of(d, 0), &overwrites));
    assert_true(text_is(overwrites, "other:9"));
    struct run r = delivers_run(d);
    OK(effect_list(b->st, b->company_id, r.run_id, 0, 1, &b->a, &list, &n, &why));
    assert_true(text_is(list->code, "team-linked-by-hand"));
    assert_says(list->sentence, "ours takes the place of the external id other:9");
    assert_true(is_linked(d, 0));
    gets_team(d, id_of(d, 0));
}

static void one_is_made_beside_those_of_the_name(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    OK(answer(d, "Dock", ACCOUNTS_CREATE));
    waiting(d, 0);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 3);
    gets_team(d, id_of(d, 2));
    is_no_run(d, "in-step");
    next_day(d);
    assert_int_equal(d->there.teams_n, 3);
}

static void one_is_made_where_the_setting_makes_none(void **state) {
    struct delivers *d = *state;
    delivers_policy(d, "{\"create-teams\":\"no\",\"adopt-teams\":\"no\"}");
    delivers_begin(d, 3);
    OK(answer(d, "Dock", ACCOUNTS_CREATE));
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 1);
    gets_team(d, id_of(d, 0));
    delivers_policy(d, "{\"owner-primary_team\":\"never\"}");
    world_put(d->w, "3", "department=Quay#10");
    world_import(d->w);
    delivers_run(d);
    is_refused(answer(d, "Quay", ACCOUNTS_CREATE), RC_INVALID, "account.answer",
               "owner-primary_team");
}

static void one_that_is_to_be_given_to_nobody_stays_so_until_that_is_taken_back(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    OK(answer(d, "Dock", ACCOUNTS_IGNORE));
    delivers_run(d);
    is_no_run(d, "team-ignored");
    assert_says(delivers_row(d, "2").sentence, "is given to nobody, as a person has said");
    assert_string_equal(waiting(d, 1).decision.code, "team-ignored");
    d->there.teams[1].exists = false; /* else the other one would be linked */
    next_day(d);
    is_no_run(d, "team-ignored");
    assert_int_equal(waiting(d, 1).candidates_n, 1);
    OK(choose(d, "Dock", id_of(d, 0), NULL));
    delivers_run(d);
    gets_team(d, id_of(d, 0));
}

static void an_undo_leaves_what_was_linked_by_hand(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    OK(choose(d, "Dock", id_of(d, 1), NULL));
    struct run r = delivers_run(d);
    gets_team(d, id_of(d, 1));
    undoes_run(d, r.run_id);
    assert_true(is_linked(d, 1));
    assert_int_not_equal(delivers_shows(d, "1", "primary_team").state, TEXT_SET);
    assert_true(undoes_stays(d));
    waiting(d, 0);
}

/* ---- what the platform refuses ---- */

static void begin_with_a_refused_one(struct delivers *d) {
    d->there.refuses = "Dock";
    delivers_begin(d, 3);
    is_no_run(d, "team-refused");
    assert_int_equal(d->there.teams_n, 0);
    struct accounts_team_wait w = waiting(d, 1);
    assert_string_equal(w.decision.code, "team-refused");
    assert_says(w.decision.sentence, "the platform refused to make team Dock: ");
    assert_says(w.decision.sentence, "the name is refused");
}

static void one_that_the_platform_refused_is_told_and_not_tried_again(void **state) {
    struct delivers *d = *state;
    begin_with_a_refused_one(d);
    unsigned tries = d->there.calls_n[MEMORY_PLATFORM_TEAM_CREATE];
    is_no_run(d, "team-refused");
    waiting(d, 1);
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_TEAM_CREATE], tries);
    d->there.refuses = NULL; /* nobody has said so */
    is_no_run(d, "team-refused");
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_TEAM_CREATE], tries);
    OK(answer(d, "Dock", ACCOUNTS_CREATE));
    delivers_run(d);
    gets_team(d, id_of(d, 0));
    is_no_run(d, "in-step");
}

/* It may have been refused for a cause that passes. */
static void with_each_complete_inventory_it_is_tried_once(void **state) {
    struct delivers *d = *state;
    begin_with_a_refused_one(d);
    unsigned tries = d->there.calls_n[MEMORY_PLATFORM_TEAM_CREATE];
    next_day(d);
    is_no_run(d, "team-refused");
    assert_int_equal(d->there.calls_n[MEMORY_PLATFORM_TEAM_CREATE], tries + 1);
    waiting(d, 1);
    d->there.refuses = NULL;
    next_day(d);
    gets_team(d, id_of(d, 0));
    is_no_run(d, "in-step");
}

static void what_is_to_be_made_is_so_under_the_name_that_it_had(void **state) {
    struct delivers *d = *state;
    begin_with_a_refused_one(d);
    OK(answer(d, "Dock", ACCOUNTS_CREATE));
    memory_platform_put_team(&d->there, "Quay", NULL);
    for (int i = 1; i <= 3; i++)
        world_put(d->w, i == 1 ? "1" : i == 2 ? "2" : "3", "department=Quay#9");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 1); /* linked, and none beside it */
    gets_team(d, id_of(d, 0));
}

static void another_name_in_hr_is_tried(void **state) {
    struct delivers *d = *state;
    begin_with_a_refused_one(d);
    for (int i = 1; i <= 3; i++)
        world_put(d->w, i == 1 ? "1" : i == 2 ? "2" : "3", "department=Quay#9");
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(d->there.teams_n, 1);
    gets_team(d, id_of(d, 0));
    is_no_run(d, "in-step");
}

static void another_setting_has_it_tried(void **state) {
    struct delivers *d = *state;
    begin_with_a_refused_one(d);
    d->there.refuses = NULL;
    delivers_policy(d, "{\"prune-teams\":\"yes\"}");
    delivers_run(d);
    gets_team(d, id_of(d, 0));
}

static void one_made_there_in_its_place_is_linked(void **state) {
    struct delivers *d = *state;
    begin_with_a_refused_one(d);
    d->there.refuses = NULL;
    memory_platform_put_team(&d->there, "Dock", NULL);
    next_day(d);
    gets_team(d, id_of(d, 0));
    assert_int_equal(d->there.teams_n, 1);
}

static void a_link_that_was_refused_is_told_and_not_tried_again(void **state) {
    struct delivers *d = *state;
    begin_with_two(d);
    d->there.refuses = "Dock";
    OK(choose(d, "Dock", id_of(d, 1), NULL));
    delivers_run(d);
    is_no_run(d, "team-refused");
    struct accounts_team_wait w = waiting(d, 1);
    assert_says(w.decision.sentence, "refused that team");
    assert_int_equal(w.candidates_n, 2);
    next_day(d);
    is_no_run(d, "team-refused");
    d->there.refuses = NULL;
    OK(choose(d, "Dock", id_of(d, 0), NULL));
    delivers_run(d);
    gets_team(d, id_of(d, 0));
}

static void what_says_nothing_about_the_team_is_tried_again(void **state) {
    static const struct memory_platform_fault fault = { MEMORY_PLATFORM_TEAM_CREATE, 1, RC_INVALID,
                                                        "destination.answer", false };
    struct delivers *d = *state;
    d->there.faults = &fault;
    d->there.faults_n = 1;
    delivers_begin(d, 3);
    assert_int_equal(d->there.teams_n, 0);
    waiting(d, 0);
    delivers_run(d);
    gets_team(d, id_of(d, 0));
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
        DELIVERS_TEST(the_one_that_a_person_names_is_linked),
        DELIVERS_TEST(one_that_is_gone_since_is_told_and_nothing_is_sent),
        DELIVERS_TEST(one_that_is_called_otherwise_by_now_is_left),
        DELIVERS_TEST(one_that_is_back_as_it_was_chosen_is_linked),
        DELIVERS_TEST(what_cannot_be_meant_is_refused_at_once),
        DELIVERS_TEST(what_is_chosen_for_one_is_not_linked_to_another),
        DELIVERS_TEST(another_connectors_external_id_is_overwritten_and_said),
        DELIVERS_TEST(one_is_made_beside_those_of_the_name),
        DELIVERS_TEST(one_is_made_where_the_setting_makes_none),
        DELIVERS_TEST(one_that_is_to_be_given_to_nobody_stays_so_until_that_is_taken_back),
        DELIVERS_TEST(an_undo_leaves_what_was_linked_by_hand),
        DELIVERS_TEST(one_that_the_platform_refused_is_told_and_not_tried_again),
        DELIVERS_TEST(with_each_complete_inventory_it_is_tried_once),
        DELIVERS_TEST(what_is_to_be_made_is_so_under_the_name_that_it_had),
        DELIVERS_TEST(another_name_in_hr_is_tried),
        DELIVERS_TEST(another_setting_has_it_tried),
        DELIVERS_TEST(one_made_there_in_its_place_is_linked),
        DELIVERS_TEST(a_link_that_was_refused_is_told_and_not_tried_again),
        DELIVERS_TEST(what_says_nothing_about_the_team_is_tried_again),
    };
    return place_run("delivery_teams", tests, RC_LEN(tests), argc, argv);
}
