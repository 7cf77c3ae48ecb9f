#include "people/digest.h"

#include <string.h>

enum { EMPLOYEE_DIGEST_VERSION = 3, USER_DIGEST_VERSION = 2 };

static void put_u32(struct buf *b, uint32_t v) {
    unsigned char bytes[4] = { (unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16),
                               (unsigned char)(v >> 24) };
    buf_append(b, bytes, sizeof bytes);
}

static void put_text(struct buf *b, struct text t) {
    uint32_t len = t.state == TEXT_SET ? (uint32_t)t.len : 0;
    char *to = buf_room(b, 5 + len);
    if (to == NULL)
        return;
    to[0] = (char)t.state;
    to[1] = (char)len, to[2] = (char)(len >> 8), to[3] = (char)(len >> 16),
    to[4] = (char)(len >> 24);
    if (len > 0)
        memcpy(to + 5, t.ptr, len);
    buf_grew(b, 5 + len);
}

/* A person's texts have limits that add up to far less than the scratch holds: a full one is a
 * broken promise of ours. */
static void finish(const struct secret_key *k, struct buf *scratch, struct digest *ret) {
    if (scratch->full)
        rc_die("digest: a person larger than %zu bytes", scratch->max_bytes);
    secret_hash128(k, scratch->ptr, scratch->len, ret->bytes);
}

void digest_employee(const struct secret_key *k, const struct employee *e, struct buf *scratch,
                     struct digest *ret) {
    buf_clear(scratch);
    put_u32(scratch, EMPLOYEE_DIGEST_VERSION);
    put_u32(scratch, e->bad);
    put_u32(scratch, e->bad_custom);
    put_text(scratch, e->source_id);
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        const struct employee_value *v = &e->fields[f];
        put_text(scratch,
                 employee_name_is_elsewhere(e, (enum employee_field)f) ? TEXT_NONE : v->text);
        if (employee_field_kind((enum employee_field)f) == EMPLOYEE_KIND_GROUP)
            /* Stored people do not tell a group's empty id from one that did not come, and neither
             * may this. */
            put_text(scratch, v->text.state != TEXT_MISSING && v->id.state == TEXT_MISSING
                                  ? TEXT_NONE
                                  : v->id);
    }
    for (size_t i = 0; i < e->custom_n; i++) {
        put_text(scratch, e->custom[i].key);
        put_text(scratch, e->custom[i].value);
    }
    finish(k, scratch, ret);
}

void digest_user(const struct secret_key *k, const struct user *u, struct buf *scratch,
                 struct digest *ret) {
    buf_clear(scratch);
    put_u32(scratch, USER_DIGEST_VERSION);
    for (int f = 0; f < USER_FIELDS_FIRST_N; f++)
        put_text(scratch, u->fields[f]);
    for (int f = USER_FIELDS_FIRST_N; f < USER_FIELDS_N; f++)
        if (u->fields[f].state != TEXT_MISSING) {
            buf_char(scratch, (char)f);
            put_text(scratch, u->fields[f]);
        }
    for (size_t i = 0; i < u->custom_n; i++) {
        put_text(scratch, text_of(u->custom[i].name));
        put_text(scratch, u->custom[i].value);
    }
    finish(k, scratch, ret);
}

bool digest_equal(const struct digest *a, const struct digest *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

uint64_t digest_print(const struct digest *d) {
    uint64_t v;
    memcpy(&v, d->bytes, sizeof v);
    return v;
}
