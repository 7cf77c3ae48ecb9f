/* Every point about Learn Amp that nobody confirms is a switch of the sandbox. The same life is lived
 * with each other value of each: whatever the answer, nobody gets a second account or mail, no lie is
 * told, and what cannot be done is said. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/destination/bed.h"

static struct rc_error err;
#define A   (&bed.arena)
#define OPS (bed.l->destination->ops)

/* What a value makes of the life, where that is not "nothing". */
enum {
    SAME = 0,
    LIST_SHORT = 1 << 0,  /* the numbers of the list do not agree */
    NO_EXTERNAL = 1 << 1, /* accounts do not keep our id */
    HIDDEN = 1 << 2,      /* who is deactivated is not found by id */
    KEEPS_EMPTY = 1 << 3, /* emptying is refused, and told */
    LOST_WRITES = 1 << 4, /* a change is answered and not made */
    BLIND = 1 << 5,       /* users are not found by id at all */
    OTHER = 1 << 6,       /* another user is answered */
    LATE = 1 << 7,        /* a new account is not listed yet */
    CASE = 1 << 8,        /* an address is found in its own letters alone */
    OWNER_GOES = 1 << 9,  /* the last owner can be closed */
    NO_SCOPE = 1 << 10,   /* the token lacks a scope */
    STATUS_ODD = 1 << 11, /* labels that nobody knows */
    CUSTOM_OFF = 1 << 12, /* custom fields are passed over */
    STRANGE = 1 << 13,    /* a new account or team is answered with another one */
};
static const struct means {
    const char *name, *value; /* NULL: every value but the default */
    unsigned what;
} known[] = {
    { "auth.scope-answer", "fewer", NO_SCOPE },
    { "list.headers", NULL, LIST_SHORT },
    { "list.total-wrong", NULL, LIST_SHORT },
    { "list.total-grows", NULL, LIST_SHORT },
    { "list.page-ignored", NULL, LIST_SHORT },
    { "list.row-moves", NULL, LIST_SHORT },
    { "list.skip-last-row", NULL, LIST_SHORT },
    { "list.repeat-first-row", NULL, LIST_SHORT },
    { "list.empty", NULL, LIST_SHORT | LATE },
    { "list.order", "unstable", LIST_SHORT },
    { "list.anonymised", NULL, SAME },
    { "list.lag-seconds", NULL, LIST_SHORT | LATE },
    { "filters.email", "same-case", CASE },
    { "get.deactivated", NULL, HIDDEN },
    { "get.wrong-404", NULL, BLIND },
    { "get.other-user", NULL, OTHER },
    { "create.other", NULL, STRANGE },
    { "external-id.known", NULL, NO_EXTERNAL },
    { "update.deactivated", NULL, SAME },
    { "clear.texts", NULL, KEEPS_EMPTY },
    { "custom-fields.feature", NULL, CUSTOM_OFF },
    { "status.unknown-percent", NULL, STATUS_ODD },
    { "status.deactivated-label", NULL, SAME },
    { "deactivate.last-owner-status", "204", OWNER_GOES },
    { "write.not-stored", NULL, LOST_WRITES },
};
static const struct {
    const char *name, *value;
} numbers[] = {
    { "auth.token-seconds", "1" },
    { "auth.scope-missing-status", "401" },
    { "list.default-page", "3" },
    { "list.max-page", "2" },
    { "list.total-wrong", "2" },
    { "list.total-grows", "1" },
    { "list.per-page-ignored", "3" },
    { "list.lag-seconds", "1000" },
    { "status.unknown-percent", "100" },
    { "deactivate.again-status", "422" },
    { "deactivate.last-owner-status", "204" },
    { "deactivate.last-owner-status", "422" },
    { "reactivate.again-status", "400" },
    { "rate.per-minute", "1000" },
};

static unsigned means_of(const char *name, const char *value) {
    for (size_t i = 0; i < RC_LEN(known); i++)
        if (strcmp(known[i].name, name) == 0 &&
            (known[i].value == NULL || strcmp(known[i].value, value) == 0))
            return known[i].what;
    return SAME;
}

#define WANT(fact)                                                                                 \
    do {                                                                                           \
        if (!(fact))                                                                               \
            fail_msg("%s: %s (%s: %s)", label, #fact, rc_code_name(err.code), err.text);           \
    } while (0)

static const char *label;
static unsigned means;

static bool is(unsigned what) {
    return (means & what) != 0;
}

/* ---- the life ---- */

/* Whether a whole listing proves itself, as sync/ would see it. */
static bool listing_is_sound(void) {
    struct destination_page p = { 0 };
    int64_t rows[2] = { 0, 0 }, declared[2] = { -1, -1 };
    struct text ids[400];
    size_t ids_n = 0, distinct[2] = { 0, 0 }, pass_at = 0;
    unsigned last_pass = 0;
    bool steady = true;
    WANT(OPS->list_begin(bed.l, DESTINATION_ACCOUNTS, &err) == RC_OK);
    for (int pages = 0; !p.ends; pages++) {
        WANT(pages < 200);
        WANT(OPS->list_next(bed.l, A, &p, &err) == RC_OK);
        if (p.pass != last_pass)
            pass_at = ids_n;
        last_pass = p.pass;
        WANT(p.pass < 2);
        steady = steady && p.declared_total >= 0 &&
                 (rows[p.pass] == 0 || declared[p.pass] == p.declared_total);
        declared[p.pass] = p.declared_total;
        rows[p.pass] += (int64_t)p.accounts_n;
        for (size_t i = 0; i < p.accounts_n; i++) {
            bool seen = false;
            for (size_t k = pass_at; k < ids_n; k++)
                seen = seen || text_equal(ids[k], p.accounts[i].remote_id);
            distinct[p.pass] += !seen;
            if (!seen && ids_n < RC_LEN(ids))
                ids[ids_n++] = p.accounts[i].remote_id;
        }
    }
    return steady && (int64_t)distinct[0] == declared[0] && rows[0] == declared[0] &&
           (int64_t)distinct[1] == declared[1] && rows[1] == declared[1] && rows[0] > 0;
}

static struct text id_of(json object) {
    return text_of(arena_printf(A, "%lld", (long long)bed_number(object, "id")));
}

/* By the truth: the accounts with this address, in any letters. */
static size_t accounts_with(const char *email, struct text *ret_id) {
    json none, one, all = json_get(bed_control("GET", "truth", NULL), "accounts");
    size_t n = 0;
    for (struct json_iter it = json_iter(all); json_next(&it, &none, &one);) {
        struct text t = text_fold_ascii(A, bed_text(one, "email"));
        if (text_is(t, email)) {
            *ret_id = id_of(one);
            n++;
        }
    }
    return n;
}

static void somebody_is_made(struct account *ret) {
    struct destination_outcome made;
    struct destination_team team;
    struct sent s;
    WANT(OPS->team_create(bed.l, TEXT_LIT("Works"), TEXT_LIT("t:1"), A, &team, &err) == RC_OK);
    sent_somebody(&s, "hr:1");
    s.fields[2].to = TEXT_LIT("zoe@example.org");
    sent_put(&s, "job_title", "Cook");
    sent_put(&s, "primary_team", arena_str(A, team.remote_id.ptr, team.remote_id.len));
    sent_put(&s, "language", "fi");
    sent_put(&s, "No such field", "x");
    WANT(OPS->create(bed.l, &s.change, A, &made, &err) == RC_OK);
    WANT((made.refused & 1u << 5) != 0); /* a language that it lacks */
    WANT(made.said.state == TEXT_SET);
    WANT(made.shows.remote_id.state == TEXT_SET);
    WANT(text_is(made.shows.external_id, "hr:1") == !is(NO_EXTERNAL));
    WANT(bed_mails(made.shows.remote_id) == 0);
    *ret = made.shows;
}

/* Again, as after a crash: a look-up that finds, or a conflict; never a second account. */
static void nobody_is_made_twice(void) {
    struct destination_outcome made;
    struct account found;
    struct text id;
    struct sent s;
    enum rc_code rc =
        OPS->find(bed.l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:1"), A, &found, &err);
    if (!is(NO_EXTERNAL | BLIND | OTHER | LATE))
        WANT(rc == RC_OK);
    else
        WANT(rc == RC_OK || rc == RC_NOT_FOUND || rc == RC_INVALID);
    rc = OPS->find(bed.l, DESTINATION_BY_EMAIL, TEXT_LIT("ZOE@example.org"), A, &found, &err);
    WANT(rc == (is(LATE | CASE) ? RC_NOT_FOUND : RC_OK));
    sent_somebody(&s, "hr:1");
    s.fields[2].to = TEXT_LIT("zoe@example.org");
    s.change.mails = true;
    WANT(OPS->create(bed.l, &s.change, A, &made, &err) == RC_CONFLICT);
    WANT(strcmp(err.name, "destination.taken") == 0);
    WANT(accounts_with("zoe@example.org", &id) == 1);
    WANT(bed_mails(id) == 0);
}

static void they_change(const struct account *now) {
    struct destination_outcome o;
    struct sent s = { 0 };
    sent_put(&s, "last_name", "Żółć");
    sent_put(&s, "Employee number", "N-1");
    enum rc_code rc = OPS->update(bed.l, CHANGE_OF(s, *now), A, &o, &err);
    if (is(BLIND)) {
        WANT(rc == RC_NOT_FOUND);
        return;
    }
    if (is(OTHER)) {
        WANT(rc == RC_INVALID);
        return;
    }
    WANT(rc == RC_OK && o.refused == 0);
    WANT(text_is(o.shows.fields[USER_LAST_NAME].known, "Żółć") == !is(LOST_WRITES));
    json truth = bed_truth(now->remote_id);
    WANT(text_is(bed_text(truth, "lastName"), "Żółć") == !is(LOST_WRITES));
    WANT(text_is(bed_text(truth, "email"), "zoe@example.org"));
    WANT(text_is(bed_text(truth, "role"), "viewer"));
    s = (struct sent){ 0 };
    sent_put(&s, "job_title", "");
    sent_put(&s, "primary_location", "Leeds");
    rc = OPS->update(bed.l, CHANGE_OF(s, *now), A, &o, &err);
    WANT(rc == RC_OK);
    WANT((o.refused == 1) == is(KEEPS_EMPTY | LOST_WRITES));
}

static void they_are_in_teams(const struct account *now) {
    struct destination_outcome o;
    struct destination_team team, other;
    struct sent s = { 0 };
    WANT(OPS->team_create(bed.l, TEXT_LIT("Choir"), TEXT_LIT("t:2"), A, &team, &err) == RC_OK);
    WANT(OPS->team_create(bed.l, TEXT_LIT("Band"), TEXT_LIT("t:3"), A, &other, &err) == RC_OK);
    sent_put(&s, "secondary_teams", "x");
    s.fields[0].to = team.remote_id;
    for (int i = 0; i < 2; i++) /* twice: joining again is no error */
        WANT(OPS->update(bed.l, CHANGE_OF(s, *now), A, &o, &err) == RC_OK && o.refused == 0);
    sent_put(&s, "primary_team", arena_str(A, other.remote_id.ptr, other.remote_id.len));
    WANT(OPS->update(bed.l, CHANGE_OF(s, *now), A, &o, &err) == RC_OK && o.refused == 0);
    for (int i = 0; i < 2; i++)
        WANT(OPS->team_leave(bed.l, team.remote_id, now->remote_id, &err) == RC_OK);
    json teams = json_get(bed_truth(now->remote_id), "secondaryTeams"), none, one;
    for (struct json_iter it = json_iter(teams); json_next(&it, &none, &one);) {
        int64_t id = 0;
        (void)json_int(one, &id);
        WANT(!text_is(team.remote_id, arena_printf(A, "%lld", (long long)id)));
    }
}

static void they_leave_and_come_back(const struct account *now) {
    struct account closed = *now;
    for (int i = 0; i < 2; i++)
        WANT(OPS->deactivate(bed.l, now, &err) == RC_OK);
    WANT(text_is(bed_text(bed_truth(now->remote_id), "status"), "deactivated"));
    struct account found;
    enum rc_code rc =
        OPS->find(bed.l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:1"), A, &found, &err);
    if (!is(NO_EXTERNAL)) {
        WANT(rc == RC_OK);
        WANT(found.status == ACCOUNT_DEACTIVATED || is(STATUS_ODD));
    }
    for (int i = 0; i < 2; i++)
        WANT(OPS->reactivate(bed.l, &closed, &err) == RC_OK);
    WANT(!text_is(bed_text(bed_truth(now->remote_id), "status"), "deactivated"));
}

static void strangers_are_as_they_were(void) {
    struct account owner = { .remote_id = TEXT_LIT("1001") };
    struct destination_outcome o;
    struct sent s = { 0 };
    enum rc_code rc = OPS->deactivate(bed.l, &owner, &err);
    WANT(is(OWNER_GOES) ? rc == RC_OK
                        : rc == RC_INVALID && strcmp(err.name, "destination.refused") == 0);
    WANT(text_is(bed_text(bed_truth(owner.remote_id), "status"), "confirmed") == !is(OWNER_GOES));
    s.change.external_id = TEXT_LIT("hr:2"); /* linking either takes, or says that it did not */
    owner.remote_id = TEXT_LIT("1002");
    rc = OPS->update(bed.l, CHANGE_OF(s, owner), A, &o, &err);
    if (is(NO_EXTERNAL | LOST_WRITES))
        WANT(rc == RC_INVALID && strcmp(err.name, "destination.external-id") == 0);
    else
        WANT(rc == RC_OK);
    WANT(text_is(bed_text(bed_truth(owner.remote_id), "role"), "admin"));
}

static void check_tells(void) {
    struct destination_check c;
    const struct text custom[] = { TEXT_LIT("Employee number"), TEXT_LIT("No such field") };
    WANT(OPS->check(bed.l, custom, 2, A, &c, &err) == RC_OK);
    WANT(c.findings_n > 2);
}

static void live(void) {
    struct account now;
    unsigned creates;
    check_tells();
    if (is(NO_SCOPE | STRANGE))
        return; /* other tests are about these */
    WANT(listing_is_sound() || is(LIST_SHORT));
    somebody_is_made(&now);
    creates = bed_requests("users.create");
    nobody_is_made_twice();
    WANT(bed_requests("users.create") == creates + 1);
    they_change(&now);
    if (is(BLIND | OTHER))
        return;
    if (!is(LOST_WRITES))
        they_are_in_teams(&now);
    they_leave_and_come_back(&now);
    strangers_are_as_they_were();
    if (strcmp(label, "list.repeat-first-row=on") == 0 || strcmp(label, "list.total-wrong=2") == 0)
        WANT(!listing_is_sound()); /* the numbers give it away */
}

/* ---- each switch ---- */

struct choice {
    char name[60], value[40], label[104];
    bool is_number;
};
enum { CHOICES_MOST = 200 };
static struct choice choices[CHOICES_MOST];
static size_t choices_n;

static void add(struct text name, struct text value, bool is_number) {
    assert_true(choices_n < RC_LEN(choices));
    struct choice *c = &choices[choices_n++];
    c->is_number = is_number;
    snprintf(c->name, sizeof c->name, "%.*s", TEXT_ARG(name));
    snprintf(c->value, sizeof c->value, "%.*s", TEXT_ARG(value));
    snprintf(c->label, sizeof c->label, "%.*s=%.*s", TEXT_ARG(name), TEXT_ARG(value));
}

/* Each switch has words, or a number for which the table above has one to try. */
static void collect(void) {
    json none, one, all = json_get(bed_control("GET", "switches", NULL), "switches");
    for (struct json_iter it = json_iter(all); json_next(&it, &none, &one);) {
        struct text name = bed_text(one, "name"), words = bed_text(one, "words"),
                    usual = bed_text(one, "default");
        size_t before = choices_n;
        for (size_t i = 0; i < RC_LEN(numbers); i++)
            if (text_is(name, numbers[i].name))
                add(name, text_of(numbers[i].value), true);
        for (size_t i = 0, n; i < words.len; i += n + 1) {
            const char *bar = memchr(words.ptr + i, '|', words.len - i);
            n = bar != NULL ? (size_t)(bar - words.ptr) - i : words.len - i;
            struct text word = text_from(words.ptr + i, n);
            if (!text_equal(word, usual))
                add(name, word, false);
        }
        if (choices_n == before)
            fail_msg("nothing is tried of %.*s", TEXT_ARG(name));
    }
}

static void the_life_is_sound(void **state) {
    const struct choice *c = *state;
    label = c != NULL ? c->label : "as usual";
    means = c != NULL ? means_of(c->name, c->value) : SAME;
    if (c != NULL && c->is_number)
        bed_switch_number(c->name, c->value);
    else if (c != NULL)
        bed_switch(c->name, c->value);
    live();
}

/* Each value is a test of its own, reported as "list.order=name". */
int main(int argc, char **argv) {
    static struct CMUnitTest tests[CHOICES_MOST + 1];
    if (argc < 2)
        return 2;
    bed_start(argv[1], "public");
    tests[0] = (struct CMUnitTest)TEST(the_life_is_sound);
    collect();
    for (size_t i = 0; i < choices_n; i++) {
        struct choice *c = &choices[i];
        tests[i + 1] = (struct CMUnitTest)TEST(the_life_is_sound);
        tests[i + 1].name = c->label;
        tests[i + 1].initial_state = c;
    }
    int failed = _cmocka_run_group_tests("switches", tests, choices_n + 1, NULL, NULL);
    bed_stop();
    return failed;
}
