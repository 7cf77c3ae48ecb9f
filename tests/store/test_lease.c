#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/store/bed.h"
#include "store/audit.h"

enum { SECOND = 1000000 };

static struct lease take(struct store *st, int64_t now_us) {
    struct lease l;
    OK(lease_take(st, "import", "1/2", now_us, &l, &why));
    return l;
}

static enum rc_code hold(struct store *st, const struct lease *l, int64_t now_us,
                         struct rc_error *err) {
    OK(db_begin(st->db, &why));
    enum rc_code rc = lease_hold(st, l, now_us, err);
    if (rc != RC_OK)
        db_rollback(st->db);
    else
        OK(db_commit(st->db, &why));
    return rc;
}

static void one_holds_it_and_others_are_told_who(void **state) {
    struct bed *b = *state;
    struct store *other = bed_connect(b);
    struct lease mine = take(b->st, T0), theirs = { .fence = -7 };
    struct rc_error err;
    char pid[32];
    assert_int_equal(lease_take(other, "import", "1/2", T0 + SECOND, &theirs, &err), RC_CONFLICT);
    assert_string_equal(err.name, "busy");
    snprintf(pid, sizeof pid, "(%ld on", (long)getpid());
    assert_non_null(strstr(err.text, pid));
    assert_non_null(strstr(err.text, "600 s"));
    assert_int_equal(theirs.fence, -7);
    /* another subject, another kind: free */
    OK(lease_take(other, "import", "1/3", T0, &theirs, &why));
    OK(lease_take(other, "export", "1/2", T0, &theirs, &why));
    assert_int_equal(hold(b->st, &mine, T0 + SECOND, &why), RC_OK);
    store_close(other);
}

static void who_looks_is_told_whether_somebody_holds_it(void **state) {
    struct bed *b = *state;
    bool held = true;
    int64_t since = -1;
    OK(lease_look(b->st, "import", "1/2", T0, &held, &since, &why));
    assert_false(held);
    assert_int_equal(since, 0);
    struct lease mine = take(b->st, T0);
    OK(lease_hold(b->st, &mine, T0 + SECOND, &why)); /* it began no later by that */
    OK(lease_look(b->st, "import", "1/2", T0 + SECOND, &held, &since, &why));
    assert_true(held);
    assert_int_equal(since, T0);
    OK(lease_look(b->st, "import", "1/3", T0 + SECOND, &held, &since, &why));
    assert_false(held);
    OK(lease_look(b->st, "import", "1/2", T0 + (int64_t)(LEASE_SECONDS + 1) * SECOND, &held, NULL,
                  &why));
    assert_false(held);
    lease_release(b->st, &mine);
    OK(lease_look(b->st, "import", "1/2", T0 + SECOND, &held, &since, &why));
    assert_false(held);
}

static void what_was_released_can_be_taken_under_a_new_fence(void **state) {
    struct bed *b = *state;
    struct lease first = take(b->st, T0), second;
    struct rc_error err;
    lease_release(b->st, &first);
    second = take(b->st, T0);
    assert_true(second.fence > first.fence);
    assert_int_equal(hold(b->st, &first, T0, &err), RC_CONFLICT);
    assert_string_equal(err.name, "lease-lost");
    lease_release(b->st, &first); /* too late: it is not his any more */
    assert_int_equal(lease_take(b->st, "import", "1/2", T0, &first, NULL), RC_CONFLICT);
}

/* A process that lives on would else keep everybody out for ten minutes. */
static void what_could_not_be_given_back_is_given_back_later(void **state) {
    struct bed *b = *state;
    struct store *busy = bed_connect(b);
    struct lease mine = take(b->st, T0), next;
    struct rc_error err;
    OK(db_set_wait_ms(b->st->db, 1, &why));
    OK(db_begin(busy->db, &why));
    OK(store_run(busy, NULL, &why, "UPDATE job SET until_us = until_us", ""));
    lease_release(b->st, &mine); /* the database does not take it */
    assert_int_not_equal(lease_release_left(b->st, &err), RC_OK);
    db_rollback(busy->db);
    assert_int_equal(lease_take(b->st, "import", "1/2", T0, &next, &err), RC_CONFLICT);
    OK(lease_release_left(b->st, &why));
    next = take(b->st, T0);
    assert_true(next.fence > mine.fence);
    OK(lease_release_left(b->st, &why)); /* nothing is left, and nobody loses anything */
    assert_int_equal(hold(b->st, &next, T0, &why), RC_OK);
    store_close(busy);
}

static void holding_prolongs_it(void **state) {
    struct bed *b = *state;
    struct store *other = bed_connect(b);
    struct lease mine = take(b->st, T0), theirs;
    int64_t later = T0 + (int64_t)100 * SECOND;
    assert_int_equal(hold(b->st, &mine, later, &why), RC_OK);
    assert_int_equal(
        lease_take(other, "import", "1/2", later + (int64_t)100 * SECOND, &theirs, NULL),
        RC_CONFLICT);
    store_close(other);
}

static void when_its_time_is_over_another_takes_it_and_the_sleeper_finds_out(void **state) {
    struct bed *b = *state;
    struct store *other = bed_connect(b);
    struct lease mine = take(b->st, T0), theirs;
    int64_t over = T0 + (int64_t)LEASE_SECONDS * SECOND;
    struct rc_error err;
    assert_int_equal(lease_take(other, "import", "1/2", over - 1, &theirs, NULL), RC_CONFLICT);
    OK(lease_take(other, "import", "1/2", over, &theirs, &why));
    assert_true(theirs.fence > mine.fence);
    assert_int_equal(hold(b->st, &mine, over, &err), RC_CONFLICT);
    assert_string_equal(err.name, "lease-lost");
    assert_int_equal(hold(other, &theirs, over, &why), RC_OK);
    store_close(other);
}

static void what_the_loser_wanted_to_write_is_not_written(void **state) {
    struct bed *b = *state;
    struct store *other = bed_connect(b);
    struct lease mine = take(b->st, T0), theirs;
    OK(lease_take(other, "import", "1/2", T0 + DAY_US, &theirs, &why));
    OK(db_begin(b->st->db, &why));
    OK(audit_add(b->st, b->company_id, T0, "loser", "writes", &why));
    assert_int_equal(lease_hold(b->st, &mine, T0 + DAY_US, NULL), RC_CONFLICT);
    db_rollback(b->st->db);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM audit"), 0);
    store_close(other);
}

/* A child takes it for as long as it can, and dies. */
static void a_dead_process_holds_nothing(void **state) {
    struct bed *b = *state;
    int status;
    struct lease l;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct store *st = NULL;
        bool taken = store_open(b->place->where, &st, NULL) == RC_OK &&
                     lease_take(st, "import", "1/2", T0, &l, NULL) == RC_OK;
        _exit(taken ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(bed_number(b, "SELECT fence FROM job WHERE subject = '1/2'"), 1);
    l = take(b->st, T0 + 1);
    assert_int_equal(l.fence, 2);
}

/* Owners that a row may name, as "host boot namespace pid start"; %h stands for this host, %b for
 * this boot, %n for this namespace. */
static const struct owner_row {
    const char *name, *owner;
    bool taken, unless_shared; /* but not where other machines may use the database */
} owners[] = {
    { "nobody", "", true },
    { "a process that is gone from this machine", "%h %b %n 3999999 77", true },
    { "a process whose number somebody else has by now", "%h %b %n 1 77", true },
    { "a process from before the machine was started again, or of another of that name",
      "%h old-boot %n 1 77", true, true },
    { "a process on another machine is waited for", "elsewhere %b %n 3999999 77", false },
    { "a process of another container is waited for", "%h %b pid:[1] 3999999 77", false },
    { "an owner that cannot be read is waited for", "gibberish", false },
};

static const char *part_of(struct bed *b, struct text owner, int field) {
    const char *from = arena_str(&b->a, owner.ptr, owner.len);
    while (field-- > 0)
        from = strchr(from, ' ') + 1;
    return arena_str(&b->a, from, strcspn(from, " "));
}

static void only_the_certainly_dead_lose_it_before_its_time(void **state) {
    struct bed *b = *state;
    const struct owner_row *r = b->row;
    struct lease l = take(b->st, T0);
    struct db_statement *row;
    struct buf owner;
    bool found = false;
    OK(store_row(b->st, &row, &found, &why, "SELECT owner FROM job", ""));
    struct text mine = text_copy(&b->a, db_text(row, 0));
    db_reset(row);
    buf_init(&owner, 1000);
    buf_str(&owner, "");
    for (const char *p = r->owner; *p != '\0'; p++)
        if (*p == '%')
            buf_str(&owner, part_of(b, mine, *++p == 'h' ? 0 : *p == 'b' ? 1 : 2));
        else
            buf_char(&owner, *p);
    OK(store_run(b->st, NULL, &why, "UPDATE job SET owner = $1", "t",
                 text_from(owner.ptr, owner.len)));
    buf_done(&owner);
    bool taken = r->taken && !(r->unless_shared && db_can_tell(b->st->db));
    assert_int_equal(lease_take(b->st, "import", "1/2", T0 + 1, &l, NULL),
                     taken ? RC_OK : RC_CONFLICT);
    OK(lease_take(b->st, "import", "1/2", T0 + DAY_US, &l, &why)); /* but not for ever */
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[8 + RC_LEN(owners)] = {
        BED_TEST(one_holds_it_and_others_are_told_who),
        BED_TEST(who_looks_is_told_whether_somebody_holds_it),
        BED_TEST(what_was_released_can_be_taken_under_a_new_fence),
        BED_TEST(what_could_not_be_given_back_is_given_back_later),
        BED_TEST(holding_prolongs_it),
        BED_TEST(when_its_time_is_over_another_takes_it_and_the_sleeper_finds_out),
        BED_TEST(what_the_loser_wanted_to_write_is_not_written),
        BED_TEST(a_dead_process_holds_nothing),
    };
    size_t n = CHECK_LISTED(tests);
    BED_ROWS(tests, n, owners, only_the_certainly_dead_lose_it_before_its_time);
    return PLACE_RUN(tests, argc, argv);
}
