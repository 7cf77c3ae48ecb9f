#include "tests/store/bed.h"
#include "store/effect.h"
#include "store/platform.h"

static struct platform platform(struct bed *b, const char *key) {
    struct platform p = { .company_id = b->company_id,
                          .key = text_of(key),
                          .adapter = TEXT_LIT("learnamp"),
                          .settings = TEXT_LIT("{}") };
    OK(platform_add(b->st, b->key, &p, &why));
    return p;
}

static struct run delivery(struct bed *b, const struct platform *p) {
    struct run r = { .company_id = b->company_id,
                     .destination_id = p->destination_id,
                     .kind = RUN_DELIVERY,
                     .state = RUN_APPLIED,
                     .started_us = T0 };
    OK(run_add(b->st, &r, &why));
    return r;
}

static struct effect planned(const struct run *r, int64_t effect_id, enum effect_pass pass) {
    return (struct effect){ .run_id = r->run_id,
                            .effect_id = effect_id,
                            .pass = pass,
                            .account_id = 40 + effect_id,
                            .user_id = 100 + effect_id,
                            .verb = TEXT_LIT("update"),
                            .code = TEXT_LIT("hr-states"),
                            .sentence = TEXT_LIT("job_title: a -> b"),
                            .plan = TEXT_LIT("{\"verb\":\"update\"}"),
                            .classes = TEXT_LIT("name email"),
                            .state = EFFECT_PLANNED,
                            .at_us = T0 };
}

/* Five: a team, three people, a leaver. */
static struct run with_effects(struct bed *b, const struct platform *p) {
    struct run r = delivery(b, p);
    struct effect e[] = { planned(&r, 1, EFFECT_TEAMS), planned(&r, 2, EFFECT_PEOPLE),
                          planned(&r, 3, EFFECT_PEOPLE), planned(&r, 4, EFFECT_PEOPLE),
                          planned(&r, 5, EFFECT_LEAVERS) };
    e[0].account_id = e[0].user_id = 0;
    e[0].team_id = 9;
    e[0].verb = TEXT_LIT("create");
    e[0].classes = TEXT_NONE;
    OK(db_begin(b->st->db, &why));
    OK(effect_add(b->st, b->company_id, e, RC_LEN(e), &why));
    OK(db_commit(b->st->db, &why));
    return r;
}

static void effects_come_back_as_they_were_planned_in_their_order(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = with_effects(b, &p);
    struct effect *list, want = planned(&r, 2, EFFECT_PEOPLE);
    size_t n;
    OK(effect_list(b->st, b->company_id, r.run_id, 0, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].effect_id, i + 1);
    assert_int_equal(list[0].team_id, 9);
    assert_int_equal(list[0].account_id, 0);
    assert_int_equal(list[0].user_id, 0);
    assert_int_equal(list[1].run_id, r.run_id);
    assert_int_equal(list[1].pass, EFFECT_PEOPLE);
    assert_int_equal(list[1].account_id, want.account_id);
    assert_int_equal(list[1].user_id, want.user_id);
    assert_true(text_equal(list[1].verb, want.verb));
    assert_true(text_equal(list[1].code, want.code));
    assert_true(text_equal(list[1].sentence, want.sentence));
    assert_true(text_equal(list[1].plan, want.plan));
    assert_true(text_equal(list[1].classes, want.classes));
    assert_int_equal(list[1].state, EFFECT_PLANNED);
    assert_int_equal(list[1].answer.state, TEXT_MISSING);
    assert_int_equal(list[1].at_us, T0);
    OK(effect_list(b->st, b->company_id, r.run_id, 2, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(list[0].effect_id, 3);
}

static void a_pass_gives_out_only_what_is_planned_of_it(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = with_effects(b, &p);
    struct effect *list;
    size_t n;
    OK(effect_planned(b->st, b->company_id, r.run_id, EFFECT_PEOPLE, 0, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    struct effect done = list[0], dropped = list[1];
    done.state = EFFECT_DONE;
    done.answer = TEXT_LIT("account 7");
    done.at_us = T0 + 1;
    dropped.state = EFFECT_DROPPED;
    OK(effect_save(b->st, b->company_id, &done, &why));
    OK(effect_save(b->st, b->company_id, &dropped, &why));
    OK(effect_planned(b->st, b->company_id, r.run_id, EFFECT_PEOPLE, 0, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].effect_id, 4);
    OK(effect_planned(b->st, b->company_id, r.run_id, EFFECT_PEOPLE, 4, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    OK(effect_planned(b->st, b->company_id, r.run_id, EFFECT_PRUNED, 0, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    OK(effect_list(b->st, b->company_id, r.run_id, 1, 1, &b->a, &list, &n, &why));
    assert_true(text_is(list[0].answer, "account 7"));
    assert_int_equal(list[0].at_us, T0 + 1);
    assert_true(text_is(list[0].plan, "{\"verb\":\"update\"}")); /* never changes */
    done.effect_id = 99;
    assert_int_equal(effect_save(b->st, b->company_id, &done, NULL), RC_NOT_FOUND);
}

static void what_a_run_has_handed_out_and_nobody_knows_of_is_sent(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = with_effects(b, &p), other = with_effects(b, &p);
    static const enum effect_state want[] = { EFFECT_SENT, EFFECT_DONE, EFFECT_SENT, EFFECT_PLANNED,
                                              EFFECT_PLANNED };
    struct effect_tally t;
    struct effect *list;
    bool doubt;
    size_t n;
    OK(effect_list(b->st, b->company_id, r.run_id, 0, 9, &b->a, &list, &n, &why));
    OK(effect_hand_out(b->st, b->company_id, r.run_id, EFFECT_PEOPLE, 3, &why));
    list[1].state = EFFECT_DONE;
    OK(effect_save(b->st, b->company_id, &list[1], &why));
    OK(effect_list(b->st, b->company_id, r.run_id, 0, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, RC_LEN(want));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].state, want[i]);
    OK(effect_count(b->st, b->company_id, r.run_id, &t, &why));
    assert_int_equal(t.of[EFFECT_SENT], 2);
    assert_int_equal(t.of[EFFECT_PLANNED], 2);
    OK(effect_count(b->st, b->company_id, other.run_id, &t, &why));
    assert_int_equal(t.of[EFFECT_PLANNED], 5);
    /* it goes on with all that is not over */
    OK(effect_planned(b->st, b->company_id, r.run_id, EFFECT_PEOPLE, 0, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    OK(effect_any_in_doubt(b->st, b->company_id, p.destination_id, other.run_id, T0 + 9, &doubt,
                           &why));
    assert_true(doubt);
    OK(effect_any_in_doubt(b->st, b->company_id, p.destination_id, r.run_id, T0, &doubt, &why));
    assert_false(doubt);
    OK(effect_hand_out(b->st, b->company_id, r.run_id, EFFECT_PASS_NONE, 0, &why));
    OK(effect_any_in_doubt(b->st, b->company_id, p.destination_id, other.run_id, T0 + 9, &doubt,
                           &why));
    assert_false(doubt);
}

static void what_is_planned_is_counted_by_verb(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = with_effects(b, &p);
    struct effect_group *groups;
    struct effect *list;
    size_t n;
    OK(effect_list(b->st, b->company_id, r.run_id, 1, 1, &b->a, &list, &n, &why));
    list[0].state = EFFECT_DONE;
    OK(effect_save(b->st, b->company_id, &list[0], &why));
    OK(effect_groups(b->st, b->company_id, r.run_id, &b->a, &groups, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(groups[0].verb, "update") && !groups[0].of_teams);
    assert_int_equal(groups[0].ahead, 3);
    assert_true(text_is(groups[1].verb, "create") && groups[1].of_teams);
    assert_int_equal(groups[1].ahead, 1);
    OK(effect_groups(b->st, b->company_id + 1, r.run_id, &b->a, &groups, &n, &why));
    assert_int_equal(n, 0);
}

/* A second call about somebody is one that is still to be made, and no second person. Who waited for
 * somebody, and has no other call, is a person like any. */
static void everybody_counts_once_however_many_calls_there_are(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = delivery(b, &p);
    struct effect e[] = { planned(&r, 1, EFFECT_PEOPLE), planned(&r, 2, EFFECT_REFERENCES),
                          planned(&r, 3, EFFECT_REFERENCES) };
    struct effect_group *groups;
    size_t n;
    e[0].verb = TEXT_LIT("create");
    e[1].user_id = e[0].user_id;
    e[1].state = EFFECT_FAILED;
    OK(db_begin(b->st->db, &why));
    OK(effect_add(b->st, b->company_id, e, RC_LEN(e), &why));
    OK(db_commit(b->st->db, &why));
    OK(effect_groups(b->st, b->company_id, r.run_id, &b->a, &groups, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(groups[0].all, 1);
    assert_int_equal(groups[0].ahead, 1);
    assert_true(text_is(groups[1].verb, "update"));
    assert_int_equal(groups[1].all, 1);
    assert_int_equal(groups[1].of[EFFECT_PLANNED], 1);
    assert_int_equal(groups[1].of[EFFECT_FAILED], 0);
    assert_int_equal(groups[1].second[EFFECT_FAILED], 1);
    assert_int_equal(groups[1].ahead, 1);
    assert_true(effect_is_second(&e[1], &e[0]));
    assert_false(effect_is_second(&e[2], &e[1]));
}

/* Summed up in parts: a part ends after 10,000. */
static void sums_are_of_all_of_a_long_run(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = delivery(b, &p);
    struct effect e[] = { planned(&r, 1, EFFECT_TEAMS),          planned(&r, 9999, EFFECT_PEOPLE),
                          planned(&r, 10000, EFFECT_PEOPLE),     planned(&r, 10001, EFFECT_PEOPLE),
                          planned(&r, 10002, EFFECT_REFERENCES), planned(&r, 30000, EFFECT_PEOPLE),
                          planned(&r, 30001, EFFECT_TEAMS) };
    struct effect_group *groups;
    struct effect_tally t;
    size_t n;
    e[0].team_id = e[6].team_id = 9;
    e[4].user_id = e[3].user_id;
    e[5].verb = e[6].verb = TEXT_LIT("create");
    e[5].classes = TEXT_LIT("joins");
    e[1].state = e[3].state = e[5].state = EFFECT_DONE;
    OK(db_begin(b->st->db, &why));
    OK(effect_add(b->st, b->company_id, e, RC_LEN(e), &why));
    OK(db_commit(b->st->db, &why));
    OK(effect_hand_out(b->st, b->company_id, r.run_id, EFFECT_PEOPLE, 10000, &why));
    OK(effect_count(b->st, b->company_id, r.run_id, &t, &why));
    assert_int_equal(t.of[EFFECT_DONE], 3);
    assert_int_equal(t.of[EFFECT_SENT], 3); /* both teams, and one person */
    assert_int_equal(t.of[EFFECT_PLANNED], 1);
    assert_int_equal(t.classes[CHANGE_NAME], 2);
    assert_int_equal(t.classes[CHANGE_EMAIL], 2);
    assert_int_equal(t.classes[CHANGE_JOINS], 1);
    OK(effect_groups(b->st, b->company_id, r.run_id, &b->a, &groups, &n, &why));
    assert_int_equal(n, 4); /* people first, then teams; by verb */
    assert_true(text_is(groups[0].verb, "create") && !groups[0].of_teams);
    assert_int_equal(groups[0].of[EFFECT_DONE], 1);
    assert_true(text_is(groups[1].verb, "update") && !groups[1].of_teams);
    assert_int_equal(groups[1].all, 3);
    assert_int_equal(groups[1].of[EFFECT_DONE], 2);
    assert_int_equal(groups[1].of[EFFECT_SENT], 1);
    assert_int_equal(groups[1].ahead, 2); /* a second call about somebody is ahead, too */
    assert_true(text_is(groups[2].verb, "create") && groups[2].of_teams);
    assert_true(text_is(groups[3].verb, "update") && groups[3].of_teams);
    assert_int_equal(groups[3].of[EFFECT_SENT], 1);
    OK(effect_groups(b->st, b->company_id + 1, r.run_id, &b->a, &groups, &n, &why));
    assert_int_equal(n, 0);
}

static void all_of_a_run_move_from_one_state_to_another(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = with_effects(b, &p), other = with_effects(b, &p);
    struct effect_tally t;
    struct effect *list;
    int64_t n;
    size_t listed;
    OK(effect_list(b->st, b->company_id, r.run_id, 0, 1, &b->a, &list, &listed, &why));
    list[0].state = EFFECT_DONE;
    OK(effect_save(b->st, b->company_id, &list[0], &why));
    OK(effect_move(b->st, b->company_id, r.run_id, EFFECT_PLANNED, EFFECT_DROPPED, "rejected",
                   T0 + 9, &n, &why));
    assert_int_equal(n, 4);
    OK(effect_count(b->st, b->company_id, r.run_id, &t, &why));
    assert_int_equal(t.of[EFFECT_DONE], 1);
    assert_int_equal(t.of[EFFECT_DROPPED], 4);
    assert_int_equal(t.of[EFFECT_PLANNED], 0);
    OK(effect_move(b->st, b->company_id, r.run_id, EFFECT_DROPPED, EFFECT_PLANNED, NULL, T0 + 10,
                   NULL, &why));
    OK(effect_list(b->st, b->company_id, r.run_id, 1, 1, &b->a, &list, &listed, &why));
    assert_true(text_is(list[0].answer, "rejected")); /* NULL: stays */
    assert_int_equal(list[0].at_us, T0 + 10);
    OK(effect_count(b->st, b->company_id, other.run_id, &t, &why));
    assert_int_equal(t.of[EFFECT_PLANNED], 5);
}

static void of_one_person_they_are_told_newest_first_and_by_platform(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy"), q = platform(b, "other");
    struct run first = with_effects(b, &p), second = with_effects(b, &p);
    struct effect *list;
    size_t n;
    with_effects(b, &q);
    OK(effect_of_user(b->st, b->company_id, p.destination_id, 103, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(list[0].run_id, second.run_id);
    assert_int_equal(list[1].run_id, first.run_id);
    OK(effect_of_user(b->st, b->company_id, p.destination_id, 103, 1, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].run_id, second.run_id);
}

static void a_state_that_there_is_not_is_fatal(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = with_effects(b, &p);
    struct effect *list;
    size_t n;
    place_exec(b->st->db, "UPDATE effect SET state = 'asleep' WHERE effect_id = 2");
    assert_int_equal(effect_list(b->st, b->company_id, r.run_id, 0, 10, &b->a, &list, &n, NULL),
                     RC_FATAL);
    OK(effect_list(b->st, b->company_id, r.run_id, 2, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
}

static void the_same_number_is_added_once(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = with_effects(b, &p);
    struct effect again = planned(&r, 3, EFFECT_PEOPLE);
    OK(db_begin(b->st->db, &why));
    assert_int_equal(effect_add(b->st, b->company_id, &again, 1, NULL), RC_CONFLICT);
    db_rollback(b->st->db);
}

static void what_is_undone_counts_no_more_but_for_its_mails(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run r = delivery(b, &p);
    struct effect e[] = { planned(&r, 1, EFFECT_PEOPLE), planned(&r, 2, EFFECT_PEOPLE),
                          planned(&r, 3, EFFECT_PEOPLE), planned(&r, 4, EFFECT_PEOPLE) };
    struct effect_tally t;
    struct effect *list;
    size_t n;
    e[0].classes = TEXT_LIT("joins invitations");
    e[1].classes = TEXT_LIT("joins *invitations");
    e[3].state = EFFECT_FAILED;
    e[0].remote_id = TEXT_LIT("77");
    e[0].had = TEXT_LIT("{}");
    for (size_t i = 0; i < 3; i++)
        e[i].state = EFFECT_DONE;
    OK(db_begin(b->st->db, &why));
    OK(effect_add(b->st, b->company_id, e, RC_LEN(e), &why));
    for (int64_t id = 101; id <= 104; id++)
        if (id != 103)
            OK(effect_undone(b->st, b->company_id, r.run_id, id, 0, "undone by run 9", T0 + 1,
                             &why));
    OK(db_commit(b->st->db, &why));
    OK(effect_list(b->st, b->company_id, r.run_id, 0, 9, &b->a, &list, &n, &why));
    assert_int_equal(list[0].state, EFFECT_UNDONE);
    assert_true(text_is(list[0].remote_id, "77"));
    assert_true(text_is(list[0].had, "{}"));
    assert_int_equal(list[0].did.state, TEXT_MISSING);
    assert_true(text_is(list[1].answer, "undone by run 9"));
    assert_int_equal(list[2].state, EFFECT_DONE);
    assert_int_equal(list[3].state, EFFECT_FAILED);
    OK(effect_count(b->st, b->company_id, r.run_id, &t, &why));
    assert_int_equal(t.classes[CHANGE_JOINS], 0);
    assert_int_equal(t.classes[CHANGE_INVITATIONS], 1);
    assert_int_equal(t.classes[CHANGE_NAME], 1);
}

static const struct CMUnitTest tests[] = {
    BED_TEST(effects_come_back_as_they_were_planned_in_their_order),
    BED_TEST(what_is_undone_counts_no_more_but_for_its_mails),
    BED_TEST(a_pass_gives_out_only_what_is_planned_of_it),
    BED_TEST(what_a_run_has_handed_out_and_nobody_knows_of_is_sent),
    BED_TEST(what_is_planned_is_counted_by_verb),
    BED_TEST(everybody_counts_once_however_many_calls_there_are),
    BED_TEST(sums_are_of_all_of_a_long_run),
    BED_TEST(all_of_a_run_move_from_one_state_to_another),
    BED_TEST(of_one_person_they_are_told_newest_first_and_by_platform),
    BED_TEST(a_state_that_there_is_not_is_fatal),
    BED_TEST(the_same_number_is_added_once),
};

int main(int argc, char **argv) {
    return PLACE_RUN(tests, argc, argv);
}
