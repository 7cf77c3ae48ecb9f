#include "cmd/mail_options.h"

#include <stdlib.h>
#include <string.h>

enum { PASSWORD_BYTES = 1000 };

static void or_environment(const char **given, const char *name) {
    const char *value = *given != NULL ? *given : getenv(name);
    *given = value != NULL && *value != '\0' ? value : NULL;
}

/* Its first line. */
static enum rc_code read_password(struct cmd *c, const char *path, const char **ret) {
    char *line = arena_alloc(&c->arena, PASSWORD_BYTES);
    FILE *f = fopen(path, "re");
    if (f == NULL || fgets(line, PASSWORD_BYTES, f) == NULL)
        line[0] = '\0';
    if (f != NULL)
        fclose(f);
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '\0')
        return rc_fail_as(&c->err, RC_INVALID, "mail.server",
                          "there is no password for the mail server in %.200s", path);
    *ret = line;
    return RC_OK;
}

enum rc_code mail_options_take(struct cmd *c, struct mail_options *m, struct mail_server *ret,
                               bool *ret_given) {
    const char *password = getenv("ROLLCALL_SMTP_PASSWORD");
    enum rc_code rc = RC_OK;
    or_environment(&m->url, "ROLLCALL_SMTP_URL");
    or_environment(&m->from, "ROLLCALL_SMTP_FROM");
    or_environment(&m->user, "ROLLCALL_SMTP_USER");
    or_environment(&m->password_file, "ROLLCALL_SMTP_PASSWORD_FILE");
    or_environment(&m->ca_file, "ROLLCALL_SMTP_CA_FILE");
    or_environment(&m->plain, "ROLLCALL_SMTP_PLAIN");
    or_environment(&m->operator_address, "ROLLCALL_ALERT_TO");
    *ret_given = m->url != NULL;
    if (m->url == NULL) {
        if (m->from == NULL && m->user == NULL && m->password_file == NULL && m->ca_file == NULL &&
            m->plain == NULL && m->operator_address == NULL)
            return RC_OK;
        return rc_fail_as(&c->err, RC_INVALID, "mail.server",
                          "no mail server is named: --smtp URL, or ROLLCALL_SMTP_URL");
    }
    if (password != NULL && *password == '\0')
        password = NULL;
    if (m->password_file != NULL && (rc = read_password(c, m->password_file, &password)) != RC_OK)
        return rc;
    *ret = (struct mail_server){ .url = m->url,
                                 .from = m->from,
                                 .user = m->user,
                                 .password = password,
                                 .ca_file = m->ca_file,
                                 .allow_plain = m->plain != NULL && strcmp(m->plain, "0") != 0 };
    if ((rc = mail_server_check(ret, &c->err)) != RC_OK || m->operator_address == NULL)
        return rc;
    rc = mail_address_check(m->operator_address, &c->err);
    return rc == RC_OK ? rc : rc_context(&c->err, rc, "--alert-to");
}
