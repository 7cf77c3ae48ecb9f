/* endpoints.c - the table of endpoints, and how a request finds its row.
 * Source: docs/wire-learnamp.md, endpoints. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "sandbox/learnamp/learnamp.h"

const char *const learnamp_routes[LEARNAMP_ROUTES] = {
    "token",
    "users.list",
    "users.get",
    "users.get-external",
    "users.create",
    "users.update",
    "users.update-external",
    "users.deactivate",
    "users.reactivate",
    "users.delete",
    "users.progress",
    "users.invite",
    "teams.list",
    "teams.get",
    "teams.create",
    "teams.update",
    "teams.delete",
    "members.list",
    "members.add",
    "members.bulk",
    "members.remove",
    "capabilities",
    "languages",
    "roles",
    "other",
};
const char learnamp_scopes[] =
    "users:read users:create users:update users:deactivate users:reactivate teams:read "
    "teams:create teams:update teams:delete team_users:read team_users:create team_users:delete";

/* By-external-id rows stand before those by id, so that a numeric external id is no id. */
static const struct endpoint endpoints[] = {
    { "POST", "oauth/token", NULL, ROUTE_TOKEN, token_post, 0, false },
    { "GET", "v1/users", "users:read", ROUTE_USERS_LIST, users_list, 0, false },
    { "POST", "v1/users", "users:create", ROUTE_USERS_CREATE, users_create, 0, false },
    { "GET", "v1/users/by_integration_external_id/{}", "users:read", ROUTE_USERS_GET_EXTERNAL,
      users_get, 0, true },
    { "PUT", "v1/users/by_integration_external_id/{}", "users:update", ROUTE_USERS_UPDATE_EXTERNAL,
      users_update, 0, true },
    { "POST", "v1/users/by_integration_external_id/{}/invite", "users:update", ROUTE_USERS_INVITE,
      users_invite, NEEDS_FULL, true },
    { "GET", "v1/users/{}", "users:read", ROUTE_USERS_GET, users_get, 0, false },
    { "PUT", "v1/users/{}", "users:update", ROUTE_USERS_UPDATE, users_update, 0, false },
    { "DELETE", "v1/users/{}", "users:delete", ROUTE_USERS_DELETE, users_delete, 0, false },
    { "PUT", "v1/users/{}/deactivate", "users:deactivate", ROUTE_USERS_DEACTIVATE, users_deactivate,
      0, false },
    { "PUT", "v1/users/{}/reactivate", "users:reactivate", ROUTE_USERS_REACTIVATE, users_reactivate,
      0, false },
    { "GET", "v1/users/{}/channels_progress", "user_channels_progress:read", ROUTE_USERS_PROGRESS,
      users_progress, 0, false },
    { "POST", "v1/users/{}/invite", "users:update", ROUTE_USERS_INVITE, users_invite, NEEDS_FULL,
      false },
    { "GET", "v1/teams", "teams:read", ROUTE_TEAMS_LIST, teams_list, 0, false },
    { "POST", "v1/teams", "teams:create", ROUTE_TEAMS_CREATE, teams_create, 0, false },
    { "POST", "v1/teams/users", "team_users:create", ROUTE_MEMBERS_ADD, members_add_any, 0, false },
    { "GET", "v1/teams/by_external_id/{}", "teams:read", ROUTE_TEAMS_GET, teams_get, 0, true },
    { "PUT", "v1/teams/by_external_id/{}", "teams:update", ROUTE_TEAMS_UPDATE, teams_update, 0,
      true },
    { "DELETE", "v1/teams/by_external_id/{}", "teams:delete", ROUTE_TEAMS_DELETE, teams_delete, 0,
      true },
    { "GET", "v1/teams/by_external_id/{}/users", "team_users:read", ROUTE_MEMBERS_LIST,
      members_list, 0, true },
    { "POST", "v1/teams/by_external_id/{}/users", "team_users:create", ROUTE_MEMBERS_ADD,
      members_add, 0, true },
    { "POST", "v1/teams/by_external_id/{}/bulk/users", "team_users:create", ROUTE_MEMBERS_BULK,
      members_bulk, 0, true },
    { "DELETE", "v1/teams/by_external_id/{}/users/{}", "team_users:delete", ROUTE_MEMBERS_REMOVE,
      members_remove, 0, true },
    { "GET", "v1/teams/{}", "teams:read", ROUTE_TEAMS_GET, teams_get, 0, false },
    { "PUT", "v1/teams/{}", "teams:update", ROUTE_TEAMS_UPDATE, teams_update, 0, false },
    { "DELETE", "v1/teams/{}", "teams:delete", ROUTE_TEAMS_DELETE, teams_delete, 0, false },
    { "GET", "v1/teams/{}/users", "team_users:read", ROUTE_MEMBERS_LIST, members_list, 0, false },
    { "POST", "v1/teams/{}/users", "team_users:create", ROUTE_MEMBERS_ADD, members_add, 0, false },
    { "POST", "v1/teams/{}/bulk/users", "team_users:create", ROUTE_MEMBERS_BULK, members_bulk, 0,
      false },
    { "DELETE", "v1/teams/{}/users/{}", "team_users:delete", ROUTE_MEMBERS_REMOVE, members_remove,
      0, false },
    { "GET", "v1/capabilities", "", ROUTE_CAPABILITIES, other_capabilities, NEEDS_FULL, false },
    { "GET", "v1/languages", "languages:read", ROUTE_LANGUAGES, other_languages,
      NEEDS_MORE_ENDPOINTS, false },
    { "GET", "v1/roles", "roles:read", ROUTE_ROLES, other_roles, NEEDS_MORE_ENDPOINTS, false },
};

/* ---- the path ---- */

enum { PIECES_MAX = 8 };
struct pieces {
    const char *all[PIECES_MAX];
    size_t n;
};

/* Cut before it is decoded: %2F in an external id is no slash. */
static bool cut(struct call *c, struct pieces *ret) {
    const char *at = c->q->raw_path;
    ret->n = 0;
    while (*at == '/') {
        size_t len = strcspn(++at, "/");
        if (ret->n == PIECES_MAX)
            return false;
        ret->all[ret->n++] = arena_str(c->q->arena, at, len);
        at += len;
    }
    return true;
}

/* The last piece without ".json", unless it is an external id. */
static const char *without_json(struct call *c, const char *piece) {
    size_t n = strlen(piece);
    return n > 5 && strcmp(piece + n - 5, ".json") == 0 ? arena_str(c->q->arena, piece, n - 5)
                                                        : piece;
}

/* A path keeps its +. */
static const char *decoded(struct call *c, const char *piece) {
    struct buf b;
    buf_init(&b, 3 * strlen(piece) + 8);
    for (const char *p = piece; *p != '\0'; p++)
        if (*p == '+')
            buf_str(&b, "%2B");
        else
            buf_char(&b, *p);
    const char *ret = form_decoded(c->q->arena, b.ptr ? b.ptr : "", b.len);
    buf_done(&b);
    return ret;
}

static bool fits(struct call *c, const struct endpoint *e, const struct pieces *pieces) {
    const char *at = e->pattern, *args[2] = { "", "" };
    size_t args_n = 0;
    for (size_t i = 0; i < pieces->n; i++) {
        size_t len = strcspn(at, "/");
        bool is_arg = len == 2 && at[0] == '{', last = i + 1 == pieces->n;
        bool external = is_arg && e->by_external_id && args_n == 0;
        const char *piece = last && !external ? without_json(c, pieces->all[i]) : pieces->all[i];
        if (is_arg && (*piece == '\0' || args_n == 2))
            return false;
        if (is_arg)
            args[args_n++] = decoded(c, piece);
        else if (strlen(piece) != len || memcmp(piece, at, len) != 0)
            return false;
        at += len;
        if (last)
            break;
        if (*at++ != '/')
            return false;
    }
    if (*at != '\0' || pieces->n == 0)
        return false;
    c->rest = args[0];
    c->second = args[1];
    return true;
}

static bool is_offered(const struct call *c, const struct endpoint *e) {
    return e->needs == NEEDS_NOTHING || (e->needs == NEEDS_FULL && learnamp_is_full(c)) ||
           (e->needs == NEEDS_MORE_ENDPOINTS && la(c, LA_MORE_ENDPOINTS));
}

/* Without the lock: whether the switch offers an endpoint is looked at when it is served. */
void endpoints_find(struct call *c) {
    struct pieces pieces;
    c->route = ROUTE_OTHER;
    if (!cut(c, &pieces))
        return;
    for (size_t i = 0; i < RC_LEN(endpoints); i++)
        if (strcmp(endpoints[i].method, c->q->method) == 0 && fits(c, &endpoints[i], &pieces)) {
            c->endpoint = &endpoints[i];
            c->route = endpoints[i].route;
            return;
        }
}

/* ---- what fits nowhere ---- */

/* Methods that this path has, for 405; "" when it has none. */
static const char *methods_of(struct call *c) {
    struct pieces pieces;
    struct buf b;
    buf_init(&b, 200);
    if (cut(c, &pieces))
        for (size_t i = 0; i < RC_LEN(endpoints); i++)
            if (is_offered(c, &endpoints[i]) && fits(c, &endpoints[i], &pieces) &&
                (b.ptr == NULL || strstr(b.ptr, endpoints[i].method) == NULL))
                buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", endpoints[i].method);
    const char *ret = arena_str(c->q->arena, b.ptr ? b.ptr : "", b.len);
    buf_done(&b);
    return ret;
}

/* "/v1/users.xml", or a header that takes anything but JSON. */
static bool wants_another_format(struct call *c) {
    const char *accept = server_header(c->q, "Accept"), *slash = strrchr(c->q->raw_path, '/'),
               *dot = slash ? strrchr(slash, '.') : NULL;
    static const char *const formats[] = { ".xml", ".txt", ".html", ".csv" };
    for (size_t i = 0; c->endpoint == NULL && dot != NULL && i < RC_LEN(formats); i++)
        if (strcmp(dot, formats[i]) == 0)
            return true;
    return accept != NULL && *accept != '\0' && strstr(accept, "*/*") == NULL &&
           strstr(accept, "application/*") == NULL && strcasestr(accept, "json") == NULL;
}

static void answer_nowhere(struct call *c) {
    const char *methods = methods_of(c);
    if (*methods == '\0') {
        refuse_not_found(c);
        return;
    }
    refuse(c, 405, "405 Not Allowed");
    answer_header(c, "Allow", methods);
}

/* ---- limits ---- */

static bool within_limits(struct call *c) {
    char text[24];
    double left, minute = (double)la(c, LA_RATE_MINUTE);
    const struct rate_limit limit = {
        .owner = c->has_token ? c->token.credential->number + 1 : 0,
        .per_minute = minute,
        .burst = minute,
    };
    if (!c->sb->started.limits || minute <= 0)
        return true;
    bool good = sandbox_take(c, &limit, &left);
    if (la(c, LA_RATE_HEADERS)) {
        snprintf(text, sizeof text, "%.0f", minute);
        answer_header(c, "RateLimit-Limit", text);
        snprintf(text, sizeof text, "%.0f", left < 0 ? 0 : left);
        answer_header(c, "RateLimit-Remaining", text);
    }
    return good;
}

void endpoints_serve(struct call *c) {
    const struct endpoint *e = c->endpoint;
    struct value *params;
    struct rc_error err;
    if (wants_another_format(c)) {
        refuse(c, 406, "The requested format is not supported.");
        return;
    }
    if (e == NULL || !is_offered(c, e)) {
        answer_nowhere(c);
        return;
    }
    if ((e->scope != NULL && !token_authorise(c, e->scope)) || !within_limits(c))
        return;
    enum rc_code rc = params_read(c->q->arena, c->q->query, server_header(c->q, "Content-Type"),
                                  c->q->body, c->q->body_bytes, &params, &err);
    if (rc != RC_OK)
        refuse(c, rc == RC_NOT_FOUND ? 415 : 400, err.text);
    else
        e->serve(c, params);
}
