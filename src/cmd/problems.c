/* What is wrong in HR's data, by cause: whom it is about, and what the colleague in HR must do. Who
 * has left, and whom a filter leaves out, is nobody's concern. */
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "cmd/people.h"
#include "cmd/table.h"
#include "people/why.h"

enum cause { /* behind those of people/problem.h */
             CAUSE_SHARED_EMAIL = PROBLEMS_N,
             CAUSE_UNKNOWN_MANAGER,
             CAUSE_MANAGER_LEFT,
             CAUSES_N
};
enum { AT_ONCE = 2000, SHOWN = 40 };

static const char *cause_name(int cause) {
    static const char *const names[] = { "shared-email", "unknown-manager", "manager-left" };
    return cause < PROBLEMS_N ? problem_name((enum problem)cause) : names[cause - PROBLEMS_N];
}

static const char *cause_todo(int cause) {
    static const char *const todo[] = {
        "several people state the same address: correct it in HR, the platform can have one of them only",
        "the supervisor is nobody we know (deleted in HR, or not visible to us): enter another one in HR",
        "the supervisor has left: enter another one in HR",
    };
    return cause < PROBLEMS_N ? problem_sentence((enum problem)cause) : todo[cause - PROBLEMS_N];
}

struct somebody { /* of the company; those who have left too: they may be managers */
    int64_t integration_id;
    const char *id, *name;
    struct text email;
    bool counts; /* has not left, and is not left out */
    bool has_left;
    struct somebody *next; /* who states the same address */
};
struct entry {
    const struct somebody *who;
    const char *text;            /* the problem with its values */
    const struct somebody *with; /* the first of those who share the address; NULL */
};
struct findings {
    struct cmd *c;
    struct company co;
    struct integration *ins;
    size_t ins_n;
    int64_t only; /* integration; 0: all */
    struct show_reader reader;
    struct map people;    /* "INTEGRATION/source id" -> struct somebody */
    struct map addresses; /* -> the last somebody who states it */
    struct entry *entries[CAUSES_N];
    size_t n[CAUSES_N], cap[CAUSES_N];
    bool all;
};

static const struct integration *integration_of(const struct findings *f, int64_t id) {
    for (size_t i = 0; i < f->ins_n; i++)
        if (f->ins[i].integration_id == id)
            return &f->ins[i];
    return NULL;
}

static const char *key_of(struct findings *f, int64_t integration_id, struct text id) {
    return arena_printf(&f->c->words, "%lld/%.*s", (long long)integration_id, TEXT_ARG(id));
}

static void add(struct findings *f, int cause, struct entry e) {
    if (f->only != 0 && e.who->integration_id != f->only)
        return;
    if (f->n[cause] == f->cap[cause]) {
        f->cap[cause] = f->cap[cause] != 0 ? f->cap[cause] * 2 : 32;
        struct entry *more = ARENA_NEW(&f->c->arena, struct entry, f->cap[cause]);
        if (f->n[cause] > 0)
            memcpy(more, f->entries[cause], f->n[cause] * sizeof *more);
        f->entries[cause] = more;
    }
    f->entries[cause][f->n[cause]++] = e;
}

/* ---- finding ---- */

static struct somebody *meet(struct findings *f, const struct person *p,
                             const struct show_view *v) {
    struct arena *a = &f->c->arena;
    struct text name = people_name(f->c, &v->user), email = v->user.fields[USER_EMAIL];
    struct somebody *who = ARENA_NEW(a, struct somebody, 1);
    const char *key = key_of(f, p->integration_id, p->source_id);
    *who =
        (struct somebody){ .integration_id = p->integration_id,
                           .id = arena_str(a, p->source_id.ptr, p->source_id.len),
                           .name = name.state == TEXT_SET ? arena_str(a, name.ptr, name.len) : "",
                           .email = text_copy(a, email),
                           .has_left = lifecycle_is_gone(v->lifecycle) };
    who->counts = !who->has_left && v->user.fields[USER_EXCLUDED].state != TEXT_SET;
    map_set(&f->people, key, strlen(key), who);
    if (who->counts && email.state == TEXT_SET) {
        who->next = map_find(&f->addresses, email.ptr, email.len);
        map_set(&f->addresses, email.ptr, email.len, who);
    }
    return who;
}

static void find_own(struct findings *f, const struct person *p, const struct show_view *v,
                     const struct somebody *who) {
    struct buf b;
    buf_init(&b, 8000);
    for (int i = 0; i < PROBLEMS_N; i++) {
        if ((p->problems >> i & 1) == 0)
            continue;
        buf_clear(&b);
        why_problem((enum problem)i, &v->user, &b);
        add(f, i, (struct entry){ who, arena_str(&f->c->arena, b.ptr, b.len), NULL });
    }
    buf_done(&b);
}

/* When everybody has been met. */
static void find_manager(struct findings *f, const struct person *p, const struct show_view *v,
                         const struct somebody *who) {
    struct text id = v->user.fields[USER_MANAGER];
    if (id.state != TEXT_SET || text_equal(id, p->source_id)) /* their own manager: told already */
        return;
    const char *key = key_of(f, p->integration_id, id);
    const struct somebody *manager = map_find(&f->people, key, strlen(key));
    if (manager != NULL && !manager->has_left)
        return;
    const char *text = manager == NULL
                           ? arena_printf(&f->c->arena, "the supervisor is %s, whom we do not know",
                                          cmd_str(f->c, id))
                           : arena_printf(&f->c->arena, "the supervisor is %s (%s), who has left",
                                          manager->name, manager->id);
    add(f, manager == NULL ? CAUSE_UNKNOWN_MANAGER : CAUSE_MANAGER_LEFT,
        (struct entry){ who, text, NULL });
}

static void find_sharers(struct findings *f) {
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < f->addresses.n; i++) {
        const struct somebody *first = f->addresses.entries[i].value;
        for (const struct somebody *who = first; first->next != NULL && who != NULL;
             who = who->next) {
            buf_clear(&b);
            buf_printf(&b, "%.*s is stated by", TEXT_ARG(who->email));
            for (const struct somebody *o = first; o != NULL; o = o->next)
                if (o != who)
                    buf_printf(&b, "%s %s (%s)", b.ptr[b.len - 1] == ')' ? "," : "", o->name,
                               o->id);
            buf_str(&b, " too");
            add(f, CAUSE_SHARED_EMAIL,
                (struct entry){ who, arena_str(&f->c->arena, b.ptr, b.len), first });
        }
    }
    buf_done(&b);
}

static enum rc_code each_person(struct findings *f, bool met) {
    struct cmd *c = f->c;
    struct person *people;
    struct arena page;
    size_t n = 0;
    int64_t after = 0;
    enum rc_code rc = RC_OK;
    arena_init(&page);
    do {
        arena_reset(&page);
        rc = directory_list(c->store, f->co.company_id, 0, 0, after, AT_ONCE, &page, &people, &n,
                            &c->err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            const struct person *p = &people[i];
            const struct integration *in = integration_of(f, p->integration_id);
            struct show_view v;
            after = p->user_id;
            arena_reset(&c->words);
            if ((rc = people_view(c, &f->reader, p, in != NULL ? in->listed_us : 0, &v)) != RC_OK)
                break;
            const char *key = key_of(f, p->integration_id, p->source_id);
            const struct somebody *who =
                met ? map_find(&f->people, key, strlen(key)) : meet(f, p, &v);
            if (who == NULL || !who->counts)
                continue;
            met ? find_manager(f, p, &v, who) : find_own(f, p, &v, who);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&page);
    return rc;
}

/* ---- showing ---- */

static const char *key_of_integration(const struct findings *f, const struct somebody *who) {
    const struct integration *in = integration_of(f, who->integration_id);
    return in != NULL ? cmd_str(f->c, in->key) : "";
}

static void print_entry(struct findings *f, int cause, size_t i) {
    struct cmd *c = f->c;
    const struct entry *e = &f->entries[cause][i];
    /* the sentence stands above: of a person's own problem the values are left to say */
    const char *more = cause < PROBLEMS_N ? strrchr(e->text, '[') : e->text;
    if (more != NULL)
        printf("  %-12s %s %s\n", e->who->id, cmd_cell(c, text_of(e->who->name), 30),
               cmd_str(c, text_of(more)));
    else
        printf("  %-12s %s\n", e->who->id, cmd_str(c, text_of(e->who->name)));
}

static void show_text(struct findings *f) {
    struct cmd *c = f->c;
    bool any = false, cut = false;
    for (int cause = 0; cause < CAUSES_N; cause++) {
        size_t n = f->n[cause], shown = f->all || n <= SHOWN ? n : SHOWN;
        if (n == 0)
            continue;
        printf("%s%s (%s)\n", any ? "\n" : "", cause_name(cause), cmd_people(c, (int64_t)n));
        cmd_wrap(c, "  ", text_of(cause_todo(cause)));
        any = true;
        for (size_t i = 0; i < shown; i++, arena_reset(&c->words))
            print_entry(f, cause, i);
        if (shown < n)
            printf("  ... and %s more\n", cmd_count(c, (int64_t)(n - shown)));
        cut |= shown < n;
    }
    if (!any)
        puts("no problems");
    if (cut)
        puts("\nEverybody: --all, or --csv FILE for a spreadsheet");
}

static void json_entry(struct findings *f, struct json_writer *w, const struct entry *e) {
    json_object(w, NULL);
    json_put_cstr(w, "person", e->who->id);
    json_put_cstr(w, "name", e->who->name);
    json_put_cstr(w, "integration", key_of_integration(f, e->who));
    json_put_text(w, "email", e->who->email.state == TEXT_SET ? e->who->email : TEXT_NONE);
    json_put_cstr(w, "text", e->text);
    json_array(w, "with");
    for (const struct somebody *o = e->with; o != NULL; o = o->next) {
        if (o == e->who)
            continue;
        json_object(w, NULL);
        json_put_cstr(w, "person", o->id);
        json_put_cstr(w, "name", o->name);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static void show_json(struct findings *f) {
    struct cmd_json j;
    cmd_json_begin(&j);
    json_array(&j.w, "problems");
    for (int cause = 0; cause < CAUSES_N; cause++) {
        if (f->n[cause] == 0)
            continue;
        json_object(&j.w, NULL);
        json_put_cstr(&j.w, "problem", cause_name(cause));
        json_put_cstr(&j.w, "todo", cause_todo(cause));
        json_array(&j.w, "people");
        for (size_t i = 0; i < f->n[cause]; i++, cmd_json_flush(&j), arena_reset(&f->c->words))
            json_entry(f, &j.w, &f->entries[cause][i]);
        json_array_end(&j.w);
        json_object_end(&j.w);
    }
    json_array_end(&j.w);
    cmd_json_end(&j);
}

static void table_row(struct findings *f, struct cmd_table *t, int cause, const struct entry *e,
                      const struct somebody *other) {
    cmd_table_cstr(t, cause_name(cause));
    cmd_table_cstr(t, cause_todo(cause));
    cmd_table_cstr(t, key_of_integration(f, e->who));
    cmd_table_cstr(t, e->who->id);
    cmd_table_cstr(t, e->who->name);
    cmd_table_cell(t, e->who->email);
    cmd_table_cstr(t, e->text);
    cmd_table_cstr(t, other != NULL ? other->id : "");
    cmd_table_cstr(t, other != NULL ? other->name : "");
    cmd_table_row_end(t);
}

/* Who shares an address has a row with each of the others. */
static enum rc_code show_table(struct findings *f, const struct cmd_table_options *o) {
    static const char *const heads[] = { "problem", "todo", "integration", "hr_id",     "name",
                                         "email",   "text", "with_hr_id",  "with_name", NULL };
    struct cmd_table t;
    enum rc_code rc = cmd_table_open(f->c, o->csv, o->mark != NULL, heads, &t);
    if (rc != RC_OK)
        return rc;
    for (int cause = 0; cause < CAUSES_N; cause++)
        for (size_t i = 0; i < f->n[cause]; i++, arena_reset(&f->c->words)) {
            const struct entry *e = &f->entries[cause][i];
            if (e->with == NULL)
                table_row(f, &t, cause, e, NULL);
            for (const struct somebody *other = e->with; other != NULL; other = other->next)
                if (other != e->who)
                    table_row(f, &t, cause, e, other);
        }
    return cmd_table_close(&t);
}

static enum rc_code load(struct findings *f, const char *ref) {
    struct cmd *c = f->c;
    struct integration in = { 0 };
    enum rc_code rc = strchr(ref, '/') != NULL ? cmd_integration_of(c, ref, false, &f->co, &in)
                                               : cmd_company_of(c, ref, &f->co, NULL);
    f->only = in.integration_id;
    if (rc != RC_OK ||
        (rc = integration_list(c->store, f->co.company_id, &c->arena, &f->ins, &f->ins_n,
                               &c->err)) != RC_OK ||
        (rc = people_reader_open(c, &f->co, &f->reader)) != RC_OK ||
        (rc = each_person(f, false)) != RC_OK || (rc = each_person(f, true)) != RC_OK)
        return rc;
    find_sharers(f);
    return RC_OK;
}

enum cmd_exit cmd_problems_list(struct cmd *c, int argc, char **argv) {
    struct cmd_table_options table = { 0 };
    const char *ref, *all = NULL;
    const struct cmd_option options[] = { { "all", NULL, "everybody, however many", .value = &all },
                                          CMD_TABLE_OPTIONS(table),
                                          { 0 } };
    struct findings f = { .c = c };
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref) || !cmd_table_is_well(c, &table))
        return CMD_MISUSED;
    f.all = all != NULL;
    map_init(&f.people);
    map_init(&f.addresses);
    enum rc_code rc = load(&f, ref);
    if (rc == RC_OK && table.csv != NULL)
        rc = show_table(&f, &table);
    else if (rc == RC_OK)
        c->json ? show_json(&f) : show_text(&f);
    show_reader_close(&f.reader);
    map_done(&f.people);
    map_done(&f.addresses);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
