#include "sandbox/replay.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "sandbox/sandbox.h"

enum { REPLAY_FILE_MAX = 256 << 20, REPLAY_MAX = 200000 };

struct recorded {
    char *method, *path, *query, *content_type, *body;
    size_t body_bytes;
    int status;
    bool used;
};
struct replay {
    pthread_mutex_t lock;
    struct recorded *all;
    size_t n;
};

static enum rc_code read_file(const char *dir, const char *name, struct buf *ret,
                              struct rc_error *err) {
    char path[4096];
    if (strchr(name, '/') != NULL || strcmp(name, "..") == 0)
        return rc_fail(err, RC_INVALID, "replay: '%s' is not a plain file name", name);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return rc_fail(err, RC_NOT_FOUND, "replay: %s: %s", path, strerror(errno));
    char *room;
    size_t n = 0;
    do {
        if ((room = buf_room(ret, 65536)) == NULL)
            break;
        n = fread(room, 1, 65536, file);
        buf_grew(ret, n);
    } while (n > 0);
    bool failed = ferror(file) || room == NULL;
    fclose(file);
    return failed ? rc_fail(err, RC_INVALID, "replay: %s cannot be read, or is too large", path)
                  : RC_OK;
}

static char *text_at(json entry, const char *key, const char *fallback) {
    const char *text;
    size_t len;
    return mem_str(json_str(json_get(entry, key), &text, &len) ? text : fallback);
}

static enum rc_code take_entry(struct replay *r, const char *dir, json entry,
                               struct rc_error *err) {
    const char *file;
    size_t len;
    int64_t status = 0;
    struct buf b;
    if (!json_str(json_get(entry, "file"), &file, &len) ||
        !json_int(json_get(entry, "status"), &status) || json_get(entry, "path") == NULL ||
        status < 200 || status > 599)
        return rc_fail(err, RC_INVALID,
                       "replay: entry %zu has no path, file or status between 200 and 599", r->n);
    buf_init(&b, REPLAY_FILE_MAX);
    enum rc_code rc = read_file(dir, file, &b, err);
    if (rc == RC_OK) {
        r->all[r->n] = (struct recorded){ text_at(entry, "method", "GET"),
                                          text_at(entry, "path", "/"),
                                          text_at(entry, "query", ""),
                                          text_at(entry, "content_type", "application/json"),
                                          mem_alloc(b.len + 1),
                                          b.len,
                                          (int)status,
                                          false };
        memcpy(r->all[r->n++].body, b.ptr ? b.ptr : "", b.len);
    }
    buf_done(&b);
    return rc;
}

enum rc_code replay_open(const char *dir, struct replay **ret, struct rc_error *err) {
    struct buf b;
    json index = NULL, entry, no_key;
    struct json_reader *reader = json_reader_new(REPLAY_FILE_MAX);
    struct replay *r = mem_zalloc(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    buf_init(&b, REPLAY_FILE_MAX);
    enum rc_code rc = read_file(dir, "index.json", &b, err);
    if (rc == RC_OK &&
        (rc = json_parse_copy(reader, b.ptr ? b.ptr : "", b.len, &index, err)) == RC_OK &&
        (json_type(index) != JSON_ARRAY || json_size(index) > REPLAY_MAX))
        rc = rc_fail(err, RC_INVALID, "replay: index.json is not a list of at most %d answers",
                     REPLAY_MAX);
    if (rc == RC_OK) {
        r->all = mem_zalloc((json_size(index) + 1) * sizeof *r->all);
        for (struct json_iter it = json_iter(index);
             rc == RC_OK && json_next(&it, &no_key, &entry);)
            rc = take_entry(r, dir, entry, err);
    }
    json_reader_free(reader);
    buf_done(&b);
    if (rc == RC_OK)
        *ret = r;
    else
        replay_close(r);
    return rc;
}

void replay_close(struct replay *r) {
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->n; i++) {
        mem_free(r->all[i].method);
        mem_free(r->all[i].path);
        mem_free(r->all[i].query);
        mem_free(r->all[i].content_type);
        mem_free(r->all[i].body);
    }
    mem_free(r->all);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

bool replay_answer(struct replay *r, struct call *c) {
    if (r == NULL)
        return false;
    struct recorded *found = NULL;
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < r->n; i++) {
        struct recorded *one = &r->all[i];
        if (strcmp(one->method, c->q->method) == 0 && strcmp(one->path, c->q->raw_path) == 0 &&
            strcmp(one->query, c->q->query) == 0) {
            found = one;
            if (!one->used)
                break;
        }
    }
    if (found != NULL)
        found->used = true;
    pthread_mutex_unlock(&r->lock);
    if (found == NULL)
        return false;
    c->ret->status = found->status;
    c->ret->content_type = *found->content_type ? found->content_type : NULL;
    c->ret->body = found->body;
    c->ret->body_bytes = found->body_bytes;
    return true;
}
