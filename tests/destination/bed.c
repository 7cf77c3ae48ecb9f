#include "tests/destination/bed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/client.h"

struct bed bed;

void bed_start(const char *sandbox, const char *profile) {
    int out[2];
    char line[200] = "";
    assert_int_equal(pipe(out), 0);
    bed.pid = fork();
    assert_true(bed.pid >= 0);
    if (bed.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execl(sandbox, sandbox, "learnamp", "--port", "0", "--today", "2026-11-26", "--profile",
              profile, "--no-limits", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    assert_non_null(f);
    if (fgets(line, sizeof line, f) == NULL || sscanf(line, "listening on %60s", bed.url) != 1)
        fail_msg("the sandbox did not start: \"%s\"", line);
    fclose(f);
    bed.fake = (struct clock_fake){ .now_us = INT64_C(1795683600000000) };
    bed.clock = clock_fake_source(&bed.fake);
    assert_int_equal(
        http_client_new(&(struct http_client_options){ 0 }, &clock_system, &bed.http, NULL), RC_OK);
    buf_init(&bed.body, 16 << 20);
    bed.reader = json_reader_new(16 << 20);
    arena_init(&bed.arena);
}

void bed_stop(void) {
    kill(bed.pid, SIGTERM);
    waitpid(bed.pid, NULL, 0);
    http_client_free(bed.http);
    buf_done(&bed.body);
    json_reader_free(bed.reader);
    arena_done(&bed.arena);
}

/* ---- control ---- */

json bed_control(const char *method, const char *path, const char *body) {
    char url[400];
    struct http_response r = { .body = &bed.body };
    struct rc_error err = { 0 };
    json root = NULL;
    snprintf(url, sizeof url, "%s/_control/%s", bed.url, path);
    struct http_request q = { .method = method,
                              .url = url,
                              .headers = { { "Content-Type", "application/json" } },
                              .headers_n = 1,
                              .body = body,
                              .body_bytes = body != NULL ? strlen(body) : 0 };
    if (http_send(bed.http, &q, &r, &err) != RC_OK || r.status >= 300)
        fail_msg("%s %s: %d %s %s", method, path, r.status, err.text,
                 bed.body.ptr != NULL ? bed.body.ptr : "");
    if (bed.body.len > 0)
        assert_int_equal(json_parse_copy(bed.reader, bed.body.ptr, bed.body.len, &root, NULL),
                         RC_OK);
    return root;
}

void bed_switch(const char *name, const char *value) {
    char body[200];
    snprintf(body, sizeof body, "{\"%s\":\"%s\"}", name, value);
    bed_control("POST", "switches", body);
}

void bed_switch_number(const char *name, const char *value) {
    char body[200];
    snprintf(body, sizeof body, "{\"%s\":%s}", name, value);
    bed_control("POST", "switches", body);
}

void bed_fault(const char *json_text) {
    bed_control("POST", "faults", json_text);
}

int64_t bed_number(json object, const char *key) {
    int64_t n = -1;
    (void)json_int(json_get(object, key), &n);
    return n;
}

struct text bed_text(json object, const char *key) {
    const char *s;
    size_t n;
    return json_str(json_get(object, key), &s, &n) ? text_from(s, n) : TEXT_NONE;
}

unsigned bed_requests(const char *route) {
    json none, one, all = json_get(bed_control("GET", "requests?limit=20000", NULL), "requests");
    unsigned n = 0;
    for (struct json_iter it = json_iter(all); json_next(&it, &none, &one);)
        n += text_is(bed_text(one, "route"), route);
    return n;
}

json bed_truth(struct text remote_id) {
    char path[60];
    snprintf(path, sizeof path, "truth/%.*s", TEXT_ARG(remote_id));
    return bed_control("GET", path, NULL);
}

unsigned bed_mails(struct text remote_id) {
    char path[80];
    snprintf(path, sizeof path, "mails?account=%.*s", TEXT_ARG(remote_id));
    return (unsigned)json_size(json_get(bed_control("GET", path, NULL), "mails"));
}

/* ---- open ---- */

enum rc_code bed_try_open(const char *const *extra, struct destination **ret,
                          struct rc_error *err) {
    static const char *const usual[] = { "client-id",
                                         "learnamp-sandbox",
                                         "client-secret",
                                         "learnamp-sandbox-secret",
                                         "max-per-second",
                                         "0",
                                         "per-page",
                                         "4",
                                         "prune-teams",
                                         "yes",
                                         NULL };
    const struct destination_ops *ops = destination_find("learnamp");
    const char *values[32] = { NULL };
    struct destination_config config = { ops, values, &bed.clock };
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        const char *key = ops->settings[i].key;
        values[i] = strcmp(key, "base-url") == 0 ? bed.url : NULL;
        for (const char *const *u = usual; *u != NULL; u += 2)
            values[i] = strcmp(key, u[0]) == 0 ? u[1] : values[i];
        for (const char *const *x = extra; x != NULL && *x != NULL; x += 2)
            values[i] = strcmp(key, x[0]) == 0 ? x[1] : values[i];
    }
    return destination_open(&config, ret, err);
}

static void bed_close(void) {
    destination_lane_free(bed.l);
    destination_close(bed.d);
    bed.l = NULL;
    bed.d = NULL;
}

void bed_open(const char *const *extra) {
    struct rc_error err = { 0 };
    bed_close();
    if (bed_try_open(extra, &bed.d, &err) != RC_OK)
        fail_msg("%s", err.text);
    bed.l = destination_lane_new(bed.d);
}

int bed_fresh(void **state) {
    (void)state;
    bed_control("POST", "reset", "{}");
    bed.next_number = 0;
    bed_open(NULL);
    return 0;
}

int bed_left(void **state) {
    (void)state;
    bed_close();
    arena_reset(&bed.arena);
    return 0;
}

/* ---- what is sent ---- */

void sent_put(struct sent *s, const char *name, const char *value) {
    struct decide_field *f = &s->fields[s->change.fields_n++];
    assert_true(s->change.fields_n <= RC_LEN(s->fields));
    *f = (struct decide_field){ .field = USER_FIELDS_N,
                                .name = text_of(name),
                                .does = DECIDE_FIELD_SENDS,
                                .from = TEXT_NONE,
                                .to = text_of(value),
                                .code = "hr-states" };
    for (enum user_field u = 0; u < USER_FIELDS_N; u++)
        if (strcmp(user_field_name(u), name) == 0)
            f->field = u;
    s->change.fields = s->fields;
}

void sent_somebody(struct sent *s, const char *external_id) {
    *s = (struct sent){ 0 };
    sent_put(s, "first_name", "Zoë");
    sent_put(s, "last_name", "Łukasz");
    sent_put(s, "email",
             arena_printf(&bed.arena, "zoe.%lld@example.org", (long long)++bed.next_number));
    s->change.external_id = text_of(external_id);
}

struct account sent_made(struct destination_lane *l, struct arena *a, const char *external_id) {
    struct destination_outcome made;
    struct rc_error err = { 0 };
    struct sent s;
    sent_somebody(&s, external_id);
    if (l->destination->ops->create(l, &s.change, a, &made, &err) != RC_OK)
        fail_msg("%s", err.text);
    return made.shows;
}
