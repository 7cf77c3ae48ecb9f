/* What is wrong in HR's data, by cause: whom it is about, and what the colleague in HR must do. */
#include <string.h>
#include "cmd/table.h"
#include "show/problems.h"

enum { SHOWN = 40 };

struct findings {
    struct cmd *c;
    struct problems is;
    bool all;
};

/* ---- showing ---- */

static void print_entry(struct findings *f, int cause, size_t i) {
    struct cmd *c = f->c;
    const struct problems_entry *e = &f->is.entries[cause][i];
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
    for (int cause = 0; cause < PROBLEMS_CAUSES_N; cause++) {
        size_t n = f->is.n[cause], shown = f->all || n <= SHOWN ? n : SHOWN;
        if (n == 0)
            continue;
        printf("%s%s (%s)\n", any ? "\n" : "", problems_cause_name(cause),
               cmd_people(c, (int64_t)n));
        cmd_wrap(c, "  ", text_of(problems_cause_todo(cause)));
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

static void show_json(struct findings *f) {
    struct cmd_json j;
    cmd_json_begin(&j);
    json_array(&j.w, "problems");
    for (int cause = 0; cause < PROBLEMS_CAUSES_N; cause++) {
        if (f->is.n[cause] == 0)
            continue;
        problems_begin(&j.w, cause);
        for (size_t i = 0; i < f->is.n[cause]; i++, cmd_json_flush(&j), arena_reset(&f->c->words))
            problems_put(&j.w, &f->is, &f->is.entries[cause][i]);
        problems_end(&j.w);
    }
    json_array_end(&j.w);
    cmd_json_end(&j);
}

static void table_row(struct findings *f, struct cmd_table *t, int cause,
                      const struct problems_entry *e, const struct problems_who *other) {
    cmd_table_cstr(t, problems_cause_name(cause));
    cmd_table_cstr(t, problems_cause_todo(cause));
    cmd_table_cell(t, problems_integration(&f->is, e->who));
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
    for (int cause = 0; cause < PROBLEMS_CAUSES_N; cause++)
        for (size_t i = 0; i < f->is.n[cause]; i++, arena_reset(&f->c->words)) {
            const struct problems_entry *e = &f->is.entries[cause][i];
            if (e->with == NULL)
                table_row(f, &t, cause, e, NULL);
            for (const struct problems_who *other = e->with; other != NULL; other = other->next)
                if (other != e->who)
                    table_row(f, &t, cause, e, other);
        }
    return cmd_table_close(&t);
}

static enum rc_code load(struct findings *f, const char *ref) {
    struct cmd *c = f->c;
    struct integration in = { 0 };
    struct company co;
    enum rc_code rc = strchr(ref, '/') != NULL ? cmd_integration_of(c, ref, false, &co, &in)
                                               : cmd_company_of(c, ref, &co, NULL);
    if (rc != RC_OK)
        return rc;
    const struct show s = cmd_show(c);
    return problems_find(&s, &co, in.integration_id, &f->is, &c->err);
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
    enum rc_code rc = load(&f, ref);
    if (rc == RC_OK && table.csv != NULL)
        rc = show_table(&f, &table);
    else if (rc == RC_OK)
        c->json ? show_json(&f) : show_text(&f);
    problems_done(&f.is);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
