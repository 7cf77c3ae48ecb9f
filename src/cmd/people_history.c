/* What became of a person: every version that was current, newest first, with its changes and who
 * approved them; and what runs wanted that were not applied. */
#include <stdlib.h>
#include <string.h>
#include "cmd/people.h"
#include "store/history.h"

enum { VERSIONS_MOST = 1000, RUNS_MOST = 1000 };

struct step { /* one run, seen from one person */
    struct run run;
    bool was_applied;               /* to this person */
    struct history_version version; /* with was_applied */
    struct history_change *changes;
    size_t changes_n;
};
struct life {
    struct cmd *c;
    const struct company *co;
    const struct person *person;
    struct text name;
    struct step *steps;
    size_t n, cap;
};

static enum rc_code add_step(struct life *l, int64_t run_id, bool was_applied,
                             const struct history_version *v) {
    struct cmd *c = l->c;
    if (l->n == l->cap) {
        l->cap = l->cap != 0 ? l->cap * 2 : 32;
        struct step *more = ARENA_NEW(&c->arena, struct step, l->cap);
        if (l->n > 0)
            memcpy(more, l->steps, l->n * sizeof *more);
        l->steps = more;
    }
    struct step *s = &l->steps[l->n];
    *s = (struct step){ .was_applied = was_applied };
    if (v != NULL)
        s->version = *v;
    enum rc_code rc = run_get(c->store, l->co->company_id, run_id, &c->arena, &s->run, &c->err);
    if (rc == RC_OK)
        rc = history_changes_of(c->store, l->co->company_id, run_id, l->person->user_id, &c->arena,
                                &s->changes, &s->changes_n, &c->err);
    l->n += rc == RC_OK;
    return rc;
}

/* The versions that were current, from today's to the one by which the person joined. */
static enum rc_code add_versions(struct life *l) {
    struct cmd *c = l->c;
    int64_t run_id = l->person->run_id;
    enum rc_code rc = RC_OK;
    for (int i = 0; i < VERSIONS_MOST && run_id != 0 && rc == RC_OK; i++) {
        struct history_version v;
        rc = history_version(c->store, l->co->company_id, run_id, l->person->user_id, &c->arena, &v,
                             &c->err);
        if (rc == RC_NOT_FOUND && i > 0)
            return RC_OK; /* what is older has been cleared away */
        if (rc == RC_OK)
            rc = add_step(l, run_id, true, &v);
        run_id = v.base_run_id;
    }
    return rc;
}

static bool has(const struct life *l, int64_t run_id) {
    for (size_t i = 0; i < l->n; i++)
        if (l->steps[i].run.run_id == run_id)
            return true;
    return false;
}

static int newest_first(const void *x, const void *y) {
    int64_t a = ((const struct step *)x)->run.run_id, b = ((const struct step *)y)->run.run_id;
    return (a < b) - (a > b);
}

static enum rc_code look_back(struct life *l) {
    struct cmd *c = l->c;
    int64_t *runs;
    size_t n;
    enum rc_code rc = add_versions(l);
    if (rc != RC_OK || (rc = history_runs_of(c->store, l->co->company_id, l->person->user_id,
                                             RUNS_MOST, &c->arena, &runs, &n, &c->err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if (!has(l, runs[i]))
            rc = add_step(l, runs[i], false, NULL);
    if (l->n > 0)
        qsort(l->steps, l->n, sizeof *l->steps, newest_first);
    return rc;
}

/* ---- showing ---- */

static const char *what_became(struct cmd *c, const struct step *s) {
    const struct run *r = &s->run;
    if (s->was_applied)
        return arena_printf(&c->words, "applied%s", r->approved ? ", approved" : "");
    switch (r->state) {
    case RUN_HELD: return "held: would change this, once approved";
    case RUN_PREVIEWED: return "a preview: would change this, if approved";
    case RUN_REJECTED: return "rejected: would have changed this";
    case RUN_SUPERSEDED: return "superseded by a newer listing: would have changed this";
    case RUN_APPLIED: return "applied to others; this person had changed meanwhile";
    case RUN_LISTING:
    case RUN_CHECKING:
    case RUN_PASSED:
    case RUN_FAILED:
    case RUN_STATES_N: break;
    }
    return run_state_name(r->state);
}

/* A team with its name behind the key. */
static struct text shown(const struct life *l, const struct history_change *k, struct text t) {
    bool team = text_is(k->field, user_field_name(USER_PRIMARY_TEAM)) ||
                text_is(k->field, user_field_name(USER_SECONDARY_TEAMS));
    return team ? people_teams(l->c, l->co, l->person, t) : t;
}

static void print_step(const struct life *l, const struct step *s) {
    struct cmd *c = l->c;
    const struct run *r = &s->run;
    printf("\n%s  run %lld (%s): %s\n",
           cmd_when(c, r->applied_us != 0 ? r->applied_us : r->started_us), (long long)r->run_id,
           run_kind_name(r->kind), what_became(c, s));
    if (r->decided_by.state == TEXT_SET)
        printf("  %s by %s: %s\n", r->state == RUN_REJECTED ? "rejected" : "approved",
               cmd_str(c, r->decided_by), cmd_str(c, r->decided_because));
    for (size_t i = 0; i < s->changes_n; i++) {
        const struct history_change *k = &s->changes[i];
        struct buf b;
        buf_init(&b, 1 << 16);
        change_sentence(cmd_str(c, k->field), shown(l, k, k->old), shown(l, k, k->new),
                        cmd_str(c, k->rule), &b);
        printf("  %s\n", cmd_str(c, text_from(b.ptr, b.len)));
        buf_done(&b);
    }
    if (s->changes_n == 0)
        puts("  nothing that is shown; HR stated something else that the mapping does not use");
}

static void put_or_null(struct json_writer *w, const char *key, struct text t) {
    json_put_text(w, key, t.state == TEXT_SET ? t : TEXT_NONE);
}

static void json_step(struct cmd *c, struct json_writer *w, const struct step *s) {
    const struct run *r = &s->run;
    char at[32];
    int64_t when = r->applied_us != 0 ? r->applied_us : r->started_us;
    json_object(w, NULL);
    json_put_int(w, "run", r->run_id);
    json_put_cstr(w, "kind", run_kind_name(r->kind));
    json_put_cstr(w, "state", run_state_name(r->state));
    json_put_bool(w, "applied", s->was_applied);
    json_put_cstr(w, "at", date_format_instant(when, at));
    json_put_bool(w, "approved", r->approved);
    put_or_null(w, "decided_by", r->decided_by);
    put_or_null(w, "decided_because", r->decided_because);
    json_array(w, "changes");
    for (size_t i = 0; i < s->changes_n; i++) {
        const struct history_change *k = &s->changes[i];
        json_object(w, NULL);
        json_put_text(w, "field", k->field);
        put_or_null(w, "old", people_plain(c, k->old));
        put_or_null(w, "new", people_plain(c, k->new));
        json_put_cstr(w, "class", change_class_name(k->class));
        json_put_text(w, "rule", k->rule);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static void show_json(struct json_writer *w, const struct life *l) {
    json_object(w, NULL);
    json_put_text(w, "person", l->person->source_id);
    put_or_null(w, "name", l->name);
    json_put_int(w, "user_id", l->person->user_id);
    json_array(w, "history");
    for (size_t i = 0; i < l->n; i++)
        json_step(l->c, w, &l->steps[i]);
    json_array_end(w);
    json_object_end(w);
}

static void show_text(const struct life *l) {
    printf("%s%s%s (%s)\n", cmd_colour() ? "\033[1m" : "", cmd_str(l->c, l->name),
           cmd_colour() ? "\033[0m" : "", cmd_str(l->c, l->person->source_id));
    for (size_t i = 0; i < l->n; i++)
        print_step(l, &l->steps[i]);
}

enum cmd_exit cmd_people_history(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    const char *ref;
    struct people_found f;
    struct cmd_json j;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = people_find(c, ref, &f)) != RC_OK ||
        (f.n == 0 && (rc = people_nobody(c, f.who)) != RC_OK))
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "people");
    }
    for (size_t i = 0; i < f.n && rc == RC_OK; i++) {
        struct life l = { .c = c,
                          .co = &f.company,
                          .person = &f.people[i],
                          .name = version_name_of(reader, &c->arena, f.people[i].user) };
        if ((rc = look_back(&l)) != RC_OK)
            break;
        if (!c->json && i > 0)
            putchar('\n');
        c->json ? show_json(&j.w, &l) : show_text(&l);
    }
    if (c->json) {
        json_array_end(&j.w);
        if (rc == RC_OK)
            cmd_json_end(&j);
        else
            buf_done(&j.buf);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
