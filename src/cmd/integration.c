#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "cmd/cmd.h"
#include "people/mapping.h"
#include "source/source.h"
#include "sync/guard.h"
#include "sync/import.h"
#include "sync/mapped.h"

enum { SETTINGS_MAX = 32, SECRET_BYTES = 8192 };

struct settings { /* beside ops->settings */
    const char *values[SETTINGS_MAX];
};

/* ---- reading what is stored ---- */

static void settings_load(struct cmd *c, const struct source_ops *ops, struct text stored,
                          bool secret, struct settings *to) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    json doc;
    if (stored.state != TEXT_SET || json_parse_copy(r, stored.ptr, stored.len, &doc, NULL) != RC_OK)
        return;
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        const char *bytes;
        size_t len;
        if (ops->settings[i].secret == secret &&
            json_str(json_get(doc, ops->settings[i].key), &bytes, &len))
            to->values[i] = arena_str(&c->arena, bytes, len);
    }
}

static struct text settings_json(struct cmd *c, const struct source_ops *ops,
                                 const struct settings *s, bool secret) {
    struct buf b;
    struct json_writer w;
    bool any = false;
    buf_init(&b, 1 << 20);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        if (s->values[i] == NULL || ops->settings[i].secret != secret)
            continue;
        json_put_cstr(&w, ops->settings[i].key, s->values[i]);
        any = true;
    }
    json_object_end(&w);
    struct text t =
        secret && !any ? (struct text){ 0 } : text_from(arena_copy(&c->arena, b.ptr, b.len), b.len);
    if (secret)
        secret_wipe(b.ptr, b.len);
    buf_done(&b);
    return t;
}

/* ---- taking what is given ---- */

static int find_setting(const struct source_ops *ops, const char *key, size_t len) {
    for (int i = 0; ops->settings[i].key != NULL; i++)
        if (strlen(ops->settings[i].key) == len && strncmp(ops->settings[i].key, key, len) == 0)
            return i;
    return -1;
}

/* The known key that shares the most letters with what was typed. */
static const char *nearest(const struct source_ops *ops, const char *key, size_t len) {
    const char *best = ops->settings[0].key;
    int best_score = -1;
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        int score = 0;
        for (size_t j = 0; j < len; j++)
            score += strchr(ops->settings[i].key, key[j]) != NULL;
        score -= abs((int)strlen(ops->settings[i].key) - (int)len);
        if (score > best_score)
            best_score = score, best = ops->settings[i].key;
    }
    return best;
}

static bool split(struct cmd *c, const struct source_ops *ops, const char *arg, bool want_secret,
                  int *ret_at, const char **ret_value) {
    const char *eq = strchr(arg, '=');
    size_t len = eq != NULL ? (size_t)(eq - arg) : strlen(arg);
    int at = find_setting(ops, arg, len);
    if (eq == NULL) {
        cmd_misused(c, "\"%.40s\": write KEY=VALUE", arg);
        return false;
    }
    if (at < 0) {
        cmd_misused(c, "%s has no setting \"%.*s\"; did you mean \"%s\"?", ops->title, (int)len,
                    arg, nearest(ops, arg, len));
        return false;
    }
    if (ops->settings[at].secret != want_secret) {
        cmd_misused(
            c,
            want_secret
                ? "\"%s\" is no secret: give it with --set"
                : "\"%s\" is a secret, and arguments can be seen by others on this machine: give it with"
                  " --secret-file or --secret-env",
            ops->settings[at].key);
        return false;
    }
    *ret_at = at;
    *ret_value = eq + 1;
    return true;
}

static const char *read_secret_file(struct cmd *c, const char *path) {
    char buf[SECRET_BYTES];
    FILE *f = fopen(path, "re");
    size_t n = f != NULL ? fread(buf, 1, sizeof buf, f) : 0;
    if (f == NULL || ferror(f) || n == sizeof buf) {
        cmd_misused(c, "%s: cannot be read as a secret", path);
        if (f != NULL)
            fclose(f);
        return NULL;
    }
    fclose(f);
    while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\r'))
        n--;
    const char *s = arena_str(&c->arena, buf, n);
    secret_wipe(buf, sizeof buf);
    return s;
}

static const char *ask_secret(struct cmd *c, const char *title, const char *key) {
    struct termios shown, hidden;
    char buf[SECRET_BYTES];
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown) != 0)
        return NULL;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "%s %s: ", title, key);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    bool got = fgets(buf, sizeof buf, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    if (!got)
        return NULL;
    const char *s = arena_str(&c->arena, buf, strcspn(buf, "\r\n"));
    secret_wipe(buf, sizeof buf);
    return s;
}

struct given {
    const char *source, *team, *limits, *accept_rights;
    struct cmd_list set, secret_file, secret_env;
};

static bool take_given(struct cmd *c, const struct source_ops *ops, const struct given *g,
                       struct settings *s) {
    const char *value;
    int at;
    for (size_t i = 0; i < g->set.n; i++) {
        if (!split(c, ops, g->set.items[i], false, &at, &value))
            return false;
        s->values[at] = *value != '\0' ? value : NULL;
    }
    for (size_t i = 0; i < g->secret_file.n; i++)
        if (!split(c, ops, g->secret_file.items[i], true, &at, &value) ||
            (s->values[at] = read_secret_file(c, value)) == NULL)
            return false;
    for (size_t i = 0; i < g->secret_env.n; i++) {
        if (!split(c, ops, g->secret_env.items[i], true, &at, &value))
            return false;
        if ((s->values[at] = getenv(value)) == NULL) {
            cmd_misused(c, "the environment has no %s", value);
            return false;
        }
    }
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        const struct setting *o = &ops->settings[i];
        if (s->values[i] == NULL && o->required && o->secret)
            s->values[i] = ask_secret(c, ops->title, o->key);
        if (s->values[i] == NULL && o->required) {
            cmd_misused(c, "%s needs \"%s\" (%s): give it with %s", ops->title, o->key, o->help,
                        o->secret ? "--secret-file, --secret-env, or on a terminal" : "--set");
            return false;
        }
    }
    return true;
}

/* Opens the source once, so that a setting that makes no sense is refused now and not at night. */
static enum rc_code try_settings(struct cmd *c, const struct source_ops *ops,
                                 const struct settings *s) {
    RC_CLEANUP(source_closep) struct source *source = NULL;
    const char *values[SETTINGS_MAX];
    for (size_t i = 0; ops->settings[i].key != NULL; i++)
        values[i] = s->values[i] != NULL ? s->values[i] : ops->settings[i].fallback;
    struct source_config config = { ops, values, mapping_reads(mapping_default(&c->arena)),
                                    c->clock };
    return source_open(&config, &source, &c->err);
}

/* ---- showing ---- */

static void json_integration(struct cmd *c, struct json_writer *w, const char *key,
                             const struct company *co, const struct integration *in) {
    char at[32];
    (void)c;
    json_object(w, key);
    json_put_text(w, "company", co->key);
    json_put_text(w, "integration", in->key);
    json_put_text(w, "source", in->source);
    json_put_text(w, "team", in->team_from);
    if (in->settings.state == TEXT_SET)
        json_put_raw(w, "settings", in->settings.ptr, in->settings.len);
    if (in->limits.state == TEXT_SET)
        json_put_raw(w, "limits", in->limits.ptr, in->limits.len);
    else
        json_put_null(w, "limits");
    json_put_cstr(w, "listed_at",
                  in->listed_us != 0 ? date_format_instant(in->listed_us, at) : NULL);
    json_object_end(w);
}

static void print_integration(struct cmd *c, const struct company *co,
                              const struct integration *in) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    json doc, key, value;
    const char *k, *v;
    size_t kn, vn;
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_integration(c, &j.w, "integration", co, in);
        cmd_json_end(&j);
        return;
    }
    printf("integration  %s/%s\nsource       %s\nteam from    %s\nlast listed  %s\n",
           cmd_str(c, co->key), cmd_str(c, in->key), cmd_str(c, in->source),
           cmd_str(c, in->team_from), cmd_when(c, in->listed_us));
    if (json_parse_copy(r, in->settings.ptr, in->settings.len, &doc, NULL) == RC_OK)
        for (struct json_iter it = json_iter(doc); json_next(&it, &key, &value);)
            if (json_str(key, &k, &kn) && json_str(value, &v, &vn))
                printf("setting      %.*s=%.*s\n", (int)kn, k, (int)vn, v);
    if (in->limits.state == TEXT_SET)
        printf("limits       %s\n", cmd_str(c, in->limits));
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
    { "set", "KEY=VALUE", "a setting of the source, see below; may be given again",                \
      .list = &(g).set },                                                                          \
        { "secret-file", "KEY=FILE", "a secret setting, from a file", .list = &(g).secret_file },  \
        { "secret-env", "KEY=NAME", "a secret setting, from the environment",                      \
          .list = &(g).secret_env },                                                               \
        { "team", "team|department", "what becomes the primary team (department)",                 \
          .value = &(g).team },                                                                    \
    {                                                                                              \
        "limits", "JSON", "guard limits that differ from the usual, see below",                    \
            .value = &(g).limits                                                                   \
    }

static void help_limits(void) {
    printf(
        "\nThe guard's usual limits: people, or percent of the population, whichever is more.\n  %-12s",
        "");
    for (int w = 0; w < GUARD_WINDOWS_N; w++)
        printf("  %-12s", guard_window_name((enum guard_window)w));
    putchar('\n');
    for (int k = 0; k < CHANGE_OTHER; k++) {
        printf("  %-12s", change_class_name((enum change_class)k));
        for (int w = 0; w < GUARD_WINDOWS_N; w++) {
            struct buf b;
            buf_init(&b, 100);
            guard_limit_write(guard_usual.of[k][w], &b);
            printf("  %-12s", b.ptr);
            buf_done(&b);
        }
        printf("  %s\n", change_class_meaning((enum change_class)k));
    }
}

void cmd_integration_help(void) {
    size_t n;
    const struct source_ops *const *all = source_all(&n);
    for (size_t i = 0; i < n; i++) {
        printf("\nSettings of the source %s (%s):\n", all[i]->name, all[i]->title);
        for (const struct setting *s = all[i]->settings; s->key != NULL; s++)
            printf("  %-18s %s%s%s%s%s\n", s->key, s->help, s->required ? "; required" : "",
                   s->secret ? "; secret" : "", s->fallback != NULL ? "; usually " : "",
                   s->fallback != NULL ? s->fallback : "");
    }
    help_limits();
    puts(
        "Others:  --limits '{\"leavers\":{\"run\":[3,5],\"24h\":[5,5]}}'   (back to the usual: --limits '')");
}

static bool take_plain(struct cmd *c, const struct given *g, struct integration *in) {
    const struct mapping *m;
    struct guard_limits limits;
    if (g->team != NULL && mapping_of_team(g->team, &c->arena, &m, &c->err) != RC_OK) {
        cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
        return false;
    }
    if (g->team != NULL)
        in->team_from = text_of(g->team);
    if (g->limits == NULL)
        return true;
    in->limits = *g->limits != '\0' ? text_of(g->limits) : (struct text){ 0 };
    if (guard_limits_read(in->limits, &limits, &c->err) != RC_OK) {
        cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
        return false;
    }
    return true;
}

enum cmd_exit cmd_integration_add(struct cmd *c, int argc, char **argv) {
    struct given g = { 0 };
    const struct cmd_option options[] = { { "source", "NAME", "the HR system", .value = &g.source },
                                          GIVEN_OPTIONS(g),
                                          { 0 } };
    const char *ref, *key;
    struct settings s = { { NULL } };
    struct company co;
    struct integration in = { .team_from = text_of("department") };
    const struct source_ops *ops;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref) ||
        (ops = find_source(c, g.source)) == NULL || !take_plain(c, &g, &in) ||
        !take_given(c, ops, &g, &s))
        return CMD_MISUSED;
    if ((rc = cmd_open_key(c)) != RC_OK || (rc = cmd_company_of(c, ref, &co, &key)) != RC_OK)
        return cmd_fail(c, rc);
    if (company_key_check(key, "integration", &c->err) != RC_OK ||
        try_settings(c, ops, &s) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    in.company_id = co.company_id;
    in.key = text_of(key);
    in.source = text_of(ops->name);
    in.settings = settings_json(c, ops, &s, false);
    in.secrets = settings_json(c, ops, &s, true);
    in.created_us = clock_now_us(c->clock);
    if ((rc = integration_add(c->store, c->key, &in, &c->err)) != RC_OK ||
        (rc = audit_add(c->store, co.company_id, in.created_us, cmd_who(c),
                        arena_printf(&c->arena, "integration %s added", key), &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    print_integration(c, &co, &in);
    if (!c->json)
        printf("\nNext:  rollcall integration check %s\n", ref);
    return CMD_OK;
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
    struct settings s = { { NULL } };
    struct company co;
    struct integration in;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (g.set.n + g.secret_file.n + g.secret_env.n == 0 && g.team == NULL && g.limits == NULL &&
        g.accept_rights == NULL)
        return cmd_misused(
            c,
            "nothing to set: give --set KEY=VALUE, --secret-file, --secret-env, --team, --limits or --accept-rights");
    if ((rc = cmd_integration_of(c, ref, true, &co, &in)) != RC_OK)
        return cmd_fail(c, rc);
    const struct source_ops *ops = find_source(c, cmd_str(c, in.source));
    if (ops == NULL)
        return CMD_MISUSED;
    settings_load(c, ops, in.settings, false, &s);
    settings_load(c, ops, in.secrets, true, &s);
    if (!take_plain(c, &g, &in) || !take_given(c, ops, &g, &s))
        return CMD_MISUSED;
    if (try_settings(c, ops, &s) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    in.settings = settings_json(c, ops, &s, false);
    in.secrets = settings_json(c, ops, &s, true);
    if (g.accept_rights != NULL)
        in.rights = (struct text){ 0 };
    if ((rc = integration_save(c->store, c->key, &in, &c->err)) != RC_OK ||
        (rc = audit_add(c->store, co.company_id, clock_now_us(c->clock), cmd_who(c),
                        arena_printf(&c->arena, "integration %s changed", cmd_str(c, in.key)),
                        &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    print_integration(c, &co, &in);
    return CMD_OK;
}

enum cmd_exit cmd_integration_list(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *key = NULL;
    struct company *all, one;
    struct cmd_json j;
    size_t n = 1;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &key))
        return CMD_MISUSED;
    all = &one;
    if ((rc = cmd_open(c)) != RC_OK ||
        (rc = key != NULL ? cmd_company_of(c, key, &one, NULL)
                          : company_list(c->store, &c->arena, &all, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "integrations");
    }
    for (size_t i = 0; i < n; i++) {
        struct integration *list;
        size_t list_n;
        if ((rc = integration_list(c->store, all[i].company_id, &c->arena, &list, &list_n,
                                   &c->err)) != RC_OK)
            break;
        for (size_t k = 0; k < list_n; k++) {
            if (c->json)
                json_integration(c, &j.w, NULL, &all[i], &list[k]);
            else
                printf("%-30s  %-10s  last listed %s\n",
                       arena_printf(&c->arena, "%s/%s", cmd_str(c, all[i].key),
                                    cmd_str(c, list[k].key)),
                       cmd_str(c, list[k].source), cmd_when(c, list[k].listed_us));
        }
    }
    if (c->json) {
        json_array_end(&j.w);
        if (rc == RC_OK)
            cmd_json_end(&j);
        else
            buf_done(&j.buf);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
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
    print_integration(c, &co, &in);
    return CMD_OK;
}

enum cmd_exit cmd_integration_remove(struct cmd *c, int argc, char **argv) {
    const char *ref, *confirm = NULL;
    const struct cmd_option options[] = {
        { "confirm", "KEY", "the integration's key again: yes, everybody", .value = &confirm },
        { 0 }
    };
    struct company co;
    struct integration in;
    int64_t people;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, ref, false, &co, &in)) != RC_OK ||
        (rc = directory_count(c->store, co.company_id, in.integration_id, &people, &c->err)) !=
            RC_OK)
        return cmd_fail(c, rc);
    if (confirm == NULL || !text_is(in.key, confirm))
        return cmd_misused(
            c, "this forgets %s people and their history; if that is meant, say --confirm %s",
            cmd_count(c, people), cmd_str(c, in.key));
    if ((rc = import_forget(c->store, &in, c->clock, &c->err)) != RC_OK ||
        (rc = audit_add(c->store, co.company_id, clock_now_us(c->clock), cmd_who(c),
                        arena_printf(&c->arena, "integration %s removed", cmd_str(c, in.key)),
                        &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"removed\":\"%s\",\"people\":%lld}\n", cmd_str(c, in.key), (long long)people);
    else
        printf("removed %s, with %s people\n", ref, cmd_count(c, people));
    return CMD_OK;
}

static void print_finding(const struct finding *f) {
    static const char *const marks[] = { "ok   ", "warn ", "FAIL " };
    printf("%s %s\n", marks[f->level], f->text);
}

enum cmd_exit cmd_integration_check(struct cmd *c, int argc, char **argv) {
    static const char *const levels[] = { "ok", "warn", "fail" };
    const char *ref, *record = NULL;
    const struct cmd_option options[] = {
        { "record", "DIR", "write an anonymised transcript of the answers into a new folder",
          .value = &record },
        { 0 }
    };
    RC_CLEANUP(source_closep) struct source *s = NULL;
    const struct mapping *m;
    struct company co;
    struct integration in;
    struct source_check check = { .people_n = -1 };
    bool failed = false;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = cmd_integration_of(c, ref, true, &co, &in)) != RC_OK ||
        (rc = mapped_current(c->store, &in, &c->arena, &m, &c->err)) != RC_OK ||
        (rc = import_connect(&in, m, c->clock, &s, &c->err)) != RC_OK ||
        (rc = s->ops->check(s, &c->arena, &check, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    for (size_t i = 0; i < check.findings_n; i++)
        failed |= check.findings[i].level == FINDING_FAIL;
    if (record != NULL && (s->ops->caps & SOURCE_RECORD) == 0)
        return cmd_misused(c, "%s has nothing to record", s->ops->title);
    if (record != NULL && (rc = s->ops->record(s, record, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_bool(&j.w, "ok", !failed);
        json_put_int(&j.w, "people", check.people_n);
        json_array(&j.w, "findings");
        for (size_t i = 0; i < check.findings_n; i++) {
            json_object(&j.w, NULL);
            json_put_cstr(&j.w, "level", levels[check.findings[i].level]);
            json_put_cstr(&j.w, "name", check.findings[i].name);
            json_put_cstr(&j.w, "text", check.findings[i].text);
            json_object_end(&j.w);
        }
        json_array_end(&j.w);
        cmd_json_end(&j);
        return failed ? CMD_FAILED : CMD_OK;
    }
    for (size_t i = 0; i < check.findings_n; i++)
        print_finding(&check.findings[i]);
    if (record != NULL)
        printf("recorded an anonymised transcript in %s; look through it before you give it away\n",
               record);
    if (failed)
        puts("\nThis cannot import yet: mend what says FAIL, and check again.");
    else
        printf("\nReady.  Next:  rollcall import %s\n", ref);
    return failed ? CMD_FAILED : CMD_OK;
}
