/* alert.h - what people are told of by e-mail, and whom: of one company.
 *
 * Memory: in the arena of the struct show. */
#pragma once
#include "show/show.h"
#include "store/alert.h"

struct show_alerts {
    const struct company *co;
    struct alert *alerts;
    struct alert_mail *mails;
    struct text *to;
    size_t alerts_n, mails_n, to_n;
};
enum rc_code show_alerts_load(const struct show *s, const struct company *co,
                              struct show_alerts *ret, struct rc_error *err);
/* The key of what it is about; empty: it is there no more. */
enum rc_code show_alert_subject(const struct show *s, const struct alert *al, struct text *ret,
                                struct rc_error *err);
bool show_alert_is_of(const struct alert_mail *m, const struct alert *al);
/* An object of the open array. with_whom: whom it was mailed to, and what their server said, which is for administrators. */
void show_alert(struct json_writer *w, const struct show_alerts *all, const struct alert *al,
                struct text subject, bool with_whom);
/* "to" */
void show_alert_to(struct json_writer *w, const struct show_alerts *all);
