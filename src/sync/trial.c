#include "sync/trial.h"

#include <string.h>
#include "people/stored.h"
#include "store/directory.h"
#include "sync/import_p.h"
#include "sync/mapped.h"
#include "sync/trial_p.h"

enum { AT_ONCE = 1000 };

struct looking {
    struct store *st;
    const struct integration *in;
    const struct mapping *m;
    struct trial *trial;
    struct arena *arena, person;
    struct json_reader *employee_json, *user_json;
    date_days today, listed_on;
    struct trial_shares shares;
    struct map teams; /* key -> struct text: its name, as known or as the mapping makes it */
    bool again;       /* the second look */
};

/* ---- one person ---- */

static void name_team(struct looking *l, struct text key, struct text name) {
    if (name.state != TEXT_SET || map_find(&l->teams, key.ptr, key.len) != NULL)
        return;
    struct text *kept = ARENA_NEW(l->arena, struct text, 1);
    *kept = text_copy(l->arena, name);
    map_set(&l->teams, key.ptr, key.len, kept);
}

static void count(struct looking *l, const struct trial_look *k,
                  const struct mapping_outcome *outcome) {
    struct trial *t = l->trial;
    uint64_t classes = 0;
    bool loses = false, same = user_equal(&k->known, &k->user);
    t->read++;
    t->changed += !same;
    t->excluded += outcome->filter == MAPPING_EXCLUDED;
    t->unknown += outcome->filter == MAPPING_FILTER_UNKNOWN;
    trial_shares_value(&l->shares, &k->user);
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
    if (k->changes_n > 0)
        trial_shares_add(&l->shares, k);
}

static enum rc_code read_stored(struct looking *l, const struct person *p, struct employee *ret,
                                struct user *ret_known, struct rc_error *err) {
    json doc;
    enum rc_code rc;
    if ((rc = json_parse_copy(l->employee_json, p->employee.ptr, p->employee.len, &doc, err)) !=
            RC_OK ||
        (rc = stored_employee_read(doc, &l->person, ret, err)) != RC_OK ||
        (rc = json_parse_copy(l->user_json, p->user.ptr, p->user.len, &doc, err)) != RC_OK ||
        (rc = stored_user_read(doc, &l->person, ret_known, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "user %lld", (long long)p->user_id);
    return RC_OK;
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

/* As stage_known() has it, which stages what differs. */
static enum rc_code look_at(struct looking *l, const struct person *p, struct rc_error *err) {
    struct mapping_team teams[MAPPING_TEAMS_MAX];
    struct employee_reads reads = mapping_reads(l->m);
    struct trial_look k = { .row = p };
    struct employee stored, e;
    struct mapping_outcome outcome;
    arena_reset(&l->person);
    enum rc_code rc = read_stored(l, p, &stored, &k.known, err);
    if (rc != RC_OK)
        return rc;
    employee_begin(&e, &reads, &l->person);
    e.source_id = stored.source_id;
    mapping_keep_known(l->m, &e, &stored);
    mapping_build(l->m, &e, &k.known, &l->person, &k.user, &outcome);
    struct change_state before = state_of(l, &k.known, p), after = state_of(l, &k.user, p);
    k.lifecycle = after.lifecycle;
    k.rule = after.rule;
    k.changes_n = change_find(&before, &after, k.changes);
    if (l->again) {
        if (k.changes_n > 0)
            trial_strange(&l->shares, &k);
        return RC_OK;
    }
    count(l, &k, &outcome);
    size_t n = mapping_teams(l->m, &e, &l->person, teams);
    for (size_t i = 0; i < n; i++)
        name_team(l, teams[i].key, teams[i].name);
    return RC_OK;
}

static enum rc_code look_at_all(struct looking *l, struct rc_error *err) {
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = RC_OK;
    struct arena page;
    arena_init(&page);
    do {
        struct person *people;
        arena_reset(&page);
        rc = directory_list(l->st, l->in->company_id, l->in->integration_id, 0, after, AT_ONCE,
                            &page, &people, &n, err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            after = people[i].user_id;
            if (people[i].presence != PRESENCE_GONE)
                rc = look_at(l, &people[i], err);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&page);
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

/* "Dock, Yard" */
static struct text team_names(const struct looking *l, struct text keys) {
    struct text one;
    size_t cursor = 0;
    struct buf b;
    if (keys.state != TEXT_SET)
        return keys;
    buf_init(&b, 1 << 20);
    while (user_teams_next(keys, &cursor, &one)) {
        const struct text *name = map_find(&l->teams, one.ptr, one.len);
        buf_printf(&b, "%s%.*s", b.len > 0 ? ", " : "", TEXT_ARG(name != NULL ? *name : one));
    }
    struct text t = text_copy(l->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
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
                c->old_name = team_names(l, c->is.old);
                c->new_name = team_names(l, c->is.new);
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
    if (rc != RC_OK || (rc = directory_population(l->st, l->in->company_id, l->in->integration_id,
                                                  &t->input.population[GUARD_RUN], err)) != RC_OK)
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
    enum rc_code rc = mapped_current(l->st, l->in, l->arena, &current, err);
    if (rc != RC_OK)
        return rc;
    l->trial->lists_first = !mapped_is_stored(current, l->m, l->arena, &l->trial->unread) ||
                            !mapped_is_seen(l->in, current);
    if ((rc = load_teams(l, err)) != RC_OK || (rc = look_at_all(l, err)) != RC_OK)
        return rc;
    trial_shares_end(&l->shares);
    l->again = true;
    if ((rc = look_at_all(l, err)) != RC_OK)
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
    l.employee_json = json_reader_new(1 << 20);
    l.user_json = json_reader_new(1 << 20);
    arena_init(&l.person);
    map_init(&l.teams);
    trial_shares_init(&l.shares, a, ret);
    rc = look_twice(&l, now, err);
    trial_shares_done(&l.shares);
    map_done(&l.teams);
    arena_done(&l.person);
    json_reader_free(l.employee_json);
    json_reader_free(l.user_json);
    return rc;
}
