#include "sandbox/learnamp/rows.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/rng.h"
#include "sandbox/learnamp/learnamp.h"

void rows_init(struct rows_cache *r) {
    *r = (struct rows_cache){ .lock = PTHREAD_MUTEX_INITIALIZER };
}

void rows_forget(struct rows_cache *r) {
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < ROWS_REMEMBERED; i++) {
        mem_free(r->known[i].key);
        r->known[i].key = NULL;
    }
    pthread_mutex_unlock(&r->lock);
}

void rows_done(struct rows_cache *r) {
    rows_forget(r);
    for (size_t i = 0; i < ROWS_REMEMBERED; i++)
        mem_free(r->known[i].all);
    mem_free(r->once.all);
    pthread_mutex_destroy(&r->lock);
}

void rows_end(struct call *c) {
    pthread_mutex_unlock(&learnamp_of(c->sb)->rows.lock);
}

static void add(struct rows *r, uint32_t index) {
    if (r->n == r->cap) {
        r->cap = r->cap == 0 ? 256 : r->cap * 2;
        r->all = mem_realloc(r->all, r->cap * sizeof *r->all);
    }
    r->all[r->n++] = index;
}

/* ---- filters ---- */

/* As SQL's ILIKE '%x%', for ASCII letters. */
static bool part_of(const char *have, struct text want) {
    size_t have_n = have ? strlen(have) : 0;
    for (size_t at = 0; have != NULL && at + want.len <= have_n; at++)
        if (strncasecmp(have + at, want.ptr, want.len) == 0)
            return true;
    return false;
}

static bool whole(const char *have, struct text want, bool any_case) {
    return have != NULL && strlen(have) == want.len &&
           (any_case ? strncasecmp(have, want.ptr, want.len) : memcmp(have, want.ptr, want.len)) ==
               0;
}

static bool within(const struct span *s, int64_t at_us) {
    return !s->asked || (at_us != 0 && at_us >= s->from_us && at_us < s->until_us);
}

static bool status_matches(const struct call *c, const struct filter *f, const struct account *a) {
    unsigned asked = f->statuses;
    if (f->pending && a->status < STATUS_DEACTIVATED && a->leave != DATE_NONE)
        return true;
    if (asked == 0 && !f->pending) {
        bool gone = a->status == STATUS_DEACTIVATED || a->status == STATUS_ANONYMISED;
        return !gone || la(c, LA_LIST_DEACTIVATED) || f->deactivated.asked;
    }
    if (a->status == STATUS_ANONYMISED)
        return (asked & 1u << STATUS_DEACTIVATED) && la(c, LA_LIST_ANONYMISED) == 0;
    return asked >> a->status & 1;
}

static bool email_matches(const struct call *c, const struct filter *f, const struct account *a) {
    const char *have = a->texts[ACCOUNT_EMAIL];
    return la(c, LA_FILTER_EMAIL) == 2 ? part_of(have, f->email)
                                       : whole(have, f->email, la(c, LA_FILTER_EMAIL) == 0);
}

static bool in_teams(const struct platform *p, const struct filter *f, uint32_t index) {
    for (size_t i = 0; i < f->teams_n; i++)
        if (account_is_in(p, index, f->teams[i]))
            return true;
    return false;
}

static bool matches(const struct call *c, const struct filter *f, uint32_t index) {
    const struct platform *p = platform_of(c);
    const struct account *a = &p->accounts[index];
    if (!a->exists || !status_matches(c, f, a))
        return false;
    if (la(c, LA_LIST_LAG) > 0 &&
        a->created_us + la(c, LA_LIST_LAG) * 1000000 > vclock_now_us(&c->sb->clock))
        return false;
    if (f->email.state == TEXT_SET && !email_matches(c, f, a))
        return false;
    if (f->external_id.state == TEXT_SET &&
        !whole(a->texts[ACCOUNT_EXTERNAL_ID], f->external_id, la(c, LA_EXTERNAL_CASE)))
        return false;
    if (f->first_name.state == TEXT_SET && !part_of(a->texts[ACCOUNT_FIRST_NAME], f->first_name))
        return false;
    if (f->last_name.state == TEXT_SET && !part_of(a->texts[ACCOUNT_LAST_NAME], f->last_name))
        return false;
    if (f->role >= 0 && a->role != f->role)
        return false;
    if (f->no_team && (a->primary != NONE || a->secondary.n > 0))
        return false;
    return (f->teams == NULL || in_teams(p, f, index)) && within(&f->created, a->created_us) &&
           within(&f->updated, a->updated_us) && within(&f->deactivated, a->deactivated_us);
}

/* ---- order ---- */

static int by_name(const void *a, const void *b, void *self) {
    const struct account *all = self, *one = &all[*(const uint32_t *)a],
                         *two = &all[*(const uint32_t *)b];
    const char *left = one->texts[ACCOUNT_LAST_NAME], *right = two->texts[ACCOUNT_LAST_NAME];
    int order = strcmp(left ? left : "", right ? right : "");
    return order != 0 ? order : (one->id > two->id) - (one->id < two->id);
}

static void arrange(struct call *c, struct rows *r) {
    struct rng rng;
    int64_t order = la(c, LA_LIST_ORDER);
    if (order == 2)
        qsort_r(r->all, r->n, sizeof *r->all, by_name, platform_of(c)->accounts);
    if (order == 3)
        rng_init(&rng, (uint64_t)vclock_now_us(&c->sb->clock), 3);
    for (size_t i = r->n; (order == 1 || order == 3) && i > 1; i--) {
        size_t j = order == 3 ? rng_below(&rng, (uint32_t)i) : r->n - i;
        if (order == 1 && j >= i - 1)
            return; /* both halves have changed places */
        uint32_t row = r->all[i - 1];
        r->all[i - 1] = r->all[j];
        r->all[j] = row;
    }
}

/* ---- users ---- */

/* The one account that can match, when the filter names one exactly; false: all may. */
static bool only_one(const struct call *c, const struct filter *f, uint32_t *ret) {
    const struct platform *p = platform_of(c);
    if (f->external_id.state == TEXT_SET) {
        *ret = account_by_external_id(p, f->external_id.ptr, f->external_id.len,
                                      la(c, LA_EXTERNAL_CASE));
        return true;
    }
    if (f->email.state == TEXT_SET && la(c, LA_FILTER_EMAIL) != 2) {
        *ret = account_by_email(p, f->email.ptr, f->email.len);
        return true;
    }
    return false;
}

/* The query without what only chooses the page. */
static char *key_of(struct call *c) {
    struct buf b;
    buf_init(&b, 1 << 17);
    buf_str(&b, c->q->path);
    for (const char *p = c->q->query; *p != '\0';) {
        size_t len = strcspn(p, "&");
        if (strncmp(p, "page=", 5) != 0 && strncmp(p, "perPage=", 8) != 0 &&
            strncmp(p, "expanded=", 9) != 0) {
            buf_char(&b, '&');
            buf_append(&b, p, len);
        }
        p += len + (p[len] == '&');
    }
    char *ret = b.full ? NULL : arena_str(c->q->arena, b.ptr, b.len);
    buf_done(&b);
    return ret;
}

/* Under the lock: rows that are known, or a place to make them in (*ret_made false). */
static struct rows *place_for(struct call *c, const char *key, uint64_t version, bool *ret_made) {
    struct rows_cache *cache = &learnamp_of(c->sb)->rows;
    bool remember = key != NULL && la(c, LA_LIST_ORDER) != 3 && la(c, LA_LIST_LAG) == 0;
    struct rows *r = &cache->once;
    *ret_made = false;
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; remember && i < ROWS_REMEMBERED; i++)
        if (cache->known[i].key != NULL && strcmp(cache->known[i].key, key) == 0) {
            *ret_made = cache->known[i].version == version;
            cache->known[i].version = version;
            if (!*ret_made)
                cache->known[i].n = 0;
            return &cache->known[i];
        }
    if (remember) {
        r = &cache->known[cache->next++ % ROWS_REMEMBERED];
        mem_free(r->key);
        r->key = mem_str(key);
        r->version = version;
    }
    r->n = 0;
    return r;
}

const struct rows *rows_of_users(struct call *c, const struct filter *f) {
    const struct platform *p = platform_of(c);
    bool by_status = f->email.state != TEXT_SET && f->first_name.state != TEXT_SET &&
                     f->last_name.state != TEXT_SET && f->role < 0 && !f->no_team && !f->pending &&
                     f->teams == NULL && !f->created.asked && !f->updated.asked &&
                     !f->deactivated.asked && la(c, LA_LIST_ORDER) != 2;
    uint32_t one;
    bool made, exact = only_one(c, f, &one);
    struct rows *r = place_for(c, exact ? NULL : key_of(c),
                               by_status ? p->members << 1 | 1 : p->version << 1, &made);
    if (made || la(c, LA_LIST_EMPTY))
        return r;
    if (exact) {
        if (one != NONE && matches(c, f, one))
            add(r, one);
        return r;
    }
    for (uint32_t i = 0; i < p->accounts_n; i++)
        if (matches(c, f, i))
            add(r, i);
    arrange(c, r);
    return r;
}

/* ---- teams, members ---- */

static bool has_tag(const char *have, const char *tag, size_t len) {
    for (const char *at = have; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, ",");
        if (n == len && strncasecmp(at, tag, len) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

static bool tags_match(const struct team *t, const struct value *v) {
    for (const char *at = v->text; *at != '\0';) {
        size_t skip = strspn(at, ", "), len = strcspn(at + skip, ",");
        if (len > 0 && has_tag(t->tags, at + skip, len))
            return true;
        at += skip + len;
    }
    return false;
}

const struct rows *rows_of_teams(struct call *c, const struct value *params) {
    const struct platform *p = platform_of(c);
    const struct value *filters = value_get(params, "filters");
    const struct value *name = filters ? value_get(filters, "name") : NULL,
                       *tags = filters ? value_get(filters, "tags") : NULL;
    bool made;
    struct text want = TEXT_NONE;
    struct rows *r = place_for(c, key_of(c), p->version << 1, &made);
    if (made || la(c, LA_LIST_EMPTY))
        return r;
    int64_t how = la(c, LA_FILTER_TEAM_NAME);
    bool by_name_too = !value_is_empty(name) && value_text(name, &want);
    for (uint32_t i = 0; i < p->teams_n; i++) {
        const struct team *t = &p->teams[i];
        if (t->exists && (value_is_empty(tags) || tags_match(t, tags)) &&
            (!by_name_too || (how == 0 ? part_of(t->name, want) : whole(t->name, want, how == 1))))
            add(r, i);
    }
    return r;
}

const struct rows *rows_of_members(struct call *c, uint32_t team) {
    const struct numbers *members = &platform_of(c)->teams[team].members;
    bool made;
    struct rows *r = place_for(c, NULL, 0, &made);
    for (size_t i = 0; i < members->n && !la(c, LA_LIST_EMPTY); i++)
        add(r, members->all[i]);
    return r;
}

/* ---- pages ---- */

enum { PAGE_MAX = 10000000 };

static bool page_number(struct call *c, const struct value *params, const char *name,
                        uint64_t *ret) {
    const struct value *v = value_get(params, name);
    uint64_t n;
    if (value_is_empty(v))
        return true;
    if (value_number(v, &n) && n > 0) {
        *ret = n < PAGE_MAX ? n : PAGE_MAX; /* kept small, so that nothing below overflows */
        return true;
    }
    if (la(c, LA_LIST_BAD_NUMBER) == 1)
        return true;
    refuse_one(c, 400, "", name, name, "is invalid");
    return false;
}

bool paging_read(struct call *c, const struct value *params, struct paging *ret) {
    int64_t most = la(c, LA_LIST_MAX), usual = la(c, LA_LIST_DEFAULT),
            always = la(c, LA_LIST_PER_PAGE);
    most = most < 1 ? 1 : most > LEARNAMP_MAX_PAGE ? LEARNAMP_MAX_PAGE : most;
    *ret = (struct paging){ 1, (uint64_t)(usual < 1 ? 1 : usual > most ? most : usual) };
    if (!page_number(c, params, "page", &ret->page) ||
        !page_number(c, params, "perPage", &ret->per_page))
        return false;
    if (ret->per_page > (uint64_t)most && la(c, LA_LIST_MAX_ERROR)) {
        refuse_one(c, 400, "", "perPage", "perPage", "does not have a valid value");
        return false;
    }
    if (ret->per_page > (uint64_t)most)
        ret->per_page = (uint64_t)most;
    if (always > 0)
        ret->per_page = (uint64_t)(always > LEARNAMP_MAX_PAGE ? LEARNAMP_MAX_PAGE : always);
    if (la(c, LA_LIST_PAGE_IGNORED))
        ret->page = 1;
    return true;
}

static void headers(struct call *c, const struct paging *p, size_t rows_n) {
    char text[24];
    int64_t total = (int64_t)rows_n + la(c, LA_LIST_TOTAL_WRONG) +
                    (int64_t)(p->page - 1) * la(c, LA_LIST_TOTAL_GROWS);
    if (la(c, LA_LIST_HEADERS) || (c->fault != NULL && c->fault->kind == FAULT_NO_TOTAL))
        return;
    total = total < 0 ? 0 : total;
    snprintf(text, sizeof text, "%lld", (long long)total);
    answer_header(c, "Total", text);
    snprintf(text, sizeof text, "%llu", (unsigned long long)p->per_page);
    answer_header(c, "Per-Page", text);
    snprintf(text, sizeof text, "%lld",
             (long long)((total + (int64_t)p->per_page - 1) / (int64_t)p->per_page));
    answer_header(c, "Total-Pages", text);
}

/* A fault shows another page than the one asked for. */
static uint64_t page_shown(const struct call *c, uint64_t page) {
    if (c->fault != NULL && c->fault->kind == FAULT_PAGE_BEFORE && page > 1)
        return page - 1;
    if (c->fault != NULL && c->fault->kind == FAULT_PAGE_AFTER)
        return page + 1;
    return page;
}

bool paging_cut(struct call *c, const struct paging *asked, const struct rows *rows,
                const uint32_t **ret, size_t *ret_n) {
    struct paging p = *asked;
    uint64_t pages = (rows->n + p.per_page - 1) / p.per_page;
    p.page = page_shown(c, p.page);
    if (p.page > pages && p.page > 1 && la(c, LA_LIST_PAST_END) == 2) {
        refuse_not_found(c);
        return false;
    }
    if (p.page > pages && la(c, LA_LIST_PAST_END) == 1)
        p.page = pages > 0 ? pages : 1;
    bool moved = p.page > 1;
    size_t first = p.page > pages ? rows->n : (size_t)((p.page - 1) * p.per_page), n = 0,
           take = rows->n - first < p.per_page ? rows->n - first : (size_t)p.per_page;
    int64_t moves = moved ? la(c, LA_LIST_ROW_MOVES) : 0;
    if (c->fault != NULL && c->fault->kind == FAULT_PAGE_EMPTY)
        take = 0;
    if (la(c, LA_LIST_SKIP) && take == p.per_page && take > 0)
        take--;
    uint32_t *out = arena_array(c->q->arena, sizeof *out, take + 1);
    for (size_t i = 0; i < take; i++) {
        size_t at = first + i;
        if (moves != 0)
            at = (at + (moves == 1 ? 1 : rows->n - 1)) % rows->n;
        out[n++] = rows->all[at];
        if (i == 0 && la(c, LA_LIST_TWICE))
            out[n++] = rows->all[at];
    }
    headers(c, asked, rows->n);
    atomic_fetch_add(&c->sb->rows_served, n);
    *ret = out;
    *ret_n = n;
    return true;
}
