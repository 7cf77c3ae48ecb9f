/* A transcript: the calls of an import, and what a real account answered, with the people taken out
 * (mask_p.h).
 *
 *     index.json  [{"method": "GET", "path": "/v1/company/employees", "query":
 *     "limit=100&offset=0...", "status": 200,
 *                   "content_type": "application/json", "file": "003-employees.json"}, ...]  in the
 *                   order asked; written last
 *     and one file for each body.
 *
 * Recorded are: signing in, the catalogue, the one row that check() asks for, all pages of a
 * listing, the first person by id, and an id that nobody has. */
#include "source/personio_p.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret/secret.h"
#include "source/mask_p.h"

enum { NOBODY_ID = 2147483646, INDEX_BYTES = 64 << 20 };

struct transcript {
    const char *dir;
    struct mask mask;
    struct buf index, body;
    struct json_writer w;
    unsigned n;
};

static void transcript_done(struct transcript *t) {
    mask_done(&t->mask);
    buf_done(&t->index);
    buf_done(&t->body);
}

static enum rc_code file_write(const char *dir, const char *name, const struct buf *b,
                               struct rc_error *err) {
    char path[4096];
    size_t at = 0;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return rc_fail_as(err, RC_INVALID, "record.file", "the path of the transcript is too long");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (fd >= 0 && at < b->len) {
        ssize_t n = write(fd, b->ptr + at, b->len - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    int saved = errno;
    bool closed = fd >= 0 && close(fd) == 0;
    if (fd < 0 || at < b->len || !closed)
        return rc_fail_as(err, saved == EEXIST ? RC_CONFLICT : RC_FATAL, "record.file", "%s: %s",
                          path, strerror(saved));
    return RC_OK;
}

/* One answer: its body without the people into a file, and a line into the index. */
static enum rc_code transcript_add(struct transcript *t, const char *method, const char *path,
                                   const char *query, const struct personio_answer *answer,
                                   const char *kind, struct rc_error *err) {
    char name[64];
    buf_clear(&t->body);
    enum rc_code rc = mask_answer(&t->mask, answer->root, &t->body, err);
    if (rc != RC_OK)
        return rc;
    snprintf(name, sizeof name, "%03u-%s.json", t->n++, kind);
    json_object(&t->w, NULL);
    json_put_cstr(&t->w, "method", method);
    json_put_cstr(&t->w, "path", path);
    json_put_cstr(&t->w, "query", query);
    json_put_int(&t->w, "status", answer->status);
    json_put_cstr(&t->w, "content_type", answer->content_type);
    json_put_cstr(&t->w, "file", name);
    json_object_end(&t->w);
    return file_write(t->dir, name, &t->body, err);
}

static enum rc_code add_call(struct personio *p, struct transcript *t, const char *path,
                             const char *query, const char *kind, struct rc_error *err) {
    struct personio_answer answer;
    enum rc_code rc =
        personio_call(p, path, query, PERSONIO_RIGHT_EMPLOYEES, &p->body, p->reader, &answer, err);
    return rc == RC_OK ? transcript_add(t, "GET", path, query, &answer, kind, err) : rc;
}

static enum rc_code add_first_row(struct personio *p, struct transcript *t, struct rc_error *err) {
    struct buf query;
    buf_init(&query, 2 * PERSONIO_QUERY_BYTES);
    personio_list_query(p, "", 1, 0, &query);
    enum rc_code rc = add_call(p, t, PERSONIO_EMPLOYEES, query.ptr, "first", err);
    buf_done(&query);
    return rc;
}

/* The real id is asked for, the invented one recorded. Nobody is an answer too. */
static enum rc_code add_person(struct personio *p, struct transcript *t, int64_t id,
                               int64_t shown_id, const char *kind, struct rc_error *err) {
    struct personio_answer answer;
    char path[100], shown[100];
    snprintf(path, sizeof path, PERSONIO_EMPLOYEES "/%lld", (long long)id);
    snprintf(shown, sizeof shown, PERSONIO_EMPLOYEES "/%lld", (long long)shown_id);
    enum rc_code rc =
        personio_call(p, path, "", PERSONIO_RIGHT_EMPLOYEES, &p->body, p->reader, &answer, err);
    return rc == RC_OK || rc == RC_NOT_FOUND
               ? transcript_add(t, "GET", shown, "", &answer, kind, err)
               : rc;
}

/* All pages as an import asks for them. The first id comes in *ret_first; 0: nobody has one. */
static enum rc_code add_pages(struct personio *p, struct transcript *t, struct personio_page *page,
                              int64_t *ret_first, struct rc_error *err) {
    const struct source_ops *ops = p->base.ops;
    struct buf query;
    enum rc_code rc = ops->list_begin(&p->base, 0, err);
    buf_init(&query, 2 * PERSONIO_QUERY_BYTES);
    while (rc == RC_OK) {
        rc = ops->list_next(&p->base, &page->base, err);
        if (rc != RC_OK)
            break;
        struct personio_answer answer = { .status = 200, .root = page->root };
        memcpy(answer.content_type, page->content_type, sizeof answer.content_type);
        personio_list_query(p, "", p->page_size, page->base.first_row, &query);
        rc = transcript_add(t, "GET", PERSONIO_EMPLOYEES, query.ptr, &answer, "employees", err);
        if (*ret_first == 0 && page->base.rows_n > 0)
            *ret_first = personio_row_id(page->rows[0]);
        if (page->base.end != SOURCE_MORE)
            break;
    }
    buf_done(&query);
    return rc;
}

static enum rc_code add_all(struct personio *p, struct transcript *t, struct rc_error *err) {
    struct personio_answer auth;
    int64_t first = 0;
    enum rc_code rc = personio_authorise(p, &auth, err);
    if (rc == RC_OK)
        rc = transcript_add(t, "POST", PERSONIO_AUTH, "", &auth, "auth", err);
    if (rc == RC_OK)
        rc = add_call(p, t, PERSONIO_CATALOGUE, "", "attributes", err);
    if (rc == RC_OK)
        rc = add_first_row(p, t, err);
    if (rc == RC_OK) {
        struct source_page *page = p->base.ops->page_new(&p->base);
        rc = add_pages(p, t, (struct personio_page *)page, &first, err);
        p->base.ops->page_free(page);
    }
    if (rc == RC_OK && first != 0)
        rc = add_person(p, t, first, mask_employee_id(&t->mask, first), "employee", err);
    if (rc == RC_OK)
        rc = add_person(p, t, NOBODY_ID, NOBODY_ID, "nobody", err);
    return rc;
}

static enum rc_code directory_make(const char *dir, struct rc_error *err) {
    char path[4096];
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return rc_fail_as(err, RC_INVALID, "record.file", "%s: %s", dir, strerror(errno));
    snprintf(path, sizeof path, "%s/index.json", dir);
    if (access(path, F_OK) == 0)
        return rc_fail_as(err, RC_CONFLICT, "record.file", "%s has a transcript already", dir);
    return RC_OK;
}

enum rc_code personio_record(struct source *s, const char *dir, struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    struct transcript t = { .dir = dir };
    uint64_t seeds[2];
    enum rc_code rc = directory_make(dir, err);
    if (rc != RC_OK)
        return rc;
    secret_random(seeds, sizeof seeds);
    mask_init(&t.mask, seeds[0], seeds[1]);
    buf_init(&t.index, INDEX_BYTES);
    buf_init(&t.body, 4 * (size_t)PERSONIO_BODY_BYTES);
    json_begin(&t.w, &t.index);
    json_array(&t.w, NULL);
    rc = add_all(p, &t, err);
    json_array_end(&t.w);
    if (rc == RC_OK)
        rc = file_write(dir, "index.json", &t.index, err);
    transcript_done(&t);
    return rc == RC_OK ? rc : rc_context(err, rc, "recording");
}
