/* Tokens for the API, and the audit log. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "store/audit.h"
#include "store/token.h"

/* ---- tokens ---- of a company, or of the installation where none is named */

static enum rc_code owner_of(struct cmd *c, const char *ref, struct company *ret) {
    *ret = (struct company){ 0 };
    return ref != NULL ? cmd_company_of(c, ref, ret, NULL) : cmd_open(c);
}

static enum rc_code in_one(struct cmd *c, const struct company *co, struct token *t, bool makes,
                           char text[TOKEN_TEXT_BYTES]) {
    enum rc_code rc = db_begin(c->store->db, &c->err);
    if (rc != RC_OK)
        return rc;
    rc = makes ? token_add(c->store, t, &c->arena, text, &c->err)
               : token_drop(c->store, co->company_id, t->token_id, &c->err);
    if (rc == RC_OK && co->company_id != 0)
        rc = audit_add(c->store, co->company_id, clock_now_us(c->clock), cmd_who(c),
                       arena_printf(&c->arena, "token %s %s", cmd_str(c, t->token_id),
                                    makes ? "made" : "revoked"),
                       &c->err);
    if (rc == RC_OK)
        return db_commit(c->store->db, &c->err);
    db_rollback(c->store->db);
    return rc;
}

enum cmd_exit cmd_token_add(struct cmd *c, int argc, char **argv) {
    const int64_t day_us = INT64_C(86400000000);
    const char *ref = NULL, *name = NULL, *right = "read", *days = NULL;
    const struct cmd_option options[] = {
        { "name", "TEXT", "whom it is for; shown wherever it was used", .value = &name },
        { "right", "RIGHT", "read, operate or administer (read)", .value = &right },
        { "days", "N", "it expires after so many days (never)", .value = &days },
        { 0 }
    };
    struct token t = { 0 };
    struct company co;
    char text[TOKEN_TEXT_BYTES], *end = NULL;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &ref))
        return CMD_MISUSED;
    if (name == NULL || *name == '\0')
        return cmd_misused(c, "say whom it is for: --name \"...\"");
    if ((t.right = token_right_parse(right)) == 0)
        return cmd_misused(c, "--right is read, operate or administer");
    long n = days != NULL ? strtol(days, &end, 10) : 0;
    if (days != NULL && (*end != '\0' || n < 1 || n > 3650))
        return cmd_misused(c, "--days is a number from 1 to 3650");
    if ((rc = owner_of(c, ref, &co)) != RC_OK)
        return cmd_fail(c, rc);
    t.company_id = co.company_id;
    t.name = text_of(name);
    t.made_by = text_of(cmd_who(c));
    t.made_us = clock_now_us(c->clock);
    t.expires_us = n > 0 ? t.made_us + n * day_us : 0;
    if ((rc = in_one(c, &co, &t, true, text)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_token(&j.w, "token", ref != NULL ? &co : NULL, &t);
        json_put_cstr(&j.w, "secret", text);
        cmd_json_end(&j);
    } else
        printf(
            "%s\n\nThis is the token, and this is the only time that it is shown. Whoever has it may "
            "%s%s%s.\n",
            text, right, ref != NULL ? " in " : " in every company", ref != NULL ? ref : "");
    secret_wipe(text, sizeof text);
    return CMD_OK;
}

enum cmd_exit cmd_token_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref = NULL;
    struct company co;
    struct token *list;
    size_t n;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &ref))
        return CMD_MISUSED;
    if ((rc = owner_of(c, ref, &co)) != RC_OK ||
        (rc = token_list(c->store, co.company_id, &c->arena, &list, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "tokens");
        for (size_t i = 0; i < n; i++)
            show_token(&j.w, NULL, ref != NULL ? &co : NULL, &list[i]);
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++)
        printf("%s  %s %-10s  used %-22s  expires %s\n", cmd_str(c, list[i].token_id),
               cmd_cell(c, list[i].name, 24), token_right_name(list[i].right),
               cmd_when(c, list[i].used_us), cmd_when(c, list[i].expires_us));
    if (n == 0)
        puts("no token yet: rollcall token add [COMPANY] --name NAME");
    return CMD_OK;
}

enum cmd_exit cmd_token_revoke(struct cmd *c, int argc, char **argv) {
    const char *args[2] = { NULL, NULL };
    const struct cmd_option options[] = { { 0 } };
    struct company co;
    struct token t = { 0 };
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 2, args))
        return CMD_MISUSED;
    t.token_id = text_of(args[1] != NULL ? args[1] : args[0]);
    if ((rc = owner_of(c, args[1] != NULL ? args[0] : NULL, &co)) != RC_OK ||
        (rc = in_one(c, &co, &t, false, NULL)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"revoked\":\"%s\"}\n", cmd_str(c, t.token_id));
    else
        printf("revoked %s: whoever sends it is refused from now on\n", cmd_str(c, t.token_id));
    return CMD_OK;
}

/* ---- the audit log ---- */

enum cmd_exit cmd_audit_list(struct cmd *c, int argc, char **argv) {
    enum { SHOWN = 50, SHOWN_MOST = 10000 };
    const char *ref, *limit = NULL;
    const struct cmd_option options[] = { { "limit", "N", "so many at most (50)", .value = &limit },
                                          { 0 } };
    struct company co;
    struct audit *list;
    size_t n;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    long most = limit != NULL ? strtol(limit, NULL, 10) : SHOWN;
    if (most < 1 || most > SHOWN_MOST)
        return cmd_misused(c, "--limit wants a number from 1 to %d", SHOWN_MOST);
    if ((rc = cmd_company_of(c, ref, &co, NULL)) != RC_OK ||
        (rc = audit_list(c->store, co.company_id, 0, (size_t)most, &c->arena, &list, &n,
                         &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "entries");
        for (size_t i = 0; i < n; i++)
            show_audit(&j.w, NULL, &list[i]);
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++)
        printf("%-22s  %s  %s\n", cmd_when(c, list[i].at_us), cmd_cell(c, list[i].who, 24),
               cmd_str(c, list[i].what));
    if (n == 0)
        puts("nobody has changed anything yet");
    return CMD_OK;
}
