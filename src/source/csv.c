/* A file with a header row. Columns are found by their names: `id`, the names of employee fields (first_name, office ...), and custom
 * keys as the mapping reads them. The format for whoever writes such files is in docs/writing-a-source.md and `integration add --help`.
 *
 * A file says nothing about being whole unless it is told to: with a last line "#count=N" (setting complete=trailer), or by the number of
 * rows that the setting complete=rows=N declares. Without one of them nothing is declared, and so nobody counts as gone. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "source/csv_p.h"
#include "source/source_p.h"

enum {
    FILE_BYTES_MOST = 1 << 30,
    PAGE_ROWS = 500,
    PAGE_BYTES = 4 << 20,
    TAIL_BYTES = 4096,
    SLOT_ID = EMPLOYEE_FIELDS_N, /* the slots before it are the fields, those behind it the custom keys */
    SLOTS_FIXED,
};

enum csv_dates { DATES_ISO, DATES_DMY, DATES_MDY };

struct csv_file {
    int fd;
    struct stat at_open;
    struct csv_reader reader;
    uint64_t read_bytes;
    size_t columns_n;
    size_t *column; /* of each slot; columns_n: the file has none */
    int64_t declared;
    bool trailer_seen;
};

struct csv {
    struct source base;
    const struct clock_source *clock;
    struct employee_reads reads;
    char *path;
    char delimiter; /* 0: found out */
    bool latin1, trailer;
    enum csv_dates dates;
    int64_t rows_declared; /* -1: not by the setting */
    struct csv_file *listing;
    uint64_t rows_n;
};

/* One row: its cells by slot, or why it has none. */
struct csv_row {
    const struct csv_cell *cells; /* NULL: odd */
    uint64_t number;
    size_t cells_n;
};

struct csv_page {
    struct source_page base;
    struct arena arena;
    struct csv_row *rows;
};

static const struct source_setting settings[] = {
    { "file", false, true, NULL, "path of the file" },
    { "delimiter", false, false, "auto", "auto, comma, semicolon, tab or pipe (or the character itself)" },
    { "encoding", false, false, "utf-8", "utf-8 or latin-1 (as Windows writes it, code page 1252)" },
    { "date-format", false, false, "iso", "iso (2026-11-23), dd.mm.yyyy or mm/dd/yyyy" },
    { "complete", false, false, "no", "no; trailer (the last line is #count=N); or rows=N" },
    { 0 },
};

/* ---- settings ---- */

static enum rc_code setting_wrong(const char *key, const char *want, struct rc_error *err) {
    return rc_fail_as(err, RC_INVALID, "setting", "csv: the setting %s must be %s", key, want);
}

static enum rc_code settings_read(struct csv *c, const struct source_config *config,
                                  struct rc_error *err) {
    static const struct {
        const char *name;
        char delimiter;
    } delimiters[] = { { "auto", '\0' },  { "comma", ',' }, { ",", ',' },  { "semicolon", ';' },
                       { ";", ';' },      { "tab", '\t' },  { "\t", '\t' }, { "\\t", '\t' },
                       { "pipe", '|' },   { "|", '|' } };
    const char *delimiter = source_value(config, "delimiter"), *encoding = source_value(config, "encoding");
    const char *dates = source_value(config, "date-format"), *complete = source_value(config, "complete");
    size_t i = 0;
    while (i < RC_LEN(delimiters) && strcmp(delimiters[i].name, delimiter) != 0)
        i++;
    if (i == RC_LEN(delimiters))
        return setting_wrong("delimiter", "auto, comma, semicolon, tab or pipe", err);
    c->delimiter = delimiters[i].delimiter;
    c->latin1 = strcmp(encoding, "latin-1") == 0;
    if (!c->latin1 && strcmp(encoding, "utf-8") != 0)
        return setting_wrong("encoding", "utf-8 or latin-1", err);
    if (strcmp(dates, "dd.mm.yyyy") == 0)
        c->dates = DATES_DMY;
    else if (strcmp(dates, "mm/dd/yyyy") == 0)
        c->dates = DATES_MDY;
    else if (strcmp(dates, "iso") != 0)
        return setting_wrong("date-format", "iso, dd.mm.yyyy or mm/dd/yyyy", err);
    c->rows_declared = -1;
    c->trailer = strcmp(complete, "trailer") == 0;
    if (strncmp(complete, "rows=", 5) == 0) {
        char *end;
        errno = 0;
        c->rows_declared = strtoll(complete + 5, &end, 10);
        if (end == complete + 5 || *end != '\0' || errno != 0 || c->rows_declared < 0)
            return setting_wrong("complete", "rows= and a number", err);
    } else if (!c->trailer && strcmp(complete, "no") != 0) {
        return setting_wrong("complete", "no, trailer or rows=N", err);
    }
    return RC_OK;
}

static void file_close(struct csv_file *f) {
    csv_reader_done(&f->reader);
    if (f->fd >= 0)
        close(f->fd);
    mem_free(f->column);
    mem_free(f);
}
RC_CLEANUP_FN(struct csv_file, file_close)

static void csv_close(struct source *s) {
    struct csv *c = (struct csv *)s;
    file_closep(&c->listing);
    mem_free(c->path);
    mem_free(c);
}

static enum rc_code csv_open(const struct source_config *config, struct source **ret,
                             struct rc_error *err) {
    struct csv *c = mem_zalloc(sizeof *c);
    c->base.ops = config->ops;
    c->clock = config->clock;
    c->reads = config->reads;
    c->path = mem_str(source_value(config, "file"));
    enum rc_code rc = settings_read(c, config, err);
    if (rc != RC_OK) {
        csv_close(&c->base);
        return rc;
    }
    *ret = &c->base;
    return RC_OK;
}

/* ---- text ---- */

/* Latin-1 as it is met: what ISO 8859-1 has as control characters, Windows has as letters (names with Š and Ž). */
static struct csv_cell to_utf8(struct arena *a, struct csv_cell cell) {
    static const uint16_t above_7f[32] = {
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
        0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178 };
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

static struct csv_cell cell_keep(const struct csv *c, struct arena *a, struct csv_cell cell) {
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
static enum rc_code trailer_find(const struct csv *c, struct csv_file *f, struct rc_error *err) {
    char tail[TAIL_BYTES];
    off_t from = f->at_open.st_size > TAIL_BYTES ? f->at_open.st_size - TAIL_BYTES : 0;
    ssize_t n = pread(f->fd, tail, sizeof tail, from);
    const char *end = tail + (n > 0 ? n : 0), *line;
    while (end > tail && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    for (line = end; line > tail && line[-1] != '\n' && line[-1] != '\r';)
        line--;
    if (!count_parse(line, (size_t)(end - line), c->delimiter, &f->declared))
        return rc_fail_as(err, RC_RETRY, "csv.no-trailer",
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

static size_t column_find(const struct text *names, size_t n, const char *wanted, bool by_case) {
    for (size_t i = 0; i < n; i++)
        if (names[i].state == TEXT_SET && (by_case ? text_is(names[i], wanted) : same_word(names[i], wanted)))
            return i;
    return n;
}

/* The header's names, clean; f->columns_n of them. */
static enum rc_code header_read(const struct csv *c, struct csv_file *f, struct arena *a,
                                struct text **ret, struct rc_error *err) {
    struct csv_record record;
    enum rc_code rc = csv_next(&f->reader, &record, err);
    if (rc != RC_OK)
        return rc;
    struct text *names = ARENA_NEW(a, struct text, record.cells_n + 1);
    if (record.cells_n == 0 || record.odd)
        return rc_fail_as(err, RC_INVALID, "csv.header", "the file has no readable header row");
    for (size_t i = 0; i < record.cells_n; i++) {
        struct csv_cell cell = cell_keep(c, a, record.cells[i]);
        if (text_clean(a, cell.ptr, cell.len, 200, &names[i], NULL) != RC_OK)
            return rc_fail_as(err, RC_INVALID, "csv.header",
                              "the name of column %zu is not %s, or longer than 200 bytes", i + 1,
                              c->latin1 ? "text" : "UTF-8 (is the encoding right?)");
        for (size_t k = 0; k < i; k++)
            if (names[i].state == TEXT_SET && text_equal(text_fold_ascii(a, names[i]), text_fold_ascii(a, names[k])))
                return rc_fail_as(err, RC_INVALID, "csv.header", "two columns have the name %.*s",
                                  TEXT_ARG(names[i]));
    }
    f->columns_n = record.cells_n;
    if (column_find(names, f->columns_n, "id", false) == f->columns_n)
        return rc_fail_as(err, RC_INVALID, "csv.header",
                          "the header row has no column `id` (%zu columns, separated by %s)",
                          f->columns_n, f->reader.delimiter == '\t' ? "tabs" : (char[]){ f->reader.delimiter, '\0' });
    *ret = names;
    return RC_OK;
}

static void columns_find(const struct csv *c, struct csv_file *f, const struct text *names) {
    f->column = mem_alloc((SLOTS_FIXED + c->reads.custom_n) * sizeof *f->column);
    for (enum employee_field field = 0; field < EMPLOYEE_FIELDS_N; field++)
        f->column[field] = (c->reads.fields & 1u << field) != 0
                               ? column_find(names, f->columns_n, employee_field_name(field), false)
                               : f->columns_n;
    f->column[SLOT_ID] = column_find(names, f->columns_n, "id", false);
    for (size_t i = 0; i < c->reads.custom_n; i++)
        f->column[SLOTS_FIXED + i] = column_find(names, f->columns_n, c->reads.custom[i], true);
}

/* ret_names may be NULL, else names in the arena. */
static enum rc_code file_open(const struct csv *c, struct arena *a, struct text **ret_names,
                              struct csv_file **ret, struct rc_error *err) {
    RC_CLEANUP(file_closep) struct csv_file *f = mem_zalloc(sizeof *f);
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
    columns_find(c, f, names);
    if (ret_names != NULL)
        *ret_names = names;
    *ret = RC_TAKE(f);
    return RC_OK;
}

/* Whoever writes the file while it is read gives us half of one state and half of another. */
static enum rc_code file_unchanged(const struct csv *c, const struct csv_file *f,
                                   struct rc_error *err) {
    struct stat there, held;
    const struct stat *was = &f->at_open;
    if (stat(c->path, &there) != 0 || fstat(f->fd, &held) != 0 || there.st_ino != was->st_ino ||
        there.st_dev != was->st_dev || held.st_size != was->st_size ||
        held.st_mtim.tv_sec != was->st_mtim.tv_sec || held.st_mtim.tv_nsec != was->st_mtim.tv_nsec ||
        f->read_bytes != (uint64_t)was->st_size)
        return rc_fail_as(err, RC_RETRY, "csv.changed", "%s changed while it was read", c->path);
    return RC_OK;
}

/* The next row, its cells borrowed until the next call. RC_OK with cells_n 0: the file is over, and did not change. */
static enum rc_code file_next(const struct csv *c, struct csv_file *f, struct csv_record *ret,
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
            rc = rc_fail_as(err, RC_INVALID, "csv.trailer", "#count=N stands within a cell, not in a line of its own");
    }
    return rc == RC_OK ? rc : rc_context(err, rc, "csv");
}

/* ---- list ---- */

static enum rc_code list_begin(struct source *s, int64_t since_us, struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    struct arena a;
    file_closep(&c->listing);
    c->rows_n = 0;
    if (since_us != 0)
        return source_cannot(s, "list what has changed since a time", err);
    arena_init(&a);
    enum rc_code rc = file_open(c, &a, NULL, &c->listing, err);
    arena_done(&a);
    return rc == RC_OK ? rc : rc_context(err, rc, "csv");
}

/* Keeps the cells that are read. A row of another width than the header is not cut or filled: its values may stand in wrong columns. */
static struct csv_row row_keep(const struct csv *c, const struct csv_file *f, struct arena *a,
                               const struct csv_record *record) {
    struct csv_row row = { NULL, record->number, record->cells_n };
    size_t slots_n = SLOTS_FIXED + c->reads.custom_n;
    if (record->odd || record->cells_n != f->columns_n)
        return row;
    struct csv_cell *cells = ARENA_NEW(a, struct csv_cell, slots_n);
    for (size_t i = 0; i < slots_n; i++)
        if (f->column[i] < f->columns_n)
            cells[i] = cell_keep(c, a, record->cells[f->column[i]]);
    row.cells = cells;
    return row;
}

static enum rc_code list_next(struct source *s, struct source_page *base, struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    struct csv_page *page = (struct csv_page *)base;
    struct csv_record record = { 0 };
    if (c->listing == NULL)
        return rc_fail(err, RC_FATAL, "csv: no listing has begun, or it is over");
    uint64_t before = c->listing->read_bytes;
    arena_reset(&page->arena);
    page->rows = ARENA_NEW(&page->arena, struct csv_row, PAGE_ROWS);
    base->rows_n = 0;
    base->first_row = c->rows_n;
    base->declared_total = c->listing->declared;
    base->end = SOURCE_MORE;
    while (base->rows_n < PAGE_ROWS && page->arena.used_bytes < PAGE_BYTES) {
        enum rc_code rc = file_next(c, c->listing, &record, err);
        if (rc != RC_OK) {
            file_closep(&c->listing);
            return rc;
        }
        if (record.cells_n == 0) {
            base->end = c->listing->declared >= 0 ? SOURCE_END_DECLARED : SOURCE_END_EMPTY;
            break;
        }
        page->rows[base->rows_n++] = row_keep(c, c->listing, &page->arena, &record);
    }
    c->rows_n += base->rows_n;
    base->body_bytes = c->listing->read_bytes - before;
    if (base->end != SOURCE_MORE)
        file_closep(&c->listing);
    return RC_OK;
}

static struct source_page *page_new(struct source *s) {
    struct csv_page *page = mem_zalloc(sizeof *page);
    (void)s;
    arena_init(&page->arena);
    return &page->base;
}

static void page_free(struct source_page *base) {
    struct csv_page *page = (struct csv_page *)base;
    arena_done(&page->arena);
    mem_free(page);
}

/* ---- one row ---- */

/* Day and month of one or two digits, a year of four. */
static date_days date_read(enum csv_dates order, struct text t) {
    int n[3] = { 0 }, part = 0, digits = 0, year_digits = 0;
    char between = order == DATES_DMY ? '.' : '/';
    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] >= '0' && t.ptr[i] <= '9' && digits < 4) {
            n[part] = 10 * n[part] + (t.ptr[i] - '0');
            digits++;
        } else if (t.ptr[i] == between && part < 2 && (digits == 1 || digits == 2)) {
            part++;
            digits = 0;
        } else {
            return DATE_NONE;
        }
        year_digits = digits;
    }
    if (part != 2 || year_digits != 4)
        return DATE_NONE;
    return order == DATES_DMY ? date_from_ymd(n[2], n[1], n[0]) : date_from_ymd(n[2], n[0], n[1]);
}

static void put_date(const struct csv *c, struct employee *e, enum employee_field f, struct arena *a,
                     struct csv_cell cell) {
    struct text t;
    char day[DATE_TEXT_BYTES];
    if (c->dates == DATES_ISO || text_clean(a, cell.ptr, cell.len, 40, &t, NULL) != RC_OK ||
        t.state != TEXT_SET) {
        employee_put(e, f, a, cell.ptr, cell.len);
        return;
    }
    date_days d = date_read(c->dates, t);
    if (d == DATE_NONE)
        employee_put_bad(e, f);
    else
        employee_put(e, f, a, arena_str(a, date_format(d, day), 10), 10);
}

static enum rc_code row_read(const struct csv *c, const struct csv_row *row, struct arena *a,
                             struct employee *ret, struct rc_error *err) {
    if (row->cells == NULL)
        return rc_fail_as(err, RC_INVALID, "csv.row",
                          "row %llu: its %zu cells are not those of the header, or text follows a "
                          "closing quote",
                          (unsigned long long)row->number, row->cells_n);
    const struct csv_cell *cells = row->cells;
    employee_begin(ret, &c->reads, a);
    enum rc_code rc = employee_put_id(ret, a, cells[SLOT_ID].ptr, cells[SLOT_ID].len, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "row %llu", (unsigned long long)row->number);
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        if (cells[f].ptr == NULL)
            continue; /* no such column, or not read: missing */
        if (employee_field_kind(f) == EMPLOYEE_KIND_DATE)
            put_date(c, ret, f, a, cells[f]);
        else if (employee_field_kind(f) == EMPLOYEE_KIND_GROUP)
            employee_put_group(ret, f, a, TEXT_NONE, cells[f].ptr, cells[f].len);
        else
            employee_put(ret, f, a, cells[f].ptr, cells[f].len);
    }
    for (size_t i = 0; i < c->reads.custom_n; i++)
        if (cells[SLOTS_FIXED + i].ptr != NULL)
            employee_put_custom(ret, i, a, cells[SLOTS_FIXED + i].ptr, cells[SLOTS_FIXED + i].len);
    return RC_OK;
}

static enum rc_code page_read(const struct source *s, const struct source_page *base, size_t row,
                              struct arena *a, struct employee *ret, struct rc_error *err) {
    return row_read((const struct csv *)s, &((const struct csv_page *)base)->rows[row], a, ret, err);
}

/* ---- get ---- */

struct pass {
    int64_t rows_n, unreadable_n;
    uint64_t first_unreadable; /* row number */
    int64_t hits_n;
};

/* Reads the whole file; when id is set, what it names comes in *ret. */
static enum rc_code pass_over(const struct csv *c, struct csv_file *f, struct text id, struct arena *a,
                              struct pass *ret, struct employee *ret_hit, struct rc_error *err) {
    struct csv_record record;
    struct pass pass = { 0 };
    struct employee e;
    struct arena row_arena;
    enum rc_code rc;
    arena_init(&row_arena);
    while ((rc = file_next(c, f, &record, err)) == RC_OK && record.cells_n > 0) {
        arena_reset(&row_arena);
        struct csv_row row = row_keep(c, f, &row_arena, &record);
        pass.rows_n++;
        if (row_read(c, &row, &row_arena, &e, NULL) != RC_OK) {
            if (pass.unreadable_n++ == 0)
                pass.first_unreadable = record.number;
        } else if (id.state == TEXT_SET && text_equal(e.source_id, id)) {
            if (pass.hits_n++ == 0) {
                employee_keep(&e, a);
                *ret_hit = e;
            }
        }
    }
    arena_done(&row_arena);
    if (rc == RC_OK)
        *ret = pass;
    return rc;
}

/* That somebody is not in the file counts only when the file is whole and every row of it was understood. */
static enum rc_code get(struct source *s, struct text source_id, struct arena *a,
                        struct employee *ret, struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    RC_CLEANUP(file_closep) struct csv_file *f = NULL;
    struct pass pass;
    struct employee hit;
    enum rc_code rc = file_open(c, a, NULL, &f, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "csv");
    rc = pass_over(c, f, source_id, a, &pass, &hit, err);
    if (rc != RC_OK)
        return rc;
    if (pass.hits_n > 1)
        return rc_fail_as(err, RC_INVALID, "csv.repeated", "csv: the id %.*s stands in %lld rows",
                          TEXT_ARG(source_id), (long long)pass.hits_n);
    if (pass.hits_n == 1) {
        *ret = hit;
        return RC_OK;
    }
    if (f->declared < 0 || f->declared != pass.rows_n || pass.unreadable_n > 0)
        return rc_fail_as(err, RC_INVALID, "csv.incomplete",
                          "csv: %.*s is not in the file, but the file is not proven whole",
                          TEXT_ARG(source_id));
    return rc_fail_as(err, RC_NOT_FOUND, "csv.unknown", "csv: %.*s is not in the file",
                      TEXT_ARG(source_id));
}

/* ---- rights and check ---- */

static enum rc_code rights(struct source *s, struct arena *a, struct source_rights *ret,
                           struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    RC_CLEANUP(file_closep) struct csv_file *f = NULL;
    struct source_rights r = { 0 };
    struct text *names;
    enum rc_code rc = file_open(c, a, &names, &f, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "csv");
    r.attributes = ARENA_NEW(a, struct text, f->columns_n);
    r.labels = ARENA_NEW(a, struct text, f->columns_n);
    for (size_t i = 0; i < f->columns_n; i++) {
        if (names[i].state != TEXT_SET)
            continue;
        r.labels[r.attributes_n] = TEXT_NONE;
        r.attributes[r.attributes_n++] = names[i];
    }
    source_rights_sort(&r);
    *ret = r;
    return RC_OK;
}

static void find_missing(const struct csv *c, const struct csv_file *f, struct arena *a,
                         struct source_check *check) {
    for (size_t i = 0; i < SLOTS_FIXED + c->reads.custom_n; i++) {
        enum employee_field field = i < SLOT_ID ? (enum employee_field)i : EMPLOYEE_FIELDS_N;
        bool wanted = i > SLOT_ID || (i < SLOT_ID && (c->reads.fields & 1u << i) != 0);
        bool vital = field == EMPLOYEE_FIRST_NAME || field == EMPLOYEE_LAST_NAME ||
                     field == EMPLOYEE_EMAIL || field == EMPLOYEE_STATUS;
        if (wanted && f->column[i] == f->columns_n)
            source_find_add(check, a, vital ? SOURCE_FAIL : SOURCE_WARN, "attribute-missing",
                            "the mapping reads %s, and the file has no such column",
                            i < SLOT_ID ? employee_field_name(field)
                                        : c->reads.custom[i - SLOTS_FIXED]);
    }
}

static enum rc_code check(struct source *s, struct arena *a, struct source_check *ret,
                          struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    RC_CLEANUP(file_closep) struct csv_file *f = NULL;
    struct source_check check = { .people_n = -1 };
    struct pass pass;
    enum rc_code rc = file_open(c, a, NULL, &f, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "csv");
    rc = pass_over(c, f, (struct text){ 0 }, a, &pass, NULL, err);
    if (rc != RC_OK)
        return rc;
    check.people_n = f->declared;
    source_find_add(&check, a, SOURCE_OK, "connected", "%lld rows were read from %s",
                    (long long)pass.rows_n, c->path);
    find_missing(c, f, a, &check);
    if (pass.unreadable_n > 0)
        source_find_add(&check, a, SOURCE_WARN, "rows-unreadable",
                        "%lld rows cannot be read, the first is row %llu of the file: without an id, or "
                        "with other cells than the header",
                        (long long)pass.unreadable_n, (unsigned long long)pass.first_unreadable);
    if (f->declared < 0)
        source_find_add(&check, a, SOURCE_WARN, "no-total",
                        "the file does not say how many people it has, so nobody who is missing will be "
                        "taken as gone: end it with a line #count=N and set complete=trailer");
    else if (f->declared != pass.rows_n)
        source_find_add(&check, a, SOURCE_FAIL, "total-differs",
                        "the file declares %lld rows and has %lld", (long long)f->declared,
                        (long long)pass.rows_n);
    *ret = check;
    return RC_OK;
}

static enum rc_code record(struct source *s, const char *dir, struct rc_error *err) {
    (void)dir;
    return source_cannot(s, "record a transcript", err);
}

const struct source_ops csv_source_ops = {
    .name = "csv",
    .title = "CSV file",
    .caps = SOURCE_TOTAL | SOURCE_GET | SOURCE_RIGHTS,
    .settings = settings,
    .open = csv_open,
    .close = csv_close,
    .check = check,
    .rights = rights,
    .list_begin = list_begin,
    .list_next = list_next,
    .page_new = page_new,
    .page_free = page_free,
    .page_read = page_read,
    .get = get,
    .record = record,
};
