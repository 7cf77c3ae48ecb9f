#include "sync/trial.h"

#include <string.h>
#include "store/directory.h"
#include "sync/import_p.h"
#include "sync/mapped.h"
#include "sync/through.h"
#include "sync/trial_p.h"

struct looking {
    struct store *st;
    const struct integration *in;
    const struct mapping *m;
    struct trial *trial;
    struct arena *arena;
    date_days today, listed_on;
    struct trial_shares shares;
    struct map teams; /* key -> struct text: its name, as known or as the mapping makes it */
};

/* ---- one person ---- */

static void name_team(struct looking *l, struct text key, struct text name) {
    if (name.state != TEXT_SET || map_find(&l->teams, key.ptr, key.len) != NULL)
        return;
    struct text *kept = ARENA_NEW(l->arena, struct text, 1);
    *kept = text_copy(l->arena, name);
    map_set(&l->teams, key.ptr, key.len, kept);
}

static struct change_state state_of(const struct looking *l, const struct user *u,
                                    const struct person *p) {
    date_days row_on = (date_days)(p->read_us / INT64_C(86400000000));
    date_days on = l->listed_on != DATE_NONE && l->listed_on > row_on ? l->listed_on : row_on;
    struct change_state s = { .user = u };
    struct lifecycle_facts f = lifecycle_facts_of(u, p->presence, on);
    s.lifecycle = lifecycle_decide(&f, &lifecycle_policy_default, l->today, &s.rule);
    return s;
}

/* As stage_known() has it, which stages what differs. row, known and user are set. */
static void find_changes(const struct looking *l, struct trial_look *k) {
    struct change_state before = state_of(l, k->known, k->row);
    struct change_state after = state_of(l, k->user, k->row);
    k->lifecycle = after.lifecycle;
    k->rule = after.rule;
    k->changes_n = change_find(&before, &after, k->changes);
}

static void count_changes(struct looking *l, const struct trial_look *k) {
    struct trial *t = l->trial;
    uint64_t classes = 0;
    bool loses = false;
    if (k->changes_n == 0)
        return; /* what was never known and is empty now */
    t->changed++;
    for (size_t i = 0; i < k->changes_n; i++) {
        const struct change *c = &k->changes[i];
        classes |= UINT64_C(1) << c->class;
        loses |= c->old.state == TEXT_SET &&
                 c->new.state != TEXT_SET &&strcmp(c->field, user_field_name(USER_EXCLUDED)) != 0;
    }
    t->cleared += loses;
    for (int class = 0; class < CHANGE_CLASSES_N; class ++)
        if (classes >> class & 1)
            for (enum change_class c = (enum change_class) class; c < CHANGE_CLASSES_N;
                 c = change_class_wider(c))
                t->classes[c]++;
    trial_shares_add(&l->shares, k);
}

/* ---- everybody ---- */

static enum rc_code look_at_page(void *self, const struct through_person *people, size_t n,
                                 struct rc_error *err) {
    struct looking *l = self;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        const struct through_person *p = &people[i];
        l->trial->read++;
        l->trial->excluded += p->filter == MAPPING_EXCLUDED;
        l->trial->unknown += p->filter == MAPPING_FILTER_UNKNOWN;
        trial_shares_value(&l->shares, p->user);
        if (!p->differs)
            continue;
        struct trial_look k = { .row = p->row, .known = p->known, .user = p->user };
        find_changes(l, &k);
        count_changes(l, &k);
    }
    return RC_OK;
}

/* ---- those who can be strange ---- */

static enum rc_code look_again(struct looking *l, struct through *t, int64_t user_id,
                               struct arena *a, struct rc_error *err) {
    struct mapping_team teams[MAPPING_TEAMS_MAX];
    struct mapping_outcome outcome;
    struct through_view v;
    struct arena *person;
    struct person row;
    struct user u;
    enum rc_code rc = directory_get(l->st, l->in->company_id, user_id, a, &row, err);
    if (rc != RC_OK || (rc = through_read(t, l->m, &row, &v, &person, err)) != RC_OK)
        return rc;
    mapping_build(l->m, &v.employee, &v.known, person, &u, &outcome);
    struct trial_look k = { .row = &row, .known = &v.known, .user = &u };
    find_changes(l, &k);
    if (k.changes_n > 0)
        trial_strange(&l->shares, &k);
    size_t n = mapping_teams(l->m, &v.employee, person, teams);
    for (size_t i = 0; i < n; i++)
        name_team(l, teams[i].key, teams[i].name);
    return RC_OK;
}

static enum rc_code look_again_at(struct looking *l, const int64_t *ids, size_t n,
                                  struct rc_error *err) {
    RC_CLEANUP(through_freep) struct through *t = through_new();
    enum rc_code rc = RC_OK;
    struct arena row;
    arena_init(&row);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        arena_reset(&row);
        rc = look_again(l, t, ids[i], &row, err);
    }
    arena_done(&row);
    return rc;
}

/* ---- names ---- */

static enum rc_code load_teams(struct looking *l, struct rc_error *err) {
    struct version_team *teams;
    size_t n = 0;
    enum rc_code rc =
        team_list(l->st, l->in->company_id, l->in->integration_id, l->arena, &teams, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        name_team(l, teams[i].key, teams[i].name);
    return rc;
}

static struct text team_called(const void *self, struct text team) {
    const struct looking *l = self;
    const struct text *name = map_find(&l->teams, team.ptr, team.len);
    return name != NULL ? *name : team;
}

static struct text manager_name(const struct looking *l, struct text id) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct person p;
    if (id.state != TEXT_SET)
        return id;
    if (directory_find(l->st, l->in->company_id, l->in->integration_id, id, l->arena, &p, NULL) !=
        RC_OK)
        return text_of(arena_printf(l->arena, "%.*s (nobody we know)", TEXT_ARG(id)));
    struct text name = version_name_of(reader, l->arena, p.user);
    return name.state == TEXT_SET ? name : id;
}

static void name_changes(const struct looking *l) {
    for (size_t i = 0; i < l->trial->strangest_n; i++)
        for (size_t k = 0; k < l->trial->strangest[i].changes_n; k++) {
            struct trial_change *c = &l->trial->strangest[i].changes[k];
            if (strcmp(c->is.field, user_field_name(USER_PRIMARY_TEAM)) == 0 ||
                strcmp(c->is.field, user_field_name(USER_SECONDARY_TEAMS)) == 0) {
                c->old_name = user_teams_named(c->is.old, ", ", team_called, l, l->arena);
                c->new_name = user_teams_named(c->is.new, ", ", team_called, l, l->arena);
            } else if (strcmp(c->is.field, user_field_name(USER_MANAGER)) == 0) {
                c->old_name = manager_name(l, c->is.old);
                c->new_name = manager_name(l, c->is.new);
            }
        }
}

/* ---- the verdict ---- */

static enum rc_code ask_guard(struct looking *l, int64_t now_us, struct rc_error *err) {
    struct trial *t = l->trial;
    struct run held;
    enum rc_code rc = guard_limits_read(l->in->limits, &t->limits, err);
    if (rc != RC_OK)
        return rc;
    memcpy(t->input.now, t->classes, sizeof t->input.now);
    if ((rc = settle_look_back(l->st, l->in, now_us, l->arena, &t->input, err)) != RC_OK)
        return rc;
    guard_check(&t->limits, &t->input, &t->verdict);
    rc = run_in_state(l->st, l->in->company_id, l->in->integration_id, RUN_HELD, l->arena, &held,
                      err);
    t->held_run_id = rc == RC_OK ? held.run_id : 0;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* ---- all of it ---- */

static enum rc_code look_twice(struct looking *l, int64_t now_us, struct rc_error *err) {
    const struct mapping *current;
    const int64_t *ids;
    size_t n;
    enum rc_code rc = mapped_current(l->st, l->in, l->arena, &current, err);
    if (rc != RC_OK)
        return rc;
    l->trial->lists_first = !mapped_is_stored(current, l->m, l->arena, &l->trial->unread) ||
                            !mapped_is_seen(l->in, current);
    if ((rc = load_teams(l, err)) != RC_OK ||
        (rc = through_everybody(l->st, l->in->company_id, l->in->integration_id, l->m,
                                THROUGH_USERS, look_at_page, l,
                                &l->trial->input.population[GUARD_RUN], err)) != RC_OK)
        return rc;
    trial_shares_end(&l->shares, &ids, &n);
    if ((rc = look_again_at(l, ids, n, err)) != RC_OK)
        return rc;
    name_changes(l);
    return ask_guard(l, now_us, err);
}

enum rc_code trial_run(struct store *st, const struct company *company,
                       const struct integration *in, const struct mapping *m,
                       const struct clock_source *clock, struct arena *a, struct trial *ret,
                       struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *zone = NULL;
    int64_t now = clock_now_us(clock);
    enum rc_code rc = zone_open(arena_str(a, company->zone.ptr, company->zone.len), &zone, err);
    if (rc != RC_OK)
        return rc;
    memset(ret, 0, sizeof *ret);
    struct looking l = { .st = st, .in = in, .m = m, .trial = ret, .arena = a };
    l.today = zone_today(zone, now);
    l.listed_on = in->listed_us != 0 ? zone_today(zone, in->listed_us) : DATE_NONE;
    map_init(&l.teams);
    trial_shares_init(&l.shares, a, ret);
    rc = look_twice(&l, now, err);
    trial_shares_done(&l.shares);
    map_done(&l.teams);
    return rc;
}
