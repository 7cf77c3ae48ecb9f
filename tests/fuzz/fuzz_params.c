/* What a client of the sandbox sends: a line with the content type, a line with the query, and the
 * body. Whatever comes, the tree is shallow and of UTF-8, or the request is refused. */
#include <string.h>
#include "sandbox/learnamp/params.h"
#include "tests/fuzz/must.h"

static void check(const struct value *v, unsigned depth) {
    struct text text;
    uint64_t number;
    date_days day;
    bool on;
    size_t n = 0;
    MUST(depth <= 2 * PARAMS_DEEP + 2);
    MUST(strlen(v->text) <= v->len && v->text[v->len] == '\0' && text_is_utf8(v->text, v->len));
    if (value_text(v, &text))
        MUST(text.state == (v->len > 0 ? TEXT_SET : TEXT_EMPTY));
    if (value_number(v, &number))
        MUST(number < UINT64_C(1000000000000000000));
    (void)value_date(v, &day);
    (void)value_bool(v, &on);
    for (const struct value *c = v->first; c != NULL; c = c->next, n++) {
        MUST((v->kind == VALUE_OBJECT) == (c->key != NULL));
        MUST(c->next != NULL || c == v->last);
        if (c->key != NULL)
            MUST(value_get(v, c->key) == c);
        check(c, depth + 1);
    }
    MUST(n == 0 || v->kind == VALUE_OBJECT || v->kind == VALUE_LIST);
    MUST(n == value_count(v));
}

/* Cuts a line off, ended with NUL. */
static char *line(struct arena *a, const char **at, const char *end) {
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    char *ret = arena_str(a, *at, (size_t)((stop ? stop : end) - *at));
    *at = stop ? stop + 1 : end;
    return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *at = (const char *)data, *end = at + size;
    struct rc_error err = { 0 };
    struct value *root = NULL;
    struct arena a;
    if (size == 0)
        return 0;
    arena_init(&a);
    const char *type = line(&a, &at, end), *query = line(&a, &at, end);
    enum rc_code rc =
        params_read(&a, query, *type ? type : NULL, at, (size_t)(end - at), &root, &err);
    MUST(rc == RC_OK || rc == RC_INVALID || rc == RC_NOT_FOUND);
    if (rc == RC_OK) {
        MUST(root->kind == VALUE_OBJECT);
        check(root, 0);
    } else {
        MUST(err.text[0] != '\0');
    }
    arena_done(&a);
    return 0;
}
