/* How a command answers: errors, words for people and for a terminal, JSON; and the files that it is given. */
#include "cmd/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *name_of(const struct rc_error *err) {
    return err->name != NULL ? err->name : "";
}

void cmd_put_error(struct json_writer *w, enum rc_code rc, const struct rc_error *err) {
    json_object(w, "error");
    json_put_cstr(w, "name", name_of(err));
    json_put_cstr(w, "code", rc_code_name(rc));
    json_put_cstr(w, "text", err->text);
    json_object_end(w);
}

void cmd_say_error(const char *of, const struct rc_error *err) {
    fflush(stdout);
    fprintf(stderr, "rollcall: %s%s%s\n", of, *of != '\0' ? ": " : "", err->text);
    if (*name_of(err) != '\0')
        fprintf(stderr, "(%s: see docs/errors.md)\n", name_of(err));
}

enum cmd_exit cmd_fail(struct cmd *c, enum rc_code rc) {
    const char *name = name_of(&c->err);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        cmd_put_error(&j.w, rc, &c->err);
        cmd_json_end(&j);
    } else
        cmd_say_error("", &c->err);
    return strcmp(name, "database.unnamed") == 0 || strcmp(name, "reference") == 0 ? CMD_MISUSED
                                                                                   : CMD_FAILED;
}

enum cmd_exit cmd_misused(struct cmd *c, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->err.text, sizeof c->err.text, fmt, ap);
    va_end(ap);
    c->err.name = "misused";
    if (c->json)
        cmd_fail(c, RC_INVALID);
    else
        fprintf(stderr, "rollcall: %s\n", c->err.text);
    return CMD_MISUSED;
}

const char *cmd_str(struct cmd *c, struct text t) {
    if (t.state != TEXT_SET)
        return "";
    char *s = arena_str(&c->words, t.ptr, t.len);
    for (char *p = s; *p != '\0'; p++) /* a name may hold what a terminal would obey */
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    return s;
}

const char *cmd_cell(struct cmd *c, struct text t, size_t columns) {
    size_t has = text_columns(t);
    return arena_printf(&c->words, "%s%*s", cmd_str(c, t), has < columns ? (int)(columns - has) : 0,
                        "");
}

void cmd_wrap(struct cmd *c, const char *indent, struct text t) {
    enum { COLUMNS = 110 };
    const char *s = cmd_str(c, t);
    size_t column = 0;
    while (*s != '\0') {
        size_t len = strcspn(s, " "), wide = text_columns(text_from(s, len));
        if (column > 0 && column + 1 + wide > COLUMNS) {
            putchar('\n');
            column = 0;
        }
        if (column == 0) {
            fputs(indent, stdout);
            column = strlen(indent);
        } else {
            putchar(' ');
            column++;
        }
        fwrite(s, 1, len, stdout);
        column += wide;
        s += len + strspn(s + len, " ");
    }
    putchar('\n');
}

const char *cmd_count(struct cmd *c, int64_t n) {
    char digits[32], out[48];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)n), o = 0;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            out[o++] = ',';
        out[o++] = digits[i];
    }
    return arena_str(&c->words, out, o);
}

const char *cmd_people(struct cmd *c, int64_t n) {
    return n == 1 ? "1 person" : arena_printf(&c->words, "%s people", cmd_count(c, n));
}

const char *cmd_when(struct cmd *c, int64_t at_us) {
    char s[32];
    if (at_us == 0)
        return "never";
    date_format_instant(at_us, s);
    return arena_printf(&c->words, "%.10s %.5s UTC", s, s + 11);
}

bool cmd_colour(void) {
    return isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
}

struct show cmd_show(struct cmd *c) {
    return (struct show){ c->store, c->clock, &c->arena };
}

void cmd_json_begin(struct cmd_json *j) {
    buf_init(&j->buf, (size_t)1 << 30);
    json_begin(&j->w, &j->buf);
    json_object(&j->w, NULL);
}

void cmd_json_flush(struct cmd_json *j) {
    enum { MUCH = 16 << 20 };
    if (j->buf.len < MUCH)
        return;
    fwrite(j->buf.ptr, 1, j->buf.len, stdout);
    buf_clear(&j->buf);
}

void cmd_json_end(struct cmd_json *j) {
    json_object_end(&j->w);
    fwrite(j->buf.ptr, 1, j->buf.len, stdout);
    putchar('\n');
    buf_done(&j->buf);
}

void cmd_json_finish(struct cmd_json *j, enum rc_code rc) {
    if (rc == RC_OK)
        cmd_json_end(j);
    else
        buf_done(&j->buf);
}

enum rc_code cmd_file(struct cmd *c, const char *path, int most, const char *refusal,
                      const char *what, struct text *ret) {
    struct buf b;
    char piece[4096];
    size_t n;
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (f == NULL)
        return rc_fail_as(&c->err, RC_NOT_FOUND, "file", "cannot read %.200s: %s", path,
                          strerror(errno));
    buf_init(&b, (size_t)most + 1);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && buf_append(&b, piece, n)) {
    }
    bool failed = ferror(f) != 0, is_long = b.full;
    if (f != stdin)
        fclose(f);
    *ret = text_from(arena_copy(&c->arena, b.ptr, b.len), b.len);
    buf_done(&b);
    if (failed)
        return rc_fail_as(&c->err, RC_FATAL, "file", "reading %.200s failed", path);
    return is_long ? rc_fail_as(&c->err, RC_INVALID, refusal, "%s has at most %d bytes", what, most)
                   : RC_OK;
}
