#include "sandbox/learnamp/mails.h"
#include <string.h>
#include "base/arena.h"
#include "base/date.h"
#include "json/json.h"

static const char *const kinds[MAIL_KINDS] = { "invitation", "invited-again", "reactivated",
                                               "address-changed" };

void mails_init(struct mails *m) {
    *m = (struct mails){ .lock = PTHREAD_MUTEX_INITIALIZER };
}

void mails_clear(struct mails *m) {
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->cap; i++) {
        mem_free(m->ring[i].to);
        m->ring[i].to = NULL;
    }
    m->n = 0;
    pthread_mutex_unlock(&m->lock);
}

void mails_done(struct mails *m) {
    mails_clear(m);
    mem_free(m->ring);
    pthread_mutex_destroy(&m->lock);
}

void mails_add(struct mails *m, const struct mail *mail) {
    pthread_mutex_lock(&m->lock);
    if (m->n == m->cap && m->cap < MAILS_KEPT) { /* grows until it is a ring */
        size_t cap = m->cap == 0 ? 256 : m->cap * 2;
        cap = cap > MAILS_KEPT ? MAILS_KEPT : cap;
        m->ring = mem_realloc(m->ring, cap * sizeof *m->ring);
        memset(m->ring + m->cap, 0, (cap - m->cap) * sizeof *m->ring);
        m->cap = cap;
    }
    struct mail *at = &m->ring[m->n++ % m->cap];
    mem_free(at->to);
    *at = *mail;
    at->to = mem_str(mail->to);
    pthread_mutex_unlock(&m->lock);
}

uint64_t mails_count(struct mails *m) {
    pthread_mutex_lock(&m->lock);
    uint64_t n = m->n;
    pthread_mutex_unlock(&m->lock);
    return n;
}

void mails_write(struct mails *m, uint64_t from, uint64_t limit, uint64_t account_id,
                 struct buf *ret) {
    struct json_writer w;
    char at[32];
    pthread_mutex_lock(&m->lock);
    uint64_t first = m->n > MAILS_KEPT ? m->n - MAILS_KEPT : 0;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_int(&w, "total", (int64_t)m->n);
    json_array(&w, "mails");
    for (uint64_t i = from > first ? from : first; i < m->n && limit > 0; i++) {
        const struct mail *one = &m->ring[i % m->cap];
        if (account_id != 0 && one->account_id != account_id)
            continue;
        limit--;
        json_object(&w, NULL);
        json_put_int(&w, "number", (int64_t)i);
        json_put_cstr(&w, "at", date_format_instant(one->at_us, at));
        json_put_cstr(&w, "kind", kinds[one->kind]);
        json_put_cstr(&w, "to", one->to);
        json_put_int(&w, "account", one->account_id);
        json_put_cstr(&w, "by", one->by);
        json_put_cstr(&w, "why", one->why);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    pthread_mutex_unlock(&m->lock);
}
