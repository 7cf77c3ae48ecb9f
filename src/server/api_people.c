/* People: is all well, why somebody stands where they stand, what became of them, all that is held of them,
 * and forgetting them. */
#include <stdlib.h>
#include <string.h>

#include "server/api_p.h"
#include "show/history.h"
#include "show/problems.h"
#include "show/status.h"
#include "show/subject.h"
#include "show/why.h"
#include "store/hook_event.h"
#include "sync/erase.h"

enum { REASON_BYTES = 1000, PEOPLE_MOST = 20, RECEIPTS_MOST = 1000 };

/* ---- status ---- */

enum rc_code api_status_all(struct api_call *c, struct rc_error *err) {
    struct company *all;
    size_t n = 1;
    enum rc_code rc = company_list(c->st, c->arena, &all, &n, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; c->token.company_id != 0 && i < n; i++)
        if (all[i].company_id == c->token.company_id) {
            all = &all[i];
            n = 1;
        }
    return show_status(&c->show, &c->w, all, n, NULL, err);
}

enum rc_code api_status(struct api_call *c, struct rc_error *err) {
    return show_status(&c->show, &c->w, &c->company, 1, NULL, err);
}

/* ---- one person ---- by the id in HR or the address, which several may share; "#" and our number */

static enum rc_code nobody(struct rc_error *err) {
    return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                      "the directory has nobody with that id or e-mail");
}

static enum rc_code search(struct api_call *c, struct person **ret, size_t *ret_n,
                           struct rc_error *err) {
    return directory_search(c->st, c->company.company_id, text_of(c->parts[1]), PEOPLE_MOST,
                            c->arena, ret, ret_n, err);
}

static enum rc_code put_why(struct api_call *c, const struct person *people, size_t n,
                            struct rc_error *err) {
    struct show_subjects all;
    struct show_reader reader;
    struct show_why y;
    enum rc_code rc = show_subjects(&c->show, &c->company, &all, err);
    if (rc != RC_OK || (rc = show_reader_open(&c->company, c->now_us, &reader, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if ((rc = show_why_load(&c->show, &c->company, &all, &people[i], &reader, &y, err)) ==
            RC_OK)
            rc = show_why(&c->show, &c->w, &all, c->parts[1], &y, err);
    show_reader_close(&reader);
    return rc;
}

/* Somebody whom HR lists and the directory does not have yet. */
static enum rc_code put_staged(struct api_call *c, struct rc_error *err) {
    struct show_why y;
    enum rc_code rc = show_why_staged_load(&c->show, &c->company, c->parts[1], &y, err);
    if (rc == RC_OK && y.waits_n == 0)
        return nobody(err);
    return rc != RC_OK ? rc : show_why(&c->show, &c->w, NULL, c->parts[1], &y, err);
}

enum rc_code api_people_why(struct api_call *c, struct rc_error *err) {
    struct person *people;
    size_t n;
    enum rc_code rc = search(c, &people, &n, err);
    json_array(&c->w, "people");
    if (rc == RC_OK)
        rc = n > 0 ? put_why(c, people, n, err) : put_staged(c, err);
    json_array_end(&c->w);
    return rc;
}

enum rc_code api_people_history(struct api_call *c, struct rc_error *err) {
    struct person *people;
    struct show_life life;
    size_t n;
    enum rc_code rc = search(c, &people, &n, err);
    if (rc == RC_OK && n == 0)
        rc = nobody(err);
    json_array(&c->w, "people");
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if ((rc = show_life_load(&c->show, &c->company, &people[i], &life, err)) == RC_OK)
            show_life(&c->show, &c->w, &life);
    json_array_end(&c->w);
    return rc;
}

enum rc_code api_people_export(struct api_call *c, struct rc_error *err) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    struct subject who;
    enum rc_code rc = show_subject_find(&c->show, &c->company, c->parts[1], &who, err);
    if (rc != RC_OK || (rc = hook_events_open(c->serve->where, &events, err)) != RC_OK)
        return rc;
    return show_subject(&c->show, events, &c->w, &c->company, &who, err);
}

/* ---- forgetting ---- */

enum rc_code api_people_erase(struct api_call *c, struct rc_error *err) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    struct erase_options o = { .who = c->who, .clock = c->show.clock };
    struct subject s;
    struct erasure e;
    enum rc_code rc = api_text(c, "reason", true, REASON_BYTES, &o.reason, err);
    if (rc != RC_OK || (rc = api_flag(c, "yes", &o.insists, err)) != RC_OK ||
        (rc = show_subject_find(&c->show, &c->company, c->parts[1], &s, err)) != RC_OK ||
        (rc = hook_events_open(c->serve->where, &events, err)) != RC_OK ||
        (rc = erase_person(c->st, events, c->key, &c->company, &s, &o, c->arena, &e, err)) != RC_OK)
        return rc;
    show_erasure(&c->w, "erasure", &e);
    return RC_OK;
}

enum rc_code api_receipt_list(struct api_call *c, struct rc_error *err) {
    struct erasure *list;
    size_t n = 0;
    enum rc_code rc =
        erasure_list(c->st, c->company.company_id, NULL, RECEIPTS_MOST, c->arena, &list, &n, err);
    json_array(&c->w, "receipts");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        show_erasure(&c->w, NULL, &list[i]);
    json_array_end(&c->w);
    return rc;
}

/* ---- problems ---- a page goes on behind a cause and a person: both are in the cursor */

enum { USER_BITS = 48 };

static int64_t place_of(int cause, const struct problems_entry *e) {
    return (int64_t)cause << USER_BITS | e->who->user_id;
}

static int by_user(const void *x, const void *y) {
    int64_t a = ((const struct problems_entry *)x)->who->user_id,
            b = ((const struct problems_entry *)y)->who->user_id;
    return (a > b) - (a < b);
}

struct problem_page {
    int only; /* PROBLEMS_CAUSES_N: all */
    int64_t after, most, n, next;
};

/* false: the page is full. */
static bool put_cause(struct api_call *c, const struct problems *f, int cause,
                      struct problem_page *page) {
    bool begun = false, full = false;
    for (size_t i = 0; i < f->n[cause] && !full; i++) {
        const struct problems_entry *e = &f->entries[cause][i];
        if (place_of(cause, e) <= page->after)
            continue;
        if ((full = page->n == page->most))
            break;
        if (!begun)
            problems_begin(&c->w, cause);
        begun = true;
        problems_put(&c->w, f, e);
        page->n++;
        page->next = place_of(cause, e);
    }
    if (begun)
        problems_end(&c->w);
    return !full;
}

static enum rc_code read_problem_page(struct api_call *c, struct problem_page *ret, int64_t *ret_in,
                                      struct rc_error *err) {
    const char *problem = server_argument(c->q, "problem", 0),
               *key = server_argument(c->q, "integration", 0);
    struct integration in = { 0 };
    enum rc_code rc = api_limit(c, &ret->most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &ret->after, err)) != RC_OK)
        return rc;
    ret->only = problem != NULL ? problems_cause_parse(problem) : PROBLEMS_CAUSES_N;
    if (problem != NULL && ret->only == PROBLEMS_CAUSES_N)
        return rc_fail_as(err, RC_INVALID, "request.argument", "there is no problem of that name");
    if (key != NULL && (rc = integration_find(c->st, c->company.company_id, key, NULL, c->arena,
                                              &in, err)) != RC_OK)
        return rc;
    *ret_in = in.integration_id;
    return RC_OK;
}

/* The next cursor; 0: there is nothing behind the page. */
static int64_t put_problems(struct api_call *c, const struct problems *f,
                            struct problem_page *page) {
    bool more = false;
    for (int cause = 0; cause < PROBLEMS_CAUSES_N && !more; cause++)
        if (page->only == PROBLEMS_CAUSES_N || page->only == cause)
            more = !put_cause(c, f, cause, page);
    return more ? page->next : 0;
}

/* By looking at everybody; the next page, and the next look, are told from what is kept. */
static enum rc_code find_problems(struct api_call *c, int64_t only, const struct kept_mark *mark,
                                  struct problem_page *page, int64_t *ret_next,
                                  struct rc_error *err) {
    struct problems f;
    enum rc_code rc = problems_find(&c->show, &c->company, only, &f, err);
    for (int cause = 0; cause < PROBLEMS_CAUSES_N && rc == RC_OK; cause++)
        if (f.n[cause] > 1)
            qsort(f.entries[cause], f.n[cause], sizeof *f.entries[cause], by_user);
    if (rc == RC_OK) {
        kept_problems_put(c->show.kept, c->company.company_id, only, mark, &f);
        *ret_next = put_problems(c, &f, page);
    }
    problems_done(&f);
    return rc;
}

enum rc_code api_problem_list(struct api_call *c, struct rc_error *err) {
    struct problem_page page = { 0 };
    struct kept_mark mark;
    int64_t only = 0, next = 0;
    enum rc_code rc = read_problem_page(c, &page, &only, err);
    if (rc != RC_OK || (rc = kept_mark_of(&c->show, &c->company, &mark, err)) != RC_OK)
        return rc;
    json_array(&c->w, "problems");
    const struct problems *kept =
        kept_problems_borrow(c->show.kept, c->company.company_id, only, &mark);
    if (kept != NULL) {
        next = put_problems(c, kept, &page);
        kept_release(c->show.kept);
    } else
        rc = find_problems(c, only, &mark, &page, &next, err);
    json_array_end(&c->w);
    api_put_next(c, next);
    return rc;
}
