/* Mappings: looked at, checked, drafted, thrown away, made to count. */
#include <stdlib.h>
#include <string.h>
#include "server/api_config_p.h"
#include "show/mapping.h"
#include "store/audit.h"

enum { MAPPINGS_SHOWN = 50, NOTE_BYTES = 1000 };

static enum rc_code find(struct api_call *c, bool with_secrets, struct integration *ret,
                         struct rc_error *err) {
    return integration_find(c->st, c->company.company_id, c->parts[1], with_secrets ? c->key : NULL,
                            c->arena, ret, err);
}

/* {mapping}: a number, or "default": 0. */
static enum rc_code number(const struct api_call *c, int64_t *ret, struct rc_error *err) {
    *ret = 0;
    if (strcmp(c->parts[2], "default") == 0)
        return RC_OK;
    return api_number(c->parts[2], "mapping", ret, err);
}

enum rc_code api_mapping_list(struct api_call *c, struct rc_error *err) {
    struct integration in;
    struct mapping_text *list;
    size_t n;
    enum rc_code rc = find(c, false, &in, err);
    if (rc != RC_OK || (rc = mapping_text_list(c->st, in.company_id, in.integration_id,
                                               MAPPINGS_SHOWN, c->arena, &list, &n, err)) != RC_OK)
        return rc;
    json_array(&c->w, "mappings");
    for (size_t i = 0; i < n; i++)
        show_mapping(&c->w, NULL, &list[i]);
    json_array_end(&c->w);
    return RC_OK;
}

/* A number, "default", or "active": the one that counts. */
enum rc_code api_mapping_show(struct api_call *c, struct rc_error *err) {
    struct mapping_text t = { 0 };
    const struct mapping *m;
    struct integration in;
    int64_t id = 0;
    enum rc_code rc = find(c, false, &in, err);
    if (rc != RC_OK)
        return rc;
    if (strcmp(c->parts[2], "active") == 0) {
        rc = mapping_text_active(c->st, in.company_id, in.integration_id, c->arena, &t, err);
        rc = rc == RC_NOT_FOUND ? RC_OK : rc;
    } else if ((rc = number(c, &id, err)) == RC_OK && id != 0)
        rc = mapping_text_get(c->st, in.company_id, in.integration_id, id, c->arena, &t, err);
    if (rc != RC_OK || (rc = mapped_get(c->st, &in, t.mapping_id, c->arena, &m, err)) != RC_OK)
        return rc;
    show_mapping_text(&c->w, &t, m, false);
    return RC_OK;
}

/* What is wrong with it is an answer; HR may be asked which attributes there are. */
static enum rc_code check(struct api_call *c, const char *text, struct integration *in,
                          struct mapped_checked *ret, struct rc_error *err) {
    enum rc_code rc = find(c, true, in, err);
    if (rc != RC_OK)
        return rc;
    return mapped_check(in, text_of(text), &(struct mapped_source){ .clock = c->serve->clock },
                        c->arena, ret, err);
}

enum rc_code api_mapping_check(struct api_call *c, struct rc_error *err) {
    struct mapped_checked k = { 0 };
    struct integration in;
    const char *text;
    enum rc_code rc = api_text(c, "text", true, MAPPING_TEXT_BYTES, &text, err);
    if (rc != RC_OK)
        return rc;
    rc = check(c, text, &in, &k, err);
    if (rc != RC_OK && (rc != RC_INVALID || k.findings.n == 0))
        return rc;
    json_put_bool(&c->w, "ok", rc == RC_OK);
    show_mapping_checked(&c->show, &c->w, &in, &k);
    return RC_OK;
}

enum rc_code api_mapping_add(struct api_call *c, struct rc_error *err) {
    struct mapping_text t = { .made_by = text_of(c->who), .made_us = c->now_us };
    struct mapped_checked k = { 0 };
    struct integration in;
    const char *text, *note;
    enum rc_code rc = api_text(c, "text", true, MAPPING_TEXT_BYTES, &text, err);
    if (rc != RC_OK || (rc = api_text(c, "note", false, NOTE_BYTES, &note, err)) != RC_OK ||
        (rc = check(c, text, &in, &k, err)) != RC_OK)
        return rc;
    t.source = text_of(text);
    t.note = text_of(note);
    if ((rc = mapping_text_add(c->st, in.company_id, in.integration_id, &t, &t.mapping_id, err)) !=
        RC_OK)
        return rc;
    json_put_int(&c->w, "mapping", t.mapping_id);
    show_mapping_checked(&c->show, &c->w, &in, &k);
    c->status = 201;
    return RC_OK;
}

enum rc_code api_mapping_drop(struct api_call *c, struct rc_error *err) {
    struct integration in;
    int64_t id;
    enum rc_code rc = find(c, false, &in, err);
    c->status = 204;
    if (rc != RC_OK || (rc = number(c, &id, err)) != RC_OK)
        return rc;
    return mapping_text_remove(c->st, in.company_id, in.integration_id, id, err);
}

/* Everybody stored is looked at through it now, as long as that takes. Where they have to be listed first, that is
 * an errand. */
enum rc_code api_mapping_activate(struct api_call *c, struct rc_error *err) {
    struct mapped_options o = { .clock = c->serve->clock };
    struct integration in;
    struct run r = { 0 };
    enum rc_code rc = find(c, true, &in, err);
    if (rc != RC_OK || (rc = number(c, &o.mapping_id, err)) != RC_OK)
        return rc;
    rc = mapped_activate(c->st, c->key, &c->company, &in, &o, c->arena, &r, err);
    if (rc == RC_CONFLICT && err->name != NULL && strcmp(err->name, "mapping.reads-more") == 0)
        return api_errand_activate(c, in.integration_id, o.mapping_id, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = audit_add(c->st, in.company_id, c->now_us, c->who,
                        arena_printf(c->arena, "mapping %s of integration %s to count", c->parts[2],
                                     c->parts[1]),
                        err)) != RC_OK)
        return rc;
    json_put_int(&c->w, "mapping", o.mapping_id);
    json_put_bool(&c->w, "active", r.run_id == 0 || r.state == RUN_APPLIED);
    if (r.run_id != 0)
        show_run(&c->w, "run", &c->company, in.key, &r);
    else
        json_put_null(&c->w, "run");
    return RC_OK;
}
