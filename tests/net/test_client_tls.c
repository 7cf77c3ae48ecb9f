/* Certificates: what is refused, and what a file of them makes trusted. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/net/asks.h"

struct tls {
    FILE *out;
    char dir[40], file[60];
    uint16_t port;
    long pid;
};

static void shell(const char *fmt, ...) RC_PRINTF(1, 2);
static void shell(const char *fmt, ...) {
    char command[600];
    va_list args;
    va_start(args, fmt);
    vsnprintf(command, sizeof command, fmt, args);
    va_end(args);
    assert_int_equal(system(command), 0);
}

/* A TLS server with a certificate that it signed itself, for subject_alt ("IP:127.0.0.1"). */
static void tls_open(struct tls *t, const char *subject_alt) {
    char line[200];
    *t = (struct tls){ .dir = "/tmp/rollcall-tls-XXXXXX" };
    assert_non_null(mkdtemp(t->dir));
    snprintf(t->file, sizeof t->file, "%s/cert", t->dir);
    shell("cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
          "-subj /CN=test "
          "-addext subjectAltName=%s -keyout key -out cert 2>/dev/null",
          t->dir, subject_alt);
    snprintf(line, sizeof line,
             "cd %s && echo $$ && exec openssl s_server -accept 127.0.0.1:0 -cert cert -key key "
             "-www 2>&1",
             t->dir);
    t->out = popen(line, "re");
    assert_non_null(t->out);
    while (t->port == 0 && fgets(line, sizeof line, t->out) != NULL) {
        const char *colon = strrchr(line, ':');
        if (t->pid == 0)
            t->pid = strtol(line, NULL, 10);
        else if (strncmp(line, "ACCEPT", 6) == 0 && colon != NULL)
            t->port = (uint16_t)strtoul(colon + 1, NULL, 10);
    }
    assert_int_not_equal(t->port, 0);
}

static void tls_close(struct tls *t) {
    shell("kill %ld", t->pid);
    pclose(t->out);
    shell("rm -r %s", t->dir);
}

static enum rc_code get_tls(struct asks *f, const struct tls *t) {
    struct http_request q = { .method = "GET", .url = f->url };
    snprintf(f->url, sizeof f->url, "https://127.0.0.1:%u/", t->port);
    return http_send(f->client, &q, &f->response, &f->err);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state) {
    struct tls t;
    ASKS(0);
    tls_open(&t, "IP:127.0.0.1");
    assert_int_equal(get_tls(&f, &t), RC_AUTH);
    assert_failed(&f, "http.certificate",
                  "the certificate of 127.0.0.1 is not accepted: self-signed certificate");
    __attribute__((cleanup(asks_done))) struct asks trusting;
    asks_init(&trusting, &(struct http_client_options){ .ca_file = t.file });
    assert_int_equal(get_tls(&trusting, &t), RC_OK);
    assert_int_equal(trusting.response.status, 200);
    assert_string_equal(trusting.response.content_type, "text/html");
    tls_close(&t);
}

static void a_certificate_for_another_name_is_refused(void **state) {
    struct tls t;
    tls_open(&t, "DNS:example.org");
    ASKS(.ca_file = t.file);
    assert_int_equal(get_tls(&f, &t), RC_AUTH);
    assert_failed(&f, "http.certificate", "127.0.0.1");
    tls_close(&t);
}

static void a_file_of_certificates_must_be_readable_and_tls_must_be_spoken(void **state) {
    struct http_client *c = NULL;
    ASKS(0);
    assert_int_equal(http_client_new(&(struct http_client_options){ .ca_file = "/nonexistent/ca" },
                                     &f.clock, &c, &f.err),
                     RC_INVALID);
    assert_failed(&f, "http.ca-file", "/nonexistent/ca");
    assert_null(c);
    assert_int_equal(get_tls(&f, &(struct tls){ .port = server_port(asks_server) }), RC_RETRY);
    assert_failed(&f, "http.tls", "cannot agree on encryption with 127.0.0.1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_that_nobody_vouches_for_is_refused),
        cmocka_unit_test(a_certificate_for_another_name_is_refused),
        cmocka_unit_test(a_file_of_certificates_must_be_readable_and_tls_must_be_spoken),
    };
    return cmocka_run_group_tests(tests, asks_open, asks_close);
}
