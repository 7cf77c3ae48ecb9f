#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "cmd/delivery.h"
#include "store/audit.h"
#include "sync/decided.h"
#include "sync/import.h"

enum { RUNS_SHOWN = 30 };

/* "COMPANY", "COMPANY/INTEGRATION" or "COMPANY/DESTINATION"; 0: the whole company. */
static enum rc_code subject_of(struct cmd *c, const char *ref, struct company *ret_co,
                               int64_t *ret_id) {
    struct integration in;
    struct platform p;
    if (strchr(ref, '/') == NULL)
        return cmd_company_of(c, ref, ret_co, NULL);
    if (cmd_platform_of(c, ref, false, ret_co, &p) == RC_OK) {
        *ret_id = p.destination_id;
        return RC_OK;
    }
    enum rc_code rc = cmd_integration_of(c, ref, false, ret_co, &in);
    if (rc == RC_OK)
        *ret_id = in.integration_id;
    return rc;
}

enum cmd_exit cmd_run_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct show_subjects all;
    struct show s;
    struct run *runs;
    int64_t subject_id = 0;
    size_t n;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = subject_of(c, ref, &co, &subject_id)) != RC_OK)
        return cmd_fail(c, rc);
    s = cmd_show(c);
    if ((rc = run_list(c->store, co.company_id, subject_id, RUNS_SHOWN, &c->arena, &runs, &n,
                       &c->err)) != RC_OK ||
        (rc = show_subjects(&s, &co, &all, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "runs");
        for (size_t i = 0; i < n; i++) {
            struct text key = show_subject_of(&all, &runs[i]);
            show_run(&j.w, NULL, &co, key, &runs[i]);
        }
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++)
        printf("%6lld  %-22s  %-12s %-7s %-11s  read %-9s new %-8s changed %-8s leaving %s\n",
               (long long)runs[i].run_id, cmd_when(c, runs[i].started_us),
               cmd_str(c, show_subject_of(&all, &runs[i])), run_kind_name(runs[i].kind),
               run_state_name(runs[i].state), cmd_count(c, runs[i].counts.read),
               cmd_count(c, runs[i].counts.joiners), cmd_count(c, runs[i].counts.changed),
               cmd_count(c, runs[i].counts.classes[CHANGE_LEAVERS]));
    if (n == 0)
        puts("nothing has run yet");
    return CMD_OK;
}

enum rc_code cmd_audit_decision(struct cmd *c, const struct company *co, const struct run *r,
                                bool yes, enum rc_code rc) {
    struct rc_error own = { 0 };
    bool is_decided = rc == RC_OK || (rc != RC_CONFLICT && r->decided_by.state == TEXT_SET);
    const char *what =
        arena_printf(&c->arena, "run %lld %s", (long long)r->run_id, yes ? "approved" : "rejected");
    enum rc_code noted = is_decided ? audit_add(c->store, co->company_id, clock_now_us(c->clock),
                                                cmd_who(c), what, rc == RC_OK ? &c->err : &own)
                                    : RC_OK;
    return rc == RC_OK ? noted : rc;
}

static enum cmd_exit decide(struct cmd *c, int argc, char **argv, bool yes) {
    const char *ref, *reason = NULL;
    const struct cmd_option options[] = {
        { "reason", "TEXT", "why, for those who look at this later", .value = &reason }, { 0 }
    };
    struct company co;
    struct integration in;
    struct run r = { 0 };
    int64_t id;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (reason == NULL || *reason == '\0')
        return cmd_misused(c, "say why, for those who look at this later: --reason \"...\"");
    if ((rc = cmd_open_key(c)) != RC_OK || (rc = cmd_run_of(c, ref, &co, &id)) != RC_OK)
        return cmd_fail(c, rc);
    if (run_get(c->store, co.company_id, id, &c->arena, &r, NULL) == RC_OK && r.destination_id != 0)
        return delivery_decide(c, &co, id, yes, reason);
    rc = yes ? import_approve(c->store, c->key, &co, id, cmd_who(c), reason, c->clock, &c->arena,
                              &r, &c->err)
             : import_reject(c->store, &co, id, cmd_who(c), reason, c->clock, &c->arena, &r,
                             &c->err);
    rc = cmd_audit_decision(c, &co, &r, yes, rc);
    /* For `rollcall serve`, should it run. An error says what it says: this is beside it. */
    if (rc == RC_OK && yes)
        rc = decided_deliver(c->store, &r, clock_now_us(c->clock), &c->arena, &c->err);
    else if (rc == RC_UNSURE && r.state == RUN_APPLIED)
        decided_deliver(c->store, &r, clock_now_us(c->clock), &c->arena, NULL);
    if (rc != RC_OK || (rc = integration_get(c->store, co.company_id, r.integration_id, NULL,
                                             &c->arena, &in, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_run(&j.w, "run", &co, in.key, &r);
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
