/* alerts_text.h - the words of a mail: for whoever runs the company's HR and is no programmer, or whoever
 * looks after rollcall and was asleep.
 *
 * Shape:  plain text. What happened, who is affected, what rollcall did meanwhile, what is to be done (with the
 *         command, and which one is safe), when it looks again. People are named only where somebody has to decide about them,
 *         ten at most, by name and HR's id, and never to the operator. No address, no secret.
 * Memory: in the arena given. */
#pragma once
#include "store/alert.h"
#include "sync/cause.h"

enum { ALERTS_TEXT_PEOPLE = 10 };
struct alerts_text {
    const char *subject, *text;
};
/* found: what is true now, for a mail that says that it is. */
enum rc_code alerts_text_open(struct store *st, const struct company *co, const struct alert *al,
                              const struct cause_found *found, bool to_operator, int64_t now_us,
                              struct arena *a, struct alerts_text *ret, struct rc_error *err);
/* ... and for one that says that it is over. */
enum rc_code alerts_text_over(struct store *st, const struct company *co, const struct alert *al,
                              int64_t now_us, struct arena *a, struct alerts_text *ret,
                              struct rc_error *err);
/* To see whether mails arrive. */
struct alerts_text alerts_text_test(struct arena *a);
