#include "tests/check.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include "base/cleanup.h"
#include "net/mail.h"
#include "tests/net/smtp_fake.h"

/* No message may show one of them. */
#define PASSWORD "s3cr3t"
#define ADMIN    "ana.admin@acme.example"

static const struct mail usual = { .to = ADMIN,
                                   .subject = "Acme: a run waits for you",
                                   .text = "Hello,\n\nall is well.\n",
                                   .id = "alert-1-2.told-1",
                                   .date_us = INT64_C(1795424702000000) };

struct fixture {
    struct smtp_fake *fake;
    struct mail_server server;
    struct clock_fake time;
    struct clock_source clock;
    struct rc_error err;
    char url[100], answer[MAIL_ANSWER_BYTES];
    double took_s;
};

static void fixture_init(struct fixture *f, const char *const answers[SMTP_PLACES_N]) {
    *f = (struct fixture){ .fake = smtp_fake_open(answers) };
    snprintf(f->url, sizeof f->url, "smtp://127.0.0.1:%u", smtp_fake_port(f->fake));
    f->clock = clock_fake_source(&f->time);
    f->server = (struct mail_server){ .url = f->url,
                                      .from = "rollcall@acme.example",
                                      .connect_timeout_us = 1000000,
                                      .total_timeout_us = 1000000 };
}

static enum rc_code deliver(struct fixture *f, const struct mail *m) {
    struct timespec a, b;
    f->err = (struct rc_error){ .name = "" };
    clock_gettime(CLOCK_MONOTONIC, &a);
    enum rc_code rc = mail_send(&f->server, m, &f->clock, f->answer, &f->err);
    clock_gettime(CLOCK_MONOTONIC, &b);
    f->took_s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    smtp_fake_stop(f->fake);
    assert_null(strstr(f->err.text, PASSWORD));
    assert_null(strstr(f->err.text, "ana.admin"));
    assert_null(strchr(f->err.text, '\n'));
    return rc;
}

static void fixture_done(struct fixture *f) {
    smtp_fake_free(f->fake);
}
#define FIXTURE(...)                                                                               \
    __attribute__((cleanup(fixture_done))) struct fixture f;                                       \
    const char *const answers[SMTP_PLACES_N] = { __VA_ARGS__ };                                    \
    (void)state;                                                                                   \
    fixture_init(&f, answers)

/* ---- what becomes of it ---- */

static const struct row {
    const char *title;
    enum smtp_place at;
    const char *answer;
    enum rc_code code;
    const char *name;
} rows[] = {
    { "a greeting that says never is about us, not about the mail", SMTP_GREETING,
      "554 go away\r\n", RC_RETRY, "mail.server-refuses" },
    { "EHLO and HELO refused are about us", SMTP_EHLO, "550 5.7.1 who are you\r\n", RC_RETRY,
      "mail.server-refuses" },
    { "a greeting that says later is tried later", SMTP_GREETING, "421 too busy\r\n", RC_RETRY,
      "mail.later" },
    { "a sender that is refused is about us", SMTP_MAIL, "550 who are you\r\n", RC_RETRY,
      "mail.server-refuses" },
    { "a sender for whom a password is wanted", SMTP_MAIL, "530 5.7.0 log in first\r\n", RC_RETRY,
      "mail.server-refuses" },
    { "an address for which a password is wanted holds up no other", SMTP_RCPT,
      "530 5.7.0 log in first\r\n", RC_RETRY, "mail.later" },
    { "DATA for which a password is wanted", SMTP_DATA, "530 5.7.0 log in first\r\n", RC_RETRY,
      "mail.later" },
    { "a sender that is not taken for now", SMTP_MAIL, "451 later\r\n", RC_RETRY, "mail.later" },
    { "an address that is refused", SMTP_RCPT, "550 5.1.1 no such mailbox\r\n", RC_INVALID,
      "mail.refused" },
    { "a mailbox that is full is tried later", SMTP_RCPT, "452 4.2.2 full\r\n", RC_RETRY,
      "mail.later" },
    { "greylisting is tried later", SMTP_RCPT, "451 4.7.1 try again\r\n", RC_RETRY, "mail.later" },
    { "DATA that is refused", SMTP_DATA, "554 no\r\n", RC_INVALID, "mail.refused" },
    { "a mail that is refused when it has been read", SMTP_END, "554 5.7.1 looks like spam\r\n",
      RC_INVALID, "mail.refused" },
    { "a mail that cannot be kept for now", SMTP_END, "452 disk full\r\n", RC_RETRY, "mail.later" },
    { "no greeting in time", SMTP_GREETING, "", RC_RETRY, "mail.timeout" },
    { "no answer to EHLO in time", SMTP_EHLO, "", RC_RETRY, "mail.timeout" },
    { "no answer to the address in time", SMTP_RCPT, "", RC_RETRY, "mail.timeout" },
    { "no answer to the mail itself: nobody knows", SMTP_END, "", RC_UNSURE, "mail.unsure" },
    { "a connection that ends instead of a greeting", SMTP_GREETING, "!", RC_RETRY, "mail.answer" },
    { "a connection that ends in the middle", SMTP_MAIL, "!", RC_RETRY, "mail.answer" },
    { "a connection that ends behind the mail: nobody knows", SMTP_END, "!", RC_UNSURE,
      "mail.unsure" },
    { "what is not SMTP", SMTP_GREETING, "HTTP/1.1 200 OK\r\n\r\n!", RC_RETRY, "mail.answer" },
    { "a line cut in the middle", SMTP_RCPT, "25!", RC_RETRY, "mail.answer" },
    { "a mail that was taken, whatever the farewell", SMTP_QUIT, "!", RC_OK, "" },
    { "a mail that was taken, and no farewell", SMTP_QUIT, "", RC_OK, "" },
};

static void the_outcome_is_that_of_the_row(void **state) {
    const struct row *r = *state;
    struct fixture f;
    const char *answers[SMTP_PLACES_N] = { 0 };
    answers[r->at] = r->answer;
    fixture_init(&f, answers);
    enum rc_code rc = deliver(&f, &usual);
    assert_string_equal(f.err.name, r->name);
    assert_int_equal(rc, r->code);
    assert_true(f.took_s < 3.5);
    fixture_done(&f);
}

static void what_the_server_said_is_handed_back(void **state) {
    FIXTURE([SMTP_END] = "250 2.0.0 taken \x1b[31m as 4711\r\n");
    assert_int_equal(deliver(&f, &usual), RC_OK);
    assert_string_equal(f.answer, "250 2.0.0 taken ?[31m as 4711");
}

static void why_it_was_refused_is_handed_back_and_not_the_farewell(void **state) {
    FIXTURE([SMTP_RCPT] = "550 5.1.1 no such mailbox\r\n");
    assert_int_equal(deliver(&f, &usual), RC_INVALID);
    assert_string_equal(f.answer, "550 5.1.1 no such mailbox");
}

static void a_server_that_is_not_there_is_unreachable(void **state) {
    FIXTURE(0);
    smtp_fake_stop(f.fake);
    assert_int_equal(deliver(&f, &usual), RC_RETRY);
    assert_string_equal(f.err.name, "mail.unreachable");
    assert_string_equal(f.answer, "");
}

static void password_is_given_and_a_refusal_told_apart(void **state) {
    FIXTURE([SMTP_AUTH] = "535 5.7.8 no\r\n");
    f.server.user = "rollcall";
    f.server.password = PASSWORD;
    assert_int_equal(deliver(&f, &usual), RC_AUTH);
    assert_string_equal(f.err.name, "mail.credentials");
    assert_non_null(strstr(smtp_fake_said(f.fake), "AUTH PLAIN"));
    assert_null(strstr(smtp_fake_said(f.fake), "MAIL FROM"));
}

static void where_encryption_is_wanted_and_not_offered_nothing_is_said(void **state) {
    FIXTURE(0);
    f.server.user = "rollcall";
    f.server.password = PASSWORD;
    f.server.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    assert_int_equal(deliver(&f, &usual), RC_RETRY);
    assert_string_equal(f.err.name, "mail.plain");
    assert_null(strstr(smtp_fake_said(f.fake), "AUTH"));
    assert_null(strstr(smtp_fake_said(f.fake), "MAIL"));
}

static bool yes(void *self) {
    (void)self;
    return true;
}

/* A look-up that hangs: libcurl's thread is in here until it is let go. */
static struct {
    atomic_bool hangs;
    atomic_int inside;
} names;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret) {
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (!atomic_load(&names.hangs)) {
        if (real == NULL)
            *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
        return real(node, service, hints, ret);
    }
    atomic_fetch_add(&names.inside, 1);
    for (int i = 0; i < 1000 && atomic_load(&names.hangs); i++)
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    atomic_fetch_sub(&names.inside, 1);
    return EAI_AGAIN;
}

static void names_are_found_again(void) {
    atomic_store(&names.hangs, false);
    while (atomic_load(&names.inside) > 0)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL); /* and the thread is gone */
}

static bool yes_once_it_looks(void *self) {
    (void)self;
    return atomic_load(&names.inside) > 0;
}

static void a_process_that_is_being_stopped_does_not_wait_for_a_name_either(void **state) {
    FIXTURE(0);
    f.server.url = "smtp://mail.example.org";
    f.server.allow_plain = true;
    f.server.connect_timeout_us = f.server.total_timeout_us = 20000000;
    f.clock.is_ending = yes_once_it_looks;
    atomic_store(&names.hangs, true);
    enum rc_code rc = deliver(&f, &usual);
    double took_s = f.took_s;
    names_are_found_again();
    assert_int_equal(rc, RC_RETRY);
    assert_string_equal(f.err.name, "mail.timeout");
    assert_true(took_s < 5); /* the look-up would take ten */
}

static void a_process_that_is_being_stopped_does_not_wait(void **state) {
    FIXTURE([SMTP_RCPT] = "");
    f.server.total_timeout_us = 20000000;
    f.clock.is_ending = yes;
    assert_int_equal(deliver(&f, &usual), RC_RETRY);
    assert_true(f.took_s < 5);
}

/* ---- what goes out ---- */

static void it_arrives_as_it_was_meant(void **state) {
    FIXTURE(0);
    struct mail m = usual;
    m.text = ".one dot\n..\n.\nGrüße an Zoë; a = b \nend";
    assert_int_equal(deliver(&f, &m), RC_OK);
    const char *mail = smtp_fake_mail(f.fake), *said = smtp_fake_said(f.fake);
    assert_non_null(strstr(said, "MAIL FROM:<rollcall@acme.example>"));
    assert_non_null(strstr(said, "RCPT TO:<" ADMIN ">"));
    assert_non_null(strstr(mail, "To: <" ADMIN ">\r\n"));
    assert_non_null(strstr(mail, "Subject: Acme: a run waits for you\r\n"));
    assert_non_null(strstr(mail, "Date: Mon, 23 Nov 2026 09:05:02 +0000\r\n"));
    assert_non_null(strstr(mail, "Message-ID: <alert-1-2.told-1@acme.example>\r\n"));
    assert_non_null(strstr(
        mail, "\r\n\r\n.one dot\r\n..\r\n.\r\nGr=C3=BC=C3=9Fe an Zo=C3=AB; a =3D b=20\r\nend\r\n"));
}

static void a_subject_in_any_script_is_words_that_any_reader_decodes(void **state) {
    static const char subject[] =
        "Müller & Söhne: 3 Menschen, die gegangen sind, können sich noch anmelden — 漢字かな交じり文";
    struct buf b;
    struct mail m = usual;
    struct mail_server s = { .url = "smtp://127.0.0.1", .from = "a@b.org" };
    (void)state;
    m.subject = subject;
    buf_init(&b, 10000);
    assert_int_equal(mail_write(&s, &m, &b, NULL), RC_OK);
    char *line = strstr(b.ptr, "Subject: ");
    *strstr(line, "\r\nDate") = '\0';
    unsigned words = 0;
    for (char *p = line; (p = strstr(p, "=?UTF-8?B?")) != NULL; p += 10, words++)
        assert_true(strcspn(p, "\r") <= 75);
    assert_true(words >= 3);
    for (const char *p = line; *p != '\0'; p++)
        assert_true((unsigned char)*p < 0x80);
    buf_done(&b);
}

static void no_line_is_longer_than_76(void **state) {
    struct buf b;
    struct mail m = usual;
    struct mail_server s = { .url = "smtp://127.0.0.1", .from = "a@b.org" };
    char text[5001];
    (void)state;
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 7 == 0 ? '=' : 'x';
    text[sizeof text - 1] = '\0';
    m.text = text;
    buf_init(&b, 20000);
    assert_int_equal(mail_write(&s, &m, &b, NULL), RC_OK);
    for (const char *p = b.ptr; *p != '\0'; p += strcspn(p, "\n") + 1)
        assert_true(strcspn(p, "\r") <= 76);
    buf_done(&b);
}

/* ---- what is refused before anything is sent ---- */

static void nothing_that_is_given_can_begin_a_line_of_its_own(void **state) {
    static const struct {
        const char *to, *from, *subject, *id;
    } evil[] = {
        { "a@b.org\r\nBcc: x@y.org", NULL, NULL, NULL },
        { "a@b.org>\r\nDATA", NULL, NULL, NULL },
        { "a@b.org> SIZE=1", NULL, NULL, NULL },
        { "a@b.org, c@d.org", NULL, NULL, NULL },
        { "Ana <a@b.org>", NULL, NULL, NULL },
        { "zoë@b.org", NULL, NULL, NULL },
        { "", NULL, NULL, NULL },
        { NULL, "a@b.org\nTo: x@y.org", NULL, NULL },
        { NULL, NULL, "Hello\r\nBcc: x@y.org", NULL },
        { NULL, NULL, "Hello\rBcc: x@y.org", NULL },
        { NULL, NULL, "Hello\n", NULL },
        { NULL, NULL, "\xff\xfe", NULL },
        { NULL, NULL, "", NULL },
        { NULL, NULL, NULL, "x>\r\nBcc: x@y.org" },
        { NULL, NULL, NULL, "x y" },
    };
    for (size_t i = 0; i < RC_LEN(evil); i++) {
        FIXTURE(0);
        struct mail m = usual;
        m.to = evil[i].to != NULL ? evil[i].to : m.to;
        m.subject = evil[i].subject != NULL ? evil[i].subject : m.subject;
        m.id = evil[i].id != NULL ? evil[i].id : m.id;
        f.server.from = evil[i].from != NULL ? evil[i].from : f.server.from;
        assert_int_equal(deliver(&f, &m), RC_INVALID);
        assert_string_equal(f.err.name, "mail.value");
        assert_string_equal(smtp_fake_said(f.fake), "");
    }
}

static void a_server_that_cannot_be_meant_is_said_at_once(void **state) {
    static const struct {
        const char *url, *from, *user, *password;
        enum rc_code code;
    } servers[] = {
        { "smtp://mail.example.org:587", "a@b.org", NULL, NULL, RC_OK },
        { "smtps://mail.example.org", "a@b.org", "u", "p", RC_OK },
        { "smtp://[::1]:25/", "a@b.org", NULL, NULL, RC_OK },
        { "mail.example.org", "a@b.org", NULL, NULL, RC_INVALID },
        { "https://mail.example.org", "a@b.org", NULL, NULL, RC_INVALID },
        { "smtp://u:p@mail.example.org", "a@b.org", NULL, NULL, RC_INVALID },
        { "smtp://mail.example.org/x%0d%0aMAIL", "a@b.org", NULL, NULL, RC_INVALID },
        { "smtp://mail.example.org\r\n", "a@b.org", NULL, NULL, RC_INVALID },
        { "smtp://mail.example.org", NULL, NULL, NULL, RC_INVALID },
        { "smtp://mail.example.org", "nobody", NULL, NULL, RC_INVALID },
        { "smtp://mail.example.org", "a@b.org", "u", NULL, RC_INVALID },
        { "smtp://mail.example.org", "a@b.org", NULL, "p", RC_INVALID },
        { "smtp://mail.example.org", "a@b.org", "u", "p\r\nQUIT", RC_INVALID },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(servers); i++) {
        struct mail_server s = { .url = servers[i].url,
                                 .from = servers[i].from,
                                 .user = servers[i].user,
                                 .password = servers[i].password };
        assert_int_equal(mail_server_check(&s, NULL), servers[i].code);
    }
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(rows) + 20] = {
        cmocka_unit_test(what_the_server_said_is_handed_back),
        cmocka_unit_test(why_it_was_refused_is_handed_back_and_not_the_farewell),
        cmocka_unit_test(a_server_that_is_not_there_is_unreachable),
        cmocka_unit_test(password_is_given_and_a_refusal_told_apart),
        cmocka_unit_test(where_encryption_is_wanted_and_not_offered_nothing_is_said),
        cmocka_unit_test(a_process_that_is_being_stopped_does_not_wait),
        cmocka_unit_test(a_process_that_is_being_stopped_does_not_wait_for_a_name_either),
        cmocka_unit_test(it_arrives_as_it_was_meant),
        cmocka_unit_test(a_subject_in_any_script_is_words_that_any_reader_decodes),
        cmocka_unit_test(no_line_is_longer_than_76),
        cmocka_unit_test(nothing_that_is_given_can_begin_a_line_of_its_own),
        cmocka_unit_test(a_server_that_cannot_be_meant_is_said_at_once),
    };
    size_t n = CHECK_LISTED(tests);
    for (size_t i = 0; i < RC_LEN(rows); i++)
        tests[n++] = (struct CMUnitTest){ .name = rows[i].title,
                                          .test_func = the_outcome_is_that_of_the_row,
                                          .initial_state = (void *)(uintptr_t)&rows[i] };
    return _cmocka_run_group_tests("mail", tests, n, NULL, NULL);
}
