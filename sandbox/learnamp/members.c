/* members.c - who is in a team: the list, added one by one or several at once, removed.
 * Source: docs/wire-learnamp.md, members of teams. */
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

void members_list(struct call *c, const struct value *params) {
    struct paging paging;
    struct json_answer o;
    const uint32_t *rows;
    size_t rows_n;
    uint32_t team = teams_named(c);
    if (team == NONE || !paging_read(c, params, &paging))
        return;
    bool cut = paging_cut(c, &paging, rows_of_members(c, team), &rows, &rows_n);
    rows_end(c);
    if (!cut)
        return;
    answer_begin(&o);
    shape_team_open(c, &o.w, team);
    json_array(&o.w, "users");
    for (size_t i = 0; i < rows_n; i++)
        shape_user(c, &o.w, NULL, rows[i], SHAPE_DETAILED);
    json_array_end(&o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

/* ---- adding ---- */

struct adding {
    uint32_t team;
    bool is_primary;
    int response; /* -1: not asked for; 0 simple, 1 extended */
};

static bool read_adding(struct call *c, const struct value *params, struct adding *ret) {
    static const char *const responses[] = { "Teams::Simple", "Teams::Extended", "Simple",
                                             "Extended" };
    const struct value *primary = value_get(params, "isPrimary"),
                       *response = value_get(params, "response");
    ret->is_primary = false;
    ret->response = -1;
    if (!value_is_empty(primary) && !value_bool(primary, &ret->is_primary)) {
        refuse_one(c, 400, "", "isPrimary", "isPrimary", "is invalid");
        return false;
    }
    if (value_is_empty(response))
        return true;
    int which = word_find(responses, RC_LEN(responses), response->text, response->len);
    if (which < 0) {
        refuse_one(c, 400, "", "response", "response", "does not have a valid value");
        return false;
    }
    ret->response = which % 2;
    return true;
}

/* False: refused, and answered. */
static bool may_join(struct call *c, uint32_t team, uint32_t account) {
    const struct platform *p = platform_of(c);
    if (la(c, LA_MEMBERS_GONE) && p->accounts[account].status >= STATUS_DEACTIVATED) {
        refuse(c, 400, "The user is deactivated");
        return false;
    }
    if (la(c, LA_MEMBERS_AGAIN) && account_is_in(p, account, team)) {
        refuse(c, 400, "The user is already a member of this team");
        return false;
    }
    return true;
}

static uint64_t join(struct call *c, const struct adding *a, uint32_t account) {
    struct platform *p = platform_of(c);
    const struct happening h = happening_of(c);
    if (!account_is_in(p, account, a->team) ||
        (a->is_primary && p->accounts[account].primary != a->team)) {
        if (a->is_primary && la(c, LA_MEMBERS_PRIMARY))
            account_set_primary(p, account, a->team);
        else
            account_join(p, account, a->team);
        life_teams_changed(&h, account);
        trail_add(&learnamp_of(c->sb)->trail, h.now_us, h.by, "joined a team",
                  p->accounts[account].id, "team %u", p->teams[a->team].id);
    }
    return ++p->joined;
}

static void add_one(struct call *c, const struct adding *a, uint32_t account) {
    int64_t form = la(c, LA_MEMBERS_ANSWER);
    struct json_answer o;
    if (!may_join(c, a->team, account))
        return;
    uint64_t number = join(c, a, account);
    if (form == 2 || (form == 0 && a->response >= 0)) {
        shape_answer(c, 201, NULL, &a->team, 1, shape_team,
                     a->response == 1 ? SHAPE_DETAILED : SHAPE_SIMPLE);
        return;
    }
    answer_begin(&o);
    shape_membership(c, &o.w, a->team, account, number);
    answer_end(&o, c, 201);
}

void members_add(struct call *c, const struct value *params) {
    const struct value *v = value_get(params, "userId");
    struct refusal r;
    struct adding a = { .team = teams_named(c) };
    uint64_t id = 0;
    if (a.team == NONE)
        return;
    refusal_init(&r);
    if (v == NULL)
        refusal_add(&r, "userId", "is missing");
    if (value_is_empty(v))
        refusal_add(&r, "userId", "is empty");
    else if (!value_number(v, &id))
        refusal_add(&r, "userId", "is invalid");
    bool refused = refusal_answer(c, &r, 400, "");
    refusal_done(&r);
    if (refused || !read_adding(c, params, &a))
        return;
    uint32_t account = account_by_id(platform_of(c), id);
    if (account == NONE)
        refuse_not_found(c);
    else
        add_one(c, &a, account);
}

/* Which one of some parameters was sent; NULL: none or several, refused and answered. */
static const char *exactly_one(struct call *c, const struct value *params, const char *const *names,
                               size_t n) {
    struct buf all, sent;
    const char *found = NULL;
    size_t sent_n = 0;
    buf_init(&all, 200);
    buf_init(&sent, 200);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
        if (value_get(params, names[i]) == NULL)
            continue;
        found = names[i];
        buf_printf(&sent, "%s%s", sent_n++ > 0 ? ", " : "", names[i]);
    }
    if (sent_n == 0)
        buf_str(&all, " are missing, exactly one parameter must be provided");
    else
        buf_str(&sent, " are mutually exclusive");
    if (sent_n != 1)
        refuse(c, 400, sent_n == 0 ? all.ptr : sent.ptr);
    buf_done(&all);
    buf_done(&sent);
    return sent_n == 1 ? found : NULL;
}

/* "teamName must match an existing team name within your company" */
static void no_such(struct call *c, const char *name, const char *what) {
    refuse(
        c, 400,
        arena_printf(c->q->arena, "%s must match an existing %s within your company", name, what));
}

static uint32_t team_of(struct call *c, const struct value *params, const char *name) {
    const struct platform *p = platform_of(c);
    const struct value *v = value_get(params, name);
    struct text text;
    uint64_t id;
    uint32_t team = NONE;
    const char *what = "team ID";
    if (strcmp(name, "teamId") == 0) {
        team = value_number(v, &id) ? team_by_id(p, id) : NONE;
    } else if (strcmp(name, "teamName") == 0) {
        what = "team name";
        team = value_text(v, &text) ? team_by_name(p, text.ptr, text.len) : NONE;
    } else {
        what = "team integration external ID";
        if (value_text(v, &text))
            team = team_by_external_id(p, text.ptr, text.len, la(c, LA_EXTERNAL_CASE));
    }
    if (team == NONE)
        no_such(c, name, what);
    return team;
}

static uint32_t user_of(struct call *c, const struct value *params, const char *name) {
    const struct platform *p = platform_of(c);
    const struct value *v = value_get(params, name);
    struct text email;
    uint64_t id;
    bool by_email = strcmp(name, "userEmail") == 0;
    uint32_t account = NONE;
    if (!by_email)
        account = value_number(v, &id) ? account_by_id(p, id) : NONE;
    else if (value_text(v, &email))
        account = account_by_email(p, email.ptr, email.len);
    if (account == NONE)
        no_such(c, name, by_email ? "user email" : "user ID");
    return account;
}

void members_add_any(struct call *c, const struct value *params) {
    static const char *const teams[] = { "teamId", "teamName", "teamIntegrationExternalId" };
    static const char *const users[] = { "userId", "userEmail" };
    const char *team = exactly_one(c, params, teams, RC_LEN(teams)), *user;
    struct adding a = { .team = NONE };
    if (team == NULL || (user = exactly_one(c, params, users, RC_LEN(users))) == NULL ||
        !read_adding(c, params, &a) || (a.team = team_of(c, params, team)) == NONE)
        return;
    uint32_t account = user_of(c, params, user);
    if (account != NONE)
        add_one(c, &a, account);
}

/* ---- several ---- */

/* The accounts of userIds, in the arena; false: refused, and answered. */
static bool read_users(struct call *c, const struct value *params, uint32_t team, uint32_t **ret,
                       size_t *ret_n) {
    const struct value *v = value_get(params, "userIds");
    struct refusal r;
    uint64_t id;
    refusal_init(&r);
    if (v == NULL)
        refusal_add(&r, "userIds", "is missing");
    if (value_is_empty(v) || (v->kind == VALUE_LIST && v->first == NULL))
        refusal_add(&r, "userIds", "is empty");
    else if (v->kind != VALUE_LIST)
        refusal_add(&r, "userIds", "is invalid");
    bool refused = refusal_answer(c, &r, 400, "");
    refusal_done(&r);
    if (refused)
        return false;
    *ret = arena_array(c->q->arena, sizeof **ret, value_count(v));
    *ret_n = 0;
    for (const struct value *one = v->first; one != NULL; one = one->next) {
        uint32_t account = value_number(one, &id) ? account_by_id(platform_of(c), id) : NONE;
        if (account != NONE) {
            if (!may_join(c, team, account))
                return false;
            (*ret)[(*ret_n)++] = account;
        } else if (la(c, LA_BULK_UNKNOWN) == 0) {
            refuse_one(c, 400, "", "userIds", "userIds", "must match existing users IDs");
            return false;
        } else if (la(c, LA_BULK_UNKNOWN) == 2) {
            refuse_not_found(c);
            return false;
        }
    }
    return true;
}

void members_bulk(struct call *c, const struct value *params) {
    struct adding a = { .team = teams_named(c) };
    struct json_writer w;
    struct buf b;
    uint32_t *accounts;
    size_t n;
    if (a.team == NONE || !read_adding(c, params, &a) ||
        !read_users(c, params, a.team, &accounts, &n))
        return;
    buf_init(&b, ANSWER_BYTES_MAX);
    json_begin(&w, &b);
    json_array(&w, NULL);
    for (size_t i = 0; i < n; i++)
        shape_membership(c, &w, a.team, accounts[i], join(c, &a, accounts[i]));
    json_array_end(&w);
    if (la(c, LA_BULK_ANSWER) == 0)
        answer_buf(c, 201, "application/json", &b);
    else if (la(c, LA_BULK_ANSWER) == 1)
        shape_answer(c, 201, NULL, &a.team, 1, shape_team, SHAPE_SIMPLE);
    else
        answer_text(c, 201, NULL, "");
    buf_done(&b);
}

/* ---- removing ---- */

void members_remove(struct call *c, const struct value *params) {
    struct platform *p = platform_of(c);
    const struct happening h = happening_of(c);
    const struct value v = { .kind = VALUE_TEXT, .text = c->second, .len = strlen(c->second) };
    uint64_t id;
    uint32_t team = teams_named(c);
    (void)params;
    if (team == NONE)
        return;
    uint32_t account = value_number(&v, &id) ? account_by_id(p, id) : NONE;
    if (account == NONE || !account_leave(p, account, team)) {
        refuse_not_found(c);
        return;
    }
    life_teams_changed(&h, account);
    trail_add(&learnamp_of(c->sb)->trail, h.now_us, h.by, "left a team", p->accounts[account].id,
              "team %u", p->teams[team].id);
    answer_text(c, 204, NULL, "");
}
