/* Bytes to a clean text, and to a line of the log. The first byte chooses the limit, so that it
 * is met often. */
#include <string.h>
#include <utf8proc.h>
#include "base/log.h"
#include "base/text.h"
#include "tests/fuzz/must.h"

static bool is_nfc(const char *bytes, size_t len) {
    utf8proc_uint8_t *nfc = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)len, &nfc,
                                      UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    bool same = n == (utf8proc_ssize_t)len && memcmp(nfc, bytes, len) == 0;
    free(nfc);
    return same;
}

static bool is_one_of(const char *p, size_t len, const char *const *list) {
    for (; *list != NULL; list++)
        if (len == strlen(*list) && memcmp(p, *list, len) == 0)
            return true;
    return false;
}

static void check_clean(struct arena *a, struct text t, size_t max_bytes) {
    static const char *const blanks[] = { " ",
                                          "\t",
                                          "\n",
                                          "\xc2\xa0",
                                          "\xe1\x9a\x80",
                                          "\xe2\x80\x80",
                                          "\xe2\x80\x89",
                                          "\xe2\x80\x8b",
                                          "\xe2\x80\xaf",
                                          "\xe3\x80\x80",
                                          "\xef\xbb\xbf",
                                          NULL };
    struct text again;
    MUST(t.len >= 1 && t.len <= max_bytes && text_is_utf8(t.ptr, t.len) && is_nfc(t.ptr, t.len));
    for (size_t n = 1; n <= 3 && n <= t.len; n++)
        MUST(!is_one_of(t.ptr, n, blanks) && !is_one_of(t.ptr + t.len - n, n, blanks));
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.ptr[i],
                      next = i + 1 < t.len ? (unsigned char)t.ptr[i + 1] : 0;
        MUST((c >= 0x20 || c == '\t' || c == '\n') && c != 0x7f && !(c == 0xc2 && next <= 0x9f));
    }
    MUST(text_clean(a, t.ptr, t.len, max_bytes, &again, NULL) == RC_OK && text_equal(t, again));
    MUST(text_compare(t, again) == 0 && text_equal(text_copy(a, t), t));
}

static void check_quote(struct arena *a, const char *bytes, size_t len, size_t room) {
    char *out = arena_alloc(a, room);
    (void)log_quote(arena_str(a, bytes, len), out, room);
    size_t n = strlen(out);
    MUST(n >= 2 && n < room && out[0] == '"' && out[n - 1] == '"' && text_is_utf8(out, n));
    for (size_t i = 1; i + 1 < n; i++) {
        MUST((unsigned char)out[i] >= 0x20 && out[i] != '"');
        if (out[i] == '\\')
            MUST(strchr("\\\"ntx", out[++i]) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text t = { TEXT_MISSING, NULL, 77 };
    struct rc_error err = { 0 };
    struct arena a;
    if (size == 0)
        return 0;
    size_t max_bytes = data[0];
    const char *bytes = (const char *)data + 1;
    arena_init(&a);
    enum rc_code code = text_clean(&a, bytes, size - 1, max_bytes, &t, &err);
    if (code == RC_OK) {
        MUST(t.state == TEXT_SET || (t.state == TEXT_EMPTY && t.len == 0));
        MUST(text_is_utf8(bytes, size - 1));
        if (t.state == TEXT_SET)
            check_clean(&a, t, max_bytes);
    } else {
        MUST(code == RC_INVALID && t.len == 77 &&
             (!text_is_utf8(bytes, size - 1) || size - 1 > max_bytes / 3));
    }
    check_quote(&a, bytes, size - 1, 3 + (size_t)data[0] / 4);
    arena_done(&a);
    return 0;
}
