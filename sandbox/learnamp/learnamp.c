#include "sandbox/learnamp/learnamp.h"
#include <stdio.h>
#include <string.h>

static const struct switch_row switch_rows[LA_COUNT] = {
#define SWITCH(id, name, fallback, words, mark, text) { name, fallback, words, mark, text },
#include "sandbox/learnamp/switches.inc"
#undef SWITCH
};
static const char page[] = {
#include "learnamp.html.inc"
};
static const struct body_marks marks = {
    .value = "Name\":\"",
    .list = "s\":",
    .rows = "s\":[",
    .object = "{\"count\":1}",
    .id = "{\"id\":",
    .id_at = 1,
    .id_end = ',',
    .id_digits = 4,
    .twice = { { "id", "[{", "\"id\":1," },
               { "users", "{", "\"users\":[]," },
               { "teams", "{", "\"teams\":[]," } },
};

static void open_system(struct sandbox *sb) {
    mails_init(&learnamp_of(sb)->mails);
    trail_init(&learnamp_of(sb)->trail);
    rows_init(&learnamp_of(sb)->rows);
}

static void close_system(struct sandbox *sb) {
    mails_done(&learnamp_of(sb)->mails);
    trail_done(&learnamp_of(sb)->trail);
    rows_done(&learnamp_of(sb)->rows);
}

static void credential_begin(struct credential *k) {
    snprintf(k->scopes, sizeof k->scopes, "%s", learnamp_scopes);
}

/* A key with the scopes of a people sync, and one from before there were scopes. */
static void begin(struct sandbox *sb) {
    platform_init(&learnamp_of(sb)->platform, sb->started.seed);
    seed_platform(sb);
    mails_clear(&learnamp_of(sb)->mails);
    trail_clear(&learnamp_of(sb)->trail);
    credentials_init(&sb->credentials, sb->started.seed, sizeof(struct credential), "");
    struct credential *k = credential_add(&sb->credentials, "learnamp-sandbox");
    snprintf(k->client_secret, sizeof k->client_secret, "learnamp-sandbox-secret");
    credential_begin(k);
    k = credential_add(&sb->credentials, "learnamp-legacy");
    snprintf(k->client_secret, sizeof k->client_secret, "learnamp-legacy-secret");
    snprintf(k->scopes, sizeof k->scopes, "public");
}

static void end(struct sandbox *sb) {
    platform_done(&learnamp_of(sb)->platform);
    credentials_done(&sb->credentials);
}

static void changed(struct sandbox *sb) {
    rows_forget(&learnamp_of(sb)->rows);
}

static bool writes(const struct call *c) {
    return strcmp(c->q->method, "GET") != 0 && c->route != ROUTE_TOKEN;
}

static bool control(struct call *c, const char *path, json body) {
    return control_accounts(c, path, body) || control_teams(c, path, body);
}

static bool control_reads(const struct call *c, const char *path) {
    (void)c, (void)path;
    return false;
}

static enum rc_code credential_take(struct credential *k, json body, struct rc_error *err) {
    (void)k, (void)body, (void)err;
    return RC_OK;
}

static void credential_write(const struct credential *k, struct json_writer *w) {
    json_put_bool(w, "legacy", scopes_have(k->scopes, "public"));
}

static void usage_write(struct sandbox *sb, struct json_writer *w) {
    const struct platform *p = &learnamp_of(sb)->platform;
    json_put_int(w, "accounts", (int64_t)p->accounts_n);
    json_put_int(w, "teams", (int64_t)p->teams_n);
    json_put_int(w, "mails", (int64_t)mails_count(&learnamp_of(sb)->mails));
}

const struct system learnamp_system = {
    .name = "learnamp",
    .bytes = sizeof(struct learnamp),
    .routes = learnamp_routes,
    .routes_n = LEARNAMP_ROUTES,
    .secret_routes = 1u << ROUTE_TOKEN,
    .switches = switch_rows,
    .switches_n = LA_COUNT,
    .sw_retry_after = LA_RATE_RETRY_AFTER,
    .sw_date_header = LA_DATE_HEADER,
    .faults = FAULT_OF_LEARNAMP,
    .marks = &marks,
    .page = page,
    .page_bytes = sizeof page,
    .open = open_system,
    .begin = begin,
    .end = end,
    .close = close_system,
    .changed = changed,
    .day_begins = life_day_begins,
    .find_route = endpoints_find,
    .writes = writes,
    .serve = endpoints_serve,
    .error = refuse,
    .control = control,
    .control_reads = control_reads,
    .credential_begin = credential_begin,
    .credential_set = credential_take,
    .credential_write = credential_write,
    .usage_write = usage_write,
};
