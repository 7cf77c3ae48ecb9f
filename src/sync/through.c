#include "sync/through.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "base/queue.h"
#include "people/problem.h"
#include "people/stored.h"

/* Building costs two or three times what reading does, and whoever reads builds while waiting: more
 * builders than these would wait for pages. */
enum { PEOPLE_AT_ONCE = 250, BUILDERS_MOST = 3, PAGES = BUILDERS_MOST + 3 };

/* ---- one person ---- */

struct through {
    struct json_reader *employee_json, *user_json;
    struct arena person;
    struct buf scratch;
};

struct through *through_new(void) {
    struct through *t = mem_zalloc(sizeof *t);
    t->employee_json = json_reader_new(1 << 20);
    t->user_json = json_reader_new(1 << 20);
    arena_init(&t->person);
    buf_init(&t->scratch, 1 << 20);
    return t;
}

void through_free(struct through *t) {
    if (t == NULL)
        return;
    json_reader_free(t->employee_json);
    json_reader_free(t->user_json);
    arena_done(&t->person);
    buf_done(&t->scratch);
    mem_free(t);
}

static enum rc_code not_read(const struct person *row, struct rc_error *err) {
    return rc_context(err, RC_FATAL, "version %lld of user %lld", (long long)row->run_id,
                      (long long)row->user_id);
}

static enum rc_code read_employee(struct through *t, const struct mapping *m,
                                  const struct person *row, struct employee *ret,
                                  struct rc_error *err) {
    struct employee_reads reads = mapping_reads(m);
    struct employee stored;
    json doc;
    arena_reset(&t->person);
    if (json_parse_copy(t->employee_json, row->employee.ptr, row->employee.len, &doc, err) !=
            RC_OK ||
        stored_employee_read(doc, &t->person, &stored, err) != RC_OK)
        return not_read(row, err);
    employee_begin(ret, &reads, &t->person);
    ret->source_id = stored.source_id;
    mapping_keep_known(m, ret, &stored);
    return RC_OK;
}

/* Behind read_employee(), whose arena it goes on with. */
static enum rc_code read_known(struct through *t, const struct person *row, struct user *ret,
                               struct rc_error *err) {
    json doc;
    return json_parse_copy(t->user_json, row->user.ptr, row->user.len, &doc, err) == RC_OK &&
                   stored_user_read(doc, &t->person, ret, err) == RC_OK
               ? RC_OK
               : not_read(row, err);
}

enum rc_code through_read(struct through *t, const struct mapping *m, const struct person *row,
                          struct through_view *ret, struct arena **ret_arena,
                          struct rc_error *err) {
    enum rc_code rc = read_employee(t, m, row, &ret->employee, err);
    *ret_arena = &t->person;
    return rc != RC_OK ? rc : read_known(t, row, &ret->known, err);
}

static void compare_one(struct text was, struct text is, uint64_t bit, struct through_person *ret) {
    if (text_equal(was, is))
        return;
    ret->differs = true;
    if (was.state != TEXT_SET && is.state != TEXT_SET)
        return; /* as change_find() has it */
    ret->fields |= bit;
    if (was.state == TEXT_SET && is.state != TEXT_SET)
        ret->cleared |= bit;
}

static void compare(const struct user *was, const struct user *is, struct through_person *ret) {
    const uint64_t custom = UINT64_C(1) << USER_FIELDS_N;
    size_t at = 0, both_n = 0;
    for (int f = 0; f < USER_FIELDS_N; f++)
        compare_one(was->fields[f], is->fields[f], UINT64_C(1) << f, ret);
    for (size_t i = 0; i < is->custom_n; i++) {
        struct text before = user_custom_next(was, is->custom[i].name, &at);
        both_n += before.state != TEXT_MISSING;
        compare_one(before, is->custom[i].value, custom, ret);
    }
    at = 0;
    for (size_t i = 0; i < was->custom_n && both_n < was->custom_n; i++)
        if (user_custom_next(is, was->custom[i].name, &at).state == TEXT_MISSING)
            compare_one(was->custom[i].value, (struct text){ 0 }, custom, ret);
}

/* ---- everybody ---- */

/* Read by the caller's thread, then worked on by one of the others, then the caller's again. */
struct page {
    struct arena arena;
    struct person *rows;
    size_t rows_n;
    struct through_person *people; /* of these rows, in their order */
    size_t people_n;
    enum rc_code rc;
    struct rc_error err;
    struct queue *done; /* carries the page itself, once it is worked on */
};

struct line {
    const struct mapping *m;
    unsigned wants;
    struct queue *read;
    struct page pages[PAGES];
};

static bool is_less(struct through *t, const struct employee *e, const struct person *row) {
    buf_clear(&t->scratch);
    stored_employee_write(e, &t->scratch);
    return !text_equal(text_from(t->scratch.ptr, t->scratch.len), row->employee);
}

static void keep_teams(const struct line *l, struct through *t, const struct employee *e,
                       struct arena *a, struct through_person *ret) {
    struct mapping_team teams[MAPPING_TEAMS_MAX], *kept = NULL;
    size_t n = mapping_teams(l->m, e, &t->person, teams);
    for (size_t i = 0; i < n; i++) {
        if (teams[i].name.state != TEXT_SET)
            continue;
        if (kept == NULL)
            ret->teams = kept = ARENA_NEW(a, struct mapping_team, n);
        kept[ret->teams_n++] =
            (struct mapping_team){ text_copy(a, teams[i].key), text_copy(a, teams[i].kind),
                                   text_copy(a, teams[i].hr_id), text_copy(a, teams[i].name) };
    }
}

static const struct user *keep_user(const struct user *u, struct arena *a) {
    struct user *kept = ARENA_NEW(a, struct user, 1);
    *kept = *u;
    user_keep(kept, a);
    return kept;
}

/* Most people stay as they are, and of most nothing that is known counts: then what is
 * stored is compared byte by byte, in a quarter of the time that parsing it takes. */
static enum rc_code build_one(const struct line *l, struct through *t, const struct person *row,
                              struct arena *a, struct through_person *ret, struct rc_error *err) {
    struct employee e;
    struct user u, known;
    struct mapping_outcome outcome;
    enum rc_code rc = read_employee(t, l->m, row, &e, err);
    if (rc != RC_OK)
        return rc;
    mapping_build(l->m, &e, NULL, &t->person, &u, &outcome);
    bool same = !outcome.keeps && stored_user_is(&u, row->user);
    if (!same && (rc = read_known(t, row, &known, err)) != RC_OK)
        return rc;
    if (outcome.keeps)
        mapping_build(l->m, &e, &known, &t->person, &u, &outcome);
    *ret = (struct through_person){ .row = row,
                                    .filter = outcome.filter,
                                    .problems = problem_find(&e, &u, &outcome) };
    if (!same)
        compare(&known, &u, ret);
    if ((l->wants & THROUGH_TEAMS) != 0)
        keep_teams(l, t, &e, a, ret);
    ret->less = (l->wants & THROUGH_LESS) != 0 && is_less(t, &e, row);
    if ((l->wants & THROUGH_USERS) != 0) {
        ret->user = keep_user(&u, a);
        ret->known = ret->differs ? keep_user(&known, a) : NULL;
    }
    return RC_OK;
}

static void build_page(const struct line *l, struct through *t, struct page *p) {
    p->people = arena_alloc(&p->arena, (p->rows_n + 1) * sizeof *p->people);
    p->people_n = 0;
    for (size_t i = 0; i < p->rows_n && p->rc == RC_OK; i++)
        if (p->rows[i].presence != PRESENCE_GONE)
            p->rc = build_one(l, t, &p->rows[i], &p->arena, &p->people[p->people_n++], &p->err);
}

static void *builder_main(void *self) {
    struct line *l = self;
    RC_CLEANUP(through_freep) struct through *t = through_new();
    void *item;
    while (queue_pop(l->read, &item)) {
        struct page *p = item;
        build_page(l, t, p);
        queue_push(p->done, p); /* there is room: nobody else has this page */
    }
    return NULL;
}

/* Builds other pages until this one is done. */
static void wait_for(struct line *l, struct through *t, struct page *p) {
    void *item;
    while (!queue_drain(p->done, &item)) {
        if (!queue_drain(l->read, &item)) {
            queue_pop(p->done, &item);
            return;
        }
        struct page *other = item;
        build_page(l, t, other);
        queue_push(other->done, other);
    }
}

/* Reads ahead as far as there are pages, and gives the oldest back. */
static enum rc_code read_all(struct line *l, struct store *st, int64_t company_id,
                             int64_t integration_id, through_fn *fn, void *self,
                             int64_t *ret_population, struct rc_error *err) {
    RC_CLEANUP(through_freep) struct through *t = through_new();
    size_t read_n = 0, given_n = 0;
    int64_t after = 0;
    bool is_last = false;
    *ret_population = 0;
    for (;;) {
        while (!is_last && read_n - given_n < PAGES) {
            struct page *p = &l->pages[read_n % PAGES];
            arena_reset(&p->arena);
            enum rc_code rc = directory_list(st, company_id, integration_id, 0, after,
                                             PEOPLE_AT_ONCE, &p->arena, &p->rows, &p->rows_n, err);
            if (rc != RC_OK)
                return rc;
            is_last = p->rows_n < PEOPLE_AT_ONCE;
            after = p->rows_n > 0 ? p->rows[p->rows_n - 1].user_id : after;
            for (size_t i = 0; i < p->rows_n; i++)
                *ret_population += !p->rows[i].has_left;
            p->rc = RC_OK;
            queue_push(l->read, p);
            read_n++;
        }
        if (given_n == read_n)
            return RC_OK;
        struct page *p = &l->pages[given_n++ % PAGES];
        wait_for(l, t, p);
        if (p->rc != RC_OK && err != NULL)
            *err = p->err;
        enum rc_code rc = p->rc == RC_OK ? fn(self, p->people, p->people_n, err) : p->rc;
        if (rc != RC_OK)
            return rc;
    }
}

enum rc_code through_everybody(struct store *st, int64_t company_id, int64_t integration_id,
                               const struct mapping *m, unsigned wants, through_fn *fn, void *self,
                               int64_t *ret_population, struct rc_error *err) {
    struct line l = { .m = m, .wants = wants, .read = queue_new(PAGES) };
    pthread_t builders[BUILDERS_MOST];
    long most = sysconf(_SC_NPROCESSORS_ONLN) - 1;
    enum rc_code rc;
    int n = 0;
    for (int i = 0; i < PAGES; i++) {
        arena_init(&l.pages[i].arena);
        l.pages[i].done = queue_new(1);
    }
    /* Without another thread it takes longer, and is right all the same. */
    while (n < BUILDERS_MOST && n < most &&
           pthread_create(&builders[n], NULL, builder_main, &l) == 0)
        n++;
    rc = read_all(&l, st, company_id, integration_id, fn, self, ret_population, err);
    queue_cancel(l.read);
    while (n > 0)
        pthread_join(builders[--n], NULL);
    for (int i = 0; i < PAGES; i++) {
        arena_done(&l.pages[i].arena);
        queue_free(l.pages[i].done);
    }
    queue_free(l.read);
    return rc;
}
