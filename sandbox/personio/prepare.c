/* prepare.c - all pages of a listing made ahead: /_control/prepare. */
#include "sandbox/personio/personio.h"

struct prepare {
    struct sandbox *sb;
    const struct reader *k;
    uint64_t attrs, first, step;
    uint32_t limit;
};

static void *prepare_some(void *self) {
    const struct prepare *p = self;
    for (uint64_t at = p->first; at < p->k->rows_n; at += p->step) {
        struct page *page = employees_page(p->sb, p->k, p->attrs, p->limit, at);
        if (page != NULL)
            page_unref(page);
    }
    return NULL;
}

static uint64_t attributes_of(json body, const struct reader *k) {
    const char *key;
    size_t len;
    json one, no_key;
    uint64_t mask = ATTR_BIT(ATTR_ID);
    if (json_size(json_get(body, "attributes")) == 0)
        return k->attrs;
    for (struct json_iter it = json_iter(json_get(body, "attributes"));
         json_next(&it, &no_key, &one);) {
        enum attr a = json_str(one, &key, &len) ? attr_find(key, len) : ATTR_COUNT;
        if (a != ATTR_COUNT)
            mask |= ATTR_BIT(a);
    }
    return mask & k->attrs;
}

static void prepare(struct call *c, json body) {
    struct sandbox *sb = c->sb;
    const char *id;
    size_t len;
    int64_t limit = 100;
    struct reader *k = reader_of(json_str(json_get(body, "client_id"), &id, &len)
                                     ? credential_find(&sb->credentials, id)
                                     : sb->credentials.all[0]);
    json_int(json_get(body, "limit"), &limit);
    if (k == NULL || limit < 1 || limit > 100000) {
        answer_json(c, 400,
                    "{\"error\":\"no such credential, or limit not between 1 and 100000\"}");
        return;
    }
    pthread_t other;
    struct prepare
        even = { sb, k, attributes_of(body, k), 0, 2 * (uint64_t)limit, (uint32_t)limit },
        odd = even;
    odd.first = (uint64_t)limit;
    bool two = pthread_create(&other, NULL, prepare_some, &odd) == 0;
    prepare_some(&even);
    if (two)
        pthread_join(other, NULL);
    else
        prepare_some(&odd);
    const struct cache_stats s = cache_stats(&personio_of(sb)->cache);
    answer_json(c, 200, "{\"pages\":%zu,\"bytes\":%zu,\"people\":%zu}", s.pages_n, s.bytes,
                k->rows_n);
}

bool control_prepare(struct call *c, const char *path, json body) {
    if (!control_is(c, "POST", path, "prepare"))
        return false;
    prepare(c, body);
    return true;
}
