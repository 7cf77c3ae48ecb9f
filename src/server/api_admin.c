/* Administering: who the caller is, companies, tokens, the audit log. */
#include <string.h>

#include "server/api_p.h"
#include "store/audit.h"

enum { NAME_BYTES = 200, DAYS_MOST = 3650 };

enum rc_code api_self(struct api_call *c, struct rc_error *err) {
    struct company own;
    bool has = c->token.company_id != 0;
    enum rc_code rc = has ? company_get(c->st, c->token.company_id, c->arena, &own, err) : RC_OK;
    if (rc != RC_OK)
        return rc;
    json_put_cstr(&c->w, "version", ROLLCALL_VERSION);
    show_token(&c->w, "token", has ? &own : NULL, &c->token);
    return RC_OK;
}

/* ---- companies ---- */

enum rc_code api_company_list(struct api_call *c, struct rc_error *err) {
    struct company *all;
    size_t n;
    enum rc_code rc = company_list(c->st, c->arena, &all, &n, err);
    json_array(&c->w, "companies");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if (c->token.company_id == 0 || c->token.company_id == all[i].company_id)
            show_company(&c->w, NULL, &all[i]);
    json_array_end(&c->w);
    return rc;
}

enum rc_code api_company_add(struct api_call *c, struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    const char *key, *name, *zone;
    int64_t id;
    enum rc_code rc = api_text(c, "company", true, NAME_BYTES, &key, err);
    if (rc != RC_OK || (rc = api_text(c, "name", false, NAME_BYTES, &name, err)) != RC_OK ||
        (rc = api_text(c, "zone", false, NAME_BYTES, &zone, err)) != RC_OK)
        return rc;
    zone = zone != NULL ? zone : "Europe/Berlin";
    if (company_key_check(key, "company", err) != RC_OK || zone_open(zone, &z, err) != RC_OK)
        return rc_fail_as(err, RC_INVALID, "request.body", "%s",
                          arena_printf(c->arena, "%s", err->text));
    if ((rc = company_add_by(c->st, key, name != NULL ? name : key, zone, c->who, c->now_us, &id,
                             err)) != RC_OK ||
        (rc = company_get(c->st, id, c->arena, &c->company, err)) != RC_OK)
        return rc;
    show_company(&c->w, "company", &c->company);
    c->status = 201;
    return RC_OK;
}

/* ---- tokens ---- of the company in the path, or of the installation */

static const struct company *company_of(const struct api_call *c) {
    return c->company.company_id != 0 ? &c->company : NULL;
}

enum rc_code api_token_list(struct api_call *c, struct rc_error *err) {
    struct token *list;
    size_t n;
    enum rc_code rc = token_list(c->st, c->company.company_id, c->arena, &list, &n, err);
    json_array(&c->w, "tokens");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        show_token(&c->w, NULL, company_of(c), &list[i]);
    json_array_end(&c->w);
    return rc;
}

static enum rc_code read_days(const struct api_call *c, int64_t *ret_expires_us,
                              struct rc_error *err) {
    const int64_t day_us = INT64_C(86400000000);
    json v = json_get(c->body, "days");
    int64_t days = 0;
    if (json_type(v) == JSON_MISSING || json_type(v) == JSON_NULL) {
        *ret_expires_us = 0;
        return RC_OK;
    }
    if (json_type(v) != JSON_INT || !json_int(v, &days) || days < 1 || days > DAYS_MOST)
        return rc_fail_as(err, RC_INVALID, "request.body", "days is a number from 1 to %d",
                          DAYS_MOST);
    *ret_expires_us = c->now_us + days * day_us;
    return RC_OK;
}

static enum rc_code add_token(struct api_call *c, struct token *t, char text[TOKEN_TEXT_BYTES],
                              struct rc_error *err) {
    enum rc_code rc = db_begin(c->st->db, err);
    if (rc != RC_OK)
        return rc;
    rc = token_add(c->st, t, c->arena, text, err);
    if (rc == RC_OK && t->company_id != 0)
        rc = audit_add(c->st, t->company_id, c->now_us, c->who,
                       arena_printf(c->arena, "token %.*s (%.*s, %s) made", TEXT_ARG(t->token_id),
                                    TEXT_ARG(t->name), token_right_name(t->right)),
                       err);
    if (rc == RC_OK)
        return db_commit(c->st->db, err);
    db_rollback(c->st->db);
    return rc;
}

enum rc_code api_token_add(struct api_call *c, struct rc_error *err) {
    struct token t = { .company_id = c->company.company_id,
                       .made_by = text_of(c->who),
                       .made_us = c->now_us };
    char text[TOKEN_TEXT_BYTES];
    const char *name, *right;
    enum rc_code rc = api_text(c, "name", true, NAME_BYTES, &name, err);
    if (rc != RC_OK || (rc = api_text(c, "right", true, NAME_BYTES, &right, err)) != RC_OK ||
        (rc = read_days(c, &t.expires_us, err)) != RC_OK)
        return rc;
    t.name = text_of(name);
    if ((t.right = token_right_parse(right)) == 0)
        return rc_fail_as(err, RC_INVALID, "request.body",
                          "right is one of read, operate, administer");
    if ((rc = add_token(c, &t, text, err)) != RC_OK)
        return rc;
    show_token(&c->w, "token", company_of(c), &t);
    json_put_cstr(&c->w, "secret", text); /* this once */
    secret_wipe(text, sizeof text);
    c->status = 201;
    return RC_OK;
}

static enum rc_code drop_token(struct api_call *c, struct text id, struct rc_error *err) {
    int64_t company_id = c->company.company_id;
    enum rc_code rc = db_begin(c->st->db, err);
    if (rc != RC_OK)
        return rc;
    rc = token_drop(c->st, company_id, id, err);
    if (rc == RC_OK && company_id != 0)
        rc = audit_add(c->st, company_id, c->now_us, c->who,
                       arena_printf(c->arena, "token %.*s revoked", TEXT_ARG(id)), err);
    if (rc == RC_OK)
        return db_commit(c->st->db, err);
    db_rollback(c->st->db);
    return rc;
}

enum rc_code api_token_drop(struct api_call *c, struct rc_error *err) {
    const char *id = c->parts[c->company.company_id != 0 ? 1 : 0];
    enum rc_code rc = drop_token(c, text_of(id), err);
    c->status = 204;
    return rc;
}

/* ---- the audit log ---- */

enum rc_code api_audit_list(struct api_call *c, struct rc_error *err) {
    struct audit *list;
    int64_t most, before;
    size_t n;
    enum rc_code rc = api_limit(c, &most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &before, err)) != RC_OK ||
        (rc = audit_list(c->st, c->company.company_id, before, (size_t)most + 1, c->arena, &list,
                         &n, err)) != RC_OK)
        return rc;
    size_t shown = n > (size_t)most ? (size_t)most : n;
    json_array(&c->w, "entries");
    for (size_t i = 0; i < shown; i++)
        show_audit(&c->w, NULL, &list[i]);
    json_array_end(&c->w);
    api_put_next(c, n > shown ? list[shown - 1].audit_id : 0);
    return RC_OK;
}
