/* smtp_fake.h - a mail server that answers as it is told, also as no proper one would.
 *
 * Shape:  one answer a place in the talk, NULL: the usual one. "" says nothing, and waits until the other
 *         side goes; "!" closes the connection. "!" behind an answer: says it, and closes. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum smtp_place {
    SMTP_GREETING = 0,
    SMTP_EHLO,
    SMTP_STARTTLS,
    SMTP_AUTH,
    SMTP_MAIL,
    SMTP_RCPT,
    SMTP_DATA,
    SMTP_END, /* of the mail */
    SMTP_QUIT,
    SMTP_PLACES_N
};
struct smtp_fake;
struct smtp_fake *smtp_fake_open(const char *const answers[SMTP_PLACES_N]);
uint16_t smtp_fake_port(const struct smtp_fake *f);
void smtp_fake_stop(struct smtp_fake *f);
/* While nobody talks to it: what was said to it, the last whole mail as it came, and how many it has taken. */
unsigned smtp_fake_taken(const struct smtp_fake *f);
const char *smtp_fake_said(const struct smtp_fake *f);
const char *smtp_fake_mail(const struct smtp_fake *f);
void smtp_fake_free(struct smtp_fake *f);
