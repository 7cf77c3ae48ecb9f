/* mail.h - one e-mail to one address, over SMTP, with everything that can go wrong on the way turned into
 * a code.
 *
 * Shape:  a mail is a subject and plain text, both UTF-8; the subject is sent in words of RFC 2047, the
 *         text quoted-printable, so that any server takes it. Nothing that a caller gives can begin a
 *         line of its own in the head, or another command: what has a control character is refused.
 *         A server is smtp:// (STARTTLS before anything is said, unless it is of this machine or plain is
 *         allowed) or smtps://. With a CA file STARTTLS is asked for on this machine, too.
 * Memory: nothing is kept.
 * Errors: RC_OK: the server took it. RC_INVALID "mail.refused": it said never (5xx) to the address or the
 *         mail. RC_RETRY "mail.server-refuses": it said never before it knew whom the mail is for, so that is
 *         about us: another one would fare alike, and this one may be taken once that is mended. RC_INVALID
 *         "mail.value", "mail.server": it cannot be sent so. RC_AUTH "mail.credentials": user or password
 *         refused. RC_RETRY "mail.later" (4xx), "mail.timeout", "mail.unreachable", "mail.plain" (no
 *         encryption is offered), "mail.certificate", "mail.answer" (what came is no SMTP): it was not taken. RC_UNSURE
 *         "mail.unsure": the whole mail was sent, and no answer came. Texts name the server, and no
 *         address, user or password.
 * Source: RFC 5321, 5322, 2047, 2045; libcurl 7.88. */
#pragma once
#include <stdbool.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

struct mail_server {
    const char *url;             /* "smtp://mail.example.org:587" */
    const char *from;            /* an address */
    const char *user, *password; /* NULL: none is given */
    const char *ca_file;         /* NULL: the system's */
    bool allow_plain;            /* without encryption, elsewhere than on this machine, too */
    int64_t connect_timeout_us;  /* 0: 10 s */
    int64_t total_timeout_us;    /* 0: 30 s */
};
/* Whether it could be asked at all, without asking. */
enum rc_code mail_server_check(const struct mail_server *s, struct rc_error *err);

enum { MAIL_BYTES = 64 << 10, MAIL_ANSWER_BYTES = 200 };
struct mail {
    const char *to;      /* an address */
    const char *subject; /* one line */
    const char *text;    /* lines end with '\n' */
    /* The part of the Message-ID before the '@', of a-z, 0-9, '-' and '.': the same for a mail that is sent
     * once more. */
    const char *id;
    int64_t date_us;
};
/* An ASCII address that can stand in a command and in a head as it is. */
enum rc_code mail_address_check(const char *address, struct rc_error *err);
/* The whole message with its head, as it goes out, without dot-stuffing. */
enum rc_code mail_write(const struct mail_server *s, const struct mail *m, struct buf *ret,
                        struct rc_error *err);
/* ret_answer: the server's last line, printable; "" when none came. May be NULL. Ends early, as if it had
 * timed out, when the process is being stopped. */
enum rc_code mail_send(const struct mail_server *s, const struct mail *m,
                       const struct clock_source *clock, char ret_answer[MAIL_ANSWER_BYTES],
                       struct rc_error *err);
