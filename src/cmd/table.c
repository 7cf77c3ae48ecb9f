#include "cmd/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 << 20, MUCH = 1 << 20 };

bool cmd_table_is_well(struct cmd *c, const struct cmd_table_options *o) {
    if (o->csv != NULL && c->json)
        cmd_misused(c, "--csv and --json are two forms of the same: take one of them");
    else if (o->csv == NULL && o->mark != NULL)
        cmd_misused(c, "--bom belongs to --csv");
    else
        return true;
    return false;
}

static enum rc_code cannot(struct cmd *c, const char *path, int no) {
    return rc_fail_as(&c->err, RC_INVALID, "output.file", "%.200s cannot be written: %s", path,
                      strerror(no));
}

/* Through a draft beside it, so that a table cut short takes nobody's place; what is there and is
 * no file (a pipe, a terminal) is written to as it is. */
static enum rc_code open_file(struct cmd_table *t, const char *path) {
    struct stat st;
    int fd;
    t->path = path;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        t->to = fopen(path, "we");
        return t->to != NULL ? RC_OK : cannot(t->c, path, errno);
    }
    char *draft = arena_printf(&t->c->arena, "%s.XXXXXX", path);
    if ((fd = mkostemp(draft, O_CLOEXEC)) < 0)
        return cannot(t->c, path, errno);
    t->draft = draft;
    t->to = fdopen(fd, "w");
    return t->to != NULL ? RC_OK : cannot(t->c, path, errno);
}

enum rc_code cmd_table_open(struct cmd *c, const char *where, bool with_mark,
                            const char *const *heads, struct cmd_table *ret) {
    *ret = (struct cmd_table){ .c = c, .to = stdout };
    if (*where != '\0' && strcmp(where, "-") != 0) {
        enum rc_code rc = open_file(ret, where);
        if (rc != RC_OK)
            return rc;
    }
    buf_init(&ret->buf, BUFFER_BYTES);
    sheet_begin(&ret->sheet, &ret->buf, with_mark);
    for (size_t i = 0; heads[i] != NULL; i++)
        sheet_cstr(&ret->sheet, heads[i]);
    sheet_row_end(&ret->sheet);
    return RC_OK;
}

void cmd_table_cell(struct cmd_table *t, struct text value) {
    sheet_cell(&t->sheet, value);
}

void cmd_table_cstr(struct cmd_table *t, const char *value) {
    sheet_cstr(&t->sheet, value);
}

static void flush(struct cmd_table *t) {
    fwrite(t->buf.ptr, 1, t->buf.len, t->to); /* a failure stays with the FILE until the end */
    buf_clear(&t->buf);
}

void cmd_table_row_end(struct cmd_table *t) {
    sheet_row_end(&t->sheet);
    t->rows++;
    if (t->buf.len > MUCH)
        flush(t);
}

static void forget_draft(struct cmd_table *t) {
    if (t->draft != NULL)
        unlink(t->draft);
}

enum rc_code cmd_table_close(struct cmd_table *t) {
    flush(t);
    buf_done(&t->buf);
    if (t->path == NULL)
        return RC_OK; /* main() looks at standard output */
    bool bad = fflush(t->to) != 0 || ferror(t->to);
    int no = errno;
    if (fclose(t->to) != 0 && !bad) {
        bad = true;
        no = errno;
    }
    if (!bad && t->draft != NULL && rename(t->draft, t->path) != 0) {
        bad = true;
        no = errno;
    }
    if (bad) {
        forget_draft(t);
        return cannot(t->c, t->path, no);
    }
    fprintf(stderr, "%s rows in %s\n", cmd_count(t->c, t->rows), t->path);
    return RC_OK;
}

void cmd_table_drop(struct cmd_table *t) {
    buf_done(&t->buf);
    if (t->path != NULL && t->to != NULL)
        fclose(t->to);
    forget_draft(t);
}
