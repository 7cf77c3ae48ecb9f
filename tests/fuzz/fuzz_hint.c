/* Bytes to a hint: whatever they are, what is kept of them is short, plain, and safe to store and show. */
#include <string.h>
#include "source/hint.h"
#include "tests/fuzz/must.h"

static void check_word(struct text t, size_t most) {
    if (t.state != TEXT_SET) {
        MUST(t.state == TEXT_MISSING);
        return;
    }
    MUST(t.len > 0 && t.len <= most && t.ptr[t.len] == '\0');
    for (size_t i = 0; i < t.len; i++)
        MUST(t.ptr[i] > 0x20 && t.ptr[i] < 0x7f && strchr("\"'\\%=<>&", t.ptr[i]) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct hint h, again;
    arena_init(&a);
    hint_read_personio((const char *)data, size, &a, &h);
    check_word(h.name, HINT_NAME_MOST);
    check_word(h.source_id, HINT_ID_MOST);
    MUST(h.occurred_us >= 0);
    MUST(h.understood == (h.name.state == TEXT_SET));
    MUST(h.understood || (h.source_id.state != TEXT_SET && h.occurred_us == 0));
    hint_read_personio((const char *)data, size, &a, &again);
    MUST(text_equal(h.name, again.name) && text_equal(h.source_id, again.source_id) &&
         h.occurred_us == again.occurred_us);
    arena_done(&a);
    return 0;
}
