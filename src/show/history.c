#include "show/history.h"

#include <stdlib.h>
#include <string.h>

enum { VERSIONS_MOST = 1000, RUNS_MOST = 1000 };

/* v NULL: it was not applied to this person. */
static enum rc_code add_step(const struct show *s, const struct company *co, int64_t run_id,
                             const struct history_version *v, struct show_life *l,
                             struct rc_error *err) {
    if (l->n == l->cap) {
        l->cap = l->cap != 0 ? l->cap * 2 : 32;
        struct show_step *more = ARENA_NEW(s->arena, struct show_step, l->cap);
        if (l->n > 0)
            memcpy(more, l->steps, l->n * sizeof *more);
        l->steps = more;
    }
    struct show_step *step = &l->steps[l->n];
    *step = (struct show_step){ .was_applied = v != NULL };
    if (v != NULL)
        step->version = *v;
    enum rc_code rc = run_get(s->st, co->company_id, run_id, s->arena, &step->run, err);
    if (rc == RC_OK)
        rc = history_changes_of(s->st, co->company_id, run_id, l->person->user_id, s->arena,
                                &step->changes, &step->changes_n, err);
    l->n += rc == RC_OK;
    return rc;
}

/* The versions that were current, from today's to the one by which the person joined. */
static enum rc_code add_versions(const struct show *s, const struct company *co,
                                 struct show_life *l, struct rc_error *err) {
    int64_t run_id = l->person->run_id;
    enum rc_code rc = RC_OK;
    for (int i = 0; i < VERSIONS_MOST && run_id != 0 && rc == RC_OK; i++) {
        struct history_version v;
        rc = history_version(s->st, co->company_id, run_id, l->person->user_id, s->arena, &v, err);
        if (rc == RC_NOT_FOUND && i > 0)
            return RC_OK; /* what is older has been cleared away */
        if (rc == RC_OK)
            rc = add_step(s, co, run_id, &v, l, err);
        run_id = v.base_run_id;
    }
    return rc;
}

static bool has(const struct show_life *l, int64_t run_id) {
    for (size_t i = 0; i < l->n; i++)
        if (l->steps[i].run.run_id == run_id)
            return true;
    return false;
}

static int newest_first(const void *x, const void *y) {
    int64_t a = ((const struct show_step *)x)->run.run_id,
            b = ((const struct show_step *)y)->run.run_id;
    return (a < b) - (a > b);
}

enum rc_code show_life_load(const struct show *s, const struct company *co, const struct person *p,
                            struct show_life *ret, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    int64_t *runs;
    size_t n;
    *ret = (struct show_life){ .person = p, .name = version_name_of(reader, s->arena, p->user) };
    enum rc_code rc = add_versions(s, co, ret, err);
    if (rc != RC_OK || (rc = history_runs_of(s->st, co->company_id, p->user_id, RUNS_MOST, s->arena,
                                             &runs, &n, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if (!has(ret, runs[i]))
            rc = add_step(s, co, runs[i], NULL, ret, err);
    if (ret->n > 0)
        qsort(ret->steps, ret->n, sizeof *ret->steps, newest_first);
    return rc;
}

/* ---- as JSON ---- */

static void put_change(const struct show *s, struct json_writer *w,
                       const struct history_change *k) {
    json_object(w, NULL);
    json_put_text(w, "field", k->field);
    show_put_text(w, "old", show_plain(k->old, s->arena));
    show_put_text(w, "new", show_plain(k->new, s->arena));
    json_put_cstr(w, "class", change_class_name(k->class));
    json_put_text(w, "rule", k->rule);
    json_object_end(w);
}

static void put_step(const struct show *s, struct json_writer *w, const struct show_step *step) {
    const struct run *r = &step->run;
    json_object(w, NULL);
    json_put_int(w, "run", r->run_id);
    json_put_cstr(w, "kind", run_kind_name(r->kind));
    json_put_cstr(w, "state", run_state_name(r->state));
    json_put_bool(w, "applied", step->was_applied);
    show_put_when(w, "at", r->applied_us != 0 ? r->applied_us : r->started_us);
    json_put_bool(w, "approved", r->approved);
    show_put_text(w, "decided_by", r->decided_by);
    show_put_text(w, "decided_because", r->decided_because);
    json_array(w, "changes");
    for (size_t i = 0; i < step->changes_n; i++)
        put_change(s, w, &step->changes[i]);
    json_array_end(w);
    json_object_end(w);
}

void show_life(const struct show *s, struct json_writer *w, const struct show_life *l) {
    json_object(w, NULL);
    json_put_text(w, "person", l->person->source_id);
    show_put_text(w, "name", l->name);
    json_put_int(w, "user_id", l->person->user_id);
    json_array(w, "history");
    for (size_t i = 0; i < l->n; i++)
        put_step(s, w, &l->steps[i]);
    json_array_end(w);
    json_object_end(w);
}
