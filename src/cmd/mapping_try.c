/* What a mapping would make of people, before it counts: of one, rule by rule, or of everybody, in
 * numbers. Nothing is written. */
#include <stdlib.h>
#include <string.h>
#include "cmd/people.h"
#include "people/change.h"
#include "sync/mapped.h"
#include "sync/through.h"

enum { STRANGEST = 10, PATTERNS_MOST = 256 };

/* Those whose changes are alike: the same fields change, the same fields are emptied. */
struct pattern {
    uint64_t fields, cleared;
    int64_t people;
    struct text first_id[STRANGEST];
    size_t ids_n;
};
struct trial {
    struct cmd *c;
    const struct mapping *m;
    struct through *through; /* one person */
    struct arena kept;
    int64_t read, changed, excluded, unknown, fields[USER_FIELDS_N + 1], cleared;
    struct pattern patterns[PATTERNS_MOST];
    size_t patterns_n;
};

static void note(struct trial *t, uint64_t fields, uint64_t cleared, struct text source_id) {
    struct pattern *p = t->patterns;
    while (p < t->patterns + t->patterns_n && (p->fields != fields || p->cleared != cleared))
        p++;
    if (p == t->patterns + t->patterns_n) {
        if (t->patterns_n == PATTERNS_MOST)
            return; /* counted all the same */
        t->patterns_n++;
        *p = (struct pattern){ .fields = fields, .cleared = cleared };
    }
    p->people++;
    if (p->ids_n < STRANGEST)
        p->first_id[p->ids_n++] = text_copy(&t->kept, source_id);
}

static enum rc_code count_page(void *self, const struct through_person *people, size_t n,
                               struct rc_error *err) {
    struct trial *t = self;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        const struct through_person *p = &people[i];
        t->read++;
        t->excluded += p->filter == MAPPING_EXCLUDED;
        t->unknown += p->filter == MAPPING_FILTER_UNKNOWN;
        if (p->fields == 0)
            continue;
        t->changed++;
        t->cleared += p->cleared != 0;
        for (int f = 0; f <= USER_FIELDS_N; f++)
            t->fields[f] += (int64_t)(p->fields >> f & 1);
        note(t, p->fields, p->cleared, p->row->source_id);
    }
    return RC_OK;
}

static const char *field_name(int f) {
    return f == USER_FIELDS_N ? "custom fields" : user_field_name((enum user_field)f);
}

/* The rarest first; of equals the one that changes more. */
static int by_strangeness(const void *a, const void *b) {
    const struct pattern *x = a, *y = b;
    if (x->people != y->people)
        return x->people < y->people ? -1 : 1;
    int more = __builtin_popcountll(y->fields) - __builtin_popcountll(x->fields);
    return more != 0 ? more : (x->fields > y->fields) - (x->fields < y->fields);
}

static void pattern_words(const struct pattern *p, struct buf *b) {
    for (int f = 0; f <= USER_FIELDS_N; f++)
        if ((p->fields >> f & 1) != 0)
            buf_printf(b, "%s%s%s", b->len > 0 ? ", " : "", field_name(f),
                       (p->cleared >> f & 1) != 0 ? " emptied" : "");
}

static void print_trial(struct trial *t, const char *unread) {
    struct cmd *c = t->c;
    size_t shown = 0;
    printf("  looked at    %s\n  would change %s\n", cmd_people(c, t->read),
           cmd_people(c, t->changed));
    for (int f = 0; f <= USER_FIELDS_N; f++)
        if (t->fields[f] > 0)
            printf("    %-18s %s\n", field_name(f), cmd_people(c, t->fields[f]));
    if (t->cleared > 0)
        printf("  emptied      something of %s\n", cmd_people(c, t->cleared));
    if (t->excluded > 0)
        printf("  left out     %s, by a filter\n", cmd_people(c, t->excluded));
    if (t->unknown > 0)
        printf("  in doubt     %s: a filter depends on what was never read\n",
               cmd_people(c, t->unknown));
    if (unread != NULL)
        printf(
            "\n%s has not been read yet: what depends on it is unknown until everybody is listed, "
            "which activating does.\n",
            unread);
    qsort(t->patterns, t->patterns_n, sizeof *t->patterns, by_strangeness);
    if (t->patterns_n > 0)
        puts("\nThe strangest:");
    for (size_t i = 0; i < t->patterns_n && shown < STRANGEST; i++)
        for (size_t k = 0; k < t->patterns[i].ids_n && shown < STRANGEST; k++, shown++) {
            struct buf b;
            buf_init(&b, 2000);
            pattern_words(&t->patterns[i], &b);
            printf("  %-12s %s (%s)\n", cmd_str(c, t->patterns[i].first_id[k]), b.ptr,
                   cmd_people(c, t->patterns[i].people));
            buf_done(&b);
        }
    puts("\nNothing was changed.");
}

static void json_trial(struct trial *t, int64_t id, const char *unread) {
    struct cmd_json j;
    cmd_json_begin(&j);
    json_put_int(&j.w, "mapping", id);
    json_put_int(&j.w, "read", t->read);
    json_put_int(&j.w, "changed", t->changed);
    json_object(&j.w, "fields");
    for (int f = 0; f <= USER_FIELDS_N; f++)
        if (t->fields[f] > 0)
            json_put_int(&j.w, f == USER_FIELDS_N ? "custom" : field_name(f), t->fields[f]);
    json_object_end(&j.w);
    json_put_int(&j.w, "cleared", t->cleared);
    json_put_int(&j.w, "excluded", t->excluded);
    json_put_int(&j.w, "unknown", t->unknown);
    json_put_cstr(&j.w, "unread", unread);
    json_array(&j.w, "strangest");
    qsort(t->patterns, t->patterns_n, sizeof *t->patterns, by_strangeness);
    size_t shown = 0;
    for (size_t i = 0; i < t->patterns_n && shown < STRANGEST; i++)
        for (size_t k = 0; k < t->patterns[i].ids_n && shown < STRANGEST; k++, shown++) {
            json_object(&j.w, NULL);
            json_put_text(&j.w, "person", t->patterns[i].first_id[k]);
            json_put_int(&j.w, "alike", t->patterns[i].people);
            json_object_end(&j.w);
        }
    json_array_end(&j.w);
    cmd_json_end(&j);
}

/* ---- one person ---- */

static const char *shown(struct cmd *c, struct text t) {
    return t.state == TEXT_SET ? cmd_str(c, t) : t.state == TEXT_EMPTY ? "(empty)" : "(not known)";
}

static void print_steps(struct trial *t, const struct user *known, const struct mapping_step *steps,
                        size_t n) {
    struct cmd *c = t->c;
    for (size_t i = 0; i < n; i++) {
        const struct mapping_step *s = &steps[i];
        printf("%s = %s\n", cmd_str(c, text_of(s->target)), cmd_str(c, s->rule));
        for (size_t v = 0; v < s->inputs_n; v++)
            printf("    %-24s %s\n", cmd_str(c, text_of(s->inputs[v].name)),
                   shown(c, s->inputs[v].value));
        for (int f = 0; f < USER_FIELDS_N; f++)
            if (strcmp(s->target, user_field_name((enum user_field)f)) == 0)
                printf("  before  %s\n", shown(c, known->fields[f]));
        printf("  after   %s (%s)\n", shown(c, s->result), mapping_why_sentence(s->why));
    }
}

static void json_steps(struct trial *t, int64_t id, const struct person *p,
                       const struct mapping_step *steps, size_t n) {
    struct cmd_json j;
    (void)t;
    cmd_json_begin(&j);
    json_put_int(&j.w, "mapping", id);
    json_put_text(&j.w, "person", p->source_id);
    json_array(&j.w, "rules");
    for (size_t i = 0; i < n; i++) {
        json_object(&j.w, NULL);
        json_put_cstr(&j.w, "target", steps[i].target);
        json_put_text(&j.w, "rule", steps[i].rule);
        json_object(&j.w, "inputs");
        for (size_t v = 0; v < steps[i].inputs_n; v++)
            json_put_text(&j.w, steps[i].inputs[v].name, steps[i].inputs[v].value);
        json_object_end(&j.w);
        json_put_text(&j.w, "result",
                      steps[i].result.state == TEXT_MISSING ? TEXT_NONE : steps[i].result);
        json_put_cstr(&j.w, "why", mapping_why_sentence(steps[i].why));
        json_object_end(&j.w);
    }
    json_array_end(&j.w);
    cmd_json_end(&j);
}

static enum rc_code try_person(struct trial *t, const struct company *co,
                               const struct integration *in, int64_t id, const char *who) {
    struct person p;
    struct through_view v;
    struct user u;
    struct mapping_outcome outcome;
    struct arena *a;
    struct mapping_step *steps;
    size_t n;
    enum rc_code rc = directory_find(t->c->store, co->company_id, in->integration_id, text_of(who),
                                     &t->c->arena, &p, &t->c->err);
    if (rc == RC_NOT_FOUND)
        return rc_fail_as(&t->c->err, rc, "person.unknown",
                          "the directory has no person with the HR id %.60s", who);
    if (rc != RC_OK || (rc = through_read(t->through, t->m, &p, &v, &a, &t->c->err)) != RC_OK)
        return rc;
    mapping_explain(t->m, &v.employee, &v.known, a, &u, &outcome, &steps, &n);
    if (t->c->json)
        json_steps(t, id, &p, steps, n);
    else
        print_steps(t, &v.known, steps, n);
    return RC_OK;
}

enum cmd_exit cmd_mapping_try(struct cmd *c, int argc, char **argv) {
    const char *args[2] = { NULL }, *person = NULL, *all = NULL, *unread = NULL;
    const struct cmd_option options[] = {
        { "person", "ID", "one person by the id in HR: each rule, what it read and made",
          .value = &person },
        { "all", NULL, "everybody, in numbers", .value = &all },
        { 0 }
    };
    struct company co;
    struct integration in;
    const struct mapping *current;
    enum rc_code rc;
    char *end;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args))
        return CMD_MISUSED;
    int64_t id = strcmp(args[1], "default") == 0 ? 0 : strtoll(args[1], &end, 10);
    if (strcmp(args[1], "default") != 0 && (*end != '\0' || id <= 0))
        return cmd_misused(c, "\"%.40s\" is no mapping: write its number, or default", args[1]);
    if ((person != NULL) == (all != NULL))
        return cmd_misused(c, "say whom to try it on: --person ID or --all");
    struct trial *t = mem_zalloc(sizeof *t);
    *t = (struct trial){ .c = c, .through = through_new() };
    arena_init(&t->kept);
    if ((rc = cmd_integration_of(c, args[0], false, &co, &in)) == RC_OK &&
        (rc = mapped_current(c->store, &in, &c->arena, &current, &c->err)) == RC_OK &&
        (rc = mapped_get(c->store, &in, id, &c->arena, &t->m, &c->err)) == RC_OK) {
        (void)mapped_is_stored(current, t->m, &c->arena, &unread);
        rc = person != NULL ? try_person(t, &co, &in, id, person)
                            : through_everybody(c->store, co.company_id, in.integration_id, t->m, 0,
                                                count_page, t, &c->err);
        if (rc == RC_OK && all != NULL)
            c->json ? json_trial(t, id, unread) : print_trial(t, unread);
    }
    through_free(t->through);
    arena_done(&t->kept);
    mem_free(t);
    return rc != RC_OK ? cmd_fail(c, rc) : CMD_OK;
}
