/* Credentials: they go in, and never come out again. */
#include <string.h>
#include "secret/secret.h"
#include "store/audit.h"
#include "sync/config_p.h"
#include "sync/delivery.h"
#include "sync/import.h"
#include "sync/timetable.h"

enum { SECRET_BYTES = 8192 };

static const struct setting *find(const struct setting *all, const char *key,
                                  const char **ret_best) {
    *ret_best = all->key;
    for (const struct setting *s = all; s->key != NULL; s++) {
        if (s->secret && strcmp(s->key, key) == 0)
            return s;
        if (s->secret && text_slips(text_of(key), s->key) < text_slips(text_of(key), *ret_best))
            *ret_best = s->key;
    }
    return NULL;
}

static enum rc_code check(const struct setting *all, json given, struct arena *a,
                          struct rc_error *err) {
    json key, value;
    const char *name, *s, *best;
    size_t len;
    for (struct json_iter it = json_iter(given); json_next(&it, &key, &value);) {
        if (!json_str(key, &name, &len))
            continue;
        name = arena_str(a, name, len);
        if (find(all, name, &best) == NULL)
            return rc_fail_as(err, RC_INVALID, "setting",
                              "\"%.60s\" is no credential of it; did you mean \"%s\"?", name, best);
        if (!json_str(value, &s, &len) || len == 0 || len > SECRET_BYTES ||
            memchr(s, '\0', len) != NULL)
            return rc_fail_as(err, RC_INVALID, "setting", "\"%s\" is a text", name);
    }
    return RC_OK;
}

/* What was there, and over it what is given. */
static enum rc_code merge(const struct setting *all, struct text kept, json given, struct arena *a,
                          struct text *ret, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct json_writer w;
    struct buf b;
    const char *s;
    size_t len;
    json old = NULL;
    enum rc_code rc = RC_OK;
    if (kept.state == TEXT_SET)
        (void)json_parse_copy(r, kept.ptr, kept.len, &old, NULL);
    buf_init(&b, 1 << 20);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (const struct setting *k = all; k->key != NULL; k++) {
        if (!k->secret)
            continue;
        if (json_str(json_get(given, k->key), &s, &len) ||
            json_str(json_get(old, k->key), &s, &len))
            json_put_str(&w, k->key, s, len);
        else if (k->required)
            rc = rc_fail_as(err, RC_INVALID, "setting", "\"%s\" is missing: %s", k->key, k->help);
    }
    json_object_end(&w);
    *ret = text_copy(a, text_from(b.ptr, b.len));
    secret_wipe(b.ptr, b.len);
    buf_done(&b);
    return rc;
}

/* Opened once with them, so that what makes no sense is refused now; and kept. */
static enum rc_code keep(struct store *st, const struct config_options *o, struct config_object *of,
                         struct arena *a, struct rc_error *err) {
    RC_CLEANUP(source_closep) struct source *source = NULL;
    RC_CLEANUP(destination_closep) struct destination *destination = NULL;
    int64_t now_us = clock_now_us(o->clock);
    bool imports = of->kind == CONFIG_INTEGRATION, mine;
    enum rc_code rc = imports ? import_connect(&of->in, mapping_default(a), o->clock, &source, err)
                              : delivery_connect(&of->p, NULL, o->clock, &destination, err);
    if (rc != RC_OK || (rc = store_join(st, &mine, err)) != RC_OK)
        return rc;
    rc = imports ? integration_save(st, o->key, &of->in, err)
                 : platform_save(st, o->key, &of->p, err);
    if (rc == RC_OK && imports)
        rc = timetable_mended(st, &of->in, now_us, err);
    if (rc == RC_OK)
        rc = audit_add(st, imports ? of->in.company_id : of->p.company_id, now_us, o->who,
                       arena_printf(a, "credentials of %s %.*s set",
                                    imports ? "integration" : "destination", TEXT_ARG(of->key)),
                       err);
    return store_leave(st, mine, rc, err);
}

enum rc_code config_credentials(struct store *st, const struct company *co, enum config_kind kind,
                                const char *key, json given, const struct config_options *o,
                                struct arena *a, struct rc_error *err) {
    struct config_object of;
    enum rc_code rc;
    config_object_init(&of, kind, text_of(key));
    rc = kind == CONFIG_INTEGRATION
             ? integration_find(st, co->company_id, key, o->key, a, &of.in, err)
             : platform_find(st, co->company_id, key, o->key, a, &of.p, err);
    if (rc != RC_OK)
        return rc;
    if (!config_find_settings(&of))
        return rc_fail(err, RC_FATAL, "this program does not know its system");
    if (json_type(given) != JSON_OBJECT || json_size(given) == 0)
        return rc_fail_as(err, RC_INVALID, "setting", "give credentials by their names");
    struct text *secrets = kind == CONFIG_INTEGRATION ? &of.in.secrets : &of.p.secrets;
    if ((rc = check(of.settings, given, a, err)) != RC_OK ||
        (rc = merge(of.settings, *secrets, given, a, secrets, err)) != RC_OK)
        return rc;
    return keep(st, o, &of, a, err);
}
