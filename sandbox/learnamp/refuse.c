/* refuse.c - errors in the API's shapes.
 * Source: docs/wire-learnamp.md, errors. */
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

enum { REFUSAL_BYTES = 1 << 18 };

void refuse(struct call *c, int status, const char *text) {
    struct buf b;
    buf_init(&b, 8192);
    buf_str(&b, "{\"error\":");
    answer_quoted(&b, text, strlen(text));
    buf_char(&b, '}');
    answer_buf(c, status, "application/json", &b);
    buf_done(&b);
}

void refuse_not_found(struct call *c) {
    refuse(c, 404, "Not found");
}

void refusal_init(struct refusal *r) {
    *r = (struct refusal){ .last = NULL };
    buf_init(&r->text, REFUSAL_BYTES);
    buf_init(&r->full, REFUSAL_BYTES);
}

void refusal_done(struct refusal *r) {
    buf_done(&r->text);
    buf_done(&r->full);
}

void refusal_add_as(struct refusal *r, const char *shown, const char *param, const char *what) {
    bool again = r->last != NULL && strcmp(r->last, param) == 0;
    buf_printf(&r->text, "%s%s %s", r->text.len > 0 ? ", " : "", shown, what);
    if (!again) {
        buf_str(&r->full, r->full.len > 0 ? "]," : "");
        answer_quoted(&r->full, param, strlen(param));
        buf_str(&r->full, ":[");
    } else {
        buf_char(&r->full, ',');
    }
    answer_quoted(&r->full, what, strlen(what));
    r->last = param;
}

void refusal_add(struct refusal *r, const char *param, const char *what) {
    refusal_add_as(r, param, param, what);
}

static void answer(struct call *c, struct refusal *r, int status, const char *prefix) {
    struct buf b;
    buf_init(&b, 2 * REFUSAL_BYTES + 64);
    buf_str(&b, "{\"error\":");
    char *text = arena_printf(c->q->arena, "%s%s", prefix, r->text.ptr);
    answer_quoted(&b, text, strlen(text));
    buf_str(&b, ",\"fullErrors\":{");
    buf_append(&b, r->full.ptr, r->full.len);
    buf_str(&b, "]}}");
    answer_buf(c, status, "application/json", &b);
    buf_done(&b);
}

bool refusal_answer(struct call *c, struct refusal *r, int status, const char *prefix) {
    if (r->last == NULL)
        return false;
    answer(c, r, status, prefix);
    return true;
}

void refuse_one(struct call *c, int status, const char *prefix, const char *shown,
                const char *param, const char *what) {
    struct refusal r;
    refusal_init(&r);
    refusal_add_as(&r, shown, param, what);
    answer(c, &r, status, prefix);
    refusal_done(&r);
}

bool refuse_pairs(struct call *c, const struct value *params, const char *const (*pairs)[2],
                  size_t n) {
    for (size_t i = 0; i < n; i++)
        if (value_get(params, pairs[i][0]) != NULL && value_get(params, pairs[i][1]) != NULL) {
            refuse(c, 400,
                   arena_printf(c->q->arena, "%s, %s are mutually exclusive", pairs[i][0],
                                pairs[i][1]));
            return true;
        }
    return false;
}
