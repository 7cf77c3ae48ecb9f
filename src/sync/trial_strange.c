/* Who is strange: how many people share what happens to one of them, and the ten whom the fewest
 * resemble. */
#include <stdlib.h>
#include <string.h>
#include "store/directory.h"
#include "sync/trial_p.h"

/* A field, and what becomes of it. A value that only one person has says something where values are
 * shared, as those of a team or a language are, and nothing where everybody has one of their own. */
struct trial_value {
    int64_t people;  /* who have it then, changed or not */
    int64_t user_id; /* one of those who get it; 0: nobody does */
};
struct trial_field {
    int64_t people;       /* who change in it */
    int64_t losers;       /* who have no value in it then */
    struct map values;    /* value -> struct trial_value */
    int64_t filled, only; /* people with a value; values of one person only */
    bool too_many;        /* values: they are people's own */
};
enum { VALUES_MOST = 5000, KEY_BYTES = 1 << 16, CANDIDATES_BYTES = 1 << 27 };

/* What a kind of change weighs, before it is divided by those whom it meets. */
enum {
    WEIGHT_ACCESS = 1000, /* lost */
    WEIGHT_FILTER = 600,  /* left out by a filter, or let in */
    WEIGHT_VALUE = 300,   /* lost */
    WEIGHT_MOST = 200,    /* the most fields at once */
    WEIGHT_ONLY = 200,    /* a value that nobody else has */
    WEIGHT_PATTERN = 100, /* these very fields */
};

void trial_shares_init(struct trial_shares *s, struct arena *a, struct trial *t) {
    *s = (struct trial_shares){ .arena = a, .trial = t };
    map_init(&s->patterns);
    map_init(&s->kinds);
    map_init(&s->fields);
    buf_init(&s->key, KEY_BYTES);
    buf_init(&s->candidates, CANDIDATES_BYTES);
}

void trial_shares_done(struct trial_shares *s) {
    for (size_t i = 0; i < s->fields.n; i++)
        map_done(&((struct trial_field *)s->fields.entries[i].value)->values);
    map_done(&s->fields);
    map_done(&s->patterns);
    map_done(&s->kinds);
    buf_done(&s->key);
    buf_done(&s->candidates);
}

static int64_t *number_of(struct trial_shares *s, struct map *m, const char *key, size_t len) {
    int64_t *n = map_find(m, key, len);
    if (n == NULL) {
        n = ARENA_NEW(s->arena, int64_t, 1);
        map_set(m, key, len, n);
    }
    return n;
}

static struct trial_field *field_of(struct trial_shares *s, const char *name) {
    struct trial_field *f = map_find(&s->fields, name, strlen(name));
    if (f == NULL) {
        f = ARENA_NEW(s->arena, struct trial_field, 1);
        map_init(&f->values);
        map_set(&s->fields, name, strlen(name), f);
    }
    return f;
}

/* ---- the first look ---- */

static void see_value(struct trial_shares *s, struct trial_field *f, struct text value) {
    if (value.state != TEXT_SET || f->too_many)
        return;
    f->filled++;
    struct trial_value *v = map_find(&f->values, value.ptr, value.len);
    if (v == NULL && f->values.n >= VALUES_MOST) {
        f->too_many = true;
        return;
    }
    if (v == NULL) {
        v = ARENA_NEW(s->arena, struct trial_value, 1);
        map_set(&f->values, value.ptr, value.len, v);
    }
    v->people++;
}

void trial_shares_value(struct trial_shares *s, const struct user *u) {
    static const enum user_field shared[] = { USER_JOB_TITLE,    USER_PRIMARY_LOCATION,
                                              USER_PRIMARY_TEAM, USER_SECONDARY_TEAMS,
                                              USER_LANGUAGE,     USER_STATUS };
    for (size_t i = 0; i < RC_LEN(shared); i++) {
        if (s->shared[i] == NULL)
            s->shared[i] = field_of(s, user_field_name(shared[i]));
        see_value(s, s->shared[i], u->fields[shared[i]]);
    }
    for (size_t i = 0; i < u->custom_n; i++) { /* the mapping's, for everybody in its order */
        if (s->custom[i] == NULL)
            s->custom[i] = field_of(s, u->custom[i].name);
        see_value(s, s->custom[i], u->custom[i].value);
    }
}

static bool is_field(const struct change *c, enum user_field f) {
    return strcmp(c->field, user_field_name(f)) == 0;
}

static bool is_lost(const struct change *c) {
    return c->old.state == TEXT_SET && c->new.state != TEXT_SET && !is_field(c, USER_EXCLUDED);
}

/* "job_title,manager-": the fields that change, those that are emptied with a mark. */
static int64_t *pattern_of(struct trial_shares *s, const struct trial_look *k) {
    buf_clear(&s->key);
    for (size_t i = 0; i < k->changes_n; i++)
        buf_printf(&s->key, "%s%s,", k->changes[i].field, is_lost(&k->changes[i]) ? "-" : "");
    return number_of(s, &s->patterns, s->key.ptr, s->key.len);
}

static void is_candidate(struct trial_shares *s, int64_t user_id) {
    buf_append(&s->candidates, &user_id, sizeof user_id);
}

/* Of those in whom the same fields change into the same classes all are equally strange, but for a
 * value that nobody else has. Behind pattern_of(), whose key it goes on with. */
static void see_kind(struct trial_shares *s, const struct trial_look *k) {
    for (size_t i = 0; i < k->changes_n; i++)
        buf_printf(&s->key, " %d", (int)k->changes[i].class);
    int64_t *n = number_of(s, &s->kinds, s->key.ptr, s->key.len);
    if (++*n <= TRIAL_ALIKE)
        is_candidate(s, k->row->user_id);
}

void trial_shares_add(struct trial_shares *s, const struct trial_look *k) {
    struct trial *t = s->trial;
    for (size_t i = 0; i < k->changes_n; i++) {
        const struct change *c = &k->changes[i];
        struct trial_field *f = field_of(s, c->field);
        f->people++;
        f->losers += is_lost(c);
        for (int u = 0; u < USER_FIELDS_N; u++)
            t->fields[u] += is_field(c, (enum user_field)u);
        t->fields[USER_FIELDS_N] += strcmp(c->field, "lifecycle") == 0;
        struct trial_value *v = c->new.state == TEXT_SET && !f->too_many
                                    ? map_find(&f->values, c->new.ptr, c->new.len)
                                    : NULL;
        if (v != NULL)
            v->user_id = k->row->user_id;
    }
    s->many[k->changes_n]++;
    if (k->changes_n > s->most)
        s->most = k->changes_n;
    ++*pattern_of(s, k);
    see_kind(s, k);
}

static int by_name(const void *x, const void *y) {
    return strcmp(((const struct run_custom *)x)->name, ((const struct run_custom *)y)->name);
}

static int by_id(const void *x, const void *y) {
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static void end_field(struct trial_shares *s, struct trial_field *f) {
    f->too_many |= (int64_t)f->values.n * 2 > f->filled;
    for (size_t v = 0; v < f->values.n && !f->too_many; v++) {
        const struct trial_value *value = f->values.entries[v].value;
        f->only += value->people == 1;
        if (value->people == 1 && value->user_id != 0)
            is_candidate(s, value->user_id);
    }
}

void trial_shares_end(struct trial_shares *s, const int64_t **ret_ids, size_t *ret_n) {
    struct run_custom *custom = ARENA_NEW(s->arena, struct run_custom, s->fields.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->fields.n; i++) {
        struct trial_field *f = s->fields.entries[i].value;
        const char *name = s->fields.entries[i].key;
        end_field(s, f);
        if (f->people > 0 && strncmp(name, USER_CUSTOM_PREFIX, sizeof USER_CUSTOM_PREFIX - 1) == 0)
            custom[n++] = (struct run_custom){ arena_str(s->arena, name, strlen(name)), f->people };
    }
    if (n > 1)
        qsort(custom, n, sizeof *custom, by_name);
    s->trial->custom = custom;
    s->trial->custom_n = n;
    size_t ids_n = s->candidates.len / sizeof(int64_t), once = 0;
    int64_t *ids = ARENA_NEW(s->arena, int64_t, ids_n + 1);
    if (ids_n > 0)
        memcpy(ids, s->candidates.ptr, s->candidates.len);
    qsort(ids, ids_n, sizeof *ids, by_id);
    for (size_t i = 0; i < ids_n; i++)
        if (i == 0 || ids[i] != ids[once - 1])
            ids[once++] = ids[i];
    *ret_ids = ids;
    *ret_n = once;
}

/* ---- the second look ---- */

/* Told where only few share it; what others do as well makes nobody strange, and weighs the less. */
static bool is_few(const struct trial_shares *s, int64_t people) {
    return people * 10 <= s->trial->changed || people <= 1;
}

static void because(struct trial_person *p, const char *word, const char *field, int weight,
                    int64_t people, struct text text) {
    p->strangeness += (double)weight / (double)(people > 0 ? people : 1);
    if (p->reasons_n < TRIAL_REASONS)
        p->reasons[p->reasons_n++] = (struct trial_reason){ word, field, text };
}

static const char *others(struct arena *a, int64_t people, const char *one, const char *many) {
    return people <= 1   ? arena_printf(a, "nobody else %s", one)
           : people == 2 ? arena_printf(a, "1 other person %s", one)
                         : arena_printf(a, "%lld others %s", (long long)(people - 1), many);
}

static void weigh_access(const struct trial_shares *s, const struct trial_look *k,
                         const struct change *c, struct trial_person *p, struct arena *a) {
    const int64_t *classes = s->trial->classes;
    if (c->class == CHANGE_LEAVERS || c->class == CHANGE_UNANNOUNCED)
        because(p, "loses-access", NULL, WEIGHT_ACCESS, classes[CHANGE_LEAVERS],
                text_of(arena_printf(a, "loses access, as %s: %s",
                                     others(a, classes[CHANGE_LEAVERS], "does", "do"),
                                     lifecycle_rule_sentence(k->rule))));
    else if (c->class == CHANGE_EXCLUDED)
        because(
            p, "excluded", NULL, WEIGHT_FILTER, classes[CHANGE_EXCLUDED],
            text_of(arena_printf(a, "a filter leaves this person out (%.*s)", TEXT_ARG(c->new))));
    else if (c->class == CHANGE_JOINS)
        because(p, "let-in", NULL, WEIGHT_FILTER, classes[CHANGE_JOINS],
                text_of("gets access that this person has not now"));
}

static void weigh_value(struct trial_shares *s, const struct change *c, struct trial_person *p,
                        struct arena *a) {
    const struct trial_field *f = field_of(s, c->field);
    if (is_lost(c))
        because(
            p, "loses-value", c->field, WEIGHT_VALUE, f->losers,
            text_of(arena_printf(a, "loses %s; %s", c->field, others(a, f->losers, "does", "do"))));
    const struct trial_value *v =
        c->new.state == TEXT_SET ? map_find(&f->values, c->new.ptr, c->new.len) : NULL;
    if (v != NULL && v->people == 1 && !f->too_many)
        because(p, "only-value", c->field, WEIGHT_ONLY, f->only,
                text_of(arena_printf(a, "gets a %s that nobody else has", c->field)));
}

static void weigh(struct trial_shares *s, const struct trial_look *k, struct trial_person *p,
                  struct arena *a) {
    for (size_t i = 0; i < k->changes_n; i++) {
        weigh_access(s, k, &k->changes[i], p, a);
        weigh_value(s, &k->changes[i], p, a);
    }
    if (k->changes_n > 1 && k->changes_n == s->most && is_few(s, s->many[s->most]))
        because(
            p, "most-fields", NULL, WEIGHT_MOST, s->many[s->most],
            text_of(arena_printf(a, "%zu fields change at once, the most of all", k->changes_n)));
    const int64_t *alike = pattern_of(s, k);
    p->kind = alike;
    p->alike = *alike;
    if (is_few(s, p->alike) || p->reasons_n == 0)
        because(p, "rare", NULL, WEIGHT_PATTERN, p->alike,
                text_of(arena_printf(a, "%s in just this way",
                                     others(a, p->alike, "changes", "change"))));
}

/* Copies what lies in the arena of one person, or of a page. */
static void keep(struct trial_shares *s, const struct trial_look *k, struct trial_person *p) {
    p->source_id = text_copy(s->arena, k->row->source_id);
    struct text first = k->known->fields[USER_FIRST_NAME], last = k->known->fields[USER_LAST_NAME];
    const char *blank = first.state == TEXT_SET && last.state == TEXT_SET ? " " : "";
    p->name = text_of(arena_printf(s->arena, "%.*s%s%.*s", TEXT_ARG(first), blank, TEXT_ARG(last)));
    p->changes = ARENA_NEW(s->arena, struct trial_change, k->changes_n);
    p->changes_n = k->changes_n;
    for (size_t i = 0; i < k->changes_n; i++) {
        struct change *c = &p->changes[i].is;
        *c = k->changes[i];
        c->field = arena_str(s->arena, c->field, strlen(c->field));
        c->old = text_copy(s->arena, c->old);
        c->new = text_copy(s->arena, c->new);
    }
    for (size_t i = 0; i < p->reasons_n; i++) {
        struct trial_reason *r = &p->reasons[i];
        r->text = text_copy(s->arena, r->text);
        r->field = r->field != NULL ? arena_str(s->arena, r->field, strlen(r->field)) : NULL;
    }
}

/* Whose place is free when somebody comes in front of them: a fourth who is alike, else the last of
 * all. */
static size_t last_to_go(const struct trial *t, const struct trial_person *p) {
    size_t alike = 0;
    for (size_t i = 0; i < t->strangest_n; i++)
        if (t->strangest[i].kind == p->kind && ++alike == TRIAL_ALIKE)
            return i;
    return t->strangest_n < TRIAL_STRANGEST ? t->strangest_n : TRIAL_STRANGEST - 1;
}

void trial_strange(struct trial_shares *s, const struct trial_look *k) {
    struct trial *t = s->trial;
    struct trial_person p = { 0 };
    struct arena a;
    arena_init(&a);
    weigh(s, k, &p, &a);
    size_t at = t->strangest_n, last = last_to_go(t, &p);
    while (at > 0 && t->strangest[at - 1].strangeness < p.strangeness)
        at--; /* of equals the first stays in front */
    if (at <= last && last < TRIAL_STRANGEST) {
        t->strangest_n += last == t->strangest_n;
        memmove(&t->strangest[at + 1], &t->strangest[at], (last - at) * sizeof *t->strangest);
        keep(s, k, &p);
        t->strangest[at] = p;
    }
    arena_done(&a);
}
