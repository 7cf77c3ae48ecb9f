/* A file with a header row. Columns are found by their names: `id`, the names of employee fields
 * (first_name, office ...), and custom keys as the mapping reads them. The format for whoever
 * writes such files is in docs/writing-a-source.md and `integration add --help`.
 *
 * A file says nothing about being whole unless it is told to: with a last line "#count=N" (setting
 * complete=trailer), or by the number of rows that the setting complete=rows=N declares. Without
 * one of them nothing is declared, and so no listing can be proven complete. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source/csv_p.h"
#include "source/source_p.h"

enum {
    PAGE_ROWS = 500,
    PAGE_BYTES = 4 << 20,
    SLOT_ID =
        EMPLOYEE_FIELDS_N, /* the slots before it are the fields, those behind it the custom keys */
    SLOTS_FIXED,
};

enum csv_dates { DATES_ISO, DATES_DMY, DATES_MDY };

struct csv {
    struct source base;
    const struct clock_source *clock;
    struct employee_reads reads;
    struct csv_form form;
    enum csv_dates dates;
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

static const struct setting settings[] = {
    { "file", false, true, NULL, "path of the file, beginning with /", .local = true },
    { "delimiter", false, false, "auto",
      "auto, comma, semicolon, tab or pipe (or the character itself)" },
    { "encoding", false, false, "utf-8",
      "utf-8 or latin-1 (as Windows writes it, code page 1252)" },
    { "date-format", false, false, "iso", "iso (2026-11-23), dd.mm.yyyy or mm/dd/yyyy" },
    { "complete", false, false, "no",
      "how a file can be proven whole: trailer (the last line is #count=N) or rows=N; no: not at all" },
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
    } delimiters[] = { { "auto", '\0' }, { "comma", ',' }, { ",", ',' },   { "semicolon", ';' },
                       { ";", ';' },     { "tab", '\t' },  { "\t", '\t' }, { "\\t", '\t' },
                       { "pipe", '|' },  { "|", '|' } };
    const char *delimiter = source_value(config, "delimiter"),
               *encoding = source_value(config, "encoding");
    const char *dates = source_value(config, "date-format"),
               *complete = source_value(config, "complete");
    size_t i = 0;
    if (c->form.path[0] != '/') /* whoever imports at night stands in another folder */
        return setting_wrong("file", "a whole path, beginning with /", err);
    while (i < RC_LEN(delimiters) && strcmp(delimiters[i].name, delimiter) != 0)
        i++;
    if (i == RC_LEN(delimiters))
        return setting_wrong("delimiter", "auto, comma, semicolon, tab or pipe", err);
    c->form.delimiter = delimiters[i].delimiter;
    c->form.latin1 = strcmp(encoding, "latin-1") == 0;
    if (!c->form.latin1 && strcmp(encoding, "utf-8") != 0)
        return setting_wrong("encoding", "utf-8 or latin-1", err);
    if (strcmp(dates, "dd.mm.yyyy") == 0)
        c->dates = DATES_DMY;
    else if (strcmp(dates, "mm/dd/yyyy") == 0)
        c->dates = DATES_MDY;
    else if (strcmp(dates, "iso") != 0)
        return setting_wrong("date-format", "iso, dd.mm.yyyy or mm/dd/yyyy", err);
    c->form.rows_declared = -1;
    c->form.trailer = strcmp(complete, "trailer") == 0;
    if (strncmp(complete, "rows=", 5) == 0) {
        char *end;
        errno = 0;
        c->form.rows_declared = strtoll(complete + 5, &end, 10);
        if (end == complete + 5 || *end != '\0' || errno != 0 || c->form.rows_declared < 0)
            return setting_wrong("complete", "rows= and a number", err);
    } else if (!c->form.trailer && strcmp(complete, "no") != 0) {
        return setting_wrong("complete", "no, trailer or rows=N", err);
    }
    return RC_OK;
}

static void csv_close(struct source *s) {
    struct csv *c = (struct csv *)s;
    csv_file_closep(&c->listing);
    mem_free(c->form.path);
    mem_free(c);
}

static enum rc_code csv_open(const struct source_config *config, struct source **ret,
                             struct rc_error *err) {
    struct csv *c = mem_zalloc(sizeof *c);
    c->base.ops = config->ops;
    c->clock = config->clock;
    c->reads = config->reads;
    c->form.path = mem_str(source_value(config, "file"));
    enum rc_code rc = settings_read(c, config, err);
    if (rc != RC_OK) {
        csv_close(&c->base);
        return rc;
    }
    *ret = &c->base;
    return RC_OK;
}

static void columns_find(const struct csv *c, struct csv_file *f, const struct text *names) {
    f->column = mem_alloc((SLOTS_FIXED + c->reads.custom_n) * sizeof *f->column);
    for (enum employee_field field = 0; field < EMPLOYEE_FIELDS_N; field++)
        f->column[field] =
            (c->reads.fields & 1u << field) != 0
                ? csv_column_find(names, f->columns_n, employee_field_name(field), false)
                : f->columns_n;
    f->column[SLOT_ID] = csv_column_find(names, f->columns_n, "id", false);
    for (size_t i = 0; i < c->reads.custom_n; i++)
        f->column[SLOTS_FIXED + i] = csv_column_find(names, f->columns_n, c->reads.custom[i], true);
}

/* Opens the file and finds the columns that are read. ret_names, where wanted, in the arena. */
static enum rc_code file_open(const struct csv *c, struct arena *a, struct text **ret_names,
                              struct csv_file **ret, struct rc_error *err) {
    struct text *names = NULL;
    enum rc_code rc = csv_file_open(&c->form, a, &names, ret, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "csv");
    columns_find(c, *ret, names);
    if (ret_names != NULL)
        *ret_names = names;
    return RC_OK;
}

/* ---- list ---- */

static enum rc_code list_begin(struct source *s, int64_t since_us, struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    struct arena a;
    csv_file_closep(&c->listing);
    c->rows_n = 0;
    if (since_us != 0)
        return source_cannot(s, "list what has changed since a time", err);
    arena_init(&a);
    enum rc_code rc = file_open(c, &a, NULL, &c->listing, err);
    arena_done(&a);
    return rc;
}

/* Keeps the cells that are read. A row of another width than the header is not cut or filled: its
 * values may stand in wrong columns. */
static struct csv_row row_keep(const struct csv *c, const struct csv_file *f, struct arena *a,
                               const struct csv_record *record) {
    struct csv_row row = { NULL, record->number, record->cells_n };
    size_t slots_n = SLOTS_FIXED + c->reads.custom_n;
    if (record->odd || record->cells_n != f->columns_n)
        return row;
    struct csv_cell *cells = ARENA_NEW(a, struct csv_cell, slots_n);
    for (size_t i = 0; i < slots_n; i++)
        if (f->column[i] < f->columns_n)
            cells[i] = csv_cell_keep(&c->form, a, record->cells[f->column[i]]);
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
        enum rc_code rc = csv_file_next(&c->form, c->listing, &record, err);
        if (rc != RC_OK) {
            csv_file_closep(&c->listing);
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
        csv_file_closep(&c->listing);
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

static void put_date(const struct csv *c, struct employee *e, enum employee_field f,
                     struct arena *a, struct csv_cell cell) {
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
    return row_read((const struct csv *)s, &((const struct csv_page *)base)->rows[row], a, ret,
                    err);
}

/* ---- get ---- */

struct pass {
    int64_t rows_n, unreadable_n;
    uint64_t first_unreadable; /* row number */
    int64_t hits_n;
};

/* Reads the whole file; when id is set, what it names comes in *ret. */
static enum rc_code pass_over(const struct csv *c, struct csv_file *f, struct text id,
                              struct arena *a, struct pass *ret, struct employee *ret_hit,
                              struct rc_error *err) {
    struct csv_record record;
    struct pass pass = { 0 };
    struct employee e;
    struct arena row_arena;
    enum rc_code rc;
    arena_init(&row_arena);
    while ((rc = csv_file_next(&c->form, f, &record, err)) == RC_OK && record.cells_n > 0) {
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

/* That somebody is not in the file counts only when the file is whole and every row of it was
 * understood. */
static enum rc_code get(struct source *s, struct text source_id, struct arena *a,
                        struct employee *ret, struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    RC_CLEANUP(csv_file_closep) struct csv_file *f = NULL;
    struct pass pass;
    struct employee hit;
    enum rc_code rc = file_open(c, a, NULL, &f, err);
    if (rc != RC_OK)
        return rc;
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
    RC_CLEANUP(csv_file_closep) struct csv_file *f = NULL;
    struct source_rights r = { 0 };
    struct text *names;
    enum rc_code rc = file_open(c, a, &names, &f, err);
    if (rc != RC_OK)
        return rc;
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
            source_find_add(check, a, vital ? FINDING_FAIL : FINDING_WARN, "attribute-missing",
                            "the mapping reads %s, and the file has no such column",
                            i < SLOT_ID ? employee_field_name(field)
                                        : c->reads.custom[i - SLOTS_FIXED]);
    }
}

static enum rc_code check(struct source *s, struct arena *a, struct source_check *ret,
                          struct rc_error *err) {
    struct csv *c = (struct csv *)s;
    RC_CLEANUP(csv_file_closep) struct csv_file *f = NULL;
    struct source_check check = { .people_n = -1 };
    struct pass pass;
    enum rc_code rc = file_open(c, a, NULL, &f, err);
    if (rc != RC_OK)
        return rc;
    rc = pass_over(c, f, (struct text){ 0 }, a, &pass, NULL, err);
    if (rc != RC_OK)
        return rc;
    check.people_n = f->declared;
    source_find_add(&check, a, FINDING_OK, "connected", "%lld rows were read from %s",
                    (long long)pass.rows_n, c->form.path);
    find_missing(c, f, a, &check);
    if (pass.rows_n == 0)
        source_find_add(&check, a, FINDING_FAIL, "no-people", "nobody is in the file");
    if (pass.unreadable_n > 0)
        source_find_add(
            &check, a, FINDING_FAIL, "rows-unreadable",
            "%lld rows cannot be read, the first is row %llu of the file: without an id, or "
            "with other cells than the header. Nobody can tell whom they are about, so the file "
            "is not imported",
            (long long)pass.unreadable_n, (unsigned long long)pass.first_unreadable);
    if (f->declared < 0)
        source_find_add(
            &check, a, FINDING_FAIL, "no-total",
            "the file does not say how many people it has, so it cannot be proven whole, and is "
            "not imported: end it with a line #count=N and set complete=trailer");
    else if (f->declared != pass.rows_n)
        source_find_add(&check, a, FINDING_FAIL, "total-differs",
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
