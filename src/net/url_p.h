/* url_p.h - the parts of a URL that the client looks at before it connects. Private to net/. */
#pragma once
#include <stdbool.h>
#include "base/error.h"

struct url {
    char scheme[8]; /* "https" or "http"; of mail "smtps" or "smtp" */
    char host[256]; /* lower case; IPv6 in brackets */
    char port[8];   /* "" is the scheme's own */
    bool is_loopback;
};
/* RC_INVALID "http.url": not an absolute http or https URL, carries credentials, or has bytes that
 * must be escaped. */
enum rc_code url_parse(const char *url, struct url *ret, struct rc_error *err);
/* The same for smtp and smtps. */
enum rc_code url_parse_smtp(const char *url, struct url *ret, struct rc_error *err);
/* RC_INVALID "http.plain": neither encrypted nor of this machine. */
enum rc_code url_check_encrypted(const struct url *u, struct rc_error *err);
