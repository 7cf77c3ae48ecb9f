/* Telling people: a company whose HR a test writes down, and a mail server that answers as it is told. */
#include <stdio.h>
#include "tests/net/smtp_fake.h"
#include "tests/sync/world.h"
#include "store/alert.h"
#include "store/hook.h"
#include "store/job.h"
#include "sync/alerts.h"
#include "sync/health.h"
#include "base/log.h"

#define ADMIN    "ana.admin@acme.example"
#define OPERATOR "ops@hoster.example"
enum { MINUTE_S = 60 };

struct office {
    struct world *w;
    const char *answers[SMTP_PLACES_N];
    struct smtp_fake *fake;
    struct mail_server server;
    struct alerts_options o;
    struct alerts_server known;
    char url[100];
    unsigned told; /* mails up to the last look */
};

static void to(struct world *w, const char *a, const char *b) {
    const char *addresses[] = { a, b };
    OK(db_begin(w->bed->st->db, &why));
    OK(alert_to_set(w->bed->st, w->bed->company_id, addresses,
                    a == NULL   ? 0
                    : b == NULL ? 1
                                : 2,
                    &why));
    OK(db_commit(w->bed->st->db, &why));
}

static void office_open(struct office *f, struct world *w) {
    *f = (struct office){ .w = w };
    f->fake = smtp_fake_open(f->answers);
    snprintf(f->url, sizeof f->url, "smtp://127.0.0.1:%u", smtp_fake_port(f->fake));
    f->server = (struct mail_server){ .url = f->url,
                                      .from = "rollcall@acme.example",
                                      .connect_timeout_us = 1000000,
                                      .total_timeout_us = 1000000 };
    f->o = (struct alerts_options){ .server = &f->server };
    log_set_level(LOG_LEVEL_ERROR);
    to(w, ADMIN, NULL);
}

static void office_close(struct office *f) {
    smtp_fake_free(f->fake);
}
#define OFFICE(of)                                                                                 \
    struct world *w = *(of);                                                                       \
    __attribute__((cleanup(office_close))) struct office f;                                        \
    office_open(&f, w)

static void move(struct office *f, int64_t seconds) {
    f->w->fake.now_us += seconds * 1000000;
}

/* What has come since the last look. */
static unsigned look(struct office *f) {
    OK(alerts_keep(f->w->bed->st, &f->w->company, &f->o, &f->w->clock, &f->known, &why));
    unsigned before = f->told;
    f->told = smtp_fake_taken(f->fake);
    return f->told - before;
}

static bool mail_says(const struct office *f, const char *words) {
    /* lines that quoted-printable has broken are one */
    char text[20000];
    size_t n = 0;
    for (const char *p = smtp_fake_mail(f->fake); *p != '\0' && n < sizeof text - 1; p++) {
        if (strncmp(p, "=\r\n", 3) == 0)
            p += 2;
        else
            text[n++] = *p;
    }
    text[n] = '\0';
    return strstr(text, words) != NULL;
}
#define assert_mail_says(f, words)                                                                 \
    do {                                                                                           \
        if (!mail_says(f, words))                                                                  \
            fail_msg("\"%s\" is not in\n%s", words, smtp_fake_mail((f)->fake));                    \
    } while (0)

static void fails(struct office *f, enum rc_code code, const char *name, const char *text) {
    struct rc_error err = { .code = code, .name = name };
    snprintf(err.text, sizeof err.text, "%s", text);
    health_note(f->w->bed->st, &f->w->clock, f->w->bed->company_id, f->w->bed->in.integration_id,
                code, &err);
}

static void works(struct office *f) {
    struct rc_error err = { 0 };
    health_note(f->w->bed->st, &f->w->clock, f->w->bed->company_id, f->w->bed->in.integration_id,
                RC_OK, &err);
}

/* Six addresses: held, and nobody leaves by it. */
static struct run hold(struct world *w, const char *domain) {
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i),
                  arena_printf(&w->bed->a, "email=p%d@%s", i, domain));
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    return r;
}

static struct run hold_leavers(struct world *w) {
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "status=inactive");
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i), "termination_date=2026-09-01");
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    assert_true(health_leavers(&r) > 0);
    return r;
}

/* ---- held runs ---- */

static void a_held_run_is_told_once_a_day_and_once_when_it_is_over(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    assert_int_equal(look(&f), 0);
    struct run r = hold(w, "y.org");
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "To: <" ADMIN ">");
    assert_mail_says(&f, "Subject: Acme: a run waits for your decision\r\n");
    assert_mail_says(&f, "6 e-mail changes: the limit for one run is 3");
    assert_mail_says(&f,
                     arena_printf(&w->bed->a, "rollcall run show acme/%lld", (long long)r.run_id));
    assert_false(mail_says(&f, "y.org"));
    for (int i = 0; i < 20; i++) {
        move(&f, HOUR_S);
        assert_int_equal(look(&f), 0);
    }
    move(&f, 4 * HOUR_S);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "(still)");
    world_approve(w, r.run_id);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "was approved");
    assert_int_equal(look(&f), 0);
    move(&f, 50 * HOUR_S);
    assert_int_equal(look(&f), 0);
}

static unsigned look_at_all(struct office *f) {
    OK(alerts_keep_all(f->w->bed->st, &f->o, &f->w->clock, &f->known, &why));
    unsigned before = f->told;
    f->told = smtp_fake_taken(f->fake);
    return f->told - before;
}

static void
of_many_companies_those_concerned_are_looked_at_each_time_the_others_in_turn(void **state) {
    enum { OTHERS = 3 * ALERTS_OTHERS_AT_ONCE };
    OFFICE(state);
    int64_t id;
    world_begin(w, 20);
    for (int i = 0; i < OTHERS; i++)
        OK(company_add(w->bed->st, arena_printf(&w->bed->a, "c%d", i), "C", "UTC", T0, &id, &why));
    assert_int_equal(look_at_all(&f), 0);
    struct run r = hold(w, "y.org");
    assert_int_equal(look_at_all(&f), 1); /* whosever turn it is */
    assert_int_equal(look_at_all(&f), 0);
    world_approve(w, r.run_id);
    assert_int_equal(look_at_all(&f), 1);
    OK(integration_get(w->bed->st, w->bed->company_id, w->bed->in.integration_id, NULL, &w->bed->a,
                       &w->bed->in, &why));
    w->bed->in.schedule = TEXT_LIT("every 1 hour");
    OK(integration_save(w->bed->st, w->bed->key, &w->bed->in, &why));
    move(&f, 50 * HOUR_S); /* nothing but time has passed */
    unsigned told = 0;
    for (int turns = 0; turns < 2 + OTHERS / ALERTS_OTHERS_AT_ONCE; turns++)
        told += look_at_all(&f);
    assert_int_equal(told, 1);
    assert_mail_says(&f, "HR");
}

static void a_hold_that_delays_leavers_is_urgent_and_names_them(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    hold_leavers(w);
    f.o.operator_address = OPERATOR;
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "Subject: Acme: 6 people who left can still sign in until you decide");
    assert_mail_says(&f, "First2 Last2 (2 in HR)");
    assert_false(mail_says(&f, "@x.org"));
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert WHERE cause = 'held-leavers'"),
                     1);
}

static void the_operator_is_told_of_it_where_nobody_else_is_and_gets_no_names(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    to(w, NULL, NULL);
    f.o.operator_address = OPERATOR;
    hold_leavers(w);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "To: <" OPERATOR ">");
    assert_mail_says(&f, "6 people who left");
    assert_false(mail_says(&f, "Last2"));
}

static void a_hold_that_another_one_supersedes_is_the_same_alert(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    hold(w, "y.org");
    assert_int_equal(look(&f), 1);
    struct run second = hold(w, "z.org");
    assert_int_equal(look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT run_id FROM alert"), second.run_id);
}

static void
a_hold_that_comes_to_delay_leavers_is_told_at_once_and_nothing_is_called_over(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    hold(w, "y.org");
    assert_int_equal(look(&f), 1);
    struct run r = hold_leavers(w);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "can still sign in");
    world_approve(w, r.run_id);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "was approved");
}

static void another_hold_after_an_answer_is_news(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct run r = hold(w, "y.org");
    assert_int_equal(look(&f), 1);
    world_approve(w, r.run_id);
    assert_int_equal(look(&f), 1);
    hold(w, "z.org");
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "a run waits for your decision\r\n");
}

/* ---- what does not work ---- */

static void a_hiccup_is_told_to_nobody(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    for (int i = 0; i < 5; i++) {
        fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example");
        move(&f, 5 * MINUTE_S);
        assert_int_equal(look(&f), 0);
    }
    works(&f);
    assert_int_equal(look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert"), 0);
}

static void hr_that_is_down_for_an_hour_is_told_once_a_day_and_its_end_once(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    unsigned mails = 0;
    for (int hour = 0; hour < 52; hour++) {
        fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example: no route");
        mails += look(&f);
        move(&f, HOUR_S);
    }
    assert_int_equal(mails, 3); /* in the third hour, and a day and two later */
    assert_mail_says(&f, "cannot reach hr.example: no route.");
    assert_mail_says(&f, "who leaves keeps theirs");
    works(&f);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "Subject: Acme: over: HR system hr is read again");
    assert_int_equal(look(&f), 0);
}

static void refused_credentials_are_told_at_once_to_the_operator_too(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.operator_address = OPERATOR;
    fails(&f, RC_AUTH, "personio.credentials", "Personio refuses client id and secret");
    assert_int_equal(look(&f), 2);
    assert_mail_says(&f, "HR system hr refuses our credentials");
    assert_mail_says(&f, "rollcall integration check acme/hr");
    works(&f);
    assert_int_equal(look(&f), 2);
}

static void what_comes_and_goes_is_told_once_a_day(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    unsigned mails = 0;
    for (int i = 0; i < 20; i++) {
        fails(&f, RC_AUTH, "personio.credentials", "refused");
        mails += look(&f);
        move(&f, HOUR_S / 2);
        works(&f);
        mails += look(&f);
        move(&f, HOUR_S / 2);
    }
    assert_int_equal(mails, 2); /* it began, and it was over */
    move(&f, 5 * HOUR_S);
    fails(&f, RC_AUTH, "personio.credentials", "refused");
    assert_int_equal(look(&f), 1);
}

static void what_somebody_else_was_at_is_nobodys_failure(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    for (int i = 0; i < 10; i++) {
        fails(&f, RC_CONFLICT, "busy", "another process");
        fails(&f, RC_RETRY, "stopping", "stopped");
        move(&f, 9 * HOUR_S);
        assert_int_equal(look(&f), 0);
    }
}

/* ---- HR that does not tell by itself ---- */

static struct hook hooked(struct world *w) {
    struct bed *b = w->bed;
    struct hook h;
    OK(db_begin(b->st->db, &why));
    OK(hook_make(b->st, b->key, b->company_id, b->in.integration_id, w->fake.now_us, &b->a, &h,
                 &why));
    OK(db_commit(b->st->db, &why));
    return h;
}

static void a_webhook_that_cannot_be_kept_is_told_once_a_day_and_its_end_once(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct hook h = hooked(w);
    f.o.operator_address = OPERATOR;
    h.state = HOOK_FAILING;
    h.failing_us = w->fake.now_us;
    h.note = TEXT_LIT("PATCH /v2/webhooks: answered 500");
    OK(hook_save(w->bed->st, &h, &why));
    assert_int_equal(look(&f), 0); /* a hiccup */
    move(&f, HOUR_S);
    assert_int_equal(look(&f), 2);
    assert_mail_says(&f, "Acme: HR system hr does not tell of changes by itself");
    assert_mail_says(&f, "PATCH /v2/webhooks: answered 500.");
    assert_mail_says(&f, "rollcall integration webhook show acme/hr");
    assert_mail_says(&f, "nobody loses or gets access because of this");
    move(&f, 20 * HOUR_S);
    assert_int_equal(look(&f), 0);
    move(&f, 4 * HOUR_S);
    assert_int_equal(look(&f), 2);
    h.state = HOOK_KEPT;
    h.failing_us = 0;
    OK(hook_save(w->bed->st, &h, &why));
    assert_int_equal(look(&f), 2);
    assert_mail_says(&f, "over: HR system hr tells of changes by itself again");
    assert_int_equal(look(&f), 0);
}

static void one_that_somebody_is_to_make_by_hand_has_a_day(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct hook h = hooked(w);
    h.state = HOOK_BY_HAND;
    h.failing_us = w->fake.now_us;
    OK(hook_save(w->bed->st, &h, &why));
    move(&f, 23 * HOUR_S);
    assert_int_equal(look(&f), 0);
    move(&f, HOUR_S);
    assert_int_equal(look(&f), 1);
    OK(hook_is_heard(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &why));
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "over:");
}

static void one_that_is_silent_is_told_and_hr_that_cannot_be_read_is_told_first(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct hook h = hooked(w);
    h.state = HOOK_KEPT;
    h.silent_us = w->fake.now_us - 2 * DAY_US;
    OK(hook_save(w->bed->st, &h, &why));
    fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example");
    assert_int_equal(look(&f), 0);
    works(&f);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "nothing has come by it since");
    fails(&f, RC_RETRY, "http.unreachable", "cannot reach hr.example");
    assert_int_equal(look(&f), 0); /* nor is it over */
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert WHERE over_us IS NULL"), 1);
    OK(hook_is_heard(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &why));
    assert_int_equal(look(&f), 1);
}

/* ---- the mail server ---- */

static void
a_server_that_is_down_is_asked_again_with_growing_pauses_and_nothing_is_lost(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.answers[SMTP_GREETING] = "421 not now\r\n!";
    log_set_level(LOG_LEVEL_ERROR);
    f.server.url = "smtp://127.0.0.1:1"; /* nobody listens there */
    hold(w, "y.org");
    for (int i = 0; i < 60; i++) {
        assert_int_equal(look(&f), 0);
        move(&f, MINUTE_S);
    }
    int64_t tries = bed_number(w->bed, "SELECT tries FROM alert_mail");
    assert_true(tries >= 4 && tries <= 8);
    f.server.url = f.url;
    f.answers[SMTP_GREETING] = NULL;
    move(&f, ALERTS_PAUSE_MOST_S);
    assert_int_equal(look(&f), 1);
    assert_int_equal(look(&f), 0);
}

static void what_is_over_before_it_could_be_told_is_not_told(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.server.url = "smtp://127.0.0.1:1";
    struct run r = hold(w, "y.org");
    assert_int_equal(look(&f), 0);
    world_approve(w, r.run_id);
    f.server.url = f.url;
    move(&f, HOUR_S);
    assert_int_equal(look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state = 'dropped'"),
                     1);
}

static void greylisting_keeps_only_that_mail_back(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.answers[SMTP_RCPT] = "451 4.7.1 try again\r\n";
    hold(w, "y.org");
    assert_int_equal(look(&f), 0);
    f.answers[SMTP_RCPT] = NULL;
    assert_int_equal(look(&f), 0);
    move(&f, ALERTS_PAUSE_S);
    assert_int_equal(look(&f), 1);
}

static void an_address_that_is_refused_for_good_has_the_operator_told_instead(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.operator_address = OPERATOR;
    f.answers[SMTP_RCPT] = "550 5.1.1 no such mailbox\r\n";
    hold(w, "y.org");
    assert_int_equal(look(&f), 0);
    f.answers[SMTP_RCPT] = NULL;
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state = 'refused'"
                                        " AND answer LIKE '550%'"),
                     2);
    move(&f, 24 * HOUR_S);
    assert_int_equal(look(&f), 1);
}

/* What a server says before it knows whom the mail is for says nothing about that mail. */
static void refused_at(void **state, enum smtp_place at, const char *answer, bool has_password) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.operator_address = OPERATOR;
    f.server.user = has_password ? "rollcall" : NULL;
    f.server.password = has_password ? "wrong" : NULL;
    f.answers[at] = answer;
    hold(w, "y.org");
    for (int i = 0; i < 60; i++) {
        assert_int_equal(look(&f), 0);
        move(&f, MINUTE_S);
    }
    int64_t tries = bed_number(w->bed, "SELECT MAX(tries) FROM alert_mail");
    assert_true(tries >= 4 && tries <= 8); /* with growing pauses */
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state <> 'waiting'"),
                     0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail"), 1); /* nobody instead */
    f.answers[at] = NULL;
    move(&f, ALERTS_PAUSE_MOST_S);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, "To: <" ADMIN ">");
    assert_int_equal(look(&f), 0);
}

static void a_greeting_that_says_never_condemns_no_mail(void **state) {
    refused_at(state, SMTP_GREETING, "554 go away\r\n", false);
}

static void a_sender_that_is_refused_condemns_no_mail(void **state) {
    refused_at(state, SMTP_MAIL, "550 5.7.1 you may not\r\n", false);
}

static void a_password_that_is_refused_condemns_no_mail(void **state) {
    refused_at(state, SMTP_AUTH, "535 5.7.8 no\r\n", true);
}

static void what_is_refused_when_it_has_been_read_is_condemned(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.answers[SMTP_END] = "554 5.7.1 looks like spam\r\n";
    hold(w, "y.org");
    assert_int_equal(look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state = 'refused'"),
                     1);
}

static void a_lost_answer_sends_it_once_more_with_the_same_id(void **state) {
    OFFICE(state);
    char first[200];
    world_begin(w, 20);
    f.answers[SMTP_END] = "!";
    struct run r = hold(w, "y.org");
    look(&f);
    const char *id = strstr(smtp_fake_mail(f.fake), "Message-ID: ");
    assert_non_null(id);
    snprintf(first, sizeof first, "%.*s", (int)strcspn(id, "\r"), id);
    f.answers[SMTP_END] = NULL;
    move(&f, ALERTS_PAUSE_S);
    assert_int_equal(look(&f), 1);
    assert_mail_says(&f, first);
    world_approve(w, r.run_id);
    assert_int_equal(look(&f), 1);
    assert_false(mail_says(&f, first));
}

/* The second half of a process that ended after the server had taken it. */
static void a_crash_sends_at_worst_one_mail_twice_and_never_none(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    hold(w, "y.org");
    assert_int_equal(look(&f), 1);
    place_exec(w->bed->st->db, "UPDATE alert_mail SET state = 'waiting', tries = 1, arrived = 0");
    f.known = (struct alerts_server){ 0 };
    move(&f, ALERTS_PAUSE_S);
    assert_int_equal(look(&f), 1);
    assert_int_equal(look(&f), 0);
}

static void without_a_server_it_is_written_down_and_told_once_there_is_one(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.server = NULL;
    hold(w, "y.org");
    assert_int_equal(look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert WHERE over_us IS NULL"), 1);
    f.o.server = &f.server;
    assert_int_equal(look(&f), 1);
}

/* ---- muting, and several processes ---- */

static void what_is_muted_is_not_told(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    struct run r = hold(w, "y.org");
    assert_int_equal(look(&f), 1);
    OK(alert_mute(w->bed->st, w->bed->company_id, w->bed->in.integration_id, "held",
                  w->fake.now_us + 2 * DAY_US, &why));
    move(&f, 30 * HOUR_S);
    assert_int_equal(look(&f), 0);
    move(&f, 24 * HOUR_S);
    assert_int_equal(look(&f), 1);
    assert_int_equal(alert_mute(w->bed->st, w->bed->company_id, 999, "held", 0, &why),
                     RC_NOT_FOUND);
    (void)r;
}

static void of_two_processes_one_tells(void **state) {
    OFFICE(state);
    struct lease lease;
    char subject[32];
    world_begin(w, 20);
    hold(w, "y.org");
    struct store *other = bed_connect(w->bed);
    snprintf(subject, sizeof subject, "%lld", (long long)w->bed->company_id);
    OK(lease_take(other, "alert", subject, w->fake.now_us, &lease, &why));
    assert_int_equal(look(&f), 0);
    lease_release(other, &lease);
    assert_int_equal(look(&f), 1);
    OK(alerts_keep(other, &w->company, &f.o, &w->clock, &f.known, &why));
    assert_int_equal(smtp_fake_taken(f.fake), 1);
    store_close(other);
}

static void with_nothing_new_nothing_is_written(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    hold(w, "y.org");
    assert_int_equal(look(&f), 1);
    int64_t before = bed_number(w->bed, "SELECT SUM(fence) FROM job");
    for (int i = 0; i < 10; i++)
        assert_int_equal(look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT SUM(fence) FROM job"), before);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_held_run_is_told_once_a_day_and_once_when_it_is_over),
        WORLD_TEST(of_many_companies_those_concerned_are_looked_at_each_time_the_others_in_turn),
        WORLD_TEST(a_hold_that_delays_leavers_is_urgent_and_names_them),
        WORLD_TEST(the_operator_is_told_of_it_where_nobody_else_is_and_gets_no_names),
        WORLD_TEST(a_hold_that_another_one_supersedes_is_the_same_alert),
        WORLD_TEST(a_hold_that_comes_to_delay_leavers_is_told_at_once_and_nothing_is_called_over),
        WORLD_TEST(another_hold_after_an_answer_is_news),
        WORLD_TEST(a_hiccup_is_told_to_nobody),
        WORLD_TEST(hr_that_is_down_for_an_hour_is_told_once_a_day_and_its_end_once),
        WORLD_TEST(refused_credentials_are_told_at_once_to_the_operator_too),
        WORLD_TEST(what_comes_and_goes_is_told_once_a_day),
        WORLD_TEST(what_somebody_else_was_at_is_nobodys_failure),
        WORLD_TEST(a_webhook_that_cannot_be_kept_is_told_once_a_day_and_its_end_once),
        WORLD_TEST(one_that_somebody_is_to_make_by_hand_has_a_day),
        WORLD_TEST(one_that_is_silent_is_told_and_hr_that_cannot_be_read_is_told_first),
        WORLD_TEST(a_server_that_is_down_is_asked_again_with_growing_pauses_and_nothing_is_lost),
        WORLD_TEST(what_is_over_before_it_could_be_told_is_not_told),
        WORLD_TEST(greylisting_keeps_only_that_mail_back),
        WORLD_TEST(an_address_that_is_refused_for_good_has_the_operator_told_instead),
        WORLD_TEST(a_greeting_that_says_never_condemns_no_mail),
        WORLD_TEST(a_sender_that_is_refused_condemns_no_mail),
        WORLD_TEST(a_password_that_is_refused_condemns_no_mail),
        WORLD_TEST(what_is_refused_when_it_has_been_read_is_condemned),
        WORLD_TEST(a_lost_answer_sends_it_once_more_with_the_same_id),
        WORLD_TEST(a_crash_sends_at_worst_one_mail_twice_and_never_none),
        WORLD_TEST(without_a_server_it_is_written_down_and_told_once_there_is_one),
        WORLD_TEST(what_is_muted_is_not_told),
        WORLD_TEST(of_two_processes_one_tells),
        WORLD_TEST(with_nothing_new_nothing_is_written),
    };
    return PLACE_RUN(tests, argc, argv);
}
