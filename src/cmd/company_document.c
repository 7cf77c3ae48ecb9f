/* A company's configuration as a document: exported, looked at, applied. */
#include <string.h>
#include "cmd/key.h"
#include "show/config.h"

/* ---- export ---- */

enum cmd_exit cmd_company_export(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    struct company co;
    struct config config;
    const char *key;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = config_load(c->store, &co, &c->arena, &config, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        config_put(&j.w, &config);
        cmd_json_end(&j);
        return CMD_OK;
    }
    struct buf b;
    buf_init(&b, 4 * CONFIG_BYTES);
    config_write(&config, &b);
    fwrite(b.ptr, 1, b.len, stdout);
    buf_done(&b);
    return CMD_OK;
}

/* ---- what is given ---- */

struct given {
    const char *file, *anyway;
    struct cmd_list remove, confirm;
    struct config_removal *removes;
};

/* "integration/hr" */
static bool take_removals(struct cmd *c, struct given *g) {
    g->removes = ARENA_NEW(&c->arena, struct config_removal, g->remove.n + 1);
    for (size_t i = 0; i < g->remove.n; i++) {
        const char *slash = strchr(g->remove.items[i], '/');
        size_t len = slash != NULL ? (size_t)(slash - g->remove.items[i]) : 0;
        struct text kind = text_from(g->remove.items[i], len);
        bool known = text_is(kind, "integration") || text_is(kind, "destination");
        if (!known) {
            cmd_misused(c, "--remove wants integration/KEY or destination/KEY, not \"%.60s\"",
                        g->remove.items[i]);
            return false;
        }
        g->removes[i] = (struct config_removal){ text_is(kind, "integration") ? CONFIG_INTEGRATION
                                                                              : CONFIG_DESTINATION,
                                                 slash + 1 };
        for (size_t k = 0; k < i; k++)
            if (strcmp(g->remove.items[i], g->remove.items[k]) == 0) {
                cmd_misused(c, "--remove %.60s is given twice", g->remove.items[i]);
                return false;
            }
    }
    return true;
}

/* Of the people of an integration of the document's company; NULL: nobody has one, or that is not known. */
static const char *stays_open(struct cmd *c, const struct given *g, const char *key) {
    struct unfed_there *there;
    struct integration in;
    struct config wanted;
    struct company co;
    struct text text;
    size_t n;
    if (cmd_file(c, g->file, CONFIG_BYTES, "document", "a document", &text) != RC_OK ||
        config_read(text, &c->arena, &wanted, &c->err) != RC_OK ||
        cmd_company_of(c, cmd_str(c, wanted.company.key), &co, NULL) != RC_OK ||
        integration_find(c->store, co.company_id, key, NULL, &c->arena, &in, &c->err) != RC_OK ||
        unfed_by_removal(c->store, co.company_id, in.integration_id, &c->arena, &there, &n,
                         &c->err) != RC_OK)
        return NULL;
    return unfed_removal_says(there, n, &c->arena);
}

static bool removals_are_confirmed(struct cmd *c, const struct given *g) {
    for (size_t i = 0; i < g->remove.n; i++) {
        const struct config_removal *r = &g->removes[i];
        bool typed = false;
        for (size_t k = 0; k < g->confirm.n; k++)
            typed |= strcmp(g->confirm.items[k], r->key) == 0;
        if (typed)
            continue;
        const char *stays = r->kind == CONFIG_INTEGRATION ? stays_open(c, g, r->key) : NULL;
        cmd_misused(c,
                    "%.60s would be removed, with all that is known through it (`company plan` "
                    "says what)%s%s; if that is meant, say --confirm %.40s",
                    g->remove.items[i], stays != NULL ? "; of its people " : "",
                    stays != NULL ? stays : "", r->key);
        return false;
    }
    return true;
}

static struct config_options options_of(struct cmd *c, const struct given *g) {
    return (struct config_options){ .removes = g->removes,
                                    .removes_n = g->remove.n,
                                    .confirms = g->confirm.items,
                                    .confirms_n = g->confirm.n,
                                    .confirm_by = "--confirm",
                                    .anyway = g->anyway != NULL,
                                    .asks = true,
                                    .operates = true,
                                    .creates = true,
                                    .key = c->key,
                                    .clock = c->clock,
                                    .who = cmd_who(c) };
}

/* ---- said in words ---- */

static struct text shortened(struct cmd *c, struct text t) {
    enum { MOST = 60 };
    if (t.state != TEXT_SET)
        return TEXT_LIT("(usual)");
    if (text_columns(t) <= MOST)
        return t;
    size_t n = text_first_bytes(t, MOST - 3);
    return text_of(arena_printf(&c->arena, "%.*s...", (int)n, t.ptr));
}

static void print_step(struct cmd *c, const struct config_step *s) {
    static const char *const marks[] = { "+", "~", "-", " " };
    printf("%s %s", marks[s->act], cmd_str(c, text_of(s->path)));
    if (s->act == CONFIG_CHANGE)
        printf(": %s -> %s", cmd_str(c, shortened(c, s->old)), cmd_str(c, shortened(c, s->new)));
    if (s->act == CONFIG_STAYS)
        printf(": not in the document, stays as it is (--remove says otherwise)");
    putchar('\n');
    if (s->people >= 0 || s->follows != NULL)
        cmd_wrap(
            c, "    ",
            text_of(arena_printf(&c->arena, "%s%s%s", s->people >= 0 ? cmd_count(c, s->people) : "",
                                 s->people < 0        ? ""
                                 : s->follows == NULL ? " people"
                                                      : ": ",
                                 s->follows != NULL ? s->follows : "")));
}

static void print_plan(struct cmd *c, const struct config *wanted, const struct config_plan *plan) {
    if (plan->makes_company)
        printf("company %s is new\n", cmd_str(c, wanted->company.key));
    for (size_t i = 0; i < plan->steps_n; i++)
        if (plan->steps[i].kind != CONFIG_COMPANY || plan->steps[i].act != CONFIG_ADD)
            print_step(c, &plan->steps[i]);
    if (plan->changes_n == 0)
        puts("nothing changes: all is so already");
    if (plan->stale)
        puts("The company has changed since this document was made: apply refuses it, unless "
             "--anyway says otherwise.");
}

static void print_todo(struct cmd *c, const struct config_plan *plan) {
    if (plan->todo_n == 0)
        return;
    puts("\nCredentials are not in a document. To be set by hand:");
    for (size_t i = 0; i < plan->todo_n; i++)
        printf("  %s\n", cmd_str(c, text_of(plan->todo[i])));
}

/* ---- plan ---- */

#define GIVEN_OPTIONS(g)                                                                           \
    {                                                                                              \
        "remove", "KIND/KEY",                                                                      \
            "an integration or destination that is not in it goes; may be given again",            \
            .list = &(g).remove                                                                    \
    }

/* What `apply` wants to be told beside the document. */
static const char *confirms_of(struct cmd *c, const struct config_plan *plan) {
    static const char *const kinds[] = { NULL, "integration", "destination" };
    const char *s = "";
    for (size_t i = 0; i < plan->steps_n; i++) {
        const struct config_step *is = &plan->steps[i];
        if (is->act == CONFIG_REMOVE)
            s = arena_printf(&c->arena, "%s --remove %s/%s", s, kinds[is->kind],
                             cmd_str(c, is->key));
        if (is->confirm != NULL)
            s = arena_printf(&c->arena, "%s --confirm %s", s, is->confirm);
    }
    return s;
}

enum cmd_exit cmd_company_plan(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const struct cmd_option options[] = { GIVEN_OPTIONS(g), { 0 } };
    struct config wanted;
    struct config_plan plan;
    struct text text;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &g.file) || !take_removals(c, &g))
        return CMD_MISUSED;
    (void)cmd_open_key(c); /* without it nobody is counted */
    if ((rc = cmd_open(c)) != RC_OK ||
        (rc = cmd_file(c, g.file, CONFIG_BYTES, "document", "a document", &text)) != RC_OK ||
        (rc = config_read(text, &c->arena, &wanted, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    struct config_options o = options_of(c, &g);
    if ((rc = config_plan(c->store, &wanted, &o, &c->arena, &plan, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_config_plan(&j.w, "plan", &wanted, &plan);
        cmd_json_end(&j);
        return CMD_OK;
    }
    print_plan(c, &wanted, &plan);
    print_todo(c, &plan);
    if (plan.changes_n > 0)
        printf("\nNothing has changed yet.  Next:  rollcall company apply %s%s\n", g.file,
               confirms_of(c, &plan));
    return CMD_OK;
}

/* ---- apply ---- */

static void print_mapping(struct cmd *c, const struct company *co,
                          const struct config_activated *m) {
    const char *ref = arena_printf(&c->arena, "%s/%s", cmd_str(c, co->key), cmd_str(c, m->key));
    const char *number =
        m->mapping_id != 0 ? arena_printf(&c->arena, "%lld", (long long)m->mapping_id) : "default";
    if (m->rc != RC_OK)
        printf("The mapping of %s does not count yet: %s\n  rollcall mapping activate %s %s\n", ref,
               m->text, ref, number);
    else if (m->run.run_id == 0 || m->run.state == RUN_APPLIED)
        printf("The mapping of %s counts now\n", ref);
    else
        printf("The mapping of %s waits for a person: rollcall run show %s/%lld\n", ref,
               cmd_str(c, co->key), (long long)m->run.run_id);
}

static enum cmd_exit tell(struct cmd *c, const struct config *wanted,
                          const struct config_applied *a) {
    struct company co;
    struct config now;
    bool held = false;
    enum rc_code rc = cmd_company_of(
        c, arena_str(&c->arena, wanted->company.key.ptr, wanted->company.key.len), &co, NULL);
    if (rc != RC_OK || (rc = config_load(c->store, &co, &c->arena, &now, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    for (size_t i = 0; i < a->mappings_n; i++)
        held |= a->mappings[i].run.state == RUN_HELD;
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_config_plan(&j.w, "plan", wanted, &a->plan);
        json_put_cstr(&j.w, "version", now.version);
        show_config_activated(&j.w, "mappings", a);
        show_left(&j.w, a->webhooks.left, a->webhooks.left_n);
        cmd_json_end(&j);
        return held ? CMD_HELD : CMD_OK;
    }
    print_plan(c, wanted, &a->plan);
    if (a->plan.changes_n > 0)
        puts("applied");
    for (size_t i = 0; i < a->mappings_n; i++)
        print_mapping(c, &co, &a->mappings[i]);
    cmd_print_left(a->webhooks.left, a->webhooks.left_n);
    print_todo(c, &a->plan);
    return held ? CMD_HELD : CMD_OK;
}

enum cmd_exit cmd_company_apply(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const struct cmd_option options[] = {
        GIVEN_OPTIONS(g),
        { "confirm", "KEY",
          "the key of what is removed, again, or KEY=N: so many people there are "
          "looked after no more: yes",
          .list = &g.confirm },
        { "anyway", NULL, "although the company has changed since the document was made",
          .value = &g.anyway },
        { 0 }
    };
    struct config wanted;
    struct config_applied applied;
    struct text text;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &g.file) || !take_removals(c, &g) ||
        !removals_are_confirmed(c, &g))
        return CMD_MISUSED;
    if ((rc = cmd_file(c, g.file, CONFIG_BYTES, "document", "a document", &text)) != RC_OK ||
        (rc = config_read(text, &c->arena, &wanted, &c->err)) != RC_OK ||
        (rc = cmd_open_or_make_key(c)) != RC_OK)
        return cmd_fail(c, rc);
    struct config_options o = options_of(c, &g);
    rc = config_apply(c->store, &wanted, &o, &c->arena, &applied, &c->err);
    if (rc == RC_INVALID && c->err.name != NULL && strcmp(c->err.name, "account.confirm") == 0)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    return tell(c, &wanted, &applied);
}
