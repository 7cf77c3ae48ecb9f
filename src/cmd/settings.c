#include "cmd/settings.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "sync/guard.h"

enum { SECRET_BYTES = 8192 };

/* ---- reading what is stored ---- */

void cmd_settings_load(struct cmd *c, const struct setting *all, struct text stored, bool secret,
                       struct cmd_settings *to) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    json doc;
    if (stored.state != TEXT_SET || json_parse_copy(r, stored.ptr, stored.len, &doc, NULL) != RC_OK)
        return;
    for (size_t i = 0; all[i].key != NULL; i++) {
        const char *bytes;
        size_t len;
        if (all[i].secret == secret && json_str(json_get(doc, all[i].key), &bytes, &len))
            to->values[i] = arena_str(&c->arena, bytes, len);
    }
}

struct text cmd_settings_json(struct cmd *c, const struct setting *all,
                              const struct cmd_settings *s, bool secret) {
    struct buf b;
    struct json_writer w;
    bool any = false;
    buf_init(&b, 1 << 20);
    json_begin(&w, &b);
    json_object(&w, NULL);
    for (size_t i = 0; all[i].key != NULL; i++) {
        if (s->values[i] == NULL || all[i].secret != secret)
            continue;
        json_put_cstr(&w, all[i].key, s->values[i]);
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

static int find_setting(const struct setting *all, const char *key, size_t len) {
    for (int i = 0; all[i].key != NULL; i++)
        if (strlen(all[i].key) == len && strncmp(all[i].key, key, len) == 0)
            return i;
    return -1;
}

/* The known key that shares the most letters with what was typed. */
static const char *nearest(const struct setting *all, const char *key, size_t len) {
    const char *best = all[0].key;
    int best_score = -1;
    for (size_t i = 0; all[i].key != NULL; i++) {
        int score = 0;
        for (size_t j = 0; j < len; j++)
            score += strchr(all[i].key, key[j]) != NULL;
        score -= abs((int)strlen(all[i].key) - (int)len);
        if (score > best_score)
            best_score = score, best = all[i].key;
    }
    return best;
}

static bool split(struct cmd *c, const struct setting *all, const char *title, const char *arg,
                  bool want_secret, int *ret_at, const char **ret_value) {
    const char *eq = strchr(arg, '=');
    size_t len = eq != NULL ? (size_t)(eq - arg) : strlen(arg);
    int at = find_setting(all, arg, len);
    if (eq == NULL) {
        cmd_misused(c, "\"%.40s\": write KEY=VALUE", arg);
        return false;
    }
    if (at < 0) {
        cmd_misused(c, "%s has no setting \"%.*s\"; did you mean \"%s\"?", title, (int)len, arg,
                    nearest(all, arg, len));
        return false;
    }
    if (all[at].secret != want_secret) {
        cmd_misused(
            c,
            want_secret
                ? "\"%s\" is no secret: give it with --set"
                : "\"%s\" is a secret, and arguments can be seen by others on this machine: give it with"
                  " --secret-file or --secret-env",
            all[at].key);
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

bool cmd_settings_take(struct cmd *c, const struct setting *all, const char *title,
                       const struct cmd_given *g, struct cmd_settings *s) {
    const char *value;
    int at;
    for (size_t i = 0; i < g->set.n; i++) {
        if (!split(c, all, title, g->set.items[i], false, &at, &value))
            return false;
        s->values[at] = *value != '\0' ? value : NULL;
    }
    for (size_t i = 0; i < g->secret_file.n; i++)
        if (!split(c, all, title, g->secret_file.items[i], true, &at, &value) ||
            (s->values[at] = read_secret_file(c, value)) == NULL)
            return false;
    for (size_t i = 0; i < g->secret_env.n; i++) {
        if (!split(c, all, title, g->secret_env.items[i], true, &at, &value))
            return false;
        if ((s->values[at] = getenv(value)) == NULL) {
            cmd_misused(c, "the environment has no %s", value);
            return false;
        }
    }
    for (size_t i = 0; all[i].key != NULL; i++) {
        const struct setting *o = &all[i];
        if (s->values[i] == NULL && o->required && o->secret)
            s->values[i] = ask_secret(c, title, o->key);
        if (s->values[i] == NULL && o->required) {
            cmd_misused(c, "%s needs \"%s\" (%s): give it with %s", title, o->key, o->help,
                        o->secret ? "--secret-file, --secret-env, or on a terminal" : "--set");
            return false;
        }
    }
    return true;
}

bool cmd_given_any(const struct cmd_given *g) {
    return g->set.n + g->secret_file.n + g->secret_env.n > 0;
}

/* ---- showing ---- */

void cmd_settings_print(struct cmd *c, struct text settings) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    json doc, key, value;
    const char *k, *v;
    size_t kn, vn;
    if (settings.state != TEXT_SET ||
        json_parse_copy(r, settings.ptr, settings.len, &doc, NULL) != RC_OK)
        return;
    for (struct json_iter it = json_iter(doc); json_next(&it, &key, &value);)
        if (json_str(key, &k, &kn) && json_str(value, &v, &vn))
            printf("setting      %s=%s\n", cmd_str(c, text_from(k, kn)),
                   cmd_str(c, text_from(v, vn)));
}

void cmd_settings_help(const struct setting *all) {
    for (const struct setting *s = all; s->key != NULL; s++)
        printf("  %-18s %s%s%s%s%s\n", s->key, s->help, s->required ? "; required" : "",
               s->secret ? "; secret" : "", s->fallback != NULL ? "; usually " : "",
               s->fallback != NULL ? s->fallback : "");
}

/* ---- the guard's limits ---- */

bool cmd_limits_take(struct cmd *c, const char *given, struct text *ret) {
    struct guard_limits limits;
    if (given == NULL)
        return true;
    struct text t = *given != '\0' ? text_of(given) : (struct text){ 0 };
    if (guard_limits_read(t, &limits, &c->err) != RC_OK) {
        cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
        return false;
    }
    *ret = t;
    return true;
}

void cmd_limits_help(void) {
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
    puts(
        "Others:  --limits '{\"leavers\":{\"run\":[3,5],\"24h\":[5,5]}}'   (back to the usual: --limits '')");
}

void cmd_finding_print(const struct finding *f) {
    static const char *const marks[] = { "ok   ", "warn ", "FAIL " };
    printf("%s %s\n", marks[f->level], f->text);
}
