/* What a company wants of a platform: shown, and set with what follows from it in numbers of
 * accounts. */
#include <string.h>
#include "cmd/destination.h"
#include "people/decide.h"
#include "store/audit.h"
#include "sync/policy_text.h"

enum { VALUE_BYTES = 1 << 14, VALUES_MAX = 32 };

static const char *value_of(struct cmd *c, const struct policy *p, const char *name) {
    struct buf b;
    buf_init(&b, VALUE_BYTES);
    (void)policy_show(p, name, &b);
    const char *s = arena_str(&c->arena, b.ptr != NULL ? b.ptr : "", b.len);
    buf_done(&b);
    return s;
}

static const char *or_none(const char *s) {
    return *s != '\0' ? s : "(none)";
}

static void json_settings(struct cmd *c, struct json_writer *w, const struct policy *p) {
    const struct policy_setting *s;
    json_object(w, "policy");
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++)
        json_put_cstr(w, s->name, value_of(c, p, s->name));
    json_object_end(w);
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
        json_settings(c, &j.w, &policy);
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

static bool take_usual(struct cmd *c, struct policy *policy, const char *name) {
    struct buf b;
    buf_init(&b, VALUE_BYTES);
    bool known = policy_show(&policy_default, name, &b);
    struct text usual = text_copy(&c->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    if (known && policy_set(policy, text_of(name), usual, &c->arena, &c->err) == RC_OK)
        return true;
    cmd_misused(c, "there is no setting \"%.60s\"; rollcall policy set --help lists them", name);
    return false;
}

struct changing {
    struct policy before, after;
    struct text stored; /* after, as it is kept */
    bool counted;       /* both of these are known */
    struct accounts_consequence now, then;
    const char *unknown; /* why not */
};

/* That it cannot be counted keeps nobody from setting it: the guard looks at what follows. */
static void count_both(struct cmd *c, const struct company *co, const struct platform *p,
                       struct changing *g) {
    struct accounts_context x = cmd_accounts(c, co, p);
    struct rc_error err = { 0 };
    if (p->listed_us == 0) {
        g->unknown = "the platform's accounts have not been read yet";
        return;
    }
    g->counted = accounts_consequence(&x, p->policy, &g->now, &err) == RC_OK &&
                 accounts_consequence(&x, g->stored, &g->then, &err) == RC_OK;
    if (!g->counted)
        g->unknown = arena_printf(&c->arena, "%s", err.text);
}

static const char *const verb_words[DECIDE_VERBS_N] = {
    [DECIDE_CREATE] = "accounts made",       [DECIDE_ADOPT] = "accounts linked",
    [DECIDE_UPDATE] = "accounts changed",    [DECIDE_INVITE] = "invitations",
    [DECIDE_DEACTIVATE] = "accounts closed", [DECIDE_REACTIVATE] = "accounts opened again",
};

static void print_change(struct cmd *c, const struct changing *g) {
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
    if (!g->counted) {
        printf("What follows from it cannot be counted: %s\n", g->unknown);
        return;
    }
    for (int v = DECIDE_CREATE; v < DECIDE_VERBS_N; v++) {
        if (g->now.verbs[v] == g->then.verbs[v])
            continue;
        if (!differs)
            printf("The next delivery, of %s:  %-10s %s\n", cmd_people(c, g->then.looked_at),
                   "as it was", "now");
        differs = true;
        printf("  %-32s %-10s %s\n", verb_words[v], cmd_count(c, g->now.verbs[v]),
               cmd_count(c, g->then.verbs[v]));
    }
    if (!differs)
        printf("The next delivery does the same to as many people (%s looked at)\n",
               cmd_count(c, g->then.looked_at));
}

static void json_verbs(struct json_writer *w, const char *key,
                       const struct accounts_consequence *x) {
    json_object(w, key);
    json_put_int(w, "looked_at", x->looked_at);
    for (int v = DECIDE_CREATE; v < DECIDE_VERBS_N; v++)
        json_put_int(w, decide_verb_name((enum decide_verb)v), x->verbs[v]);
    json_object_end(w);
}

static void json_change(struct cmd *c, const struct company *co, const struct platform *p,
                        const struct changing *g, bool saved) {
    const struct policy_setting *s;
    struct cmd_json j;
    cmd_json_begin(&j);
    json_put_text(&j.w, "company", co->key);
    json_put_text(&j.w, "destination", p->key);
    json_put_bool(&j.w, "saved", saved);
    json_array(&j.w, "changes");
    for (size_t i = 0; (s = policy_setting_get(i)) != NULL; i++) {
        const char *was = value_of(c, &g->before, s->name), *is = value_of(c, &g->after, s->name);
        if (strcmp(was, is) == 0)
            continue;
        json_object(&j.w, NULL);
        json_put_cstr(&j.w, "setting", s->name);
        json_put_cstr(&j.w, "old", was);
        json_put_cstr(&j.w, "new", is);
        json_object_end(&j.w);
    }
    json_array_end(&j.w);
    if (g->counted) {
        json_object(&j.w, "delivery");
        json_verbs(&j.w, "before", &g->now);
        json_verbs(&j.w, "after", &g->then);
        json_object_end(&j.w);
    } else {
        json_put_null(&j.w, "delivery");
    }
    json_put_cstr(&j.w, "not_counted", g->unknown);
    json_settings(c, &j.w, &g->after);
    cmd_json_end(&j);
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
    struct changing g = { 0 };
    struct buf b;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, VALUES_MAX + 1, args))
        return CMD_MISUSED;
    if (args[1] == NULL && usual.n == 0)
        return cmd_misused(c, "nothing to set: give NAME=VALUE, or --usual NAME");
    if ((rc = cmd_platform_of(c, args[0], true, &co, &p)) != RC_OK ||
        (rc = policy_text_read(p.policy, &c->arena, &g.before, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    g.after = g.before;
    for (size_t i = 0; i < usual.n; i++)
        if (!take_usual(c, &g.after, usual.items[i]))
            return CMD_MISUSED;
    for (size_t i = 1; i <= VALUES_MAX && args[i] != NULL; i++)
        if (!take_value(c, &g.after, args[i]))
            return CMD_MISUSED;
    buf_init(&b, 1 << 16);
    policy_text_write(&g.after, &b);
    g.stored = text_copy(&c->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    count_both(c, &co, &p, &g);
    if (preview == NULL) {
        p.policy = text_is(g.stored, "{}") ? (struct text){ 0 } : g.stored;
        p.secrets = (struct text){ 0 }; /* as they are */
        if ((rc = platform_save(c->store, NULL, &p, &c->err)) != RC_OK ||
            (rc = audit_add(c->store, co.company_id, clock_now_us(c->clock), cmd_who(c),
                            arena_printf(&c->arena, "policy of destination %s: %s",
                                         cmd_str(c, p.key), cmd_str(c, g.stored)),
                            &c->err)) != RC_OK)
            return cmd_fail(c, rc);
    }
    if (c->json)
        json_change(c, &co, &p, &g, preview == NULL);
    else {
        print_change(c, &g);
        puts(preview == NULL ? "saved" : "nothing is saved: a preview");
    }
    return CMD_OK;
}
