/* Everybody, for another program: as JSON, as a table with all that is known, or in the columns of
 * Learn Amp's own import. */
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "cmd/people.h"
#include "cmd/table.h"
#include "people/problem.h"
#include "store/history.h"

enum { CUSTOM_MOST = 1000 };

struct contact { /* of a person, for those who name them as manager */
    const char *name, *email;
};
struct export {
    struct cmd *c;
    struct company co;
    struct integration *ins;
    size_t ins_n;
    struct show_reader reader;
    struct map contacts;  /* "INTEGRATION/source id" -> struct contact */
    struct map teams;     /* "INTEGRATION/key" -> const char *: its name */
    struct map addresses; /* of those who have not left -> size_t *: how many state it */
    struct map customs;   /* "custom.cost_code"; no values */
    /* what became of whom */
    int64_t written, left, excluded, nameless, sharing;
};
typedef enum rc_code (*visit)(struct export *e, const struct person *p, const struct show_view *v,
                              void *to);

static const struct integration *integration_of(const struct export *e, int64_t id) {
    for (size_t i = 0; i < e->ins_n; i++)
        if (e->ins[i].integration_id == id)
            return &e->ins[i];
    return NULL;
}

struct visiting {
    struct export *e;
    visit fn;
    void *to;
};

static enum rc_code visit_one(void *self, const struct person *p, struct arena *page,
                              struct rc_error *err) {
    const struct visiting *x = self;
    struct export *e = x->e;
    const struct integration *in = integration_of(e, p->integration_id);
    struct show_view v;
    (void)page, (void)err; /* the command's own */
    arena_reset(&e->c->words);
    enum rc_code rc = people_view(e->c, &e->reader, p, in != NULL ? in->listed_us : 0, &v);
    return rc == RC_OK ? x->fn(e, p, &v, x->to) : rc;
}

static enum rc_code each_person(struct export *e, visit fn, void *to) {
    struct visiting x = { e, fn, to };
    return directory_each(e->c->store, e->co.company_id, 0, visit_one, &x, &e->c->err);
}

/* ---- what has to be known before the first row ---- */

static const char *key_of(struct export *e, int64_t integration_id, struct text t) {
    return arena_printf(&e->c->words, "%lld/%.*s", (long long)integration_id, TEXT_ARG(t));
}

static const char *kept(struct export *e, struct text t) {
    return t.state == TEXT_SET ? arena_str(&e->c->arena, t.ptr, t.len) : "";
}

static enum rc_code meet(struct export *e, const struct person *p, const struct show_view *v,
                         void *to) {
    struct text email = v->user.fields[USER_EMAIL];
    const char *key = key_of(e, p->integration_id, p->source_id);
    struct contact *k = ARENA_NEW(&e->c->arena, struct contact, 1);
    (void)to;
    *k = (struct contact){ kept(e, people_name(e->c, &v->user)), kept(e, email) };
    map_set(&e->contacts, key, strlen(key), k);
    if (email.state == TEXT_SET && !lifecycle_is_gone(v->lifecycle)) {
        size_t *n = map_find(&e->addresses, email.ptr, email.len);
        if (n == NULL) {
            n = ARENA_NEW(&e->c->arena, size_t, 1);
            map_set(&e->addresses, email.ptr, email.len, n);
        }
        ++*n;
    }
    for (size_t i = 0; i < v->user.custom_n && e->customs.n < CUSTOM_MOST; i++)
        map_set(&e->customs, v->user.custom[i].name, strlen(v->user.custom[i].name), NULL);
    return RC_OK;
}

static enum rc_code load_teams(struct export *e) {
    struct cmd *c = e->c;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < e->ins_n && rc == RC_OK; i++) {
        struct version_team *teams;
        size_t n = 0;
        rc = team_list(c->store, e->co.company_id, e->ins[i].integration_id, &c->arena, &teams, &n,
                       &c->err);
        for (size_t k = 0; k < n && rc == RC_OK; k++) {
            const char *key = key_of(e, e->ins[i].integration_id, teams[k].key);
            map_set(&e->teams, key, strlen(key), (void *)(uintptr_t)kept(e, teams[k].name));
        }
    }
    return rc;
}

/* ---- values as others want them ---- */

static struct text team_name(struct export *e, const struct person *p, struct text team) {
    if (team.state != TEXT_SET)
        return TEXT_NONE;
    const char *key = key_of(e, p->integration_id, team),
               *name = map_find(&e->teams, key, strlen(key));
    return name != NULL ? text_of(name) : team;
}

struct teams_of {
    struct export *e;
    const struct person *p;
};

static struct text team_called(const void *self, struct text team) {
    const struct teams_of *of = self;
    return team_name(of->e, of->p, team);
}

/* "Dock; Yard" */
static struct text team_names(struct export *e, const struct person *p, struct text teams) {
    struct teams_of of = { e, p };
    return teams.state == TEXT_SET ? user_teams_named(teams, "; ", team_called, &of, &e->c->words)
                                   : TEXT_NONE;
}

static struct contact manager_of(struct export *e, const struct person *p, const struct user *u) {
    struct text id = u->fields[USER_MANAGER];
    if (id.state != TEXT_SET)
        return (struct contact){ "", "" };
    const char *key = key_of(e, p->integration_id, id);
    const struct contact *k = map_find(&e->contacts, key, strlen(key));
    return k != NULL ? *k : (struct contact){ "", "" };
}

static const char *problems_of(struct export *e, uint64_t problems) {
    struct buf b;
    buf_init(&b, 1000);
    for (int i = 0; i < PROBLEMS_N; i++)
        if (problems >> i & 1)
            buf_printf(&b, "%s%s", b.len > 0 ? " " : "", problem_name((enum problem)i));
    const char *s = arena_str(&e->c->words, b.ptr != NULL ? b.ptr : "", b.len);
    buf_done(&b);
    return s;
}

/* ---- all that is known ---- */

static const char *const plain_heads[] = {
    "hr_id",      "integration",   "lifecycle",        "first_name",      "last_name",
    "email",      "job_title",     "primary_team",     "secondary_teams", "manager_hr_id",
    "manager",    "manager_email", "primary_location", "language",        "hire_date",
    "leave_date", "status",        "excluded",         "problems"
};

static enum rc_code write_plain(struct export *e, const struct person *p, const struct show_view *v,
                                void *to) {
    struct cmd_table *t = to;
    const struct text *f = v->user.fields;
    const struct integration *in = integration_of(e, p->integration_id);
    struct contact manager = manager_of(e, p, &v->user);
    cmd_table_cell(t, p->source_id);
    cmd_table_cell(t, in != NULL ? in->key : TEXT_NONE);
    cmd_table_cstr(t, lifecycle_name(v->lifecycle));
    cmd_table_cell(t, f[USER_FIRST_NAME]);
    cmd_table_cell(t, f[USER_LAST_NAME]);
    cmd_table_cell(t, f[USER_EMAIL]);
    cmd_table_cell(t, f[USER_JOB_TITLE]);
    cmd_table_cell(t, team_name(e, p, f[USER_PRIMARY_TEAM]));
    cmd_table_cell(t, team_names(e, p, f[USER_SECONDARY_TEAMS]));
    cmd_table_cell(t, f[USER_MANAGER]);
    cmd_table_cstr(t, manager.name);
    cmd_table_cstr(t, manager.email);
    cmd_table_cell(t, f[USER_PRIMARY_LOCATION]);
    cmd_table_cell(t, f[USER_LANGUAGE]);
    cmd_table_cell(t, f[USER_HIRE_DATE]);
    cmd_table_cell(t, f[USER_LEAVE_DATE]);
    cmd_table_cell(t, f[USER_STATUS]);
    cmd_table_cell(t, f[USER_EXCLUDED]);
    cmd_table_cstr(t, problems_of(e, p->problems));
    for (size_t i = 0; i < e->customs.n; i++)
        cmd_table_cell(t, user_custom_find(&v->user, e->customs.entries[i].key));
    cmd_table_row_end(t);
    e->written++;
    return RC_OK;
}

/* ---- Learn Amp's import ---- */

static const char *const learnamp_heads[] = { "first_name", "last_name",        "email",
                                              "job_title",  "primary_team",     "secondary_teams",
                                              "language",   "primary_location", "manager",
                                              "hire_date",  "leave_date" };

/* Whom that import could not take, or must not: it matches by exact address. */
static bool is_for_learnamp(struct export *e, const struct show_view *v) {
    const struct text *f = v->user.fields;
    const size_t *same = f[USER_EMAIL].state == TEXT_SET
                             ? map_find(&e->addresses, f[USER_EMAIL].ptr, f[USER_EMAIL].len)
                             : NULL;
    int64_t *why = lifecycle_is_gone(v->lifecycle)      ? &e->left
                   : f[USER_EXCLUDED].state == TEXT_SET ? &e->excluded
                   : f[USER_EMAIL].state != TEXT_SET || f[USER_FIRST_NAME].state != TEXT_SET ||
                           f[USER_LAST_NAME].state != TEXT_SET
                       ? &e->nameless
                   : same != NULL && *same > 1 ? &e->sharing
                                               : NULL;
    if (why != NULL)
        ++*why;
    return why == NULL;
}

static enum rc_code write_learnamp(struct export *e, const struct person *p,
                                   const struct show_view *v, void *to) {
    struct cmd_table *t = to;
    const struct text *f = v->user.fields;
    if (!is_for_learnamp(e, v))
        return RC_OK;
    cmd_table_cell(t, f[USER_FIRST_NAME]);
    cmd_table_cell(t, f[USER_LAST_NAME]);
    cmd_table_cell(t, f[USER_EMAIL]);
    cmd_table_cell(t, f[USER_JOB_TITLE]);
    cmd_table_cell(t, team_name(e, p, f[USER_PRIMARY_TEAM]));
    cmd_table_cell(t, team_names(e, p, f[USER_SECONDARY_TEAMS]));
    cmd_table_cell(t, f[USER_LANGUAGE]);
    cmd_table_cell(t, f[USER_PRIMARY_LOCATION]);
    cmd_table_cstr(t, manager_of(e, p, &v->user).email);
    cmd_table_cell(t, f[USER_HIRE_DATE]);
    cmd_table_cell(t, f[USER_LEAVE_DATE]);
    for (size_t i = 0; i < e->customs.n; i++)
        cmd_table_cell(t, user_custom_find(&v->user, e->customs.entries[i].key));
    cmd_table_row_end(t);
    e->written++;
    return RC_OK;
}

static void say_left_out(const struct export *e) {
    struct cmd *c = e->c;
    int64_t out = e->left + e->excluded + e->nameless + e->sharing;
    if (out == 0)
        return;
    fprintf(stderr, "%s in it. Left out:", cmd_people(c, e->written));
    if (e->left > 0)
        fprintf(stderr, " %s gone;", cmd_count(c, e->left));
    if (e->excluded > 0)
        fprintf(stderr, " %s by a filter;", cmd_count(c, e->excluded));
    if (e->nameless > 0)
        fprintf(stderr, " %s without a name or an address;", cmd_count(c, e->nameless));
    if (e->sharing > 0)
        fprintf(stderr, " %s who share an address;", cmd_count(c, e->sharing));
    fprintf(stderr, " see rollcall problems list %s\n", cmd_str(c, e->co.key));
}

static enum rc_code export_table(struct export *e, bool learnamp, const char *to, bool mark) {
    const char *const *fixed = learnamp ? learnamp_heads : plain_heads;
    size_t fixed_n = learnamp ? RC_LEN(learnamp_heads) : RC_LEN(plain_heads), n = 0;
    const char **heads = ARENA_NEW(&e->c->arena, const char *, fixed_n + e->customs.n + 1);
    struct cmd_table t;
    for (; n < fixed_n; n++)
        heads[n] = fixed[n];
    for (size_t i = 0; i < e->customs.n;
         i++) /* Learn Amp's custom fields are called as in Learn Amp */
        heads[n++] = e->customs.entries[i].key + (learnamp ? strlen(USER_CUSTOM_PREFIX) : 0);
    enum rc_code rc = cmd_table_open(e->c, to != NULL ? to : "", mark, heads, &t);
    if (rc != RC_OK)
        return rc;
    if ((rc = each_person(e, learnamp ? write_learnamp : write_plain, &t)) != RC_OK) {
        cmd_table_drop(&t);
        return rc;
    }
    if ((rc = cmd_table_close(&t)) == RC_OK && learnamp)
        say_left_out(e);
    return rc;
}

/* ---- JSON ---- */

static enum rc_code write_json(struct export *e, const struct person *p, const struct show_view *v,
                               void *to) {
    struct cmd_json *j = to;
    struct json_writer *w = &j->w;
    const struct integration *in = integration_of(e, p->integration_id);
    struct contact manager = manager_of(e, p, &v->user);
    json_object(w, NULL);
    json_put_text(w, "person", p->source_id);
    json_put_text(w, "integration", in != NULL ? in->key : TEXT_NONE);
    json_put_cstr(w, "lifecycle", lifecycle_name(v->lifecycle));
    json_object(w, "user");
    show_user(w, &v->user);
    json_object_end(w);
    json_put_text(w, "team", team_name(e, p, v->user.fields[USER_PRIMARY_TEAM]));
    json_put_text(w, "secondary_teams", team_names(e, p, v->user.fields[USER_SECONDARY_TEAMS]));
    json_put_cstr(w, "manager", *manager.name != '\0' ? manager.name : NULL);
    json_put_cstr(w, "manager_email", *manager.email != '\0' ? manager.email : NULL);
    json_array(w, "problems");
    for (int i = 0; i < PROBLEMS_N; i++)
        if (p->problems >> i & 1)
            json_put_cstr(w, NULL, problem_name((enum problem)i));
    json_array_end(w);
    json_object_end(w);
    cmd_json_flush(j);
    return RC_OK;
}

static enum rc_code export_json(struct export *e) {
    struct cmd_json j;
    cmd_json_begin(&j);
    json_array(&j.w, "people");
    enum rc_code rc = each_person(e, write_json, &j);
    json_array_end(&j.w);
    cmd_json_finish(&j, rc);
    return rc;
}

static int by_name(const void *x, const void *y) {
    return strcmp(((const struct map_entry *)x)->key, ((const struct map_entry *)y)->key);
}

static enum rc_code prepare(struct export *e, const char *key) {
    struct cmd *c = e->c;
    enum rc_code rc = cmd_company_of(c, key, &e->co, NULL);
    if (rc != RC_OK ||
        (rc = integration_list(c->store, e->co.company_id, &c->arena, &e->ins, &e->ins_n,
                               &c->err)) != RC_OK ||
        (rc = people_reader_open(c, &e->co, &e->reader)) != RC_OK)
        return rc;
    if ((rc = load_teams(e)) == RC_OK)
        rc = each_person(e, meet, NULL);
    if (e->customs.n > 0) /* it is only iterated over from here on */
        qsort(e->customs.entries, e->customs.n, sizeof *e->customs.entries, by_name);
    return rc;
}

enum cmd_exit cmd_people_export(struct cmd *c, int argc, char **argv) {
    const char *key, *csv = NULL, *to = NULL, *mark = NULL, *person = NULL;
    const struct cmd_option options[] = {
        { "csv", "[learnamp]", "as a table; learnamp: in the columns of its import",
          .value = &csv },
        { "to", "FILE", "into this file, for its owner only; else standard output", .value = &to },
        { "person", "ID", "everything that is held of one person, as JSON", .value = &person },
        { "bom", NULL, "with a byte order mark in front, which Excel wants", .value = &mark },
        { 0 }
    };
    struct export e = { .c = c };
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if (person != NULL && (csv != NULL || to != NULL || mark != NULL))
        return cmd_misused(c, "--person is one document on standard output, and no table");
    if (person != NULL)
        return people_export_one(c, key, person);
    if (c->json && (csv != NULL || to != NULL || mark != NULL))
        return cmd_misused(c, "--json and a table are two forms of the same: take one of them");
    if (csv != NULL && *csv != '\0' && strcmp(csv, "learnamp") != 0)
        return cmd_misused(
            c, "\"%.40s\": there is --csv, and --csv learnamp; a file is named by --to", csv);
    map_init(&e.contacts);
    map_init(&e.teams);
    map_init(&e.addresses);
    map_init(&e.customs);
    enum rc_code rc = prepare(&e, key);
    if (rc == RC_OK)
        rc = c->json ? export_json(&e)
                     : export_table(&e, csv != NULL && *csv != '\0', to, mark != NULL);
    show_reader_close(&e.reader);
    map_done(&e.contacts);
    map_done(&e.teams);
    map_done(&e.addresses);
    map_done(&e.customs);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
