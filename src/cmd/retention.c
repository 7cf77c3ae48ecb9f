/* rollcall retention: how long what is no longer needed is kept. */
#include <string.h>
#include "cmd/cmd.h"
#include "store/audit.h"
#include "sync/retain.h"

static void json_rules(struct json_writer *w, const struct company *co, const struct retention *r) {
    json_object(w, "retention");
    json_put_text(w, "company", co->key);
    json_object(w, "days");
    for (int i = 0; i < RETENTION_RULES_N; i++)
        r->days[i] != 0 ? json_put_int(w, retention_rules[i].name, r->days[i])
                        : json_put_null(w, retention_rules[i].name);
    json_object_end(w);
}

static void json_counts(struct json_writer *w, const char *key, const struct retention_counts *n) {
    json_object(w, key);
    json_put_int(w, "versions", n->versions);
    json_put_int(w, "changes", n->changes);
    json_put_int(w, "team_names", n->teams);
    json_put_int(w, "effects", n->effects);
    json_put_int(w, "audit", n->audits);
    json_put_int(w, "runs", n->runs);
    json_object_end(w);
}

static void print_rules(struct cmd *c, const struct retention *r) {
    for (int i = 0; i < RETENTION_RULES_N; i++) {
        const struct retention_rule_info *info = &retention_rules[i];
        const char *days =
            r->days[i] == 0 ? "keep" : arena_printf(&c->words, "%lld days", (long long)r->days[i]);
        printf("%-8s  %-10s  %s%s\n", info->name, days, info->meaning,
               r->days[i] == info->usual ? "" : " (not the usual)");
    }
}

static void print_counts(struct cmd *c, const struct retention_counts *n) {
    printf(
        "%s versions, %s changes, %s names of teams, %s effects, %s entries of the audit, %s runs\n",
        cmd_count(c, n->versions), cmd_count(c, n->changes), cmd_count(c, n->teams),
        cmd_count(c, n->effects), cmd_count(c, n->audits), cmd_count(c, n->runs));
}

static enum cmd_exit show(struct cmd *c, const struct company *co, const struct retention *r) {
    struct retention_counts n;
    enum rc_code rc =
        retention_count(c->store, co->company_id, r, clock_now_us(c->clock), &n, &c->err);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_rules(&j.w, co, r);
        json_counts(&j.w, "due", &n);
        json_object_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    print_rules(c, r);
    printf("\nDue now: ");
    print_counts(c, &n);
    return CMD_OK;
}

enum cmd_exit cmd_retention_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *key;
    struct company co;
    struct retention r;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = retention_get(c->store, co.company_id, &r, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    return show(c, &co, &r);
}

static enum rc_code save(struct cmd *c, const struct company *co, const struct retention *r,
                         const char *said) {
    enum rc_code rc = db_begin(c->store->db, &c->err);
    if (rc != RC_OK)
        return rc;
    if ((rc = retention_save(c->store, co->company_id, r, &c->err)) == RC_OK &&
        (rc = audit_add(c->store, co->company_id, clock_now_us(c->clock), cmd_who(c), said,
                        &c->err)) == RC_OK)
        return db_commit(c->store->db, &c->err);
    db_rollback(c->store->db);
    return rc;
}

enum cmd_exit cmd_retention_set(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *args[1 + RETENTION_RULES_N] = { 0 }, *said = "retention set:";
    struct company co;
    struct retention r;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, RC_LEN(args), args))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, args[0], &co, NULL)) != RC_OK ||
        (rc = retention_get(c->store, co.company_id, &r, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    for (size_t i = 1; i < RC_LEN(args) && args[i] != NULL; i++) {
        if (retention_set(&r, args[i], &c->err) != RC_OK)
            return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
        said = arena_printf(&c->arena, "%s %s", said, args[i]);
    }
    if ((rc = save(c, &co, &r, said)) != RC_OK)
        return cmd_fail(c, rc);
    return show(c, &co, &r);
}

void cmd_retention_help(void) {
    puts(
        "\nWhat is kept, and for how many days at first (NAME=keep: for ever; NAME= : as at first):");
    for (int i = 0; i < RETENTION_RULES_N; i++)
        printf("  %-8s  %5lld, at least %lld: %s\n", retention_rules[i].name,
               (long long)retention_rules[i].usual, (long long)retention_rules[i].least,
               retention_rules[i].meaning);
}

enum cmd_exit cmd_retention_apply(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *key;
    struct company co;
    struct retention_counts n;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = retain_run(c->store, c->clock, &co, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_counts(&j.w, "removed", &n);
        cmd_json_end(&j);
    } else {
        printf("removed: ");
        print_counts(c, &n);
    }
    return CMD_OK;
}
