/* What is remembered of managers while a delivery asks about one account after the other. It is what
 * would be read again: forgotten when another connection may have written, and of one manager when
 * their account is written. */
#include <string.h>
#include "sync/deciding_p.h"

enum { BOSSES_MOST = 20000, KEY_BYTES = 400 };

void deciding_bosses_init(struct deciding *d) {
    map_init(&d->bosses);
    map_init(&d->bosses_by_id);
    arena_init(&d->bosses_are);
}

void deciding_bosses_done(struct deciding *d) {
    map_done(&d->bosses);
    map_done(&d->bosses_by_id);
    arena_done(&d->bosses_are);
}

static void forget(struct deciding *d) {
    deciding_bosses_done(d);
    deciding_bosses_init(d);
}

void deciding_remember(struct deciding *d, bool remembers) {
    forget(d);
    d->ahead = NULL;
    d->remembers = remembers;
}

enum rc_code deciding_recall(struct deciding *d, struct rc_error *err) {
    bool wrote = true;
    d->ahead = NULL;
    enum rc_code rc = db_others_wrote(d->st->db, &wrote, err);
    if (rc != RC_OK || wrote || d->bosses.n > BOSSES_MOST)
        forget(d);
    return rc;
}

void deciding_account_written(struct deciding *d, int64_t user_id) {
    d->ahead = NULL; /* it may show something else to anybody */
    struct deciding_boss *b = map_find(&d->bosses_by_id, (const char *)&user_id, sizeof user_id);
    if (b != NULL)
        b->is_looked_at = false;
}

/* Keys longer than that are read each time. */
static size_t key_of(int64_t integration_id, struct text id, char ret[KEY_BYTES]) {
    if (id.len > KEY_BYTES - sizeof integration_id)
        return 0;
    memcpy(ret, &integration_id, sizeof integration_id);
    memcpy(ret + sizeof integration_id, id.ptr, id.len);
    return sizeof integration_id + id.len;
}

enum rc_code deciding_boss_find(struct deciding *d, int64_t integration_id, struct text key,
                                struct arena *a, struct deciding_boss **ret, struct rc_error *err) {
    char bytes[KEY_BYTES];
    size_t len = d->remembers ? key_of(integration_id, key, bytes) : 0;
    struct arena *in = len > 0 ? &d->bosses_are : a;
    if (len > 0 && (*ret = map_find(&d->bosses, bytes, len)) != NULL)
        return RC_OK;
    struct deciding_boss *b = ARENA_NEW(in, struct deciding_boss, 1);
    enum rc_code rc = directory_manager(d->st, d->company->company_id, integration_id, key, in,
                                        &b->user_id, &b->up, err);
    if (rc != RC_OK)
        return rc;
    if (len > 0) {
        map_set(&d->bosses, bytes, len, b);
        map_set(&d->bosses_by_id, (const char *)&b->user_id, sizeof b->user_id, b);
    }
    *ret = b;
    return RC_OK;
}
