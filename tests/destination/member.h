/* member.h - the destinations that keep the contract, one after the other: one in memory, and Learn Amp as the
 * sandbox plays it. Both have an owner, who is a stranger, and a field of their own. */
#pragma once
#include "destination/memory.h"
#include "tests/destination/bed.h"

struct member {
    const char *name;
    struct destination *d;
    struct destination_lane *l;
    const struct destination_ops *ops;
};
extern struct memory_platform member_memory; /* the one in memory */
extern char member_too_long[301];            /* refused as a value */
extern struct rc_error err;

/* Runs them for each member. The sandbox's program is the first argument. */
int member_run(struct CMUnitTest *tests, size_t n, int argc, char **argv);
int member_set_up(void **state);
int member_tear_down(void **state);
#define MEMBER_TEST(f) cmocka_unit_test_setup_teardown(f, member_set_up, member_tear_down)

#define A (&bed.arena)
#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != RC_OK)                                                                       \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)
#define FAILS(call, code, stable)                                                                  \
    do {                                                                                           \
        assert_int_equal(call, code);                                                              \
        assert_string_equal(err.name, stable);                                                     \
        assert_true(err.text[0] != '\0');                                                          \
    } while (0)
#define SHOWS(account, field, value)                                                               \
    do {                                                                                           \
        if (!text_is((account).fields[field].known, value))                                        \
            fail_msg("%s is \"%.*s\"", user_field_name(field),                                     \
                     TEXT_ARG((account).fields[field].known));                                     \
    } while (0)

bool member_is_memory(const struct member *m);
/* Somebody new; then as the platform shows them. */
struct account member_made(struct member *m, const char *external_id);
struct account member_found(struct member *m, enum destination_key by, struct text key);
struct account member_again(struct member *m, const struct account *a);
unsigned member_mails(struct member *m, const struct account *a);
struct destination_outcome member_updated(struct member *m, struct sent *s,
                                          const struct account *now);
struct destination_team member_team(struct member *m, const char *name, const char *external);
