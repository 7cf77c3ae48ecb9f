/* alerts.h - telling a person by e-mail: once when something needs one, once a day while it does, and once
 * when it is over.
 *
 * Shape:  causes are found in the database (cause.h) and compared with the alerts that are open there.
 *         What differs is written down together with the mails that follow from it, before any is sent; then what waits is sent, and
 *         what became of it written down. So a crash sends at worst one mail twice and never none.
 *         Where nothing has changed and nothing waits, nothing is written.
 * Whom:   the company's addresses, of everything; the operator, of what is technical, and of all that nobody
 *         else is told: a company without addresses, or one whose address was refused. The operator's mails name nobody.
 * Once:   a cause that comes back within a day after somebody was told of it is told when the day is over, unless
 *         a person had answered it in between: then it is news. What was over before its mail could be
 *         sent is not told at all.
 * Order:  the company's lease "alert": of several processes one at a time.
 * Errors: as the store's. A mail that cannot be sent is none: it waits. */
#pragma once
#include "net/mail.h"
#include "store/alert.h"
#include "sync/cause.h"

struct standing;
struct alerts_options {
    const struct mail_server *server; /* NULL: nothing is sent, and alerts are only written down */
    const char *operator_address;     /* NULL: there is none */
    struct standing *standing;        /* sync/standing.h; borrowed, may be NULL */
};

enum {
    ALERTS_PAUSE_S = 60, /* after the first mail that could not be sent; doubles, up to */
    ALERTS_PAUSE_MOST_S = 900,
    ALERTS_OVER_DAYS = 3 /* that it is over is tried to be told for so long */
};
/* What a process knows of the mail server, from one call to the next; all 0 at first. */
struct alerts_server {
    int64_t pause_s;
    int64_t not_before_us; /* by the monotonic clock */
    bool is_silent;        /* it has been said */
    int64_t turn;          /* of alerts_keep_all() */
};
enum rc_code alerts_keep(struct store *st, const struct company *co, const struct alerts_options *o,
                         const struct clock_source *clock, struct alerts_server *server,
                         struct rc_error *err);
/* One company after the other: those of which something is known that may have to be told or to be over, and
 * of the others so many in turn, as time alone makes something true of them (nothing was read for long). All of
 * them the first time. One that fails keeps nobody else from being told. */
enum { ALERTS_OTHERS_AT_ONCE = 50 };
enum rc_code alerts_keep_all(struct store *st, const struct alerts_options *o,
                             const struct clock_source *clock, struct alerts_server *server,
                             struct rc_error *err);
