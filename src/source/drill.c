#include "source/drill.h"

#include "source/source_p.h"

enum { PAGE_PEOPLE = 200 };

struct drill {
    struct source base;
    const struct drill_source *script;
    struct employee_reads reads;
    size_t next; /* person of the script */
    uint64_t rows;
};
struct drill_page {
    struct source_page base;
    const struct employee *rows[PAGE_PEOPLE];
};

static enum rc_code drill_open(const struct source_config *config, struct source **ret,
                               struct rc_error *err) {
    struct drill *d = mem_zalloc(sizeof *d);
    (void)err;
    d->base.ops = config->ops;
    d->script = (const struct drill_source *)config->ops; /* ops is its first member */
    d->reads = config->reads;
    *ret = &d->base;
    return RC_OK;
}

static void drill_close(struct source *s) {
    mem_free(s);
}

static enum rc_code drill_check(struct source *s, struct arena *a, struct source_check *ret,
                                struct rc_error *err) {
    const struct drill *d = (struct drill *)s;
    (void)err;
    *ret = (struct source_check){ .people_n = (int64_t)d->script->people_n };
    source_find_add(ret, a, FINDING_OK, "connected", "a drill");
    return RC_OK;
}

static enum rc_code drill_rights(struct source *s, struct arena *a, struct source_rights *ret,
                                 struct rc_error *err) {
    const struct drill *d = (struct drill *)s;
    (void)a, (void)err;
    *ret = d->script->rights != NULL ? *d->script->rights : (struct source_rights){ 0 };
    return RC_OK;
}

/* ---- listing ---- */

static int64_t listed(const struct drill_source *script) {
    int64_t n = 0;
    for (size_t i = 0; i < script->people_n; i++)
        n += script->people[i].is_listed;
    return n;
}

static enum rc_code drill_list_begin(struct source *s, int64_t since_us, struct rc_error *err) {
    struct drill *d = (struct drill *)s;
    (void)since_us, (void)err;
    d->next = 0;
    d->rows = 0;
    return RC_OK;
}

static enum rc_code drill_list_next(struct source *s, struct source_page *page,
                                    struct rc_error *err) {
    struct drill *d = (struct drill *)s;
    struct drill_page *p = (struct drill_page *)page;
    const struct drill_source *script = d->script;
    size_t n = 0;
    (void)err;
    for (; d->next < script->people_n && n < PAGE_PEOPLE; d->next++)
        if (script->people[d->next].is_listed)
            p->rows[n++] = script->people[d->next].employee;
    *page = (struct source_page){ .rows_n = n,
                                  .first_row = d->rows,
                                  .declared_total =
                                      script->declared >= 0 ? script->declared : listed(script),
                                  .end = n == 0 ? SOURCE_END_EMPTY : SOURCE_MORE };
    d->rows += n;
    return RC_OK;
}

static struct source_page *drill_page_new(struct source *s) {
    struct drill_page *p = mem_zalloc(sizeof *p);
    (void)s;
    return &p->base;
}

static void drill_page_free(struct source_page *page) {
    mem_free(page);
}

/* ---- people ---- */

/* As it was stored, for what the mapping reads now: custom values stand in the order of `reads`. */
static void employee_of(const struct drill *d, const struct employee *from, struct arena *a,
                        struct employee *ret) {
    employee_begin(ret, &d->reads, a);
    ret->source_id = from->source_id;
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++)
        if (d->reads.fields >> f & 1)
            ret->fields[f] = from->fields[f];
    for (size_t i = 0; i < ret->custom_n; i++)
        for (size_t k = 0; k < from->custom_n; k++)
            if (text_equal(ret->custom[i].key, from->custom[k].key))
                ret->custom[i].value = from->custom[k].value;
}

static enum rc_code drill_page_read(const struct source *s, const struct source_page *page,
                                    size_t row, struct arena *a, struct employee *ret,
                                    struct rc_error *err) {
    const struct drill_page *p = (const struct drill_page *)page;
    (void)err;
    employee_of((const struct drill *)s, p->rows[row], a, ret);
    return RC_OK;
}

static enum rc_code drill_get(struct source *s, struct text source_id, struct arena *a,
                              struct employee *ret, struct rc_error *err) {
    struct drill *d = (struct drill *)s;
    for (size_t i = 0; i < d->script->people_n; i++) {
        const struct drill_person *p = &d->script->people[i];
        if (!p->is_found || !text_equal(p->employee->source_id, source_id))
            continue;
        employee_of(d, p->employee, a, ret);
        return RC_OK;
    }
    return rc_fail(err, RC_NOT_FOUND, "the drill has no person %.*s", TEXT_ARG(source_id));
}

static enum rc_code drill_record(struct source *s, const char *dir, struct rc_error *err) {
    (void)dir;
    return source_cannot(s, "record", err);
}

void drill_source_init(struct drill_source *d, const struct source_ops *like) {
    static const struct setting none[] = { { 0 } };
    const unsigned of_that = SOURCE_GET | SOURCE_RIGHTS;
    d->declared = -1;
    d->ops = (struct source_ops){
        .name = like->name,
        .title = like->title,
        .caps = SOURCE_TOTAL | (like->caps & of_that),
        .settings = none,
        .open = drill_open,
        .close = drill_close,
        .check = drill_check,
        .rights = drill_rights,
        .list_begin = drill_list_begin,
        .list_next = drill_list_next,
        .page_new = drill_page_new,
        .page_free = drill_page_free,
        .page_read = drill_page_read,
        .get = drill_get,
        .record = drill_record,
    };
}
