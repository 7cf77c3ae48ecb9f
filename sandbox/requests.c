#include "sandbox/requests.h"
#include <stdio.h>
#include <string.h>
#include "base/arena.h"
#include "base/date.h"
#include "json/json.h"

const char *requests_http_date(int64_t at_us, char ret[64]) {
    static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t second = at_us / 1000000;
    int year, month, day, of_day = (int)(second % 86400);
    date_to_ymd((date_days)(second / 86400), &year, &month, &day);
    snprintf(ret, 64, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[second / 86400 % 7], day,
             months[month - 1], year, of_day / 3600, of_day / 60 % 60, of_day % 60);
    return ret;
}

void requests_init(struct request_log *l, const char *const *noted_names) {
    memset(l, 0, sizeof *l);
    l->noted_names = noted_names;
    pthread_mutex_init(&l->lock, NULL);
    l->ring = mem_zalloc(REQUESTS_KEPT * sizeof *l->ring);
}

static void drop_bodies(struct request_log *l) {
    for (size_t i = 0; i < REQUESTS_KEPT; i++) {
        mem_free(l->ring[i].body);
        l->ring[i].body = NULL;
    }
}

void requests_done(struct request_log *l) {
    drop_bodies(l);
    mem_free(l->ring);
    pthread_mutex_destroy(&l->lock);
}

static void count_token(struct request_log *l, const char *tail) {
    for (size_t i = 0; i < COUNTED_TOKENS; i++) {
        if (l->tokens[i].n == 0)
            memcpy(l->tokens[i].tail, tail, sizeof l->tokens[i].tail);
        if (strcmp(l->tokens[i].tail, tail) == 0) {
            l->tokens[i].n++;
            return;
        }
    }
}

/* In one piece, or cut before a character that is not whole any more. */
static char *body_kept(const char *body, size_t len) {
    size_t keep = len < BODY_KEPT ? len : BODY_KEPT;
    while (keep < len && keep > 0 && ((unsigned char)body[keep] & 0xc0) == 0x80)
        keep--;
    char *ret = mem_alloc(keep + 1);
    memcpy(ret, body, keep);
    ret[keep] = '\0';
    return ret;
}

void requests_add(struct request_log *l, unsigned route, const struct request_entry *e,
                  const char *body, size_t body_bytes) {
    char *kept = body_bytes > 0 ? body_kept(body, body_bytes) : NULL;
    pthread_mutex_lock(&l->lock);
    struct request_entry *at = &l->ring[l->n % REQUESTS_KEPT];
    char *old = at->body;
    *at = *e;
    at->body = kept;
    at->number = l->n++;
    if (route < COUNTED_ROUTES) {
        l->routes[route] = e->route;
        l->statuses[route][e->status >= 0 && e->status < COUNTED_STATUS ? e->status : 0]++;
    }
    if (e->token_tail[0] != '\0')
        count_token(l, e->token_tail);
    for (size_t i = 0; i < 2; i++)
        l->noted_n[i] += e->noted[i];
    pthread_mutex_unlock(&l->lock);
    mem_free(old);
}

void requests_clear(struct request_log *l) {
    pthread_mutex_lock(&l->lock);
    l->n = 0;
    drop_bodies(l);
    memset(l->noted_n, 0, sizeof l->noted_n);
    memset(l->statuses, 0, sizeof l->statuses);
    memset(l->tokens, 0, sizeof l->tokens);
    pthread_mutex_unlock(&l->lock);
}

void requests_write(struct request_log *l, uint64_t from, uint64_t limit, struct buf *ret) {
    struct json_writer w;
    char at[32], key[40];
    pthread_mutex_lock(&l->lock);
    uint64_t first = l->n > REQUESTS_KEPT ? l->n - REQUESTS_KEPT : 0;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_int(&w, "total", (int64_t)l->n);
    json_array(&w, "requests");
    for (uint64_t i = from > first ? from : first; i < l->n && limit-- > 0; i++) {
        const struct request_entry *e = &l->ring[i % REQUESTS_KEPT];
        json_object(&w, NULL);
        json_put_int(&w, "number", (int64_t)e->number);
        json_put_cstr(&w, "at", date_format_instant(e->at_us, at));
        json_put_cstr(&w, "route", e->route);
        json_put_cstr(&w, "method", e->method);
        json_put_cstr(&w, "path", e->path);
        json_put_cstr(&w, "query", e->query);
        json_put_int(&w, "status", e->status);
        json_put_cstr(&w, "token", e->token_tail);
        json_put_cstr(&w, "body", e->body);
        for (size_t k = 0; k < 2; k++)
            if (l->noted_names[k] != NULL) {
                snprintf(key, sizeof key, "has_%s", l->noted_names[k]);
                json_put_bool(&w, key, e->noted[k]);
            }
        json_put_cstr(&w, "fault", e->fault);
        json_put_real(&w, "ms", e->us / 1000.0);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    pthread_mutex_unlock(&l->lock);
}

void requests_counters_write(struct request_log *l, struct buf *ret) {
    struct json_writer w;
    char status[8], key[40];
    pthread_mutex_lock(&l->lock);
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_int(&w, "total", (int64_t)l->n);
    for (size_t k = 0; k < 2; k++)
        if (l->noted_names[k] != NULL) {
            snprintf(key, sizeof key, "without_%s", l->noted_names[k]);
            json_put_int(&w, key, (int64_t)(l->n - l->noted_n[k]));
        }
    json_object(&w, "routes");
    for (size_t r = 0; r < COUNTED_ROUTES; r++) {
        if (l->routes[r] == NULL)
            continue;
        json_object(&w, l->routes[r]);
        for (size_t s = 0; s < COUNTED_STATUS; s++)
            if (l->statuses[r][s] > 0) {
                snprintf(status, sizeof status, "%zu", s);
                json_put_int(&w, status, (int64_t)l->statuses[r][s]);
            }
        json_object_end(&w);
    }
    json_object_end(&w);
    json_object(&w, "tokens");
    for (size_t i = 0; i < COUNTED_TOKENS && l->tokens[i].n > 0; i++)
        json_put_int(&w, l->tokens[i].tail, (int64_t)l->tokens[i].n);
    json_object_end(&w);
    json_object_end(&w);
    pthread_mutex_unlock(&l->lock);
}
