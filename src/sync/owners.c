#include "sync/owners.h"

#include <pthread.h>
#include <string.h>

enum { PLACES = 1024, SOURCE_MOST = 32 };

struct place {
    bool used;
    struct owner owner; /* its source points to the next */
    char source[SOURCE_MOST];
};

struct owners {
    pthread_mutex_t mutex; /* of what stands below */
    /* How often something was found to have been written. What was read from the database before that may be
     * over; a number taken before reading is never too high. */
    uint64_t looks;
    struct place places[PLACES];
};

struct owners *owners_new(void) {
    struct owners *o = mem_zalloc(sizeof *o);
    pthread_mutex_init(&o->mutex, NULL);
    return o;
}

void owners_free(struct owners *o) {
    if (o == NULL)
        return;
    pthread_mutex_destroy(&o->mutex);
    mem_free(o);
}

/* Digests under a key: nobody chooses who shares a place. */
static struct place *place_of(struct owners *o, const uint8_t digest[SECRET_DIGEST_BYTES]) {
    return &o->places[(digest[0] | digest[1] << 8) % PLACES];
}

static bool has_digest(const struct place *p, const uint8_t digest[SECRET_DIGEST_BYTES]) {
    return p->used && memcmp(p->owner.is.address_digest, digest, SECRET_DIGEST_BYTES) == 0;
}

static uint64_t looks_of(struct owners *o) {
    pthread_mutex_lock(&o->mutex);
    uint64_t looks = o->looks;
    pthread_mutex_unlock(&o->mutex);
    return looks;
}

static void keep(struct owners *o, const struct owner *w) {
    if (w->is.source.len >= SOURCE_MOST)
        return;
    pthread_mutex_lock(&o->mutex);
    struct place *p = place_of(o, w->is.address_digest);
    p->used = true;
    p->owner = *w;
    memcpy(p->source, w->is.source.ptr, w->is.source.len);
    p->owner.is.source.ptr = p->source;
    pthread_mutex_unlock(&o->mutex);
}

static void forget(struct owners *o, const uint8_t digest[SECRET_DIGEST_BYTES]) {
    pthread_mutex_lock(&o->mutex);
    struct place *p = place_of(o, digest);
    p->used = p->used && !has_digest(p, digest);
    pthread_mutex_unlock(&o->mutex);
}

bool owners_recall(struct owners *o, const uint8_t digest[SECRET_DIGEST_BYTES], struct arena *a,
                   struct owner *ret) {
    pthread_mutex_lock(&o->mutex);
    struct place *p = place_of(o, digest);
    bool found = has_digest(p, digest);
    if (found) {
        *ret = p->owner;
        ret->is.source.ptr = arena_str(a, p->source, p->owner.is.source.len);
    }
    pthread_mutex_unlock(&o->mutex);
    return found;
}

enum rc_code owners_find(struct owners *o, struct store *st,
                         const uint8_t digest[SECRET_DIGEST_BYTES], struct arena *a,
                         struct owner *ret, bool *ret_found, struct rc_error *err) {
    struct owner found = { .seen = looks_of(o) };
    enum rc_code rc = hook_owner_find(st, digest, a, &found.is, ret_found, err);
    if (rc != RC_OK || !*ret_found)
        return rc;
    keep(o, &found);
    *ret = found;
    return RC_OK;
}

/* One that was looked at a moment ago is often the next one's, too. */
static enum rc_code check_one(struct owners *o, struct store *st, const struct owner *w,
                              uint64_t looks, struct arena *a, bool *ret, struct rc_error *err) {
    struct owner now = { 0 };
    *ret = owners_recall(o, w->is.address_digest, a, &now) && now.seen == looks;
    if (*ret)
        return RC_OK;
    now.seen = looks;
    enum rc_code rc = hook_owner_find(st, w->is.address_digest, a, &now.is, ret, err);
    if (rc == RC_OK && *ret)
        keep(o, &now);
    else
        forget(o, w->is.address_digest);
    return rc;
}

enum rc_code owners_check(struct owners *o, struct store *st, const struct owner *const *list,
                          size_t n, bool *ret, struct rc_error *err) {
    bool wrote = false;
    enum rc_code rc = db_begin_reading(st->db, err);
    if (rc == RC_OK)
        rc = db_others_wrote(st->db, &wrote, err);
    pthread_mutex_lock(&o->mutex);
    o->looks += wrote && rc == RC_OK;
    uint64_t looks = o->looks;
    pthread_mutex_unlock(&o->mutex);
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        ret[i] = list[i]->seen == looks;
        if (!ret[i])
            rc = check_one(o, st, list[i], looks, &a, &ret[i], err);
    }
    arena_done(&a);
    if (rc == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}
