/* mail.c - the talk with the mail server. Each mail has a connection of its own: they are few, and what a
 * server leaves behind in one cannot be taken for an answer in the next. */
#include "net/mail.h"

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "base/arena.h"
#include "net/transfer_p.h"
#include "net/url_p.h"

enum { CONNECT_S = 10, TOTAL_S = 30 };

/* One talk, as the callbacks see it. */
struct talk {
    CURL *easy;
    const struct mail_server *server;
    const struct clock_source *clock;
    const char *host;
    const char *at; /* what is still to be sent */
    size_t left;
    bool is_whole; /* all of it has been handed over */
    bool answered; /* ... and an answer came after that */
    bool is_over;  /* whatever comes now is none */
    bool is_named; /* the server has been told whom the mail is for */
    char answer[MAIL_ANSWER_BYTES];
    char curl_text[CURL_ERROR_SIZE];
};

/* ---- the server ---- */

static enum rc_code server_parse(const struct mail_server *s, struct url *ret,
                                 struct rc_error *err) {
    struct rc_error why = { 0 };
    const char *path;
    if (url_parse_smtp(s->url, ret, &why) != RC_OK)
        return rc_fail_as(err, RC_INVALID, "mail.server", "mail server: %s", why.text);
    path = strchr(strstr(s->url, "://") + 3, '/');
    if ((path != NULL && path[1] != '\0') || strpbrk(s->url, "?#") != NULL)
        return rc_fail_as(err, RC_INVALID, "mail.server",
                          "mail server: nothing stands behind host and port");
    return RC_OK;
}

static bool is_one_line(const char *s) {
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return false;
    return true;
}

enum rc_code mail_server_check(const struct mail_server *s, struct rc_error *err) {
    struct url url;
    enum rc_code rc = server_parse(s, &url, err);
    if (rc != RC_OK)
        return rc;
    if (s->from == NULL)
        return rc_fail_as(err, RC_INVALID, "mail.server", "say from which address mail is sent");
    if ((rc = mail_address_check(s->from, err)) != RC_OK)
        return rc_context(err, rc, "sender");
    if ((s->user != NULL) != (s->password != NULL))
        return rc_fail_as(err, RC_INVALID, "mail.server",
                          "a user of the mail server needs a password, and a password a user");
    if (s->user != NULL && (*s->user == '\0' || !is_one_line(s->user) || !is_one_line(s->password)))
        return rc_fail_as(err, RC_INVALID, "mail.server",
                          "user and password of the mail server are one line each");
    return RC_OK;
}

static bool wants_encryption(const struct mail_server *s, const struct url *url) {
    return s->ca_file != NULL || !(url->is_loopback || s->allow_plain);
}

/* ---- the talk ---- */

static size_t on_answer(char *bytes, size_t one, size_t n, void *self) {
    struct talk *t = self;
    size_t len = one * n, used = 0;
    if (t->is_over || (len >= 3 && memcmp(bytes, "221", 3) == 0)) /* a farewell */
        return len;
    if (t->is_whole)
        t->answered = true;
    for (size_t i = 0; i < len && used < sizeof t->answer - 1; i++)
        if (bytes[i] != '\r' && bytes[i] != '\n')
            t->answer[used++] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '?';
    t->answer[used] = '\0';
    return len;
}

static size_t on_read(char *to, size_t one, size_t n, void *self) {
    struct talk *t = self;
    size_t room = one * n, len = t->left < room ? t->left : room;
    memcpy(to, t->at, len);
    t->at += len;
    t->left -= len;
    if (len == 0)
        t->is_whole = true;
    return len;
}

/* What is said is looked at for this alone, and kept nowhere: there are passwords in it. Nothing is said
 * ahead of an answer, so from here on a refusal is about this mail. */
static int on_said(CURL *easy, curl_infotype type, char *bytes, size_t n, void *self) {
    static const char verb[] = "RCPT TO:";
    struct talk *t = self;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT && n >= sizeof verb - 1 &&
        memcmp(bytes, verb, sizeof verb - 1) == 0)
        t->is_named = true;
    return 0;
}

static int on_progress(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const struct talk *t = self;
    (void)a, (void)b, (void)c, (void)d;
    return clock_is_ending(t->clock);
}

static int64_t or_usual(int64_t us, int64_t usual_s) {
    return us > 0 ? us : usual_s * 1000000;
}

static void set_options(struct talk *t, const struct url *url) {
    const struct mail_server *s = t->server;
    int64_t total_us = or_usual(s->total_timeout_us, TOTAL_S);
    CURL *e = t->easy;
    TRANSFER_SET(e, CURLOPT_URL, s->url);
    TRANSFER_SET(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    TRANSFER_SET(e, CURLOPT_NOSIGNAL, 1L);
    TRANSFER_SET(e, CURLOPT_PROXY, "");
    TRANSFER_SET(e, CURLOPT_CONNECTTIMEOUT_MS,
                 (long)(or_usual(s->connect_timeout_us, CONNECT_S) / 1000));
    TRANSFER_SET(e, CURLOPT_TIMEOUT_MS, (long)(total_us / 1000));
    /* Also for the farewell, to which the others do not apply. */
    TRANSFER_SET(e, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)((total_us + 999999) / 1000000));
    TRANSFER_SET(e, CURLOPT_USE_SSL,
                 (long)(wants_encryption(s, url) ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    TRANSFER_SET(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (s->ca_file != NULL) {
        TRANSFER_SET(e, CURLOPT_CAINFO, s->ca_file);
        TRANSFER_SET(e, CURLOPT_CAPATH, NULL);
    }
    if (s->user != NULL) {
        TRANSFER_SET(e, CURLOPT_USERNAME, s->user);
        TRANSFER_SET(e, CURLOPT_PASSWORD, s->password);
    }
    TRANSFER_SET(e, CURLOPT_ERRORBUFFER, t->curl_text);
    TRANSFER_SET(e, CURLOPT_UPLOAD, 1L);
    TRANSFER_SET(e, CURLOPT_READFUNCTION, on_read);
    TRANSFER_SET(e, CURLOPT_READDATA, t);
    TRANSFER_SET(e, CURLOPT_HEADERFUNCTION, on_answer);
    TRANSFER_SET(e, CURLOPT_HEADERDATA, t);
    TRANSFER_SET(e, CURLOPT_WRITEFUNCTION, on_answer);
    TRANSFER_SET(e, CURLOPT_WRITEDATA, t);
    TRANSFER_SET(e, CURLOPT_VERBOSE, 1L);
    TRANSFER_SET(e, CURLOPT_DEBUGFUNCTION, on_said);
    TRANSFER_SET(e, CURLOPT_DEBUGDATA, t);
    /* A look-up of a name cannot be broken off. Without this whoever gives up waits for its end; with it the
     * thread that looks ends by itself. */
    TRANSFER_SET(e, CURLOPT_QUICK_EXIT, 1L);
    TRANSFER_SET(e, CURLOPT_NOPROGRESS, 0L);
    TRANSFER_SET(e, CURLOPT_XFERINFOFUNCTION, on_progress);
    TRANSFER_SET(e, CURLOPT_XFERINFODATA, t);
}

static struct curl_slist *set_envelope(CURL *e, const struct mail_server *s, const struct mail *m) {
    char address[300];
    snprintf(address, sizeof address, "<%s>", s->from);
    TRANSFER_SET(e, CURLOPT_MAIL_FROM, address);
    snprintf(address, sizeof address, "<%s>", m->to);
    struct curl_slist *to = curl_slist_append(NULL, address);
    if (to == NULL)
        rc_die("mail: out of memory");
    TRANSFER_SET(e, CURLOPT_MAIL_RCPT, to);
    return to;
}

/* ---- what went wrong ---- */

/* By the answer: what the server said, in its own words, stays out of the text: it may repeat the
 * address. */
static enum rc_code by_status(const struct talk *t, long status, struct rc_error *err) {
    if (status >= 500 && !t->is_named)
        return rc_fail_as(err, RC_RETRY, "mail.server-refuses",
                          "%s refuses whatever comes from us (answer %ld)", t->host, status);
    /* 530: it wants user and password, some for this address alone. Others may be taken as we are. */
    if (status >= 500 && status != 530)
        return rc_fail_as(err, RC_INVALID, "mail.refused",
                          "%s does not take the mail, and will not (answer %ld)", t->host, status);
    return rc_fail_as(err, RC_RETRY, "mail.later", "%s does not take the mail for now (answer %ld)",
                      t->host, status);
}

static enum rc_code why_failed(const struct talk *t, CURLcode why, struct rc_error *err) {
    char text[TRANSFER_FAULT_BYTES];
    long status = 0;
    double seconds = (double)or_usual(t->server->total_timeout_us, TOTAL_S) / 1e6;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (t->is_whole && !t->answered)
        return rc_fail_as(err, RC_UNSURE, "mail.unsure",
                          "%s did not say whether it took the mail, which was sent", t->host);
    switch ((int)why) {
    case CURLE_LOGIN_DENIED:
        return rc_fail_as(err, RC_AUTH, "mail.credentials", "%s refuses user or password%s",
                          t->host, t->server->user == NULL ? ", and none was given" : "");
    case CURLE_COULDNT_RESOLVE_HOST:
        return rc_fail_as(err, RC_RETRY, "mail.unreachable",
                          "cannot reach %s: there is no such name", t->host);
    case CURLE_COULDNT_CONNECT:
        return rc_fail_as(err, RC_RETRY, "mail.unreachable", "cannot reach %s: no connection",
                          t->host);
    case CURLE_ABORTED_BY_CALLBACK:
        return rc_fail_as(err, RC_RETRY, "mail.timeout", "the service is being stopped");
    case CURLE_OPERATION_TIMEDOUT:
        return rc_fail_as(err, RC_RETRY, "mail.timeout", "%s did not take the mail within %g s",
                          t->host, seconds);
    case CURLE_USE_SSL_FAILED:
        return rc_fail_as(err, RC_RETRY, "mail.plain",
                          "%s offers no encryption (STARTTLS), so nothing was sent", t->host);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return rc_fail_as(err, RC_RETRY, "mail.certificate",
                          "the certificate of %s is not accepted: %s", t->host,
                          transfer_certificate_fault(t->curl_text, text));
    case CURLE_SSL_CONNECT_ERROR:
        return rc_fail_as(err, RC_RETRY, "mail.certificate", "cannot agree on encryption with %s",
                          t->host);
    case CURLE_OUT_OF_MEMORY: rc_die("mail: out of memory");
    default: break;
    }
    if (status >= 400 && status < 600)
        return by_status(t, status, err);
    return rc_fail_as(err, RC_RETRY, "mail.answer",
                      "%s ended the talk before it took the mail, or does not speak SMTP", t->host);
}

static enum rc_code talk_all(struct talk *t, const struct url *url, const struct mail *m,
                             struct rc_error *err) {
    t->easy = curl_easy_init();
    if (t->easy == NULL)
        rc_die("mail: out of memory");
    set_options(t, url);
    struct curl_slist *to = set_envelope(t->easy, t->server, m);
    CURLcode why = curl_easy_perform(t->easy);
    enum rc_code rc = why == CURLE_OK ? RC_OK : why_failed(t, why, err);
    t->is_over = true;
    curl_slist_free_all(to);
    curl_easy_cleanup(t->easy);
    return rc;
}

enum rc_code mail_send(const struct mail_server *s, const struct mail *m,
                       const struct clock_source *clock, char ret_answer[MAIL_ANSWER_BYTES],
                       struct rc_error *err) {
    struct talk t = { .server = s, .clock = clock };
    struct url url;
    struct buf b;
    enum rc_code rc;
    if (ret_answer != NULL)
        ret_answer[0] = '\0';
    if ((rc = mail_server_check(s, err)) != RC_OK || (rc = server_parse(s, &url, err)) != RC_OK)
        return rc;
    buf_init(&b, MAIL_BYTES);
    if ((rc = mail_write(s, m, &b, err)) == RC_OK) {
        transfer_ready();
        t.host = url.host;
        t.at = b.ptr;
        t.left = b.len;
        rc = talk_all(&t, &url, m, err);
        if (ret_answer != NULL)
            snprintf(ret_answer, MAIL_ANSWER_BYTES, "%s", t.answer);
    }
    buf_done(&b);
    return rc;
}
