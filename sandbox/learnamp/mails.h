/* mails.h - every mail that the platform would have sent: to whom, when, why. For assertions: "no
 * mail was sent" is one of them.
 *
 * Memory: the log owns its texts; the latest MAILS_KEPT are kept.
 * Threads: its own lock. */
#pragma once
#include <pthread.h>
#include <stdint.h>
#include "base/buf.h"

enum { MAILS_KEPT = 200000 };
enum mail_kind { MAIL_INVITATION, MAIL_INVITED_AGAIN, MAIL_REACTIVATED, MAIL_ADDRESS, MAIL_KINDS };
struct mail {
    int64_t at_us;
    char *to;
    uint32_t account_id;
    uint8_t kind;
    char by[64], why[80];
};
struct mails {
    pthread_mutex_t lock;
    struct mail *ring;
    uint64_t n; /* since it was cleared */
    size_t cap;
};
void mails_init(struct mails *m);
void mails_done(struct mails *m);
void mails_clear(struct mails *m);
void mails_add(struct mails *m, const struct mail *mail); /* copies `to` */
uint64_t mails_count(struct mails *m);
/* JSON; account_id 0: of everybody. */
void mails_write(struct mails *m, uint64_t from, uint64_t limit, uint64_t account_id,
                 struct buf *ret);
