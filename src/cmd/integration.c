#include <stdlib.h>
#include <string.h>
#include "cmd/settings.h"
#include "people/mapping.h"
#include "source/source.h"
#include "store/audit.h"
#include "store/hook.h"
#include "store/mapping_text.h"
#include "sync/check.h"
#include "sync/config.h"
#include "sync/forget.h"
#include "sync/import.h"
#include "sync/mapped.h"
#include "sync/subscription.h"
#include "sync/timetable.h"
#include "sync/unfed.h"

struct given {
    const char *source, *team, *limits, *accept_rights, *schedule;
    struct cmd_given settings;
};

/* Opens the source once, so that a setting that makes no sense is refused now and not at night. */
static enum rc_code try_settings(struct cmd *c, const struct source_ops *ops,
                                 const struct cmd_settings *s) {
    RC_CLEANUP(source_closep) struct source *source = NULL;
    const char *values[CMD_SETTINGS_MAX];
    for (size_t i = 0; ops->settings[i].key != NULL; i++)
        values[i] = s->values[i] != NULL ? s->values[i] : ops->settings[i].fallback;
    struct source_config config = { .ops = ops,
                                    .values = values,
                                    .reads = mapping_reads(mapping_default(&c->arena)),
                                    .clock = c->clock };
    return source_open(&config, &source, &c->err);
}

/* ---- showing ---- */

/* When `rollcall serve` syncs it next, or would have. */
static void print_schedule(struct cmd *c, const struct integration *in,
                           const struct job_state *next) {
    const int64_t minute_us = 60000000;
    const char *words = in->schedule.state == TEXT_SET ? cmd_str(c, in->schedule) : "off";
    const char *at = cmd_when(c, next->run_at_us);
    if (next->is_claimed)
        printf("schedule     %s; it is being synced now\n", words);
    else if (next->run_at_us == 0)
        printf("schedule     %s\n", words);
    else if (next->run_at_us < clock_now_us(c->clock) - minute_us)
        printf("schedule     %s; has been due since %s: does rollcall serve run?\n", words, at);
    else if (next->attempts > 0)
        printf("schedule     %s; it failed, and is tried again %s\n", words, at);
    else
        printf("schedule     %s; next %s\n", words, at);
}

static enum cmd_exit print_integration(struct cmd *c, const struct company *co,
                                       const struct integration *in) {
    const struct show s = cmd_show(c);
    struct hook_standing hook;
    struct job_state next;
    struct cmd_json j;
    bool has_hook = false;
    enum rc_code rc;
    if (c->json) {
        cmd_json_begin(&j);
        rc = show_integration(&s, &j.w, "integration", co, in, &c->err);
        cmd_json_finish(&j, rc);
        return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
    }
    if ((rc = job_look(c->store, JOB_SYNC, in->company_id, in->integration_id,
                       clock_now_us(c->clock), &next, &c->err)) != RC_OK ||
        (rc = hook_standing_find(c->store, in->company_id, in->integration_id, &c->arena, &hook,
                                 &has_hook, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    printf("integration  %s/%s\nsource       %s\nteam from    %s\nlast listed  %s\n",
           cmd_str(c, co->key), cmd_str(c, in->key), cmd_str(c, in->source),
           cmd_str(c, in->team_from), cmd_when(c, in->listed_us));
    print_schedule(c, in, &next);
    cmd_settings_print(c, in->settings);
    if (in->limits.state == TEXT_SET)
        printf("limits       %s\n", cmd_str(c, in->limits));
    if (has_hook) {
        printf("webhook      %s in HR; looked at %s\n", hook_state_name(hook.state),
               cmd_when(c, hook.looked_us));
        cmd_print_webhook(c, cmd_str(c, co->key), cmd_str(c, in->key), &hook);
    }
    return CMD_OK;
}

/* ---- commands ---- */

static const struct source_ops *find_source(struct cmd *c, const char *name) {
    size_t n;
    const struct source_ops *const *all = source_all(&n);
    const struct source_ops *ops = name != NULL ? source_find(name) : NULL;
    if (ops != NULL)
        return ops;
    struct buf names;
    buf_init(&names, 400);
    for (size_t i = 0; i < n; i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", all[i]->name);
    cmd_misused(c, "--source names the HR system; there are: %s", names.ptr);
    buf_done(&names);
    return NULL;
}

/* The options that add and set share. */
#define GIVEN_OPTIONS(g)                                                                           \
    CMD_GIVEN_OPTIONS((g).settings, "source"),                                                     \
        { "team", "team|department", "what becomes the primary team (department)",                 \
          .value = &(g).team },                                                                    \
        { "schedule", "WHEN",                                                                      \
          "\"every 30 minutes\", \"daily at 06:00\" or off: rollcall serve syncs it",              \
          .value = &(g).schedule },                                                                \
    {                                                                                              \
        "limits", "JSON", "guard limits that differ from the usual, see below",                    \
            .value = &(g).limits                                                                   \
    }

void cmd_integration_help(void) {
    size_t n;
    const struct source_ops *const *all = source_all(&n);
    for (size_t i = 0; i < n; i++) {
        printf("\nSettings of the source %s (%s):\n", all[i]->name, all[i]->title);
        cmd_settings_help(all[i]->settings);
    }
    cmd_limits_help();
}

static bool take_plain(struct cmd *c, const struct given *g, struct integration *in) {
    const struct mapping *m;
    if (g->team != NULL && mapping_of_team(g->team, &c->arena, &m, &c->err) != RC_OK) {
        cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
        return false;
    }
    if (g->team != NULL)
        in->team_from = text_of(g->team);
    if (g->schedule != NULL) {
        struct schedule s;
        char text[SCHEDULE_TEXT_BYTES];
        if (schedule_parse(g->schedule, &s, &c->err) != RC_OK) {
            cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
            return false;
        }
        in->schedule = s.kind == SCHEDULE_OFF
                           ? (struct text){ 0 }
                           : text_of(arena_printf(&c->arena, "%s", schedule_format(&s, text)));
    }
    return cmd_limits_take(c, g->limits, &in->limits);
}

enum cmd_exit cmd_integration_add(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const struct cmd_option options[] = { { "source", "NAME", "the HR system", .value = &g.source },
                                          GIVEN_OPTIONS(g),
                                          { 0 } };
    const char *ref, *key;
    struct cmd_settings s = { { NULL } };
    struct company co;
    struct integration in = { .team_from = text_of("department") };
    const struct source_ops *ops;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref) ||
        (ops = find_source(c, g.source)) == NULL || !take_plain(c, &g, &in) ||
        !cmd_settings_take(c, ops->settings, ops->title, &g.settings, &s))
        return CMD_MISUSED;
    if ((rc = cmd_open_key(c)) != RC_OK || (rc = cmd_company_of(c, ref, &co, &key)) != RC_OK)
        return cmd_fail(c, rc);
    if ((rc = config_check_on(&co, CONFIG_INTEGRATION, text_of(ops->name), &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (company_key_check(key, "integration", &c->err) != RC_OK ||
        try_settings(c, ops, &s) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    in.company_id = co.company_id;
    in.key = text_of(key);
    in.source = text_of(ops->name);
    in.settings = cmd_settings_json(c, ops->settings, &s, false);
    in.secrets = cmd_settings_json(c, ops->settings, &s, true);
    in.created_us = clock_now_us(c->clock);
    if ((rc = integration_add(c->store, c->key, &in, &c->err)) != RC_OK ||
        (g.schedule != NULL &&
         (rc = timetable_changed(c->store, &co, &in, in.created_us, &c->err)) != RC_OK) ||
        (rc = audit_add(c->store, co.company_id, in.created_us, cmd_who(c),
                        arena_printf(&c->arena, "integration %s added", key), &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    enum cmd_exit x = print_integration(c, &co, &in);
    if (!c->json && x == CMD_OK)
        printf("\nNext:  rollcall integration check %s\n", ref);
    return x;
}

/* Beside a mapping of the integration's own the setting would say nothing. */
static enum rc_code team_counts(struct cmd *c, const struct integration *in, const char *ref) {
    struct mapping_text active;
    enum rc_code rc = mapping_text_active(c->store, in->company_id, in->integration_id, &c->arena,
                                          &active, &c->err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    return rc_fail_as(
        &c->err, RC_CONFLICT, "mapping.team",
        "mapping %lld of this integration's own counts, and says itself where the "
        "primary team comes from; --team would have no effect. Write primary_team = "
        "%.*s into a new draft (rollcall mapping show %s; rollcall mapping draft), or "
        "go back to the default first: rollcall mapping activate %s default",
        (long long)active.mapping_id, TEXT_ARG(in->team_from), ref, ref);
}

enum cmd_exit cmd_integration_set(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const struct cmd_option options[] = {
        GIVEN_OPTIONS(g),
        { "accept-rights", NULL, "the credential may read less than before, and that is meant",
          .value = &g.accept_rights },
        { 0 }
    };
    const char *ref;
    struct cmd_settings s = { { NULL } };
    struct company co;
    struct integration in;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (!cmd_given_any(&g.settings) && g.team == NULL && g.limits == NULL &&
        g.accept_rights == NULL && g.schedule == NULL)
        return cmd_misused(
            c,
            "nothing to set: give --set KEY=VALUE, --secret-file, --secret-env, --team, --schedule, --limits or --accept-rights");
    if ((rc = cmd_integration_of(c, ref, true, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    const struct source_ops *ops = find_source(c, cmd_str(c, in.source));
    if (ops == NULL)
        return CMD_MISUSED;
    cmd_settings_load(c, ops->settings, in.settings, false, &s);
    cmd_settings_load(c, ops->settings, in.secrets, true, &s);
    if (!take_plain(c, &g, &in) ||
        !cmd_settings_take(c, ops->settings, ops->title, &g.settings, &s))
        return CMD_MISUSED;
    if (g.team != NULL && (rc = team_counts(c, &in, ref)) != RC_OK)
        return cmd_fail(c, rc);
    if (try_settings(c, ops, &s) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    in.settings = cmd_settings_json(c, ops->settings, &s, false);
    in.secrets = cmd_settings_json(c, ops->settings, &s, true);
    if (g.accept_rights != NULL)
        in.rights = (struct text){ 0 };
    if ((rc = integration_save(c->store, c->key, &in, &c->err)) != RC_OK ||
        (rc = g.schedule != NULL
                  ? timetable_changed(c->store, &co, &in, clock_now_us(c->clock), &c->err)
                  : timetable_mended(c->store, &in, clock_now_us(c->clock), &c->err)) != RC_OK ||
        (rc = audit_add(c->store, co.company_id, clock_now_us(c->clock), cmd_who(c),
                        arena_printf(&c->arena, "integration %s changed", cmd_str(c, in.key)),
                        &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    return print_integration(c, &co, &in);
}

static enum rc_code list_company(struct cmd *c, const struct company *co, const void *self,
                                 struct cmd_json *j) {
    const struct show s = cmd_show(c);
    struct integration *list;
    size_t n = 0;
    (void)self;
    enum rc_code rc = integration_list(c->store, co->company_id, &c->arena, &list, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (c->json)
            rc = show_integration(&s, &j->w, NULL, co, &list[i], &c->err);
        else
            printf("%-30s  %-10s  last listed %s\n",
                   arena_printf(&c->arena, "%s/%s", cmd_str(c, co->key), cmd_str(c, list[i].key)),
                   cmd_str(c, list[i].source), cmd_when(c, list[i].listed_us));
    }
    return rc;
}

enum cmd_exit cmd_integration_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    return cmd_list(c, argc, argv, options, "integrations", list_company, NULL);
}

enum cmd_exit cmd_integration_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct integration in;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, ref, false, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    return print_integration(c, &co, &in);
}

void cmd_print_left(const char *const *left, size_t n) {
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "rollcall: %s\n", left[i]);
}

/* Whoever typed the yes at once has not read what was asked. */
static void print_removed(struct cmd *c, const struct company *co, const char *ref, int64_t people,
                          const struct unfed_there *there, size_t n) {
    const char *stays = unfed_removal_says(there, n, &c->arena);
    printf("removed %s, with %s people\n", ref, cmd_count(c, people));
    if (stays != NULL)
        cmd_wrap(c, "  ", text_of(arena_printf(&c->words, "Of them %s.", stays)));
    for (size_t i = 0; i < n; i++)
        printf("  They are nobody's now:  rollcall accounts list %s/%s --unmatched\n",
               cmd_str(c, co->key), cmd_str(c, there[i].destination));
    if (n > 0)
        cmd_wrap(
            c, "  ",
            text_of(
                "Whoever HR states one's address for gets it, as any that is nobody's, with the next delivery; "
                "the same integration added again under its key finds them by their ids. To close what "
                "is left: rollcall accounts close."));
}

enum cmd_exit cmd_integration_remove(struct cmd *c, int argc, char **argv) {
    const char *ref, *confirm = NULL;
    const struct cmd_option options[] = {
        { "confirm", "KEY", "the integration's key again: yes, everybody", .value = &confirm },
        { 0 }
    };
    struct company co;
    struct integration in;
    struct unfed_there *there;
    size_t there_n;
    int64_t people;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, ref, false, &co, &in)) != RC_OK ||
        (rc = directory_count(c->store, co.company_id, in.integration_id, &people, &c->err)) !=
            RC_OK ||
        (rc = unfed_by_removal(c->store, co.company_id, in.integration_id, &c->arena, &there,
                               &there_n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    const char *stays = unfed_removal_says(there, there_n, &c->arena);
    if (confirm == NULL || !text_is(in.key, confirm))
        return cmd_misused(
            c, "this forgets %s people and their history; %sif that is meant, say --confirm %s",
            cmd_count(c, people),
            stays != NULL ? arena_printf(&c->words, "of them %s; ", stays) : "",
            cmd_str(c, in.key));
    struct unsubscribed webhook;
    (void)cmd_open_key(c); /* without it nobody can sign in there, which is said */
    if ((rc = forget_integration(c->store, c->key, &in, c->clock, &c->arena, &webhook, &c->err)) !=
            RC_OK ||
        (rc = audit_add(c->store, co.company_id, clock_now_us(c->clock), cmd_who(c),
                        arena_printf(&c->arena, "integration %s removed", cmd_str(c, in.key)),
                        &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_text(&j.w, "removed", in.key);
        json_put_int(&j.w, "people", people);
        json_array(&j.w, "left_open");
        for (size_t i = 0; i < there_n; i++) {
            json_object(&j.w, NULL);
            json_put_text(&j.w, "destination", there[i].destination);
            json_put_int(&j.w, "people", there[i].people);
            json_object_end(&j.w);
        }
        json_array_end(&j.w);
        show_left(&j.w, webhook.left, webhook.left_n);
        cmd_json_end(&j);
    } else
        print_removed(c, &co, ref, people, there, there_n);
    if (!c->json)
        cmd_print_left(webhook.left, webhook.left_n);
    return CMD_OK;
}

enum cmd_exit cmd_integration_check(struct cmd *c, int argc, char **argv) {
    const char *ref, *record = NULL;
    const struct cmd_option options[] = {
        { "record", "DIR", "write an anonymised transcript of the answers into a new folder",
          .value = &record },
        { 0 }
    };
    struct company co;
    struct integration in;
    struct check check;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, ref, true, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    rc = check_integration(c->store, c->key, &in, record, getenv("ROLLCALL_PUBLIC_URL"), c->clock,
                           &c->arena, &check, &c->err);
    if (rc == RC_INVALID && c->err.name != NULL && strcmp(c->err.name, "check.record") == 0)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    if (rc != RC_OK)
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
    if (record != NULL)
        printf("recorded an anonymised transcript in %s; look through it before you give it away\n",
               record);
    if (!check.ok)
        puts("\nThis cannot import yet: mend what says FAIL, and check again.");
    else
        printf("\nReady.  Next:  rollcall import %s\n", ref);
    return check.ok ? CMD_OK : CMD_FAILED;
}
