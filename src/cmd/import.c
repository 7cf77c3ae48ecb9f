#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "sync/health.h"
#include "sync/import.h"

enum cmd_exit cmd_import(struct cmd *c, int argc, char **argv) {
    const char *ref, *preview = NULL, *person = NULL;
    const struct cmd_option options[] = {
        { "preview", NULL, "stop before anything is changed", .value = &preview },
        { "person", "ID", "one person only, by the id in HR", .value = &person },
        { 0 }
    };
    struct import_progress now = { 0 };
    struct company co;
    struct integration in;
    struct run r;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (person != NULL && *person == '\0')
        return cmd_misused(c, "--person wants the person's id in HR");
    if ((rc = cmd_integration_of(c, ref, true, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    struct import_options o = { .preview = preview != NULL,
                                .person = person,
                                .who = cmd_who(c),
                                .clock = c->clock,
                                .progress = &now };
    struct progress *p = progress_start(&now, c->clock, c->json);
    rc = import_run(c->store, c->key, &co, &in, &o, &c->arena, &r, &c->err);
    progress_stop(p);
    if (!o.preview && person == NULL)
        health_note(c->store, c->clock, in.company_id, in.integration_id, rc, &c->err);
    if (rc != RC_OK) {
        if (!c->json && r.run_id != 0)
            fprintf(stderr, "rollcall: run %s/%lld %s\n", cmd_str(c, co.key), (long long)r.run_id,
                    rc == RC_UNSURE ? "may have been applied, or not: see rollcall run list"
                                    : "has failed; the directory is as it was");
        return cmd_fail(c, rc);
    }
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_run(&j.w, "run", &co, in.key, &r);
        cmd_json_end(&j);
    } else {
        cmd_summary(c, &co, &in, &r);
    }
    return cmd_run_exit(&r);
}
