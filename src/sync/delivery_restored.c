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

/* The directory of before would give people back the names, teams and access of before. Who was never
 * listed has nobody there. */
enum rc_code delivery_knows_enough(struct delivery *d, struct rc_error *err) {
    struct integration in;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < d->p.feeds_n && rc == RC_OK && d->p.restored_us != 0; i++) {
        rc =
            integration_get(d->st, d->company->company_id, d->p.feeds[i], NULL, d->arena, &in, err);
        if (rc == RC_OK && in.listed_us != 0 && in.listed_us < d->p.restored_us)
            rc = rc_fail_as(err, RC_CONFLICT, "destination.restored",
                            "the database was put back from a backup, and everybody has to be read "
                            "from HR once more before anything is sent: rollcall import %.*s/%.*s",
                            TEXT_ARG(d->company->key), TEXT_ARG(in.key));
    }
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
