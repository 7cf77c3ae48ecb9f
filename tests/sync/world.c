#include <stdio.h>
#include "tests/sync/world.h"
#include "base/log.h"
#include "store/mapping_text.h"
#include "sync/mapped.h"

int world_make(void **state) {
    struct world *w = mem_zalloc(sizeof *w);
    void *bed = NULL;
    w->row = *state;
    if (bed_make(&bed) != 0)
        return -1;
    log_set_level(LOG_LEVEL_ERROR);
    w->bed = bed;
    OK(company_find(w->bed->st, "acme", &w->bed->a, &w->company, &why));
    w->fake.now_us = T0;
    w->clock = clock_fake_source(&w->fake);
    w->hr.people = w->people;
    w->hr.per_page = 7;
    w->hr.not_found = w->not_found;
    w->attributes[0] = "email";
    w->attributes[1] = "first_name";
    w->attributes[2] = "last_name";
    w->hr.attributes = w->attributes;
    w->hr.scopes = "papi";
    memory_source_init(&w->hr);
    *state = w;
    return 0;
}

int world_remove(void **state) {
    struct world *w = *state;
    void *bed = w->bed;
    mem_free(w);
    return bed_remove(&bed);
}

void world_disconnect(struct world *w) {
    store_close(w->bed->st);
    db_close(w->bed->place->db);
    w->bed->st = NULL;
    w->bed->place->db = NULL;
}

void world_connect(struct world *w) {
    w->bed->place->db = place_open(w->bed->place);
    w->bed->st = bed_connect(w->bed);
}

/* ---- HR ---- */

static size_t index_of(const struct world *w, const char *id) {
    for (size_t i = 0; i < w->hr.people_n; i++)
        if (strcmp(w->people[i].id, id) == 0)
            return i;
    fail_msg("HR has no %s", id);
    return 0;
}

static const char *kept(struct world *w, const char *s) {
    return arena_str(&w->bed->a, s, strlen(s));
}

static bool has_key(const char *pair, const char *key) {
    size_t len = strcspn(key, "=!");
    return strncmp(pair, key, len) == 0 && (pair[len] == '=' || pair[len] == '!');
}

void world_put(struct world *w, const char *id, const char *pair) {
    struct memory_person *p = &w->people[index_of(w, id)];
    size_t i = 0;
    while (p->values[i] != NULL && !has_key(p->values[i], pair))
        i++;
    assert_true(i + 1 < RC_LEN(p->values));
    p->values[i] = kept(w, pair);
}

void world_unset(struct world *w, const char *id, const char *key) {
    struct memory_person *p = &w->people[index_of(w, id)];
    size_t n = 0;
    for (size_t i = 0; p->values[i] != NULL; i++)
        if (!has_key(p->values[i], key))
            p->values[n++] = p->values[i];
    p->values[n] = NULL;
}

void world_add(struct world *w, const char *id) {
    static const char *const usual[] = { "status=active",    "hire_date=2020-01-31",
                                         "supervisor=1",     "department=Dock#9",
                                         "office=Bremen#5",  "avatar=/p",
                                         "job_title=Welder", "termination_date=" };
    assert_true(w->hr.people_n < WORLD_MOST);
    w->people[w->hr.people_n++] = (struct memory_person){ .id = kept(w, id) };
    world_put(w, id, arena_printf(&w->bed->a, "first_name=First%s", id));
    world_put(w, id, arena_printf(&w->bed->a, "last_name=Last%s", id));
    world_put(w, id, arena_printf(&w->bed->a, "email=P%s@x.org", id));
    for (size_t i = 0; i < RC_LEN(usual); i++)
        world_put(w, id, usual[i]);
}

void world_fill(struct world *w, size_t n) {
    char id[16];
    for (size_t i = 1; i <= n; i++) {
        snprintf(id, sizeof id, "%zu", i);
        world_add(w, id);
    }
    world_unset(w, "1", "supervisor");
}

void world_drop(struct world *w, const char *id) {
    size_t i = index_of(w, id);
    w->hr.people_n--;
    memmove(&w->people[i], &w->people[i + 1], (w->hr.people_n - i) * sizeof w->people[0]);
}

const char *world_number(struct world *w, int i) {
    return arena_printf(&w->bed->a, "%d", i);
}

void world_drop_many(struct world *w, int from, int to) {
    for (int i = from; i <= to; i++)
        world_drop(w, world_number(w, i));
}

void world_hide(struct world *w, const char *id) {
    struct memory_person *hidden =
        ARENA_NEW(&w->bed->a, struct memory_person, w->hr.only_get_n + 1);
    if (w->hr.only_get_n > 0)
        memcpy(hidden, w->hr.only_get, w->hr.only_get_n * sizeof *hidden);
    hidden[w->hr.only_get_n++] = w->people[index_of(w, id)];
    w->hr.only_get = hidden;
    world_drop(w, id);
}

/* ---- imports ---- */

static enum rc_code run_import(struct world *w, const struct import_options *more,
                               struct run *ret) {
    struct import_options o = *more;
    struct integration in;
    struct bed *b = w->bed;
    clock_fake_move(&w->fake, (int64_t)HOUR_S * 1000000);
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    o.clock = &w->clock;
    o.progress = &w->progress;
    o.source = &w->hr.ops;
    return import_run(b->st, b->key, &w->company, &in, &o, &b->a, ret, &w->err);
}

static struct run import_well(struct world *w, const struct import_options *o) {
    struct run r;
    if (run_import(w, o, &r) != RC_OK)
        fail_msg("import: %s", w->err.text);
    return r;
}

struct run world_import(struct world *w) {
    return import_well(w, &(struct import_options){ .who = "test" });
}

struct run world_import_person(struct world *w, const char *id) {
    return import_well(w, &(struct import_options){ .person = id, .who = "test" });
}

struct run world_preview(struct world *w) {
    return import_well(w, &(struct import_options){ .preview = true, .who = "test" });
}

struct run world_import_fails(struct world *w, enum rc_code want) {
    struct run r;
    assert_string_equal(rc_code_name(run_import(w, &(struct import_options){ .who = "test" }, &r)),
                        rc_code_name(want));
    return r;
}

struct run world_approve(struct world *w, int64_t run_id) {
    struct run r;
    OK(import_approve(w->bed->st, w->bed->key, &w->company, run_id, "mira", "it is right",
                      &w->clock, &w->bed->a, &r, &why));
    return r;
}

struct run world_begin(struct world *w, size_t n) {
    world_fill(w, n);
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    return world_approve(w, r.run_id);
}

struct run world_run(struct world *w, int64_t run_id) {
    struct run r;
    OK(run_get(w->bed->st, w->bed->company_id, run_id, &w->bed->a, &r, &why));
    return r;
}

void world_limits(struct world *w, const char *limits) {
    struct integration in;
    struct bed *b = w->bed;
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    in.limits = text_of(limits);
    OK(integration_save(b->st, b->key, &in, &why));
}

struct run world_mapping(struct world *w, const char *text) {
    struct mapping_text t = { .source = text_of(text), .made_by = TEXT_LIT("mira"), .made_us = T0 };
    struct mapped_options o = { .clock = &w->clock };
    struct bed *b = w->bed;
    struct integration in;
    struct run r;
    OK(mapping_text_add(b->st, b->company_id, b->in.integration_id, &t, &o.mapping_id, &why));
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    OK(mapped_activate(b->st, b->key, &w->company, &in, &o, &b->a, &r, &why));
    return r;
}

/* ---- the directory ---- */

static date_days day_of(int64_t us) {
    return (date_days)(us / DAY_US);
}

static enum lifecycle lifecycle_of(struct world *w, const struct person *p, struct user *ret,
                                   struct json_reader *reader) {
    json doc;
    OK(json_parse_copy(reader, p->user.ptr, p->user.len, &doc, &why));
    OK(stored_user_read(doc, &w->bed->a, ret, &why));
    struct lifecycle_facts f = lifecycle_facts_of(ret, p->presence, day_of(p->read_us));
    return lifecycle_decide(&f, &lifecycle_policy_default, day_of(w->fake.now_us), NULL);
}

static bool find(struct world *w, const char *id, struct person *ret) {
    struct bed *b = w->bed;
    enum rc_code rc =
        directory_find(b->st, b->company_id, b->in.integration_id, text_of(id), &b->a, ret, &why);
    assert_true(rc == RC_OK || rc == RC_NOT_FOUND);
    return rc == RC_OK;
}

const char *world_lifecycle(struct world *w, const char *id) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct person p;
    struct user u;
    return find(w, id, &p) ? lifecycle_name(lifecycle_of(w, &p, &u, reader)) : "nobody";
}

void world_everybody_is(struct world *w, int from, int to, const char *lifecycle) {
    for (int i = from; i <= to; i++)
        if (strcmp(world_lifecycle(w, world_number(w, i)), lifecycle) != 0)
            fail_msg("%d is %s", i, world_lifecycle(w, world_number(w, i)));
}

struct text world_user(struct world *w, const char *id, enum user_field f) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct person p;
    struct user u;
    assert_true(find(w, id, &p));
    lifecycle_of(w, &p, &u, reader);
    return text_copy(&w->bed->a, u.fields[f]);
}

char *world_directory(struct world *w) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct person *list;
    struct buf out;
    size_t n;
    OK(directory_list(w->bed->st, w->bed->company_id, 0, 0, 0, WORLD_MOST * 2, &w->bed->a, &list,
                      &n, &why));
    buf_init(&out, 10 << 20);
    for (size_t i = 0; i < n; i++) {
        struct user u;
        enum lifecycle l = lifecycle_of(w, &list[i], &u, reader);
        buf_printf(&out, "%.*s is %s: %.*s\n", TEXT_ARG(list[i].source_id), lifecycle_name(l),
                   TEXT_ARG(list[i].user));
    }
    char *s = arena_str(&w->bed->a, out.ptr != NULL ? out.ptr : "", out.len);
    buf_done(&out);
    return s;
}

int64_t world_changes(struct world *w, int64_t run_id, const char *field) {
    int64_t n;
    OK(store_number(w->bed->st, &n, &why,
                    "SELECT COUNT(*) FROM change WHERE run_id = $1 AND ($2 = '' OR field = $2)",
                    "is", run_id, field != NULL ? field : ""));
    return n;
}

static const char *const watched[] = { "user", "version", "change", "team", "team_version" };

static void watch(struct db *db) {
    static const char *const verbs[] = { "INSERT", "UPDATE", "DELETE" };
    char sql[400];
    place_exec(db, "CREATE TABLE written (what TEXT)");
    if (!place_is_sqlite())
        place_exec(db, "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS"
                       " 'BEGIN INSERT INTO written VALUES (TG_TABLE_NAME); RETURN NULL; END'");
    for (size_t i = 0; i < RC_LEN(watched); i++)
        for (size_t v = 0; v < RC_LEN(verbs); v++) {
            snprintf(sql, sizeof sql,
                     place_is_sqlite() ? "CREATE TRIGGER w_%s_%s AFTER %s ON \"%s\" BEGIN"
                                         " INSERT INTO written VALUES ('x'); END;"
                                       : "CREATE TRIGGER w_%s_%s AFTER %s ON \"%s\" FOR EACH ROW"
                                         " EXECUTE FUNCTION watch()",
                     watched[i], verbs[v], verbs[v], watched[i]);
            place_exec(db, sql);
        }
}

int64_t world_writes(struct world *w) {
    struct db *db = w->bed->place->db;
    if (w->watched) {
        int64_t n = place_int(db, "SELECT COUNT(*) FROM written");
        place_exec(db, "DELETE FROM written");
        return n;
    }
    watch(db);
    w->watched = true;
    return 0;
}

void assert_state(const struct run *r, enum run_state want) {
    if (r->state != want)
        fail_msg("run %lld is %s, not %s: %.*s", (long long)r->run_id, run_state_name(r->state),
                 run_state_name(want), TEXT_ARG(r->reason));
}

void assert_says(struct text t, const char *words) {
    if (t.state != TEXT_SET || memmem(t.ptr, t.len, words, strlen(words)) == NULL)
        fail_msg("\"%.*s\" does not say \"%s\"", TEXT_ARG(t), words);
}
