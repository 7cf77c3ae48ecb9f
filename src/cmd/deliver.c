/* From the directory to the platform: deliver, and sync, which imports first. */
#include <string.h>
#include "cmd/delivery.h"
#include "cmd/progress.h"
#include "sync/delivery.h"
#include "sync/health.h"
#include "sync/steps.h"

enum rc_code cmd_platform_of(struct cmd *c, const char *ref, bool with_secrets, struct company *ret,
                             struct platform *ret_platform) {
    const char *key = NULL;
    enum rc_code rc = with_secrets ? cmd_open_key(c) : cmd_open(c);
    if (rc != RC_OK || (rc = cmd_company_of(c, ref, ret, &key)) != RC_OK)
        return rc;
    if (key == NULL || *key == '\0')
        return rc_fail_as(&c->err, RC_INVALID, "reference", "name it as COMPANY/DESTINATION");
    return platform_find(c->store, ret->company_id, key, with_secrets ? c->key : NULL, &c->arena,
                         ret_platform, &c->err);
}

/* What had been interrupted came first; it may have been all that there was to do. */
static enum rc_code say_resumed(struct cmd *c, const struct company *co, const struct platform *p,
                                int64_t run_id, const struct run *r) {
    struct run left;
    if (run_id == 0 || c->json)
        return RC_OK;
    printf("Run %s/%lld had been interrupted, and has been gone on with to its end.\n",
           cmd_str(c, co->key), (long long)run_id);
    if (r->run_id == run_id)
        return RC_OK;
    enum rc_code rc = run_get(c->store, co->company_id, run_id, &c->arena, &left, &c->err);
    if (rc == RC_OK) {
        delivery_summary(c, co, p, &left);
        putchar('\n');
    }
    return rc;
}

/* Both as far as progress and failure are concerned; steps NULL: one delivery of its own. */
static enum rc_code deliver(struct cmd *c, const struct company *co, const struct platform *p,
                            struct delivery_options *o, struct steps *steps, struct run *ret) {
    struct delivery_progress now = { 0 };
    struct progress *shown = progress_start_delivery(&now, c->clock, c->json);
    enum rc_code rc;
    if (steps != NULL)
        rc = steps_deliver(steps, &now, ret, &c->err);
    else {
        o->who = cmd_who(c);
        o->clock = c->clock;
        o->progress = &now;
        rc = delivery_run(c->store, c->key, co, p, o, &c->arena, ret, &c->err);
        if (!o->preview)
            health_note_delivery(c->store, c->clock, p, ret, &now, rc, &c->err);
    }
    progress_stop(shown);
    if (rc != RC_OK && ret->run_id != 0 && !c->json)
        fprintf(stderr, "rollcall: run %s/%lld %s\n", cmd_str(c, co->key), (long long)ret->run_id,
                ret->state == RUN_PASSED ? "was interrupted; the next delivery goes on with it"
                                         : "has failed; what was not tried is tried next time");
    return rc == RC_OK ? say_resumed(c, co, p, now.resumed, ret) : rc;
}

static void say(struct cmd *c, const struct company *co, const struct platform *p,
                const struct run *r) {
    if (r->run_id == 0)
        printf("%s/%s: nothing is due; %s\n", cmd_str(c, co->key), cmd_str(c, p->key),
               delivery_nothing(c, co, p));
    else
        delivery_summary(c, co, p, r);
}

enum cmd_exit cmd_deliver(struct cmd *c, int argc, char **argv) {
    const char *ref, *preview = NULL, *lists = NULL;
    const struct cmd_option options[] = {
        { "preview", NULL, "stop before anything is sent", .value = &preview },
        { "inventory", NULL, "read all of the platform's accounts first, due or not",
          .value = &lists },
        { 0 }
    };
    struct company co;
    struct platform p;
    struct run r;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    struct delivery_options o = { .preview = preview != NULL, .lists = lists != NULL };
    if ((rc = cmd_platform_of(c, ref, true, &co, &p)) != RC_OK ||
        (rc = deliver(c, &co, &p, &o, NULL, &r)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        rc = delivery_json(c, &j.w, NULL, &co, &p, &r);
        if (rc != RC_OK)
            return cmd_fail(c, rc);
        cmd_json_end(&j);
    } else
        say(c, &co, &p, &r);
    return r.run_id == 0 ? CMD_OK : cmd_run_exit(&r);
}

/* ---- sync ---- */

static enum rc_code import(struct cmd *c, struct steps *s) {
    struct import_progress now = { 0 };
    struct progress *shown = progress_start(&now, c->clock, c->json);
    enum rc_code rc = steps_import(s, &now, &c->err);
    progress_stop(shown);
    return rc;
}

static enum cmd_exit worse(enum cmd_exit a, enum cmd_exit b) {
    if (a == CMD_FAILED || b == CMD_FAILED)
        return CMD_FAILED;
    return a == CMD_HELD || b == CMD_HELD ? CMD_HELD : CMD_OK;
}

/* The first delivery that did: what somebody who looks for an error alone is told. */
struct failed {
    enum rc_code rc;
    struct rc_error err;
};

/* One that failed keeps nobody from being closed on the others. */
static enum cmd_exit tell_failed(struct cmd *c, const struct company *co, const struct platform *p,
                                 const struct run *r, enum rc_code rc, struct json_writer *w) {
    if (!c->json) {
        cmd_say_error(arena_printf(&c->words, "%s/%s", cmd_str(c, co->key), cmd_str(c, p->key)),
                      &c->err);
        return CMD_FAILED;
    }
    json_object(w, NULL);
    json_put_text(w, "destination", p->key);
    if (r->run_id != 0)
        show_run(w, "run", co, p->key, r);
    else
        json_put_null(w, "run");
    cmd_put_error(w, rc, &c->err);
    json_object_end(w);
    return CMD_FAILED;
}

/* What is shown of one delivery of a sync; what cannot be read to show it has failed as well. */
static enum cmd_exit deliver_one(struct cmd *c, struct steps *s, struct json_writer *w,
                                 struct failed *ret) {
    const struct platform *p = s->platform;
    struct run r = { 0 };
    enum rc_code rc = deliver(c, s->company, p, NULL, s, &r);
    if (rc == RC_OK && c->json)
        rc = delivery_json(c, w, "", s->company, p, &r);
    if (rc != RC_OK) {
        if (ret->rc == RC_OK)
            *ret = (struct failed){ rc, c->err };
        return tell_failed(c, s->company, p, &r, rc, w);
    }
    if (!c->json)
        say(c, s->company, p, &r);
    return r.run_id != 0 ? cmd_run_exit(&r) : CMD_OK;
}

enum cmd_exit cmd_sync(struct cmd *c, int argc, char **argv) {
    const char *ref, *preview = NULL;
    const struct cmd_option options[] = {
        { "preview", NULL, "say what would happen on both sides, and change nothing",
          .value = &preview },
        { 0 }
    };
    struct company co;
    struct integration in;
    struct cmd_json j;
    struct failed failed = { 0 };
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, ref, true, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    struct steps s = { .st = c->store,
                       .key = c->key,
                       .clock = c->clock,
                       .who = cmd_who(c),
                       .arena = &c->arena,
                       .company = &co,
                       .in = &in,
                       .preview = preview != NULL };
    if ((rc = steps_begin(&s, &c->err)) != RC_OK || (rc = import(c, &s)) != RC_OK)
        return cmd_fail(c, rc);
    enum cmd_exit result = cmd_run_exit(&s.imported);
    if (c->json) {
        cmd_json_begin(&j);
        show_run(&j.w, "import", &co, in.key, &s.imported);
        json_array(&j.w, "deliveries");
    } else
        cmd_summary(c, &co, &in, &s.imported);
    while (steps_next(&s)) {
        if (!c->json)
            putchar('\n');
        result = worse(result, deliver_one(c, &s, &j.w, &failed));
    }
    if (c->json) {
        json_array_end(&j.w);
        if (failed.rc != RC_OK)
            cmd_put_error(&j.w, failed.rc, &failed.err);
        cmd_json_end(&j);
    } else if (s.fed == 0)
        printf("\nNo destination is fed by %s/%s: rollcall destination add makes one\n",
               cmd_str(c, co.key), cmd_str(c, in.key));
    return result;
}

/* ---- a person decides ---- */

enum cmd_exit delivery_decide(struct cmd *c, const struct company *co, int64_t run_id, bool yes,
                              const char *because) {
    struct delivery_progress now = { 0 };
    struct delivery_options o = { .who = cmd_who(c), .clock = c->clock, .progress = &now };
    struct platform p;
    struct run r = { 0 };
    enum rc_code rc;
    if (yes) {
        struct progress *shown = progress_start_delivery(&now, c->clock, c->json);
        rc = delivery_approve(c->store, c->key, co, run_id, because, &o, &c->arena, &r, &c->err);
        progress_stop(shown);
    } else
        rc = delivery_reject(c->store, co, run_id, because, &o, &c->arena, &r, &c->err);
    if ((rc = cmd_audit_decision(c, co, &r, yes, rc)) != RC_OK ||
        (rc = platform_get(c->store, co->company_id, r.destination_id, NULL, &c->arena, &p,
                           &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        rc = delivery_json(c, &j.w, NULL, co, &p, &r);
        if (rc != RC_OK)
            return cmd_fail(c, rc);
        cmd_json_end(&j);
    } else if (yes)
        delivery_summary(c, co, &p, &r);
    else if (r.state == RUN_FAILED)
        printf(
            "run %s/%lld is ended: what is not known to be done is looked up by the next delivery, "
            "and the rest was not tried. What HR and the platform say is planned anew then: "
            "rollcall destination pause %s/%s keeps it from that\n",
            cmd_str(c, co->key), (long long)run_id, cmd_str(c, co->key), cmd_str(c, p.key));
    else
        printf(
            "run %s/%lld is rejected: nothing has been sent, and nothing will be by it. While HR and "
            "the platform say the same, the next delivery asks again\n",
            cmd_str(c, co->key), (long long)run_id);
    return CMD_OK;
}
