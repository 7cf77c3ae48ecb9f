/* The teams that people refer to: read and decided once. */
#include <string.h>
#include "sync/deciding_p.h"

static const char *team_name(struct arena *a, int64_t integration_id, struct text key) {
    return arena_printf(a, "%lld/%.*s", (long long)integration_id, TEXT_ARG(key));
}

/* taken: remote ids that a team before this one is linked to. One there is one of HR's. */
static void find_alike(struct team_facts *f, const struct deciding_team *t,
                       const struct deciding_foreign *foreign, size_t foreign_n,
                       const struct map *taken) {
    for (size_t i = 0; i < foreign_n; i++) {
        if (map_find(taken, foreign[i].remote_id.ptr, foreign[i].remote_id.len) != NULL)
            continue;
        if (foreign[i].external_id.state == TEXT_SET &&
            text_equal(foreign[i].external_id, t->external_id))
            f->twin_id = foreign[i].remote_id;
        else if (text_equal(foreign[i].name, t->row.name)) {
            f->same_name_n++;
            f->same_name_id = foreign[i].remote_id;
            f->same_name_is_foreign = foreign[i].external_id.state == TEXT_SET;
        }
    }
}

/* Without a listing: what the last one had of the name that HR still states. */
static void recall_alike(struct team_facts *f, const struct team_sought *sought) {
    if (sought->name.state != TEXT_SET || !text_equal(sought->name, f->name))
        return;
    f->is_remembered = true;
    f->same_name_n = (size_t)sought->found;
    f->same_name_id = sought->id;
    f->same_name_is_foreign = sought->is_foreign;
}

static struct team_facts team_facts_of(const struct team_row *r) {
    return (struct team_facts){ .key = r->key,
                                .name = r->name,
                                .is_stated = r->is_stated,
                                .origin = r->origin,
                                .remote_id = r->remote_id,
                                .remote_name = r->remote_name,
                                .members_n = r->members_n,
                                .was_deleted = r->was_deleted,
                                .may_recreate = r->may_recreate };
}

void deciding_team_recall(const struct team_row *r, const struct policy *policy, struct arena *a,
                          struct team_decision *ret) {
    struct team_facts f = team_facts_of(r);
    recall_alike(&f, &r->sought);
    team_decide(&f, policy, a, ret);
}

static void decide_team(struct deciding *d, struct deciding_team *t,
                        const struct deciding_foreign *foreign, size_t foreign_n,
                        struct map *taken) {
    const struct team_row *r = &t->row;
    struct team_facts f = team_facts_of(r);
    size_t pins_n = 0;
    f.looked_up = foreign != NULL;
    const struct pin *pin = deciding_pins_of(d, r->team_id, &pins_n);
    if (pins_n > 0) {
        f.pinned_name = pin->value;
        f.pinned_run_id = pin->run_id;
    }
    if (foreign != NULL)
        find_alike(&f, t, foreign, foreign_n, taken);
    else
        recall_alike(&f, &r->sought);
    team_decide(&f, &d->policy, &d->arena, &t->decision);
    t->found = (struct team_sought){ 0 };
    if (t->decision.by_names)
        t->found = (struct team_sought){ .name = r->name, .found = (int64_t)f.same_name_n };
    if (t->decision.by_names && f.same_name_n == 1) { /* of several it does not matter */
        t->found.id = f.same_name_id;
        t->found.is_foreign = f.same_name_is_foreign;
    }
    if (t->decision.links.state == TEXT_SET)
        map_set(taken, t->decision.links.ptr, t->decision.links.len, t);
    /* Linked it is once the platform has taken it. */
    if (t->decision.verb == TEAM_ADOPT)
        t->decision.ref = (struct decide_ref){ DECIDE_REF_AWAITED, { 0 } };
}

enum rc_code deciding_teams(struct deciding *d, const struct deciding_foreign *foreign,
                            size_t foreign_n, struct rc_error *err) {
    struct team_row *rows;
    struct map taken;
    size_t n;
    enum rc_code rc = team_link_list(d->st, d->company->company_id, d->platform->destination_id,
                                     &d->arena, &rows, &n, err);
    if (rc != RC_OK)
        return rc;
    map_done(&d->teams_by_key);
    map_done(&d->teams_by_remote);
    map_init(&d->teams_by_key);
    map_init(&d->teams_by_remote);
    map_init(&taken);
    d->teams = ARENA_NEW(&d->arena, struct deciding_team, n + 1);
    d->teams_n = 0;
    for (size_t i = 0; i < n; i++) {
        struct deciding_team *t = &d->teams[d->teams_n];
        const struct deciding_feed *feed = deciding_feed_of(d, rows[i].integration_id);
        if (feed == NULL)
            continue;
        d->teams_n++;
        t->row = rows[i];
        t->external_id = deciding_external_id(d, feed, rows[i].key, &d->arena);
        decide_team(d, t, foreign, foreign_n, &taken);
        const char *name = team_name(&d->arena, rows[i].integration_id, rows[i].key);
        map_set(&d->teams_by_key, name, strlen(name), t);
        if (rows[i].remote_id.state == TEXT_SET && !rows[i].was_deleted)
            map_set(&d->teams_by_remote, rows[i].remote_id.ptr, rows[i].remote_id.len, t);
    }
    map_done(&taken);
    return RC_OK;
}

const struct deciding_team *deciding_team(const struct deciding *d, int64_t integration_id,
                                          struct text key, struct arena *a) {
    if (key.state != TEXT_SET)
        return NULL;
    const char *name = team_name(a, integration_id, key);
    return map_find(&d->teams_by_key, name, strlen(name));
}

struct decide_ref deciding_team_ref(const struct deciding *d, int64_t integration_id,
                                    struct text key, struct arena *a) {
    const struct deciding_team *t = deciding_team(d, integration_id, key, a);
    return t != NULL ? t->decision.ref : (struct decide_ref){ 0 };
}
