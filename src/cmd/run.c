#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "store/version.h"
#include "sync/import.h"

enum { RUNS_SHOWN = 30, CHANGES_MOST = 1000000, CHANGES_TO_READ = 200 };

static struct text key_of(const struct integration *list, size_t n, int64_t integration_id) {
    for (size_t i = 0; i < n; i++)
        if (list[i].integration_id == integration_id)
            return list[i].key;
    return TEXT_NONE;
}

enum cmd_exit cmd_run_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct integration in = { 0 }, *all;
    struct run *runs;
    size_t n, all_n;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    rc = strchr(ref, '/') != NULL ? cmd_integration_of(c, ref, false, &co, &in)
                                  : cmd_company_of(c, ref, &co, NULL);
    if (rc != RC_OK ||
        (rc = run_list(c->store, co.company_id, in.integration_id, RUNS_SHOWN, &c->arena, &runs, &n,
                       &c->err)) != RC_OK ||
        (rc = integration_list(c->store, co.company_id, &c->arena, &all, &all_n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "runs");
        for (size_t i = 0; i < n; i++) {
            struct text key = key_of(all, all_n, runs[i].integration_id);
            cmd_json_run(&j.w, NULL, &co, &key, &runs[i]);
        }
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++)
        printf("%6lld  %-22s  %-12s %-7s %-11s  read %-9s new %-8s changed %-8s leaving %s\n",
               (long long)runs[i].run_id, cmd_when(c, runs[i].started_us),
               cmd_str(c, key_of(all, all_n, runs[i].integration_id)), run_kind_name(runs[i].kind),
               run_state_name(runs[i].state), cmd_count(c, runs[i].counts.read),
               cmd_count(c, runs[i].counts.joiners), cmd_count(c, runs[i].counts.changed),
               cmd_count(c, runs[i].counts.classes[CHANGE_LEAVERS]));
    if (n == 0)
        puts("nothing has run yet");
    return CMD_OK;
}

static void json_changes(struct json_writer *w, const struct version_change_row *rows, size_t n) {
    json_array(w, "changes");
    for (size_t i = 0; i < n; i++) {
        json_object(w, NULL);
        json_put_text(w, "person", rows[i].source_id);
        json_put_text(w, "name", rows[i].name);
        json_put_text(w, "field", rows[i].field);
        json_put_text(w, "old", rows[i].old.state == TEXT_MISSING ? TEXT_NONE : rows[i].old);
        json_put_text(w, "new", rows[i].new.state == TEXT_MISSING ? TEXT_NONE : rows[i].new);
        json_put_cstr(w, "class", change_class_name(rows[i].class));
        json_put_text(w, "rule", rows[i].rule);
        json_object_end(w);
    }
    json_array_end(w);
}

/* People who are shown in a narrower class, above, are not shown again. */
static void print_class(struct cmd *c, const struct run *r, enum change_class class) {
    int64_t n = r->counts.classes[class];
    bool others = false;
    for (int k = 0; k < CHANGE_CLASSES_N; k++)
        if (change_class_wider((enum change_class)k) == class && r->counts.classes[k] > 0) {
            n -= r->counts.classes[k];
            others = true;
        }
    printf("\n%s%s (%s)\n", others ? "other " : "", change_class_title(class), cmd_count(c, n));
}

static void print_by_class(struct cmd *c, const struct run *r,
                           const struct version_change_row *rows, size_t n) {
    enum change_class last = CHANGE_CLASSES_N;
    size_t shown = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].class != last) {
            last = rows[i].class;
            shown = 0;
            print_class(c, r, last);
        }
        if (++shown > CHANGES_TO_READ) {
            if (shown == CHANGES_TO_READ + 1)
                puts("  ... the rest: rollcall --json run show");
            continue;
        }
        struct buf b;
        buf_init(&b, 8000);
        change_sentence(cmd_str(c, rows[i].field), rows[i].old, rows[i].new,
                        cmd_str(c, rows[i].rule), &b);
        printf("  %-12s %s %s\n", cmd_str(c, rows[i].source_id), cmd_cell(c, rows[i].name, 28),
               cmd_str(c, text_from(b.ptr, b.len)));
        buf_done(&b);
    }
}

/* By name: whoever approved the run believed that these people were in it. */
static void json_left_out(struct json_writer *w, const struct version_left_out *people, size_t n) {
    json_array(w, "left_out");
    for (size_t i = 0; i < n; i++) {
        json_object(w, NULL);
        json_put_text(w, "person", people[i].source_id);
        json_put_text(w, "name", people[i].name);
        json_object_end(w);
    }
    json_array_end(w);
}

static void print_left_out(struct cmd *c, const struct version_left_out *people, size_t n) {
    if (n > 0)
        printf("\nleft out, because something else has changed them since (%s)\n",
               cmd_count(c, (int64_t)n));
    for (size_t i = 0; i < n && i < CHANGES_TO_READ; i++)
        printf("  %-12s %s\n", cmd_str(c, people[i].source_id), cmd_str(c, people[i].name));
    if (n > CHANGES_TO_READ)
        puts("  ... the rest: rollcall --json run show");
}

static enum rc_code print_difference(struct cmd *c, const struct company *co, const struct run *r) {
    struct version_difference d;
    if (r->other_run_id == 0 || r->state == RUN_SUPERSEDED)
        return RC_OK;
    enum rc_code rc =
        version_compare(c->store, co->company_id, r->other_run_id, r->run_id, &d, &c->err);
    if (rc == RC_OK)
        printf(
            "\nInstead of run %lld, which was held: %s people of it are no longer concerned, %s are new in this one, %s are in both but"
            " differ.\n",
            (long long)r->other_run_id, cmd_count(c, d.only_first), cmd_count(c, d.only_second),
            cmd_count(c, d.otherwise));
    return rc;
}

enum cmd_exit cmd_run_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct integration in;
    struct run r;
    struct version_change_row *rows;
    struct version_left_out *left_out;
    size_t n, left_out_n;
    int64_t id;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_run_of(c, ref, &co, &id)) != RC_OK ||
        (rc = run_get(c->store, co.company_id, id, &c->arena, &r, &c->err)) != RC_OK ||
        (rc = integration_get(c->store, co.company_id, r.integration_id, NULL, &c->arena, &in,
                              &c->err)) != RC_OK ||
        (rc = version_changes(c->store, co.company_id, id, CHANGES_MOST, &c->arena, &rows, &n,
                              &c->err)) != RC_OK ||
        (rc = version_left_outs(c->store, co.company_id, id, CHANGES_MOST, &c->arena, &left_out,
                                &left_out_n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        cmd_json_run(&j.w, "run", &co, &in.key, &r);
        json_changes(&j.w, rows, n);
        json_left_out(&j.w, left_out, left_out_n);
        cmd_json_end(&j);
        return CMD_OK;
    }
    cmd_summary_head(c, &co, &in, &r);
    print_by_class(c, &r, rows, n);
    print_left_out(c, left_out, left_out_n);
    if ((rc = print_difference(c, &co, &r)) != RC_OK)
        return cmd_fail(c, rc);
    if (r.decided_by.state == TEXT_SET)
        printf("\nDecided by %s: %s\n", cmd_str(c, r.decided_by), cmd_str(c, r.decided_because));
    cmd_summary_next(c, &co, &r);
    return CMD_OK;
}

static enum cmd_exit decide(struct cmd *c, int argc, char **argv, bool yes) {
    const char *ref, *reason = NULL;
    const struct cmd_option options[] = {
        { "reason", "TEXT", "why, for those who look at this later", .value = &reason }, { 0 }
    };
    struct company co;
    struct integration in;
    struct run r;
    int64_t id;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (reason == NULL || *reason == '\0')
        return cmd_misused(c, "say why, for those who look at this later: --reason \"...\"");
    if ((rc = cmd_open_key(c)) != RC_OK || (rc = cmd_run_of(c, ref, &co, &id)) != RC_OK)
        return cmd_fail(c, rc);
    rc = yes ? import_approve(c->store, c->key, &co, id, cmd_who(c), reason, c->clock, &c->arena,
                              &r, &c->err)
             : import_reject(c->store, &co, id, cmd_who(c), reason, c->clock, &c->arena, &r,
                             &c->err);
    if (rc != RC_OK || (rc = integration_get(c->store, co.company_id, r.integration_id, NULL,
                                             &c->arena, &in, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        cmd_json_run(&j.w, "run", &co, &in.key, &r);
        cmd_json_end(&j);
    } else if (yes) {
        cmd_summary(c, &co, &in, &r);
    } else {
        printf(
            "run %s is rejected: nothing has been changed, and nothing will be by it. While HR says the same, the next import asks again\n",
            ref);
    }
    return CMD_OK;
}

enum cmd_exit cmd_run_approve(struct cmd *c, int argc, char **argv) {
    return decide(c, argc, argv, true);
}

enum cmd_exit cmd_run_reject(struct cmd *c, int argc, char **argv) {
    return decide(c, argc, argv, false);
}
