/* alerts_p.h - shared by alerts.c (what follows from what is true) and alerts_send.c (sending it). */
#pragma once
#include "store/lease.h"
#include "sync/alerts.h"

struct alerts_row {
    struct alert is;
    bool changed;
    const char *said; /* for the log, with changed: "opened", "over"; NULL: nothing */
};
struct alerts_mail {
    struct alert_mail is;
    bool changed;
};
/* A company at one moment, and what is to be written of it. */
struct alerts_state {
    struct store *st;
    const struct company *co;
    const struct alerts_options *o;
    const struct clock_source *clock;
    int64_t now_us;
    struct arena *arena;
    struct cause_found *found;
    struct alerts_row *rows;   /* with room for one of each cause found */
    struct alerts_mail *mails; /* with room for one of each kind for each row and recipient */
    struct text *to;
    size_t found_n, rows_n, mails_n, mails_most, to_n;
};

const struct cause_found *alerts_found(const struct alerts_state *s, const struct alert *al);
struct alerts_row *alerts_row_of(struct alerts_state *s, int64_t subject_id, struct text cause);
/* Made anew, or the one that there was, to be sent. */
void alerts_mail_make(struct alerts_state *s, const struct alert *al, struct text recipient,
                      bool to_operator, enum alert_mail_kind kind);
bool alerts_is_muted(const struct alerts_state *s, const struct alert *al);

/* Whether alerts_send() would try anything. */
bool alerts_any_to_send(const struct alerts_state *s, const struct alerts_server *server);
/* What waits, as long as the server takes it. Under the lease; what becomes of each is written down. */
enum rc_code alerts_send(struct alerts_state *s, struct alerts_server *server, struct lease *lease,
                         struct rc_error *err);
