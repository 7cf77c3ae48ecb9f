/* teams.c - teams: the list, one, made, changed, deleted.
 * Source: docs/wire-learnamp.md, teams. */
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

uint32_t teams_named(struct call *c) {
    const struct platform *p = platform_of(c);
    const struct endpoint *e = c->endpoint;
    const struct value v = { .kind = VALUE_TEXT, .text = c->rest, .len = strlen(c->rest) };
    uint32_t index = NONE;
    uint64_t id;
    if (e->by_external_id)
        index = team_by_external_id(p, v.text, v.len, la(c, LA_EXTERNAL_CASE));
    else if (value_number(&v, &id))
        index = team_by_id(p, id);
    if (index == NONE)
        refuse_not_found(c);
    return index;
}

void teams_list(struct call *c, const struct value *params) {
    struct paging paging;
    const uint32_t *rows;
    size_t rows_n;
    if (!paging_read(c, params, &paging))
        return;
    bool cut = paging_cut(c, &paging, rows_of_teams(c, params), &rows, &rows_n);
    rows_end(c);
    if (cut)
        shape_answer(c, 200, "teams", rows, rows_n, shape_team, SHAPE_SIMPLE);
}

void teams_get(struct call *c, const struct value *params) {
    uint32_t index = teams_named(c);
    (void)params;
    if (index != NONE)
        shape_answer(c, 200, NULL, &index, 1, shape_team, SHAPE_DETAILED);
}

/* ---- what is asked for ---- */

struct wanted_team {
    struct text name, external_id, tags;
    struct wanted_ref manager, parent;
    uint32_t *secondary, *children;
    size_t secondary_n, children_n;
    bool extended;
};
struct team_reading {
    struct call *c;
    const struct platform *p;
    const struct value *params;
    uint32_t team;
    struct wanted_team *w;
    struct refusal refusal;
};

uint32_t active_by_email(const struct call *c, struct text email) {
    const struct platform *p = platform_of(c);
    uint32_t index = account_by_email(p, email.ptr, email.len);
    if (index == NONE || !account_is_active(&p->accounts[index]) ||
        (p->accounts[index].status == STATUS_NOT_INVITED && la(c, LA_MANAGER_NEVER)))
        return NONE;
    return index;
}

uint32_t manager_named(struct call *c, const struct value *v, bool by_email) {
    const struct platform *p = platform_of(c);
    struct text email;
    uint64_t id;
    if (by_email)
        return value_text(v, &email) ? active_by_email(c, email) : NONE;
    uint32_t index = value_number(v, &id) ? account_by_id(p, id) : NONE;
    bool gone = index != NONE && !account_is_active(&p->accounts[index]);
    return gone && la(c, LA_MANAGER_GONE) == 0 ? NONE : index;
}

static void read_name(struct team_reading *r) {
    const struct value *v = value_get(r->params, "name");
    bool needed = r->team == NONE || la(r->c, LA_TEAM_UPDATE_NAME) == 0;
    if (v == NULL && !needed)
        return;
    if (v == NULL)
        refusal_add(&r->refusal, "name", "is missing");
    if (value_is_empty(v))
        refusal_add(&r->refusal, "name", "is empty");
    else if (!value_text(v, &r->w->name))
        refusal_add(&r->refusal, "name", "is invalid");
}

static void read_text(struct team_reading *r, const char *name, struct text *ret) {
    const struct value *v = value_get(r->params, name);
    if (v != NULL && !value_text(v, ret))
        refusal_add(&r->refusal, name, "is invalid");
}

static uint32_t team_named(const struct team_reading *r, const struct value *v, bool by_name) {
    struct text name;
    uint64_t id;
    if (by_name)
        return value_text(v, &name) ? team_by_name(r->p, name.ptr, name.len) : NONE;
    return value_number(v, &id) ? team_by_id(r->p, id) : NONE;
}

static void read_parent(struct team_reading *r, const char *name, bool by_name) {
    const struct value *v = value_get(r->params, name);
    struct wanted_ref *parent = &r->w->parent;
    if (v == NULL)
        return;
    *parent = (struct wanted_ref){ value_is_empty(v) ? TEXT_EMPTY : TEXT_SET, NONE };
    if (parent->state == TEXT_SET && (parent->index = team_named(r, v, by_name)) == NONE)
        refusal_add(&r->refusal, name,
                    by_name ? "must match existing teams names" : "must match existing teams IDs");
    if (parent->state == TEXT_EMPTY && r->team != NONE && la(r->c, LA_CLEAR_TEAM) != 0) {
        parent->state = TEXT_MISSING;
        if (la(r->c, LA_CLEAR_TEAM) == 2)
            refusal_add(&r->refusal, name, "is empty");
    }
}

static void read_children(struct team_reading *r, const char *name, bool by_name) {
    const struct value *v = value_get(r->params, name);
    if (value_is_empty(v))
        return;
    r->w->children = arena_array(r->c->q->arena, sizeof *r->w->children, value_count(v) + 1);
    for (const struct value *one = v->first; one != NULL; one = one->next) {
        uint32_t team = team_named(r, one, by_name);
        if (team == NONE) {
            refusal_add(&r->refusal, name,
                        by_name ? "must match existing teams names"
                                : "must match existing teams IDs");
            return;
        }
        r->w->children[r->w->children_n++] = team;
    }
}

static void read_secondary_managers(struct team_reading *r) {
    const struct value *v = value_get(r->params, "secondaryManagerIds");
    if (value_is_empty(v))
        return;
    r->w->secondary = arena_array(r->c->q->arena, sizeof *r->w->secondary, value_count(v) + 1);
    for (const struct value *one = v->first; one != NULL; one = one->next) {
        uint32_t who = manager_named(r->c, one, false);
        if (who == NONE) {
            refusal_add(&r->refusal, "secondaryManagerIds", "must match existing users IDs");
            return;
        }
        r->w->secondary[r->w->secondary_n++] = who;
    }
}

static bool read_manager(struct team_reading *r) {
    bool by_email = r->team == NONE && value_get(r->params, "managerEmail") != NULL;
    const char *name = by_email ? "managerEmail" : "managerId";
    const struct value *v = value_get(r->params, name);
    struct wanted_ref *m = &r->w->manager;
    if (v == NULL || (value_is_empty(v) && r->team != NONE && la(r->c, LA_CLEAR_MANAGER) == 1))
        return true;
    if (value_is_empty(v) && r->team != NONE && la(r->c, LA_CLEAR_MANAGER) == 2) {
        refuse_one(r->c, 400, "", name, name, "is empty");
        return false;
    }
    *m = (struct wanted_ref){ value_is_empty(v) ? TEXT_EMPTY : TEXT_SET, NONE };
    if (m->state == TEXT_SET && (m->index = manager_named(r->c, v, by_email)) == NONE) {
        refuse(r->c, 400,
               by_email ? "managerEmail must match an existing user email within your company"
                        : "managerId must match an existing user ID within your company");
        return false;
    }
    return true;
}

/* The model's own errors come without "Validation failed: " here. */
static bool validated(struct team_reading *r) {
    const struct wanted_team *w = r->w;
    uint32_t holder = w->external_id.state == TEXT_SET
                          ? team_by_external_id(r->p, w->external_id.ptr, w->external_id.len,
                                                la(r->c, LA_EXTERNAL_CASE))
                          : NONE;
    if (holder != NONE && holder != r->team)
        refusal_add_as(&r->refusal, "Integration external id", "integrationExternalId",
                       "has already been taken");
    holder = w->name.state == TEXT_SET && la(r->c, LA_TEAM_NAMES)
                 ? team_by_name(r->p, w->name.ptr, w->name.len)
                 : NONE;
    if (holder != NONE && holder != r->team)
        refusal_add_as(&r->refusal, "Name", "name", "has already been taken");
    if (w->name.len > ACCOUNT_TEXT_MAX || w->external_id.len > ACCOUNT_TEXT_MAX)
        refusal_add_as(&r->refusal, "Name", "name", "is too long (maximum is 255 characters)");
    for (uint32_t at = w->parent.index; r->team != NONE && w->parent.state == TEXT_SET;
         at = r->p->teams[at].parent) {
        if (at == r->team)
            refusal_add_as(&r->refusal, "Parent team", "parentTeamId", "is invalid");
        if (at == r->team || r->p->teams[at].parent == NONE)
            break;
    }
    return !refusal_answer(r->c, &r->refusal, 400, "");
}

static bool read_team(struct call *c, const struct value *params, uint32_t team,
                      struct wanted_team *ret) {
    static const char *const exclusive[][2] = { { "managerId", "managerEmail" },
                                                { "parentTeamId", "parentTeamName" },
                                                { "subTeamIds", "subTeamNames" } };
    static const char *const responses[] = { "Simple", "Extended", "Teams::Simple",
                                             "Teams::Extended" };
    struct team_reading r = {
        .c = c, .p = platform_of(c), .params = params, .team = team, .w = ret
    };
    const struct value *v = value_get(params, "response");
    *ret = (struct wanted_team){ .parent.index = NONE };
    if (refuse_pairs(c, params, exclusive, RC_LEN(exclusive)))
        return false;
    refusal_init(&r.refusal);
    read_name(&r);
    read_text(&r, "integrationExternalId", &ret->external_id);
    if (team == NONE)
        read_secondary_managers(&r);
    read_parent(&r, "parentTeamId", false);
    if (team == NONE) {
        read_parent(&r, "parentTeamName", true);
        read_children(&r, "subTeamIds", false);
        read_children(&r, "subTeamNames", true);
    }
    read_text(&r, "tags", &ret->tags);
    int which = value_is_empty(v) ? 0 : word_find(responses, RC_LEN(responses), v->text, v->len);
    ret->extended = which % 2 == 1;
    if (which < 0)
        refusal_add(&r.refusal, "response", "does not have a valid value");
    bool good = !refusal_answer(c, &r.refusal, 400, "") && read_manager(&r) && validated(&r);
    refusal_done(&r.refusal);
    return good;
}

/* ---- made, changed, deleted ---- */

/* "a, b,,c" as "a,b,c" */
static struct text tags_of(struct arena *a, struct text t) {
    char *ret = arena_alloc(a, t.len + 1);
    size_t n = 0;
    for (size_t at = 0; at < t.len;) {
        while (at < t.len && (t.ptr[at] == ' ' || t.ptr[at] == ','))
            at++;
        size_t from = at, end;
        while (at < t.len && t.ptr[at] != ',')
            at++;
        for (end = at; end > from && t.ptr[end - 1] == ' ';)
            end--;
        if (end == from)
            continue;
        if (n > 0)
            ret[n++] = ',';
        memcpy(ret + n, t.ptr + from, end - from);
        n += end - from;
    }
    return text_from(ret, n);
}

static void carry_out(struct call *c, uint32_t team, const struct wanted_team *w) {
    struct platform *p = platform_of(c);
    if (w->name.state == TEXT_SET)
        team_set_name(p, team, w->name.ptr, w->name.len);
    if (w->external_id.state != TEXT_MISSING)
        team_set_external_id(p, team, w->external_id);
    if (w->tags.state != TEXT_MISSING)
        team_set_tags(p, team, tags_of(c->q->arena, w->tags));
    if (w->manager.state != TEXT_MISSING)
        team_set_manager(p, team, w->manager.index);
    if (w->parent.state != TEXT_MISSING)
        team_set_parent(p, team, w->parent.index);
    for (size_t i = 0; i < w->secondary_n; i++)
        team_add_secondary_manager(p, team, w->secondary[i]);
    for (size_t i = 0; i < w->children_n; i++)
        team_set_parent(p, w->children[i], team);
}

static void tell(struct call *c, const char *what, uint32_t id, const char *name) {
    const struct happening h = happening_of(c);
    trail_add(&learnamp_of(c->sb)->trail, h.now_us, h.by, what, id, "%s", name);
}

void teams_create(struct call *c, const struct value *params) {
    struct platform *p = platform_of(c);
    struct wanted_team w;
    if (p->teams_n >= TEAMS_MAX) {
        refuse(c, 503, "There are too many teams");
        return;
    }
    if (!read_team(c, params, NONE, &w))
        return;
    uint32_t team = team_add(p, w.name.ptr, w.name.len, vclock_now_us(&c->sb->clock));
    carry_out(c, team, &w);
    tell(c, "team created", p->teams[team].id, p->teams[team].name);
    for (uint32_t i = 0; i < p->teams_n && la(c, LA_CREATE_OTHER); i++)
        if (i != team && p->teams[i].exists) {
            team = i;
            break;
        }
    shape_answer(c, 201, NULL, &team, 1, shape_team, SHAPE_DETAILED);
}

void teams_update(struct call *c, const struct value *params) {
    struct platform *p = platform_of(c);
    struct wanted_team w;
    uint32_t team = teams_named(c);
    if (team == NONE || !read_team(c, params, team, &w))
        return;
    carry_out(c, team, &w);
    tell(c, "team updated", p->teams[team].id, p->teams[team].name);
    shape_answer(c, 200, NULL, &team, 1, shape_team, w.extended ? SHAPE_DETAILED : SHAPE_SIMPLE);
}

void teams_delete(struct call *c, const struct value *params) {
    struct platform *p = platform_of(c);
    uint32_t team = teams_named(c);
    (void)params;
    if (team == NONE)
        return;
    tell(c, "team deleted", p->teams[team].id, p->teams[team].name);
    team_remove(p, team);
    answer_text(c, 204, NULL, "");
}
