/* Whether a platform may be delivered to at all: not while somebody has paused it, and not on the word of
 * a database that was put back from a backup (store/restored.h) before HR has been read again. */
#include "store/integration.h"
#include "sync/delivery_p.h"

enum rc_code delivery_is_paused(const struct delivery *d, struct rc_error *err) {
    if (d->p.paused_by.state != TEXT_SET)
        return RC_OK;
    return rc_fail_as(err, RC_CONFLICT, "destination.paused",
                      "paused by %.*s: rollcall destination resume lets it go on",
                      TEXT_ARG(d->p.paused_by));
}

enum rc_code delivery_reads_first(struct store *st, const struct platform *p, struct arena *a,
                                  struct text *ret, struct rc_error *err) {
    struct integration in;
    *ret = (struct text){ 0 };
    for (size_t i = 0; i < p->feeds_n && p->restored_us != 0; i++) {
        enum rc_code rc = integration_get(st, p->company_id, p->feeds[i], NULL, a, &in, err);
        if (rc != RC_OK)
            return rc;
        if (in.listed_us != 0 && in.listed_us < p->restored_us) {
            *ret = in.key;
            return RC_OK;
        }
    }
    return RC_OK;
}

enum rc_code delivery_knows_enough(struct delivery *d, struct rc_error *err) {
    struct text key;
    enum rc_code rc = delivery_reads_first(d->st, &d->p, d->arena, &key, err);
    if (rc == RC_OK && key.state == TEXT_SET)
        rc = rc_fail_as(err, RC_CONFLICT, "destination.restored",
                        "the database was put back from a backup, and everybody has to be read "
                        "from HR once more before anything is sent: rollcall import %.*s/%.*s",
                        TEXT_ARG(d->company->key), TEXT_ARG(key));
    return rc;
}

bool delivery_is_held_as_restored(const struct delivery *d, int64_t effects, struct buf *why) {
    if (d->p.restored_us == 0 || effects == 0)
        return false;
    buf_printf(why,
               "the database was put back from a backup: the first delivery since then has its "
               "own approval");
    return true;
}

enum rc_code delivery_is_settled(struct delivery *d, struct rc_error *err) {
    if (d->run->kind != RUN_DELIVERY || d->p.restored_us == 0)
        return RC_OK;
    return platform_settled(d->st, d->company->company_id, d->p.destination_id, err);
}
