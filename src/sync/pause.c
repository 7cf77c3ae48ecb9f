#include "sync/pause.h"

#include "store/audit.h"

static enum rc_code save(struct store *st, const struct company *co, const char *key,
                         const char *who, const char *what, const struct platform *to,
                         int64_t now_us, struct arena *a, struct platform *ret,
                         struct rc_error *err) {
    enum rc_code rc = platform_find(st, co->company_id, key, NULL, a, ret, err);
    if (rc != RC_OK)
        return rc;
    ret->paused_by = to->paused_by;
    ret->paused_why = to->paused_why;
    ret->paused_us = to->paused_us;
    if ((rc = platform_pause(st, ret, err)) != RC_OK)
        return rc;
    return audit_add(st, co->company_id, now_us, who,
                     arena_printf(a, "destination %s %s", key, what), err);
}

static enum rc_code set(struct store *st, const struct company *co, const char *key,
                        const char *who, const char *what, const struct platform *to,
                        int64_t now_us, struct arena *a, struct platform *ret,
                        struct rc_error *err) {
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = save(st, co, key, who, what, to, now_us, a, ret, err)) == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

enum rc_code pause_platform(struct store *st, const struct company *co, const char *key,
                            const char *who, const char *why, int64_t now_us, struct arena *a,
                            struct platform *ret, struct rc_error *err) {
    struct platform to = { .paused_by = text_of(who),
                           .paused_why = text_of(why),
                           .paused_us = now_us };
    return set(st, co, key, who, "paused", &to, now_us, a, ret, err);
}

enum rc_code pause_end(struct store *st, const struct company *co, const char *key, const char *who,
                       int64_t now_us, struct arena *a, struct platform *ret,
                       struct rc_error *err) {
    return set(st, co, key, who, "resumed", &(const struct platform){ 0 }, now_us, a, ret, err);
}
