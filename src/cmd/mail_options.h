/* mail_options.h - which mail server: the options of `serve` and of `alert test`, and the environment that
 * stands in for each. The password comes out of a file or the environment, never out of an argument that
 * others can read. */
#pragma once
#include "cmd/cmd.h"
#include "net/mail.h"

struct mail_options {
    const char *url, *from, *user, *password_file, *ca_file, *plain, *operator_address;
};
#define MAIL_OPTIONS(m)                                                                            \
    { "smtp", "URL", "the mail server, smtp://HOST:PORT or smtps://HOST; also ROLLCALL_SMTP_URL",  \
      .value = &(m).url },                                                                         \
        { "smtp-from", "ADDRESS", "who writes; also ROLLCALL_SMTP_FROM", .value = &(m).from },     \
        { "smtp-user", "NAME", "also ROLLCALL_SMTP_USER", .value = &(m).user },                    \
        { "smtp-password-file", "FILE",                                                            \
          "also ROLLCALL_SMTP_PASSWORD_FILE, or the password itself in ROLLCALL_SMTP_PASSWORD",    \
          .value = &(m).password_file },                                                           \
        { "smtp-ca-file", "FILE", "whose certificates are good; also ROLLCALL_SMTP_CA_FILE",       \
          .value = &(m).ca_file },                                                                 \
    {                                                                                              \
        "smtp-plain", NULL, "not encrypted, elsewhere than here, too; also ROLLCALL_SMTP_PLAIN=1", \
            .value = &(m).plain                                                                    \
    }

/* Fills in what the environment says, and checks it. *ret_given false: no server is named, and nothing else
 * either. In c->arena. */
enum rc_code mail_options_take(struct cmd *c, struct mail_options *m, struct mail_server *ret,
                               bool *ret_given);
