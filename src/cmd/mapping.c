/* Mappings: written as drafts, checked when they are saved, looked at, made to count. */
#include <stdlib.h>
#include <string.h>
#include "cmd/mapping.h"
#include "cmd/progress.h"
#include "show/mapping.h"
#include "store/mapping_text.h"
#include "sync/mapped.h"

enum { MAPPINGS_SHOWN = 50 };

bool mapping_number(struct cmd *c, const char *word, int64_t *ret) {
    char *end;
    *ret = strcmp(word, "default") == 0 ? 0 : strtoll(word, &end, 10);
    if (strcmp(word, "default") == 0 || (*word != '\0' && *end == '\0' && *ret > 0))
        return true;
    cmd_misused(c, "\"%.40s\" is no mapping: write its number, or default", word);
    return false;
}

const char *mapping_title(struct cmd *c, int64_t mapping_id) {
    return mapping_id == 0 ? "the default mapping"
                           : arena_printf(&c->arena, "mapping %lld", (long long)mapping_id);
}

/* ---- looking ---- */

enum cmd_exit cmd_mapping_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct integration in;
    struct mapping_text *list;
    size_t n;
    enum rc_code rc;
    bool own = false;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, ref, false, &co, &in)) != RC_OK ||
        (rc = mapping_text_list(c->store, co.company_id, in.integration_id, MAPPINGS_SHOWN,
                                &c->arena, &list, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    for (size_t i = 0; i < n; i++)
        own |= list[i].state == MAPPING_TEXT_ACTIVE;
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "mappings");
        for (size_t i = 0; i < n; i++)
            show_mapping(&j.w, NULL, &list[i]);
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++)
        printf("%4lld  %-8s  made %s by %s%s%s%s%s\n", (long long)list[i].mapping_id,
               mapping_text_state_name(list[i].state), cmd_when(c, list[i].made_us),
               cmd_str(c, list[i].made_by), list[i].activated_us != 0 ? ", activated " : "",
               list[i].activated_us != 0 ? cmd_when(c, list[i].activated_us) : "",
               list[i].note.state == TEXT_SET ? ": " : "", cmd_str(c, list[i].note));
    if (!own)
        printf("the default mapping counts: rollcall mapping show %s default\n", ref);
    return CMD_OK;
}

enum cmd_exit cmd_mapping_show(struct cmd *c, int argc, char **argv) {
    const char *args[2] = { NULL }, *full = NULL;
    const struct cmd_option options[] = {
        { "full", NULL, "with the rules that the default adds", .value = &full }, { 0 }
    };
    struct company co;
    struct integration in;
    struct mapping_text t = { 0 };
    const struct mapping *m;
    struct buf b;
    enum rc_code rc;
    int64_t id = 0;
    if (!cmd_parse(c, argc, argv, options, 1, 2, args) ||
        (args[1] != NULL && !mapping_number(c, args[1], &id)))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, args[0], false, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    if (args[1] == NULL)
        (void)mapping_text_active(c->store, co.company_id, in.integration_id, &c->arena, &t, NULL);
    else if (id != 0 && (rc = mapping_text_get(c->store, co.company_id, in.integration_id, id,
                                               &c->arena, &t, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if ((rc = mapped_get(c->store, &in, t.mapping_id, &c->arena, &m, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_mapping_text(&j.w, &t, m, full != NULL);
        cmd_json_end(&j);
        return CMD_OK;
    }
    buf_init(&b, 1 << 20);
    if (full != NULL || t.mapping_id == 0)
        mapping_print(m, &b);
    else
        buf_append(&b, t.source.ptr, t.source.len);
    fwrite(b.ptr, 1, b.len, stdout);
    buf_done(&b);
    return CMD_OK;
}

enum cmd_exit cmd_mapping_diff(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *args[3] = { NULL };
    struct company co;
    struct integration in;
    const struct mapping *was, *becomes;
    struct mapping_difference *list;
    enum rc_code rc;
    int64_t from = 0, to = 0;
    if (!cmd_parse(c, argc, argv, options, 2, 3, args) ||
        !mapping_number(c, args[args[2] != NULL ? 2 : 1], &to) ||
        (args[2] != NULL && !mapping_number(c, args[1], &from)))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, args[0], false, &co, &in)) != RC_OK ||
        (rc = args[2] != NULL ? mapped_get(c->store, &in, from, &c->arena, &was, &c->err)
                              : mapped_current(c->store, &in, &c->arena, &was, &c->err)) != RC_OK ||
        (rc = mapped_get(c->store, &in, to, &c->arena, &becomes, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    size_t n = mapping_diff(was, becomes, &c->arena, &list);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "differences");
        for (size_t i = 0; i < n; i++) {
            json_object(&j.w, NULL);
            json_put_cstr(&j.w, "what", list[i].what);
            json_put_text(&j.w, "was", list[i].was.state == TEXT_SET ? list[i].was : TEXT_NONE);
            json_put_text(&j.w, "becomes",
                          list[i].becomes.state == TEXT_SET ? list[i].becomes : TEXT_NONE);
            json_object_end(&j.w);
        }
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++)
        printf("%s\n  was      %s\n  becomes  %s\n", cmd_str(c, text_of(list[i].what)),
               list[i].was.state == TEXT_MISSING ? "(nothing)" : cmd_str(c, list[i].was),
               list[i].becomes.state == TEXT_MISSING ? "(nothing)" : cmd_str(c, list[i].becomes));
    if (n == 0)
        puts("no difference: both make the same of everybody");
    return CMD_OK;
}

/* ---- writing ---- */

enum cmd_exit cmd_mapping_discard(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *args[2] = { NULL };
    struct company co;
    struct integration in;
    enum rc_code rc;
    int64_t id = 0;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args) || !mapping_number(c, args[1], &id))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, args[0], false, &co, &in)) != RC_OK ||
        (rc = mapping_text_remove(c->store, co.company_id, in.integration_id, id, &c->err)) !=
            RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_int(&j.w, "mapping", id);
        cmd_json_end(&j);
    } else {
        printf("draft %lld is thrown away\n", (long long)id);
    }
    return CMD_OK;
}

/* ---- making it count ---- */

/* What is stored is not enough: everybody is listed through the new mapping. */
static enum rc_code list_everybody(struct cmd *c, const struct company *co,
                                   const struct integration *in, int64_t mapping_id, bool preview,
                                   struct run *ret) {
    struct import_progress now = { 0 };
    struct import_options o = { .preview = preview,
                                .activates = true,
                                .mapping_id = mapping_id,
                                .who = cmd_who(c),
                                .clock = c->clock,
                                .progress = &now };
    struct progress *p = progress_start(&now, c->clock, c->json);
    enum rc_code rc = import_run(c->store, c->key, co, in, &o, &c->arena, ret, &c->err);
    progress_stop(p);
    return rc;
}

enum cmd_exit cmd_mapping_activate(struct cmd *c, int argc, char **argv) {
    const char *args[2] = { NULL }, *preview = NULL;
    const struct cmd_option options[] = {
        { "preview", NULL, "stop before anything is changed", .value = &preview }, { 0 }
    };
    struct company co;
    struct integration in;
    struct run r = { 0 };
    enum rc_code rc;
    int64_t id = 0;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args) || !mapping_number(c, args[1], &id))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, args[0], true, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    struct mapped_options o = { .mapping_id = id, .preview = preview != NULL, .clock = c->clock };
    rc = mapped_activate(c->store, c->key, &co, &in, &o, &c->arena, &r, &c->err);
    if (rc == RC_CONFLICT && strcmp(c->err.name, "mapping.reads-more") == 0)
        rc = list_everybody(c, &co, &in, id, preview != NULL, &r);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_int(&j.w, "mapping", id);
        if (r.run_id != 0)
            show_run(&j.w, "run", &co, in.key, &r);
        cmd_json_end(&j);
    } else if (r.run_id != 0) {
        cmd_summary(c, &co, &in, &r);
    }
    if (!c->json && (r.run_id == 0 || r.state == RUN_APPLIED))
        printf("%s counts from now on. To take it back, activate the one before.\n",
               mapping_title(c, id));
    return r.run_id != 0 ? cmd_run_exit(&r) : CMD_OK;
}
