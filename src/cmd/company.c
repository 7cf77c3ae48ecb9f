#include <string.h>
#include <unistd.h>
#include "cmd/company.h"
#include "cmd/key.h"

void cmd_company_print(struct cmd *c, const struct company *co) {
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_company(&j.w, "company", co);
        cmd_json_end(&j);
        return;
    }
    printf("company   %s\nname      %s\nzone      %s\ncreated   %s\n", cmd_str(c, co->key),
           cmd_str(c, co->name), cmd_str(c, co->zone), cmd_when(c, co->created_us));
    if (co->sources.state == TEXT_SET)
        printf("sources   %s\n",
               text_is(co->sources, COMPANY_NONE) ? "none" : cmd_str(c, co->sources));
    if (co->destinations.state == TEXT_SET)
        printf("platforms %s\n",
               text_is(co->destinations, COMPANY_NONE) ? "none" : cmd_str(c, co->destinations));
    if (co->suspended_us != 0)
        printf("suspended since %s, by %s%s%s\n", cmd_when(c, co->suspended_us),
               cmd_str(c, co->suspended_by), co->suspended_why.state == TEXT_SET ? ": " : "",
               cmd_str(c, co->suspended_why));
}

enum rc_code cmd_open_or_make_key(struct cmd *c) {
    struct company *all;
    size_t n;
    enum rc_code rc = cmd_open(c);
    struct cmd_key_source from;
    if (rc != RC_OK || (rc = cmd_key_source(c, &from)) != RC_OK)
        return rc;
    const char *file = from.path;
    if ((rc = company_list(c->store, &c->arena, &all, &n, &c->err)) != RC_OK)
        return rc;
    if (n == 0 && from.kind == CMD_KEY_FILE && access(file, F_OK) != 0) {
        if ((rc = secret_key_make(file, &c->err)) != RC_OK)
            return rc;
        if (!c->json)
            printf(
                "made the installation's key: %s\nKeep a copy of it somewhere safe: without it no stored secret can be opened.\n",
                file);
    }
    return cmd_open_key(c);
}

enum cmd_exit cmd_company_add(struct cmd *c, int argc, char **argv) {
    const char *name = NULL, *zone = "Europe/Berlin", *key;
    const struct cmd_option options[] = {
        { "name", "TEXT", "what people call it", .value = &name },
        { "zone", "ZONE", "says when a day begins (Europe/Berlin)", .value = &zone },
        { 0 }
    };
    RC_CLEANUP(zone_closep) struct zone *z = NULL;
    struct company co;
    int64_t id;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if (company_key_check(key, "company", &c->err) != RC_OK ||
        zone_open(zone, &z, &c->err) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    if ((rc = cmd_open_or_make_key(c)) != RC_OK ||
        (rc = company_add_by(c->store, key, name != NULL ? name : key, zone, cmd_who(c),
                             clock_now_us(c->clock), &id, &c->err)) != RC_OK ||
        (rc = company_find(c->store, key, &c->arena, &co, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    cmd_company_print(c, &co);
    return CMD_OK;
}

enum cmd_exit cmd_company_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    struct company *all;
    size_t n;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 0, NULL))
        return CMD_MISUSED;
    if ((rc = cmd_open(c)) != RC_OK ||
        (rc = company_list(c->store, &c->arena, &all, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "companies");
        for (size_t i = 0; i < n; i++)
            show_company(&j.w, NULL, &all[i]);
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++)
        printf("%-20s  %-30s  %s%s\n", cmd_str(c, all[i].key), cmd_str(c, all[i].name),
               cmd_str(c, all[i].zone), all[i].suspended_us != 0 ? "  suspended" : "");
    if (n == 0)
        puts("no company yet: rollcall company add KEY");
    return CMD_OK;
}

/* For people: with --json each integration tells it. */
static enum rc_code print_webhooks(struct cmd *c, const struct company *co) {
    struct hook_standing *hooks;
    struct integration in;
    size_t n = 0;
    enum rc_code rc = hook_standings(c->store, co->company_id, &c->arena, &hooks, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if (hooks[i].failing_us + hooks[i].silent_us != 0 &&
            (rc = integration_get(c->store, co->company_id, hooks[i].integration_id, NULL,
                                  &c->arena, &in, &c->err)) == RC_OK) {
            printf("\n%s/%s\n", cmd_str(c, co->key), cmd_str(c, in.key));
            cmd_print_webhook(c, cmd_str(c, co->key), cmd_str(c, in.key), &hooks[i]);
        }
    return rc;
}

enum cmd_exit cmd_company_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *key;
    struct company co;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK)
        return cmd_fail(c, rc);
    cmd_company_print(c, &co);
    if (!c->json && (rc = print_webhooks(c, &co)) != RC_OK)
        return cmd_fail(c, rc);
    return CMD_OK;
}
