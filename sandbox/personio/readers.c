#include "sandbox/personio/readers.h"
#include <stdio.h>
#include <string.h>
#include "base/rng.h"
#include "sandbox/personio/personio.h"

void reader_begin(struct credential *k) {
    reader_of(k)->attrs = attrs_usual();
    snprintf(k->scopes, sizeof k->scopes,
             "employees:read personio:persons:read personio:webhooks:read personio:webhooks:write");
}

static enum rc_code set_attributes(struct reader *k, json list, struct rc_error *err) {
    const char *key;
    size_t len;
    json one, no_key;
    uint64_t mask = ATTR_BIT(ATTR_ID);
    if (json_str(list, &key, &len)) {
        if (strcmp(key, "all") != 0 && strcmp(key, "usual") != 0)
            return rc_fail(err, RC_INVALID, "attributes: \"all\", \"usual\" or a list of keys");
        k->attrs = strcmp(key, "all") == 0 ? ATTRS_ALL : attrs_usual();
        return RC_OK;
    }
    if (json_type(list) != JSON_ARRAY)
        return rc_fail(err, RC_INVALID, "attributes: \"all\", \"usual\" or a list of keys");
    for (struct json_iter it = json_iter(list); json_next(&it, &no_key, &one);) {
        enum attr a = json_str(one, &key, &len) ? attr_find(key, len) : ATTR_COUNT;
        if (a == ATTR_COUNT)
            return rc_fail(err, RC_INVALID, "attributes: there is no attribute '%s'",
                           json_str(one, &key, &len) ? key : "?");
        mask |= ATTR_BIT(a);
    }
    k->attrs = mask;
    return RC_OK;
}

static enum rc_code set_sees(struct reader *k, json sees, struct rc_error *err) {
    const char *office;
    size_t len;
    int64_t percent;
    if (json_str(json_get(sees, "office"), &office, &len) && len < sizeof k->office) {
        snprintf(k->office, sizeof k->office, "%s", office);
        k->sees = SEES_OFFICE;
    } else if (json_int(json_get(sees, "percent"), &percent) && percent >= 0 && percent <= 100) {
        k->percent = (unsigned)percent;
        k->sees = SEES_PERCENT;
    } else if (json_str(sees, &office, &len) && strcmp(office, "all") == 0) {
        k->sees = SEES_ALL;
    } else {
        return rc_fail(err, RC_INVALID,
                       "sees: \"all\", {\"office\":\"Bremen\"} or {\"percent\":50}");
    }
    return RC_OK;
}

enum rc_code reader_set(struct credential *k, json body, struct rc_error *err) {
    struct reader changed = *reader_of(k);
    json value;
    enum rc_code rc = RC_OK;
    if ((value = json_get(body, "attributes")) != NULL &&
        (rc = set_attributes(&changed, value, err)) != RC_OK)
        return rc;
    if ((value = json_get(body, "sees")) != NULL && (rc = set_sees(&changed, value, err)) != RC_OK)
        return rc;
    *reader_of(k) = changed;
    return RC_OK;
}

bool reader_sees(const struct reader *k, const struct world *w, const struct person *p) {
    if (!p->exists)
        return false;
    if (k->sees == SEES_PERCENT)
        return person_hash(w, p, 77) % 100 < k->percent;
    const struct unit *office = world_unit(w, p, UNIT_OFFICE);
    return k->sees == SEES_ALL || (office != NULL && strcmp(office->name, k->office) == 0);
}

/* The same for the same seed: each row changes places with one that the generator names. */
static void shuffle(uint32_t *rows, size_t n, uint64_t seed) {
    struct rng rng;
    rng_init(&rng, seed, 5);
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(&rng, (uint32_t)i);
        uint32_t row = rows[i - 1];
        rows[i - 1] = rows[j];
        rows[j] = row;
    }
}

void readers_rows(struct credentials *c, const struct world *w, const struct switches *s) {
    for (size_t i = 0; i < c->n; i++) {
        struct reader *k = reader_of(c->all[i]);
        bool half = s->value[SW_LIST_HALF], hides = s->value[SW_LIST_INACTIVE],
             none = s->value[SW_LIST_EMPTY];
        size_t n = 0;
        k->rows = mem_realloc(k->rows, (w->n + 1) * sizeof *k->rows);
        for (size_t p = 0; p < w->n && !none; p++) {
            const struct person *one = world_shown(w, (uint32_t)p);
            if (reader_sees(k, w, one) && !(half && p % 2 == 1) &&
                !(hides && one->status == STATUS_INACTIVE))
                k->rows[n++] = (uint32_t)p;
        }
        k->rows_n = n;
        if (s->value[SW_LIST_ORDER] == 1)
            for (size_t a = 0, b = n; a + 1 < b; a++, b--) {
                uint32_t row = k->rows[a];
                k->rows[a] = k->rows[b - 1];
                k->rows[b - 1] = row;
            }
        else if (s->value[SW_LIST_ORDER] == 2)
            shuffle(k->rows, n, w->seed);
    }
}

void readers_done(struct credentials *c) {
    for (size_t i = 0; i < c->n; i++) {
        mem_free(reader_of(c->all[i])->rows);
        reader_of(c->all[i])->rows = NULL;
    }
}
