/* Settings, opening, lanes, and what Learn Amp can do. */
#include "destination/learnamp_p.h"

#include <string.h>

#include "secret/secret.h"

/* What keeping people in step needs, and no more; deleting users is never asked for. */
#define SCOPES                                                                                     \
    "users:read users:create users:update users:deactivate users:reactivate teams:read "           \
    "teams:create teams:update team_users:read team_users:create team_users:delete"
#define SCOPE_PRUNE " teams:delete"

static const struct setting settings[] = {
    { "base-url", false, true, NULL,
      "the API Base URL, as Learn Amp shows it under Company Settings > API & sFTP", .aims = true,
      .tenant = true },
    { "client-id", false, true, NULL, "the key's client id, as Learn Amp shows it",
      .tenant = true },
    { "client-secret", true, true, NULL, "the key's client secret" },
    { "scope", false, false, NULL,
      "scopes to ask for; normally exactly those needed. A key from before scopes: public" },
    { "prune-teams", false, false, "no",
      "yes: teams that nobody is in any more may be deleted (scope teams:delete)" },
    { "per-page", false, false, "100", "rows a page, 1 to 1000; 0: as Learn Amp likes" },
    { "max-per-second", false, false, "2", "most requests a second; 0: no ceiling" },
    { "at-once", false, false, "1", "so many requests at the same time, 1 to 32" },
    { "retries", false, false, "5", "how often a failed request is repeated" },
    { "retry-wait-ms", false, false, "1000", "first pause before repeating; doubles each time" },
    { "timeout-s", false, false, "60", "most seconds for one request" },
    { "connect-timeout-s", false, false, "10", "most seconds to connect" },
    { "ca-file", false, false, NULL, "certificates to trust, where a proxy inspects TLS",
      .local = true },
    { 0 },
};

/* ---- open and close ---- */

static void learnamp_close(struct destination *d) {
    struct learnamp *p = (struct learnamp *)d;
    if (p->client_secret != NULL)
        secret_wipe(p->client_secret, strlen(p->client_secret));
    secret_wipe(p->token, sizeof p->token);
    pthread_mutex_destroy(&p->pace_lock);
    pthread_mutex_destroy(&p->token_lock);
    pthread_cond_destroy(&p->token_changed);
    mem_free(p->base_url);
    mem_free(p->client_id);
    mem_free(p->client_secret);
    mem_free(p->scope);
    mem_free(p->ca_file);
    mem_free(p);
}

static void learnamp_closep(struct learnamp **p) {
    if (*p != NULL)
        learnamp_close(&(*p)->base);
}

/* rollcall adds path and query itself, and the token goes along with them. */
static enum rc_code check_base_url(const char *url, struct rc_error *err) {
    static const char *const ends[] = { "/v1", "/oauth", "/oauth/token" };
    size_t n = strlen(url);
    enum rc_code rc = http_url_check(url, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "learnamp: base-url");
    if (n > 1000)
        return rc_fail_as(err, RC_INVALID, "setting", "learnamp: the setting base-url is too long");
    if (strchr(url, '?') != NULL || strchr(url, '#') != NULL)
        return rc_fail_as(err, RC_INVALID, "setting",
                          "learnamp: the setting base-url must be without ? and #");
    for (size_t i = 0; i < RC_LEN(ends); i++)
        if (n > strlen(ends[i]) && strcmp(url + n - strlen(ends[i]), ends[i]) == 0)
            return rc_fail_as(
                err, RC_INVALID, "setting",
                "learnamp: the setting base-url must be without %s at its end: it is added",
                ends[i]);
    return RC_OK;
}

/* What came along when it was copied; else Learn Amp would only say that it is wrong. */
static enum rc_code check_credential(const char *key, const char *value, struct rc_error *err) {
    for (const char *c = value; *c != '\0'; c++)
        if ((*c >= '\0' && *c <= ' ') || *c == 0x7f)
            return rc_fail_as(err, RC_INVALID, "setting",
                              "learnamp: the setting %s has a blank or a line end in it, which "
                              "Learn Amp's never has: copy it again",
                              key);
    return RC_OK;
}

static enum rc_code check_scope(const char *scope, struct rc_error *err) {
    if (strlen(scope) >= LEARNAMP_SCOPE_BYTES ||
        scope[strspn(scope, "abcdefghijklmnopqrstuvwxyz_: ")] != '\0')
        return rc_fail_as(err, RC_INVALID, "setting",
                          "learnamp: the setting scope is words like users:read with blanks "
                          "between");
    if (learnamp_scopes_have(scope, "users:delete", 12))
        return rc_fail_as(
            err, RC_INVALID, "setting",
            "learnamp: the setting scope must be without users:delete: rollcall never "
            "deletes an account");
    return RC_OK;
}

static enum rc_code per_second(const struct destination_config *c, int64_t *ret,
                               struct rc_error *err) {
    return destination_value_int(c, "max-per-second", 0, 1000, ret, err);
}

/* An account is read before it is changed: learnamp_write.c. */
static int64_t calls(enum decide_verb verb) {
    switch (verb) {
    case DECIDE_NOTHING: return 0;
    case DECIDE_CREATE: return 1;
    case DECIDE_DEACTIVATE: /* and before it is closed */
    case DECIDE_ADOPT:
    case DECIDE_UPDATE:
    case DECIDE_INVITE: return 2;
    case DECIDE_REACTIVATE: return 4; /* and before it is opened */
    case DECIDE_VERBS_N: break;
    }
    return 1;
}

static enum rc_code numbers_read(struct learnamp *p, const struct destination_config *c,
                                 struct rc_error *err) {
    int64_t timeout_s, connect_s, most, wait_ms, retries, per_page, at_once;
    enum rc_code rc;
    if ((rc = destination_value_int(c, "timeout-s", 1, 3600, &timeout_s, err)) != RC_OK ||
        (rc = destination_value_int(c, "connect-timeout-s", 1, 600, &connect_s, err)) != RC_OK ||
        (rc = per_second(c, &most, err)) != RC_OK ||
        (rc = destination_value_int(c, "retries", 0, 100, &retries, err)) != RC_OK ||
        (rc = destination_value_int(c, "at-once", 1, 32, &at_once, err)) != RC_OK ||
        (rc = destination_value_int(c, "retry-wait-ms", 1, 60000, &wait_ms, err)) != RC_OK ||
        (rc = destination_value_int(c, "per-page", 0, LEARNAMP_PER_PAGE_MOST, &per_page, err)) !=
            RC_OK)
        return rc;
    p->base.lanes = (unsigned)at_once;
    p->base.first_pause_us = wait_ms * 1000;
    p->retries = (unsigned)retries;
    p->per_page = (unsigned)per_page;
    pace_init(&p->pace, (double)most, (double)most, wait_ms * 1000, INT64_C(60000000),
              (uint64_t)clock_now_us(p->clock));
    p->http = (struct http_client_options){ .connect_timeout_us = connect_s * 1000000,
                                            .total_timeout_us = timeout_s * 1000000,
                                            .ca_file = p->ca_file };
    return RC_OK;
}

static void texts_read(struct learnamp *p, const struct destination_config *c) {
    const char *scope = destination_value(c, "scope"), *ca_file = destination_value(c, "ca-file");
    p->base_url = mem_str(destination_value(c, "base-url"));
    p->client_id = mem_str(destination_value(c, "client-id"));
    p->client_secret = mem_str(destination_value(c, "client-secret"));
    p->ca_file = ca_file != NULL ? mem_str(ca_file) : NULL;
    if (scope == NULL || scope[0] == '\0')
        scope = p->prunes ? SCOPES SCOPE_PRUNE : SCOPES;
    p->scope = mem_str(scope);
    for (size_t n = strlen(p->base_url); n > 0 && p->base_url[n - 1] == '/';)
        p->base_url[--n] = '\0';
}

static enum rc_code learnamp_open(const struct destination_config *c, struct destination **ret,
                                  struct rc_error *err) {
    RC_CLEANUP(learnamp_closep) struct learnamp *p = mem_zalloc(sizeof *p);
    struct http_client *probe = NULL;
    p->base.ops = c->ops;
    p->clock = c->clock;
    pthread_mutex_init(&p->pace_lock, NULL);
    pthread_mutex_init(&p->token_lock, NULL);
    pthread_cond_init(&p->token_changed, NULL);
    enum rc_code rc = destination_value_bool(c, "prune-teams", &p->prunes, err);
    if (rc != RC_OK)
        return rc;
    texts_read(p, c);
    if ((rc = check_base_url(p->base_url, err)) != RC_OK ||
        (rc = check_credential("client-id", p->client_id, err)) != RC_OK ||
        (rc = check_credential("client-secret", p->client_secret, err)) != RC_OK ||
        (rc = check_scope(p->scope, err)) != RC_OK || (rc = numbers_read(p, c, err)) != RC_OK)
        return rc;
    rc = http_client_new(&p->http, p->clock, &probe, err); /* refuses a ca-file that is none */
    if (rc != RC_OK)
        return rc;
    http_client_free(probe);
    struct learnamp *open = RC_TAKE(p);
    *ret = &open->base;
    return RC_OK;
}

/* ---- lanes ---- */

static struct destination_lane *lane_new(struct destination *d) {
    struct learnamp *p = (struct learnamp *)d;
    struct learnamp_lane *l = mem_zalloc(sizeof *l);
    struct rc_error err = { 0 };
    l->base.destination = d;
    if (http_client_new(&p->http, p->clock, &l->http, &err) != RC_OK)
        rc_die("learnamp: %s", err.text); /* it could be read when the destination was opened */
    buf_init(&l->url, LEARNAMP_URL_BYTES);
    buf_init(&l->send, LEARNAMP_SEND_BYTES);
    buf_init(&l->body, LEARNAMP_BODY_BYTES + JSON_PADDING);
    l->reader = json_reader_new(LEARNAMP_BODY_BYTES);
    return &l->base;
}

static void lane_free(struct destination_lane *base) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    http_client_free(l->http);
    json_reader_free(l->reader);
    buf_done(&l->url);
    buf_done(&l->send);
    buf_done(&l->body);
    mem_free(l);
}

/* ---- what it can do ---- */

static struct text shown_as(enum user_field f, struct text value) {
    struct text language = f == USER_LANGUAGE ? learnamp_language(value) : text_of(NULL);
    return language.state == TEXT_SET ? language : value;
}

#define BIT(f) (1u << (f))
/* Emptying is not documented: it is tried where a setting asks for it, and a value that stays counts
 * as refused. */
static enum rc_code caps(struct destination_lane *base, struct arena *a, struct policy_caps *ret,
                         struct rc_error *err) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    unsigned bits;
    (void)a;
    enum rc_code rc = learnamp_caps(l, &bits, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "learnamp");
    uint32_t needs = BIT(USER_FIRST_NAME) | BIT(USER_LAST_NAME) | BIT(USER_EMAIL);
    uint32_t empties = BIT(USER_JOB_TITLE) | BIT(USER_PRIMARY_LOCATION) | BIT(USER_HIRE_DATE) |
                       BIT(USER_PRIMARY_TEAM) | BIT(USER_MANAGER);
    if ((bits & LEARNAMP_AVATAR) != 0)
        empties |= BIT(USER_AVATAR);
    if ((bits & LEARNAMP_LEAVE_DATE) != 0)
        empties |= BIT(USER_LEAVE_DATE);
    *ret = (struct policy_caps){
        .takes = needs | empties | BIT(USER_SECONDARY_TEAMS) | BIT(USER_LANGUAGE),
        .needs = needs,
        .empties = empties,
        .creates_silently = true,
        .invites = (bits & LEARNAMP_INVITE) != 0,
        .customs = true,
        .owner_role = TEXT_LIT("owner"),
    };
    return RC_OK;
}

const struct destination_ops learnamp_destination_ops = {
    .name = "learnamp",
    .title = "Learn Amp",
    .settings = settings,
    .open = learnamp_open,
    .close = learnamp_close,
    .lane_new = lane_new,
    .lane_free = lane_free,
    .shown_as = shown_as,
    .calls = calls,
    .per_second = per_second,
    .caps = caps,
    .check = learnamp_check,
    .list_begin = learnamp_list_begin,
    .list_next = learnamp_list_next,
    .find = learnamp_find,
    .create = learnamp_create,
    .update = learnamp_update,
    .deactivate = learnamp_deactivate,
    .reactivate = learnamp_reactivate,
    .invite = learnamp_invite,
    .team_find = learnamp_team_find,
    .team_create = learnamp_team_create,
    .team_update = learnamp_team_update,
    .team_delete = learnamp_team_delete,
    .team_leave = learnamp_team_leave,
};
