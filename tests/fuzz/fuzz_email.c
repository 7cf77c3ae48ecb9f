/* Bytes to an address: what is accepted has one @, keeps being accepted, and shows little of
 * itself when masked. */
#include <string.h>
#include "base/text.h"
#include "tests/fuzz/must.h"

static void check_accepted(struct arena *a, struct text t) {
    char mask[64];
    size_t at = 0, at_n = 0, dots_n = 0;
    MUST(t.state == TEXT_SET && t.len >= 5 && t.len <= 254);
    MUST(text_is_utf8(t.ptr, t.len));
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.ptr[i];
        MUST(c > 0x20 && c != 0x7f && strchr("()<>[]:;,\\\"", c) == NULL);
        if (c == '@') {
            at = i;
            at_n++;
        }
        dots_n += c == '.' && at_n > 0;
    }
    MUST(at_n == 1 && at > 0 && at <= 64 && dots_n >= 1);
    MUST(t.ptr[at + 1] != '.' && t.ptr[t.len - 1] != '.' && t.ptr[0] != '.' &&
         t.ptr[at - 1] != '.');

    struct text folded = text_fold_ascii(a, t), again = text_fold_ascii(a, folded);
    MUST(folded.len == t.len && text_equal(folded, again) && again.ptr == folded.ptr);
    MUST(text_email_check(folded, NULL) == RC_OK);
    for (size_t i = 0; i < t.len; i++)
        MUST(folded.ptr[i] == t.ptr[i] ||
             (t.ptr[i] >= 'A' && t.ptr[i] <= 'Z' && folded.ptr[i] == t.ptr[i] + 32));

    MUST(strstr(text_mask_email(t, mask), "***@") != NULL && strlen(mask) < sizeof mask);
    MUST(text_is_utf8(mask, strlen(mask)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text raw = text_from((const char *)data, size), t;
    struct rc_error err = { 0 };
    struct arena a;
    char mask[64];
    arena_init(&a);
    MUST(strlen(text_mask_email(raw, mask)) < sizeof mask);
    if (text_email_check(raw, &err) ==
        RC_OK) /* bytes that nobody cleaned must not be trusted either */
        check_accepted(&a, raw);
    else
        MUST(err.code == RC_INVALID && strncmp(err.text, "e-mail", 6) == 0);
    if (text_clean(&a, (const char *)data, size, 2000, &t, NULL) == RC_OK &&
        text_email_check(t, NULL) == RC_OK)
        check_accepted(&a, t);
    arena_done(&a);
    return 0;
}
