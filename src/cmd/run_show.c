/* What a run did or would do: why it is held, who is concerned, what came instead of what. For the
 * person who decides about it on a Monday morning. */
#include <string.h>
#include "cmd/delivery.h"
#include "cmd/people.h"
#include "cmd/table.h"
#include "show/changes.h"

/* Without --all: a section of up to SECTION_SHOWN people is shown whole, of a larger one as many of
 * each part, and at least PART_SHOWN. */
enum { SECTION_SHOWN = 40, PART_SHOWN = 5, PARTS_SHOWN = 20 };

struct shown {
    struct cmd *c;
    struct company co;
    struct integration in;
    struct run run;
    struct show_changes is;
    bool all, was_cut;
};

static enum rc_code find(struct shown *s, const char *ref) {
    int64_t id;
    enum rc_code rc = cmd_run_of(s->c, ref, &s->co, &id);
    return rc != RC_OK
               ? rc
               : run_get(s->c->store, s->co.company_id, id, &s->c->arena, &s->run, &s->c->err);
}

static enum rc_code load(struct shown *s) {
    struct cmd *c = s->c;
    const struct show show = cmd_show(c);
    enum rc_code rc = integration_get(c->store, s->co.company_id, s->run.integration_id, NULL,
                                      &c->arena, &s->in, &c->err);
    return rc != RC_OK ? rc : show_changes_load(&show, &s->run, &s->is, &c->err);
}

/* ---- JSON ---- */

static void json_changes(struct cmd *c, struct cmd_json *j, const struct review *r) {
    json_array(&j->w, "changes");
    for (size_t s = 0; s < r->sections_n; s++)
        for (size_t p = 0; p < r->sections[s].parts_n; p++) {
            const struct review_part *part = &r->sections[s].parts[p];
            for (size_t i = 0; i < part->people_n; i++, cmd_json_flush(j))
                for (size_t k = 0; k < part->people[i].changes_n; k++)
                    show_change(&j->w, &r->sections[s], part, &part->people[i].changes[k],
                                &c->words);
        }
    json_array_end(&j->w);
}

static void show_json(const struct shown *s) {
    struct cmd_json j;
    cmd_json_begin(&j);
    show_run(&j.w, "run", &s->co, s->in.key, &s->run);
    show_groups(&j.w, &s->is);
    json_changes(s->c, &j, &s->is.review);
    show_left_out(&j.w, &s->is);
    show_difference(&j.w, &s->is);
    cmd_json_end(&j);
}

/* ---- a table ---- */

static const char *rule_text(struct cmd *c, const struct history_change *is) {
    return change_rule_sentence(cmd_str(c, is->rule));
}

static enum rc_code show_table(struct shown *s, const struct cmd_table_options *o) {
    static const char *const heads[] = { "group", "part", "hr_id",      "name",   "email", "field",
                                         "old",   "new",  "over_limit", "reason", NULL };
    struct cmd_table t;
    enum rc_code rc = cmd_table_open(s->c, o->csv, o->mark != NULL, heads, &t);
    if (rc != RC_OK)
        return rc;
    for (size_t g = 0; g < s->is.review.sections_n; g++) {
        const struct review_section *section = &s->is.review.sections[g];
        for (size_t p = 0; p < section->parts_n; p++)
            for (size_t i = 0; i < section->parts[p].people_n; i++) {
                const struct review_person *person = &section->parts[p].people[i];
                for (size_t k = 0; k < person->changes_n; k++) {
                    const struct review_change *change = &person->changes[k];
                    arena_reset(&s->c->words);
                    cmd_table_cstr(&t, review_group_title(section->group));
                    cmd_table_cell(&t, section->parts[p].title);
                    cmd_table_cell(&t, change->is->source_id);
                    cmd_table_cell(&t, change->is->name);
                    cmd_table_cell(&t, change->is->email);
                    cmd_table_cell(&t, text_is(change->is->field, "*") ? TEXT_LIT("lifecycle")
                                                                       : change->is->field);
                    cmd_table_cell(&t, change->old);
                    cmd_table_cell(&t, change->new);
                    cmd_table_cstr(&t, section->is_over ? "yes" : "no");
                    cmd_table_cstr(&t, rule_text(s->c, change->is));
                    cmd_table_row_end(&t);
                }
            }
    }
    return cmd_table_close(&t);
}

/* ---- for people ---- */

static void print_reasons(const struct shown *s) {
    const struct review *r = &s->is.review;
    if (r->reasons_n == 0)
        return;
    puts(s->run.state == RUN_HELD ? "Held because" : "The guard's objection");
    for (size_t i = 0; i < r->reasons_n; i++)
        printf("  %s\n", cmd_str(s->c, r->reasons[i]));
    putchar('\n');
}

/* "Dock -> Yard"; a lifecycle with its reason; a joiner by address and lifecycle. */
static void say_change(struct cmd *c, const struct review_change *change, bool with_field,
                       struct buf *ret) {
    const struct history_change *is = change->is;
    if (text_is(is->field, "*")) {
        buf_printf(ret, "%s, %s",
                   is->email.state == TEXT_SET ? cmd_str(c, is->email) : "no address",
                   cmd_str(c, is->new));
        return;
    }
    if (with_field)
        buf_printf(ret, "%s: ", cmd_str(c, is->field));
    buf_printf(ret, "%s -> %s",
               change->old.state == TEXT_SET ? cmd_str(c, change->old) : "(nothing)",
               change->new.state == TEXT_SET ? cmd_str(c, change->new) : "(nothing)");
    if (text_is(is->field, "lifecycle") || text_is(is->field, "excluded"))
        buf_printf(ret, ": %s", rule_text(c, is));
}

/* The status is told by the lifecycle that came of it. */
static bool is_told(const struct review_person *p, const struct review_change *change) {
    return p->changes_n > 1 && change != p->changes && text_is(change->is->field, "status") &&
           text_is(p->changes[0].is->field, "lifecycle");
}

static void print_person(struct cmd *c, const struct review_person *p) {
    const struct history_change *is = p->changes[0].is;
    size_t told = 0;
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < p->changes_n; i++)
        told += is_told(p, &p->changes[i]);
    for (size_t i = 0; i < p->changes_n; i++) {
        if (is_told(p, &p->changes[i]))
            continue;
        if (b.len > 0)
            buf_str(&b, "; ");
        say_change(c, &p->changes[i], p->changes_n - told > 1, &b);
    }
    printf("    %-12s %s %s\n", cmd_str(c, is->source_id), cmd_cell(c, is->name, 28),
           b.ptr != NULL ? b.ptr : "");
    buf_done(&b);
}

static void print_part(struct shown *s, const struct review_part *part, size_t most) {
    size_t shown = part->people_n > most ? most : part->people_n;
    if (part->title.state == TEXT_SET)
        printf("  %s (%s)\n", cmd_str(s->c, part->title), cmd_count(s->c, (int64_t)part->people_n));
    for (size_t i = 0; i < shown; i++)
        print_person(s->c, &part->people[i]);
    if (shown < part->people_n) {
        printf("    ... and %s more\n", cmd_count(s->c, (int64_t)(part->people_n - shown)));
        s->was_cut = true;
    }
}

static void print_section(struct shown *s, const struct review_section *section) {
    bool is_cut = !s->all && section->people_n > SECTION_SHOWN;
    size_t shown = is_cut && section->parts_n > PARTS_SHOWN ? PARTS_SHOWN : section->parts_n;
    size_t most = !is_cut                              ? SIZE_MAX
                  : SECTION_SHOWN / shown > PART_SHOWN ? SECTION_SHOWN / shown
                                                       : PART_SHOWN;
    printf("\n%s (%s)%s\n", review_group_title(section->group), cmd_count(s->c, section->people_n),
           section->is_over ? ": over the limit" : "");
    for (size_t i = 0; i < shown; i++, arena_reset(&s->c->words))
        print_part(s, &section->parts[i], most);
    if (shown < section->parts_n) {
        size_t people = 0;
        for (size_t i = shown; i < section->parts_n; i++)
            people += section->parts[i].people_n;
        printf("  ... and %s people in %s smaller parts\n", cmd_count(s->c, (int64_t)people),
               cmd_count(s->c, (int64_t)(section->parts_n - shown)));
        s->was_cut = true;
    }
}

static void print_left_out(struct shown *s) {
    if (s->is.left_out_n > 0)
        printf("\nleft out, because something else has changed them since (%s)\n",
               cmd_count(s->c, (int64_t)s->is.left_out_n));
    size_t shown = !s->all && s->is.left_out_n > SECTION_SHOWN ? SECTION_SHOWN : s->is.left_out_n;
    for (size_t i = 0; i < shown; i++)
        printf("    %-12s %s\n", cmd_str(s->c, s->is.left_out[i].source_id),
               cmd_str(s->c, s->is.left_out[i].name));
    if (shown < s->is.left_out_n) {
        printf("    ... and %s more\n", cmd_count(s->c, (int64_t)(s->is.left_out_n - shown)));
        s->was_cut = true;
    }
}

static void print_side(struct shown *s, enum history_side side, const char *title) {
    size_t n = 0, shown = 0;
    for (size_t i = 0; i < s->is.differences_n; i++)
        n += s->is.differences[i].side == side;
    if (n == 0)
        return;
    printf("  %s (%s)\n", title, cmd_count(s->c, (int64_t)n));
    for (size_t i = 0; i < s->is.differences_n; i++) {
        const struct history_difference *d = &s->is.differences[i];
        if (d->side != side || (!s->all && shown++ >= SECTION_SHOWN))
            continue;
        printf("    %-12s %s\n", cmd_str(s->c, d->source_id), cmd_str(s->c, d->name));
    }
    if (!s->all && n > SECTION_SHOWN) {
        printf("    ... and %s more\n", cmd_count(s->c, (int64_t)(n - SECTION_SHOWN)));
        s->was_cut = true;
    }
}

static void print_difference(struct shown *s) {
    if (show_instead_of(&s->run) == 0)
        return;
    printf("\nHR has changed since run %lld, which was held and which this one replaces%s\n",
           (long long)show_instead_of(&s->run), s->is.differences_n == 0 ? ": nobody differs" : "");
    print_side(s, HISTORY_ONLY_FIRST, "concerned then, and no longer");
    print_side(s, HISTORY_ONLY_SECOND, "concerned only now");
    print_side(s, HISTORY_OTHERWISE, "concerned then and now, but otherwise");
}

static void show_text(struct shown *s) {
    struct cmd *c = s->c;
    cmd_summary_head(c, &s->co, &s->in, &s->run);
    print_reasons(s);
    cmd_summary_rows(c, &s->run);
    for (size_t i = 0; i < s->is.review.sections_n; i++)
        print_section(s, &s->is.review.sections[i]);
    print_left_out(s);
    print_difference(s);
    if (s->was_cut)
        printf(
            "\nEverybody:  rollcall run show %s/%lld --all   (or --csv FILE, for a spreadsheet)\n",
            cmd_str(c, s->co.key), (long long)s->run.run_id);
    if (s->run.decided_by.state == TEXT_SET)
        printf("\nDecided by %s: %s\n", cmd_str(c, s->run.decided_by),
               cmd_str(c, s->run.decided_because));
    cmd_summary_decide(c, &s->co, &s->run);
}

enum cmd_exit cmd_run_show(struct cmd *c, int argc, char **argv) {
    struct shown s = { .c = c };
    struct cmd_table_options table = { 0 };
    const char *ref, *all = NULL;
    const struct cmd_option options[] = { { "all", NULL, "everybody, however many", .value = &all },
                                          CMD_TABLE_OPTIONS(table),
                                          { 0 } };
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref) || !cmd_table_is_well(c, &table))
        return CMD_MISUSED;
    s.all = all != NULL;
    enum rc_code rc = find(&s, ref);
    if (rc == RC_OK && s.run.destination_id != 0)
        return delivery_show(c, &s.co, &s.run, s.all, table.csv, table.mark != NULL);
    if (rc == RC_OK)
        rc = load(&s);
    if (rc == RC_OK && table.csv != NULL)
        rc = show_table(&s, &table);
    else if (rc == RC_OK)
        c->json ? show_json(&s) : show_text(&s);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
