/* Telling people by a mail server that is down, refuses, or loses its answers. */
#include <stdio.h>
#include "base/log.h"
#include "tests/sync/office.h"

static void
a_server_that_is_down_is_asked_again_with_growing_pauses_and_nothing_is_lost(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.answers[SMTP_GREETING] = "421 not now\r\n!";
    log_set_level(LOG_LEVEL_ERROR);
    f.server.url = "smtp://127.0.0.1:1"; /* nobody listens there */
    office_hold(w, "y.org");
    for (int i = 0; i < 60; i++) {
        assert_int_equal(office_look(&f), 0);
        office_move(&f, MINUTE_S);
    }
    int64_t tries = bed_number(w->bed, "SELECT tries FROM alert_mail");
    assert_true(tries >= 4 && tries <= 8);
    f.server.url = f.url;
    f.answers[SMTP_GREETING] = NULL;
    office_move(&f, ALERTS_PAUSE_MOST_S);
    assert_int_equal(office_look(&f), 1);
    assert_int_equal(office_look(&f), 0);
}

static void what_is_over_before_it_could_be_told_is_not_told(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.server.url = "smtp://127.0.0.1:1";
    struct run r = office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 0);
    world_approve(w, r.run_id);
    f.server.url = f.url;
    office_move(&f, HOUR_S);
    assert_int_equal(office_look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state = 'dropped'"),
                     1);
}

static void greylisting_keeps_only_that_mail_back(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.answers[SMTP_RCPT] = "451 4.7.1 try again\r\n";
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 0);
    f.answers[SMTP_RCPT] = NULL;
    assert_int_equal(office_look(&f), 0);
    office_move(&f, ALERTS_PAUSE_S);
    assert_int_equal(office_look(&f), 1);
}

static void an_address_that_is_refused_for_good_has_the_operator_told_instead(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.operator_address = OPERATOR;
    f.answers[SMTP_RCPT] = "550 5.1.1 no such mailbox\r\n";
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 0);
    f.answers[SMTP_RCPT] = NULL;
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state = 'refused'"
                                        " AND answer LIKE '550%'"),
                     2);
    office_move(&f, 24 * HOUR_S);
    assert_int_equal(office_look(&f), 1);
}

/* What a server says before it knows whom the mail is for says nothing about that mail. */
static void refused_at(void **state, enum smtp_place at, const char *answer, bool has_password) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.operator_address = OPERATOR;
    f.server.user = has_password ? "rollcall" : NULL;
    f.server.password = has_password ? "wrong" : NULL;
    f.answers[at] = answer;
    office_hold(w, "y.org");
    for (int i = 0; i < 60; i++) {
        assert_int_equal(office_look(&f), 0);
        office_move(&f, MINUTE_S);
    }
    int64_t tries = bed_number(w->bed, "SELECT MAX(tries) FROM alert_mail");
    assert_true(tries >= 4 && tries <= 8); /* with growing pauses */
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state <> 'waiting'"),
                     0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail"), 1); /* nobody instead */
    f.answers[at] = NULL;
    office_move(&f, ALERTS_PAUSE_MOST_S);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, "To: <" ADMIN ">");
    assert_int_equal(office_look(&f), 0);
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
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert_mail WHERE state = 'refused'"),
                     1);
}

static void a_lost_answer_sends_it_once_more_with_the_same_id(void **state) {
    OFFICE(state);
    char first[200];
    world_begin(w, 20);
    f.answers[SMTP_END] = "!";
    struct run r = office_hold(w, "y.org");
    office_look(&f);
    const char *id = strstr(smtp_fake_mail(f.fake), "Message-ID: ");
    assert_non_null(id);
    snprintf(first, sizeof first, "%.*s", (int)strcspn(id, "\r"), id);
    f.answers[SMTP_END] = NULL;
    office_move(&f, ALERTS_PAUSE_S);
    assert_int_equal(office_look(&f), 1);
    assert_mail_says(&f, first);
    world_approve(w, r.run_id);
    assert_int_equal(office_look(&f), 1);
    assert_false(office_mail_says(&f, first));
}

/* The second half of a process that ended after the server had taken it. */
static void a_crash_sends_at_worst_one_mail_twice_and_never_none(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 1);
    place_exec(w->bed->st->db, "UPDATE alert_mail SET state = 'waiting', tries = 1, arrived = 0");
    f.known = (struct alerts_server){ 0 };
    office_move(&f, ALERTS_PAUSE_S);
    assert_int_equal(office_look(&f), 1);
    assert_int_equal(office_look(&f), 0);
}

static void without_a_server_it_is_written_down_and_told_once_there_is_one(void **state) {
    OFFICE(state);
    world_begin(w, 20);
    f.o.server = NULL;
    office_hold(w, "y.org");
    assert_int_equal(office_look(&f), 0);
    assert_int_equal(bed_number(w->bed, "SELECT COUNT(*) FROM alert WHERE over_us IS NULL"), 1);
    f.o.server = &f.server;
    assert_int_equal(office_look(&f), 1);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
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
    };
    return PLACE_RUN(tests, argc, argv);
}
