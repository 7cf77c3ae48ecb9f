/* A page of Personio, from the bytes of the body to employees: whatever comes, an employee is clean
 * or the row is refused. */
#include <string.h>
#include "source/personio_p.h"
#include "tests/fuzz/must.h"

static const char *const custom[] = { "dynamic_1", "gender" };

static void check_text(struct text t, size_t most) {
    MUST(t.state == TEXT_MISSING || t.state == TEXT_EMPTY || t.state == TEXT_SET);
    MUST(t.state != TEXT_SET || (t.len > 0 && t.len <= most && text_is_utf8(t.ptr, t.len)));
}

static void check_employee(const struct employee *e) {
    MUST(e->source_id.state == TEXT_SET && e->source_id.len <= EMPLOYEE_ID_BYTES);
    for (size_t i = 0; i < e->source_id.len; i++)
        MUST(e->source_id.ptr[i] >= '0' && e->source_id.ptr[i] <= '9');
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        check_text(e->fields[f].text, EMPLOYEE_TEXT_BYTES);
        check_text(e->fields[f].id, EMPLOYEE_ID_BYTES);
        if ((e->bad & 1u << f) != 0)
            MUST(e->fields[f].text.state == TEXT_MISSING);
        if (employee_field_kind(f) == EMPLOYEE_KIND_DATE && e->fields[f].text.state == TEXT_SET)
            MUST(e->fields[f].text.len == 10);
    }
    MUST(e->custom_n == 2);
    for (size_t i = 0; i < e->custom_n; i++)
        check_text(e->custom[i].value, EMPLOYEE_TEXT_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct employee_reads reads = { (1u << EMPLOYEE_FIELDS_N) - 1, custom, 2 };
    struct json_reader *reader = json_reader_new(1 << 20);
    struct personio_page page = { 0 };
    struct personio_answer answer = { .status = 200 };
    struct arena a;
    arena_init(&a);
    if (json_parse_copy(reader, (const char *)data, size, &answer.root, NULL) == RC_OK &&
        personio_page_take(&page, &answer, NULL) == RC_OK) {
        MUST(page.base.declared_total >= -1);
        for (size_t i = 0; i < page.base.rows_n; i++) {
            struct employee e;
            struct rc_error err = { 0 };
            enum rc_code rc = personio_read(&reads, page.rows[i], &a, &e, &err);
            MUST(rc == RC_OK || rc == RC_INVALID);
            if (rc == RC_OK)
                check_employee(&e);
            else
                MUST(err.text[0] != '\0');
            (void)personio_row_id(page.rows[i]);
        }
    }
    arena_done(&a);
    mem_free(page.rows);
    json_reader_free(reader);
    return 0;
}
