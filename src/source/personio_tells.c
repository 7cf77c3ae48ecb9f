/* Personio's webhooks, as rollcall keeps its own there: one, found by its id or its address, whatever was
 * lost of what we knew.
 *
 * Source: docs/wire-personio.md, webhooks: management. */
#include <stdio.h>
#include <string.h>
#include "source/personio_p.h"

enum { LIST_MOST = 200, PAGES_MOST = 50, ID_MOST = 64 };
#define HOOKS "/v2/webhooks"
#define RIGHT "Webhooks: read and write (scopes personio:webhooks:read, personio:webhooks:write)"

static struct text text_at(json o, const char *key) {
    const char *s;
    size_t n;
    return json_str(json_get(o, key), &s, &n) ? text_from(s, n) : TEXT_NONE;
}

/* It stands in a path: letters, digits and '-' only. */
static bool is_id(struct text t) {
    for (size_t i = 0; i < t.len; i++)
        if ((t.ptr[i] < '0' || t.ptr[i] > '9') && (t.ptr[i] < 'a' || t.ptr[i] > 'z') &&
            (t.ptr[i] < 'A' || t.ptr[i] > 'Z') && t.ptr[i] != '-')
            return false;
    return t.state == TEXT_SET && t.len > 0 && t.len <= ID_MOST;
}

/* ---- pages ---- */

/* Of the link to the next page the cursor alone is taken: the rest of it may be wrong, or somebody
 * else's. False: there is none. */
static bool next_cursor(json root, struct buf *ret) {
    static const char *const path[] = { "_meta", "links", "next", "href", NULL };
    const char *s, *at;
    size_t n;
    buf_clear(ret);
    if (!json_str(json_at(root, path), &s, &n) || n > 2000)
        return false;
    struct buf link;
    buf_init(&link, 4096);
    buf_append(&link, s, n);
    buf_char(&link, '\0');
    at = strstr(link.ptr, "cursor=");
    if (at != NULL)
        buf_append(ret, at + 7, strcspn(at + 7, "&#"));
    buf_done(&link);
    return ret->len > 0;
}

/* Calls fn with each entry of a list, page by page, until it says that it has enough. ret_cut: there were
 * more pages than anybody reads; NULL: then it is an error. */
static enum rc_code each(struct personio *p, const char *path,
                         bool (*fn)(void *self, json entry, struct arena *a), void *self,
                         struct arena *a, bool *ret_cut, struct rc_error *err) {
    struct buf url, cursor;
    struct personio_answer answer;
    enum rc_code rc = RC_OK;
    bool more = true;
    buf_init(&url, 2 * PERSONIO_QUERY_BYTES);
    buf_init(&cursor, 2048);
    for (int page = 0; more && rc == RC_OK; page++) {
        json none, entry;
        if (page == PAGES_MOST && ret_cut != NULL) {
            *ret_cut = true;
            break;
        }
        buf_clear(&url);
        buf_printf(&url, "%s%climit=%d", path, strchr(path, '?') != NULL ? '&' : '?', LIST_MOST);
        if (cursor.len > 0)
            buf_printf(&url, "&cursor=%.*s", (int)cursor.len, cursor.ptr);
        buf_char(&url, '\0');
        if ((rc = personio_v2_call(p, "GET", url.ptr, NULL, RIGHT, &answer, err)) != RC_OK)
            break;
        json data = json_get(answer.root, "_data");
        if (json_type(data) != JSON_ARRAY)
            data = json_get(answer.root, "data");
        if (json_type(data) != JSON_ARRAY || page == PAGES_MOST) {
            rc = rc_fail_as(err, RC_INVALID, "personio.answer", "GET %s: the answer has no list%s",
                            HOOKS, page == PAGES_MOST ? " with an end" : "");
            break;
        }
        more = json_size(data) > 0;
        for (struct json_iter it = json_iter(data); more && json_next(&it, &none, &entry);)
            more = fn(self, entry, a);
        more = next_cursor(answer.root, &cursor) && more;
    }
    buf_done(&cursor);
    buf_done(&url);
    return rc;
}

/* ---- ours among them ---- */

struct found {
    const struct source_subscription *want;
    struct text ids[LIST_MOST]; /* of ours; [0] is the one that stays */
    size_t n;
    bool
        differs; /* that one; also when we did not make it as far as we know: its token cannot be read */
    bool is_disabled; /* that one */
};

static bool wants_all(json events, const struct source_subscription *want) {
    size_t has = 0;
    for (size_t i = 0; i < want->events_n; i++) {
        json none, one;
        bool is = false;
        for (struct json_iter it = json_iter(events); json_next(&it, &none, &one);) {
            const char *s;
            size_t n;
            is |= json_str(one, &s, &n) && text_equal(text_from(s, n), text_of(want->events[i]));
        }
        has += is;
    }
    return has == want->events_n;
}

static bool look(void *self, json entry, struct arena *a) {
    struct found *f = self;
    struct text id = text_at(entry, "id"), status = text_at(entry, "status");
    struct text auth = text_at(entry, "auth_type");
    bool here = text_equal(text_at(entry, "url"), f->want->address);
    bool known = f->want->remote_id.state == TEXT_SET && text_equal(id, f->want->remote_id);
    if ((!here && !known) || !is_id(id) || f->n == LIST_MOST)
        return true;
    size_t at = f->n++;
    if (known && at > 0) { /* the known one stays */
        f->ids[at] = f->ids[0];
        at = 0;
    }
    f->ids[at] = text_copy(a, id);
    if (at == 0)
        f->is_disabled = text_is(status, "DISABLED");
    if (at == 0)
        f->differs = !here || !known || text_is(status, "DISABLED") || f->want->is_new ||
                     (auth.state == TEXT_SET && !text_is(auth, "TOKEN")) ||
                     !wants_all(json_get(entry, "enabled_events"), f->want);
    return true;
}

/* ---- making and mending ---- */

static void write_wish(const struct source_subscription *want, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_text(&w, "url", want->address);
    json_put_cstr(&w, "description", "rollcall");
    json_put_cstr(&w, "status", "ENABLED");
    json_put_cstr(&w, "auth_type", "TOKEN");
    json_put_text(&w, "token", want->token);
    json_array(&w, "enabled_events");
    for (size_t i = 0; i < want->events_n; i++)
        json_put_cstr(&w, NULL, want->events[i]);
    json_array_end(&w);
    json_object_end(&w);
}

static enum rc_code send_wish(struct personio *p, const struct source_subscription *want,
                              const char *id, struct arena *a, struct text *ret_id,
                              struct rc_error *err) {
    struct personio_answer answer = { 0 };
    struct buf body;
    char path[120];
    snprintf(path, sizeof path, HOOKS "%s%s", id != NULL ? "/" : "", id != NULL ? id : "");
    buf_init(&body, 16384);
    write_wish(want, &body);
    enum rc_code rc = id != NULL ? personio_v2_call(p, "PATCH", path, &body, RIGHT, NULL, err)
                                 : personio_v2_call(p, "POST", path, &body, RIGHT, &answer, err);
    buf_done(&body);
    if (rc != RC_OK || id != NULL)
        return rc;
    struct text made = text_at(answer.root, "id");
    if (!is_id(made))
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "POST " HOOKS ": the answer names no id");
    *ret_id = text_copy(a, made);
    return RC_OK;
}

/* That it was told to is one thing: HR may have its reasons, which it does not say. */
static enum rc_code is_enabled(struct personio *p, const char *id, struct rc_error *err) {
    struct personio_answer answer;
    char path[120];
    snprintf(path, sizeof path, HOOKS "/%s", id);
    enum rc_code rc = personio_v2_call(p, "GET", path, NULL, RIGHT, &answer, err);
    if (rc == RC_OK && text_is(text_at(answer.root, "status"), "DISABLED"))
        return rc_fail_as(
            err, RC_INVALID, "personio.webhook-disabled",
            "the webhook is disabled in Personio, and stays so although it was told to "
            "be enabled: enable it there");
    return rc;
}

static enum rc_code drop(struct personio *p, struct text id, struct rc_error *err) {
    char path[120];
    if (!is_id(id))
        return RC_OK;
    snprintf(path, sizeof path, HOOKS "/%.*s", TEXT_ARG(id));
    enum rc_code rc = personio_v2_call(p, "DELETE", path, NULL, RIGHT, NULL, err);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc_code keep(struct source *s, const struct source_subscription *want, struct arena *a,
                         struct source_kept *ret, struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    struct found *f = ARENA_NEW(a, struct found, 1);
    struct source_kept kept = { 0 };
    *f = (struct found){ .want = want };
    enum rc_code rc = each(p, HOOKS, look, f, a, NULL, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "personio");
    /* Made by two processes at once, perhaps. First, lest the one that stays is refused for their sake. */
    for (size_t i = 1; i < f->n && rc == RC_OK; i++)
        rc = drop(p, f->ids[i], err);
    if (rc != RC_OK)
        return rc_context(err, rc, "personio");
    if (f->n == 0) {
        kept.made = true;
        rc = send_wish(p, want, NULL, a, &kept.remote_id, err);
    } else {
        kept.remote_id = f->ids[0];
        kept.mended = f->differs;
        const char *id = arena_str(a, f->ids[0].ptr, f->ids[0].len);
        if (f->differs)
            rc = send_wish(p, want, id, a, &kept.remote_id, err);
        if (rc == RC_OK && f->is_disabled)
            rc = is_enabled(p, id, err);
    }
    if (rc != RC_OK)
        return rc_context(err, rc, "personio");
    *ret = kept;
    return RC_OK;
}

static enum rc_code ping(struct source *s, struct text remote_id, struct rc_error *err) {
    char path[120];
    snprintf(path, sizeof path, HOOKS "/%.*s/ping", TEXT_ARG(remote_id));
    enum rc_code rc = personio_v2_call((struct personio *)s, "POST", path, NULL, RIGHT, NULL, err);
    return rc == RC_OK ? rc : rc_context(err, rc, "personio");
}

static enum rc_code end(struct source *s, struct text remote_id, struct text address,
                        struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    struct source_subscription want = { .address = address, .remote_id = remote_id };
    struct arena a;
    arena_init(&a);
    struct found *f = ARENA_NEW(&a, struct found, 1);
    *f = (struct found){ .want = &want };
    enum rc_code rc = each(p, HOOKS, look, f, &a, NULL, err);
    for (size_t i = 0; i < f->n && rc == RC_OK; i++)
        rc = drop(p, f->ids[i], err);
    arena_done(&a);
    return rc == RC_OK ? rc : rc_context(err, rc, "personio");
}

/* ---- what was missed ---- */

struct missing {
    struct source_missed *list;
    size_t n, most;
};

static bool take(void *self, json entry, struct arena *a) {
    struct missing *m = self;
    struct buf b;
    struct hint h;
    buf_init(&b, 65536);
    json_dump(entry, &b);
    hint_read_personio(b.ptr != NULL ? b.ptr : "", b.len, a, &h);
    buf_done(&b);
    m->list[m->n++] = (struct source_missed){ h.name, h.source_id, h.occurred_us };
    return m->n < m->most;
}

static enum rc_code missed(struct source *s, struct text remote_id, int64_t since_us, size_t most,
                           struct arena *a, struct source_missed **ret, size_t *ret_n,
                           bool *ret_all, struct rc_error *err) {
    bool cut = false;
    struct missing m = { ARENA_NEW(a, struct source_missed, most + 1), 0, most };
    char since[32], path[200];
    snprintf(path, sizeof path, HOOKS "/%.*s/events?occurred_at.gte=%s", TEXT_ARG(remote_id),
             date_format_instant(since_us, since));
    enum rc_code rc = each((struct personio *)s, path, take, &m, a, &cut, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "personio");
    *ret = m.list;
    *ret_n = m.n;
    *ret_all = !cut && m.n < most;
    return RC_OK;
}

const struct source_tells personio_tells = { keep, ping, missed, end };
