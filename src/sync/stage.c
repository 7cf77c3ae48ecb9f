#include "sync/stage_p.h"

#include <string.h>
#include "people/problem.h"
#include "store/company.h"

enum { BEAT_SECONDS = 20, IDS_AT_ONCE = 1000, IDS_MOST = 16000 };

/* ---- beginning ---- */

enum rc_code stage_load_roll(struct stage *s, struct rc_error *err) {
    enum rc_code rc = roll_known_all(&s->known, err);
    if (rc == RC_OK)
        s->run->population = s->known.population;
    return rc;
}

void stage_load_few(struct stage *s, const struct person *people, size_t n) {
    roll_known_few(&s->known, people, n);
}

static enum rc_code load_teams(struct stage *s, struct rc_error *err) {
    struct version_team *teams;
    size_t n;
    enum rc_code rc = team_list(s->c.store, s->c.integration->company_id,
                                s->c.integration->integration_id, &s->teams_arena, &teams, &n, err);
    map_done(&s->teams);
    map_init(&s->teams);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        map_set(&s->teams, teams[i].key.ptr, teams[i].key.len, &teams[i]);
    return rc;
}

enum rc_code stage_open(const struct stage_context *c, struct run *run, struct stage **ret,
                        struct rc_error *err) {
    RC_CLEANUP(stage_closep) struct stage *s = mem_zalloc(sizeof *s);
    enum rc_code rc;
    s->c = *c;
    s->run = run;
    s->beat_us = clock_monotonic_us(c->clock);
    s->same_mapping =
        (int64_t)mapping_fingerprint(c->mapping) == c->integration->mapping_fingerprint;
    s->json_employee = json_reader_new(1 << 20);
    s->json_user = json_reader_new(1 << 20);
    roll_known_begin(&s->known, c->store, c->key, c->integration);
    arena_init(&s->batch);
    arena_init(&s->person);
    arena_init(&s->teams_arena);
    map_init(&s->teams);
    stage_prepare_init(s, &s->prepare);
    if ((rc = load_teams(s, err)) != RC_OK)
        return rc;
    *ret = RC_TAKE(s);
    return RC_OK;
}

void stage_close(struct stage *s) {
    if (s == NULL)
        return;
    roll_known_done(&s->known);
    map_done(&s->teams);
    mem_free(s->changes);
    mem_free(s->new_teams);
    mem_free(s->replaced);
    json_reader_free(s->json_employee);
    json_reader_free(s->json_user);
    arena_done(&s->batch);
    arena_done(&s->person);
    arena_done(&s->teams_arena);
    prepare_done(&s->prepare);
    mem_free(s);
}

void stage_prepare_init(const struct stage *s, struct prepare *ret) {
    prepare_init(ret, s->c.key, s->c.clock, s->c.mapping, &s->c.policy, s->c.today);
}

const struct roll *stage_roll(const struct stage *s) {
    return s->known.roll;
}

/* ---- gathering ---- */

/* Each time as many as before together, since each is a commit of its own. */
static enum rc_code take_id(struct stage *s, int64_t *ret, struct rc_error *err) {
    if (s->ids_left == 0) {
        int64_t n = s->ids_taken < IDS_AT_ONCE ? IDS_AT_ONCE
                    : s->ids_taken < IDS_MOST  ? s->ids_taken
                                               : IDS_MOST;
        enum rc_code rc = company_take_ids(s->c.store, s->run->company_id, n, &s->next_id, err);
        if (rc != RC_OK)
            return rc;
        s->ids_left = n;
        s->ids_taken += n;
    }
    s->ids_left--;
    *ret = s->next_id++;
    return RC_OK;
}

/* Names of teams live on the team: new and renamed ones are staged once each. */
static void see_team(struct stage *s, const struct mapping_team *seen) {
    if (seen->name.state != TEXT_SET) /* without a name there is nothing to learn */
        return;
    struct text key = seen->key;
    struct version_team *known = map_find(&s->teams, key.ptr, key.len);
    if (known != NULL && text_equal(known->name, seen->name))
        return;
    if (s->new_teams_n == s->new_teams_cap) {
        s->new_teams_cap = s->new_teams_cap ? s->new_teams_cap * 2 : 64;
        s->new_teams = mem_realloc(s->new_teams, s->new_teams_cap * sizeof *s->new_teams);
    }
    struct version_team *t = ARENA_NEW(&s->teams_arena, struct version_team, 1);
    *t = (struct version_team){ .key = text_copy(&s->teams_arena, key),
                                .kind = text_copy(&s->teams_arena, seen->kind),
                                .hr_id = text_copy(&s->teams_arena, seen->hr_id),
                                .name = text_copy(&s->teams_arena, seen->name),
                                .team_id = known != NULL ? known->team_id : 0 };
    known != NULL ? s->run->counts.teams_renamed++ : s->run->counts.teams_new++;
    map_set(&s->teams, t->key.ptr, t->key.len, t);
    s->new_teams[s->new_teams_n++] = *t;
}

void stage_see_teams(struct stage *s, const struct employee *e) {
    struct mapping_team teams[MAPPING_TEAMS_MAX];
    size_t n = mapping_teams(s->c.mapping, e, &s->person, teams);
    for (size_t i = 0; i < n; i++)
        see_team(s, &teams[i]);
}

static struct text batch_text(struct stage *s, struct text t) {
    return t.state == TEXT_SET ? text_copy(&s->batch, t) : t;
}

/* The stage's digest is a sum, so that the order in which people came does not matter; its parts
 * are keyed digests already. */
void stage_digest_add(struct run *run, const struct version *v) {
    uint64_t sum[2], a[2], b[2];
    memcpy(sum, run->stage_digest, sizeof sum);
    memcpy(a, v->employee_digest.bytes, sizeof a);
    memcpy(b, v->user_digest.bytes, sizeof b);
    for (int i = 0; i < 2; i++)
        sum[i] += (a[i] ^ (b[1 - i] << 1 | b[1 - i] >> 63)) * (uint64_t)(2 * v->presence + 1);
    memcpy(run->stage_digest, sum, sizeof sum);
    run->has_stage_digest = true;
}

void stage_add_version(struct stage *s, const struct version *v) {
    struct version *to = &s->versions[s->versions_n++];
    *to = *v;
    to->source_id = batch_text(s, v->source_id);
    to->employee = batch_text(s, v->employee);
    to->person = batch_text(s, v->person);
    to->email = batch_text(s, v->email);
    to->manager = batch_text(s, v->manager);
    to->team = batch_text(s, v->team);
    if (v->presence == PRESENCE_LISTED)
        stage_digest_add(s->run, to);
}

/* A custom field that the mapping does not fill any more has its name from what is stored of this
 * person, and the next one is read over it. */
static struct text field_text(struct stage *s, const char *field) {
    struct text t = text_of(field);
    return strncmp(field, USER_CUSTOM_PREFIX, strlen(USER_CUSTOM_PREFIX)) == 0 ? batch_text(s, t)
                                                                               : t;
}

void stage_add_changes(struct stage *s, int64_t user_id, const struct change *changes, size_t n) {
    if (s->changes_n + n > s->changes_cap) {
        s->changes_cap = s->changes_cap ? s->changes_cap * 2 : 4096;
        s->changes = mem_realloc(s->changes, s->changes_cap * sizeof *s->changes);
    }
    for (size_t i = 0; i < n; i++)
        s->changes[s->changes_n++] = (struct version_change){ user_id,
                                                              field_text(s, changes[i].field),
                                                              batch_text(s, changes[i].old),
                                                              batch_text(s, changes[i].new),
                                                              changes[i].class,
                                                              changes[i].rule };
}

void stage_count_problems(struct run_counts *c, uint64_t problems) {
    for (int p = 0; p < PROBLEMS_N; p++)
        c->problems[p] += (int64_t)(problems >> p & 1);
}

static enum rc_code add_joiner(struct stage *s, struct prepared *p, struct rc_error *err) {
    struct run_counts *n = &s->run->counts;
    if (!p->has_joiner)
        prepare_joiner(&s->prepare, p, &s->person);
    enum rc_code rc = take_id(s, &p->joiner.user_id, err);
    if (rc != RC_OK)
        return rc;
    stage_count_problems(n, p->joiner.problems);
    n->joiners++;
    n->arrived_left += p->joiner.has_left;
    stage_add_changes(s, p->joiner.user_id, &p->join, 1);
    stage_add_version(s, &p->joiner);
    return RC_OK;
}

void stage_ahead(const struct stage *s, const struct prepared *p) {
    roll_fetch(s->known.roll, p->hash);
}

enum rc_code stage_prepared(struct stage *s, struct prepared *p, enum roll_sight *ret_sight,
                            struct rc_error *err) {
    struct employee *e = &p->employee;
    struct known k;
    int64_t user_id;
    enum rc_code rc;
    if (s->versions_n == STAGE_BATCH && (rc = stage_flush(s, false, err)) != RC_OK)
        return rc;
    arena_reset(&s->person);
    if ((rc = roll_known_until(&s->known, p->hash, err)) != RC_OK)
        return rc;
    enum roll_sight sight = roll_see(s->known.roll, p->hash, digest_print(&p->digest), &user_id);
    if (ret_sight != NULL)
        *ret_sight = sight;
    if (sight == ROLL_REPEATED || sight == ROLL_REPEATED_OTHER)
        return RC_OK;
    s->run->counts.read++;
    stage_see_teams(s, e);
    if (sight == ROLL_SAME && s->same_mapping && s->run->kind != RUN_PERSON) {
        s->run->counts.unchanged++;
        return RC_OK;
    }
    if (sight == ROLL_NEW)
        return add_joiner(s, p, err);
    rc = directory_find(s->c.store, s->run->company_id, s->run->integration_id, e->source_id,
                        &s->person, &k.row, err);
    if (rc == RC_NOT_FOUND) /* another id with the same hash */
        return add_joiner(s, p, err);
    bool differs = true;
    if (rc == RC_OK && (rc = stage_add_known(s, e, &p->digest, &k, &differs, err)) == RC_OK &&
        !differs)
        s->run->counts.unchanged++;
    return rc;
}

enum rc_code stage_person(struct stage *s, const struct employee *e, enum roll_sight *ret_sight,
                          struct rc_error *err) {
    struct prepared p = { .employee = *e };
    prepare_person(&s->prepare, &p);
    return stage_prepared(s, &p, ret_sight, err);
}

void stage_unchanged(struct stage *s, const struct mapping_team *teams, size_t n) {
    s->run->counts.read++;
    s->run->counts.unchanged++;
    for (size_t i = 0; i < n; i++)
        see_team(s, &teams[i]);
}

enum rc_code stage_replace(struct stage *s, int64_t user_id, struct rc_error *err) {
    enum rc_code rc;
    if (s->versions_n == STAGE_BATCH &&
        (rc = stage_flush(s, false, err)) != RC_OK) /* old and new must be in one batch */
        return rc;
    if (s->replaced_n == s->replaced_cap) {
        s->replaced_cap = s->replaced_cap ? s->replaced_cap * 2 : 64;
        s->replaced = mem_realloc(s->replaced, s->replaced_cap * sizeof *s->replaced);
    }
    s->replaced[s->replaced_n++] = user_id;
    return RC_OK;
}

void stage_drop_missing(struct stage *s) {
    s->drop_missing = true;
}

/* ---- writing ---- */

static void forget_batch(struct stage *s) {
    s->versions_n = s->changes_n = s->new_teams_n = s->replaced_n = 0;
    s->drop_missing = false;
    arena_reset(&s->batch);
}

static enum rc_code write_batch(struct stage *s, struct rc_error *err) {
    struct store *st = s->c.store;
    struct run *r = s->run;
    enum rc_code rc = lease_hold(st, s->c.lease, clock_now_us(s->c.clock), err);
    if (rc == RC_OK)
        rc = company_is_open(st, r->company_id, err); /* somebody may have suspended it meanwhile */
    for (size_t i = 0; i < s->replaced_n && rc == RC_OK; i++)
        rc = version_drop(st, r->company_id, r->run_id, s->replaced[i], err);
    if (rc == RC_OK && s->drop_missing)
        rc = version_drop_missing(st, r->company_id, r->run_id, err);
    if (rc == RC_OK && s->versions_n > 0)
        rc = version_add(st, r->company_id, r->integration_id, r->run_id, s->versions,
                         s->versions_n, err);
    if (rc == RC_OK && s->changes_n > 0)
        rc = version_add_changes(st, r->company_id, r->run_id, s->changes, s->changes_n, err);
    for (size_t i = 0; i < s->new_teams_n && rc == RC_OK; i++)
        rc = version_add_team(st, r->company_id, r->run_id, &s->new_teams[i], err);
    return rc;
}

enum rc_code stage_flush(struct stage *s, bool save_run, struct rc_error *err) {
    enum rc_code rc;
    if (s->versions_n == 0 && s->new_teams_n == 0 && s->replaced_n == 0 && !s->drop_missing &&
        !save_run)
        return RC_OK;
    if ((rc = db_begin(s->c.store->db, err)) != RC_OK)
        return rc;
    rc = write_batch(s, err);
    if (rc == RC_OK && save_run)
        rc = run_save(s->c.store, s->run, err);
    if (rc != RC_OK) {
        db_rollback(s->c.store->db);
        return rc;
    }
    forget_batch(s);
    s->beat_us = clock_monotonic_us(s->c.clock);
    return db_commit(s->c.store->db, err);
}

enum rc_code stage_restart(struct stage *s, struct rc_error *err) {
    enum rc_code rc;
    forget_batch(s);
    roll_known_forget(&s->known);
    memset(&s->run->counts, 0, sizeof s->run->counts);
    memset(s->run->stage_digest, 0, sizeof s->run->stage_digest);
    s->run->has_stage_digest = false;
    rc = version_drop_all(s->c.store, s->run->company_id, s->run->run_id, err);
    return rc != RC_OK ? rc : load_teams(s, err);
}

enum rc_code stage_beat(struct stage *s, struct rc_error *err) {
    int64_t now = clock_monotonic_us(s->c.clock);
    if (now - s->beat_us < (int64_t)BEAT_SECONDS * 1000000)
        return RC_OK;
    s->beat_us = now;
    enum rc_code rc = company_is_open(s->c.store, s->run->company_id, err);
    return rc != RC_OK ? rc : lease_hold(s->c.store, s->c.lease, clock_now_us(s->c.clock), err);
}
