/* mail_write.c - an e-mail as bytes: RFC 5322 with a head in ASCII and a body in quoted-printable. */
#include "net/mail.h"

#include <stdio.h>
#include <string.h>
#include "base/date.h"
#include "base/text.h"

enum {
    SUBJECT_BYTES = 500,
    WORD_BYTES = 42, /* of a subject in one word of RFC 2047: 75 with its frame and in Base64 */
    LINE_BYTES = 75, /* of quoted-printable, without the sign that breaks it */
};

static bool has_control(const char *s) {
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return true;
    return false;
}

static bool is_ascii(const char *s) {
    for (; *s != '\0'; s++)
        if ((unsigned char)*s >= 0x80)
            return false;
    return true;
}

enum rc_code mail_address_check(const char *address, struct rc_error *err) {
    struct rc_error why = { 0 };
    if (has_control(address) || !is_ascii(address) || strpbrk(address, "<>,;:\"\\() ") != NULL ||
        text_email_check(text_of(address), &why) != RC_OK)
        return rc_fail_as(err, RC_INVALID, "mail.value",
                          "that is no e-mail address that mail can be sent to%s%s",
                          why.text[0] != '\0' ? ": " : "", why.text);
    return RC_OK;
}

/* ---- the head ---- */

static bool base64(struct buf *b, const unsigned char *p, size_t n) {
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bool fits = true;
    for (size_t i = 0; i < n && fits; i += 3) {
        unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? p[i + 2] : 0);
        fits = buf_char(b, abc[v >> 18]) && buf_char(b, abc[v >> 12 & 63]) &&
               buf_char(b, i + 1 < n ? abc[v >> 6 & 63] : '=') &&
               buf_char(b, i + 2 < n ? abc[v & 63] : '=');
    }
    return fits;
}

/* A word ends between two characters: each is decoded on its own. */
static void write_subject(struct buf *b, const char *s) {
    size_t len = strlen(s);
    buf_str(b, "Subject: ");
    if (is_ascii(s) && len <= 70 && strstr(s, "=?") == NULL) {
        buf_str(b, s);
        buf_str(b, "\r\n");
        return;
    }
    for (size_t at = 0; at < len;) {
        size_t n = len - at < WORD_BYTES ? len - at : WORD_BYTES;
        while (n > 1 && at + n < len && ((unsigned char)s[at + n] & 0xc0) == 0x80)
            n--;
        buf_str(b, at > 0 ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
        base64(b, (const unsigned char *)s + at, n);
        buf_str(b, "?=");
        at += n;
    }
    buf_str(b, "\r\n");
}

static void write_date(struct buf *b, int64_t at_us) {
    static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    char s[32];
    int64_t day = at_us / INT64_C(86400000000);
    int month;
    date_format_instant(at_us, s); /* 2026-11-23T09:15:00... */
    month = (s[5] - '0') * 10 + s[6] - '0';
    buf_printf(b, "Date: %s, %.2s %s %.4s %.8s +0000\r\n", days[day % 7], s + 8, months[month - 1],
               s, s + 11);
}

/* ---- the text ---- */

static void write_text(struct buf *b, const char *s) {
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (const unsigned char *p = (const unsigned char *)s; *p != '\0'; p++) {
        if (*p == '\n') {
            buf_str(b, "\r\n");
            column = 0;
            continue;
        }
        bool blank_at_end = (*p == ' ' || *p == '\t') && (p[1] == '\n' || p[1] == '\0');
        bool plain = *p >= ' ' && *p < 0x7f && *p != '=' && !blank_at_end;
        const char escaped[] = { '=', hex[*p >> 4], hex[*p & 15] };
        size_t n = plain ? 1 : 3;
        if (column + n > LINE_BYTES) {
            buf_str(b, "=\r\n");
            column = 0;
        }
        buf_append(b, plain ? (const char *)p : escaped, n);
        column += n;
    }
    if (column > 0)
        buf_str(b, "\r\n");
}

static bool is_id(const char *id) {
    return *id != '\0' && strlen(id) <= 100 &&
           id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0' && id[0] != '.' &&
           strstr(id, "..") == NULL && id[strlen(id) - 1] != '.';
}

enum rc_code mail_write(const struct mail_server *s, const struct mail *m, struct buf *ret,
                        struct rc_error *err) {
    enum rc_code rc = mail_address_check(s->from, err);
    if (rc != RC_OK || (rc = mail_address_check(m->to, err)) != RC_OK)
        return rc;
    if (has_control(m->subject) || *m->subject == '\0' || strlen(m->subject) > SUBJECT_BYTES ||
        !text_is_utf8(m->subject, strlen(m->subject)))
        return rc_fail_as(err, RC_INVALID, "mail.value", "the subject is not one line of text");
    if (!is_id(m->id))
        return rc_fail_as(err, RC_INVALID, "mail.value", "that is no id of a mail");
    if (!text_is_utf8(m->text, strlen(m->text)))
        return rc_fail_as(err, RC_INVALID, "mail.value", "the text is not UTF-8");
    buf_printf(ret, "From: rollcall <%s>\r\nTo: <%s>\r\n", s->from, m->to);
    write_subject(ret, m->subject);
    write_date(ret, m->date_us);
    buf_printf(ret, "Message-ID: <%s%s>\r\n", m->id, strchr(s->from, '@'));
    buf_str(ret, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    write_text(ret, m->text);
    return ret->full ? rc_fail_as(err, RC_INVALID, "mail.value", "the mail is too long") : RC_OK;
}
