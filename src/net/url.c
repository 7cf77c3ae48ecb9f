/* url.c - URLs as libcurl reads them, so that what was checked is what is asked. */
#include "net/url_p.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "net/client.h"

bool http_escape(struct buf *b, const char *bytes, size_t len) {
    static const char hex[] = "0123456789ABCDEF", plain[] = "-._~";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                        (c >= 'A' && c <= 'Z') || (c != '\0' && strchr(plain, c) != NULL);
        char escaped[] = { '%', hex[c >> 4], hex[c & 15] };
        if (!(is_plain ? buf_char(b, (char)c) : buf_append(b, escaped, sizeof escaped)))
            return false;
    }
    return true;
}

/* host is as libcurl has it: lower case not guaranteed, IPv4 in four decimal parts, IPv6 in
 * brackets. */
static bool is_loopback(const char *host) {
    struct in_addr four;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static bool is_ok(CURLUcode code) {
    if (code == CURLUE_OUT_OF_MEMORY) /* says nothing about the URL */
        rc_die("http: out of memory");
    return code == CURLUE_OK;
}

static bool part_fits(CURLU *u, CURLUPart part, char *ret, size_t ret_bytes) {
    char *value = NULL;
    ret[0] = '\0';
    if (!is_ok(curl_url_get(u, part, &value, CURLU_NO_DEFAULT_PORT)))
        return part == CURLUPART_PORT; /* no port is the scheme's port */
    size_t len = strlen(value);
    bool fits = len > 0 && len < ret_bytes;
    for (size_t i = 0; fits && i <= len; i++)
        ret[i] = value[i] >= 'A' && value[i] <= 'Z' ? (char)(value[i] | 0x20) : value[i];
    curl_free(value);
    return fits;
}

static bool has_part(CURLU *u, CURLUPart part) {
    char *value = NULL;
    bool has = is_ok(curl_url_get(u, part, &value, 0));
    curl_free(value);
    return has;
}

static enum rc_code parse(const char *url, const char *secure, const char *plain, struct url *ret,
                          struct rc_error *err) {
    struct url parsed = { 0 };
    for (const char *p = url; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
            return rc_fail_as(err, RC_INVALID, "http.url",
                              "the URL has a character that must be escaped");
    CURLU *u = curl_url();
    if (u == NULL)
        rc_die("http: out of memory");
    const char *fault = NULL, *colon = strchr(url, ':');
    bool is_other = false;
    /* libcurl would also take one slash or three */
    if (colon == NULL || strncmp(colon, "://", 3) != 0 || colon[3] == '/' ||
        !is_ok(curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME)) ||
        !part_fits(u, CURLUPART_SCHEME, parsed.scheme, sizeof parsed.scheme) ||
        !part_fits(u, CURLUPART_HOST, parsed.host, sizeof parsed.host) ||
        !part_fits(u, CURLUPART_PORT, parsed.port, sizeof parsed.port))
        fault = "is not absolute, or not a URL";
    else if (strcmp(parsed.scheme, secure) != 0 && strcmp(parsed.scheme, plain) != 0)
        is_other = true;
    else if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD))
        fault =
            "carries credentials"; /* they would end in logs, and at whoever the URL points to */
    curl_url_cleanup(u);
    if (is_other)
        return rc_fail_as(err, RC_INVALID, "http.url", "the URL is neither %s nor %s", secure,
                          plain);
    if (fault != NULL)
        return rc_fail_as(err, RC_INVALID, "http.url", "the URL %s", fault);
    parsed.is_loopback = is_loopback(parsed.host);
    *ret = parsed;
    return RC_OK;
}

enum rc_code url_parse(const char *url, struct url *ret, struct rc_error *err) {
    return parse(url, "https", "http", ret, err);
}

enum rc_code url_parse_smtp(const char *url, struct url *ret, struct rc_error *err) {
    return parse(url, "smtps", "smtp", ret, err);
}

enum rc_code url_check_encrypted(const struct url *u, struct rc_error *err) {
    if (strcmp(u->scheme, "http") != 0 || u->is_loopback)
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "http.plain",
                      "%s would be asked without encryption: its URL must begin with https://",
                      u->host);
}

enum rc_code http_url_check(const char *url, struct rc_error *err) {
    struct url parsed;
    enum rc_code code = url_parse(url, &parsed, err);
    return code == RC_OK ? url_check_encrypted(&parsed, err) : code;
}

enum rc_code http_origin(const char *url, char ret[300], struct rc_error *err) {
    struct url parsed;
    enum rc_code code = url_parse(url, &parsed, err);
    if (code != RC_OK)
        return code;
    snprintf(ret, 300, "%s://%s%s%s", parsed.scheme, parsed.host, parsed.port[0] != '\0' ? ":" : "",
             parsed.port);
    return RC_OK;
}
