/* learnamp.h - Learn Amp as it is played: the platform, its mails, and the files that answer.
 *
 * Source: docs/wire-learnamp.md. */
#pragma once
#include "sandbox/learnamp/mails.h"
#include "sandbox/learnamp/params.h"
#include "sandbox/learnamp/platform.h"
#include "sandbox/learnamp/rows.h"
#include "sandbox/learnamp/trail.h"
#include "sandbox/sandbox.h"

enum learnamp_switch {
#define SWITCH(id, name, fallback, words, mark, text) LA_##id,
#include "sandbox/learnamp/switches.inc"
#undef SWITCH
    LA_COUNT,
};

enum { ACCOUNT_TEXT_MAX = 255, LEARNAMP_MAX_PAGE = 100000 };
#define LEARNAMP_HOST "nordkap.learnamp.example" /* of profile pages */

struct learnamp {
    struct sandbox sb; /* first */
    struct platform platform;
    struct mails mails;
    struct trail trail;
    struct rows_cache rows;
};
static inline struct learnamp *learnamp_of(const struct sandbox *sb) {
    return (struct learnamp *)(uintptr_t)sb;
}
static inline struct platform *platform_of(const struct call *c) {
    return &learnamp_of(c->sb)->platform;
}
static inline int64_t la(const struct call *c, enum learnamp_switch id) {
    return c->sb->switches.value[id];
}
static inline bool learnamp_is_full(const struct call *c) {
    return c->sb->started.full;
}

/* endpoints.c: the table of endpoints. */
enum learnamp_route {
    ROUTE_TOKEN,
    ROUTE_USERS_LIST,
    ROUTE_USERS_GET,
    ROUTE_USERS_GET_EXTERNAL,
    ROUTE_USERS_CREATE,
    ROUTE_USERS_UPDATE,
    ROUTE_USERS_UPDATE_EXTERNAL,
    ROUTE_USERS_DEACTIVATE,
    ROUTE_USERS_REACTIVATE,
    ROUTE_USERS_DELETE,
    ROUTE_USERS_PROGRESS,
    ROUTE_USERS_INVITE,
    ROUTE_TEAMS_LIST,
    ROUTE_TEAMS_GET,
    ROUTE_TEAMS_CREATE,
    ROUTE_TEAMS_UPDATE,
    ROUTE_TEAMS_DELETE,
    ROUTE_MEMBERS_LIST,
    ROUTE_MEMBERS_ADD,
    ROUTE_MEMBERS_BULK,
    ROUTE_MEMBERS_REMOVE,
    ROUTE_CAPABILITIES,
    ROUTE_LANGUAGES,
    ROUTE_ROLES,
    ROUTE_OTHER,
    LEARNAMP_ROUTES
};
struct endpoint {
    const char *method, *pattern, *scope; /* {} stands for one piece of the path; "" any token */
    unsigned route;
    void (*serve)(struct call *c, const struct value *params);
    enum endpoint_needs { NEEDS_NOTHING, NEEDS_FULL, NEEDS_MORE_ENDPOINTS } needs;
    bool by_external_id; /* the first {} is an external id */
};
extern const char *const learnamp_routes[LEARNAMP_ROUTES];
extern const char learnamp_scopes[]; /* what a people sync asks for */
void endpoints_find(struct call *c); /* sets route, rest, second, endpoint */
void endpoints_serve(struct call *c);

/* token.c */
void token_post(struct call *c, const struct value *params);
bool token_authorise(struct call *c, const char *scope); /* false: refused, and answered */

/* refuse.c: errors in the API's shapes, and a list of what is wrong with parameters. */
struct refusal {
    struct buf text, full; /* "email is missing, ..." and "\"email\":[\"is missing\"],..." */
    const char *last;      /* the parameter that was told last */
};
void refusal_init(struct refusal *r);
void refusal_done(struct refusal *r);
/* Parameters one after the other, all about one of them in a row. */
void refusal_add(struct refusal *r, const char *param, const char *what);
/* ... told by another name in the text: "First name" for firstName. */
void refusal_add_as(struct refusal *r, const char *shown, const char *param, const char *what);
bool refusal_answer(struct call *c, struct refusal *r, int status, const char *prefix); /* if any */
void refuse(struct call *c, int status, const char *text); /* {"error": text} */
void refuse_not_found(struct call *c);
void refuse_one(struct call *c, int status, const char *prefix, const char *shown,
                const char *param, const char *what); /* with fullErrors of one parameter */
/* True: two of a pair were sent, and that is refused and answered. */
bool refuse_pairs(struct call *c, const struct value *params, const char *const (*pairs)[2],
                  size_t n);

/* users.c, users_write.c, wanted.c */
void users_list(struct call *c, const struct value *params);
void users_get(struct call *c, const struct value *params);
void users_progress(struct call *c, const struct value *params);
void users_create(struct call *c, const struct value *params);
void users_update(struct call *c, const struct value *params);
void users_deactivate(struct call *c, const struct value *params);
void users_reactivate(struct call *c, const struct value *params);
void users_delete(struct call *c, const struct value *params);
void users_invite(struct call *c, const struct value *params);
/* The account that the path names; NONE: not found, and answered. */
uint32_t users_named(struct call *c);
/* Any other account; itself when there is none. */
uint32_t users_other(const struct platform *p, uint32_t index);

struct wanted_date {
    enum text_state state;
    date_days day;
};
struct wanted_ref { /* EMPTY: none is wanted */
    enum text_state state;
    uint32_t index;
};
struct wanted_field {
    size_t field;
    struct text value;
};
struct wanted { /* what a POST or PUT asks for; MISSING: it says nothing */
    struct text texts[ACCOUNT_TEXTS];
    struct wanted_date hire, leave;
    struct wanted_ref team, manager, occupation;
    int language, role; /* -1: not sent */
    uint32_t *secondary;
    size_t secondary_n, fields_n;
    struct wanted_field *fields;
    enum { FIELDS_GOOD, FIELDS_UNKNOWN, FIELDS_BLANK } fields_verdict;
    bool has_secondary, has_skip, skip, reactivate;
};
/* account NONE: it is to be made. False: refused, and answered; what remains to be refused for the
 * sake of custom fields is in fields_verdict. */
bool wanted_read(struct call *c, const struct value *params, uint32_t account, bool may_be_partial,
                 struct wanted *ret);

/* teams.c, members.c */
/* Somebody whom a team's manager parameter names, by id or e-mail. */
uint32_t manager_named(struct call *c, const struct value *v, bool by_email);
void teams_list(struct call *c, const struct value *params);
void teams_get(struct call *c, const struct value *params);
void teams_create(struct call *c, const struct value *params);
void teams_update(struct call *c, const struct value *params);
void teams_delete(struct call *c, const struct value *params);
uint32_t teams_named(struct call *c);
/* Somebody by e-mail, as the API finds managers and members; NONE: nobody. */
uint32_t active_by_email(const struct call *c, struct text email);
void members_list(struct call *c, const struct value *params);
void members_add(struct call *c, const struct value *params);
void members_add_any(struct call *c, const struct value *params);
void members_bulk(struct call *c, const struct value *params);
void members_remove(struct call *c, const struct value *params);

/* other.c: capabilities of the profile full, languages, roles */
void other_capabilities(struct call *c, const struct value *params);
void other_languages(struct call *c, const struct value *params);
void other_roles(struct call *c, const struct value *params);

/* shape.c: how users and teams are written. */
enum shape { SHAPE_NESTED, SHAPE_SIMPLE, SHAPE_DETAILED };
void shape_user(struct call *c, struct json_writer *w, const char *key, uint32_t account,
                enum shape shape);
void shape_team(struct call *c, struct json_writer *w, const char *key, uint32_t team,
                enum shape shape);
/* A team as in lists, its object left open: members follow. */
void shape_team_open(struct call *c, struct json_writer *w, uint32_t team);
void shape_membership(struct call *c, struct json_writer *w, uint32_t team, uint32_t account,
                      uint64_t number); /* {id, teamId, userId} */
typedef void shape_one(struct call *c, struct json_writer *w, const char *key, uint32_t index,
                       enum shape shape);
/* {key: [...]}; key NULL: the one object alone. */
void shape_answer(struct call *c, int status, const char *key, const uint32_t *indexes, size_t n,
                  shape_one *write, enum shape shape);

/* life.c: what happens to an account. `by` is who did it: a key, "by hand", "the calendar". */
struct happening {
    struct sandbox *sb;
    const char *by;
    int64_t now_us;
};
struct happening happening_of(const struct call *c);
void life_invite(const struct happening *h, uint32_t account, const char *why);
void life_schedule(const struct happening *h, uint32_t account, date_days day);
void life_accept(const struct happening *h, uint32_t account); /* the invitation */
void life_deactivate(const struct happening *h, uint32_t account);
void life_reactivate(const struct happening *h, uint32_t account);
void life_anonymise(const struct happening *h, uint32_t account);
void life_delete(const struct happening *h, uint32_t account);
void life_email_changed(const struct happening *h, uint32_t account, const char *before);
void life_touch(const struct happening *h, uint32_t account); /* updated_at */
void life_teams_changed(const struct happening *h, uint32_t account);
bool life_is_last_owner(const struct platform *p, uint32_t account);
bool life_may_log_in(const struct account *a, const char **ret_why_not);
void life_day_begins(struct sandbox *sb, date_days today);

/* seed.c */
void seed_platform(struct sandbox *sb);

/* control_accounts.c, control_teams.c: what stands behind /_control/. Each answers false when the
 * path is not its own. */
bool control_accounts(struct call *c, const char *path, json body);
bool control_teams(struct call *c, const char *path, json body);
uint32_t control_index(struct call *c, const char *path, bool team); /* of "accounts/ID/..." */
