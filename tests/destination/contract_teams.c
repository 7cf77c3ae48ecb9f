/* What every destination promises of teams (contract.c has the rest). */
#include "tests/destination/member.h"

static void a_team_is_made_renamed_and_deleted(void **state) {
    struct member *m = *state;
    struct destination_team t = member_team(m, "Works", "hr:team:1"), renamed;
    assert_true(text_is(t.name, "Works"));
    assert_true(text_is(t.external_id, "hr:team:1"));
    OK(m->ops->team_find(m->l, t.remote_id, A, &renamed, &err));
    assert_true(text_equal(renamed.remote_id, t.remote_id) && text_equal(renamed.name, t.name));
    OK(m->ops->team_update(m->l, t.remote_id, TEXT_LIT("Plant"), text_of(NULL), A, &renamed, &err));
    assert_true(text_equal(renamed.remote_id, t.remote_id));
    assert_true(text_is(renamed.name, "Plant"));
    assert_true(text_is(renamed.external_id, "hr:team:1"));
    FAILS(m->ops->team_create(m->l, TEXT_LIT("Other"), TEXT_LIT("hr:team:1"), A, &t, &err),
          RC_CONFLICT, "destination.taken");
    OK(m->ops->team_delete(m->l, renamed.remote_id, &err));
    FAILS(m->ops->team_delete(m->l, renamed.remote_id, &err), RC_NOT_FOUND, "destination.unknown");
    FAILS(m->ops->team_find(m->l, renamed.remote_id, A, &t, &err), RC_NOT_FOUND,
          "destination.unknown");
    FAILS(m->ops->team_update(m->l, renamed.remote_id, TEXT_LIT("X"), text_of(NULL), A, &t, &err),
          RC_NOT_FOUND, "destination.unknown");
}

static struct text both(struct text a, struct text b) {
    struct text ids[] = { a, b }, joined;
    assert_int_equal(user_teams_join(A, ids, 2, &joined), RC_OK);
    return joined;
}

static void secondary_teams_move_from_ours_to_ours_and_leave_others_alone(void **state) {
    struct member *m = *state;
    struct destination_team one = member_team(m, "One", "t:1"), two = member_team(m, "Two", "t:2"),
                            three = member_team(m, "Three", "t:3"),
                            theirs = member_team(m, "By hand", NULL);
    struct account a = member_made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "secondary_teams", "x");
    s.fields[0].to = both(one.remote_id, theirs.remote_id); /* as if by hand */
    assert_int_equal(member_updated(m, &s, &a).refused, 0);
    s.fields[0].from = one.remote_id;
    s.fields[0].to = both(two.remote_id, three.remote_id);
    struct destination_outcome o = member_updated(m, &s, &a);
    struct text ids[] = { two.remote_id, three.remote_id, theirs.remote_id }, want;
    assert_int_equal(user_teams_join(A, ids, 3, &want), RC_OK);
    assert_true(text_equal(o.shows.fields[USER_SECONDARY_TEAMS].known, want));
    assert_true(text_equal(member_again(m, &a).fields[USER_SECONDARY_TEAMS].known, want));
    for (int i = 0; i < 2; i++)
        OK(m->ops->team_leave(m->l, two.remote_id, a.remote_id, &err));
    assert_true(text_equal(member_again(m, &a).fields[USER_SECONDARY_TEAMS].known,
                           both(three.remote_id, theirs.remote_id)));
}

static void a_primary_team_is_not_left_for_a_secondary_one(void **state) {
    struct member *m = *state;
    struct destination_team one = member_team(m, "One", "t:1"), two = member_team(m, "Two", "t:2");
    struct account a = member_made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "secondary_teams", "x");
    s.fields[0].to = one.remote_id;
    (void)member_updated(m, &s, &a);
    s = (struct sent){ 0 };
    sent_put(&s, "primary_team", arena_str(A, one.remote_id.ptr, one.remote_id.len));
    sent_put(&s, "secondary_teams", "x");
    s.fields[1].from = one.remote_id;
    s.fields[1].to = two.remote_id;
    (void)member_updated(m, &s, &a);
    struct account after = member_again(m, &a);
    assert_true(text_equal(after.fields[USER_PRIMARY_TEAM].known, one.remote_id));
    assert_true(member_is_memory(m) ||
                text_equal(after.fields[USER_SECONDARY_TEAMS].known, two.remote_id));
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[] = {
        MEMBER_TEST(a_team_is_made_renamed_and_deleted),
        MEMBER_TEST(secondary_teams_move_from_ours_to_ours_and_leave_others_alone),
        MEMBER_TEST(a_primary_team_is_not_left_for_a_secondary_one),
    };
    return member_run(tests, RC_LEN(tests), argc, argv);
}
