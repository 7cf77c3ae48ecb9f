#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "sync/import.h"

enum { RUNS_SHOWN = 30 };

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
