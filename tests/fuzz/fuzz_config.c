/* Bytes to a company's document: whatever they are, they are refused with a name or taken; and what was taken and
 * is written is taken again, and written the same. */
#include <string.h>
#include "sync/config.h"
#include "tests/fuzz/must.h"

static struct text written(struct config *c, struct arena *a) {
    struct buf b;
    memset(c->version, '0', sizeof c->version - 1);
    buf_init(&b, 16 * CONFIG_BYTES);
    config_write(c, &b);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rc_error err = { 0 };
    struct config c, again;
    struct arena a;
    arena_init(&a);
    enum rc_code rc = config_read(text_from((const char *)data, size), &a, &c, &err);
    MUST(rc == RC_OK || rc == RC_INVALID);
    MUST(rc == RC_OK || strcmp(err.name, "document") == 0);
    if (rc == RC_OK) {
        struct text once = written(&c, &a);
        MUST(config_read(once, &a, &again, &err) == RC_OK);
        MUST(text_equal(once, written(&again, &a)));
    }
    arena_done(&a);
    return 0;
}
