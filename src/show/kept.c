#include "show/kept.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 48 };

struct count {
    struct kept_mark mark;
    struct kept_counts counts;
};
struct list {
    bool is_there;
    int64_t company_id, integration_id;
    struct kept_mark mark;
    struct arena arena;
    struct problems is;
};
struct kept {
    pthread_mutex_t mutex;
    struct map counts; /* "COMPANY/INTEGRATION" -> struct count */
    struct list lists[KEPT_LISTS_MOST];
    size_t next; /* is replaced by the next that comes */
};

static bool is_same(const struct kept_mark *a, const struct kept_mark *b) {
    return a->people.applied_us == b->people.applied_us &&
           a->people.applied_n == b->people.applied_n &&
           a->people.integrations_n == b->people.integrations_n &&
           a->people.listed_us == b->people.listed_us &&
           a->people.erasure_id == b->people.erasure_id && a->today == b->today &&
           a->zone == b->zone;
}

enum rc_code kept_mark_of(const struct show *s, const struct company *co, struct kept_mark *ret,
                          struct rc_error *err) {
    struct show_reader reader;
    enum rc_code rc = show_reader_open(co, clock_now_us(s->clock), &reader, err);
    if (rc != RC_OK)
        return rc;
    ret->today = reader.today;
    show_reader_close(&reader);
    ret->zone = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < co->zone.len; i++)
        ret->zone = (ret->zone ^ (unsigned char)co->zone.ptr[i]) * UINT64_C(1099511628211);
    return mark_of_people(s->st, co->company_id, &ret->people, err);
}

/* ---- opening and closing ---- */

struct kept *kept_new(void) {
    struct kept *k = mem_zalloc(sizeof *k);
    pthread_mutex_init(&k->mutex, NULL);
    map_init(&k->counts);
    return k;
}

static void drop_counts(struct kept *k) {
    for (size_t i = 0; i < k->counts.n; i++)
        mem_free(k->counts.entries[i].value);
    map_done(&k->counts);
    map_init(&k->counts);
}

static void drop_list(struct list *l) {
    if (l->is_there)
        arena_done(&l->arena);
    *l = (struct list){ 0 };
}

void kept_drop(struct kept *k) {
    pthread_mutex_lock(&k->mutex);
    drop_counts(k);
    for (size_t i = 0; i < KEPT_LISTS_MOST; i++)
        drop_list(&k->lists[i]);
    pthread_mutex_unlock(&k->mutex);
}

void kept_free(struct kept *k) {
    if (k == NULL)
        return;
    kept_drop(k);
    map_done(&k->counts);
    pthread_mutex_destroy(&k->mutex);
    mem_free(k);
}

/* ---- counts ---- */

static size_t key_of(int64_t company_id, int64_t integration_id, char ret[KEY_BYTES]) {
    return (size_t)snprintf(ret, KEY_BYTES, "%lld/%lld", (long long)company_id,
                            (long long)integration_id);
}

bool kept_counts_find(struct kept *k, int64_t company_id, int64_t integration_id,
                      const struct kept_mark *mark, struct kept_counts *ret) {
    char key[KEY_BYTES];
    size_t len = key_of(company_id, integration_id, key);
    pthread_mutex_lock(&k->mutex);
    const struct count *c = map_find(&k->counts, key, len);
    bool found = c != NULL && is_same(&c->mark, mark);
    if (found)
        *ret = c->counts;
    pthread_mutex_unlock(&k->mutex);
    return found;
}

void kept_counts_put(struct kept *k, int64_t company_id, int64_t integration_id,
                     const struct kept_mark *mark, const struct kept_counts *counts) {
    char key[KEY_BYTES];
    size_t len = key_of(company_id, integration_id, key);
    pthread_mutex_lock(&k->mutex);
    struct count *c = map_find(&k->counts, key, len);
    if (c == NULL) {
        if (k->counts.n >= KEPT_COUNTS_MOST) /* of many that are removed meanwhile */
            drop_counts(k);
        c = mem_zalloc(sizeof *c);
        map_set(&k->counts, key, len, c);
    }
    *c = (struct count){ *mark, *counts };
    pthread_mutex_unlock(&k->mutex);
}

/* ---- problems ---- */

/* Borrows nothing of what it is copied from. */
static void copy_subjects(struct arena *a, const struct show_subjects *from,
                          struct show_subjects *ret) {
    ret->integrations_n = from->integrations_n;
    ret->integrations = ARENA_NEW(a, struct integration, from->integrations_n + 1);
    for (size_t i = 0; i < from->integrations_n; i++) /* what problems_integration() reads */
        ret->integrations[i] =
            (struct integration){ .integration_id = from->integrations[i].integration_id,
                                  .key = text_copy(a, from->integrations[i].key) };
}

/* The first few of a group, once for all of it: that is what is shown of it, and one of them may be the person
 * itself. groups: from the first of a group to what was copied. */
static const struct problems_who *copy_group(struct arena *a, struct map *groups,
                                             const struct problems_who *first) {
    struct problems_who *copied = map_find(groups, (const char *)&first, sizeof first),
                        *last = NULL;
    size_t n = 0;
    if (copied != NULL || first == NULL)
        return copied;
    for (const struct problems_who *o = first; o != NULL && n <= PROBLEMS_NAMED_MOST;
         o = o->next, n++) {
        struct problems_who *who = ARENA_NEW(a, struct problems_who, 1);
        *who = (struct problems_who){ .user_id = o->user_id,
                                      .id = arena_str(a, o->id, strlen(o->id)),
                                      .name = arena_str(a, o->name, strlen(o->name)) };
        if (last != NULL)
            last->next = who;
        else
            copied = who;
        last = who;
    }
    map_set(groups, (const char *)&first, sizeof first, copied);
    return copied;
}

static void copy_entry(struct arena *a, struct map *groups, const struct problems_entry *from,
                       struct problems_entry *ret) {
    struct problems_who *who = ARENA_NEW(a, struct problems_who, 1);
    *who = (struct problems_who){ .user_id = from->who->user_id,
                                  .integration_id = from->who->integration_id,
                                  .id = arena_str(a, from->who->id, strlen(from->who->id)),
                                  .name = arena_str(a, from->who->name, strlen(from->who->name)),
                                  .email = text_copy(a, from->who->email),
                                  .counts = true };
    *ret = (struct problems_entry){ who, arena_str(a, from->text, strlen(from->text)),
                                    copy_group(a, groups, from->with) };
}

static bool is_of(const struct list *l, int64_t company_id, int64_t integration_id) {
    return l->is_there && l->company_id == company_id && l->integration_id == integration_id;
}

const struct problems *kept_problems_borrow(struct kept *k, int64_t company_id,
                                            int64_t integration_id, const struct kept_mark *mark) {
    pthread_mutex_lock(&k->mutex);
    for (size_t i = 0; i < KEPT_LISTS_MOST; i++)
        if (is_of(&k->lists[i], company_id, integration_id) && is_same(&k->lists[i].mark, mark))
            return &k->lists[i].is;
    pthread_mutex_unlock(&k->mutex);
    return NULL;
}

void kept_release(struct kept *k) {
    pthread_mutex_unlock(&k->mutex);
}

void kept_problems_put(struct kept *k, int64_t company_id, int64_t integration_id,
                       const struct kept_mark *mark, const struct problems *found) {
    size_t all = 0;
    struct map groups;
    for (int cause = 0; cause < PROBLEMS_CAUSES_N; cause++)
        all += found->n[cause];
    if (all > KEPT_ENTRIES_MOST)
        return;
    struct list l = {
        .is_there = true, .company_id = company_id, .integration_id = integration_id, .mark = *mark
    };
    arena_init(&l.arena);
    map_init(&groups);
    l.is.only = found->only;
    copy_subjects(&l.arena, &found->all, &l.is.all);
    for (int cause = 0; cause < PROBLEMS_CAUSES_N; cause++) {
        l.is.n[cause] = found->n[cause];
        l.is.entries[cause] = ARENA_NEW(&l.arena, struct problems_entry, found->n[cause] + 1);
        for (size_t i = 0; i < found->n[cause]; i++)
            copy_entry(&l.arena, &groups, &found->entries[cause][i], &l.is.entries[cause][i]);
    }
    map_done(&groups);
    pthread_mutex_lock(&k->mutex);
    size_t to = KEPT_LISTS_MOST;
    for (size_t i = 0; i < KEPT_LISTS_MOST; i++) /* what was kept of it before is old */
        if (is_of(&k->lists[i], company_id, integration_id) && to == KEPT_LISTS_MOST)
            to = i;
    if (to == KEPT_LISTS_MOST)
        to = k->next++ % KEPT_LISTS_MOST;
    drop_list(&k->lists[to]);
    k->lists[to] = l;
    pthread_mutex_unlock(&k->mutex);
}
