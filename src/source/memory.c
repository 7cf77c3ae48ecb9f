#include "source/memory.h"

#include <string.h>

#include "source/source_p.h"

struct memory {
    struct source base;
    struct memory_source *script;
    struct employee_reads reads;
    size_t next_page;
    uint64_t next_row;
};

struct memory_listed {
    struct source_page base;
    size_t *rows;
    size_t rows_cap;
    const struct memory_source *script;
};

static enum rc_code fault(const struct memory_fault *f, unsigned calls_before,
                          struct rc_error *err) {
    if (f->code == RC_OK || calls_before < f->after ||
        (f->times != 0 && calls_before >= f->after + f->times))
        return RC_OK;
    return rc_fail_as(err, f->code, f->name != NULL ? f->name : "memory.fault",
                      "memory: scripted fault");
}

static enum rc_code memory_open(const struct source_config *config, struct source **ret,
                                struct rc_error *err) {
    struct memory *m = mem_zalloc(sizeof *m);
    (void)err;
    m->base.ops = config->ops;
    m->script = (struct memory_source *)(uintptr_t)config->ops; /* ops is its first member */
    m->reads = config->reads;
    *ret = &m->base;
    return RC_OK;
}

static void memory_close(struct source *s) {
    mem_free(s);
}

/* ---- rights ---- */

static enum rc_code memory_rights(struct source *s, struct arena *a, struct source_rights *ret,
                                  struct rc_error *err) {
    struct memory_source *script = ((struct memory *)s)->script;
    struct source_rights r = { .scopes = text_of(script->scopes) };
    enum rc_code rc = fault(&script->rights_fault, script->rights_n++, err);
    if (rc != RC_OK)
        return rc;
    while (script->attributes != NULL && script->attributes[r.attributes_n] != NULL)
        r.attributes_n++;
    r.attributes = ARENA_NEW(a, struct text, r.attributes_n + 1);
    r.labels = ARENA_NEW(a, struct text, r.attributes_n + 1);
    for (size_t i = 0; i < r.attributes_n; i++) {
        r.attributes[i] = text_of(script->attributes[i]);
        r.labels[i] = TEXT_NONE;
    }
    source_rights_sort(&r);
    *ret = r;
    return RC_OK;
}

static enum rc_code memory_check(struct source *s, struct arena *a, struct source_check *ret,
                                 struct rc_error *err) {
    struct memory_source *script = ((struct memory *)s)->script;
    struct source_check c = { .people_n = script->total_scripted ? script->total
                                                                 : (int64_t)script->people_n };
    (void)err;
    source_find_add(&c, a, FINDING_OK, "connected", "%lld people", (long long)c.people_n);
    *ret = c;
    return RC_OK;
}

/* ---- listing ---- */

static enum rc_code memory_list_begin(struct source *s, int64_t since_us, struct rc_error *err) {
    struct memory *m = (struct memory *)s;
    (void)since_us;
    (void)err;
    m->script->lists_n++;
    m->next_page = 0;
    m->next_row = 0;
    return RC_OK;
}

static void page_rows(struct memory_listed *p, size_t n) {
    if (n > p->rows_cap) {
        p->rows = mem_realloc(p->rows, n * sizeof *p->rows);
        p->rows_cap = n;
    }
    p->base.rows_n = n;
}

static enum rc_code memory_list_next(struct source *s, struct source_page *page,
                                     struct rc_error *err) {
    struct memory *m = (struct memory *)s;
    struct memory_source *script = m->script;
    struct memory_listed *p = (struct memory_listed *)page;
    enum rc_code rc = fault(&script->list_fault, script->pages_asked_n++, err);
    if (rc != RC_OK)
        return rc;
    page->first_row = m->next_row;
    if (script->pages != NULL) {
        if (m->next_page >= script->pages_n)
            return rc_fail(err, RC_FATAL, "memory: the script has no page %zu", m->next_page);
        const struct memory_page *from = &script->pages[m->next_page];
        page_rows(p, from->rows_n);
        if (from->rows_n > 0)
            memcpy(p->rows, from->rows, from->rows_n * sizeof *p->rows);
        page->declared_total = from->declared_total;
        page->end = from->end;
    } else {
        size_t per_page = script->per_page != 0 ? script->per_page : 2;
        size_t left = script->people_n - (size_t)m->next_row;
        page_rows(p, left < per_page ? left : per_page);
        for (size_t i = 0; i < page->rows_n; i++)
            p->rows[i] = (size_t)m->next_row + i;
        page->declared_total = script->total_scripted ? script->total : (int64_t)script->people_n;
        page->end = page->rows_n == 0 ? SOURCE_END_EMPTY : SOURCE_MORE;
    }
    page->body_bytes = page->rows_n * 100; /* an invented size, for progress */
    m->next_page++;
    m->next_row += page->rows_n;
    return RC_OK;
}

static struct source_page *memory_page_new(struct source *s) {
    struct memory_listed *p = mem_zalloc(sizeof *p);
    p->script = ((struct memory *)s)->script;
    return &p->base;
}

static void memory_page_free(struct source_page *page) {
    struct memory_listed *p = (struct memory_listed *)page;
    mem_free(p->rows);
    mem_free(p);
}

/* ---- people ---- */

static void put_group(struct employee *e, enum employee_field f, struct arena *a,
                      const char *value) {
    const char *hash = strrchr(value, '#');
    size_t len = hash != NULL ? (size_t)(hash - value) : strlen(value);
    employee_put_group(e, f, a, hash != NULL ? text_of(hash + 1) : TEXT_NONE, value, len);
}

/* One "key=value" or "key!". */
static void put(const struct memory *m, const char *pair, struct arena *a, struct employee *e) {
    size_t key_len = strcspn(pair, "=!");
    const char *value = pair + key_len + 1;
    bool bad = pair[key_len] == '!';
    if (strncmp(pair, "modified=", 9) == 0)
        (void)date_parse_instant(value, strlen(value), &e->modified_us, NULL);
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        const char *name = employee_field_name(f);
        if (strlen(name) != key_len || memcmp(name, pair, key_len) != 0)
            continue;
        if ((m->reads.fields & 1u << f) == 0)
            return;
        if (bad)
            employee_put_bad(e, f);
        else if (value[0] == '\0')
            employee_put_empty(e, f);
        else if (employee_field_kind(f) == EMPLOYEE_KIND_GROUP)
            put_group(e, f, a, value);
        else
            employee_put(e, f, a, value, strlen(value));
        return;
    }
    for (size_t i = 0; i < m->reads.custom_n; i++) {
        const char *key = m->reads.custom[i];
        if (strlen(key) != key_len || memcmp(key, pair, key_len) != 0)
            continue;
        if (bad)
            employee_put_custom_bad(e, i);
        else
            employee_put_custom(e, i, a, value, strlen(value));
    }
}

static enum rc_code person_read(const struct memory *m, const struct memory_person *person,
                                struct arena *a, struct employee *ret, struct rc_error *err) {
    struct employee e;
    const char *id = person->id != NULL ? person->id : "";
    employee_begin(&e, &m->reads, a);
    enum rc_code rc = employee_put_id(&e, a, id, strlen(id), err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < RC_LEN(person->values) && person->values[i] != NULL; i++)
        put(m, person->values[i], a, &e);
    *ret = e;
    return RC_OK;
}

static enum rc_code memory_page_read(const struct source *s, const struct source_page *page,
                                     size_t row, struct arena *a, struct employee *ret,
                                     struct rc_error *err) {
    const struct memory *m = (const struct memory *)s;
    const struct memory_listed *p = (const struct memory_listed *)page;
    return person_read(m, &m->script->people[p->rows[row]], a, ret, err);
}

static const struct memory_person *person_find(const struct memory_person *people, size_t n,
                                               struct text id) {
    for (size_t i = 0; i < n; i++)
        if (people[i].id != NULL && text_is(id, people[i].id))
            return &people[i];
    return NULL;
}

static enum rc_code memory_get(struct source *s, struct text source_id, struct arena *a,
                               struct employee *ret, struct rc_error *err) {
    struct memory *m = (struct memory *)s;
    struct memory_source *script = m->script;
    const struct memory_person *person;
    enum rc_code rc = fault(&script->get_fault, script->gets_n++, err);
    if (rc != RC_OK)
        return rc;
    person = person_find(script->only_get, script->only_get_n, source_id);
    if (person == NULL)
        person = person_find(script->people, script->people_n, source_id);
    for (size_t i = 0; script->not_found != NULL && script->not_found[i] != NULL; i++)
        if (text_is(source_id, script->not_found[i]))
            person = NULL;
    if (person == NULL)
        return rc_fail_as(err, RC_NOT_FOUND, "memory.unknown", "memory: no person %.*s",
                          TEXT_ARG(source_id));
    return person_read(m, person, a, ret, err);
}

static enum rc_code memory_record(struct source *s, const char *dir, struct rc_error *err) {
    (void)dir;
    return source_cannot(s, "record", err);
}

static const struct setting settings[] = { { 0 } };

void memory_source_init(struct memory_source *m) {
    m->ops = (struct source_ops){
        .name = "memory",
        .title = "Memory",
        .caps = SOURCE_TOTAL | SOURCE_SINCE | SOURCE_GET | SOURCE_RIGHTS,
        .settings = settings,
        .open = memory_open,
        .close = memory_close,
        .check = memory_check,
        .rights = memory_rights,
        .list_begin = memory_list_begin,
        .list_next = memory_list_next,
        .page_new = memory_page_new,
        .page_free = memory_page_free,
        .page_read = memory_page_read,
        .get = memory_get,
        .record = memory_record,
    };
}
