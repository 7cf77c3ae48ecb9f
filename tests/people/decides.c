#include "tests/people/decides.h"

struct arena arena;
struct user user;
struct decide_person person;
struct account account;
struct policy policy;
struct decide_refs refs;
struct decision decision;

int decides_begin(void **state) {
    (void)state;
    arena_init(&arena);
    user = (struct user){ 0 };
    user.fields[USER_FIRST_NAME] = TEXT_LIT("Ana");
    user.fields[USER_LAST_NAME] = TEXT_LIT("Lopez");
    user.fields[USER_EMAIL] = TEXT_LIT("ana@x.org");
    user.fields[USER_STATUS] = TEXT_LIT("active");
    person = (struct decide_person){ 7, &user, 0, { 0 }, { 0 } };
    for (int c = 0; c < POLICY_CAUSES_N; c++)
        person.since_on[c] = DATE_NONE;
    person.facts = (struct lifecycle_facts){ PRESENCE_LISTED, EMPLOYMENT_ACTIVE, TODAY - 400,
                                             DATE_NONE, TODAY };
    account = (struct account){ .user_id = 7,
                                .remote_id = TEXT_LIT("4711"),
                                .tie = ACCOUNT_LINKED,
                                .status = ACCOUNT_ACTIVE,
                                .left_as = ACCOUNT_ACTIVE };
    for (int f = USER_FIRST_NAME; f <= USER_EMAIL; f++)
        account.fields[f].known = account.fields[f].delivered = user.fields[f];
    policy = policy_default;
    policy.caps.takes = policy.caps.needs =
        1u << USER_FIRST_NAME | 1u << USER_LAST_NAME | 1u << USER_EMAIL;
    policy.caps.takes |= 1u << USER_JOB_TITLE | 1u << USER_PRIMARY_TEAM | 1u << USER_MANAGER;
    policy.caps.creates_silently = true;
    refs = (struct decide_refs){ .claim = { 7, CLAIM_SOLE }, .holder = DECIDE_HOLDER_US };
    return 0;
}

int decides_end(void **state) {
    (void)state;
    arena_done(&arena);
    return 0;
}

const struct decision *ask(void) {
    decide(&person, &account, &policy, &refs, TODAY, &arena, &decision);
    return &decision;
}
