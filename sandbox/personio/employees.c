/* employees.c - v1 employees: the list with all its manners, one by id, the catalogue.
 * Source: docs/wire-personio.md, list, one employee, catalogue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "sandbox/personio/personio.h"

struct listing {
    const uint32_t *rows;
    size_t rows_n;
    uint64_t attrs, limit, offset;
    bool paged; /* false: everything at once, however many */
};

/* Where a row stands once somebody has moved from the front to the end, or from the end to the
 * front, behind our back. */
static uint32_t row_at(const struct sandbox *sb, const struct listing *l, size_t at) {
    int64_t moves = l->offset > 0 ? sw(sb, SW_LIST_ROW_MOVES) : 0;
    if (moves == 1)
        at = (at + 1) % l->rows_n;
    else if (moves == 2)
        at = (at + l->rows_n - 1) % l->rows_n;
    return l->rows[at];
}

static void put_rows(struct sandbox *sb, struct buf *b, const struct listing *l) {
    size_t end = l->rows_n, put_n = 0;
    int64_t fewer = sw(sb, SW_LIST_SHORT_PAGE);
    if (l->paged) {
        uint64_t take =
            fewer > 0 && (uint64_t)fewer < l->limit ? l->limit - (uint64_t)fewer : l->limit;
        if (l->offset < end && end - l->offset > take)
            end = l->offset + take;
        if (sw(sb, SW_LIST_SKIP) && end > l->offset && end - l->offset == l->limit)
            end--;
    }
    for (size_t at = l->paged ? l->offset : 0; at < end; at++) {
        uint32_t index = row_at(sb, l, at);
        for (int twice = put_n == 0 && sw(sb, SW_LIST_TWICE); twice >= 0; twice--) {
            if (put_n++ > 0)
                buf_char(b, ',');
            render_person(sb, b, index, l->attrs);
        }
    }
    atomic_fetch_add(&sb->rows_served, put_n);
}

static void put_metadata(const struct sandbox *sb, struct buf *b, const struct listing *l) {
    uint64_t page = l->paged ? l->offset / l->limit : 0;
    int64_t total = (int64_t)l->rows_n + sw(sb, SW_LIST_TOTAL_WRONG) -
                    (int64_t)page * sw(sb, SW_LIST_TOTAL_SHRINKS);
    int64_t pages = (int64_t)((l->rows_n + l->limit - 1) / l->limit) + sw(sb, SW_LIST_PAGES_WRONG);
    if (total < 0)
        total = 0;
    buf_str(b, "\"metadata\":{");
    switch (sw(sb, SW_LIST_TOTAL_FORM)) {
    case 0: buf_printf(b, "\"total_elements\":%lld,", (long long)total); break;
    case 1: buf_printf(b, "\"total_elements\":\"%lld\",", (long long)total); break;
    case 3: buf_str(b, "\"total_elements\":null,"); break;
    default: break;
    }
    buf_printf(b, "\"current_page\":%llu,\"total_pages\":%lld},",
               (unsigned long long)(page + (sw(sb, SW_LIST_ONE_BASED) ? 1 : 0)), (long long)pages);
}

static void put_listing(struct sandbox *sb, struct buf *b, const struct listing *l) {
    const char *quote = sw(sb, SW_LIST_ECHO_STRINGS) ? "\"" : "";
    buf_str(b, "{\"success\":true,");
    if (sw(sb, SW_LIST_METADATA) == 0)
        put_metadata(sb, b, l);
    buf_printf(b, "\"offset\":%s%llu%s,\"limit\":%s%llu%s,\"data\":[", quote,
               (unsigned long long)l->offset, quote, quote, (unsigned long long)l->limit, quote);
    put_rows(sb, b, l);
    buf_str(b, "]}");
}

static struct page *listing_page(struct sandbox *sb, const struct listing *l) {
    struct buf b;
    buf_init(&b, ANSWER_BYTES_MAX);
    put_listing(sb, &b, l);
    struct page *page = b.full ? NULL : page_new(b.ptr, b.len);
    buf_done(&b);
    return page;
}

struct page *employees_page(struct sandbox *sb, const struct reader *k, uint64_t attrs,
                            uint32_t limit, uint64_t offset) {
    struct page_key key = { attrs, offset, limit, k->key.number };
    struct page *page = cache_get(&personio_of(sb)->cache, &key);
    if (page != NULL) {
        atomic_fetch_add(&sb->rows_served, offset >= k->rows_n          ? 0
                                           : k->rows_n - offset < limit ? k->rows_n - offset
                                                                        : limit);
        return page;
    }
    const struct listing l = { k->rows, k->rows_n, attrs, limit, offset, true };
    if ((page = listing_page(sb, &l)) != NULL)
        cache_put(&personio_of(sb)->cache, &key, page);
    return page;
}

/* ---- what is asked ---- */

uint64_t employees_asked(struct call *c, bool *ret_any) {
    uint64_t mask = ATTR_BIT(ATTR_ID);
    const char *key;
    *ret_any = false;
    for (unsigned n = 0; (key = server_argument(c->q, "attributes[]", n)) != NULL; n++) {
        enum attr a = attr_find(key, strlen(key));
        *ret_any = true;
        if (a != ATTR_COUNT)
            mask |= ATTR_BIT(a);
    }
    return mask;
}

/* False: refused. */
static bool number_asked(struct call *c, const char *name, uint64_t fallback, uint64_t least,
                         uint64_t *ret) {
    const char *text = server_argument(c->q, name, 0);
    char *end = NULL;
    *ret = fallback;
    if (text == NULL)
        return true;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number < least) {
        if (sw(c->sb, SW_LIST_BAD_NUMBER) == 0)
            return true;
        answer_v1_error(c, 400, 400, "The given data was invalid.");
        return false;
    }
    *ret = number;
    return true;
}

static bool paging_asked(struct call *c, uint64_t *limit, uint64_t *offset) {
    uint64_t most = sw(c->sb, SW_LIST_MAX) > 0 ? (uint64_t)sw(c->sb, SW_LIST_MAX) : 1;
    uint64_t fallback = sw(c->sb, SW_LIST_DEFAULT) > 0 ? (uint64_t)sw(c->sb, SW_LIST_DEFAULT) : 1;
    if (!number_asked(c, "limit", fallback, 1, limit) || !number_asked(c, "offset", 0, 0, offset))
        return false;
    if (*limit > most && sw(c->sb, SW_LIST_MAX_ERROR)) {
        answer_v1_error(c, 400, 400, "The limit may not be greater than 100.");
        return false;
    }
    if (*limit > most)
        *limit = most;
    if (sw(c->sb, SW_LIST_LIMIT_IGNORED) > 0)
        *limit = (uint64_t)sw(c->sb, SW_LIST_LIMIT_IGNORED);
    if (*limit > WORLD_PEOPLE_MAX)
        *limit = WORLD_PEOPLE_MAX;
    /* far behind any end: kept small, so that nothing below overflows */
    if (*offset > WORLD_PEOPLE_MAX)
        *offset = WORLD_PEOPLE_MAX;
    if (sw(c->sb, SW_LIST_OFFSET_PAGES))
        *offset *= *limit;
    if (sw(c->sb, SW_LIST_OFFSET_IGNORED))
        *offset = 0;
    return true;
}

/* ---- updated_since ---- */

static bool since_parse(const struct sandbox *sb, const char *text, int64_t *ret_s) {
    date_days day;
    int hour = 0, minute = 0, second = 0;
    size_t len = strlen(text);
    if (len < 10 || date_parse(text, 10, &day, NULL) != RC_OK ||
        (len > 10 && sscanf(text + 10, "T%2d:%2d:%2d", &hour, &minute, &second) != 3))
        return false;
    *ret_s = (int64_t)day * 86400 + hour * 3600 + minute * 60 + second;
    if (sw(sb, SW_SINCE_ZONE))
        *ret_s -= vclock_day_offset_s(&sb->clock, day);
    return true;
}

/* Whether an edit later than `from` and not later than `until` touched one of these attributes. */
static uint8_t *touched_by_edits(const struct sandbox *sb, struct arena *a, int64_t from,
                                 int64_t until, uint64_t attrs) {
    uint8_t *ret = arena_zalloc(
        a, personio_of(sb)->world.n); /* 1: edited in that time, 2: in one of these attributes */
    for (size_t i = 0; i < personio_of(sb)->world.changes_n; i++) {
        const struct change *change = &personio_of(sb)->world.changes[i];
        if (change->at_s > from && change->at_s <= until)
            ret[change->index] |= (uint8_t)(1 | (change->attrs & attrs ? 2 : 0));
    }
    return ret;
}

static size_t rows_since(struct call *c, const struct reader *k, int64_t since_s, uint64_t attrs,
                         bool select, uint32_t *ret) {
    const struct sandbox *sb = c->sb;
    int64_t from = since_s - (sw(sb, SW_SINCE_STRICT) ? 1 : 0);
    int64_t until = vclock_now_us(&c->sb->clock) / 1000000 - sw(sb, SW_SINCE_DELAY);
    uint64_t selecting =
        select && sw(sb, SW_SINCE_ATTRIBUTES) ? attrs & ~ATTR_BIT(ATTR_ID) : ATTRS_ALL;
    const uint8_t *touched = touched_by_edits(sb, c->q->arena, from, until, selecting);
    size_t n = 0;
    for (size_t i = 0; i < k->rows_n; i++) {
        const struct person *p = world_shown(&personio_of(sb)->world, k->rows[i]);
        bool found = touched[k->rows[i]] ? touched[k->rows[i]] & 2
                                         : p->modified_s > from && p->modified_s <= until;
        if (!found &&
            (int64_t)(person_hash(&personio_of(sb)->world, p, 80) % 100) < sw(sb, SW_SINCE_EXTRA))
            found = true;
        if (found || sw(sb, SW_SINCE_NO_EFFECT))
            ret[n++] = k->rows[i];
    }
    return n;
}

static size_t rows_with_email(struct call *c, const uint32_t *rows, size_t rows_n,
                              const char *email, uint32_t *ret) {
    char scratch[WORLD_SCRATCH];
    for (size_t i = 0; i < rows_n; i++)
        if (text_is(world_text(&personio_of(c->sb)->world,
                               world_shown(&personio_of(c->sb)->world, rows[i]), ATTR_EMAIL,
                               scratch),
                    email)) {
            *ret = rows[i];
            return 1;
        }
    return 0;
}

static void mix_up(struct call *c, uint32_t *rows, size_t n) {
    struct rng rng;
    rng_init(&rng, (uint64_t)vclock_now_us(&c->sb->clock), 3);
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(&rng, (uint32_t)i);
        uint32_t row = rows[i - 1];
        rows[i - 1] = rows[j];
        rows[j] = row;
    }
}

/* ---- the list ---- */

static void answer_listing(struct call *c, const struct listing *l, struct page *page) {
    if (page == NULL && (page = listing_page(c->sb, l)) == NULL)
        answer_v1_error(c, 500, 500, "Something went wrong");
    else
        answer_page(c, 200, "application/json", page);
}

static void list_selected(struct call *c, struct listing l, const char *since, const char *email,
                          bool any) {
    const struct reader *k = reader_of(c->token.credential);
    uint32_t *rows = arena_alloc(c->q->arena, (k->rows_n + 1) * sizeof *rows);
    int64_t since_s;
    memcpy(rows, k->rows, k->rows_n * sizeof *rows);
    l.rows = rows;
    if (since != NULL && !since_parse(c->sb, since, &since_s)) {
        answer_v1_error(c, 400, 400, "The updated since does not match the format Y-m-d\\TH:i:s.");
        return;
    }
    if (since != NULL) {
        l.rows_n = rows_since(c, k, since_s, employees_asked(c, &any), any, rows);
        l.paged = sw(c->sb, SW_SINCE_PAGING) == 0;
    }
    if (email != NULL && (since == NULL || sw(c->sb, SW_SINCE_EMAIL)))
        l.rows_n = rows_with_email(c, rows, l.rows_n, email, rows);
    if (sw(c->sb, SW_LIST_ORDER) == 3)
        mix_up(c, rows, l.rows_n);
    answer_listing(c, &l, NULL);
}

void employees_list(struct call *c) {
    const struct reader *k = reader_of(c->token.credential);
    const char *since = server_argument(c->q, "updated_since", 0),
               *email = server_argument(c->q, "email", 0);
    bool any;
    uint64_t attrs = employees_asked(c, &any);
    struct listing l = { k->rows, k->rows_n, k->attrs, 1, 0, true };
    if (any && !sw(c->sb, SW_LIST_ATTRIBUTES_IGNORED))
        l.attrs = attrs & k->attrs;
    if (!paging_asked(c, &l.limit, &l.offset))
        return;
    if (l.offset >= l.rows_n && l.offset > 0 && sw(c->sb, SW_LIST_PAST_END) == 2) {
        answer_v1_error(c, 404, 404, "Page not found");
        return;
    }
    if (l.offset >= l.rows_n && l.rows_n > 0 && sw(c->sb, SW_LIST_PAST_END) == 1)
        l.offset = (l.rows_n - 1) / l.limit * l.limit;
    if (since != NULL || email != NULL || sw(c->sb, SW_LIST_ORDER) == 3)
        list_selected(c, l, since, email, any);
    else
        answer_listing(c, &l, employees_page(c->sb, k, l.attrs, (uint32_t)l.limit, l.offset));
}

/* ---- one, and the catalogue ---- */

static void answer_unknown(struct call *c) {
    bool german = sw(c->sb, SW_ERRORS_GERMAN);
    answer_v1_error(c, 404, sw(c->sb, SW_GET_CODE_ZERO) ? 0 : 404,
                    german ? "Es ist ein Problem aufgetreten " : "Not found");
}

void employees_get(struct call *c) {
    struct sandbox *sb = c->sb;
    const struct reader *k = reader_of(c->token.credential);
    uint32_t index = world_find(&personio_of(sb)->world, strtoll(c->rest, NULL, 10));
    const struct person *p = index == NOBODY ? NULL : world_shown(&personio_of(sb)->world, index);
    bool any;
    uint64_t attrs = employees_asked(c, &any);
    if (p == NULL || !p->exists || sw(sb, SW_GET_WRONG_404) ||
        (p->status == STATUS_INACTIVE && sw(sb, SW_GET_INACTIVE))) {
        answer_unknown(c);
        return;
    }
    if (!reader_sees(k, &personio_of(sb)->world, p)) {
        if (sw(sb, SW_GET_UNSEEN))
            answer_v1_error(c, 403, 0, "personio.core.api.exceptions.api.forbidden.http.exception");
        else
            answer_unknown(c);
        return;
    }
    if (sw(sb, SW_GET_OTHER))
        index = index == 0 ? (uint32_t)(personio_of(sb)->world.n > 1) : index - 1;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_str(&b, "{\"success\":true,\"data\":");
    render_person(sb, &b, index, any && sw(sb, SW_GET_ATTRIBUTES) ? attrs & k->attrs : k->attrs);
    buf_char(&b, '}');
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
    atomic_fetch_add(&sb->rows_served, 1);
}

void employees_attributes(struct call *c) {
    struct buf b;
    if (sw(c->sb, SW_CATALOGUE_FORBIDDEN)) {
        answer_v1_error(c, 403, 0, "personio.core.api.exceptions.api.forbidden.http.exception");
        return;
    }
    buf_init(&b, 1 << 20);
    render_catalogue(c->sb, &b,
                     sw(c->sb, SW_CATALOGUE_UNREADABLE) ? ATTRS_ALL
                                                        : reader_of(c->token.credential)->attrs);
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
}
