#include "source/mask_p.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/date.h"

enum { DEPTH_MOST = 40, FIRST_ID = 1000001, SHIFT_LEAST = 14, SHIFT_MOST = 180 };

void mask_init(struct mask *m, uint64_t seed, uint64_t stream) {
    *m = (struct mask){ 0 };
    rng_init(&m->rng, seed, stream);
    m->shift_days = SHIFT_LEAST + (int)rng_below(&m->rng, SHIFT_MOST - SHIFT_LEAST);
    if (rng_below(&m->rng, 2) == 1)
        m->shift_days = -m->shift_days;
    map_init(&m->words);
    map_init(&m->ids);
    map_init(&m->addresses);
    map_init(&m->domains);
}

void mask_done(struct mask *m) {
    for (size_t i = 0; i < m->words.n; i++)
        mem_free(m->words.entries[i].value);
    map_done(&m->words);
    map_done(&m->ids);
    map_done(&m->addresses);
    map_done(&m->domains);
    *m = (struct mask){ 0 };
}

/* From 1, in the order seen. */
static uintptr_t ordinal(struct map *map, const char *key, size_t len) {
    uintptr_t n = (uintptr_t)map_find(map, key, len);
    if (n == 0) {
        n = map->n + 1;
        map_set(map, key, len, (void *)n);
    }
    return n;
}

/* ---- words ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Letters beyond ASCII, by their first bytes: replaced by letters of the same alphabet and length.
 * What is not listed is a mark or sign and stays: accents that combine, dashes, joiners, blanks of
 * all widths. */
static const struct {
    unsigned char lead_from, lead_to;
    unsigned char bytes[3];          /* of the replacement, before its last */
    unsigned char last_from, last_n; /* its last byte */
    unsigned char length;
} alphabets[] = {
    { 0xc3, 0xc3, { 0xc3 }, 0xa0, 22, 2 },             /* Latin, Western */
    { 0xc4, 0xca, { 0xc4 }, 0x80, 64, 2 },             /* Latin, others */
    { 0xce, 0xcf, { 0xce }, 0xb1, 15, 2 },             /* Greek */
    { 0xd0, 0xd4, { 0xd0 }, 0xb0, 16, 2 },             /* Cyrillic */
    { 0xd5, 0xd6, { 0xd5 }, 0xa1, 31, 2 },             /* Armenian */
    { 0xd7, 0xd7, { 0xd7 }, 0x90, 27, 2 },             /* Hebrew */
    { 0xd8, 0xdf, { 0xd8 }, 0xa8, 19, 2 },             /* Arabic and its neighbours */
    { 0xe0, 0xe0, { 0xe0, 0xa4 }, 0x95, 37, 3 },       /* Devanagari for all Indic and Thai */
    { 0xe1, 0xe1, { 0xe1, 0x83 }, 0x90, 33, 3 },       /* Georgian; Vietnamese too */
    { 0xe3, 0xe3, { 0xe3, 0x81 }, 0x82, 62, 3 },       /* Kana */
    { 0xe4, 0xe9, { 0xe4, 0xb8 }, 0x80, 64, 3 },       /* Han */
    { 0xea, 0xed, { 0xea, 0xb0 }, 0x80, 64, 3 },       /* Hangul */
    { 0xef, 0xef, { 0xef, 0xbc }, 0xa1, 26, 3 },       /* wide Latin */
    { 0xf0, 0xf4, { 0xf0, 0x9f, 0x98 }, 0x80, 64, 4 }, /* pictures */
};

/* The index in `alphabets` of the letter at p, RC_LEN(alphabets) when it is none. */
static size_t alphabet_of(const char *p, size_t left) {
    unsigned char lead = (unsigned char)p[0];
    size_t i = 0;
    if (left >= 3 && lead == 0xef &&
        ((unsigned char)p[1] == 0xb8 || memcmp(p, "\xef\xbb\xbf", 3) == 0))
        return RC_LEN(alphabets); /* selectors of variants, byte order marks */
    while (i < RC_LEN(alphabets) && (lead < alphabets[i].lead_from || lead > alphabets[i].lead_to))
        i++;
    return i < RC_LEN(alphabets) && alphabets[i].length <= left ? i : RC_LEN(alphabets);
}

static size_t char_bytes(const char *p, size_t left) {
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return n < left ? n : left;
}

/* A mark that combines belongs to the word that it stands in. */
static bool is_combining(const char *p, size_t left) {
    unsigned char a = (unsigned char)p[0], b = left > 1 ? (unsigned char)p[1] : 0;
    return a == 0xcc || (a == 0xcd && b <= 0xaf);
}

static bool in_word(const char *p, size_t left) {
    return is_letter(*p) || is_digit(*p) || alphabet_of(p, left) < RC_LEN(alphabets) ||
           is_combining(p, left);
}

/* A replacement in lower case: letters of the alphabet, vowels and consonants in turn so that it
 * can be said; zeros stay zeros. */
static char *word_invent(struct mask *m, const char *word, size_t len) {
    static const char vowels[] = "aeiou", consonants[] = "bdfgklmnprstvz";
    char *out = mem_zalloc(len + 1);
    uint32_t turn = rng_below(&m->rng, 2);
    for (size_t i = 0; i < len;) {
        size_t n = char_bytes(word + i, len - i), a = alphabet_of(word + i, len - i);
        if (is_letter(word[i])) {
            out[i] = turn++ % 2 == 0 ? consonants[rng_below(&m->rng, 14)]
                                     : vowels[rng_below(&m->rng, 5)];
        } else if (is_digit(word[i])) {
            out[i] = word[i] == '0' ? '0' : (char)('1' + rng_below(&m->rng, 9));
        } else if (a < RC_LEN(alphabets)) {
            memcpy(out + i, alphabets[a].bytes, n - 1);
            out[i + n - 1] =
                (char)(alphabets[a].last_from + rng_below(&m->rng, alphabets[a].last_n));
        } else {
            memcpy(out + i, word + i, n);
        }
        i += n;
    }
    return out;
}

static void put_word(struct mask *m, const char *word, size_t len, struct buf *ret) {
    char *folded = mem_alloc(len + 1);
    for (size_t i = 0; i < len; i++)
        folded[i] = lower(word[i]);
    const char *other = map_find(&m->words, folded, len);
    if (other == NULL) {
        char *invented = word_invent(m, folded, len);
        map_set(&m->words, folded, len, invented);
        other = invented;
    }
    for (size_t i = 0; i < len; i++)
        buf_char(ret, word[i] >= 'A' && word[i] <= 'Z' ? (char)(other[i] - 'a' + 'A') : other[i]);
    mem_free(folded);
}

static void put_words(struct mask *m, const char *s, size_t len, struct buf *ret) {
    for (size_t i = 0; i < len;) {
        size_t from = i;
        while (i < len && in_word(s + i, len - i))
            i += char_bytes(s + i, len - i);
        if (i > from) {
            put_word(m, s + from, i - from, ret);
        } else {
            size_t n = char_bytes(s + i, len - i);
            buf_append(ret, s + i, n);
            i += n;
        }
    }
}

/* ---- other kinds of text ---- */

static bool starts(const char *s, size_t len, const char *with) {
    return len >= strlen(with) && memcmp(s, with, strlen(with)) == 0;
}

/* One "@" and no blanks but around it. What makes addresses odd stays: capitals, letters beyond
 * ASCII. */
static bool put_address(struct mask *m, const char *s, size_t len, struct buf *ret) {
    size_t from = 0, to = len;
    bool capital = false, wide = false;
    while (from < to && (unsigned char)s[from] <= ' ')
        from++;
    while (to > from && (unsigned char)s[to - 1] <= ' ')
        to--;
    const char *at = memchr(s + from, '@', to - from);
    if (at == NULL || memchr(at + 1, '@', (size_t)(s + to - at - 1)) != NULL ||
        memchr(s + from, ' ', to - from) != NULL || at == s + from || at + 1 == s + to)
        return false;
    char *folded = mem_alloc(to - from);
    for (size_t i = from; i < to; i++) {
        folded[i - from] = lower(s[i]);
        capital = capital || s[i] != lower(s[i]);
        wide = wide || (unsigned char)s[i] >= 0x80;
    }
    size_t at_n = (size_t)(at - s) - from;
    uintptr_t person = ordinal(&m->addresses, folded, to - from);
    uintptr_t domain = ordinal(&m->domains, folded + at_n, to - from - at_n);
    buf_append(ret, s, from);
    buf_printf(ret, "%c%zu%s@d%zu.example", capital ? 'P' : 'p', (size_t)person, wide ? "ü" : "",
               (size_t)domain);
    buf_append(ret, s + to, len - to);
    mem_free(folded);
    return true;
}

/* Dates about employment keep their distances; any other (birth!) is moved by days of its own.
 * Dates that stand for "never" stay. */
static bool is_employment(const char *key) {
    static const char *const keys[] = {
        "hire_date",         "termination_date",     "last_working_day",
        "contract_end_date", "probation_period_end", "created_at",
        "last_modified_at"
    };
    for (size_t i = 0; i < RC_LEN(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static bool put_date(struct mask *m, const char *key, const char *s, size_t len, struct buf *ret) {
    date_days d;
    int year, month, day;
    char text[DATE_TEXT_BYTES];
    if (len < 10 || date_parse(s, len, &d, NULL) != RC_OK)
        return false;
    date_to_ymd(d, &year, &month, &day);
    if (year > 1901 && year < 9000)
        d += is_employment(key) ? m->shift_days : m->shift_days - (int)rng_below(&m->rng, 1500);
    date_to_ymd(d, &year, &month, &day);
    if (year < 1900)
        d = date_from_ymd(1900, month, 1);
    buf_append(ret, date_format(d, text), 10);
    buf_append(ret, s + 10, len - 10);
    return true;
}

static void put_url(struct mask *m, const char *s, size_t len, struct buf *ret) {
    static const char people[] = "/company/employees/";
    const char *id = memmem(s, len, people, sizeof people - 1);
    int64_t n = 0;
    if (id != NULL) {
        for (id += sizeof people - 1; id < s + len && is_digit(*id) && n < INT64_C(1000000000000);
             id++)
            n = 10 * n + (*id - '0');
        buf_printf(ret, "https://api.personio.de/v1/company/employees/%lld/profile-picture",
                   (long long)mask_employee_id(m, n));
        return;
    }
    size_t scheme = starts(s, len, "https://") ? 8 : 7;
    buf_append(ret, s, scheme);
    put_words(m, s + scheme, len - scheme, ret);
}

static void put_text(struct mask *m, const char *key, const char *s, size_t len, struct buf *ret) {
    if (starts(s, len, "https://") || starts(s, len, "http://"))
        put_url(m, s, len, ret);
    else if (!put_date(m, key, s, len, ret) && !put_address(m, s, len, ret))
        put_words(m, s, len, ret);
}

/* ---- JSON ---- */

/* Where a value stands. The strings live in the document. */
struct place {
    const char *key;       /* of the value itself, "" in arrays */
    const char *attribute; /* key of the attribute that it belongs to, "" outside */
    const char *group;     /* `type` of the group around it: whose ids are meant; "Employee" */
    unsigned depth;
};

int64_t mask_employee_id(struct mask *m, int64_t id) {
    char key[64];
    int n = snprintf(key, sizeof key, "Employee %lld", (long long)id);
    return FIRST_ID + (int64_t)ordinal(&m->ids, key, (size_t)n) - 1;
}

static int64_t group_id(struct mask *m, const char *group, int64_t id) {
    char key[120];
    int n = snprintf(key, sizeof key, "%.80s %lld", group, (long long)id);
    return FIRST_ID + (int64_t)ordinal(&m->ids, key, (size_t)n) - 1;
}

static bool is_vocabulary(const struct place *p, const char *s, size_t len) {
    static const char *const keys[] = { "type",  "universal_id", "currency",
                                        "scope", "expires_in",   "key" };
    static const char *const words[] = { "onboarding", "active",   "leave",
                                         "inactive",   "internal", "external" };
    for (size_t i = 0; i < RC_LEN(keys); i++)
        if (strcmp(p->key, keys[i]) == 0)
            return true;
    if (strcmp(p->key, "label") == 0)
        return !starts(p->attribute, strlen(p->attribute), "dynamic_");
    if (strcmp(p->attribute, "status") != 0 && strcmp(p->attribute, "employment_type") != 0)
        return false;
    for (size_t i = 0; i < RC_LEN(words); i++)
        if (strlen(words[i]) == len && strncasecmp(words[i], s, len) == 0)
            return true;
    return false;
}

static bool is_id(const struct place *p) {
    return strcmp(p->key, "id") == 0 ||
           (strcmp(p->key, "value") == 0 && strcmp(p->attribute, "id") == 0);
}

static void put_string(struct mask *m, const struct place *p, const char *name, json v,
                       struct json_writer *w) {
    struct buf b;
    const char *s = "";
    size_t len = 0;
    int64_t id;
    json_str(v, &s, &len);
    buf_init(&b, 4 * len + 200);
    if (strcmp(p->key, "token") == 0)
        buf_str(&b, "papi-recorded");
    else if (strcmp(p->key, "message") == 0)
        for (size_t i = 0; i < len; i++)
            buf_char(&b, is_digit(s[i]) ? '0' : s[i]);
    else if (is_id(p) && json_int(v, &id) && id > 0)
        buf_printf(&b, "%lld", (long long)group_id(m, p->group, id));
    else if (is_vocabulary(p, s, len))
        buf_append(&b, s, len);
    else
        put_text(m, p->attribute, s, len, &b);
    json_put_str(w, name, b.ptr != NULL ? b.ptr : "", b.len);
    buf_done(&b);
}

static void put_number(struct mask *m, const struct place *p, const char *name, json v,
                       struct json_writer *w) {
    static const char *const kept[] = { "total_elements", "current_page", "total_pages",
                                        "offset",         "limit",        "code",
                                        "percentage",     "expires_in" };
    struct buf b;
    int64_t id;
    bool exponent = false, keep = false;
    for (size_t i = 0; i < RC_LEN(kept); i++)
        keep = keep || strcmp(p->key, kept[i]) == 0;
    if (!keep && is_id(p) && json_type(v) == JSON_INT && json_int(v, &id) && id > 0) {
        json_put_int(w, name, group_id(m, p->group, id));
        return;
    }
    buf_init(&b, 400);
    json_dump(v, &b);
    for (size_t i = 0; i < b.len && !keep; i++) {
        exponent = exponent || b.ptr[i] == 'e' || b.ptr[i] == 'E';
        if (!exponent && b.ptr[i] > '0' && b.ptr[i] <= '9')
            b.ptr[i] = (char)('1' + rng_below(&m->rng, 9));
    }
    json_put_raw(w, name, b.ptr, b.len);
    buf_done(&b);
}

static bool put_value(struct mask *m, struct place p, const char *name, json v,
                      struct json_writer *w);

static bool put_members(struct mask *m, const struct place *p, json v, struct json_writer *w) {
    struct json_iter it = json_iter(v);
    json key, one, attribute_key = json_get(v, "key");
    bool fits = true;
    size_t n;
    struct place in = { "", p->attribute, p->group, p->depth + 1 };
    if (json_type(json_get(v, "type")) == JSON_STRING && json_get(v, "attributes") != NULL)
        json_str(json_get(v, "type"), &in.group, &n); /* {"type": "Office", "attributes": {...}} */
    if (json_str(attribute_key, &in.attribute, &n))   /* an entry of the catalogue */
        in.group = "";
    const char *around = in.attribute;
    while (fits && json_next(&it, &key, &one)) {
        in.attribute = around;
        json_str(key, &in.key, &n);
        /* A member of "attributes" that is an envelope names the attribute for all that it holds.
         * */
        if (strcmp(p->key, "attributes") == 0 && json_type(one) == JSON_OBJECT)
            in.attribute = in.key;
        fits = put_value(m, in, in.key, one, w);
    }
    return fits;
}

static bool put_value(struct mask *m, struct place p, const char *name, json v,
                      struct json_writer *w) {
    json none, one;
    bool truth = false, fits = true;
    if (p.depth > DEPTH_MOST)
        return false;
    switch (json_type(v)) {
    case JSON_STRING: put_string(m, &p, name, v, w); break;
    case JSON_INT:
    case JSON_REAL: put_number(m, &p, name, v, w); break;
    case JSON_BOOL:
        json_bool(v, &truth);
        json_put_bool(w, name, truth);
        break;
    case JSON_NULL:
    case JSON_MISSING: json_put_null(w, name); break;
    case JSON_ARRAY:
        json_array(w, name);
        for (struct json_iter it = json_iter(v); fits && json_next(&it, &none, &one);)
            fits =
                put_value(m, (struct place){ "", p.attribute, p.group, p.depth + 1 }, NULL, one, w);
        json_array_end(w);
        break;
    case JSON_OBJECT:
        json_object(w, name);
        fits = put_members(m, &p, v, w);
        json_object_end(w);
        break;
    }
    return fits;
}

enum rc_code mask_answer(struct mask *m, json root, struct buf *ret, struct rc_error *err) {
    struct json_writer w;
    json_begin(&w, ret);
    if (!put_value(m, (struct place){ "", "", "Employee", 0 }, NULL, root, &w))
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "an answer nests deeper than %d levels", DEPTH_MOST);
    if (ret->full)
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "an answer is too large to be recorded");
    return RC_OK;
}
