/* The question after somebody else's bad night: would it have happened to us? */
#include <string.h>
#include "base/log.h"
#include "cmd/cmd.h"
#include "sync/drill.h"

static const char *said(enum drill_by by) {
    switch (by) {
    case DRILL_BY_NOTHING: return "THROUGH";
    case DRILL_BY_PROOF:
    case DRILL_BY_HALF_KNOWN:
    case DRILL_BY_LOOK_UP:
    case DRILL_BY_LIMIT: return "stopped";
    case DRILL_NO_EFFECT: return "no harm";
    case DRILL_NOT_TRIED: break;
    }
    return "-";
}

static const char *rule(enum drill_by by) {
    switch (by) {
    case DRILL_BY_NOTHING: return "by nothing: this would have happened unasked:";
    case DRILL_BY_PROOF: return "by the proof that a list is complete:";
    case DRILL_BY_HALF_KNOWN: return "by the rule that half of those known must appear:";
    case DRILL_BY_LOOK_UP: return "by the look-ups by id, so that nobody is taken for gone:";
    case DRILL_BY_LIMIT: return "by the guard, which holds the run until a person decides:";
    case DRILL_NO_EFFECT: return "nothing to stop:";
    case DRILL_NOT_TRIED: break;
    }
    return "not tried:";
}

static void show_json(const struct company *co, const struct integration *in,
                      const struct drill *d) {
    struct cmd_json j;
    cmd_json_begin(&j);
    json_object(&j.w, "drill");
    json_put_text(&j.w, "company", co->key);
    json_put_text(&j.w, "integration", in->key);
    json_put_int(&j.w, "people", d->people);
    json_put_int(&j.w, "through", (int64_t)d->through_n);
    json_array(&j.w, "results");
    for (size_t i = 0; i < d->results_n; i++) {
        const struct drill_result *r = &d->results[i];
        json_object(&j.w, NULL);
        json_put_cstr(&j.w, "name", r->name);
        json_put_cstr(&j.w, "title", r->title);
        json_put_bool(&j.w, "through", r->by == DRILL_BY_NOTHING);
        json_put_cstr(&j.w, "by", drill_by_name(r->by));
        json_put_int(&j.w, "people", r->people);
        json_array(&j.w, "texts");
        for (size_t k = 0; k < r->texts_n; k++)
            json_put_text(&j.w, NULL, r->texts[k]);
        json_array_end(&j.w);
        json_object_end(&j.w);
    }
    json_array_end(&j.w);
    json_object_end(&j.w);
    cmd_json_end(&j);
}

static void show_text(struct cmd *c, const struct company *co, const struct integration *in,
                      const struct drill *d) {
    printf("%s/%s: what would have stopped it, played with the %s people whom HR lists today\n"
           "(nothing is written, and HR is not asked)\n",
           cmd_str(c, co->key), cmd_str(c, in->key), cmd_count(c, d->people));
    for (size_t i = 0; i < d->results_n; i++) {
        const struct drill_result *r = &d->results[i];
        printf("\n%-8s %s", said(r->by), r->title);
        if (r->people > 0)
            printf(" (%s people)", cmd_count(c, r->people));
        printf("\n         %s\n", rule(r->by));
        for (size_t k = 0; k < r->texts_n; k++)
            cmd_wrap(c, "         ", r->texts[k]);
    }
    if (d->through_n > 0)
        printf("\n%zu would have gone through unasked. The limits that would have held it: "
               "docs/guard.md, `rollcall integration set %s/%s --limits`\n",
               d->through_n, cmd_str(c, co->key), cmd_str(c, in->key));
    else
        puts("\nNothing would have gone through unasked.");
}

enum cmd_exit cmd_guard_drill(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct integration in;
    struct drill d;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    enum rc_code rc = cmd_integration_of(c, ref, true, &co, &in);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    log_set_level(LOG_LEVEL_ERROR); /* the warnings of disasters that are only played */
    if ((rc = drill_run(c->store, c->key, &co, &in, c->clock, &c->arena, &d, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    c->json ? show_json(&co, &in, &d) : show_text(c, &co, &in, &d);
    return d.through_n > 0 ? CMD_FAILED : CMD_OK;
}
