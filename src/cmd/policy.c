/* What a company wants of a platform: shown, and set with what follows from it in numbers of
 * accounts. */
#include <string.h>
#include "cmd/destination.h"
#include "people/decide.h"
#include "show/policy.h"
#include "sync/policy_text.h"

enum { VALUES_MAX = 32 };

static const char *value_of(struct cmd *c, const struct policy *p, const char *name) {
    return policy_change_value(p, name, &c->arena);
}

static const char *or_none(const char *s) {
    return *s != '\0' ? s : "(none)";
}

enum cmd_exit cmd_policy_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const struct policy_setting *s;
    const char *ref;
    struct company co;
    struct platform p;
    struct policy policy;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, ref, false, &co, &p)) != RC_OK ||
        (rc = policy_text_read(p.policy, &c->arena, &policy, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_text(&j.w, "company", co.key);
        json_put_text(&j.w, "destination", p.key);
        show_policy(&j.w, "policy", &policy, &c->arena);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++) {
        const char *now = value_of(c, &policy, s->name),
                   *usual = value_of(c, &policy_default, s->name);
        printf("%-24s %s%s%s%s\n", s->name, or_none(now),
               strcmp(now, usual) != 0 ? "   (usually " : "",
               strcmp(now, usual) != 0 ? or_none(usual) : "", strcmp(now, usual) != 0 ? ")" : "");
    }
    printf("\nWhat each means:  rollcall policy set --help\n");
    return CMD_OK;
}

void cmd_policy_help(void) {
    const struct policy_setting *s;
    puts("\nSettings:");
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++)
        printf("  %-24s %s (%s)\n", s->name, s->means, s->takes);
}

/* ---- set ---- */

static bool take_value(struct cmd *c, struct policy *policy, const char *arg) {
    const char *eq = strchr(arg, '=');
    if (eq == NULL) {
        cmd_misused(c, "\"%.60s\": write NAME=VALUE", arg);
        return false;
    }
    struct text name = text_from(arg, (size_t)(eq - arg)), value = text_of(eq + 1);
    if (policy_set(policy, name, value, &c->arena, &c->err) != RC_OK) {
        cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
        return false;
    }
    return true;
}

static const char *const verb_words[DECIDE_VERBS_N] = {
    [DECIDE_CREATE] = "accounts made",       [DECIDE_ADOPT] = "accounts linked",
    [DECIDE_UPDATE] = "accounts changed",    [DECIDE_INVITE] = "invitations",
    [DECIDE_DEACTIVATE] = "accounts closed", [DECIDE_REACTIVATE] = "accounts opened again",
};

static void print_change(struct cmd *c, const struct policy_change *g) {
    const struct policy_setting *s;
    bool any = false, differs = false;
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++) {
        const char *was = value_of(c, &g->before, s->name), *is = value_of(c, &g->after, s->name);
        if (strcmp(was, is) == 0)
            continue;
        printf("%-24s %s -> %s\n", s->name, or_none(was), or_none(is));
        any = true;
    }
    if (!any)
        puts("nothing changes: all is set so already");
    if (g->warns != NULL)
        cmd_wrap(c, "", text_of(arena_printf(&c->arena, "Beware: %s", g->warns)));
    if (!g->counted) {
        printf("What follows from it cannot be counted: %s\n", g->unknown);
        return;
    }
    for (int v = DECIDE_CREATE; v < DECIDE_VERBS_N; v++) {
        int64_t was = accounts_number(&g->now, (enum decide_verb)v),
                is = accounts_number(&g->then, (enum decide_verb)v);
        if (was == is)
            continue;
        if (!differs)
            printf("The next delivery, of %s:  %-10s %s\n", cmd_people(c, g->then.looked_at),
                   "as it was", "now");
        differs = true;
        printf("  %-32s %-10s %s\n", verb_words[v], cmd_count(c, was), cmd_count(c, is));
    }
    if (!differs)
        printf("The next delivery does the same to as many people (%s looked at)\n",
               cmd_count(c, g->then.looked_at));
}

enum cmd_exit cmd_policy_set(struct cmd *c, int argc, char **argv) {
    const char *args[VALUES_MAX + 1] = { NULL }, *preview = NULL;
    struct cmd_list usual = { .n = 0 };
    const struct cmd_option options[] = {
        { "usual", "NAME", "back to what is usual; may be given again", .list = &usual },
        { "preview", NULL, "say what would follow, and save nothing", .value = &preview },
        { 0 }
    };
    struct company co;
    struct platform p;
    struct policy_change g;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, VALUES_MAX + 1, args))
        return CMD_MISUSED;
    if (args[1] == NULL && usual.n == 0)
        return cmd_misused(c, "nothing to set: give NAME=VALUE, or --usual NAME");
    if ((rc = cmd_platform_of(c, args[0], true, &co, &p)) != RC_OK ||
        (rc = policy_change_begin(&p, &c->arena, &g, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    for (size_t i = 0; i < usual.n; i++)
        if (policy_change_usual(&g, usual.items[i], &c->arena, &c->err) != RC_OK)
            return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    for (size_t i = 1; i <= VALUES_MAX && args[i] != NULL; i++)
        if (!take_value(c, &g.after, args[i]))
            return CMD_MISUSED;
    struct accounts_context x = cmd_accounts(c, &co, &p);
    policy_change_count(&x, &c->arena, &g);
    if (preview == NULL && (rc = policy_change_save(&x, &g, &c->arena, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_policy_change(&j.w, &co, &p, &g, preview == NULL, &c->arena);
        cmd_json_end(&j);
    } else {
        print_change(c, &g);
        puts(preview == NULL ? "saved" : "nothing is saved: a preview");
    }
    return CMD_OK;
}
