#include "cmd/destination.h"

#include <stdlib.h>
#include "cmd/settings.h"
#include "people/decide.h"
#include "store/audit.h"
#include "sync/config.h"
#include "sync/delivery.h"
#include "sync/pause.h"
#include "sync/check.h"
#include "sync/setting_values.h"
#include "sync/unfed.h"

struct accounts_context cmd_accounts(struct cmd *c, const struct company *co,
                                     const struct platform *p) {
    return (struct accounts_context){ c->store, c->key, co, p, c->clock, cmd_who(c) };
}

/* ---- showing ---- */

static void put_dropped(struct json_writer *w, const struct unfed *gone) {
    json_array(w, "dropped");
    for (size_t i = 0; i < gone->n; i++)
        json_put_text(w, NULL, gone->keys[i]);
    json_array_end(w);
    json_put_int(w, "left_open", gone->people);
}

/* gone: NULL where that cannot be. */
static enum rc_code print_platform_without(struct cmd *c, const struct company *co,
                                           const struct platform *p, const struct unfed *gone) {
    const struct show s = cmd_show(c);
    struct text *feeds;
    enum rc_code rc;
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        rc = show_platform(&s, &j.w, "destination", co, p, &c->err);
        if (rc == RC_OK && gone != NULL)
            put_dropped(&j.w, gone);
        cmd_json_finish(&j, rc);
        return rc;
    }
    if ((rc = show_feeds(&s, p, &feeds, &c->err)) != RC_OK)
        return rc;
    printf("destination  %s/%s\nadapter      %s\nprefix       %s   (of our external ids there)\n"
           "fed by       ",
           cmd_str(c, co->key), cmd_str(c, p->key), cmd_str(c, p->adapter), cmd_str(c, p->prefix));
    for (size_t i = 0; i < p->feeds_n; i++)
        printf("%s%s", i > 0 ? ", " : "", cmd_str(c, feeds[i]));
    printf("%s\nlast listed  %s\ndelivered    %s\n", p->feeds_n == 0 ? "nothing" : "",
           cmd_when(c, p->listed_us), p->delivered_us != 0 ? "yes" : "never");
    if (p->restored_us != 0)
        printf(
            "restored     from a backup, %s: the first delivery since waits for an import, and is "
            "held\n",
            cmd_when(c, p->restored_us));
    if (p->paused_by.state == TEXT_SET)
        printf("paused       since %s, by %s%s%s\n", cmd_when(c, p->paused_us),
               cmd_str(c, p->paused_by), p->paused_why.state == TEXT_SET ? ": " : "",
               cmd_str(c, p->paused_why));
    cmd_settings_print(c, p->settings);
    if (p->policy.state == TEXT_SET)
        printf("policy       %s\n", cmd_str(c, p->policy));
    if (p->limits.state == TEXT_SET)
        printf("limits       %s\n", cmd_str(c, p->limits));
    if (gone != NULL && gone->n > 0)
        printf("no more      %s: %s with open accounts %s looked after no more\n",
               unfed_names(gone, &c->words), cmd_people(c, gone->people),
               gone->people == 1 ? "is" : "are");
    return RC_OK;
}

static enum rc_code print_platform(struct cmd *c, const struct company *co,
                                   const struct platform *p) {
    return print_platform_without(c, co, p, NULL);
}

/* ---- add and set ---- */

struct given {
    const char *limits;
    struct cmd_list feeds;
    struct cmd_given settings;
};
#define GIVEN_OPTIONS(g)                                                                           \
    CMD_GIVEN_OPTIONS((g).settings, "platform"),                                                   \
        { "feed", "INTEGRATION", "whose people come to it, in this order; may be given again",     \
          .list = &(g).feeds },                                                                    \
    {                                                                                              \
        "limits", "JSON", "guard limits that differ from the usual, see below",                    \
            .value = &(g).limits                                                                   \
    }

void cmd_destination_help(void) {
    size_t n;
    const struct destination_ops *const *all = destination_all(&n);
    for (size_t i = 0; i < n; i++) {
        printf("\nSettings of %s (%s):\n", all[i]->name, all[i]->title);
        cmd_settings_help(all[i]->settings);
    }
    cmd_limits_help();
}

static const struct destination_ops *find_adapter(struct cmd *c, const char *name) {
    size_t n;
    const struct destination_ops *const *all = destination_all(&n);
    const struct destination_ops *ops = destination_find(name);
    if (ops != NULL)
        return ops;
    struct buf names;
    buf_init(&names, 400);
    for (size_t i = 0; i < n; i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", all[i]->name);
    cmd_misused(c, "there is no platform \"%.40s\"; there are: %s", name, names.ptr);
    buf_done(&names);
    return NULL;
}

/* Opens it once, so that a setting that makes no sense is refused now and not at night. */
static enum rc_code try_settings(struct cmd *c, const struct platform *p) {
    RC_CLEANUP(destination_closep) struct destination *d = NULL;
    return delivery_connect(p, NULL, c->clock, &d, &c->err);
}

/* Without --feed: what it was, and for a new one the company's only integration. */
static enum rc_code take_feeds(struct cmd *c, const struct cmd_list *given, bool is_new,
                               struct platform *p, bool *ret_misused) {
    struct integration in, *all;
    size_t n;
    enum rc_code rc = RC_OK;
    *ret_misused = false;
    if (given->n == 0 && !is_new)
        return RC_OK;
    if (given->n == 0) {
        if ((rc = integration_list(c->store, p->company_id, &c->arena, &all, &n, &c->err)) != RC_OK)
            return rc;
        if (n != 1) {
            *ret_misused = true;
            cmd_misused(c,
                        "--feed INTEGRATION says whose people come to it: the company has %zu "
                        "integrations",
                        n);
            return RC_OK;
        }
        p->feeds = ARENA_NEW(&c->arena, int64_t, 1);
        p->feeds[0] = all[0].integration_id;
        p->feeds_n = 1;
        return RC_OK;
    }
    p->feeds = ARENA_NEW(&c->arena, int64_t, given->n);
    p->feeds_n = 0;
    for (size_t i = 0; i < given->n && rc == RC_OK; i++) {
        if ((rc = integration_find(c->store, p->company_id, given->items[i], NULL, &c->arena, &in,
                                   &c->err)) != RC_OK)
            return rc;
        for (size_t k = 0; k < p->feeds_n; k++)
            if (p->feeds[k] == in.integration_id) {
                *ret_misused = true;
                cmd_misused(c, "--feed %s is given twice", given->items[i]);
                return RC_OK;
            }
        p->feeds[p->feeds_n++] = in.integration_id;
    }
    return rc;
}

/* Whoever means to add one names it alone, and would take away the others. */
static bool is_confirmed(struct cmd *c, const struct unfed *gone, const char *confirm) {
    char *end = NULL;
    if (gone->people == 0 || (confirm != NULL && strtoll(confirm, &end, 10) == gone->people &&
                              *end == '\0' && end != confirm))
        return true;
    cmd_misused(c, "%s. --feed names all that are to feed it; if that is meant, say --confirm %lld",
                unfed_says(gone, &c->words), (long long)gone->people);
    return false;
}

static enum rc_code audit(struct cmd *c, const struct company *co, const struct platform *p,
                          const char *what) {
    return audit_add(c->store, co->company_id, clock_now_us(c->clock), cmd_who(c),
                     arena_printf(&c->arena, "destination %s %s", cmd_str(c, p->key), what),
                     &c->err);
}

enum cmd_exit cmd_destination_add(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const struct cmd_option options[] = { GIVEN_OPTIONS(g), { 0 } };
    const char *args[2], *key;
    struct cmd_settings s = { { NULL } };
    struct company co;
    struct platform p = { 0 };
    const struct destination_ops *ops;
    bool misused;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args) ||
        (ops = find_adapter(c, args[1])) == NULL || !cmd_limits_take(c, g.limits, &p.limits) ||
        !cmd_settings_take(c, ops->settings, ops->title, &g.settings, &s))
        return CMD_MISUSED;
    if ((rc = cmd_open_key(c)) != RC_OK || (rc = cmd_company_of(c, args[0], &co, &key)) != RC_OK)
        return cmd_fail(c, rc);
    if ((rc = config_check_on(&co, CONFIG_DESTINATION, text_of(ops->name), &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    p.company_id = co.company_id;
    p.key = text_of(key);
    p.adapter = text_of(ops->name);
    p.settings = cmd_settings_json(c, ops->settings, &s, false);
    p.secrets = cmd_settings_json(c, ops->settings, &s, true);
    p.created_us = clock_now_us(c->clock);
    if (company_key_check(key, "destination", &c->err) != RC_OK || try_settings(c, &p) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    if ((rc = take_feeds(c, &g.feeds, true, &p, &misused)) != RC_OK)
        return cmd_fail(c, rc);
    if (misused)
        return CMD_MISUSED;
    if ((rc = platform_add(c->store, c->key, &p, &c->err)) != RC_OK ||
        (rc = audit(c, &co, &p, "added")) != RC_OK ||
        (rc = platform_find(c->store, co.company_id, key, NULL, &c->arena, &p, &c->err)) != RC_OK ||
        (rc = print_platform(c, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    if (!c->json)
        printf("\nNext:  rollcall destination check %s\n", args[0]);
    return CMD_OK;
}

enum cmd_exit cmd_destination_set(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const char *ref, *confirm = NULL;
    const struct cmd_option options[] = {
        GIVEN_OPTIONS(g),
        { "confirm", "N", "with --feed: so many people are looked after no more, yes",
          .value = &confirm },
        { 0 }
    };
    struct cmd_settings s = { { NULL } };
    struct company co;
    struct platform p;
    const struct destination_ops *ops;
    bool misused;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (!cmd_given_any(&g.settings) && g.limits == NULL && g.feeds.n == 0)
        return cmd_misused(c, "nothing to set: give --set KEY=VALUE, --secret-file, --secret-env, "
                              "--feed or --limits");
    if ((rc = cmd_platform_of(c, ref, true, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    if ((ops = find_adapter(c, cmd_str(c, p.adapter))) == NULL)
        return CMD_MISUSED;
    cmd_settings_load(c, ops->settings, p.settings, false, &s);
    cmd_settings_load(c, ops->settings, p.secrets, true, &s);
    if (!cmd_limits_take(c, g.limits, &p.limits) ||
        !cmd_settings_take(c, ops->settings, ops->title, &g.settings, &s))
        return CMD_MISUSED;
    const struct text was = p.settings;
    p.settings = cmd_settings_json(c, ops->settings, &s, false);
    p.secrets = cmd_settings_json(c, ops->settings, &s, true);
    p.is_elsewhere = setting_tenant_changed(ops->settings, was, p.settings);
    if (try_settings(c, &p) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    const struct platform before = p;
    struct unfed gone;
    if ((rc = take_feeds(c, &g.feeds, false, &p, &misused)) != RC_OK)
        return cmd_fail(c, rc);
    if (misused)
        return CMD_MISUSED;
    if ((rc = unfed_find(c->store, &before, p.feeds, p.feeds_n, &c->arena, &gone, &c->err)) !=
        RC_OK)
        return cmd_fail(c, rc);
    if (!is_confirmed(c, &gone, confirm))
        return CMD_MISUSED;
    if ((rc = platform_save(c->store, c->key, &p, &c->err)) != RC_OK ||
        (rc = audit(c, &co, &p, "changed")) != RC_OK ||
        (rc = print_platform_without(c, &co, &p, &gone)) != RC_OK)
        return cmd_fail(c, rc);
    return CMD_OK;
}

/* ---- list, show ---- */

static enum rc_code list_company(struct cmd *c, const struct company *co, const void *self,
                                 struct cmd_json *j) {
    const struct show s = cmd_show(c);
    struct platform *list;
    size_t n = 0;
    (void)self;
    enum rc_code rc = platform_list(c->store, co->company_id, &c->arena, &list, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (c->json)
            rc = show_platform(&s, &j->w, NULL, co, &list[i], &c->err);
        else
            printf("%-30s  %-10s  last listed %s%s\n",
                   arena_printf(&c->arena, "%s/%s", cmd_str(c, co->key), cmd_str(c, list[i].key)),
                   cmd_str(c, list[i].adapter), cmd_when(c, list[i].listed_us),
                   list[i].paused_by.state == TEXT_SET ? "  paused" : "");
    }
    return rc;
}

enum cmd_exit cmd_destination_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    return cmd_list(c, argc, argv, options, "destinations", list_company, NULL);
}

enum cmd_exit cmd_destination_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct platform p;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, ref, false, &co, &p)) != RC_OK ||
        (rc = print_platform(c, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    return CMD_OK;
}

/* ---- check ---- */

enum cmd_exit cmd_destination_check(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct platform p;
    struct check check;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, ref, true, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    struct accounts_context x = cmd_accounts(c, &co, &p);
    if ((rc = check_destination(&x, &c->arena, &check, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        check_write(&j.w, &check);
        cmd_json_end(&j);
        return check.ok ? CMD_OK : CMD_FAILED;
    }
    for (size_t i = 0; i < check.findings_n; i++)
        cmd_finding_print(&check.findings[i]);
    if (!check.ok)
        puts("\nThis cannot deliver yet: mend what says FAIL, and check again.");
    else
        printf("\nReady.  What is to happen to people's accounts:  rollcall policy show %s\n", ref);
    return check.ok ? CMD_OK : CMD_FAILED;
}

/* ---- remove, pause, resume ---- */

enum cmd_exit cmd_destination_remove(struct cmd *c, int argc, char **argv) {
    const char *ref, *confirm = NULL;
    const struct cmd_option options[] = {
        { "confirm", "KEY", "the destination's key again: yes", .value = &confirm }, { 0 }
    };
    struct company co;
    struct platform p;
    const char *words;
    int64_t all;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, ref, false, &co, &p)) != RC_OK ||
        (rc = account_count(c->store, co.company_id, p.destination_id, ACCOUNT_ALL, &all,
                            &c->err)) != RC_OK ||
        (rc = unfed_words(c->store, &p, &c->arena, &words, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (confirm == NULL || !text_is(p.key, confirm))
        return cmd_misused(
            c,
            "this forgets what is known of %s accounts%s, and all deliveries to them; "
            "the accounts stay as they are on the platform, open ones open, and "
            "nobody closes them any more. If that is meant, say --confirm %s",
            cmd_count(c, all), words, cmd_str(c, p.key));
    struct accounts_context x = cmd_accounts(c, &co, &p);
    if ((rc = accounts_forget(&x, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"removed\":\"%s\",\"accounts\":%lld}\n", cmd_str(c, p.key), (long long)all);
    else
        printf("removed %s; the accounts on the platform stay as they are, and nobody closes them "
               "any more\n",
               ref);
    return CMD_OK;
}

static enum cmd_exit save_pause(struct cmd *c, const char *ref, bool pauses, const char *because) {
    struct company co;
    struct platform p;
    int64_t now = clock_now_us(c->clock);
    const char *key;
    enum rc_code rc = cmd_platform_of(c, ref, false, &co, &p);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    key = arena_str(&c->arena, p.key.ptr, p.key.len);
    rc = pauses
             ? pause_platform(c->store, &co, key, cmd_who(c), because, now, &c->arena, &p, &c->err)
             : pause_end(c->store, &co, key, cmd_who(c), now, &c->arena, &p, &c->err);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        rc = print_platform(c, &co, &p);
        return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
    }
    if (pauses)
        printf("paused %s: nothing is sent to it, leavers are not closed either.  Again:  "
               "rollcall destination resume %s\n",
               ref, ref);
    else
        printf("resumed %s\n", ref);
    return CMD_OK;
}

enum cmd_exit cmd_destination_pause(struct cmd *c, int argc, char **argv) {
    const char *ref, *because = NULL;
    const struct cmd_option options[] = {
        { "because", "TEXT", "why; shown wherever it says that it is paused", .value = &because },
        { 0 }
    };
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    return save_pause(c, ref, true, because);
}

enum cmd_exit cmd_destination_resume(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    return save_pause(c, ref, false, NULL);
}
