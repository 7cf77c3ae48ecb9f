/* What the operator says of a company: what it may have, whether anything is done for it, and its end. */
#include <string.h>
#include "base/log.h"
#include "cmd/company.h"
#include "sync/config.h"
#include "sync/suspend.h"

/* ---- set ---- */

/* {"company":"acme","name":...}: as a document would say it. A list of "all" is null. */
static void write_list(struct json_writer *w, const char *key, const char *given) {
    if (given == NULL || strcmp(given, "all") == 0) {
        json_put_null(w, key);
        return;
    }
    json_array(w, key);
    for (const char *at = given; *at != '\0' && strcmp(given, "none") != 0;) {
        size_t len = strcspn(at, ",");
        json_put_str(w, NULL, at, len);
        at += len + (at[len] == ',');
    }
    json_array_end(w);
}

static void write_kept(struct json_writer *w, const char *key, struct text kept, struct cmd *c) {
    const char *given = kept.state != TEXT_SET        ? NULL
                        : text_is(kept, COMPANY_NONE) ? "none"
                                                      : arena_str(&c->arena, kept.ptr, kept.len);
    write_list(w, key, given);
}

struct given {
    const char *name, *zone, *sources, *destinations;
};

static struct text as_document(struct cmd *c, const struct company *co, const struct given *g) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 16);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_put_text(&w, "company", co->key);
    if (g->name != NULL)
        json_put_cstr(&w, "name", g->name);
    if (g->zone != NULL)
        json_put_cstr(&w, "zone", g->zone);
    if (g->sources != NULL || g->destinations != NULL) {
        json_object(&w, "enabled");
        g->sources != NULL ? write_list(&w, "sources", g->sources)
                           : write_kept(&w, "sources", co->sources, c);
        g->destinations != NULL ? write_list(&w, "destinations", g->destinations)
                                : write_kept(&w, "destinations", co->destinations, c);
        json_object_end(&w);
    }
    json_object_end(&w);
    struct text t = text_copy(&c->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

enum cmd_exit cmd_company_set(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const struct cmd_option options[] = {
        { "name", "NAME", "what people call it", .value = &g.name },
        { "zone", "ZONE", "says when a day begins", .value = &g.zone },
        { "sources", "NAMES|all|none", "HR systems it may connect, with commas between them",
          .value = &g.sources },
        { "destinations", "NAMES|all|none", "learning platforms, likewise",
          .value = &g.destinations },
        { 0 }
    };
    struct config_options o = {
        .operates = true, .clock = c->clock, .who = cmd_who(c), .what = "company changed"
    };
    struct config_applied applied;
    struct company co;
    struct config wanted;
    const char *key;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if (g.name == NULL && g.zone == NULL && g.sources == NULL && g.destinations == NULL)
        return cmd_misused(c, "nothing to set: give --name, --zone, --sources or --destinations");
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = config_read(as_document(c, &co, &g), &c->arena, &wanted, &c->err)) != RC_OK ||
        (rc = config_apply(c->store, &wanted, &o, &c->arena, &applied, &c->err)) != RC_OK ||
        (rc = cmd_company_of(c, key, &co, NULL)) != RC_OK)
        return cmd_fail(c, rc);
    cmd_company_print(c, &co);
    return CMD_OK;
}

/* ---- suspend, resume ---- */

enum cmd_exit cmd_company_suspend(struct cmd *c, int argc, char **argv) {
    const char *key, *because = NULL;
    const struct cmd_option options[] = { { "because", "TEXT",
                                            "why; shown wherever it says that it is suspended",
                                            .value = &because },
                                          { 0 } };
    struct company co;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = suspend_company(c->store, &co, cmd_who(c), because, clock_now_us(c->clock),
                              &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        cmd_company_print(c, &co);
    else
        printf("suspended %s: nothing is read for it and nothing delivered; leavers are not closed "
               "either.  Again:  rollcall company resume %s\n",
               key, key);
    return CMD_OK;
}

enum cmd_exit cmd_company_resume(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    struct company co;
    const char *key;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = suspend_end(c->store, &co, cmd_who(c), clock_now_us(c->clock), &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        cmd_company_print(c, &co);
    else
        printf("resumed %s: what has waited is done now, guarded as ever\n", key);
    return CMD_OK;
}

/* ---- remove ---- */

enum cmd_exit cmd_company_remove(struct cmd *c, int argc, char **argv) {
    const char *key, *confirm = NULL;
    const struct cmd_option options[] = {
        { "confirm", "KEY", "the company's key again: yes, all of it", .value = &confirm }, { 0 }
    };
    struct suspend_counts n;
    struct company co;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = suspend_count(c->store, &co, &c->arena, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (confirm == NULL || !text_is(co.key, confirm))
        return cmd_misused(
            c,
            "this forgets %s people, what is known of %s accounts, all settings, "
            "credentials, runs and the audit log; the accounts stay as they are on the "
            "platforms, open ones open, and nobody closes them any more. `company "
            "export %s` keeps the settings. If that is meant, say --confirm %s",
            cmd_count(c, n.people), cmd_count(c, n.accounts), key, key);
    struct unsubscribed webhooks = { 0 };
    (void)cmd_open_key(c); /* without it webhooks in HR stay, which is said */
    if ((rc = suspend_remove(c->store, c->where, c->key, &co, c->clock, &c->arena, &webhooks,
                             &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    log_info("company=%s removed people=%lld who=\"%s\"", key, (long long)n.people, cmd_who(c));
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_text(&j.w, "removed", co.key);
        json_put_int(&j.w, "people", n.people);
        json_put_int(&j.w, "accounts", n.accounts);
        show_left(&j.w, webhooks.left, webhooks.left_n);
        cmd_json_end(&j);
        return CMD_OK;
    }
    printf("removed %s, with %s people; the accounts on platforms stay as they are, and nobody "
           "closes them any more\n",
           key, cmd_count(c, n.people));
    cmd_print_left(webhooks.left, webhooks.left_n);
    return CMD_OK;
}
