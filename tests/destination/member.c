#include "tests/destination/member.h"

#include <stdio.h>

static struct member members[] = { { .name = "memory" }, { .name = "learnamp" } };
struct memory_platform member_memory;
char member_too_long[301];
struct rc_error err;

bool member_is_memory(const struct member *m) {
    return strcmp(m->name, "memory") == 0;
}

/* Both have an owner, who is a stranger, and a field of their own. */
int member_set_up(void **state) {
    static const char *const owner[] = { "first_name=Ada", "last_name=Lindqvist",
                                         "email=owner@nordkap.example", "role=owner", NULL };
    struct member *m = *state;
    memset(member_too_long, 'x', sizeof member_too_long - 1);
    err = (struct rc_error){ .name = "" };
    bed_fresh(state);
    memory_platform_init(&member_memory);
    member_memory.refuses = member_too_long;
    memory_platform_put(&member_memory, owner);
    m->d = bed.d;
    m->l = bed.l;
    if (member_is_memory(m)) {
        struct destination_config config = { .ops = &member_memory.ops, .clock = &bed.clock };
        assert_int_equal(destination_open(&config, &m->d, &err), RC_OK);
        m->l = destination_lane_new(m->d);
    }
    m->ops = m->d->ops;
    return 0;
}

int member_tear_down(void **state) {
    struct member *m = *state;
    if (member_is_memory(m)) {
        destination_lane_free(m->l);
        destination_close(m->d);
    }
    memory_platform_done(&member_memory);
    return bed_left(state);
}

struct account member_made(struct member *m, const char *external_id) {
    return sent_made(m->l, A, external_id);
}

struct account member_found(struct member *m, enum destination_key by, struct text key) {
    struct account a;
    OK(m->ops->find(m->l, by, key, A, &a, &err));
    return a;
}

struct account member_again(struct member *m, const struct account *a) {
    return member_found(m, DESTINATION_BY_ID, a->remote_id);
}

unsigned member_mails(struct member *m, const struct account *a) {
    return member_is_memory(m) ? memory_platform_mails_to(&member_memory, a->remote_id)
                               : bed_mails(a->remote_id);
}

struct destination_outcome member_updated(struct member *m, struct sent *s,
                                          const struct account *now) {
    struct destination_outcome o;
    OK(m->ops->update(m->l, CHANGE_OF(*s, *now), A, &o, &err));
    return o;
}

struct destination_team member_team(struct member *m, const char *name, const char *external) {
    struct destination_team t;
    OK(m->ops->team_create(m->l, text_of(name), text_of(external), A, &t, &err));
    return t;
}

int member_run(struct CMUnitTest *tests, size_t n, int argc, char **argv) {
    int failed = 0;
    if (argc < 2)
        return 2;
    bed_start(argv[1], "public");
    for (size_t i = 0; i < RC_LEN(members); i++) {
        for (size_t k = 0; k < n; k++)
            tests[k].initial_state = &members[i];
        printf("# %s\n", members[i].name);
        failed += _cmocka_run_group_tests(members[i].name, tests, n, NULL, NULL);
    }
    bed_stop();
    return failed;
}
