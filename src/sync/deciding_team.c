/* The teams that people refer to: read and decided once. */
#include <string.h>
#include "store/our_id.h"
#include "sync/deciding_p.h"

enum { TEAMS_OF_ONE = 256 };

static const char *team_name(struct arena *a, int64_t integration_id, struct text key) {
    return arena_printf(a, "%lld/%.*s", (long long)integration_id, TEXT_ARG(key));
}

/* What the platform has, while all of the teams are decided about. */
struct listing {
    const struct deciding_foreign *foreign; /* NULL: not looked up */
    size_t foreign_n;
    const bool *are_nobodys; /* of each: its external id is ours, of a team that is known no more */
    struct map taken; /* remote id -> the team of HR's whose it is; one there is one of HR's */
};

/* Those that have the name, as far as they are kept; the one that was chosen among them. */
struct alike {
    struct team_candidate list[TEAM_CANDIDATES];
    size_t n;
};

static void keep(struct alike *alike, const struct team_facts *f,
                 const struct deciding_foreign *there) {
    bool chosen = f->word == TEAM_WORD_LINK && text_equal(there->remote_id, f->chosen_id);
    struct team_candidate c = { there->remote_id, there->external_id, there->members_n };
    if (alike->n < TEAM_CANDIDATES)
        alike->list[alike->n++] = c;
    else if (chosen)
        alike->list[TEAM_CANDIDATES - 1] = c;
}

static void find_alike(struct team_facts *f, const struct deciding_team *t, const struct listing *l,
                       struct alike *alike) {
    for (size_t i = 0; i < l->foreign_n; i++) {
        const struct deciding_foreign *there = &l->foreign[i];
        const struct deciding_team *whose =
            map_find(&l->taken, there->remote_id.ptr, there->remote_id.len);
        if (whose != NULL && whose != t)
            continue;
        if (there->external_id.state == TEXT_SET && text_equal(there->external_id, t->external_id))
            f->twin_id = there->remote_id;
        else if (text_equal(there->name, t->row.name)) {
            f->same_name_n++;
            f->same_name_id = there->remote_id;
            f->same_name_is_foreign = there->external_id.state == TEXT_SET && !l->are_nobodys[i];
            keep(alike, f, there);
            if (whose == t && f->word == TEAM_WORD_LINK) {
                f->chosen_is_there = true;
                f->chosen_external_id = there->external_id;
            }
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
    f->chosen_is_missed =
        f->chosen_id.state == TEXT_SET && text_equal(sought->missed_id, f->chosen_id);
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
                                .may_recreate = r->may_recreate,
                                .word = r->word,
                                .chosen_id = r->chosen_id,
                                .refused = r->refused };
}

void deciding_team_recall(const struct team_row *r, const struct policy *policy, struct arena *a,
                          struct team_decision *ret) {
    struct team_facts f = team_facts_of(r);
    recall_alike(&f, &r->sought);
    team_decide(&f, policy, a, ret);
}

static struct team_sought remembers(const struct team_facts *f, const struct alike *alike,
                                    struct arena *a) {
    struct team_sought r = { .name = f->name, .found = (int64_t)f->same_name_n };
    if (f->same_name_n == 1) { /* of several it does not matter */
        r.id = f->same_name_id;
        r.is_foreign = f->same_name_is_foreign;
    }
    if (alike->n > 0)
        r.candidates = team_candidates_write(alike->list, alike->n, a);
    if (f->word == TEAM_WORD_LINK && !f->chosen_is_there)
        r.missed_id = f->chosen_id;
    return r;
}

static void decide_team(struct deciding *d, struct deciding_team *t, struct listing *l) {
    const struct team_row *r = &t->row;
    struct team_facts f = team_facts_of(r);
    struct alike alike = { .n = 0 };
    size_t pins_n = 0;
    f.looked_up = l->foreign != NULL;
    if (d->tries_again)
        f.refused = (struct team_refusal){ 0 };
    const struct pin *pin = deciding_pins_of(d, r->team_id, &pins_n);
    if (pins_n > 0) {
        f.pinned_name = pin->value;
        f.pinned_run_id = pin->run_id;
    }
    if (f.looked_up)
        find_alike(&f, t, l, &alike);
    else
        recall_alike(&f, &r->sought);
    team_decide(&f, &d->policy, &d->arena, &t->decision);
    t->found = (struct team_sought){ 0 };
    if (t->decision.by_names)
        t->found = f.looked_up ? remembers(&f, &alike, &d->arena) : r->sought;
    if (t->decision.links.state == TEXT_SET)
        map_set(&l->taken, t->decision.links.ptr, t->decision.links.len, t);
    /* Linked it is once the platform has taken it. */
    if (t->decision.verb == TEAM_ADOPT)
        t->decision.ref = (struct decide_ref){ DECIDE_REF_AWAITED, { 0 } };
}

/* Whether it would be linked by its name, or by hand. */
static bool is_to_be_linked(const struct deciding *d, const struct team_row *r) {
    bool linked = r->origin != TEAM_NOT_LINKED && !(r->was_deleted && r->may_recreate);
    return !linked && r->is_stated && r->name.state == TEXT_SET &&
           d->policy.owners[USER_PRIMARY_TEAM] != POLICY_NEVER;
}

/* What people have chosen is nobody else's to link by the name; a team that carries our id of another of HR's
 * teams is that one's. */
static void reserve_chosen(const struct deciding *d, struct listing *l) {
    struct map ours, chosen;
    map_init(&ours);
    map_init(&chosen);
    for (size_t i = 0; i < d->teams_n; i++) {
        struct deciding_team *t = &d->teams[i];
        if (t->row.origin != TEAM_NOT_LINKED && !t->row.was_deleted) /* since it was listed, too */
            map_set(&l->taken, t->row.remote_id.ptr, t->row.remote_id.len, t);
        map_set(&ours, t->external_id.ptr, t->external_id.len, t);
        if (t->row.word == TEAM_WORD_LINK && is_to_be_linked(d, &t->row) &&
            map_find(&chosen, t->row.chosen_id.ptr, t->row.chosen_id.len) == NULL)
            map_set(&chosen, t->row.chosen_id.ptr, t->row.chosen_id.len, t);
    }
    for (size_t i = 0; chosen.n > 0 && i < l->foreign_n; i++) {
        const struct deciding_foreign *there = &l->foreign[i];
        struct deciding_team *t = map_find(&chosen, there->remote_id.ptr, there->remote_id.len);
        if (t != NULL && text_equal(there->name, t->row.name) &&
            map_find(&l->taken, there->remote_id.ptr, there->remote_id.len) == NULL &&
            (there->external_id.state != TEXT_SET ||
             map_find(&ours, there->external_id.ptr, there->external_id.len) == NULL))
            map_set(&l->taken, there->remote_id.ptr, there->remote_id.len, t);
    }
    map_done(&ours);
    map_done(&chosen);
}

/* Its integration was removed, or has been read and has no such team. One that does not feed the platform, or is yet to
 * be read, may have it. */
static enum rc_code is_nobodys(struct deciding *d, struct text id, const struct map *known,
                               bool *ret, struct rc_error *err) {
    struct integration in;
    struct text key, team;
    *ret = false;
    if (!our_id_split(d->platform->prefix, id, &key, &team) ||
        map_find(known, id.ptr, id.len) != NULL)
        return RC_OK;
    enum rc_code rc =
        integration_find(d->st, d->company->company_id, arena_str(&d->arena, key.ptr, key.len),
                         NULL, &d->arena, &in, err);
    if (rc != RC_OK) {
        *ret = rc == RC_NOT_FOUND;
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    }
    const struct deciding_feed *feed = deciding_feed_of(d, in.integration_id);
    *ret = feed != NULL && feed->listed_on != DATE_NONE && feed->held_run_id == 0;
    return RC_OK;
}

static enum rc_code find_nobodys(struct deciding *d, const struct deciding_foreign *foreign,
                                 size_t n, const bool **ret, struct rc_error *err) {
    bool *list = ARENA_NEW(&d->arena, bool, n + 1);
    struct map known;
    enum rc_code rc = RC_OK;
    map_init(&known);
    for (size_t i = 0; i < d->teams_n; i++)
        map_set(&known, d->teams[i].external_id.ptr, d->teams[i].external_id.len, &d->teams[i]);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = is_nobodys(d, foreign[i].external_id, &known, &list[i], err);
    map_done(&known);
    *ret = list;
    return rc;
}

static void decide_all(struct deciding *d, const struct deciding_foreign *foreign, size_t foreign_n,
                       const bool *are_nobodys) {
    struct listing l = { foreign, foreign_n, are_nobodys, { 0 } };
    map_init(&l.taken);
    reserve_chosen(d, &l);
    for (size_t i = 0; i < d->teams_n; i++) {
        struct deciding_team *t = &d->teams[i];
        const struct team_row *r = &t->row;
        decide_team(d, t, &l);
        const char *name = team_name(&d->arena, r->integration_id, r->key);
        map_set(&d->teams_by_key, name, strlen(name), t);
        if (r->remote_id.state == TEXT_SET && !r->was_deleted)
            map_set(&d->teams_by_remote, r->remote_id.ptr, r->remote_id.len, t);
    }
    map_done(&l.taken);
}

enum rc_code deciding_teams(struct deciding *d, const struct deciding_foreign *foreign,
                            size_t foreign_n, struct rc_error *err) {
    struct team_row *rows;
    const bool *are_nobodys;
    size_t n;
    enum rc_code rc = team_link_list(d->st, d->company->company_id, d->platform->destination_id,
                                     &d->arena, &rows, &n, err);
    if (rc != RC_OK)
        return rc;
    map_done(&d->teams_by_key);
    map_done(&d->teams_by_remote);
    map_init(&d->teams_by_key);
    map_init(&d->teams_by_remote);
    d->teams = ARENA_NEW(&d->arena, struct deciding_team, n + 1);
    d->teams_n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct deciding_feed *feed = deciding_feed_of(d, rows[i].integration_id);
        if (feed == NULL)
            continue;
        struct deciding_team *t = &d->teams[d->teams_n++];
        t->row = rows[i];
        t->external_id = deciding_external_id(d, feed, rows[i].key, &d->arena);
    }
    foreign_n = foreign != NULL ? foreign_n : 0;
    if ((rc = find_nobodys(d, foreign, foreign_n, &are_nobodys, err)) == RC_OK)
        decide_all(d, foreign, foreign_n, are_nobodys);
    return rc;
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

/* ---- the teams of one person ---- */

enum rc_code deciding_secondary_ref(struct deciding *d, const struct deciding_person *p,
                                    struct arena *a, struct decide_refs *refs,
                                    struct rc_error *err) {
    struct decide_ref *ret = &refs->secondary_teams;
    struct text ids[TEAMS_OF_ONE], key;
    size_t n = 0, cursor = 0;
    *ret = (struct decide_ref){ DECIDE_REF_PRESENT, TEXT_NONE };
    while (user_teams_next(p->user.fields[USER_SECONDARY_TEAMS], &cursor, &key)) {
        struct decide_ref one = deciding_team_ref(d, p->row.integration_id, key, a);
        if (one.state == DECIDE_REF_PRESENT && n < TEAMS_OF_ONE)
            ids[n++] = one.remote_id;
        else {
            ret->state = one.state;
            refs->missing_team = one.remote_id;
        }
    }
    enum rc_code rc = user_teams_join(a, ids, n, &ret->remote_id);
    return rc == RC_OK ? rc : rc_context(err, rc, "teams of user %lld", (long long)p->row.user_id);
}

static const struct deciding_team *linked_team(const struct deciding *d, struct text remote_id) {
    return remote_id.state == TEXT_SET ? map_find(&d->teams_by_remote, remote_id.ptr, remote_id.len)
                                       : NULL;
}

enum rc_code deciding_only_ours(struct deciding *d, struct account *account, struct arena *a,
                                struct rc_error *err) {
    struct text *known = &account->fields[USER_SECONDARY_TEAMS].known;
    struct text ids[TEAMS_OF_ONE], id;
    size_t n = 0, cursor = 0;
    if (known->state != TEXT_SET)
        return RC_OK;
    while (user_teams_next(*known, &cursor, &id))
        if (n < TEAMS_OF_ONE && linked_team(d, id) != NULL)
            ids[n++] = id;
    enum rc_code rc = user_teams_join(a, ids, n, known);
    return rc == RC_OK ? rc
                       : rc_context(err, rc, "teams of account %.*s", TEXT_ARG(account->remote_id));
}

struct text deciding_leaves_team(const struct deciding *d, const struct account *account,
                                 struct decide_ref stated) {
    struct text id, secondary = account->fields[USER_SECONDARY_TEAMS].known;
    struct text primary = account_shows(&account->fields[USER_PRIMARY_TEAM]);
    size_t cursor = 0;
    if (stated.state != DECIDE_REF_PRESENT)
        return (struct text){ 0 };
    const struct deciding_team *t = linked_team(d, primary);
    if (t != NULL && t->row.origin == TEAM_OURS && !text_equal(primary, stated.remote_id))
        return primary;
    while (user_teams_next(secondary, &cursor, &id)) {
        t = linked_team(d, id);
        if (t != NULL && t->row.origin == TEAM_OURS && !text_equal(id, stated.remote_id))
            return id;
    }
    return (struct text){ 0 };
}
