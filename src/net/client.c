#include "net/client.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/arena.h"
#include "base/date.h"
#include "net/transfer_p.h"
#include "net/url_p.h"

enum {
    READ_BYTES = 512 << 10, /* a page of employees in a few reads */
    RESERVE_SPARE = 16,     /* behind a reserved body, for readers that want padding */
    STALL_BYTES_S = 100,
    KEPT_CONNECTIONS = 4,
};
#define RETRY_AFTER_MOST_S (30.0 * 86400)

struct http_client {
    CURL *easy;
    const struct clock_source *clock;
    int64_t connect_timeout_us, total_timeout_us, stall_timeout_us;
    bool allow_http;
    char *ca_file, *user_agent;
    char curl_text[CURL_ERROR_SIZE]; /* here, because closing a connection may still write to it */
};

/* One call, as the callbacks see it. */
struct call {
    struct http_response *response;
    bool changes, body_begun, is_encoded, is_too_large, is_not_http;
    unsigned requests;   /* times that the request went out, libcurl's own repetition included */
    int64_t retry_at_us; /* Retry-After as a date, 0: none */
};

/* A folder can be opened too, and any file be named here by mistake: libcurl would say so only at
 * the first call. Certificates come first, or behind a few lines about them. */
static enum rc_code check_ca_file(const char *path, struct rc_error *err) {
    char head[64 << 10];
    FILE *f = fopen(path, "re");
    size_t n = f != NULL ? fread(head, 1, sizeof head, f) : 0;
    if (f == NULL || ferror(f)) {
        int no = errno;
        if (f != NULL)
            fclose(f);
        return rc_fail_as(err, RC_INVALID, "http.ca-file",
                          "cannot read the certificates in %.200s: %s", path, strerror(no));
    }
    fclose(f);
    static const char begin[] = "-----BEGIN ";
    if (memmem(head, n, begin, sizeof begin - 1) == NULL)
        return rc_fail_as(err, RC_INVALID, "http.ca-file", "%.200s has no certificates (PEM)",
                          path);
    return RC_OK;
}

enum rc_code http_client_new(const struct http_client_options *o, const struct clock_source *clock,
                             struct http_client **ret, struct rc_error *err) {
    transfer_ready();
    enum rc_code code = o->ca_file != NULL ? check_ca_file(o->ca_file, err) : RC_OK;
    if (code != RC_OK)
        return code;
    struct http_client *c = mem_zalloc(sizeof *c);
    c->easy = curl_easy_init();
    if (c->easy == NULL)
        rc_die("http: out of memory");
    c->clock = clock;
    c->connect_timeout_us = o->connect_timeout_us > 0 ? o->connect_timeout_us : 10 * 1000000;
    c->total_timeout_us = o->total_timeout_us > 0 ? o->total_timeout_us : 60 * 1000000;
    c->stall_timeout_us = o->stall_timeout_us > 0 ? o->stall_timeout_us : 20 * 1000000;
    c->allow_http = o->allow_http;
    c->ca_file = o->ca_file != NULL ? mem_str(o->ca_file) : NULL;
    c->user_agent = mem_str(o->user_agent != NULL ? o->user_agent : "rollcall/" ROLLCALL_VERSION);
    *ret = c;
    return RC_OK;
}

void http_client_free(struct http_client *c) {
    if (c == NULL)
        return;
    curl_easy_cleanup(c->easy);
    mem_free(c->ca_file);
    mem_free(c->user_agent);
    mem_free(c);
}

/* ---- the answer's head ---- */

/* A decimal number that is not negative; -1 for anything else. */
static double number_of(const char *s) {
    char *end;
    if (*s < '0' || *s > '9' || s[strspn(s, "0123456789.")] != '\0')
        return -1;
    double d = strtod(s, &end);
    return *end == '\0' && isfinite(d) ? d : -1;
}

static void take_retry_after(struct call *call, const char *value) {
    double seconds = number_of(value);
    int64_t at_us;
    if (seconds >= 0)
        call->response->retry_after_us = (int64_t)(fmin(seconds, RETRY_AFTER_MOST_S) * 1e6);
    else if (date_parse_instant(value, strlen(value), &at_us, NULL) == RC_OK)
        call->retry_at_us = at_us;
}

static void take_content_type(struct http_response *r, const char *value) {
    size_t n = strcspn(value, "; \t");
    if (n >= sizeof r->content_type)
        n = 0;
    for (size_t i = 0; i < n; i++)
        r->content_type[i] =
            value[i] >= 'A' && value[i] <= 'Z' ? (char)(value[i] | 0x20) : value[i];
    r->content_type[n] = '\0';
}

static void take_header(struct call *call, const char *name, const char *value) {
    struct http_response *r = call->response;
    if (strcasecmp(name, "content-type") == 0)
        take_content_type(r, value);
    else if (strcasecmp(name, "content-encoding") == 0)
        call->is_encoded = true;
    else if (strcasecmp(name, "retry-after") == 0)
        take_retry_after(call, value);
    else if (strcasecmp(name, "date") == 0)
        (void)date_parse_instant(value, strlen(value), &r->date_us, NULL);
    else if (strcasecmp(name, "x-ratelimit-remaining") == 0 ||
             strcasecmp(name, "ratelimit-remaining") == 0)
        r->rate_remaining = number_of(value);
    else if (strcasecmp(name, "x-ratelimit-replenish-rate") == 0)
        r->rate_replenish = number_of(value);
    else if (strcasecmp(name, "x-ratelimit-burst-capacity") == 0)
        r->rate_burst = number_of(value);
    else if (strcasecmp(name, "ratelimit-reset") == 0)
        r->rate_reset_s = number_of(value);
    else if (strcasecmp(name, "authorization") == 0 && strlen(value) < sizeof r->authorization)
        strcpy(r->authorization, value);
    for (size_t i = 0; i < r->wanted_n; i++)
        if (strcasecmp(name, r->wanted[i].name) == 0)
            strcpy(r->wanted[i].value, strlen(value) < sizeof r->wanted[i].value ? value : "");
}

static void forget_head(struct call *call) {
    struct http_response *r = call->response;
    *r = (struct http_response){ .body = r->body, .wanted = r->wanted, .wanted_n = r->wanted_n };
    for (size_t i = 0; i < r->wanted_n; i++)
        r->wanted[i].value[0] = '\0';
    r->retry_after_us = -1;
    r->rate_remaining = r->rate_replenish = r->rate_burst = r->rate_reset_s = -1;
    call->is_encoded = call->body_begun = false;
    call->retry_at_us = 0;
}

/* "HTTP/1.1 200". libcurl takes "HTTP/banana 403" for a 200. */
static bool is_status_line(const char *bytes, size_t len) {
    static const char form[] = "HTTP/d.d ddd"; /* d: a digit */
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (i >= len || (form[i] == 'd' ? bytes[i] < '0' || bytes[i] > '9' : bytes[i] != form[i]))
            return false;
    return bytes[9] != '0';
}

/* libcurl calls this for each line of each head (an interim answer has one too) and of trailers. */
static size_t on_header(char *bytes, size_t one, size_t n, void *self) {
    struct call *call = self;
    char line[1024]; /* longer ones are none that we read */
    size_t len = one * n;
    if (call->body_begun)
        return len; /* a trailer: its sender may be another than the head's */
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        forget_head(call);
        call->is_not_http = !is_status_line(bytes, len);
        return call->is_not_http ? 0 : len;
    }
    if (len >= sizeof line || memchr(bytes, '\0', len) != NULL)
        return len;
    memcpy(line, bytes, len);
    line[len] = '\0';
    char *colon = strchr(line, ':');
    if (colon == NULL)
        return len;
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    char *end = value + strlen(value);
    while (end > value && strchr(" \t\r\n", end[-1]) != NULL)
        *--end = '\0';
    take_header(call, line, value);
    return len;
}

/* ---- the answer's body ---- */

static void begin_body(struct call *call, CURL *easy) {
    struct buf *body = call->response->body;
    curl_off_t announced = -1;
    call->body_begun = true;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (call->is_encoded || announced <= 0)
        return;
    size_t want = (size_t)announced;
    if (want > body->max_bytes)
        call->is_too_large = true;
    else
        (void)buf_room(body, body->max_bytes - want > RESERVE_SPARE ? want + RESERVE_SPARE : want);
}

struct write_to {
    struct call *call;
    CURL *easy;
};

static size_t on_body(char *bytes, size_t one, size_t n, void *self) {
    struct write_to *to = self;
    struct call *call = to->call;
    if (!call->body_begun)
        begin_body(call, to->easy);
    if (!call->is_too_large && !buf_append(call->response->body, bytes, one * n))
        call->is_too_large = true;
    return call->is_too_large ? 0 : one * n;
}

/* libcurl repeats a request on a new connection when a kept one ends without an answer, whatever
 * the method. That is welcome for reading; a change could be made twice, so its second time ends
 * here. */
static int before_request(void *self, char *ip, char *local_ip, int port, int local_port) {
    struct call *call = self;
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    return call->requests++ > 0 && call->changes ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* ---- the request ---- */

static bool is_one_line(const char *s) {
    for (; *s != '\0'; s++)
        if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
            return false;
    return true;
}

static struct curl_slist *appended(struct curl_slist *list, const char *line) {
    struct curl_slist *ret = curl_slist_append(list, line);
    if (ret == NULL)
        rc_die("http: out of memory");
    return ret;
}

/* NULL with err set when a header would break out of its line. Never empty otherwise. */
static struct curl_slist *headers_of(const struct http_request *q, struct rc_error *err) {
    struct curl_slist *list =
        appended(NULL, "Expect:"); /* costs a second with servers that do not know it */
    bool has_type = false;
    struct buf line;
    buf_init(&line, 64 << 10);
    for (size_t i = 0; i < q->headers_n; i++) {
        const struct http_header *h = &q->headers[i];
        buf_clear(&line);
        has_type = has_type || strcasecmp(h->name, "content-type") == 0;
        /* libcurl takes "Name:" as "do not send it", and "Name;" as a header without a value */
        if (!is_one_line(h->name) || !is_one_line(h->value) ||
            h->name[strcspn(h->name, ":; \t")] != '\0' || h->name[0] == '\0' ||
            !(h->value[0] == '\0' ? buf_printf(&line, "%s;", h->name)
                                  : buf_printf(&line, "%s: %s", h->name, h->value))) {
            rc_fail_as(err, RC_INVALID, "http.header", "request header %zu cannot be sent", i + 1);
            buf_done(&line);
            curl_slist_free_all(list);
            return NULL;
        }
        list = appended(list, line.ptr);
    }
    buf_done(&line);
    return has_type ? list : appended(list, "Content-Type:"); /* no form where nobody said form */
}

static long ms_of(int64_t us) {
    return (long)((us + 999) / 1000);
}

static void set_method(CURL *e, const struct http_request *q) {
    if (q->body != NULL || strcmp(q->method, "POST") == 0) {
        TRANSFER_SET(e, CURLOPT_POST, 1L);
        TRANSFER_SET(e, CURLOPT_POSTFIELDS, q->body != NULL ? q->body : "");
        TRANSFER_SET(e, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)(q->body != NULL ? q->body_bytes : 0));
    }
    if (strcmp(q->method, "HEAD") == 0)
        TRANSFER_SET(e, CURLOPT_NOBODY, 1L);
    else if (strcmp(q->method, "GET") != 0 || q->body != NULL)
        TRANSFER_SET(e, CURLOPT_CUSTOMREQUEST, q->method);
}

static void set_options(struct http_client *c, const struct url *url, struct write_to *to) {
    CURL *e = c->easy;
    struct call *call = to->call;
    int64_t stall_s = (c->stall_timeout_us + 999999) / 1000000;
    c->curl_text[0] = '\0';
    curl_easy_reset(e); /* keeps connections, sessions and names */
    TRANSFER_SET(e, CURLOPT_NOSIGNAL, 1L);
    TRANSFER_SET(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    TRANSFER_SET(e, CURLOPT_PROTOCOLS_STR,
                 url->is_loopback || c->allow_http ? "https,http" : "https");
    TRANSFER_SET(e, CURLOPT_FOLLOWLOCATION, 0L);
    TRANSFER_SET(e, CURLOPT_PATH_AS_IS, 1L);
    TRANSFER_SET(e, CURLOPT_CONNECTTIMEOUT_MS, ms_of(c->connect_timeout_us));
    TRANSFER_SET(e, CURLOPT_TIMEOUT_MS, ms_of(c->total_timeout_us));
    TRANSFER_SET(e, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_S);
    TRANSFER_SET(e, CURLOPT_LOW_SPEED_TIME, (long)stall_s);
    /* Refused while a transfer that could not even connect has left its buffer behind: it has this
     * size. */
    (void)curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)READ_BYTES);
    TRANSFER_SET(e, CURLOPT_TCP_KEEPALIVE, 1L);
    TRANSFER_SET(e, CURLOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    TRANSFER_SET(e, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    TRANSFER_SET(e, CURLOPT_USERAGENT, c->user_agent);
    TRANSFER_SET(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (url->is_loopback)
        TRANSFER_SET(e, CURLOPT_PROXY, ""); /* elsewhere the environment's proxy is used */
    if (c->ca_file != NULL) {
        TRANSFER_SET(e, CURLOPT_CAINFO, c->ca_file);
        TRANSFER_SET(e, CURLOPT_CAPATH, NULL); /* this file and nothing else */
    }
    TRANSFER_SET(e, CURLOPT_ERRORBUFFER, c->curl_text);
    TRANSFER_SET(e, CURLOPT_HEADERFUNCTION, on_header);
    TRANSFER_SET(e, CURLOPT_HEADERDATA, call);
    TRANSFER_SET(e, CURLOPT_WRITEFUNCTION, on_body);
    TRANSFER_SET(e, CURLOPT_WRITEDATA, to);
    TRANSFER_SET(e, CURLOPT_PREREQFUNCTION, before_request);
    TRANSFER_SET(e, CURLOPT_PREREQDATA, call);
}

/* ---- what went wrong ---- */

static const char *reason_of(const struct http_client *c, CURLcode why, char text[64]) {
    long os_errno = 0;
    if (why == CURLE_COULDNT_RESOLVE_HOST)
        return "there is no such name";
    if (why == CURLE_COULDNT_RESOLVE_PROXY)
        return "there is no such proxy";
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
    switch (os_errno) {
    case ECONNREFUSED: return "connection refused";
    case ENETUNREACH: return "no network";
    case EHOSTUNREACH: return "no route";
    case 0: return "no connection";
    default: return strerror_r((int)os_errno, text, 64);
    }
}

static double seconds(int64_t us) {
    return (double)us / 1e6;
}

static enum rc_code timed_out(const struct http_client *c, const struct call *call,
                              enum rc_code code, const char *host, struct rc_error *err) {
    double taken_s = 0;
    curl_easy_getinfo(c->easy, CURLINFO_TOTAL_TIME, &taken_s);
    if (call->requests == 0)
        return rc_fail_as(
            err, code, "http.timeout", "cannot reach %s: no connection within %g s", host,
            seconds(c->connect_timeout_us < c->total_timeout_us ? c->connect_timeout_us
                                                                : c->total_timeout_us));
    if (taken_s * 1e6 < (double)c->total_timeout_us - 1000)
        return rc_fail_as(err, code, "http.timeout", "the answer of %s has stalled for %g s", host,
                          seconds(c->stall_timeout_us));
    return rc_fail_as(err, code, "http.timeout", "no whole answer from %s within %g s", host,
                      seconds(c->total_timeout_us));
}

static enum rc_code why_failed(const struct http_client *c, const struct call *call, CURLcode why,
                               const char *host, struct rc_error *err) {
    long request_bytes = 0, status = 0;
    char text[TRANSFER_FAULT_BYTES];
    curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    bool is_connecting = why == CURLE_COULDNT_RESOLVE_HOST || why == CURLE_COULDNT_RESOLVE_PROXY ||
                         why == CURLE_COULDNT_CONNECT || why == CURLE_SSL_CONNECT_ERROR ||
                         why == CURLE_PEER_FAILED_VERIFICATION;
    /* when the repetition cannot connect, the first time may still have arrived */
    bool was_sent = request_bytes > 0 || call->requests > (is_connecting ? 0 : 1);
    enum rc_code code = was_sent && call->changes ? RC_UNSURE : RC_RETRY;
    if (call->is_not_http)
        why = CURLE_WEIRD_SERVER_REPLY;
    switch ((int)why) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return rc_fail_as(err, code, "http.unreachable", "cannot reach %s: %s", host,
                          reason_of(c, why, text));
    case CURLE_PEER_FAILED_VERIFICATION:
        return rc_fail_as(err, code == RC_UNSURE ? code : RC_AUTH, "http.certificate",
                          "the certificate of %s is not accepted: %s", host,
                          transfer_certificate_fault(c->curl_text, text));
    case CURLE_SSL_CACERT_BADFILE:
        return rc_fail_as(err, RC_AUTH, "http.certificate",
                          "there are no usable certificates in %.200s",
                          c->ca_file != NULL ? c->ca_file : "the system's store");
    case CURLE_SSL_CONNECT_ERROR:
        return rc_fail_as(err, code, "http.tls", "cannot agree on encryption with %s", host);
    case CURLE_OPERATION_TIMEDOUT: return timed_out(c, call, code, host, err);
    case CURLE_WRITE_ERROR:
        return rc_fail_as(err, code, "http.too-large", "the answer of %s is larger than %zu bytes",
                          host, call->response->body->max_bytes);
    case CURLE_BAD_CONTENT_ENCODING:
        return rc_fail_as(err, code, "http.encoding", "the answer of %s cannot be unpacked", host);
    case CURLE_UNSUPPORTED_PROTOCOL: /* our URL was checked: the answer was HTTP/0.9 at best */
    case CURLE_WEIRD_SERVER_REPLY:
        return rc_fail_as(err, code, "http.not-http", "what %s answers is not HTTP", host);
    case CURLE_OUT_OF_MEMORY: rc_die("http: out of memory");
    default: break;
    }
    if (status >= 200) /* cut, reset, or chunks that are none */
        return rc_fail_as(err, code, "http.body-cut",
                          "the answer of %s ended before it was complete", host);
    if (was_sent)
        return rc_fail_as(err, code, "http.no-answer", "%s closed the connection without an answer",
                          host);
    return rc_fail_as(err, code, "http.failed", "the call to %s failed: %s", host,
                      curl_easy_strerror(why));
}

/* ---- a call ---- */

static enum rc_code check_request(const struct http_client *c, const struct http_request *q,
                                  struct url *ret, struct rc_error *err) {
    enum rc_code code = url_parse(q->url, ret, err);
    if (code != RC_OK)
        return code;
    if (!c->allow_http && (code = url_check_encrypted(ret, err)) != RC_OK)
        return code;
    if (q->headers_n > HTTP_HEADERS_MAX ||
        q->method[strspn(q->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0' || q->method[0] == '\0')
        return rc_fail_as(err, RC_INVALID, "http.header", "the request cannot be sent");
    return RC_OK;
}

enum rc_code http_send(struct http_client *c, const struct http_request *q,
                       struct http_response *ret, struct rc_error *err) {
    struct url url;
    struct call call = { .response = ret, .changes = q->changes };
    struct write_to to = { &call, c->easy };
    long status = 0;
    buf_clear(ret->body);
    forget_head(&call);
    enum rc_code code = check_request(c, q, &url, err);
    if (code != RC_OK)
        return code;
    struct curl_slist *headers = headers_of(q, err);
    if (headers == NULL)
        return RC_INVALID;
    set_options(c, &url, &to);
    set_method(c->easy, q);
    TRANSFER_SET(c->easy, CURLOPT_URL, q->url);
    TRANSFER_SET(c->easy, CURLOPT_HTTPHEADER, headers);
    CURLcode why = curl_easy_perform(c->easy);
    curl_slist_free_all(headers);
    if (why != CURLE_OK)
        return why_failed(c, &call, why, url.host, err);
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    ret->status = (int)status;
    if (call.retry_at_us > 0) { /* by the remote's clock where it told us the time */
        int64_t now_us = ret->date_us > 0 ? ret->date_us : clock_now_us(c->clock);
        int64_t wait_us = call.retry_at_us > now_us ? call.retry_at_us - now_us : 0;
        ret->retry_after_us = wait_us < (int64_t)(RETRY_AFTER_MOST_S * 1e6)
                                  ? wait_us
                                  : (int64_t)(RETRY_AFTER_MOST_S * 1e6);
    }
    return RC_OK;
}

enum rc_code http_status_code(const struct http_response *r, const struct clock_source *clock,
                              const char *what, struct rc_error *err) {
    static const struct {
        int first, last;
        enum rc_code code;
        const char *name, *says;
    } rows[] = {
        /* the first that fits */
        { 200, 299, RC_OK, "", "" },
        { 300, 399, RC_INVALID, "http.redirect", "points elsewhere, which is not followed" },
        { 401, 401, RC_AUTH, "http.unauthorized", "credentials refused" },
        { 403, 403, RC_AUTH, "http.forbidden", "rights missing" },
        { 404, 404, RC_NOT_FOUND, "http.not-found", "not found" },
        { 410, 410, RC_NOT_FOUND, "http.not-found", "gone" },
        { 408, 408, RC_RETRY, "http.busy", "the request came too slowly" },
        { 425, 425, RC_RETRY, "http.busy", "too early" },
        { 409, 409, RC_CONFLICT, "http.conflict", "conflict" },
        { 412, 412, RC_CONFLICT, "http.conflict", "precondition failed" },
        { 429, 429, RC_LIMITED, "http.limited", "too many requests" },
        { 400, 499, RC_INVALID, "http.refused", "request refused" },
        { 500, 599, RC_RETRY, "http.server-error", "the server failed" },
    };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        if (r->status < rows[i].first || r->status > rows[i].last)
            continue;
        if (rows[i].code == RC_OK)
            return RC_OK;
        rc_fail_as(err, rows[i].code, rows[i].name, "%s: answer %d (%s)", what, r->status,
                   rows[i].says);
        if (err != NULL && r->retry_after_us >= 0)
            err->retry_at_us = clock_now_us(clock) + r->retry_after_us;
        return rows[i].code;
    }
    return rc_fail_as(err, RC_INVALID, "http.not-http", "%s: answer %d, which is no status", what,
                      r->status);
}
