/* What a mapping would make of people, before it counts: of one, rule by rule, or of everybody, in
 * numbers. Nothing is written. */
#include <stdlib.h>
#include <string.h>
#include "cmd/people.h"
#include "people/change.h"
#include "people/stored.h"
#include "sync/mapped.h"

enum { AT_ONCE = 1000, STRANGEST = 10, PATTERNS_MOST = 256 };

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
    struct json_reader *employee_json, *user_json;
    struct arena person, kept;
    int64_t read, changed, excluded, unknown, fields[USER_FIELDS_N + 1], cleared;
    struct pattern patterns[PATTERNS_MOST];
    size_t patterns_n;
};

struct look {
    struct employee stored, e;
    struct user known, u;
    struct mapping_outcome outcome;
};

static enum rc_code read_stored(struct trial *t, const struct person *p, struct look *k) {
    struct employee_reads reads = mapping_reads(t->m);
    struct rc_error *err = &t->c->err;
    json doc;
    enum rc_code rc;
    if ((rc = json_parse_copy(t->employee_json, p->employee.ptr, p->employee.len, &doc, err)) !=
            RC_OK ||
        (rc = stored_employee_read(doc, &t->person, &k->stored, err)) != RC_OK ||
        (rc = json_parse_copy(t->user_json, p->user.ptr, p->user.len, &doc, err)) != RC_OK ||
        (rc = stored_user_read(doc, &t->person, &k->known, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "user %lld", (long long)p->user_id);
    employee_begin(&k->e, &reads, &t->person);
    k->e.source_id = k->stored.source_id;
    mapping_keep_known(t->m, &k->e, &k->stored);
    return RC_OK;
}

static bool differs(struct text was, struct text is, uint64_t bit, uint64_t *fields,
                    uint64_t *cleared) {
    if (text_equal(was, is))
        return false;
    *fields |= bit;
    if (was.state == TEXT_SET && is.state != TEXT_SET)
        *cleared |= bit;
    return true;
}

/* The last bit stands for the custom fields together. */
static uint64_t compare(const struct look *k, uint64_t *ret_cleared) {
    uint64_t fields = 0;
    size_t at = 0;
    *ret_cleared = 0;
    for (int f = 0; f < USER_FIELDS_N; f++)
        differs(k->known.fields[f], k->u.fields[f], UINT64_C(1) << f, &fields, ret_cleared);
    for (size_t i = 0; i < k->u.custom_n; i++)
        differs(user_custom_next(&k->known, k->u.custom[i].name, &at), k->u.custom[i].value,
                UINT64_C(1) << USER_FIELDS_N, &fields, ret_cleared);
    at = 0;
    for (size_t i = 0; i < k->known.custom_n; i++)
        if (user_custom_next(&k->u, k->known.custom[i].name, &at).state == TEXT_MISSING)
            differs(k->known.custom[i].value, (struct text){ 0 }, UINT64_C(1) << USER_FIELDS_N,
                    &fields, ret_cleared);
    return fields;
}

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

static enum rc_code try_one(struct trial *t, const struct person *p) {
    struct look k;
    uint64_t cleared;
    arena_reset(&t->person);
    enum rc_code rc = read_stored(t, p, &k);
    if (rc != RC_OK)
        return rc;
    mapping_build(t->m, &k.e, &k.known, &t->person, &k.u, &k.outcome);
    t->read++;
    t->excluded += k.outcome.filter == MAPPING_EXCLUDED;
    t->unknown += k.outcome.filter == MAPPING_FILTER_UNKNOWN;
    uint64_t fields = compare(&k, &cleared);
    if (fields == 0)
        return RC_OK;
    t->changed++;
    t->cleared += cleared != 0;
    for (int f = 0; f <= USER_FIELDS_N; f++)
        t->fields[f] += (int64_t)(fields >> f & 1);
    note(t, fields, cleared, p->source_id);
    return RC_OK;
}

static enum rc_code try_all(struct trial *t, const struct company *co,
                            const struct integration *in) {
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = RC_OK;
    struct arena page;
    arena_init(&page);
    do {
        struct person *people;
        arena_reset(&page);
        rc = directory_list(t->c->store, co->company_id, in->integration_id, 0, after, AT_ONCE,
                            &page, &people, &n, &t->c->err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            after = people[i].user_id;
            if (people[i].presence != PRESENCE_GONE)
                rc = try_one(t, &people[i]);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&page);
    return rc;
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

static void print_steps(struct trial *t, const struct look *k, const struct mapping_step *steps,
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
                printf("  before  %s\n", shown(c, k->known.fields[f]));
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
    struct look k;
    struct mapping_step *steps;
    size_t n;
    enum rc_code rc = directory_find(t->c->store, co->company_id, in->integration_id, text_of(who),
                                     &t->c->arena, &p, &t->c->err);
    if (rc == RC_NOT_FOUND)
        return rc_fail_as(&t->c->err, rc, "person.unknown",
                          "the directory has no person with the HR id %.60s", who);
    if (rc != RC_OK || (rc = read_stored(t, &p, &k)) != RC_OK)
        return rc;
    mapping_explain(t->m, &k.e, &k.known, &t->person, &k.u, &k.outcome, &steps, &n);
    if (t->c->json)
        json_steps(t, id, &p, steps, n);
    else
        print_steps(t, &k, steps, n);
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
    *t = (struct trial){ .c = c,
                         .employee_json = json_reader_new(1 << 20),
                         .user_json = json_reader_new(1 << 20) };
    arena_init(&t->person);
    arena_init(&t->kept);
    if ((rc = cmd_integration_of(c, args[0], false, &co, &in)) == RC_OK &&
        (rc = mapped_current(c->store, &in, &c->arena, &current, &c->err)) == RC_OK &&
        (rc = mapped_get(c->store, &in, id, &c->arena, &t->m, &c->err)) == RC_OK) {
        (void)mapped_is_stored(current, t->m, &c->arena, &unread);
        rc = person != NULL ? try_person(t, &co, &in, id, person) : try_all(t, &co, &in);
        if (rc == RC_OK && all != NULL)
            c->json ? json_trial(t, id, unread) : print_trial(t, unread);
    }
    json_reader_free(t->employee_json);
    json_reader_free(t->user_json);
    arena_done(&t->person);
    arena_done(&t->kept);
    mem_free(t);
    return rc != RC_OK ? cmd_fail(c, rc) : CMD_OK;
}
