#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/store/bed.h"
#include "people/stored.h"

struct store *bed_connect(const struct bed *b) {
    struct store *st = NULL;
    OK(store_open(b->place->where, &st, &why));
    return st;
}

struct secret_key *bed_key(void) {
    char path[] = "/tmp/test-key-XXXXXX";
    struct secret_key *k = NULL;
    assert_int_equal(close(mkstemp(path)), 0);
    unlink(path);
    OK(secret_key_make(path, &why));
    OK(secret_key_open(path, &k, &why));
    unlink(path);
    return k;
}

struct integration bed_integration(struct bed *b, int64_t company_id, const char *key) {
    struct integration in = { .company_id = company_id,
                              .key = text_of(key),
                              .source = TEXT_LIT("csv"),
                              .settings = TEXT_LIT("{}"),
                              .team_from = TEXT_LIT("department"),
                              .created_us = T0 };
    OK(integration_add(b->st, b->key, &in, &why));
    return in;
}

int bed_make(void **state) {
    struct bed *b = mem_zalloc(sizeof *b);
    void *place = NULL;
    b->row = *state;
    if (place_make(&place) != 0)
        return -1;
    b->place = place;
    arena_init(&b->a);
    b->key = bed_key();
    b->st = bed_connect(b);
    place_keep(b->place);
    OK(company_add(b->st, "acme", "Acme", "UTC", T0, &b->company_id, &why));
    b->in = bed_integration(b, b->company_id, "hr");
    *state = b;
    return 0;
}

int bed_remove(void **state) {
    struct bed *b = *state;
    void *place = b->place;
    store_close(b->st);
    secret_key_close(b->key);
    arena_done(&b->a);
    mem_free(b);
    return place_remove(&place);
}

int64_t bed_number(struct bed *b, const char *sql) {
    return place_int(b->st->db, sql);
}

struct run bed_run(struct bed *b, int64_t company_id, int64_t integration_id,
                   enum run_state state) {
    struct run r = { .company_id = company_id,
                     .integration_id = integration_id,
                     .kind = RUN_FULL,
                     .state = state,
                     .started_us = T0 };
    OK(run_add(b->st, &r, &why));
    return r;
}

static struct text written(struct bed *b, struct buf *buf) {
    struct text t = text_copy(&b->a, text_from(buf->ptr, buf->len));
    buf_done(buf);
    return t;
}

struct version bed_version(struct bed *b, int64_t user_id, int64_t base_run_id,
                           const char *source_id, const char *name) {
    source_id = arena_str(&b->a, source_id, strlen(source_id));
    name = arena_str(&b->a, name, strlen(name));
    struct employee e = { .source_id = text_of(source_id) };
    struct user u = { 0 };
    struct buf buf;
    struct version v = { .user_id = user_id,
                         .base_run_id = base_run_id,
                         .read_us = T0,
                         .presence = PRESENCE_LISTED,
                         .source_id = text_of(source_id) };
    e.fields[EMPLOYEE_LAST_NAME].text = u.fields[USER_LAST_NAME] = text_of(name);
    v.email = u.fields[USER_EMAIL] = text_of(arena_printf(&b->a, "%s@x.org", name));
    v.manager = u.fields[USER_MANAGER] = TEXT_LIT("1");
    v.team = u.fields[USER_PRIMARY_TEAM] = TEXT_LIT("department:9");
    buf_init(&buf, 10000);
    stored_employee_write(&e, &buf);
    v.employee = written(b, &buf);
    buf_init(&buf, 10000);
    stored_user_write(&u, &buf);
    v.person = written(b, &buf);
    secret_digest(b->key, v.employee.ptr, v.employee.len, v.employee_digest.bytes);
    secret_digest(b->key, v.person.ptr, v.person.len, v.user_digest.bytes);
    return v;
}

void bed_stage(struct bed *b, const struct run *r, const struct version *v, size_t n) {
    OK(db_begin(b->st->db, &why));
    OK(version_add(b->st, r->company_id, r->integration_id, r->run_id, v, n, &why));
    OK(db_commit(b->st->db, &why));
}

struct version_applied bed_apply(struct bed *b, struct run *r) {
    struct version_applied done = { -1, -1, -1 };
    OK(db_begin(b->st->db, &why));
    OK(version_apply(b->st, r->company_id, r->integration_id, r->run_id, &done, &why));
    r->state = RUN_APPLIED;
    r->applied_us = r->ended_us = r->started_us + 1;
    OK(run_save(b->st, r, &why));
    OK(db_commit(b->st->db, &why));
    return done;
}

char *bed_people(struct bed *b, int64_t company_id, int64_t integration_id,
                 int64_t overlay_run_id) {
    enum { AT_ONCE = 7 };
    struct person *list;
    size_t n;
    int64_t after = 0;
    struct buf out;
    buf_init(&out, 10 << 20);
    do {
        OK(directory_list(b->st, company_id, integration_id, overlay_run_id, after, AT_ONCE, &b->a,
                          &list, &n, &why));
        for (size_t i = 0; i < n; i++) {
            const struct person *p = &list[i];
            assert_true(p->user_id > after);
            after = p->user_id;
            buf_printf(&out, "%lld %lld run %lld %.*s %s %lld %llx %llx %llu %.*s %.*s\n",
                       (long long)p->user_id, (long long)p->integration_id, (long long)p->run_id,
                       TEXT_ARG(p->source_id), presence_name(p->presence), (long long)p->read_us,
                       (unsigned long long)digest_print(&p->employee_digest),
                       (unsigned long long)digest_print(&p->user_digest),
                       (unsigned long long)p->problems, TEXT_ARG(p->employee), TEXT_ARG(p->user));
        }
    } while (n == AT_ONCE);
    char *s = arena_str(&b->a, out.ptr != NULL ? out.ptr : "", out.len);
    buf_done(&out);
    return s;
}
