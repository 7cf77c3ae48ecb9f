#include "tests/people/holds.h"

#include <string.h>
#include "people/problem.h"

#define HOLDS(fact)                                                                                \
    do {                                                                                           \
        if (!(fact))                                                                               \
            return #fact;                                                                          \
    } while (0)

/* ---- findings ---- */

/* Characters of a line, counted from 1; 0: there is no such line. */
static size_t line_length(struct text t, size_t line) {
    size_t n = 0;
    for (size_t i = 0; i < t.len; i++) {
        if (line == 1 && ((unsigned char)t.ptr[i] & 0xc0) != 0x80)
            n += t.ptr[i] != '\n';
        if (t.ptr[i] == '\n' && line-- == 1)
            return n == 0 ? 1 : n;
    }
    return line == 1 ? (n == 0 ? 1 : n) : 0;
}

const char *holds_findings(struct text source, enum rc_code rc, const struct mapping_findings *f) {
    size_t errors = 0;
    HOLDS(f->n <= MAPPING_FINDINGS_MAX);
    HOLDS((rc == RC_INVALID) == (f->errors_n > 0));
    for (size_t i = 0; i < f->n; i++) {
        const struct mapping_finding *one = &f->list[i];
        bool readable = strcmp(one->code, "not-utf8") != 0 && strcmp(one->code, "too-large") != 0;
        errors += one->severity == MAPPING_ERROR;
        HOLDS(one->line >= 1 && one->column >= 1 && one->length >= 1);
        HOLDS(!readable || one->column + one->length - 1 <= line_length(source, one->line));
        HOLDS(text_is_utf8(one->sentence, strlen(one->sentence)));
        HOLDS(one->suggestion == NULL || text_is_utf8(one->suggestion, strlen(one->suggestion)));
        HOLDS(i == 0 || f->list[i - 1].line <= one->line);
    }
    HOLDS(errors == (f->errors_n < MAPPING_FINDINGS_MAX ? f->errors_n : MAPPING_FINDINGS_MAX));
    return NULL;
}

/* ---- people ---- */

static char long_text[EMPLOYEE_TEXT_BYTES + 1];

static struct text random_text(struct rng *r) {
    static const char *const some[] = {
        "Mira",
        "a",
        "b",
        "yes",
        "external",
        "Bremen",
        "4400 - Berlin",
        "a, b, c",
        "mira@example.org",
        "Deutsch",
        "de",
        "2024-02-29",
        "1900-01-01",
        "9999-12-31",
        "active",
        "gone",
        "\xc3\x84rztin",
        "\xe1\xba\x8b\xcc\xa3y",
        "\xe6\x9d\x8e \xe5\xb0\x8f\xe9\xbe\x99",
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
        "\xed\x95\x98", /* and a Hangul consonant behind it is another syllable */
    };
    uint32_t n = rng_below(r, 20);
    if (n < 3)
        return (struct text){ 0 };
    if (n < 6)
        return TEXT_NONE;
    if (n == 6) {
        memset(long_text, 'x', EMPLOYEE_TEXT_BYTES);
        return text_from(long_text, EMPLOYEE_TEXT_BYTES - rng_below(r, 3));
    }
    return text_of(some[rng_below(r, sizeof some / sizeof *some)]);
}

static struct text random_date(struct rng *r) {
    static const char *const days[] = { "2024-02-29", "1900-01-01", "9999-12-31", "2026-11-23" };
    uint32_t n = rng_below(r, 6);
    return n == 0 ? (struct text){ 0 } : n == 1 ? TEXT_NONE : text_of(days[n - 2]);
}

/* Whoever looks at it dies. */
static const struct text poison = { TEXT_SET, (const char *)16, 1000 };

static void random_person(struct rng *r, const struct employee_reads *reads, struct arena *a,
                          struct employee *ret) {
    employee_begin(ret, reads, a);
    ret->source_id = TEXT_LIT("4711");
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++) {
        struct employee_value *v = &ret->fields[f];
        bool group = employee_field_kind((enum employee_field)f) == EMPLOYEE_KIND_GROUP;
        if ((reads->fields & 1u << f) == 0) {
            *v = (struct employee_value){ poison, poison };
            continue;
        }
        v->text = employee_field_kind((enum employee_field)f) == EMPLOYEE_KIND_DATE
                      ? random_date(r)
                      : random_text(r);
        if (group) /* any mixture, as stored people have them */
            v->id = rng_below(r, 2) != 0 ? TEXT_LIT("903") : random_text(r);
        if (v->text.state == TEXT_MISSING && rng_below(r, 2) != 0)
            ret->bad |= 1u << f;
    }
    for (size_t i = 0; i < ret->custom_n; i++)
        ret->custom[i].value = random_text(r);
}

/* The same with further custom attributes that nobody asked for, and all in another order. */
static struct employee shuffled(const struct employee *e, struct arena *a) {
    struct employee other = *e;
    other.custom_n = e->custom_n + 2;
    other.custom = ARENA_NEW(a, struct employee_custom, other.custom_n);
    for (size_t i = 0; i < e->custom_n; i++)
        other.custom[i + 1] = e->custom[e->custom_n - 1 - i];
    other.custom[0] = (struct employee_custom){ TEXT_LIT("never asked for"), poison };
    other.custom[e->custom_n + 1] = (struct employee_custom){ TEXT_LIT("nor this"), poison };
    return other;
}

/* ---- users ---- */

static bool is_clean(struct text t, size_t most, struct arena *a) {
    struct text clean;
    return t.state != TEXT_SET ||
           (text_clean(a, t.ptr, t.len, most, &clean, NULL) == RC_OK && text_equal(clean, t));
}

static const char *user_breaks(const struct user *u, struct arena *a) {
    struct text one, before = { 0 };
    size_t cursor = 0;
    for (int f = 0; f < USER_FIELDS_N; f++)
        HOLDS(f == USER_SECONDARY_TEAMS || f == USER_PRIMARY_TEAM ||
              is_clean(u->fields[f], EMPLOYEE_TEXT_BYTES, a));
    HOLDS(is_clean(u->fields[USER_PRIMARY_TEAM], USER_TEAM_KEY_BYTES, a));
    HOLDS(u->fields[USER_SECONDARY_TEAMS].len <= USER_TEAMS_BYTES);
    while (user_teams_next(u->fields[USER_SECONDARY_TEAMS], &cursor, &one)) {
        HOLDS(is_clean(one, USER_TEAM_KEY_BYTES, a));
        HOLDS(text_compare(before, one) < 0);
        HOLDS(!text_equal(one, u->fields[USER_PRIMARY_TEAM]));
        before = one;
    }
    for (int f = USER_HIRE_DATE; f <= USER_LEAVE_DATE; f++) {
        struct text t = u->fields[f];
        date_days d;
        HOLDS(t.state != TEXT_SET || date_parse(t.ptr, t.len, &d, NULL) == RC_OK);
    }
    if (u->fields[USER_EMAIL].state == TEXT_SET) {
        HOLDS(text_email_check(u->fields[USER_EMAIL], NULL) == RC_OK);
        HOLDS(text_equal(text_fold_ascii(a, u->fields[USER_EMAIL]), u->fields[USER_EMAIL]));
    }
    for (size_t i = 0; i < u->custom_n; i++) {
        HOLDS(u->custom[i].value.state != TEXT_MISSING);
        HOLDS(is_clean(u->custom[i].value, EMPLOYEE_TEXT_BYTES, a));
        HOLDS(i == 0 || strcmp(u->custom[i - 1].name, u->custom[i].name) < 0);
    }
    return NULL;
}

static bool same_user(const struct user *a, const struct user *b) {
    bool same = a->custom_n == b->custom_n;
    for (int f = 0; f < USER_FIELDS_N; f++)
        same = same && text_equal(a->fields[f], b->fields[f]);
    for (size_t i = 0; same && i < a->custom_n; i++)
        same = strcmp(a->custom[i].name, b->custom[i].name) == 0 &&
               text_equal(a->custom[i].value, b->custom[i].value);
    return same;
}

static struct user known_otherwise(const struct user *u, struct arena *a) {
    struct user_custom *custom = ARENA_NEW(a, struct user_custom, u->custom_n + 1);
    struct user known = { .custom = custom, .custom_n = u->custom_n };
    for (int f = 0; f < USER_FIELDS_N; f++)
        known.fields[f] = TEXT_LIT("known");
    for (size_t i = 0; i < u->custom_n; i++)
        custom[i] = (struct user_custom){ u->custom[i].name, TEXT_LIT("known") };
    return known;
}

static const char *person_breaks(const struct mapping *m, const struct mapping *again,
                                 struct rng *r, struct arena *a) {
    struct employee_reads reads = mapping_reads(m);
    struct employee e, other;
    struct user first, second;
    struct mapping_outcome one, two;
    struct mapping_step *steps;
    struct mapping_team teams[MAPPING_TEAMS_MAX];
    const char *broken;
    size_t n;
    random_person(r, &reads, a, &e);
    mapping_build(m, &e, NULL, a, &first, &one);
    if ((broken = user_breaks(&first, a)) != NULL)
        return broken;
    HOLDS(one.filter != MAPPING_FILTER_UNKNOWN || first.fields[USER_EXCLUDED].state != TEXT_SET);
    HOLDS((one.filter == MAPPING_EXCLUDED) == (first.fields[USER_EXCLUDED].state == TEXT_SET));
    mapping_build(again, &e, NULL, a, &second, &two);
    HOLDS("as printed and read back" && same_user(&first, &second) &&
          one.problems == two.problems && one.filter == two.filter);
    other = shuffled(&e, a);
    mapping_explain(m, &other, NULL, a, &second, &two, &steps, &n);
    HOLDS("explained, with other attributes" && same_user(&first, &second) &&
          one.problems == two.problems && one.filter == two.filter);
    HOLDS(mapping_teams(m, &e, a, teams) <= MAPPING_TEAMS_MAX);
    /* Whoever is known as they are now stays so. */
    mapping_build(m, &e, &first, a, &second, &two);
    HOLDS("known as they are" && same_user(&first, &second) && one.problems == two.problems);
    struct user known = known_otherwise(&first, a);
    mapping_build(m, &e, &known, a, &second, &two);
    HOLDS("known otherwise" && one.keeps == two.keeps && one.problems == two.problems &&
          (one.keeps || same_user(&first, &second)));
    other = e;
    HOLDS(!mapping_keep_known(m, &other, &e));
    return NULL;
}

const char *holds_mapping(const struct mapping *m, struct rng *r, unsigned people_n) {
    const struct mapping *again = NULL;
    struct mapping_difference *differences;
    struct buf first, second;
    struct arena a, lasting;
    const char *broken = NULL;
    arena_init(&a);
    arena_init(&lasting);
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    mapping_print(m, &first);
    if (first.len > MAPPING_TEXT_BYTES)
        again = m; /* brackets and defaults made it larger than any that is read */
    else if (mapping_parse(text_from(first.ptr, first.len), NULL, &lasting, &again, NULL, NULL) !=
             RC_OK)
        broken = "what is printed is read back";
    if (broken == NULL) {
        mapping_print(again, &second);
        if (second.len != first.len || memcmp(second.ptr, first.ptr, first.len) != 0 ||
            mapping_fingerprint(again) != mapping_fingerprint(m))
            broken = "what is printed is read back as the same";
        else if (mapping_diff(m, again, &lasting, &differences) != 0)
            broken = "what is printed and read back has no differences";
    }
    for (unsigned i = 0; i < people_n && broken == NULL; i++) {
        broken = person_breaks(m, again, r, &a);
        arena_reset(&a);
    }
    buf_done(&first);
    buf_done(&second);
    arena_done(&a);
    arena_done(&lasting);
    return broken;
}
