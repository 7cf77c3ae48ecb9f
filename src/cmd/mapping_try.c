/* What a mapping would make of people, before it counts: of one, rule by rule, or of everybody, in
 * numbers and by the strangest. Nothing is written. */
#include <string.h>
#include "cmd/mapping.h"
#include "cmd/people.h"
#include "sync/mapped.h"
#include "sync/through.h"
#include "sync/trial.h"

/* ---- everybody ---- */

static void print_fields(struct cmd *c, const struct trial *t) {
    printf("  %-24s %s\n  %-24s %s\n", "looked at", cmd_people(c, t->read), "would change",
           cmd_people(c, t->changed));
    for (int f = 0; f <= USER_FIELDS_N; f++)
        if (t->fields[f] > 0)
            printf("    %-22s %s\n",
                   f == USER_FIELDS_N ? "lifecycle" : user_field_name((enum user_field)f),
                   cmd_people(c, t->fields[f]));
    for (size_t i = 0; i < t->custom_n; i++)
        printf("    %s %s\n", cmd_cell(c, text_of(t->custom[i].name), 22),
               cmd_people(c, t->custom[i].people));
    if (t->cleared > 0)
        printf("  %-24s %s\n", "lose some value", cmd_people(c, t->cleared));
    if (t->excluded > 0)
        printf("  %-24s %s\n", "left out by a filter", cmd_people(c, t->excluded));
    if (t->unknown > 0)
        printf("  %-24s %s: a filter depends on what was never read\n", "in doubt",
               cmd_people(c, t->unknown));
}

static void print_verdict(struct cmd *c, const struct trial *t) {
    struct buf sentence;
    bool any = false;
    for (int class = 0; class < CHANGE_CLASSES_N; class ++) {
        if (t->classes[class] == 0)
            continue;
        if (!any)
            puts("\nWhat the guard counts");
        any = true;
        printf("  %-40s %s\n", change_class_title((enum change_class) class),
               cmd_people(c, t->classes[class]));
    }
    if (!t->verdict.held) {
        puts("\nThe guard would have no objection.");
        return;
    }
    puts("\nIt would be held:");
    buf_init(&sentence, 1000);
    for (size_t i = 0; guard_reason(&t->verdict, &t->input, &t->limits, i, &sentence);
         i++, buf_clear(&sentence))
        printf("  %s\n", cmd_str(c, text_from(sentence.ptr, sentence.len)));
    buf_done(&sentence);
    if (t->held_run_id != 0)
        printf("Run %lld is held already: decide on that one first.\n", (long long)t->held_run_id);
}

static const char *value_of(struct cmd *c, struct text is, struct text name) {
    struct text t = name.state == TEXT_SET ? name : is;
    return t.state == TEXT_SET ? cmd_str(c, t) : "(nothing)";
}

static void print_strangest(struct cmd *c, const struct trial *t) {
    if (t->strangest_n > 0)
        puts("\nThe strangest");
    for (size_t i = 0; i < t->strangest_n; i++) {
        const struct trial_person *p = &t->strangest[i];
        printf("  %-12s %s\n", cmd_str(c, p->source_id), cmd_str(c, p->name));
        for (size_t k = 0; k < p->changes_n; k++)
            printf("    %s: %s -> %s\n", cmd_str(c, text_of(p->changes[k].is.field)),
                   value_of(c, p->changes[k].is.old, p->changes[k].old_name),
                   value_of(c, p->changes[k].is.new, p->changes[k].new_name));
        for (size_t k = 0; k < p->reasons_n; k++)
            cmd_wrap(c, k == 0 ? "    strange: " : "             ", p->reasons[k].text);
    }
}

static void print_trial(struct cmd *c, const struct trial *t) {
    print_fields(c, t);
    print_verdict(c, t);
    if (t->unread != NULL)
        printf("\n%s has not been read yet: what depends on it is unknown until everybody is "
               "listed, which activating does.\n",
               t->unread);
    else if (t->lists_first)
        puts("\nNot everybody has been read through the mapping that counts now: activating lists "
             "everybody first.");
    print_strangest(c, t);
    puts("\nNothing was changed.");
}

static void put_or_null(struct json_writer *w, const char *key, struct text t) {
    json_put_text(w, key, t.state == TEXT_MISSING ? TEXT_NONE : t);
}

static void json_strange(struct cmd *c, struct json_writer *w, const struct trial_person *p) {
    json_object(w, NULL);
    json_put_text(w, "person", p->source_id);
    put_or_null(w, "name", p->name);
    json_put_int(w, "alike", p->alike);
    json_array(w, "reasons");
    for (size_t i = 0; i < p->reasons_n; i++) {
        json_object(w, NULL);
        json_put_cstr(w, "reason", p->reasons[i].word);
        json_put_cstr(w, "field", p->reasons[i].field);
        json_put_text(w, "text", p->reasons[i].text);
        json_object_end(w);
    }
    json_array_end(w);
    json_array(w, "changes");
    for (size_t i = 0; i < p->changes_n; i++) {
        const struct trial_change *k = &p->changes[i];
        json_object(w, NULL);
        json_put_cstr(w, "field", k->is.field);
        put_or_null(w, "old", people_plain(c, k->is.old));
        put_or_null(w, "new", people_plain(c, k->is.new));
        put_or_null(w, "old_name", k->old_name);
        put_or_null(w, "new_name", k->new_name);
        json_put_cstr(w, "class", change_class_name(k->is.class));
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static void json_counts(struct json_writer *w, const struct trial *t) {
    json_put_int(w, "read", t->read);
    json_put_int(w, "changed", t->changed);
    json_object(w, "fields");
    for (int f = 0; f <= USER_FIELDS_N; f++)
        if (t->fields[f] > 0)
            json_put_int(w, f == USER_FIELDS_N ? "lifecycle" : user_field_name((enum user_field)f),
                         t->fields[f]);
    for (size_t i = 0; i < t->custom_n; i++)
        json_put_int(w, t->custom[i].name, t->custom[i].people);
    json_object_end(w);
    json_object(w, "classes");
    for (int class = 0; class < CHANGE_CLASSES_N; class ++)
        if (t->classes[class] > 0)
            json_put_int(w, change_class_name((enum change_class) class), t->classes[class]);
    json_object_end(w);
    json_put_int(w, "cleared", t->cleared);
    json_put_int(w, "excluded", t->excluded);
    json_put_int(w, "unknown", t->unknown);
    json_put_cstr(w, "unread", t->unread);
    json_put_bool(w, "lists_first", t->lists_first);
}

static void json_trial(struct cmd *c, int64_t id, const struct trial *t) {
    struct cmd_json j;
    struct buf verdict;
    buf_init(&verdict, 1 << 16);
    guard_write(&t->verdict, &t->input, &t->limits, &verdict);
    cmd_json_begin(&j);
    json_put_int(&j.w, "mapping", id);
    json_counts(&j.w, t);
    json_put_raw(&j.w, "verdict", verdict.ptr, verdict.len);
    if (t->held_run_id != 0)
        json_put_int(&j.w, "held_run", t->held_run_id);
    else
        json_put_null(&j.w, "held_run");
    json_array(&j.w, "strangest");
    for (size_t i = 0; i < t->strangest_n; i++)
        json_strange(c, &j.w, &t->strangest[i]);
    json_array_end(&j.w);
    cmd_json_end(&j);
    buf_done(&verdict);
}

static enum rc_code try_all(struct cmd *c, const struct company *co, const struct integration *in,
                            int64_t id, const struct mapping *m) {
    struct trial *t = ARENA_NEW(&c->arena, struct trial, 1);
    enum rc_code rc = trial_run(c->store, co, in, m, c->clock, &c->arena, t, &c->err);
    if (rc == RC_OK)
        c->json ? json_trial(c, id, t) : print_trial(c, t);
    return rc;
}

/* ---- one person ---- */

static const char *shown(struct cmd *c, struct text t) {
    return t.state == TEXT_SET     ? cmd_str(c, people_plain(c, t))
           : t.state == TEXT_EMPTY ? "(empty)"
                                   : "(not known)";
}

/* Whether the step is about a field of the user, and not about a filter. */
static bool value_before(const struct user *known, const char *target, struct text *ret) {
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (strcmp(target, user_field_name((enum user_field)f)) == 0) {
            *ret = known->fields[f];
            return true;
        }
    *ret = user_custom_find(known, target);
    return strncmp(target, USER_CUSTOM_PREFIX, sizeof USER_CUSTOM_PREFIX - 1) == 0;
}

static void print_steps(struct cmd *c, const struct user *known, const struct mapping_step *steps,
                        size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct mapping_step *s = &steps[i];
        struct text before;
        printf("%s = %s\n", cmd_str(c, text_of(s->target)), cmd_str(c, s->rule));
        for (size_t v = 0; v < s->inputs_n; v++)
            printf("    %-24s %s\n", cmd_str(c, text_of(s->inputs[v].name)),
                   shown(c, s->inputs[v].value));
        if (value_before(known, s->target, &before))
            printf("  before  %s\n", shown(c, before));
        printf("  after   %s (%s)\n", shown(c, s->result), mapping_why_sentence(s->why));
    }
}

static void json_steps(struct cmd *c, int64_t id, const struct person *p, const struct user *known,
                       const struct mapping_step *steps, size_t n) {
    struct cmd_json j;
    cmd_json_begin(&j);
    json_put_int(&j.w, "mapping", id);
    json_put_text(&j.w, "person", p->source_id);
    json_array(&j.w, "rules");
    for (size_t i = 0; i < n; i++) {
        struct text before;
        json_object(&j.w, NULL);
        json_put_cstr(&j.w, "target", steps[i].target);
        json_put_text(&j.w, "rule", steps[i].rule);
        json_object(&j.w, "inputs");
        for (size_t v = 0; v < steps[i].inputs_n; v++)
            json_put_text(&j.w, steps[i].inputs[v].name, steps[i].inputs[v].value);
        json_object_end(&j.w);
        value_before(known, steps[i].target, &before);
        put_or_null(&j.w, "before", people_plain(c, before));
        put_or_null(&j.w, "result", people_plain(c, steps[i].result));
        json_put_cstr(&j.w, "why", mapping_why_sentence(steps[i].why));
        json_object_end(&j.w);
    }
    json_array_end(&j.w);
    cmd_json_end(&j);
}

static enum rc_code try_person(struct cmd *c, const struct company *co,
                               const struct integration *in, int64_t id, const struct mapping *m,
                               const char *who) {
    RC_CLEANUP(through_freep) struct through *t = through_new();
    struct person p;
    struct through_view v;
    struct user u;
    struct arena *a;
    struct mapping_step *steps;
    size_t n;
    enum rc_code rc = directory_find(c->store, co->company_id, in->integration_id, text_of(who),
                                     &c->arena, &p, &c->err);
    if (rc == RC_NOT_FOUND)
        return rc_fail_as(&c->err, rc, "person.unknown",
                          "the directory has no person with the HR id %.60s", who);
    if (rc != RC_OK || (rc = through_read(t, m, &p, &v, &a, &c->err)) != RC_OK)
        return rc;
    mapping_explain(m, &v.employee, &v.known, a, &u, NULL, &steps, &n);
    if (c->json)
        json_steps(c, id, &p, &v.known, steps, n);
    else
        print_steps(c, &v.known, steps, n);
    return RC_OK;
}

enum cmd_exit cmd_mapping_try(struct cmd *c, int argc, char **argv) {
    const char *args[2] = { NULL }, *person = NULL, *all = NULL;
    const struct cmd_option options[] = {
        { "person", "ID", "one person by the id in HR: each rule, what it read and made",
          .value = &person },
        { "all", NULL, "everybody: how many, what the guard would say, and the strangest",
          .value = &all },
        { 0 }
    };
    struct company co;
    struct integration in;
    const struct mapping *m;
    enum rc_code rc;
    int64_t id = 0;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args) || !mapping_number(c, args[1], &id))
        return CMD_MISUSED;
    if ((person != NULL) == (all != NULL))
        return cmd_misused(c, "say whom to try it on: --person ID or --all");
    if ((rc = cmd_integration_of(c, args[0], false, &co, &in)) != RC_OK ||
        (rc = mapped_get(c->store, &in, id, &c->arena, &m, &c->err)) != RC_OK ||
        (rc = person != NULL ? try_person(c, &co, &in, id, m, person)
                             : try_all(c, &co, &in, id, m)) != RC_OK)
        return cmd_fail(c, rc);
    return CMD_OK;
}
