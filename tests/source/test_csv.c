/* Files of comma-separated values: their bytes, their completeness, and what changes under our
 * hands. */
#include "tests/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "source/csv_p.h"
#include "source/source.h"

static struct source *source;
static struct arena arena;
static char path[64];
static const struct employee_reads reads = { 1u << EMPLOYEE_FIRST_NAME | 1u << EMPLOYEE_LAST_NAME |
                                                 1u << EMPLOYEE_HIRE_DATE | 1u << EMPLOYEE_OFFICE,
                                             NULL, 0 };

static void file_put(const char *bytes, size_t len) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static enum rc_code open_with(const char *const *settings, struct rc_error *err) {
    const struct source_ops *ops = source_find("csv");
    const char *values[16] = { 0 };
    for (size_t i = 0; ops->settings[i].key != NULL; i++) {
        if (strcmp(ops->settings[i].key, "file") == 0)
            values[i] = path;
        for (const char *const *s = settings; s != NULL && *s != NULL; s += 2)
            if (strcmp(ops->settings[i].key, s[0]) == 0)
                values[i] = s[1];
    }
    if (source != NULL)
        source_close(source);
    source = NULL;
    struct source_config config = { ops, values, reads, &clock_system };
    return source_open(&config, &source, err);
}

static int set_up(void **state) {
    const char *dir = getenv("TMPDIR");
    (void)state;
    snprintf(path, sizeof path, "%.40s/csv-XXXXXX", dir != NULL ? dir : "/tmp");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    if (source != NULL)
        source_close(source);
    source = NULL;
    unlink(path);
    arena_done(&arena);
    return 0;
}

/* What a listing gives, as one line: "id:first:last:hire_date|...", "?" for a row that is nobody,
 * "-" for missing, "!" for bad. */
static void put_value(struct buf *b, const struct employee *e, enum employee_field f) {
    struct text t = e->fields[f].text;
    buf_char(b, ':');
    if ((e->bad & 1u << f) != 0)
        buf_char(b, '!');
    else if (t.state == TEXT_MISSING)
        buf_char(b, '-');
    else
        buf_append(b, t.ptr, t.len);
}

static enum rc_code list(struct buf *b, int64_t *ret_total, enum source_end *ret_end,
                         struct rc_error *err) {
    const struct source_ops *ops = source->ops;
    struct source_page *page = ops->page_new(source);
    enum rc_code rc = ops->list_begin(source, 0, err);
    buf_clear(b);
    while (rc == RC_OK && (rc = ops->list_next(source, page, err)) == RC_OK) {
        for (size_t i = 0; i < page->rows_n; i++) {
            struct employee e;
            if (b->len > 0)
                buf_char(b, '|');
            if (ops->page_read(source, page, i, &arena, &e, NULL) != RC_OK) {
                buf_char(b, '?');
                continue;
            }
            buf_append(b, e.source_id.ptr, e.source_id.len);
            put_value(b, &e, EMPLOYEE_FIRST_NAME);
            put_value(b, &e, EMPLOYEE_LAST_NAME);
            put_value(b, &e, EMPLOYEE_HIRE_DATE);
        }
        *ret_total = page->declared_total;
        *ret_end = page->end;
        if (page->end != SOURCE_MORE)
            break;
    }
    ops->page_free(page);
    return rc;
}

static const struct file_row {
    const char *name, *settings[5], *bytes, *want; /* want NULL: an error of this name */
    const char *error;
    int64_t total;
} files[] = {
    { "commas",
      { NULL },
      "id,first_name,last_name\n1,Ana,Silva\n2,Bo,Lee\n",
      "1:Ana:Silva:-|2:Bo:Lee:-",
      NULL,
      -1 },
    { "semicolons found out",
      { NULL },
      "id;first_name;last_name\n1;Ana;a,b\n",
      "1:Ana:a,b:-",
      NULL,
      -1 },
    { "tabs found out", { NULL }, "id\tfirst_name\n1\tAna\n", "1:Ana:-:-", NULL, -1 },
    { "pipes found out", { NULL }, "id|first_name\n1|Ana\n", "1:Ana:-:-", NULL, -1 },
    { "a delimiter in quotes does not count",
      { NULL },
      "id;\"a,b,c,d\";first_name\n1;x;Ana\n",
      "1:Ana:-:-",
      NULL,
      -1 },
    { "a delimiter that was said",
      { "delimiter", "comma" },
      "id,first_name;x;y;z\n1,q\n",
      "1:-:-:-",
      NULL,
      -1 },
    { "one column", { NULL }, "id\n1\n2\n", "1:-:-:-|2:-:-:-", NULL, -1 },
    { "quotes",
      { NULL },
      "id,first_name,last_name\n1,\"A\"\"n\"\"a\",\"Sil,\r\nva\"\n\"2\",\"\",\"x\"\n",
      "1:A\"n\"a:Sil,\nva:-|2::x:-",
      NULL,
      -1 },
    { "quotes within a cell",
      { NULL },
      "id,first_name\n1,Ana \"Nana\" Lee\n",
      "1:Ana \"Nana\" Lee:-:-",
      NULL,
      -1 },
    { "text behind a closing quote",
      { NULL },
      "id,first_name\n1,\"Ana\"x\n2,Bo\n",
      "?|2:Bo:-:-",
      NULL,
      -1 },
    { "CRLF, no last line end",
      { NULL },
      "id,first_name\r\n1,Ana\r\n2,Bo",
      "1:Ana:-:-|2:Bo:-:-",
      NULL,
      -1 },
    { "CR alone", { NULL }, "id,first_name\r1,Ana\r2,Bo\r", "1:Ana:-:-|2:Bo:-:-", NULL, -1 },
    { "blank lines",
      { NULL },
      "\n\nid,first_name\n\n1,Ana\n\r\n\n2,Bo\n\n",
      "1:Ana:-:-|2:Bo:-:-",
      NULL,
      -1 },
    { "a byte order mark", { NULL }, "\xef\xbb\xbfid,first_name\n1,Ana\n", "1:Ana:-:-", NULL, -1 },
    { "too few and too many cells",
      { NULL },
      "id,first_name\n1\n2,Bo,x\n3,Cy\n",
      "?|?|3:Cy:-:-",
      NULL,
      -1 },
    { "empty and repeated ids are reported",
      { NULL },
      "id,first_name\n,Ana\n2,Bo\n2,Bo\n",
      "?|2:Bo:-:-|2:Bo:-:-",
      NULL,
      -1 },
    { "names of columns by any case",
      { NULL },
      " ID , First_Name \n1,Ana\n",
      "1:Ana:-:-",
      NULL,
      -1 },
    { "not UTF-8 is bad, not lost", { NULL }, "id,first_name\n1,J\xfcrgen\n", "1:!:-:-", NULL, -1 },
    { "an id that is not UTF-8", { NULL }, "id,first_name\n\xfc,Ana\n", "?", NULL, -1 },
    { "latin-1",
      { "encoding", "latin-1" },
      "id,first_name\n1,J\xfcrgen \x8a\x80\n",
      "1:J\xc3\xbcrgen \xc5\xa0\xe2\x82\xac:-:-",
      NULL,
      -1 },
    { "dates as they are",
      { NULL },
      "id,hire_date\n1,2026-02-28\n2,2026-02-29\n3,\n4,28.02.2026\n",
      "1:-:-:2026-02-28|2:-:-:!|3:-:-:|4:-:-:!",
      NULL,
      -1 },
    { "German dates",
      { "date-format", "dd.mm.yyyy" },
      "id,hire_date\n1,28.02.2026\n2,1.2.2026\n3,29.02.2026\n4,\n5,1.2.26\n6,2026-01-01\n7,1.2."
      "2026.\n",
      "1:-:-:2026-02-28|2:-:-:2026-02-01|3:-:-:!|4:-:-:|5:-:-:!|6:-:-:!|7:-:-:!",
      NULL,
      -1 },
    { "American dates",
      { "date-format", "mm/dd/yyyy" },
      "id,hire_date\n1,02/28/2026\n2,28/02/2026\n",
      "1:-:-:2026-02-28|2:-:-:!",
      NULL,
      -1 },
    { "a trailer",
      { "complete", "trailer" },
      "id,first_name\n1,Ana\n#count=1\n",
      "1:Ana:-:-",
      NULL,
      1 },
    { "a padded trailer",
      { "complete", "trailer" },
      "id;first_name\r\n1;Ana\r\n\"#count=7\";\r\n\r\n",
      "1:Ana:-:-",
      NULL,
      7 },
    { "no trailer",
      { "complete", "trailer" },
      "id,first_name\n1,Ana\n",
      NULL,
      "csv.no-trailer",
      0 },
    { "half a trailer",
      { "complete", "trailer" },
      "id,first_name\n1,Ana\n#count=",
      NULL,
      "csv.no-trailer",
      0 },
    { "a trailer that is no line",
      { "complete", "trailer" },
      "id,first_name\n1,\"x\n#count=1\"\n",
      NULL,
      "csv.trailer",
      0 },
    { "two trailers",
      { "complete", "trailer" },
      "id,first_name\n#count=0\n1,Ana\n#count=1\n",
      NULL,
      "csv.trailer",
      0 },
    { "a declared number of rows",
      { "complete", "rows=2" },
      "id,first_name\n1,Ana\n",
      "1:Ana:-:-",
      NULL,
      2 },
    { "nothing but a header", { "complete", "rows=0" }, "id,first_name\n", "", NULL, 0 },
    { "an empty file", { NULL }, "", NULL, "csv.header", 0 },
    { "no id", { NULL }, "name,first_name\n1,Ana\n", NULL, "csv.header", 0 },
    { "a column twice", { NULL }, "id,first_name,First_name\n1,Ana,Bo\n", NULL, "csv.header", 0 },
    { "a header in another encoding", { NULL }, "id,B\xfcro\n1,x\n", NULL, "csv.header", 0 },
    { "a quote that never closes",
      { NULL },
      "id,first_name\n1,\"Ana\n2,Bo\n",
      NULL,
      "csv.quote",
      0 },
    { "UTF-16", { NULL }, "\xff\xfei\0d\0", NULL, "csv.encoding", 0 },
};

static void a_file_reads_as_its_row_says(void **state) {
    const struct file_row *r = *state;
    struct rc_error err = { .name = "" };
    struct buf b;
    int64_t total = 0;
    enum source_end end = SOURCE_MORE;
    buf_init(&b, 100000);
    file_put(r->bytes, strlen(r->bytes));
    assert_int_equal(open_with(r->settings, &err), RC_OK);
    enum rc_code rc = list(&b, &total, &end, &err);
    if (r->want == NULL) {
        assert_true(rc != RC_OK);
        assert_string_equal(err.name, r->error);
    } else {
        if (rc != RC_OK)
            fail_msg("%s", err.text);
        assert_string_equal(b.len > 0 ? b.ptr : "", r->want);
        assert_int_equal(total, r->total);
        assert_int_equal(end, r->total >= 0 ? SOURCE_END_DECLARED : SOURCE_END_EMPTY);
    }
    buf_done(&b);
}

static void many_rows_come_in_pages_of_little_memory(void **state) {
    struct buf bytes, b;
    int64_t total;
    enum source_end end;
    struct rc_error err = { 0 };
    (void)state;
    buf_init(&bytes, 64 << 20);
    buf_init(&b, 64 << 20);
    buf_str(&bytes, "id,first_name,last_name,notes\n");
    for (int i = 1; i <= 20000; i++)
        buf_printf(&bytes,
                   "%d,\"A\"\"%d\",L,\"a long note, \n over two lines, that nobody reads and "
                   "nobody keeps %d\"\n",
                   i, i, i);
    buf_str(&bytes, "#count=20000\n");
    file_put(bytes.ptr, bytes.len);
    assert_int_equal(open_with((const char *const[]){ "complete", "trailer", NULL }, &err), RC_OK);
    assert_int_equal(list(&b, &total, &end, &err), RC_OK);
    assert_int_equal(total, 20000);
    buf_clear(&bytes);
    for (int i = 1; i <= 20000; i++)
        buf_printf(&bytes, "%s%d:A\"%d:L:-", i > 1 ? "|" : "", i, i);
    assert_string_equal(b.ptr, bytes.ptr);
    buf_done(&bytes);
    buf_done(&b);
}

static void a_file_that_changes_while_it_is_read_is_no_listing(void **state) {
    struct rc_error err = { 0 };
    struct buf bytes;
    (void)state;
    buf_init(&bytes, 1 << 20);
    buf_str(&bytes, "id,first_name\n");
    for (int i = 0; i < 1200; i++)
        buf_printf(&bytes, "%d,Ana\n", i);
    for (int how = 0; how < 3; how++) {
        file_put(bytes.ptr, bytes.len);
        assert_int_equal(open_with(NULL, &err), RC_OK);
        struct source_page *page = source->ops->page_new(source);
        assert_int_equal(source->ops->list_begin(source, 0, &err), RC_OK);
        assert_int_equal(source->ops->list_next(source, page, &err), RC_OK);
        if (how == 0) {
            assert_int_equal(truncate(path, (off_t)bytes.len - 100), 0);
        } else if (how == 1) {
            FILE *f = fopen(path, "ab");
            assert_non_null(f);
            fputs("9999,Bo\n", f);
            fclose(f);
        } else {
            unlink(path);
            file_put(bytes.ptr, bytes.len);
        }
        assert_int_equal(source->ops->list_next(source, page, &err), RC_OK);
        assert_int_equal(source->ops->list_next(source, page, &err), RC_RETRY);
        assert_string_equal(err.name, "csv.changed");
        source->ops->page_free(page);
    }
    buf_done(&bytes);
}

static const struct get_row {
    const char *name, *complete, *bytes;
    enum rc_code code;
} gets[] = {
    { "found", "no", "id,first_name\n1,Ana\n7,Bo\n", RC_OK },
    { "not in a file that may be cut off", "no", "id,first_name\n1,Ana\n", RC_INVALID },
    { "not in a whole file", "trailer", "id,first_name\n1,Ana\n#count=1\n", RC_NOT_FOUND },
    { "not in a file of the declared rows", "rows=1", "id,first_name\n1,Ana\n", RC_NOT_FOUND },
    { "not in a file that declares more", "trailer", "id,first_name\n1,Ana\n#count=2\n",
      RC_INVALID },
    { "not in a whole file with a row that nobody can read", "trailer",
      "id,first_name\n1,Ana\n,Bo\n#count=2\n", RC_INVALID },
    { "twice", "trailer", "id,first_name\n7,Ana\n7,Bo\n#count=2\n", RC_INVALID },
    { "not in a file without its trailer", "trailer", "id,first_name\n1,Ana\n", RC_RETRY },
};

static void one_person_is_found_not_found_or_unclear(void **state) {
    const struct get_row *r = *state;
    struct employee e;
    struct rc_error err = { 0 };
    file_put(r->bytes, strlen(r->bytes));
    assert_int_equal(open_with((const char *const[]){ "complete", r->complete, NULL }, &err),
                     RC_OK);
    assert_int_equal(source->ops->get(source, TEXT_LIT("7"), &arena, &e, &err), r->code);
    if (r->code == RC_OK)
        assert_true(text_is(e.fields[EMPLOYEE_FIRST_NAME].text, "Bo"));
}

static void
a_file_that_is_not_there_is_asked_for_again_and_other_things_are_no_files(void **state) {
    struct rc_error err = { 0 };
    (void)state;
    assert_int_equal(open_with((const char *const[]){ "file", "/nonexistent/x.csv", NULL }, &err),
                     RC_OK);
    assert_int_equal(source->ops->list_begin(source, 0, &err), RC_RETRY);
    assert_string_equal(err.name, "csv.file");
    assert_int_equal(open_with((const char *const[]){ "file", "/dev/null", NULL }, &err), RC_OK);
    assert_int_equal(source->ops->list_begin(source, 0, &err), RC_INVALID);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(open_with(NULL, &err), RC_OK);
    assert_int_equal(source->ops->list_begin(source, 0, &err), RC_INVALID);
}

static void wrong_settings_are_named(void **state) {
    static const char *const wrong[][3] = { { "delimiter", "#" },      { "encoding", "ebcdic" },
                                            { "date-format", "yyyy" }, { "complete", "yes" },
                                            { "file", "people.csv" },  { "complete", "rows=x" },
                                            { "complete", "rows=-1" } };
    (void)state;
    for (size_t i = 0; i < RC_LEN(wrong); i++) {
        struct rc_error err = { 0 };
        assert_int_equal(open_with(wrong[i], &err), RC_INVALID);
        assert_string_equal(err.name, "setting");
        assert_non_null(strstr(err.text, wrong[i][0]));
    }
}

static void check_tells_columns_rows_and_totals(void **state) {
    struct rc_error err = { 0 };
    struct source_check c;
    unsigned levels = 0;
    static const char bytes[] = "id,first_name,hire_date\n1,Ana,\n2\n#count=3\n";
    (void)state;
    file_put(bytes, sizeof bytes - 1);
    assert_int_equal(open_with((const char *const[]){ "complete", "trailer", NULL }, &err), RC_OK);
    assert_int_equal(source->ops->check(source, &arena, &c, &err), RC_OK);
    assert_int_equal(c.people_n, 3);
    for (size_t i = 0; i < c.findings_n; i++) {
        const struct finding *f = &c.findings[i];
        if (strcmp(f->name, "attribute-missing") == 0 && strstr(f->text, "last_name") != NULL &&
            f->level == FINDING_FAIL)
            levels |= 1;
        if (strcmp(f->name, "attribute-missing") == 0 && strstr(f->text, "office") != NULL &&
            f->level == FINDING_WARN)
            levels |= 2;
        if (strcmp(f->name, "rows-unreadable") == 0 && strstr(f->text, "row 3") != NULL &&
            f->level == FINDING_FAIL)
            levels |= 4;
        if (strcmp(f->name, "total-differs") == 0 && f->level == FINDING_FAIL)
            levels |= 8;
    }
    assert_int_equal(levels, 15);
}

/* What an import will refuse, check says before it. */
static void check_fails_a_file_of_nobody_and_one_that_cannot_be_proven_whole(void **state) {
    static const struct {
        const char *complete, *bytes, *finding;
    } rows[] = { { "trailer", "id,first_name\n#count=0\n", "no-people" },
                 { "rows=0", "id,first_name\n", "no-people" },
                 { "no", "id,first_name\n1,Ana\n", "no-total" } };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct rc_error err = { 0 };
        struct source_check c;
        bool found = false;
        file_put(rows[i].bytes, strlen(rows[i].bytes));
        assert_int_equal(
            open_with((const char *const[]){ "complete", rows[i].complete, NULL }, &err), RC_OK);
        assert_int_equal(source->ops->check(source, &arena, &c, &err), RC_OK);
        for (size_t k = 0; k < c.findings_n; k++)
            found |= strcmp(c.findings[k].name, rows[i].finding) == 0 &&
                     c.findings[k].level == FINDING_FAIL;
        assert_true(found);
    }
}

/* ---- records, byte by byte ---- */

struct drip {
    const char *bytes;
    size_t len, at;
};

static enum rc_code drip_read(void *self, char *to, size_t most, size_t *ret_n,
                              struct rc_error *err) {
    struct drip *d = self;
    (void)err;
    *ret_n = d->at < d->len && most > 0 ? 1 : 0;
    if (*ret_n == 1)
        *to = d->bytes[d->at++];
    return RC_OK;
}

static void a_record_too_long_or_too_wide_is_an_error(void **state) {
    struct csv_reader r;
    struct csv_record record;
    struct rc_error err = { 0 };
    (void)state;
    char *bytes = mem_alloc(2 << 20);
    memset(bytes, ',', 2 << 20);
    file_put(bytes, 2000);
    assert_int_equal(open_with(NULL, &err), RC_OK);
    assert_int_equal(source->ops->list_begin(source, 0, &err), RC_INVALID);
    assert_string_equal(err.name, "csv.too-long");
    memset(bytes, 'x', 2 << 20);
    file_put(bytes, 2 << 20);
    assert_int_equal(source->ops->list_begin(source, 0, &err), RC_INVALID);
    assert_string_equal(err.name, "csv.too-long");
    mem_free(bytes);
    /* whatever pieces the bytes come in */
    static const char pieces[] = "a,\"b\"\"c\"\r\n\r\nd,e\r";
    struct drip drip = { pieces, sizeof pieces - 1, 0 };
    csv_reader_init(&r, '\0', drip_read, &drip);
    assert_int_equal(csv_next(&r, &record, &err), RC_OK);
    assert_true(record.cells_n == 2 && record.cells[1].len == 3 &&
                memcmp(record.cells[1].ptr, "b\"c", 3) == 0);
    assert_int_equal(csv_next(&r, &record, &err), RC_OK);
    assert_true(record.cells_n == 2 && record.number == 2 && *record.cells[0].ptr == 'd');
    assert_int_equal(csv_next(&r, &record, &err), RC_OK);
    assert_int_equal(record.cells_n, 0);
    assert_int_equal(csv_next(&r, &record, &err), RC_OK);
    assert_int_equal(record.cells_n, 0);
    csv_reader_done(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define ROW_TEST(f, row)                                                                           \
    {                                                                                              \
        .name = (row)->name, .test_func = f, .setup_func = set_up, .teardown_func = tear_down,     \
        .initial_state = (void *)(uintptr_t)(row)                                                  \
    }

int main(void) {
    static const struct CMUnitTest fixed[] = {
        TEST(many_rows_come_in_pages_of_little_memory),
        TEST(a_file_that_changes_while_it_is_read_is_no_listing),
        TEST(a_file_that_is_not_there_is_asked_for_again_and_other_things_are_no_files),
        TEST(wrong_settings_are_named),
        TEST(check_tells_columns_rows_and_totals),
        TEST(check_fails_a_file_of_nobody_and_one_that_cannot_be_proven_whole),
        TEST(a_record_too_long_or_too_wide_is_an_error),
    };
    struct CMUnitTest tests[RC_LEN(fixed) + RC_LEN(files) + RC_LEN(gets)];
    size_t n = RC_LEN(fixed);
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < RC_LEN(files); i++)
        tests[n++] = (struct CMUnitTest)ROW_TEST(a_file_reads_as_its_row_says, &files[i]);
    for (size_t i = 0; i < RC_LEN(gets); i++)
        tests[n++] =
            (struct CMUnitTest)ROW_TEST(one_person_is_found_not_found_or_unclear, &gets[i]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
