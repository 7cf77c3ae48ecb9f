/* What goes wrong on the way to Learn Amp, and what is said about it. Reading is repeated; setting is
 * repeated, as doing it twice is doing it once; making is never repeated unless it certainly was not
 * done. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/destination/bed.h"

static struct rc_error err;
#define A   (&bed.arena)
#define OPS (bed.l->destination->ops)

/* One call of each kind. */
enum deed { FIND, CREATE, UPDATE, DEACTIVATE, LEAVE };
static const char *const routes[] = { "users.get", "users.create", "users.update",
                                      "users.deactivate", "members.remove" };

static enum rc_code do_it(enum deed deed, const struct account *now) {
    struct destination_outcome o;
    struct account found;
    struct sent s;
    err = (struct rc_error){ .name = "" };
    switch (deed) {
    case FIND: return OPS->find(bed.l, DESTINATION_BY_ID, now->remote_id, A, &found, &err);
    case CREATE:
        sent_somebody(&s, "hr:new");
        s.change.mails = true;
        return OPS->create(bed.l, &s.change, A, &o, &err);
    case UPDATE: /* with all three that it needs, so that it is one call */
        sent_somebody(&s, NULL);
        sent_put(&s, "job_title", "Cook");
        return OPS->update(bed.l, CHANGE_OF(s, *now), A, &o, &err);
    case DEACTIVATE: return OPS->deactivate(bed.l, now, &err);
    case LEAVE: return OPS->team_leave(bed.l, TEXT_LIT("15"), now->remote_id, &err);
    }
    return RC_FATAL;
}

/* ---- each fault, once and for ever ---- */

static const struct row {
    const char *name, *fault; /* without its braces */
    /* what becomes of it when it happens for ever */
    enum rc_code reads, makes, sets;
    bool was_made; /* a create that it befalls was done */
} rows[] = {
    { "too many", "\"kind\":\"status\",\"status\":429", RC_LIMITED, RC_LIMITED, RC_LIMITED, false },
    { "too many, and how long", "\"kind\":\"status\",\"status\":429,\"retry_after\":2", RC_LIMITED,
      RC_LIMITED, RC_LIMITED, false },
    { "too early", "\"kind\":\"status\",\"status\":425", RC_RETRY, RC_RETRY, RC_RETRY, false },
    { "too slow", "\"kind\":\"status\",\"status\":408", RC_RETRY, RC_UNSURE, RC_UNSURE, false },
    { "maintenance", "\"kind\":\"status\",\"status\":503", RC_RETRY, RC_UNSURE, RC_UNSURE, false },
    { "an error in HTML", "\"kind\":\"status\",\"status\":500,\"body\":\"html\"", RC_RETRY,
      RC_UNSURE, RC_UNSURE, false },
    { "reset", "\"kind\":\"reset\"", RC_RETRY, RC_UNSURE, RC_UNSURE, false },
    { "closed", "\"kind\":\"close-before\"", RC_RETRY, RC_UNSURE, RC_UNSURE, false },
    { "done, and no answer", "\"kind\":\"lost\"", RC_RETRY, RC_UNSURE, RC_UNSURE, true },
    { "done, and an error", "\"kind\":\"late-status\",\"status\":502", RC_RETRY, RC_UNSURE,
      RC_UNSURE, true },
    { "a sign-in page", "\"kind\":\"html\"", RC_INVALID, RC_UNSURE, RC_UNSURE, false },
    { "nothing", "\"kind\":\"empty-body\"", RC_INVALID, RC_UNSURE, RC_UNSURE, false },
    { "a redirect", "\"kind\":\"redirect\",\"text\":\"http://127.0.0.1:1/\"", RC_INVALID,
      RC_INVALID, RC_INVALID, false },
    { "a proxy's 403", "\"kind\":\"status\",\"status\":403,\"body\":\"html\"", RC_AUTH, RC_AUTH,
      RC_AUTH, false },
    { "a proxy's 404", "\"kind\":\"status\",\"status\":404,\"body\":\"html\"", RC_INVALID,
      RC_INVALID, RC_INVALID, false },
    { "a proxy's 400", "\"kind\":\"status\",\"status\":400,\"body\":\"html\"", RC_INVALID,
      RC_INVALID, RC_INVALID, false },
    { "a proxy's 401", "\"kind\":\"status\",\"status\":401,\"body\":\"html\"", RC_AUTH, RC_AUTH,
      RC_AUTH, false },
};

static void befalls(const struct row *r, enum deed deed, int count) {
    char fault[300];
    snprintf(fault, sizeof fault, "{\"route\":\"%s\",%s,\"count\":%d}", routes[deed], r->fault,
             count);
    bed_control("DELETE", "faults", NULL);
    bed_control("DELETE", "requests", NULL);
    bed_fault(fault);
}

static bool is_repeated(enum rc_code rc, enum deed deed, bool answered) {
    return rc == RC_RETRY || rc == RC_LIMITED || (rc == RC_UNSURE && deed != CREATE) ||
           (rc == RC_INVALID && answered);
}

static void for_ever_it_is_said_and_once_it_passes(void **state) {
    const struct row *r = *state;
    bool answered = strcmp(r->name, "a sign-in page") == 0 || strcmp(r->name, "nothing") == 0;
    bed_open((const char *const[]){ "retries", "3", NULL });
    for (enum deed deed = FIND; deed <= LEAVE; deed++) {
        bed_control("DELETE", "faults", NULL);
        struct account now = sent_made(bed.l, A, NULL);
        enum rc_code want = deed == FIND ? r->reads : deed == CREATE ? r->makes : r->sets;
        befalls(r, deed, 0);
        enum rc_code rc = do_it(deed, &now);
        if (rc != want)
            fail_msg("%s, for ever: %s (%s)", routes[deed], rc_code_name(rc), err.text);
        assert_true(err.text[0] != '\0' && err.name[0] != '\0');
        assert_int_equal(err.code, rc);
        unsigned asked = bed_requests(routes[deed]), most = answered ? 3 : 4;
        if (deed == FIND && want == RC_RETRY && asked == most + 1)
            asked--; /* a kept connection that has ended is replaced without a word */
        bool renewed = strstr(r->fault, "401") != NULL;
        if (asked != (is_repeated(want, deed, answered && deed == FIND) ? most : renewed ? 2 : 1))
            fail_msg("%s, for ever: asked %u times", routes[deed], asked);
        if (want == RC_LIMITED && strstr(r->fault, "retry_after") != NULL)
            assert_true(err.retry_at_us > 0);
        if (!is_repeated(want, deed, answered && deed == FIND) && !renewed)
            continue;
        befalls(r, deed, 1);
        bed.next_number += 10;
        rc = do_it(deed, &now);
        if (rc != RC_OK)
            fail_msg("%s, once: %s (%s)", routes[deed], rc_code_name(rc), err.text);
    }
}

/* By the truth, whatever was answered. */
static void a_lost_answer_makes_nobody_twice(void **state) {
    const struct row *r = *state;
    struct account found;
    befalls(r, CREATE, 1);
    enum rc_code rc = do_it(CREATE, NULL);
    unsigned asked = bed_requests("users.create");
    bed_control("DELETE", "faults", NULL);
    enum rc_code seen =
        OPS->find(bed.l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:new"), A, &found, &err);
    if (rc == RC_OK || r->was_made) {
        assert_int_equal(seen, RC_OK);
        assert_int_equal(bed_mails(found.remote_id), 1);
    } else {
        assert_int_equal(seen, RC_NOT_FOUND);
    }
    if (rc == RC_UNSURE)
        assert_int_equal(asked, 1);
    if (r->was_made)
        assert_int_equal(rc, RC_UNSURE);
}

/* ---- done, by its word ---- */

static const struct word_row {
    const char *name, *said; /* instead of doing it; %lld: the account's id */
    bool was_so;             /* before it was asked */
    enum rc_code rc;
} word_rows[] = {
    { "it shows the account closed",
      "{\\\"id\\\":%lld,\\\"status\\\":{\\\"status\\\":\\\"Deactivated\\\"}}", false, RC_OK },
    { "it shows the account open",
      "{\\\"id\\\":%lld,\\\"status\\\":{\\\"status\\\":\\\"Confirmed\\\"}}", false, RC_UNSURE },
    { "it shows another account",
      "{\\\"id\\\":1%lld,\\\"status\\\":{\\\"status\\\":\\\"Deactivated\\\"}}", false, RC_UNSURE },
    { "it shows nothing", "{}", false, RC_UNSURE },
    { "it shows the account as it was",
      "{\\\"id\\\":%lld,\\\"status\\\":{\\\"status\\\":\\\"Confirmed\\\"}}", true, RC_OK },
    { "it shows nothing, and it is so", "{}", true, RC_OK },
};

static void nobody_is_taken_for_closed_who_shows_otherwise(void **state) {
    const struct word_row *r = *state;
    struct account now = sent_made(bed.l, A, "hr:1");
    char said[200], fault[400];
    long long id = strtoll(arena_printf(A, "%.*s", TEXT_ARG(now.remote_id)), NULL, 10);
    if (r->was_so)
        assert_int_equal(do_it(DEACTIVATE, &now), RC_OK);
    snprintf(said, sizeof said, r->said, id);
    snprintf(fault, sizeof fault,
             "{\"route\":\"users.deactivate\",\"kind\":\"replace\",\"text\":\"%s\"}", said);
    bed_fault(fault);
    assert_int_equal(do_it(DEACTIVATE, &now), r->rc);
    if (r->rc != RC_OK)
        assert_string_equal(err.name, "destination.not-done");
}

/* As when a proxy swaps the answers to two calls: it says nothing about whether ours was made. */
static void an_answer_about_somebody_else_ties_nobody_to_them(void **state) {
    struct destination_outcome o = { 0 };
    struct destination_team team = { 0 };
    struct account found;
    struct sent s;
    (void)state;
    for (int old = 0; old < 2; old++) { /* one that shows no external ids: by the address */
        bed_switch("external-id.known", old ? "off" : "on");
        bed_switch("create.other", "on");
        sent_somebody(&s, "hr:new");
        assert_int_equal(OPS->create(bed.l, &s.change, A, &o, &err), RC_UNSURE);
        assert_string_equal(err.name, "destination.answer");
        assert_int_equal(o.shows.remote_id.state, TEXT_MISSING);
        assert_int_equal(OPS->find(bed.l, DESTINATION_BY_EMAIL, s.fields[2].to, A, &found, &err),
                         RC_OK);
        bed_switch("create.other", "off");
        sent_somebody(&s, old ? "hr:2" : "hr:1");
        s.fields[2].to = text_of(old ? "Ben@Example.org" : "Ana@Example.org");
        assert_int_equal(OPS->create(bed.l, &s.change, A, &o, &err), RC_OK);
        o = (struct destination_outcome){ 0 };
    }
    bed_switch("create.other", "on");
    assert_int_equal(OPS->team_create(bed.l, TEXT_LIT("Works"), TEXT_LIT("t:1"), A, &team, &err),
                     RC_UNSURE);
    assert_string_equal(err.name, "destination.answer");
    assert_int_equal(team.remote_id.state, TEXT_MISSING);
}

/* ---- lists ---- */

static enum rc_code list(size_t *ret_rows, int64_t *ret_total, size_t *ret_without_id) {
    struct destination_page p = { 0 };
    enum rc_code rc = OPS->list_begin(bed.l, DESTINATION_ACCOUNTS, &err);
    *ret_rows = *ret_without_id = 0;
    *ret_total = -1;
    for (int pages = 0; rc == RC_OK && !p.ends; pages++) {
        assert_true(pages < 50);
        rc = OPS->list_next(bed.l, A, &p, &err);
        if (rc != RC_OK || p.pass > 0)
            continue;
        *ret_rows += p.accounts_n;
        *ret_total = p.declared_total;
        for (size_t i = 0; i < p.accounts_n; i++)
            *ret_without_id += p.accounts[i].remote_id.state == TEXT_MISSING;
    }
    return rc;
}

static const struct page_row {
    const char *name, *fault;
    enum rc_code rc;
    int rows; /* of 8 on the plain list; -1: not said */
} page_rows[] = {
    { "as usual", NULL, RC_OK, 8 },
    { "once cut", "\"kind\":\"cut\",\"count\":1", RC_OK, 8 },
    { "once cut in chunks", "\"kind\":\"cut-chunked\",\"count\":1", RC_OK, 8 },
    { "once too short", "\"kind\":\"truncate\",\"count\":1", RC_OK, 8 },
    { "once not UTF-8", "\"kind\":\"invalid-utf8\",\"count\":1", RC_OK, 8 },
    { "once a NUL", "\"kind\":\"nul-byte\",\"count\":1", RC_OK, 8 },
    { "once more behind it", "\"kind\":\"trailing\",\"count\":1", RC_OK, 8 },
    { "always too short", "\"kind\":\"truncate\"", RC_INVALID, -1 },
    { "always not UTF-8", "\"kind\":\"invalid-utf8\"", RC_INVALID, -1 },
    { "always broken gzip", "\"kind\":\"gzip-broken\"", RC_RETRY, -1 },
    { "gzip", "\"kind\":\"gzip\"", RC_OK, 8 },
    { "chunked", "\"kind\":\"chunked\"", RC_OK, 8 },
    { "huge", "\"kind\":\"oversized\"", RC_INVALID, -1 },
    { "deep", "\"kind\":\"deep\"", RC_OK, 8 },
    { "no list", "\"kind\":\"replace\",\"text\":\"{\\\"users\\\":null}\"", RC_INVALID, -1 },
    { "another list", "\"kind\":\"replace\",\"text\":\"{\\\"teams\\\":[]}\"", RC_INVALID, -1 },
    { "another type", "\"kind\":\"content-type\",\"text\":\"text/plain\"", RC_INVALID, -1 },
    { "ids as texts", "\"kind\":\"numbers-as-strings\"", RC_OK, 8 },
    { "no totals", "\"kind\":\"no-total\"", RC_OK, 8 },
    { "a row of null", "\"kind\":\"row-null\"", RC_OK, 10 },
    { "a row without id", "\"kind\":\"row-no-id\"", RC_OK, 8 },
    { "the page before", "\"kind\":\"page-before\",\"after\":1,\"count\":1", RC_OK, -1 },
    { "the page behind", "\"kind\":\"page-after\",\"count\":1", RC_OK, -1 },
    { "an empty page", "\"kind\":\"page-empty\",\"count\":1", RC_OK, -1 },
};

static void a_page_is_right_or_its_numbers_say_that_it_is_not(void **state) {
    const struct page_row *r = *state;
    size_t rows_n, without_id;
    int64_t total;
    char fault[300];
    snprintf(fault, sizeof fault, "{\"route\":\"users.list\",%s}",
             r->fault != NULL ? r->fault : "");
    if (r->fault != NULL)
        bed_fault(fault);
    enum rc_code rc = list(&rows_n, &total, &without_id);
    if (rc != r->rc)
        fail_msg("%s: %s", rc_code_name(rc), err.text);
    if (rc != RC_OK)
        return;
    if (r->rows >= 0)
        assert_int_equal(rows_n, r->rows);
    if (strncmp(r->name, "a row", 5) == 0)
        assert_true(without_id > 0);
    else if (strcmp(r->name, "no totals") == 0)
        assert_int_equal(total, -1);
    else if (r->rows == 8)
        assert_true(total == 8 && without_id == 0);
}

/* ---- token and rights ---- */

static void a_token_is_asked_for_once_and_renewed_when_it_ends(void **state) {
    struct account now = sent_made(bed.l, A, "hr:1");
    (void)state;
    assert_int_equal(do_it(FIND, &now), RC_OK);
    assert_int_equal(bed_requests("token"), 1);
    bed_control("POST", "expire-tokens", "{}");
    assert_int_equal(do_it(CREATE, &now), RC_OK); /* 401 made nobody, so it may be repeated */
    assert_int_equal(bed_requests("token"), 2);
    clock_fake_move(&bed.fake, INT64_C(7200000000)); /* known to be over: no 401 is waited for */
    unsigned before = bed_requests("users.get");
    assert_int_equal(do_it(FIND, &now), RC_OK);
    assert_int_equal(bed_requests("token"), 3);
    assert_int_equal(bed_requests("users.get"), before + 1);
}

static void a_refused_key_is_told_by_its_word_whatever_the_number(void **state) {
    static const char *const how[] = { "split", "all-401" };
    struct account now = { .remote_id = TEXT_LIT("1001") };
    (void)state;
    for (size_t i = 0; i < RC_LEN(how); i++) {
        bed_switch("auth.error-status", how[i]);
        bed_open((const char *const[]){ "client-secret", "wrong", NULL });
        assert_int_equal(do_it(FIND, &now), RC_AUTH);
        assert_string_equal(err.name, "destination.credentials");
        assert_null(strstr(err.text, "wrong"));
        bed_open((const char *const[]){ "scope", "users:read items:delete", NULL });
        assert_int_equal(do_it(FIND, &now), RC_AUTH);
        assert_string_equal(err.name, "destination.scope");
    }
}

static void a_missing_scope_is_named(void **state) {
    struct account now = sent_made(bed.l, A, "hr:1");
    static const int statuses[] = { 403, 401 };
    (void)state;
    for (size_t i = 0; i < RC_LEN(statuses); i++) {
        char number[8];
        snprintf(number, sizeof number, "%d", statuses[i]);
        bed_switch_number("auth.scope-missing-status", number);
        bed_open((const char *const[]){ "scope", "users:read users:update", NULL });
        assert_int_equal(do_it(DEACTIVATE, &now), RC_AUTH);
        assert_string_equal(err.name, "destination.scope");
        assert_non_null(strstr(err.text, "users:deactivate"));
        assert_int_equal(do_it(FIND, &now), RC_OK);
    }
}

/* ... although the account is looked up before it is told. */
static void a_refusal_is_told_in_the_platforms_own_words(void **state) {
    static const char *const refused[] = { "users.update", "users.deactivate", "users.reactivate",
                                           "members.remove" };
    static const int statuses[] = { 400, 403, 409, 422 };
    (void)state;
    for (size_t i = 0; i < RC_LEN(refused) * RC_LEN(statuses); i++) {
        const char *route = refused[i / RC_LEN(statuses)];
        char fault[200];
        bed_control("DELETE", "faults", NULL);
        bed.next_number += 10;
        struct account now = sent_made(bed.l, A, NULL);
        bool reopens = strcmp(route, "users.reactivate") == 0;
        assert_int_equal(reopens ? OPS->deactivate(bed.l, &now, &err) : RC_OK, RC_OK);
        snprintf(fault, sizeof fault, "{\"route\":\"%s\",\"kind\":\"status\",\"status\":%d}", route,
                 statuses[i % RC_LEN(statuses)]);
        bed_fault(fault);
        enum deed deed = strcmp(route, "users.update") == 0     ? UPDATE
                         : strcmp(route, "members.remove") == 0 ? LEAVE
                                                                : DEACTIVATE;
        enum rc_code rc = reopens ? OPS->reactivate(bed.l, &now, &err) : do_it(deed, &now);
        if (rc != RC_INVALID || strstr(err.text, "omething went wrong") == NULL)
            fail_msg("%s: %s (%s)", route, rc_code_name(rc), err.text);
    }
}

static void a_pause_beyond_patience_is_handed_on(void **state) {
    struct account now = { .remote_id = TEXT_LIT("1001") };
    (void)state;
    bed_fault(
        "{\"route\":\"users.get\",\"kind\":\"status\",\"status\":429,\"retry_after\":900,\"count\":1}");
    int64_t before = bed.fake.now_us;
    assert_int_equal(do_it(FIND, &now), RC_LIMITED);
    assert_string_equal(err.name, "destination.limited");
    assert_true(err.retry_at_us >= before + 900 * INT64_C(1000000));
    assert_true(bed.fake.now_us - before < 10000000); /* nobody slept for it */
}

static void the_ceiling_is_kept(void **state) {
    struct account now = { .remote_id = TEXT_LIT("1001") };
    (void)state;
    bed_open((const char *const[]){ "max-per-second", "2", NULL });
    int64_t before = bed.fake.now_us;
    for (int i = 0; i < 20; i++)
        assert_int_equal(do_it(FIND, &now), RC_OK);
    int64_t taken_us = bed.fake.now_us - before;
    assert_true(taken_us >= 9000000 && taken_us <= 11000000);
    assert_true(bed.d->remote_date_us > 0 && bed.d->remote_seen_us > 0);
}

static void a_setting_that_cannot_be_right_is_refused(void **state) {
    static const char *const bad[][3] = {
        { "base-url", "http://example.org" },
        { "base-url", "https://x.example/v1" },
        { "base-url", "https://x.example/oauth/token" },
        { "base-url", "https://x.example/?a" },
        { "base-url", "x.example" },
        { "client-id", "a b" },
        { "client-secret", "a\nb" },
        { "scope", "users:read users:delete" },
        { "scope", "users:read&x=1" },
        { "per-page", "1001" },
        { "max-per-second", "-1" },
        { "retries", "many" },
        { "prune-teams", "perhaps" },
        { "ca-file", "/nowhere" },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(bad); i++) {
        struct destination *d = NULL;
        if (bed_try_open(bad[i], &d, &err) != RC_INVALID)
            fail_msg("%s=%s", bad[i][0], bad[i][1]);
        assert_null(d);
    }
}

enum { ROWS = RC_LEN(rows), PAGE_ROWS = RC_LEN(page_rows), WORD_ROWS = RC_LEN(word_rows) };

static void who_is_there_is_not_taken_for_deleted_by_a_404(void **state) {
    static const enum deed deeds[] = { UPDATE, DEACTIVATE };
    (void)state;
    bed_open(NULL);
    for (size_t i = 0; i < RC_LEN(deeds); i++) {
        const struct row unknown = { .fault = "\"kind\":\"status\",\"status\":404" };
        struct account now = sent_made(bed.l, A, NULL);
        befalls(&unknown, deeds[i], 1);
        assert_int_equal(do_it(deeds[i], &now), RC_UNSURE);
        assert_string_equal(err.name, "destination.not-done");
        assert_int_equal(do_it(deeds[i], &now), RC_OK);
    }
}

/* As one that the key's owner may not see: others are none the worse for it. */
static void one_that_it_will_not_show_says_nothing_about_others(void **state) {
    static const int statuses[] = { 400, 403, 409, 422 };
    struct account now = sent_made(bed.l, A, NULL);
    (void)state;
    for (size_t i = 0; i < RC_LEN(statuses); i++) {
        const struct row kept = { .fault = arena_printf(A, "\"kind\":\"status\",\"status\":%d",
                                                        statuses[i]) };
        befalls(&kept, FIND, 0);
        for (enum deed deed = FIND; deed <= UPDATE; deed += UPDATE) {
            assert_int_equal(do_it(deed, &now), RC_INVALID);
            assert_string_equal(err.name, "destination.unreadable");
            assert_non_null(strstr(err.text, "omething went wrong"));
        }
    }
}

/* As web servers answer for a path that there is not. */
static void that_it_announces_nothing_may_be_said_in_any_form(void **state) {
    struct policy_caps caps = { .invites = true };
    (void)state;
    bed_open(NULL);
    bed_fault("{\"route\":\"capabilities\",\"kind\":\"status\",\"status\":404,\"body\":\"html\"}");
    assert_int_equal(OPS->caps(bed.l, A, &caps, &err), RC_OK);
    assert_false(caps.invites);
}

int main(int argc, char **argv) {
    static struct CMUnitTest tests[2 * ROWS + PAGE_ROWS + WORD_ROWS + 16];
    const struct CMUnitTest others[] = {
        TEST(an_answer_about_somebody_else_ties_nobody_to_them),
        TEST(a_token_is_asked_for_once_and_renewed_when_it_ends),
        TEST(a_refused_key_is_told_by_its_word_whatever_the_number),
        TEST(a_missing_scope_is_named),
        TEST(a_refusal_is_told_in_the_platforms_own_words),
        TEST(a_pause_beyond_patience_is_handed_on),
        TEST(the_ceiling_is_kept),
        TEST(a_setting_that_cannot_be_right_is_refused),
        TEST(who_is_there_is_not_taken_for_deleted_by_a_404),
        TEST(one_that_it_will_not_show_says_nothing_about_others),
        TEST(that_it_announces_nothing_may_be_said_in_any_form),
    };
    static char names[2 * ROWS][80];
    size_t n = 0;
    if (argc < 2)
        return 2;
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(names[2 * i], sizeof names[0], "%s: for ever, and once", rows[i].name);
        snprintf(names[2 * i + 1], sizeof names[0], "%s: nobody is made twice", rows[i].name);
        tests[n] = (struct CMUnitTest)ROW_TEST(for_ever_it_is_said_and_once_it_passes, &rows[i]);
        tests[n++].name = names[2 * i];
        tests[n] = (struct CMUnitTest)ROW_TEST(a_lost_answer_makes_nobody_twice, &rows[i]);
        tests[n++].name = names[2 * i + 1];
    }
    for (size_t i = 0; i < PAGE_ROWS; i++)
        tests[n++] = (struct CMUnitTest)ROW_TEST(a_page_is_right_or_its_numbers_say_that_it_is_not,
                                                 &page_rows[i]);
    for (size_t i = 0; i < WORD_ROWS; i++)
        tests[n++] = (struct CMUnitTest)ROW_TEST(nobody_is_taken_for_closed_who_shows_otherwise,
                                                 &word_rows[i]);
    memcpy(&tests[n], others, sizeof others);
    n += RC_LEN(others);
    bed_start(argv[1], "public");
    int failed = _cmocka_run_group_tests("faults", tests, n, NULL, NULL);
    bed_stop();
    return failed;
}
