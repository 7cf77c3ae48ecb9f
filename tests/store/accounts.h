/* accounts.h - what the tests of accounts begin with: a platform, three people, rows. */
#pragma once
#include "tests/store/bed.h"
#include "store/account.h"
#include "store/platform.h"

enum { TODAY = 20700 };

static inline struct platform platform(struct bed *b, const char *key) {
    struct platform p = { .company_id = b->company_id,
                          .key = text_of(key),
                          .adapter = TEXT_LIT("learnamp"),
                          .prefix = TEXT_LIT("rc"),
                          .settings = TEXT_LIT("{}"),
                          .feeds = &b->in.integration_id,
                          .feeds_n = 1 };
    OK(platform_add(b->st, b->key, &p, &why));
    return p;
}

/* Users 101 to 103, "1" to "3", ann, bob and cid; the first is everybody's manager. */
static inline struct run three_people(struct bed *b) {
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v[] = { bed_version(b, 101, 0, "1", "ann"), bed_version(b, 102, 0, "2", "bob"),
                           bed_version(b, 103, 0, "3", "cid") };
    v[0].manager = (struct text){ 0 };
    bed_stage(b, &r, v, 3);
    bed_apply(b, &r);
    return r;
}

static inline struct account_row of_user(struct bed *b, const struct platform *p, int64_t user_id) {
    struct account_row row;
    OK(account_of_user(b->st, b->company_id, p->destination_id, user_id, &b->a, &row, &why));
    return row;
}

static inline struct account_row by_remote(struct bed *b, const struct platform *p,
                                           const char *id) {
    struct account_row row;
    OK(account_by_remote(b->st, b->company_id, p->destination_id, text_of(id), &b->a, &row, &why));
    return row;
}

static inline void save(struct bed *b, const struct platform *p, struct account_row *row) {
    OK(db_begin(b->st->db, &why));
    OK(account_save(b->st, b->company_id, p->destination_id, row, &why));
    OK(db_commit(b->st->db, &why));
}

static inline int64_t enrol(struct bed *b, const struct platform *p) {
    int64_t n;
    OK(db_begin(b->st->db, &why));
    OK(account_enrol(b->st, b->company_id, p->destination_id, &n, &why));
    OK(db_commit(b->st->db, &why));
    return n;
}

static inline void clean(struct bed *b) {
    place_exec(b->st->db, "UPDATE account SET dirty = 0");
}

/* "101 103": whose rows are dirty. */
static inline const char *dirty(struct bed *b) {
    struct db_statement *rows = NULL;
    bool row = false;
    struct buf out;
    buf_init(&out, 1000);
    OK(db_prepare(b->st->db, "SELECT user_id FROM account WHERE dirty <> 0 ORDER BY user_id", &rows,
                  &why));
    for (;;) {
        OK(db_step(rows, &row, &why));
        if (!row)
            break;
        buf_printf(&out, "%s%lld", out.len ? " " : "", (long long)db_int(rows, 0));
    }
    db_statement_close(rows);
    char *s = arena_str(&b->a, out.ptr != NULL ? out.ptr : "", out.len);
    buf_done(&out);
    return s;
}

static inline int64_t count(struct bed *b, const struct platform *p, enum account_filter which) {
    struct account_row *list;
    size_t n;
    int64_t counted;
    OK(account_count(b->st, b->company_id, p->destination_id, which, &counted, &why));
    OK(account_list(b->st, b->company_id, p->destination_id, which, 0, 1000, &b->a, &list, &n,
                    &why));
    assert_int_equal(n, counted);
    return counted;
}
