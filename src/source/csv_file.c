#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/csv_p.h"

enum { FILE_BYTES_MOST = 1 << 30, TAIL_BYTES = 4096 };

/* ---- text ---- */

/* Latin-1 as it is met: what ISO 8859-1 has as control characters, Windows has as letters (names
 * with Š and Ž). */
static struct csv_cell to_utf8(struct arena *a, struct csv_cell cell) {
    static const uint16_t above_7f[32] = { 0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020,
                                           0x2021, 0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,
                                           0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d,
                                           0x2022, 0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a,
                                           0x153,  0x9d,   0x17e,  0x178 };
    char *out = arena_alloc(a, 3 * cell.len + 1), *to = out;
    for (size_t i = 0; i < cell.len; i++) {
        unsigned code = (unsigned char)cell.ptr[i];
        if (code >= 0x80 && code < 0xa0)
            code = above_7f[code - 0x80];
        if (code < 0x80) {
            *to++ = (char)code;
        } else if (code < 0x800) {
            *to++ = (char)(0xc0 | code >> 6);
            *to++ = (char)(0x80 | (code & 0x3f));
        } else {
            *to++ = (char)(0xe0 | code >> 12);
            *to++ = (char)(0x80 | (code >> 6 & 0x3f));
            *to++ = (char)(0x80 | (code & 0x3f));
        }
    }
    return (struct csv_cell){ out, (size_t)(to - out) };
}

struct csv_cell csv_cell_keep(const struct csv_form *c, struct arena *a, struct csv_cell cell) {
    if (c->latin1)
        return to_utf8(a, cell);
    return (struct csv_cell){ arena_str(a, cell.ptr, cell.len), cell.len }; /* never NULL */
}

/* "#count=12", padded by empty cells or quotes perhaps. */
static bool count_parse(const char *p, size_t len, char delimiter, int64_t *ret) {
    static const char mark[] = "#count=";
    const char *end = p + len;
    int64_t n = 0;
    p += p < end && *p == '"';
    if ((size_t)(end - p) < sizeof mark || memcmp(p, mark, sizeof mark - 1) != 0)
        return false;
    p += sizeof mark - 1;
    if (*p < '0' || *p > '9')
        return false;
    for (; p < end && *p >= '0' && *p <= '9' && n < INT64_C(1000000000000); p++)
        n = 10 * n + (*p - '0');
    for (; p < end; p++)
        if (*p != '"' && *p != ' ' && *p != delimiter && strchr(",;\t|", *p) == NULL)
            return false;
    *ret = n;
    return true;
}

/* ---- file ---- */

static enum rc_code file_read(void *self, char *to, size_t most, size_t *ret_n,
                              struct rc_error *err) {
    struct csv_file *f = self;
    ssize_t n;
    do
        n = read(f->fd, to, most);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return rc_fail_as(err, RC_RETRY, "csv.file", "reading failed: %s", strerror(errno));
    *ret_n = (size_t)n;
    f->read_bytes += (uint64_t)n;
    if (f->read_bytes > FILE_BYTES_MOST)
        return rc_fail_as(err, RC_INVALID, "csv.too-long", "the file is over 1 GiB");
    return RC_OK;
}

/* The trailer is looked up before the first row, so that every page can declare the total. */
static enum rc_code trailer_find(const struct csv_form *c, struct csv_file *f,
                                 struct rc_error *err) {
    char tail[TAIL_BYTES];
    off_t from = f->at_open.st_size > TAIL_BYTES ? f->at_open.st_size - TAIL_BYTES : 0;
    ssize_t n = pread(f->fd, tail, sizeof tail, from);
    const char *end = tail + (n > 0 ? n : 0), *line;
    while (end > tail && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    for (line = end; line > tail && line[-1] != '\n' && line[-1] != '\r';)
        line--;
    if (!count_parse(line, (size_t)(end - line), c->delimiter, &f->declared))
        return rc_fail_as(
            err, RC_RETRY, "csv.no-trailer",
            "the last line is not #count=N: the file was cut off, or is still being written");
    return RC_OK;
}

static bool same_word(struct text t, const char *lower) {
    size_t i = 0;
    for (; i < t.len && lower[i] != '\0'; i++)
        if ((t.ptr[i] >= 'A' && t.ptr[i] <= 'Z' ? t.ptr[i] - 'A' + 'a' : t.ptr[i]) != lower[i])
            return false;
    return i == t.len && lower[i] == '\0';
}

size_t csv_column_find(const struct text *names, size_t n, const char *wanted, bool by_case) {
    for (size_t i = 0; i < n; i++)
        if (names[i].state == TEXT_SET &&
            (by_case ? text_is(names[i], wanted) : same_word(names[i], wanted)))
            return i;
    return n;
}

/* The header's names, clean; f->columns_n of them. */
static enum rc_code header_read(const struct csv_form *c, struct csv_file *f, struct arena *a,
                                struct text **ret, struct rc_error *err) {
    struct csv_record record;
    enum rc_code rc = csv_next(&f->reader, &record, err);
    if (rc != RC_OK)
        return rc;
    struct text *names = ARENA_NEW(a, struct text, record.cells_n + 1);
    if (record.cells_n == 0 || record.odd)
        return rc_fail_as(err, RC_INVALID, "csv.header", "the file has no readable header row");
    for (size_t i = 0; i < record.cells_n; i++) {
        struct csv_cell cell = csv_cell_keep(c, a, record.cells[i]);
        if (text_clean(a, cell.ptr, cell.len, 200, &names[i], NULL) != RC_OK)
            return rc_fail_as(err, RC_INVALID, "csv.header",
                              "the name of column %zu is not %s, or longer than 200 bytes", i + 1,
                              c->latin1 ? "text" : "UTF-8 (is the encoding right?)");
        for (size_t k = 0; k < i; k++)
            if (names[i].state == TEXT_SET &&
                text_equal(text_fold_ascii(a, names[i]), text_fold_ascii(a, names[k])))
                return rc_fail_as(err, RC_INVALID, "csv.header", "two columns have the name %.*s",
                                  TEXT_ARG(names[i]));
    }
    f->columns_n = record.cells_n;
    if (csv_column_find(names, f->columns_n, "id", false) == f->columns_n)
        return rc_fail_as(
            err, RC_INVALID, "csv.header",
            "the header row has no column `id` (%zu columns, separated by %s)", f->columns_n,
            f->reader.delimiter == '\t' ? "tabs" : (char[]){ f->reader.delimiter, '\0' });
    *ret = names;
    return RC_OK;
}

void csv_file_close(struct csv_file *f) {
    csv_reader_done(&f->reader);
    if (f->fd >= 0)
        close(f->fd);
    mem_free(f->column);
    mem_free(f);
}

enum rc_code csv_file_open(const struct csv_form *c, struct arena *a, struct text **ret_names,
                           struct csv_file **ret, struct rc_error *err) {
    RC_CLEANUP(csv_file_closep) struct csv_file *f = mem_zalloc(sizeof *f);
    struct text *names = NULL;
    enum rc_code rc = RC_OK;
    f->declared = c->rows_declared;
    f->fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */
    csv_reader_init(&f->reader, c->delimiter, file_read, f);
    if (f->fd < 0 || fstat(f->fd, &f->at_open) != 0)
        return rc_fail_as(err, errno == EACCES ? RC_AUTH : RC_RETRY, "csv.file", "%s: %s", c->path,
                          strerror(errno));
    if (!S_ISREG(f->at_open.st_mode))
        return rc_fail_as(err, RC_INVALID, "csv.file", "%s is not a regular file", c->path);
    if (f->at_open.st_size > FILE_BYTES_MOST)
        return rc_fail_as(err, RC_INVALID, "csv.too-long", "%s is over 1 GiB", c->path);
    rc = header_read(c, f, a, &names, err);
    if (rc == RC_OK && c->trailer)
        rc = trailer_find(c, f, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "%s", c->path);
    *ret_names = names;
    *ret = RC_TAKE(f);
    return RC_OK;
}

/* Whoever writes the file while it is read gives us half of one state and half of another. */
static enum rc_code file_unchanged(const struct csv_form *c, const struct csv_file *f,
                                   struct rc_error *err) {
    struct stat there, held;
    const struct stat *was = &f->at_open;
    if (stat(c->path, &there) != 0 || fstat(f->fd, &held) != 0 || there.st_ino != was->st_ino ||
        there.st_dev != was->st_dev || held.st_size != was->st_size ||
        held.st_mtim.tv_sec != was->st_mtim.tv_sec ||
        held.st_mtim.tv_nsec != was->st_mtim.tv_nsec || f->read_bytes != (uint64_t)was->st_size)
        return rc_fail_as(err, RC_RETRY, "csv.changed", "%s changed while it was read", c->path);
    return RC_OK;
}

enum rc_code csv_file_next(const struct csv_form *c, struct csv_file *f, struct csv_record *ret,
                           struct rc_error *err) {
    int64_t count;
    enum rc_code rc = csv_next(&f->reader, ret, err);
    if (rc == RC_OK && ret->cells_n > 0 && c->trailer &&
        count_parse(ret->cells[0].ptr, ret->cells[0].len, f->reader.delimiter, &count)) {
        f->trailer_seen = true;
        rc = csv_next(&f->reader, ret, err);
        if (rc == RC_OK && ret->cells_n > 0)
            rc = rc_fail_as(err, RC_INVALID, "csv.trailer", "rows follow behind #count=%lld",
                            (long long)count);
    }
    if (rc == RC_OK && ret->cells_n == 0) {
        rc = file_unchanged(c, f, err);
        if (rc == RC_OK && c->trailer && !f->trailer_seen)
            rc = rc_fail_as(err, RC_INVALID, "csv.trailer",
                            "#count=N stands within a cell, not in a line of its own");
    }
    return rc == RC_OK ? rc : rc_context(err, rc, "csv");
}
