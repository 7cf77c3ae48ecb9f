#include "sync/stage.h"

#include <string.h>
#include "people/digest.h"
#include "people/problem.h"
#include "people/stored.h"
#include "store/company.h"
#include "sync/roll_known.h"

enum { BEAT_SECONDS = 20, IDS_AT_ONCE = 1000, IDS_MOST = 16000 };

struct stage {
    struct stage_context c;
    struct run *run;
    struct roll_known known;
    struct arena batch;  /* texts of versions and changes until the flush */
    struct arena person; /* of one person */
    struct arena teams_arena;
    struct map teams; /* key -> struct version_team, as known or as staged */
    struct version versions[STAGE_BATCH];
    size_t versions_n;
    struct version_change *changes;
    size_t changes_n, changes_cap;
    struct version_team *new_teams;
    size_t new_teams_n, new_teams_cap;
    struct json_reader *json_employee, *json_user;
    struct prepare prepare;
    int64_t
        *replaced; /* user ids: what this run staged of them before goes away with the next batch */
    size_t replaced_n, replaced_cap;
    bool drop_missing; /* so does everybody staged as missing */
    int64_t next_id, ids_left, ids_taken;
    int64_t beat_us;
    bool same_mapping; /* as at the last applied listing: an equal employee then is an equal user */
};

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

static void see_teams(struct stage *s, const struct employee *e) {
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

/* v with its texts, which are copied. */
static void add_version(struct stage *s, const struct version *v) {
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

static void add_changes(struct stage *s, int64_t user_id, const struct change *changes, size_t n) {
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

static struct change_state state_of(const struct stage *s, const struct user *u,
                                    enum presence presence, date_days read_on) {
    struct change_state st = { .user = u };
    struct lifecycle_facts f = lifecycle_facts_of(u, presence, read_on);
    st.lifecycle = lifecycle_decide(&f, &s->c.policy, s->c.today, &st.rule);
    return st;
}

static void count_problems(struct run_counts *c, uint64_t problems) {
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
    count_problems(n, p->joiner.problems);
    n->joiners++;
    n->arrived_left += p->joiner.has_left;
    add_changes(s, p->joiner.user_id, &p->join, 1);
    add_version(s, &p->joiner);
    return RC_OK;
}

/* ---- known people ---- */

struct known {
    struct person row;
    struct employee employee;
    struct user user;
};

static enum rc_code read_known(struct stage *s, struct known *k, struct rc_error *err) {
    json doc;
    enum rc_code rc;
    if ((rc = json_parse_copy(s->json_employee, k->row.employee.ptr, k->row.employee.len, &doc,
                              err)) != RC_OK ||
        (rc = stored_employee_read(doc, &s->person, &k->employee, err)) != RC_OK ||
        (rc = json_parse_copy(s->json_user, k->row.user.ptr, k->row.user.len, &doc, err)) !=
            RC_OK ||
        (rc = stored_user_read(doc, &s->person, &k->user, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "version %lld of user %lld", (long long)k->row.run_id,
                          (long long)k->row.user_id);
    return RC_OK;
}

static date_days read_on(const struct stage *s, const struct person *row) {
    date_days row_on = (date_days)(row->read_us / INT64_C(86400000000));
    return s->c.listed_on != DATE_NONE && s->c.listed_on > row_on ? s->c.listed_on : row_on;
}

static void count_vanished(struct stage *s, const struct employee *e,
                           const struct employee *known) {
    for (int f = 0; f < USER_FIELDS_N; f++)
        s->run->counts.vanished[f] += mapping_vanished(s->c.mapping, (enum user_field)f, e, known);
}

static enum rc_code add_known(struct stage *s, struct employee *e, struct digest *digest,
                              struct known *k, bool *ret_differs, struct rc_error *err) {
    struct user u;
    struct mapping_outcome outcome;
    struct change changes[CHANGES_MAX];
    struct version v = { .user_id = k->row.user_id,
                         .base_run_id = k->row.run_id,
                         .presence = PRESENCE_LISTED,
                         .read_us = clock_now_us(s->c.clock) };
    enum rc_code rc = read_known(s, k, err);
    if (rc != RC_OK)
        return rc;
    count_vanished(s, e, &k->employee);
    if (mapping_keep_known(
            s->c.mapping, e,
            &k->employee)) /* what cannot be read now is known still: that alone is no change */
        digest_employee(s->c.key, e, &s->prepare.scratch, digest);
    v.employee_digest = *digest;
    mapping_build(s->c.mapping, e, &k->user, &s->person, &u, &outcome);
    digest_user(s->c.key, &u, &s->prepare.scratch, &v.user_digest);
    /* Another mapping can find something wrong in the same person. */
    v.problems = problem_find(e, &u, &outcome);
    *ret_differs = !(digest_equal(digest, &k->row.employee_digest) &&
                     digest_equal(&v.user_digest, &k->row.user_digest) &&
                     v.problems == k->row.problems && k->row.presence == PRESENCE_LISTED);
    /* Read by itself, this person is as the directory says. A run that waits for approval may say
     * otherwise, from an older reading: a version of its own leaves the person out of that one. */
    if (!*ret_differs && s->run->kind == RUN_PERSON &&
        (rc = version_waits(s->c.store, s->run->company_id, v.user_id, ret_differs, err)) != RC_OK)
        return rc;
    if (!*ret_differs)
        return RC_OK;
    count_problems(&s->run->counts, v.problems);
    struct change_state before = state_of(s, &k->user, k->row.presence, read_on(s, &k->row));
    struct change_state after = state_of(s, &u, PRESENCE_LISTED, s->c.today);
    size_t n = change_find(&before, &after, changes);
    v.has_left = lifecycle_is_gone(after.lifecycle);
    s->run->counts.changed++;
    add_changes(s, v.user_id, changes, n);
    prepare_texts(&s->prepare, e, &u, &s->person, &v);
    add_version(s, &v);
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
    see_teams(s, e);
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
    if (rc == RC_OK && (rc = add_known(s, e, &p->digest, &k, &differs, err)) == RC_OK && !differs)
        s->run->counts.unchanged++;
    return rc;
}

enum rc_code stage_person(struct stage *s, const struct employee *e, enum roll_sight *ret_sight,
                          struct rc_error *err) {
    struct prepared p = { .employee = *e };
    prepare_person(&s->prepare, &p);
    return stage_prepared(s, &p, ret_sight, err);
}

/* What is stored of e, of which k is as it is stored now. */
static bool is_less(struct stage *s, const struct employee *e, const struct known *k) {
    struct buf *b = &s->prepare.scratch;
    buf_clear(b);
    stored_employee_write(e, b);
    return !text_equal(text_from(b->ptr, b->len), k->row.employee);
}

/* What is stored of a person, as a mapping reads it, and the user and the problems it makes. */
static uint64_t remap(struct stage *s, const struct mapping *m, const struct known *k,
                      struct employee *ret_employee, struct user *ret) {
    struct employee_reads reads = mapping_reads(m);
    struct mapping_outcome outcome;
    employee_begin(ret_employee, &reads, &s->person);
    ret_employee->source_id = k->employee.source_id;
    mapping_keep_known(m, ret_employee, &k->employee);
    mapping_build(m, ret_employee, &k->user, &s->person, ret, &outcome);
    return problem_find(ret_employee, ret, &outcome);
}

/* Those that only reading has found, since the mapping that counted until now does not find them in
 * what is stored: they stay until HR is read again, or the address is another one. */
static uint64_t problems_of_reading(struct stage *s, const struct known *k,
                                    const struct user *now) {
    const uint64_t any = (uint64_t)1 << PROBLEM_BAD_DATE | (uint64_t)1 << PROBLEM_BAD_VALUE |
                         (uint64_t)1 << PROBLEM_BAD_EMAIL;
    struct employee e;
    struct user before;
    uint64_t problems = k->row.problems & any;
    if (problems == 0)
        return 0;
    problems &= ~remap(s, s->c.before, k, &e, &before);
    if (!text_equal(now->fields[USER_EMAIL], k->user.fields[USER_EMAIL]))
        problems &= ~((uint64_t)1 << PROBLEM_BAD_EMAIL);
    return problems;
}

static uint64_t problems_with(uint64_t found, uint64_t of_reading) {
    const uint64_t bad_email = (uint64_t)1 << PROBLEM_BAD_EMAIL;
    found |= of_reading;
    return (found & bad_email) != 0 ? found & ~((uint64_t)1 << PROBLEM_NO_EMAIL) : found;
}

enum rc_code stage_known(struct stage *s, const struct person *row, bool drops,
                         struct rc_error *err) {
    struct known k = { .row = *row };
    struct employee e;
    struct user u;
    struct change changes[CHANGES_MAX];
    enum rc_code rc;
    if (s->versions_n == STAGE_BATCH && (rc = stage_flush(s, false, err)) != RC_OK)
        return rc;
    arena_reset(&s->person);
    if ((rc = read_known(s, &k, err)) != RC_OK)
        return rc;
    uint64_t problems = remap(s, s->c.mapping, &k, &e, &u);
    problems = problems_with(problems, problems_of_reading(s, &k, &u));
    s->run->counts.read++;
    see_teams(s, &e);
    bool less = drops && is_less(s, &e, &k);
    if (user_equal(&u, &k.user) && problems == row->problems && !less) {
        s->run->counts.unchanged++;
        return RC_OK;
    }
    struct version v = { .user_id = row->user_id,
                         .base_run_id = row->run_id,
                         .presence = row->presence,
                         .read_us = row->read_us,
                         .employee_digest = row->employee_digest,
                         .problems = problems };
    if (less)
        digest_employee(s->c.key, &e, &s->prepare.scratch, &v.employee_digest);
    digest_user(s->c.key, &u, &s->prepare.scratch, &v.user_digest);
    count_problems(&s->run->counts, v.problems);
    struct change_state before = state_of(s, &k.user, row->presence, read_on(s, row));
    struct change_state after = state_of(s, &u, row->presence, read_on(s, row));
    v.has_left = lifecycle_is_gone(after.lifecycle);
    size_t n = change_find(&before, &after, changes);
    s->run->counts.changed += n > 0;
    s->run->counts.unchanged += n == 0; /* less is stored, another problem, or empty, not unknown */
    for (size_t i = 0; i < n; i++)
        if (strncmp(changes[i].rule, "hr-", 3) == 0)
            changes[i].rule = "remapped"; /* HR has not said a word */
    add_changes(s, v.user_id, changes, n);
    prepare_texts(&s->prepare, &e, &u, &s->person, &v);
    add_version(s, &v);
    return RC_OK;
}

void stage_unchanged(struct stage *s, const struct mapping_team *teams, size_t n) {
    s->run->counts.read++;
    s->run->counts.unchanged++;
    for (size_t i = 0; i < n; i++)
        see_team(s, &teams[i]);
}

enum rc_code stage_without(struct stage *s, int64_t user_id, enum presence p,
                           struct rc_error *err) {
    struct known k;
    struct change changes[CHANGES_MAX];
    enum rc_code rc;
    if (s->versions_n == STAGE_BATCH && (rc = stage_flush(s, false, err)) != RC_OK)
        return rc;
    arena_reset(&s->person);
    if ((rc = directory_get(s->c.store, s->run->company_id, user_id, &s->person, &k.row, err)) !=
            RC_OK ||
        (rc = read_known(s, &k, err)) != RC_OK)
        return rc;
    struct version v = { .user_id = user_id,
                         .base_run_id = k.row.run_id,
                         .presence = p,
                         .read_us = clock_now_us(s->c.clock),
                         .employee_digest = k.row.employee_digest,
                         .user_digest = k.row.user_digest,
                         .problems = k.row.problems };
    struct change_state before = state_of(s, &k.user, k.row.presence, read_on(s, &k.row));
    struct change_state after = state_of(s, &k.user, p, s->c.today);
    v.has_left = lifecycle_is_gone(after.lifecycle);
    add_changes(s, user_id, changes, change_find(&before, &after, changes));
    prepare_texts(&s->prepare, &k.employee, &k.user, &s->person, &v);
    add_version(s, &v);
    return RC_OK;
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
