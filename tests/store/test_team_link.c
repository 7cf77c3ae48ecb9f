#include "store/team_link.h"
#include "tests/store/accounts.h"

static void what_was_found_of_a_name_is_kept(struct bed *b, int64_t destination_id) {
    struct team_sought sought = { TEXT_LIT("department:10"), 1, TEXT_LIT("t8"), true };
    struct team_row *list;
    struct team_lost *waits;
    size_t n;
    OK(team_link_sought(b->st, b->company_id, destination_id, 10, &sought, &why));
    OK(team_link_sought(b->st, b->company_id, destination_id, 11, &sought, &why));
    OK(team_link_list(b->st, b->company_id, destination_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 4);
    assert_true(text_equal(list[1].sought.name, sought.name));
    assert_int_equal(list[1].sought.found, 1);
    assert_true(text_is(list[1].sought.id, "t8"));
    assert_true(list[1].sought.is_foreign);
    assert_int_equal(list[0].sought.name.state, TEXT_MISSING);
    /* one of them: the other was looked for by another name, and is stated for nobody */
    OK(team_link_waiting(b->st, b->company_id, destination_id, &b->a, &waits, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(waits->is.team_id, 10);
    assert_int_equal(waits->people_n, 1);
    assert_int_equal(waits->is.sought.found, 1);
    sought = (struct team_sought){ TEXT_LIT("department:10"), 2 };
    OK(team_link_sought(b->st, b->company_id, destination_id, 10, &sought, &why));
    OK(team_link_waiting(b->st, b->company_id, destination_id, &b->a, &waits, &n, &why));
    assert_int_equal(waits->is.sought.found, 2);
    assert_false(waits->is.sought.is_foreign);
    sought.name = (struct text){ 0 };
    OK(team_link_sought(b->st, b->company_id, destination_id, 10, &sought, &why));
    OK(team_link_sought(b->st, b->company_id, destination_id, 11, &sought, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_namesake"), 0);
}

/* Until it is linked: what a person has said, and what the platform has. */
static void what_was_said_of_a_team_is_kept(struct bed *b, int64_t destination_id) {
    struct team_row said = { .team_id = 10,
                             .word = TEAM_WORD_LINK,
                             .chosen_id = TEXT_LIT("t8"),
                             .refused = { TEXT_LIT("Dock"), TEXT_LIT("t8"), TEXT_LIT("no") } };
    struct team_row refused = { .team_id = 11, .refused = { TEXT_LIT("Q"), { 0 }, TEXT_LIT("") } };
    struct team_row *list;
    struct team_lost *waits;
    size_t n;
    OK(team_link_word(b->st, b->company_id, destination_id, &said, &why));
    OK(team_link_word(b->st, b->company_id, destination_id, &refused, &why));
    OK(team_link_list(b->st, b->company_id, destination_id, &b->a, &list, &n, &why));
    assert_int_equal(list[0].word, TEAM_WORD_NONE);
    assert_int_equal(list[1].word, TEAM_WORD_LINK);
    assert_true(text_is(list[1].chosen_id, "t8"));
    assert_true(text_is(list[1].refused.name, "Dock") && text_is(list[1].refused.id, "t8"));
    assert_true(text_is(list[1].refused.said, "no"));
    assert_true(text_is(list[2].refused.name, "Q") && list[2].refused.id.state != TEXT_SET);
    OK(team_link_waiting(b->st, b->company_id, destination_id, &b->a, &waits, &n, &why));
    assert_int_equal(n, 1); /* the other one is stated for nobody */
    assert_int_equal(waits->is.word, TEAM_WORD_LINK);
    OK(team_link_retry(b->st, b->company_id, destination_id + 1, &why));
    OK(team_link_retry(b->st, b->company_id + 1, destination_id, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_word"), 2);
    OK(team_link_retry(b->st, b->company_id, destination_id, &why));
    OK(team_link_list(b->st, b->company_id, destination_id, &b->a, &list, &n, &why));
    assert_int_equal(list[1].word, TEAM_WORD_LINK); /* what a person has said stays */
    assert_int_equal(list[1].refused.name.state, TEXT_MISSING);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_word"), 1);
    said = (struct team_row){ .team_id = 10 };
    OK(team_link_word(b->st, b->company_id, destination_id, &said, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_word"), 0);
}

static void candidates_are_read_as_they_were_written(void **state) {
    const struct team_candidate some[] = { { TEXT_LIT("7"), { 0 }, -1 },
                                           { TEXT_LIT("8"), TEXT_LIT("other:\"9\""), 0 } };
    struct bed *b = *state;
    struct team_candidate *list;
    struct rc_error err;
    size_t n;
    OK(team_candidates_read(team_candidates_write(some, 2, &b->a), &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0].id, "7") && list[0].external_id.state != TEXT_SET);
    assert_int_equal(list[0].members_n, -1);
    assert_true(text_is(list[1].external_id, "other:\"9\""));
    assert_int_equal(list[1].members_n, 0);
    OK(team_candidates_read((struct text){ 0 }, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    assert_int_equal(team_candidates_read(TEXT_LIT("{"), &b->a, &list, &n, &err), RC_FATAL);
    assert_int_equal(team_candidates_read(TEXT_LIT("[{\"id\":[]}]"), &b->a, &list, &n, &err),
                     RC_FATAL);
}

static void teams_are_listed_with_what_they_are_linked_to(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy"), q = platform(b, "other");
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v[] = { bed_version(b, 101, 0, "1", "ann"), bed_version(b, 102, 0, "2", "bob") };
    struct team_row *list, link = { .team_id = 9,
                                    .origin = TEAM_OURS,
                                    .remote_id = TEXT_LIT("t7"),
                                    .external_id = TEXT_LIT("rc:hr:department:9"),
                                    .remote_name = TEXT_LIT("Dock there"),
                                    .members_n = -1,
                                    .was_deleted = true };
    size_t n;
    v[1].has_left = true;
    v[1].team = TEXT_LIT("department:11");
    v[0].person = TEXT_LIT("{\"last_name\":\"ann\",\"secondary_teams\":"
                           "\"department:10\\u001fdepartment=\\\"Q\\\"\"}");
    bed_stage(b, &r, v, 2);
    static const char *const keys[] = { "department:9", "department:10", "department:11",
                                        "department=\"Q\"" };
    for (size_t i = 0; i < RC_LEN(keys); i++) {
        struct version_team t = {
            text_of(keys[i]), TEXT_LIT("department"), { 0 }, text_of(keys[i]), 9 + (int64_t)i
        };
        OK(version_add_team(b->st, b->company_id, r.run_id, &t, &why));
    }
    bed_apply(b, &r);
    OK(team_link_save(b->st, b->company_id, p.destination_id, &link, &why));
    OK(team_link_list(b->st, b->company_id, p.destination_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 4);
    assert_int_equal(list[0].team_id, 9);
    assert_true(text_is(list[0].key, "department:9"));
    assert_true(text_is(list[0].name, "department:9"));
    assert_int_equal(list[0].origin, TEAM_OURS);
    assert_true(text_is(list[0].remote_id, "t7"));
    assert_true(text_equal(list[0].external_id, link.external_id));
    assert_true(text_is(list[0].remote_name, "Dock there"));
    assert_int_equal(list[0].members_n, -1);
    assert_true(list[0].was_deleted);
    assert_false(list[0].may_recreate);
    assert_true(list[0].is_stated);
    assert_true(list[1].is_stated);  /* beside another */
    assert_false(list[2].is_stated); /* by somebody who has left */
    assert_true(list[3].is_stated);
    assert_int_equal(list[1].origin, TEAM_NOT_LINKED);
    OK(team_link_list(b->st, b->company_id, q.destination_id, &b->a, &list, &n, &why));
    assert_int_equal(list[0].origin, TEAM_NOT_LINKED);
    link.origin = TEAM_ADOPTED;
    link.members_n = 4;
    link.was_deleted = false;
    link.may_recreate = true;
    OK(team_link_save(b->st, b->company_id, p.destination_id, &link, &why));
    OK(team_link_list(b->st, b->company_id, p.destination_id, &b->a, &list, &n, &why));
    assert_int_equal(list[0].origin, TEAM_ADOPTED);
    assert_int_equal(list[0].members_n, 4);
    assert_false(list[0].was_deleted);
    assert_true(list[0].may_recreate);
    link.remote_id = (struct text){ 0 };
    OK(team_link_save(b->st, b->company_id, p.destination_id, &link, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM team_link"), 0);
    what_was_said_of_a_team_is_kept(b, p.destination_id);
    what_was_found_of_a_name_is_kept(b, p.destination_id);
    p.feeds_n = 0;
    OK(platform_save(b->st, b->key, &p, &why));
    OK(team_link_list(b->st, b->company_id, p.destination_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        BED_TEST(teams_are_listed_with_what_they_are_linked_to),
        BED_TEST(candidates_are_read_as_they_were_written),
    };
    return place_run("tests", tests, RC_LEN(tests), argc, argv);
}
