#include <string.h>
#include <utf8proc.h>
#include "base/cleanup.h"
#include "base/eight.h"
#include "base/text.h"

struct text text_of(const char *s) {
    return s == NULL ? (struct text){ TEXT_MISSING, NULL, 0 } : text_from(s, strlen(s));
}

struct text text_from(const char *bytes, size_t len) {
    return len == 0 ? TEXT_NONE : (struct text){ TEXT_SET, bytes, len };
}

struct text text_copy(struct arena *a, struct text t) {
    return t.state == TEXT_SET ? text_from(arena_str(a, t.ptr, t.len), t.len)
                               : text_of(t.state == TEXT_EMPTY ? "" : NULL);
}

const char *text_state_name(enum text_state state) {
    switch (state) {
    case TEXT_MISSING: return "missing";
    case TEXT_EMPTY: return "empty";
    case TEXT_SET: return "set";
    }
    return "unknown";
}

bool text_equal(struct text a, struct text b) {
    return a.state == b.state &&
           (a.state != TEXT_SET || (a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0));
}

bool text_is(struct text t, const char *s) {
    return t.state == TEXT_SET && t.len == strlen(s) && memcmp(t.ptr, s, t.len) == 0;
}

int text_compare(struct text a, struct text b) {
    if (a.state != b.state)
        return a.state < b.state ? -1 : 1;
    if (a.state != TEXT_SET)
        return 0;
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

/* The character at p: its code point, and in *ret_bytes its length; -1 when it is not UTF-8
 * (overlong forms, surrogates and what lies beyond U+10FFFF included). p < end. */
static int32_t char_at(const char *p, const char *end, size_t *ret_bytes) {
    static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (n == 0 || (size_t)(end - p) < n)
        return -1;
    *ret_bytes = n;
    if (n == 1)
        return c;
    int32_t code = c & (0xff >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)p[i];
        if ((next & 0xc0) != 0x80)
            return -1;
        code = code << 6 | (next & 0x3f);
    }
    return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? -1 : code;
}

/* The character that ends at end, in valid UTF-8. begin < end. */
static int32_t char_before(const char *begin, const char *end, size_t *ret_bytes) {
    const char *p = end - 1;
    while (p > begin && ((unsigned char)*p & 0xc0) == 0x80)
        p--;
    return char_at(p, end, ret_bytes);
}

bool text_is_utf8(const char *bytes, size_t len) {
    const char *end = bytes + len;
    for (size_t n; len > 0 && bytes < end; bytes += n) {
        n = sizeof(uint64_t);
        if ((size_t)(end - bytes) >= n && (eight_at(bytes) & EIGHT_OF(0x80)) == 0)
            continue; /* ASCII in steps of eight */
        if (char_at(bytes, end, &n) < 0)
            return false;
    }
    return true;
}

static bool is_control(int32_t c) {
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c <= 0x9f);
}

/* White_Space of the Unicode character database (PropList.txt), and what shows nothing and comes
 * along when an address is copied out of a web page or a spreadsheet. */
static bool is_blank(int32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

/* Not from 0x20 to 0x7e. */
static bool is_strange(uint64_t x) {
    return ((x | (x + EIGHT_OF(1)) | (x - EIGHT_OF(0x20))) & EIGHT_OF(0x80)) != 0;
}

/* NFC of valid UTF-8 without its control characters. */
static struct text compose(struct arena *a, const char *bytes, size_t len) {
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE; /* as utf8proc_NFC() */
    utf8proc_int32_t small[256], *codes = small;
    utf8proc_ssize_t room =
        (utf8proc_ssize_t)(sizeof small / sizeof *small) - 1; /* reencode() adds a NUL */
    char *kept = arena_alloc(a, len);
    size_t kept_n = 0;
    for (size_t i = 0, n; i < len; i += n) {
        if (is_control(char_at(bytes + i, bytes + len, &n)))
            continue;
        memcpy(kept + kept_n, bytes + i, n);
        kept_n += n;
    }
    const utf8proc_uint8_t *from = (const utf8proc_uint8_t *)kept;
    utf8proc_ssize_t n = utf8proc_decompose(from, (utf8proc_ssize_t)kept_n, codes, room, options);
    if (n > room) { /* nothing was written beyond the room, and this much is wanted */
        room = n;
        codes = arena_alloc(a, ((size_t)room + 1) * sizeof *codes);
        n = utf8proc_decompose(from, (utf8proc_ssize_t)kept_n, codes, room, options);
    }
    if (n >= 0)
        n = utf8proc_reencode(codes, n, options);
    /* of all its errors only "no memory" is left for valid UTF-8, and it was given the memory */
    if (n < 0)
        rc_die("text: normalising failed: %s", utf8proc_errmsg(n));
    if ((size_t)n <= len)
        return text_from(memcpy(kept, codes, (size_t)n), (size_t)n);
    return text_from(arena_copy(a, codes, (size_t)n), (size_t)n);
}

/* Scripts whose characters are in NFC each, are no marks and compose with nothing before them: a
 * text of these alone is in NFC. */
static bool stands_alone(int32_t c) {
    static const struct {
        int32_t first, last;
    } ranges[] = {
        { 0x388, 0x38a },   { 0x38e, 0x3a1 },   { 0x3a3, 0x3ce },   /* Greek */
        { 0x400, 0x482 },   { 0x48a, 0x52f },                       /* Cyrillic */
        { 0x5d0, 0x5ea },   { 0x620, 0x64a },                       /* Hebrew, Arabic */
        { 0x1e00, 0x1eff }, { 0x2010, 0x2027 },                     /* more Latin, dashes */
        { 0x3041, 0x3096 }, { 0x30a1, 0x30fa }, { 0x4e00, 0x9fa5 }, /* Japanese, Chinese */
        { 0xac00, 0xd7a3 },                                         /* Korean */
    };
    if (c < 0x300)
        return true;
    for (size_t i = 0; i < RC_LEN(ranges) && c >= ranges[i].first; i++)
        if (c <= ranges[i].last)
            return true;
    return false;
}

static enum rc_code clean_slowly(struct arena *a, const char *bytes, size_t len, size_t max_bytes,
                                 struct text *ret, struct rc_error *err) {
    const char *end = bytes + len;
    size_t n;
    bool as_is = true;
    if (!text_is_utf8(bytes, len))
        return rc_fail(err, RC_INVALID, "not UTF-8");
    for (int32_t c; bytes < end; bytes += n) {
        c = char_at(bytes, end, &n);
        if (!is_blank(c) && !is_control(c))
            break;
    }
    for (int32_t c; bytes < end; end -= n) {
        c = char_before(bytes, end, &n);
        if (!is_blank(c) && !is_control(c))
            break;
    }
    /* What is in NFC needs no second look, and that is nearly every name. */
    for (const char *p = bytes; p < end && as_is; p += n) {
        int32_t c = char_at(p, end, &n);
        as_is = stands_alone(c) && !is_control(c);
    }
    len = (size_t)(end - bytes);
    /* NFC shrinks a text to a third at the very most, and sorting marks takes squared time: no
     * look at a giant */
    struct text clean =
        as_is || len / 4 > max_bytes ? text_from(bytes, len) : compose(a, bytes, len);
    if (clean.len > max_bytes)
        return rc_fail(err, RC_INVALID, "longer than %zu bytes", max_bytes);
    *ret = clean;
    return RC_OK;
}

enum rc_code text_clean(struct arena *a, const char *bytes, size_t len, size_t max_bytes,
                        struct text *ret, struct rc_error *err) {
    if (len == 0 || len > max_bytes || bytes[0] == ' ' || bytes[len - 1] == ' ' ||
        eight_any(bytes, len, is_strange))
        return clean_slowly(a, bytes, len, max_bytes, ret, err);
    *ret = (struct text){ TEXT_SET, bytes, len };
    return RC_OK;
}

static bool is_letter_or_digit(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Says what is wrong with a dot-atom, NULL when nothing is. */
static const char *local_problem(const char *p, size_t len) {
    if (len == 0)
        return "nothing before the @";
    if (len > 64)
        return "more than 64 bytes before the @";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '.' && (i == 0 || i == len - 1 || p[i - 1] == '.'))
            return "a dot out of place before the @";
        if (c < 0x80 && c != '.' && !is_letter_or_digit(c) &&
            strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL)
            return "a character before the @ that e-mail does not allow";
    }
    return NULL;
}

static const char *label_problem(const char *p, size_t len) {
    if (len == 0)
        return "a dot out of place behind the @";
    if (len > 63)
        return "more than 63 bytes between two dots behind the @";
    if (p[0] == '-' || p[len - 1] == '-')
        return "a hyphen at an edge behind the @";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c < 0x80 && c != '-' && !is_letter_or_digit(c))
            return "a character behind the @ that no domain has";
    }
    return NULL;
}

static const char *domain_problem(const char *p, size_t len) {
    const char *end = p + len, *problem = NULL;
    size_t labels_n = 0;
    bool is_number = false;
    if (len == 0)
        return "nothing behind the @";
    for (const char *label = p; problem == NULL && label <= end; labels_n++) {
        const char *dot = memchr(label, '.', (size_t)(end - label));
        size_t label_len = (size_t)((dot != NULL ? dot : end) - label);
        problem = label_problem(label, label_len);
        is_number = true;
        for (size_t i = 0; i < label_len; i++)
            is_number = is_number && label[i] >= '0' && label[i] <= '9';
        label += label_len + 1;
    }
    return problem != NULL ? problem
           : labels_n < 2  ? "no dot behind the @"
           : is_number     ? "a number where .com or the like should be"
                           : NULL;
}

enum rc_code text_email_check(struct text t, struct rc_error *err) {
    if (t.state != TEXT_SET)
        return rc_fail(err, RC_INVALID, "e-mail is %s", text_state_name(t.state));
    if (t.len > 254)
        return rc_fail(err, RC_INVALID, "e-mail: longer than 254 bytes");
    bool is_ascii = !eight_any(t.ptr, t.len, is_strange) && memchr(t.ptr, ' ', t.len) == NULL;
    for (size_t i = 0, n; i < t.len && !is_ascii; i += n) {
        int32_t c = char_at(t.ptr + i, t.ptr + t.len, &n);
        if (c < 0)
            return rc_fail(err, RC_INVALID, "e-mail: not UTF-8");
        if (is_blank(c))
            return rc_fail(err, RC_INVALID, "e-mail: a blank inside");
        /* controls, joiners and marks of direction: two addresses that look alike and are not */
        if (is_control(c) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
            (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f))
            return rc_fail(err, RC_INVALID, "e-mail: an invisible character inside");
    }
    const char *at = memchr(t.ptr, '@', t.len), *end = t.ptr + t.len;
    if (at == NULL)
        return rc_fail(err, RC_INVALID, "e-mail: no @");
    if (memchr(at + 1, '@', (size_t)(end - at - 1)) != NULL)
        return rc_fail(err, RC_INVALID, "e-mail: more than one @");
    const char *problem = local_problem(t.ptr, (size_t)(at - t.ptr));
    if (problem == NULL)
        problem = domain_problem(at + 1, (size_t)(end - at - 1));
    return problem == NULL ? RC_OK : rc_fail(err, RC_INVALID, "e-mail: %s", problem);
}

struct text text_fold_ascii(struct arena *a, struct text t) {
    size_t i = 0;
    if (t.state != TEXT_SET)
        return t;
    while (i < t.len && (t.ptr[i] < 'A' || t.ptr[i] > 'Z'))
        i++;
    if (i == t.len)
        return t;
    char *folded = arena_str(a, t.ptr, t.len);
    for (; i < t.len; i++)
        if (folded[i] >= 'A' && folded[i] <= 'Z')
            folded[i] = (char)(folded[i] | 0x20);
    return text_from(folded, t.len);
}

const char *text_mask_email(struct text t, char ret[64]) {
    const size_t room = 63;
    size_t used = 0, first_n = 0, from = t.len;
    ret[0] = '\0';
    if (t.state != TEXT_SET)
        return ret;
    while (from > 0 && t.ptr[from - 1] != '@')
        from--;
    /* one character stays readable, and only when something behind it is hidden */
    if (from > 2 && char_at(t.ptr, t.ptr + from - 1, &first_n) >= 0 && first_n < from - 1) {
        memcpy(ret, t.ptr, first_n);
        used = first_n;
    }
    memcpy(ret + used, "***", 3);
    used += 3;
    for (size_t i = from - (from > 0), n; from > 0 && i < t.len; i += n) {
        if (char_at(t.ptr + i, t.ptr + t.len, &n) < 0 || n > room - used)
            break;
        memcpy(ret + used, t.ptr + i, n);
        used += n;
    }
    ret[used] = '\0';
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)ret[i] < 0x20 || ret[i] == 0x7f)
            ret[i] = '?';
    return ret;
}

size_t text_columns(struct text t) {
    size_t columns = 0;
    for (size_t at = 0; t.state == TEXT_SET && at < t.len;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)t.ptr + at,
                                              (utf8proc_ssize_t)(t.len - at), &c);
        if (n <= 0)
            return columns + t.len - at;
        columns += (size_t)utf8proc_charwidth(c);
        at += (size_t)n;
    }
    return columns;
}
